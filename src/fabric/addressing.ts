import type { Ipv4Address } from '../wire/ipv4-address.ts';
import type { MacAddress } from '../wire/mac-address.ts';
import type { PlannedSegment } from './plan.ts';

/** First of the locally administered addresses of switches that the plan gives none: 0a:00:00:00:00:00 and on. */
export const SWITCH_MAC_FIRST: MacAddress = 0x0a00_0000_0000;

/** The gateway's address in every segment: locally administered, 0e:00:00:00:00:01. */
export const GATEWAY_MAC: MacAddress = 0x0e00_0000_0001;

/** First of the addresses of routing leaves, one each: locally administered, 0e:01:00:00:00:00 and on. RFC 9135, 5.1. */
export const ROUTER_MAC_FIRST: MacAddress = 0x0e01_0000_0000;

/** First address of tunnel endpoints: 172.16.0.1, in the private range 172.16/12. RFC 1918, section 3. */
export const ENDPOINT_IP_FIRST: Ipv4Address = 0xac10_0001;

/** First multicast group: 239.0.0.1, in the administratively scoped range 239/8. RFC 2365, section 6. */
export const GROUP_IP_FIRST: Ipv4Address = 0xef00_0001;

/** First of the MAC addresses of routers to the outside, one each: locally administered, 0e:02:00:00:00:00 and on. */
export const OUTSIDE_MAC_FIRST: MacAddress = 0x0e02_0000_0000;

/** The one host outside, whom VMs talk to: 203.0.113.1. RFC 5737, section 3 (TEST-NET-3). */
export const OUTSIDE_HOST_IP: Ipv4Address = 0xcb00_7101;

/** The address of a router to the outside in a segment where it meets a routing table: after the network's. */
export function outsideIpOf({ subnet }: PlannedSegment, router: number): Ipv4Address {
  return subnet + 1 + router;
}

/** The gateway's address in a segment: the last host address of the subnet. */
export function gatewayIpOf({ subnet, prefixLength }: PlannedSegment): Ipv4Address {
  return subnet + 2 ** (32 - prefixLength) - 2;
}
