import type { EvpnFabricSettings } from '../scenario/scenario.ts';

/** First of the AS numbers of routers, each its own: private use. RFC 6996, section 5. */
const AS_FIRST = 4_200_000_001;

export interface BgpRouter {
  /** Index of the node. */
  readonly node: number;
  readonly routerId: string;
  /** Addresses at the other ends of links, with the nodes that have them. */
  readonly neighbours: readonly { readonly address: string; readonly node: number }[];
  /** The address of its VTEP, if it has one. */
  readonly endpoint: string | null;
}

/**
 * FRR as the BGP speaker of a router: eBGP over every link for the underlay and for EVPN (RFC 7938, RFC 8365). For an image
 * in which FRR runs already, as its own image does.
 */
export function bgpCommands(
  { node, routerId, neighbours, endpoint }: BgpRouter,
  { mraiNs }: EvpnFabricSettings,
): string[] {
  const lines = [
    'configure terminal',
    `router bgp ${AS_FIRST + node}`,
    `bgp router-id ${routerId}`,
    'no bgp ebgp-requires-policy',
    'bgp bestpath as-path multipath-relax',
    'timers bgp 3 9',
    ...neighbours.flatMap(({ address, node: other }) => [
      `neighbor ${address} remote-as ${AS_FIRST + other}`,
      `neighbor ${address} advertisement-interval ${Math.round(mraiNs / 1e9)}`,
    ]),
    'address-family ipv4 unicast',
    ...(endpoint === null ? [] : [`network ${endpoint}/32`]),
    'maximum-paths 64',
    'exit-address-family',
    'address-family l2vpn evpn',
    ...neighbours.map(({ address }) => `neighbor ${address} activate`),
    ...(endpoint === null ? [] : ['advertise-all-vni']),
    'exit-address-family',
  ];
  return [
    'sed -i s/bgpd=no/bgpd=yes/ /etc/frr/daemons',
    '/usr/lib/frr/frrinit.sh restart',
    `vtysh ${lines.map((line) => `-c "${line}"`).join(' ')}`,
  ];
}
