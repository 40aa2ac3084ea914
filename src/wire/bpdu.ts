import { ETHERNET_HEADER_BYTES, MIN_FRAME_BYTES } from './ethernet.ts';
import type { MacAddress } from './mac-address.ts';

/** Bytes of the LLC header in front of a BPDU: two service access points and the control field. IEEE 802.2, 3.2. */
const LLC_HEADER_BYTES = 3;

/** Bytes of a configuration BPDU frame without FCS: 802.3 header, LLC and 35 octets, padded. IEEE 802.1D-1998, 9.3.1. */
export const CONFIG_BPDU_FRAME_BYTES = Math.max(MIN_FRAME_BYTES, ETHERNET_HEADER_BYTES + LLC_HEADER_BYTES + 35);

/** Bytes of a topology change notification frame without FCS: 4 octets of BPDU, padded. IEEE 802.1D-1998, 9.3.2. */
export const TCN_BPDU_FRAME_BYTES = Math.max(MIN_FRAME_BYTES, ETHERNET_HEADER_BYTES + LLC_HEADER_BYTES + 4);

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
}
