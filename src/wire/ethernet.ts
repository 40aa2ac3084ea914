/** Bytes of an Ethernet header without a tag: two addresses and the EtherType. IEEE 802.3-2018, 3.1.1. */
export const ETHERNET_HEADER_BYTES = 14;

/** Smallest frame without its FCS. IEEE 802.3-2018, 4A.4.2 (minFrameSize of 64 less the FCS). */
export const MIN_FRAME_BYTES = 60;

/** Bytes that an IEEE 802.1Q tag adds. IEEE 802.1Q-2018, 9.3. */
export const VLAN_TAG_BYTES = 4;

/** VLANs of one layer-2 domain, identifiers 1 to 4094: 0 and 4095 are reserved. IEEE 802.1Q-2018, Table 9-2. */
export const VLAN_COUNT_MAX = 4094;

/**
 * Bytes that a frame occupies on a link beyond its own size, which everywhere in dcfabric is counted without the FCS,
 * as captures and interface counters do: FCS 4, preamble and delimiter 8, interpacket gap 12. IEEE 802.3-2018, 3.1.1, 4A.4.2.
 */
export const WIRE_EXTRA_BYTES = 24;

/** What a frame carries, as far as any device looks. */
export const FrameKind = {
  /** Opaque data: forwarded, never answered. */
  data: 0,
  ip: 1,
  arpRequest: 2,
  arpReply: 3,
  /** Reverse ARP: the announcement a hypervisor makes for a migrated VM. RFC 903. */
  rarp: 4,
  configBpdu: 5,
  tcnBpdu: 6,
  /** A VXLAN packet; the frame inside is a frame of its own. RFC 7348, section 5. */
  vxlan: 7,
  /** An RST or MST BPDU. */
  rapidBpdu: 8,
  /** A PIM Register; the packet inside is a frame of its own. RFC 7761, 4.9.3. */
  pimRegister: 9,
} as const;

/** Whether a FrameKind is that of a spanning tree's message. */
export function isBpdu(kind: number): boolean {
  return kind === FrameKind.configBpdu || kind === FrameKind.tcnBpdu || kind === FrameKind.rapidBpdu;
}

/** Bytes of an ARP frame as Linux hands it to a device, unpadded: Ethernet header and 28 bytes. RFC 826. */
export const ARP_FRAME_BYTES = ETHERNET_HEADER_BYTES + 28;

/** Bytes of an IPv4 header without options. RFC 791, 3.1. */
export const IPV4_HEADER_BYTES = 20;

/** Bytes of a UDP header. RFC 768. */
export const UDP_HEADER_BYTES = 8;

/** Bytes that a PIM Register adds to the packet in it: IPv4, four of every PIM message, four of flags. RFC 7761, 4.9.3. */
export const PIM_REGISTER_OVERHEAD_BYTES = IPV4_HEADER_BYTES + 8;

/** IP protocol numbers used here. IANA protocol-numbers. */
export const IpProtocol = { icmp: 1, tcp: 6, udp: 17 } as const;

/** Bytes of an ICMP header. RFC 792. */
export const ICMP_HEADER_BYTES = 8;

/** Bytes of the offending packet that an ICMP error quotes at most, so that it has 576 in all. RFC 1812, 4.3.2.3. */
export const ICMP_ERROR_QUOTE_BYTES_MAX = 576 - IPV4_HEADER_BYTES - ICMP_HEADER_BYTES;
