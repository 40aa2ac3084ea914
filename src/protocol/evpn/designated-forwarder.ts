/** How the VTEPs of an Ethernet segment agree on the one that floods into it. */
export const DF_ALGORITHMS = ['modulo', 'lowest-address'] as const;
export type DfAlgorithm = (typeof DF_ALGORITHMS)[number];

/** From an Ethernet segment that came up to the election there. RFC 7432, 8.5; SONiC and FRR have the same default. */
export const DF_WAIT_NS = 3e9;

/**
 * The designated forwarder of an Ethernet segment for a broadcast domain, of VTEPs in ascending order of their addresses;
 * -1 if there is none.
 *
 * `modulo`: with N VTEPs it is number V mod N, counted from 0, of the VLAN or VNI V (RFC 7432, 8.5; with a VNI: RFC 8365,
 * 8.1.5), so that they share the broadcast domains. `lowest-address`: the first for all, which is what preference-based
 * election comes to where nobody has set preferences (RFC 9785; FRR, which knows no other, zebra/zebra_evpn_mh.c).
 */
export function designatedForwarder(vteps: readonly number[], tag: number, algorithm: DfAlgorithm): number {
  if (vteps.length === 0) return -1;
  return vteps[algorithm === 'modulo' ? tag % vteps.length : 0];
}
