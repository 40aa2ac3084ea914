import { ETHERNET_HEADER_BYTES, MIN_FRAME_BYTES } from './ethernet.ts';
import type { MacAddress } from './mac-address.ts';

/** Bytes of the LLC header in front of a BPDU: two service access points and the control field. IEEE 802.2, 3.2. */
const LLC_HEADER_BYTES = 3;

/** Bytes of a configuration BPDU frame without FCS: 802.3 header, LLC and 35 octets, padded. IEEE 802.1D-1998, 9.3.1. */
export const CONFIG_BPDU_FRAME_BYTES = Math.max(MIN_FRAME_BYTES, ETHERNET_HEADER_BYTES + LLC_HEADER_BYTES + 35);

/** Bytes of a topology change notification frame without FCS: 4 octets of BPDU, padded. IEEE 802.1D-1998, 9.3.2. */
export const TCN_BPDU_FRAME_BYTES = Math.max(MIN_FRAME_BYTES, ETHERNET_HEADER_BYTES + LLC_HEADER_BYTES + 4);

/** Bytes of an RST BPDU frame without FCS: 36 octets of BPDU, padded. IEEE 802.1D-2004, 9.3.3. */
export const RST_BPDU_FRAME_BYTES = Math.max(MIN_FRAME_BYTES, ETHERNET_HEADER_BYTES + LLC_HEADER_BYTES + 36);

/** Bytes of an MST BPDU frame without FCS: 102 octets, and 16 for each instance beside the CIST. IEEE 802.1Q-2018, 14.4. */
export function mstBpduFrameBytes(instanceCount: number): number {
  return ETHERNET_HEADER_BYTES + LLC_HEADER_BYTES + 102 + 16 * instanceCount;
}

/**
 * Bytes of a per-VLAN BPDU frame without FCS and tag: a SNAP header, 36 octets of BPDU and a TLV of 6 that names the VLAN.
 * A configuration BPDU has 35 octets and one of padding, so that the TLV is where an RST BPDU has it: at offset 36 by
 * Wireshark's packet-bpdu.c (BPDU_PVST_TLV), 68 bytes with the FCS by Extreme's SLX-OS Layer 2 guide. That has topology
 * change notifications without a TLV, padded to the smallest frame as any other.
 */
export const PVST_BPDU_FRAME_BYTES = ETHERNET_HEADER_BYTES + LLC_HEADER_BYTES + 5 + 36 + 6;

/** A bridge identifier: 16 bits of priority over 48 bits of MAC address; the lower is the better. IEEE 802.1D-1998, 9.2.5. */
export type BridgeId = bigint;

const MAC_MASK = 0xffff_ffff_ffffn;

/** The identifier of a bridge with this priority (0…65535) and address. */
export function bridgeIdOf(priority: number, mac: MacAddress): BridgeId {
  return (BigInt(priority) << 48n) | BigInt(mac);
}

/** The priority inside a bridge identifier. */
export function bridgePriorityOf(bridgeId: BridgeId): number {
  return Number(bridgeId >> 48n);
}

/** The MAC address inside a bridge identifier. */
export function bridgeMacOf(bridgeId: BridgeId): MacAddress {
  return Number(bridgeId & MAC_MASK);
}

/** Writes 8000.02005e000101, as Linux does. */
export function formatBridgeId(bridgeId: BridgeId): string {
  const digits = bridgeId.toString(16).padStart(16, '0');
  return `${digits.slice(0, 4)}.${digits.slice(4)}`;
}

/** Bits of a port identifier that number the port; the other six are its priority. */
const PORT_NUMBER_BITS = 10;

/** Largest number a port can have. */
export const PORT_NUMBER_MAX = (1 << PORT_NUMBER_BITS) - 1;

/**
 * A port identifier: priority (0…63, 32 by default) over number (1…1023); the lower is the better. IEEE 802.1D-1998, 9.2.7.
 * Differs from the standard: that has 8 bits of each. Linux gives the number two bits more and so has bridges of 1,023
 * ports; at the default priority both write the same identifier, 0x8000 + number.
 */
export function portIdOf(priority: number, number: number): number {
  return (priority << PORT_NUMBER_BITS) | number;
}

/** The number inside a port identifier. */
export function portNumberOf(portId: number): number {
  return portId & PORT_NUMBER_MAX;
}

