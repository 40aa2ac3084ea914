import * as z from 'zod';
import type { MultihomingSettings } from '../fabric/multihoming-settings.ts';
import { DF_ALGORITHMS } from '../protocol/evpn/designated-forwarder.ts';
import { duration } from './quantity.ts';

/** How servers on two leaves are Ethernet segments of EVPN. */
export const ethernetSegmentsSchema = z.strictObject({
  election: z
    .enum(DF_ALGORITHMS)
    .optional()
    .describe(
      'Which leaf floods into a segment. modulo: number VNI mod N of its N leaves (RFC 7432, 8.5). lowest-address: the one ' +
        'with the lowest VTEP address, as without preferences (RFC 9785). By default the former with rfc-7432, and the latter ' +
        'with frr-8.4, which knows no other',
    ),
  electionWait: duration({ max: '10min' })
    .prefault('3s')
    .describe('Time from a link that comes up until its leaf may flood into the segment. RFC 7432, 8.5'),
  pic: z
    .boolean()
    .default(true)
    .describe(
      'Prefix-independent convergence: the leaves of a segment are one entry that all of its stations point to, and a leaf ' +
        'whose link fails sends to the others at once. If not, each station is written anew, at bgp.installRate',
    ),
  macHold: duration({ min: '1s', max: '1d' })
    .prefault('18min')
    .describe('How long a station is kept that no leaf of its segment hears any more. FRR, SONiC: 18 min'),
  startupDelay: duration({ max: '1h' })
    .prefault('3min')
    .describe('Time that a leaf which came back, or has an uplink again, keeps its links to segments down. FRR: 3 min'),
  uplinkTracking: z.boolean().default(true).describe('Whether a leaf without uplinks shuts its links to segments. FRR'),
});

/** The same as a fabric takes it. */
export function resolveEthernetSegments(
  given: z.output<typeof ethernetSegmentsSchema>,
  implementation: 'frr-8.4' | 'rfc-7432',
): MultihomingSettings {
  return {
    algorithm: given.election ?? (implementation === 'frr-8.4' ? 'lowest-address' : 'modulo'),
    dfWaitNs: given.electionWait,
    isPrefixIndependent: given.pic,
    keepNs: given.macHold,
    startupDelayNs: given.startupDelay,
    tracksUplinks: given.uplinkTracking,
  };
}
