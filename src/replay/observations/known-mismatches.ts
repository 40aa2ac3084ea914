/** What an observation is of. */
interface Experiment {
  readonly experiment: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A fact that real software shows and that is not to be met, with the reason. */
export interface KnownMismatch {
  readonly experiment: string;
  /** Of the fact. */
  readonly path: RegExp;
  /** In which observations; in all of the family if it does not say. */
  readonly appliesTo?: (observation: Experiment) => boolean;
  /** How far a number may lie outside of what was recorded to be known; any distance if it does not say. */
  readonly within?: number;
  readonly reason: string;
}

/** All of them. docs/fidelity.md lists them with the same reasons. */
export const KNOWN_MISMATCHES: readonly KnownMismatch[] = [
  {
    experiment: 'ovs_stp',
    path: /^ranges\.link_silent_loss_healed\./,
    reason:
      'a link that heals unnoticed closes a loop until the next hello: what circles meanwhile, and what is lost of it, hangs ' +
      'on where in its hello time the root was and on how fast the switches copy',
  },
  {
    experiment: 'ovs_stp',
    path: /^ranges\.all_trunks_up\./,
    appliesTo: ({ params }) => params.protocol === 'rstp',
    reason:
      'the two ends of a link are noticed at different passes of the daemons; a proposal that goes out before the other end ' +
      'listens is repeated a hello time later',
  },
  {
    experiment: 'ovs_stp',
    path: /^ranges\.(link_up|link_down_carrier)\./,
    appliesTo: ({ params }) => params.protocol === 'rstp',
    reason:
      'the protocol takes less than a frame interval; what is lost beyond that is lost to flows that Open vSwitch has cached, ' +
      'for some 10 ms, in one run of three 0.5 s',
  },
  {
    experiment: 'ovs_stp',
    path: /^ranges\.\w+\.(wrong_host_unicast_frames|tc_bpdus)$/,
    reason:
      'how often Open vSwitch forgets its table and tells of a change while one lasts was not found in its source; here it ' +
      'forgets with each message of a change that it receives',
  },
  {
    experiment: 'mcast_pim',
    path: /^exact\.known_unicast\.vxlan_per_link\.\w*spine\d+/,
    reason: 'which of several equal paths a flow takes is the hash of a kernel with a seed of its own',
  },
  {
    experiment: 'ovs_mac_overflow',
    path: /^ranges\.by_M\.\d+\.(learned|evicted)$/,
    appliesTo: ({ params }) => params.pace === 'burst',
    reason:
      "in a burst, frames match flows of Open vSwitch's cache and refresh no entry until its revalidator counts them, in " +
      'an order of its own: fewer stations are evicted and learned again than speak',
  },
  {
    experiment: 'evpn_mass',
    path: /^exact\.port_down_\w+\.macs_in_table_after\./,
    reason:
      'the leaf whose port went down kept the entries that zebra had made before the stations came to it, for as long as the ' +
      'observation looked; all other leaves forgot them, and nobody is misled',
  },
  {
    experiment: 'evpn_failure',
    path: /^(exact\.full_ecmp_and_flood_lists_restored|ranges\.(repair_s|updates_repair))$/,
    appliesTo: ({ params }) => params.zebra_kernel_nexthop_groups === true,
    reason:
      'FRR 8.4 never gives an ECMP member back to the kernel that the kernel took out for want of carrier (FRR PR 13413)',
  },
  {
    experiment: 'evpn_mobility',
    path: /^ranges\.lost\.\d+$/,
    within: 5,
    reason:
      'leaves enter a move into their tables within milliseconds of each other, in an order that is an accident of scheduling: ' +
      'a frame or two that are on the way then reach the old leaf when it has forgotten the station',
  },
  {
    experiment: 'evpn_failure',
    path: /^ranges\.(lost_per_pair_fail|last_lost_ms_fail)\./,
    appliesTo: ({ params }) => /spine|one|single/.test(String(params.kind)),
    reason: 'which of several equal paths a pair of leaves uses is the hash of a kernel with a seed of its own',
  },
];

/** Why a fact of an observation is known not to be met; null if it is to be met. */
export function knownReason(observation: Experiment, path: string, distance?: number): string | null {
  const known = KNOWN_MISMATCHES.find((mismatch) => {
    return (
      mismatch.experiment === observation.experiment &&
      mismatch.path.test(path) &&
      (mismatch.appliesTo?.(observation) ?? true) &&
      (mismatch.within === undefined || (distance !== undefined && distance <= mismatch.within))
    );
  });
  return known?.reason ?? null;
}
