import { PIM_KEEPALIVE_PERIOD_NS, type PimImplementation } from '../protocol/pim-sources.ts';

/** How routers forward to groups. */
export interface MulticastProtocol {
  /** `pim-bidir`: one tree for each group, rooted at its rendezvous point and used in both directions. RFC 5015. `pim-sm`: RFC 7761. */
  readonly protocol: 'pim-sm' | 'pim-bidir';
  /** Of `pim-sm`: whose start-up. */
  readonly implementation: PimImplementation;
  /** Whether receivers join the tree of each source, or leave it at that of the rendezvous point. RFC 7761, 4.2.1. */
  readonly sptSwitchover: 'immediate' | 'never';
  /** Which of several shortest ways to a root is taken: the first, or one by a hash of root and group. */
  readonly rpf: 'first' | 'hash';
  /** From a source's last packet until it is forgotten. */
  readonly keepaliveNs: number;
}

export const BIDIRECTIONAL: MulticastProtocol = {
  protocol: 'pim-bidir',
  implementation: 'rfc7761',
  sptSwitchover: 'never',
  rpf: 'first',
  keepaliveNs: PIM_KEEPALIVE_PERIOD_NS,
};
