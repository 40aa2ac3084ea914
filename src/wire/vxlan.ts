import { ETHERNET_HEADER_BYTES, IPV4_HEADER_BYTES, UDP_HEADER_BYTES } from './ethernet.ts';

/** Bytes of the VXLAN header. RFC 7348, section 5. */
export const VXLAN_HEADER_BYTES = 8;

/** Bytes of an IPv6 header. RFC 8200, section 3. */
const IPV6_HEADER_BYTES = 40;

/** What encapsulation adds to a frame over IPv4: outer Ethernet, IP, UDP and VXLAN headers, 50 bytes. RFC 7348, section 5. */
export const VXLAN_OVERHEAD_IPV4_BYTES =
  ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES + UDP_HEADER_BYTES + VXLAN_HEADER_BYTES;

/** The same over IPv6: 70 bytes. RFC 7348, section 5. */
export const VXLAN_OVERHEAD_IPV6_BYTES =
  ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES + UDP_HEADER_BYTES + VXLAN_HEADER_BYTES;

/** Largest VXLAN Network Identifier: 24 bits. RFC 7348, section 5. */
export const VNI_MAX = 0xff_ff_ff;

/** Source ports that can carry the inner flow's entropy: the dynamic range 49152…65535. RFC 7348, section 5. */
export const ENTROPY_PORT_COUNT = 16_384;
