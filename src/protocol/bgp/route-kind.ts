/**
 * What routes are of: IPv4 unicast, or an EVPN route type (RFC 7432, 7; RFC 9136, 3), of which type 2 comes in two: with
 * the MAC address alone, and with an IP address too.
 */
export const RouteKind = {
  ipv4: 0,
  autoDiscovery: 1,
  macOnly: 2,
  inclusiveMulticast: 3,
  ethernetSegment: 4,
  ipPrefix: 5,
  macIp: 6,
} as const;
