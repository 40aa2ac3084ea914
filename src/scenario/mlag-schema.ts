import * as z from 'zod';
import type { MlagSettings } from '../fabric/mlag.ts';
import { duration, rate } from './quantity.ts';

/** What a fabric of pairs of switches says about them. */
export const mlagFields = {
  peerLink: z
    .strictObject({
      links: z.int().min(1).max(16).default(2).describe('Parallel links between the two switches of a pair'),
      rate: rate({ min: '1Mbps', max: '10Tbps' }).prefault('100Gbps').describe('Bits per second of each'),
      delay: duration({ max: '1s' }).prefault('500ns').describe('Propagation delay, one way'),
    })
    .prefault({})
    .describe(
      'Links between the two switches of a pair, such as spine1-spine2, where the topology has none between them',
    ),
  macSync: z
    .strictObject({
      delay: duration({ max: '1h' })
        .prefault('10ms')
        .describe(
          'Time from learning an address to the entry at the other switch of the pair. No vendor publishes it: an assumption',
        ),
      perSecond: z
        .int()
        .min(1)
        .max(1_000_000_000)
        .optional()
        .describe('Entries that a switch takes from the other per second; by default as many as there are'),
    })
    .prefault({})
    .describe('How the two switches of a pair tell each other what they learn'),
  restoreDelay: duration({ max: '1h' })
    .prefault('30s')
    .describe(
      'Time that a switch which came back keeps its ports to what is cabled to both down. Cisco vPC, delay restore: 30 s',
    ),
};

/** The same as a fabric takes it. */
export function resolveMlag({
  peerLink,
  macSync,
  restoreDelay,
}: z.output<z.ZodObject<typeof mlagFields>>): MlagSettings {
  return {
    peerLink: { count: peerLink.links, rateBitsPerSec: peerLink.rate, delayNs: peerLink.delay },
    macSync: { delayNs: macSync.delay, perSecond: macSync.perSecond ?? null },
    restoreDelayNs: restoreDelay,
  };
}
