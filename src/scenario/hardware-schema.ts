import * as z from 'zod';
import { CAM_OVERFLOW_POLICIES } from '../protocol/table-room.ts';

const count = (max: number) => z.int().min(1).max(max);

const macTable = z
  .strictObject({
    entries: count(100_000_000).optional().describe('Learned addresses that it holds, each in any entry'),
    buckets: count(10_000_000)
      .optional()
      .describe('Buckets of a hash table, instead of entries: an address fits only where its hash says'),
    ways: count(256).optional().describe('Entries of each bucket'),
    choices: z
      .union([z.literal(1), z.literal(2), z.literal(4)])
      .default(1)
      .describe('Hash functions: an address goes into the least loaded of so many buckets'),
    searchBuckets: z
      .int()
      .min(1)
      .max(16)
      .default(1)
      .describe('Buckets after one another in which an address may lie; the first one with room'),
    hash: z
      .enum(['common', 'per-switch'])
      .default('common')
      .describe('Whether all switches hash alike, so that the same stations collide everywhere'),
    overflow: z
      .enum(CAM_OVERFLOW_POLICIES)
      .default('keep-old')
      .describe(
        'Who loses when there is no room: the new address, the one learned first, any, the one heard least recently, or ' +
          'that of the port with most entries (evict-fair, as Open vSwitch)',
      ),
  })
  .check((context) => {
    const { entries, buckets, ways, overflow } = context.value;
    const complain = (message: string) => context.issues.push({ code: 'custom', input: context.value, message });
    if ((buckets === undefined) !== (ways === undefined)) complain('expected buckets together with ways');
    else if ((entries === undefined) === (buckets === undefined))
      complain('expected either entries, or buckets and ways');
    else if (buckets !== undefined && overflow === 'evict-fair') complain('evict-fair needs entries, not buckets');
  });

const profileFields = {
  title: z.string().max(200).default('').describe('The platform, for people'),
  macTable: macTable.optional().describe('The table of learned addresses; by default without limit'),
  hostEntries: count(100_000_000)
    .optional()
    .describe(
      'Hosts that it routes to, by ARP entries and host routes: those beyond are refused by leaves that route, and ' +
        'counted at a single gateway',
    ),
  learnedPerSecond: count(1_000_000_000)
    .optional()
    .describe('Addresses that it learns per second at most; by default as fast as frames come'),
  vtepPeers: count(1_000_000)
    .optional()
    .describe('Remote VTEPs that it knows; those beyond get no copies of floods, and it learns nothing behind them'),
  vnis: count(16_777_216).optional().describe('VNIs that it carries; the segments beyond do not reach it'),
  mroutes: count(10_000_000)
    .optional()
    .describe('Multicast routes that it holds, (*,G) of groups and (S,G) of sources together; counted, not enforced'),
  multicastGroups: count(10_000_000)
    .optional()
    .describe('Multicast groups that a VTEP can join; segments of others do not reach it. Linux: 20'),
  stpLogicalPorts: count(100_000_000)
    .optional()
    .describe('Ports times VLANs that spanning tree runs on; counted, not enforced'),
};

/** A hardware profile inside a scenario file. */
const inlineProfile = z.strictObject(profileFields).describe('Hardware of your own');

/** A file of `scenarios/hardware`. */
export const hardwareProfileSchema = z.strictObject({
  ...profileFields,
  source: z.string().min(1).describe('Who published the numbers, and where'),
  mark: z
    .enum(['verified', 'secondary'])
    .describe('verified: the source itself was read; secondary: a text was read that quotes it'),
});

export type HardwareProfileFile = z.output<typeof inlineProfile>;

/** The `hardware` of a scenario file. */
export const hardwareSchema = z.record(
  z.string(),
  z.union([z.string().describe('Name of a profile in scenarios/hardware'), inlineProfile]),
);
