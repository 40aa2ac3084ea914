import * as z from 'zod';
import { GROUP_PER_SEGMENT, type MulticastSettings } from '../fabric/multicast-groups.ts';
import { PIM_IMPLEMENTATIONS } from '../protocol/pim-sources.ts';
import { duration } from './quantity.ts';

/** What `vxlan-multicast` says of its groups. */
export const multicastFields = {
  multicast: z
    .enum(['pim-sm', 'pim-bidir'])
    .default('pim-sm')
    .describe('pim-sm: a tree for each VTEP and group (RFC 7761). pim-bidir: one for each group (RFC 5015)'),
  groups: z
    .union([z.literal('per-vni'), z.int().min(1).max(1_000_000)])
    .default('per-vni')
    .describe('A group for each segment, or so many that the segments share: VTEPs drop what is for others of a group'),
  groupBy: z
    .enum(['vni', 'tenant'])
    .default('vni')
    .describe('Which segments share a group: each takes the next in turn, or all of a tenant have the same'),
  rp: z
    .string()
    .optional()
    .describe('Switch that is the rendezvous point; by default those of the highest tier are, each of some groups'),
  rpf: z
    .enum(['first', 'hash'])
    .default('hash')
    .describe(
      'Which of several equal ways to a root trees take: the first, as pimd of FRR unless told otherwise, or one by a hash',
    ),
  sptSwitchover: z
    .enum(['immediate', 'never'])
    .default('immediate')
    .describe('pim-sm: whether receivers join the tree of each source, or only that of the rendezvous point'),
  implementation: z
    .enum(PIM_IMPLEMENTATIONS)
    .default('rfc7761')
    .describe('pim-sm: whose start-up. frr-8.4 loses the first packet of each source, as recordings show'),
  sourceExpiry: duration({ min: '31s', max: '60000s' })
    .prefault('210s')
    .describe('pim-sm: how long after its last packet a source is known. RFC 7761, 4.11: 210 s'),
};

type Replication = 'ingress' | 'multicast' | 'assisted';

type MulticastFields = z.output<z.ZodObject<typeof multicastFields>>;

/** Who copies floods, and by which groups if the underlay does. */
export function resolveReplication(
  fabric: MulticastFields | { readonly replication: Replication; readonly replicators?: readonly string[] | undefined },
): { replication: Replication; multicast: MulticastSettings | null; replicators: readonly string[] | null } {
  if ('replication' in fabric) {
    const { replication, replicators = null } = fabric;
    return { replication, multicast: replication === 'multicast' ? GROUP_PER_SEGMENT : null, replicators };
  }
  const { multicast, groups, groupBy, rp, rpf, sptSwitchover, implementation, sourceExpiry } = fabric;
  return {
    replication: 'multicast',
    replicators: null,
    multicast: {
      protocol: multicast,
      groupCount: groups === 'per-vni' ? null : groups,
      groupBy,
      rendezvousPoint: rp ?? null,
      rpf,
      sptSwitchover: multicast === 'pim-sm' ? sptSwitchover : 'never',
      implementation,
      keepaliveNs: sourceExpiry,
    },
  };
}