/** What makes one configuration message better than another, in the order in which it counts. IEEE 802.1D-1998, 8.3.2. */
export interface PriorityVector {
  /** The bridge that the sender takes for the root. */
  rootId: BridgeId;
  /** The sender's cost of the path to that root. */
  rootPathCost: number;
  /** The sender. */
  bridgeId: BridgeId;
  /** The port it sends from. */
  portId: number;
}

/**
 * The parameters of a configuration BPDU. IEEE 802.1D-1998, 8.5.1 and 9.3.1.
 * Differs from the standard: times are integer nanoseconds here, not units of 1/256 s.
 */
export interface ConfigBpdu extends PriorityVector {
  /** Age of the information since it left the root. */
  messageAgeNs: number;
  /** Age at which the information is discarded, as the root says. */
  maxAgeNs: number;
  helloTimeNs: number;
  forwardDelayNs: number;
  topologyChange: boolean;
  topologyChangeAck: boolean;
  /** What an RST or MST BPDU says beyond a configuration BPDU; nobody changes it once it is sent. */
  rapid?: RapidParameters | null;
}

/**
 * A configuration BPDU that is filled in anew for each transmission: a bridge repeats itself every two seconds on every
 * port. All are of one shape, so that V8 writes them without a look-up: a copy of an object by its members is not.
 */
export class ReusedConfigBpdu implements ConfigBpdu {
  rootId: BridgeId = 0n;
  rootPathCost = 0;
  bridgeId: BridgeId = 0n;
  portId = 0;
  messageAgeNs = 0;
  maxAgeNs = 0;
  helloTimeNs = 0;
  forwardDelayNs = 0;
  topologyChange = false;
  topologyChangeAck = false;
  rapid: RapidParameters | null = null;

  copyFrom(from: Readonly<ConfigBpdu>): void {
    this.rootId = from.rootId;
    this.rootPathCost = from.rootPathCost;
    this.bridgeId = from.bridgeId;
    this.portId = from.portId;
    this.messageAgeNs = from.messageAgeNs;
    this.maxAgeNs = from.maxAgeNs;
    this.helloTimeNs = from.helloTimeNs;
    this.forwardDelayNs = from.forwardDelayNs;
    this.topologyChange = from.topologyChange;
    this.topologyChangeAck = from.topologyChangeAck;
    this.rapid = from.rapid ?? null;
  }
}

/** The role of the port that a BPDU comes from, as far as it is told. IEEE 802.1D-2004, 9.2.9. */
export type MessageRole = 'root' | 'designated' | 'alternate-or-backup' | 'master';

/** The flags of one tree in an RST or MST BPDU. IEEE 802.1D-2004, 9.3.3; IEEE 802.1Q-2018, 14.4.1. */
export interface TreeFlags {
  readonly role: MessageRole;
  readonly topologyChange: boolean;
  readonly proposal: boolean;
  readonly learning: boolean;
  readonly forwarding: boolean;
  readonly agreement: boolean;
}

/** What an RST BPDU says beyond a configuration BPDU, and an MST BPDU beyond that. */
export interface RapidParameters {
  /** Of the only tree, or of the CIST. */
  readonly flags: TreeFlags;
  readonly mst: MstParameters | null;
}

/**
 * The part of an MST BPDU that only bridges of its region understand. IEEE 802.1Q-2018, 14.4. In the parameters that it
 * shares with an RST BPDU, `bridgeId` is the CIST regional root.
 */
export interface MstParameters {
  /** What names the region: equal in all its bridges. IEEE 802.1Q-2018, 13.8. */
  readonly configurationId: string;
  readonly internalRootPathCost: number;
  /** The sender. */
  readonly bridgeId: BridgeId;
  readonly remainingHops: number;
  readonly instances: readonly MstiMessage[];
}

/** What an MST BPDU says of one instance. IEEE 802.1Q-2018, 14.4.1. */
export interface MstiMessage {
  readonly mstid: number;
  readonly flags: TreeFlags;
  readonly regionalRootId: BridgeId;
  readonly internalRootPathCost: number;
  /** The sender's identifier and port in this instance. */
  readonly bridgeId: BridgeId;
  readonly portId: number;
  readonly remainingHops: number;
}
