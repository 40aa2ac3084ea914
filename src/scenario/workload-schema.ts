import * as z from 'zod';
import { microseconds } from '../units.ts';
import { flowSizeProblems } from '../workload/flow-size-distribution.ts';
import { countDistribution } from './count-schema.ts';
import { duration, rate, size } from './quantity.ts';
import { nodeName } from './topology-schema.ts';

const ratio = z.number().min(0, { abort: true }).max(1, { abort: true });

/** One of the `tenants` of a scenario file. */
export const tenantSchema = z
  .strictObject({
    name: nodeName.describe('Unique name'),
    count: z.int().min(1).max(1_000_000).default(1).describe('Tenants like this one, each with segments of its own'),
    segments: countDistribution(1_000_000)
      .default(1)
      .describe('Segments (VLANs or VNIs) of each such tenant: a number, or a distribution to draw from'),
    vmsPerSegment: countDistribution(10_000_000)
      .optional()
      .describe('VMs in each segment, named vm1, vm2, … through all tenants: a number, or a distribution to draw from'),
    totalSegments: z
      .int()
      .min(1)
      .max(16_777_216)
      .optional()
      .describe('Segments of all `count` tenants together; what `segments` says is scaled so that this comes out'),
    totalVms: z
      .int()
      .min(1)
      .max(10_000_000)
      .optional()
      .describe(
        'VMs in all segments of all `count` tenants together; what `vmsPerSegment` says is scaled so that this comes out',
      ),
  })
  .check((context) => {
    const { count, segments, vmsPerSegment, totalSegments, totalVms } = context.value;
    const complain = (key: string, message: string) =>
      context.issues.push({ code: 'custom', input: context.value, path: [key], message });
    if (vmsPerSegment === undefined && totalVms === undefined) {
      complain('vmsPerSegment', 'is missing; expected the VMs of a segment, or totalVms');
    }
    if (totalSegments !== undefined && totalSegments < count) {
      complain('totalSegments', `got ${totalSegments} for ${count} tenants, expected at least one segment each`);
    }
    const segmentsMin = totalSegments ?? (typeof segments === 'number' ? count * segments : count);
    if (totalVms !== undefined && totalVms < segmentsMin) {
      complain('totalVms', `got ${totalVms} for ${segmentsMin} segments, expected at least one VM each`);
    }
  });

/** The `placement` of a scenario file. */
export const placementSchema = z.strictObject({
  policy: z
    .enum(['spread', 'random', 'pack', 'tenant-affinity'])
    .default('spread')
    .describe(
      'spread: the server with the fewest VMs, in turn from rack to rack; random: any server; ' +
        'pack: fill a server, then the next; tenant-affinity: a tenant in as few racks as possible',
    ),
  vmsPerServerMax: z.int().min(1).max(100_000).optional().describe('VMs that fit on a server; by default no limit'),
  segmentVmsPerServerMax: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('Anti-affinity: VMs of one segment that may start on one server; by default no limit'),
  segmentVmsPerRackMax: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe('Anti-affinity: VMs of one segment that may start in one rack; by default no limit'),
});

/** The `growth` of a scenario file. */
export const growthSchema = z
  .strictObject({
    initialVms: z.int().min(0).max(10_000_000).optional().describe('VMs that are there from the start, by chance'),
    initialShare: ratio.optional().describe('Share of the VMs that are there from the start; by default all'),
    arrivalsPerSecond: z
      .number()
      .positive()
      .max(1_000_000)
      .optional()
      .describe(
        'VMs that come per second on average after the boot window, as a Poisson process, while there are more',
      ),
    allBy: duration().optional().describe('All other VMs come at random moments from the boot window to this time'),
    lifetimes: z
      .union([
        z.enum(['forever', 'azure-buckets']),
        z
          .strictObject({ exponential: duration({ min: '1s' }).describe('Mean lifetime') })
          .describe('Exponentially distributed'),
      ])
      .default('forever')
      .describe(
        'How long VMs live. azure-buckets (recalled, not verified): 29 % up to 15 min, 32 % to 1 h, 32 % to 1 day, ' +
          '7 % longer; after Cortez et al., SOSP 2017',
      ),
  })
  .check((context) => {
    for (const [one, other] of [
      ['initialVms', 'initialShare'],
      ['arrivalsPerSecond', 'allBy'],
    ] as const) {
      if (context.value[one] === undefined || context.value[other] === undefined) continue;
      const message = `expected either ${one} or ${other}`;
      context.issues.push({ code: 'custom', input: context.value, path: [other], message });
    }
  });

const fixedSize = z
  .strictObject({ fixed: size({ min: '1B', max: '1TiB' }).describe('Size of every flow') })
  .describe('Flows of one size');

const cdfSize = z
  .strictObject({
    cdf: z
      .array(z.tuple([size({ max: '1TiB' }), ratio]))
      .min(1)
      .max(100_000)
      .check((context) => {
        const cdf = context.value.map(([sizeBytes, probability]) => ({ sizeBytes, probability }));
        for (const { index, message } of flowSizeProblems(cdf)) {
          context.issues.push({ code: 'custom', input: context.value, path: [index], message });
        }
      })
      .describe(
        'Points [size, share of flows up to it] with growing shares that end at 1; straight lines between them',
      ),
  })
  .describe('Flow sizes of your own');

/** The `traffic` of a scenario file. */
export const trafficSchema = z.strictObject({
  flowsPerVmPerSecond: z
    .number()
    .min(0)
    .max(1_000_000)
    .default(1)
    .describe('Flows that a VM starts per second on average, as a Poisson process; 0 for no traffic'),
  sizes: z
    .union([z.enum(['web-search', 'data-mining', 'facebook-hadoop']), fixedSize, cdfSize])
    .default('web-search')
    .describe('Flow sizes: a published distribution, one fixed size, or points of your own'),
  flowRate: rate().prefault('1Gbps').describe('Pace at which a flow sends'),
  peersPerVm: countDistribution(100_000)
    .default(5)
    .describe(
      'Different VMs that a VM talks to, as far as there are so many: a number, or a distribution to draw from',
    ),
  peersInRack: ratio
    .default(0)
    .describe(
      "Share of a VM's peers in its segment that are in its rack, as far as there are so many; at 0 racks do not matter. " +
        'Its rack is the one where it starts',
    ),
  interTenant: ratio.default(0).describe('Share of the flows that go to another tenant; needs gateway.betweenTenants'),
  interSegment: ratio
    .default(0)
    .describe('Share of the flows that go to another segment of the tenant, through the gateway'),
  silentVms: ratio.default(0).describe('Share of the VMs that never send anything but answers to ARP'),
  framesPerTrain: z
    .int()
    .min(1)
    .max(1024)
    .default(16)
    .describe('Consecutive frames of a flow that may travel as one event; 1 is the most exact and the slowest'),
});

/** The `hosts` of a scenario file. */
export const hostsSchema = z.strictObject({
  arpProfile: z
    .enum(['linux', 'ios-eos', 'nx-os'])
    .default('linux')
    .describe(
      'ARP timers of the VMs: linux asks again by unicast after 15 to 45 s, nx-os after 1500 s, ios-eos after 4 h',
    ),
  gratuitousArpAtBoot: z.boolean().default(true).describe('Whether a VM announces itself when it boots'),
  bootStart: duration({ max: '1d' })
    .prefault('0s')
    .describe('The first VMs boot: late enough for a spanning tree to forward, about 70 s with its default times'),
  bootWindow: duration({ max: '1d' })
    .prefault('1s')
    .describe('VMs boot at random moments within this time from bootStart'),
  mtu: z.int().min(576).max(65_535).default(1500).describe('Largest IP packet of a VM in bytes'),
});

/** Probes closer together would be most of the traffic. */
const PROBE_EVERY_NS_MIN = microseconds(10);

/** The `migrations` of a scenario file. */
export const migrationsSchema = z.strictObject({
  random: z
    .strictObject({
      count: z.int().min(1).max(1_000_000).describe('VMs to migrate, each once'),
      start: duration().optional().describe('Earliest start; by default the end of the boot window'),
      end: duration().optional().describe('Latest start; by default the end of the run'),
      destination: z
        .enum(['any', 'same-rack', 'other-rack'])
        .default('any')
        .describe('Where the VMs go: any other server, one in their rack, one in another rack'),
    })
    .optional()
    .describe('Migrations of random VMs at random times'),
  list: z
    .array(
      z.strictObject({
        vm: z.string().describe('VM to migrate, such as vm17'),
        to: z.string().describe('Server it goes to, such as server3'),
        at: duration().describe('When copying starts'),
      }),
    )
    .max(1_000_000)
    .default([])
    .describe('Migrations one by one'),
  memory: size({ min: '1MiB', max: '64TiB' }).prefault('4GiB').describe('Memory of a VM, to be copied'),
  dirtyRate: rate({ min: '0bps' }).prefault('1Gbps').describe('Pace at which a running VM changes its memory'),
  workingSet: size({ min: '1B', max: '64TiB' })
    .optional()
    .describe('Memory that a VM changes again and again: most that a later round copies; by default all of it'),
  bandwidth: rate().prefault('10Gbps').describe('Most that the copy of one VM takes'),
  copiesOver: z
    .enum(['fabric', 'own-network'])
    .default('fabric')
    .describe('fabric: copies share its links, max-min fairly; own-network: each has its bandwidth whatever others do'),
  copyShareOfLink: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe("Part of each link's rate that all copies on it may take together; other traffic does not compete"),
  downtimeLimit: duration({ min: '1ms', max: '1h' })
    .prefault('300ms')
    .describe('The VM is paused for the last round of copying once that fits in this time'),
  maxRounds: z
    .int()
    .min(1)
    .max(10_000)
    .nullable()
    .default(30)
    .describe('Rounds of copying after which it is given up as one that does not converge; null for no limit'),
  maxTime: duration({ min: '1ms' })
    .optional()
    .describe('Time of copying after which it is given up; by default no limit'),
  onGiveUp: z
    .enum(['abort', 'force'])
    .default('abort')
    .describe('abort: the VM stays where it is; force: it is paused for all that is left, however long that takes'),
  stallTimeout: duration({ min: '1ms' })
    .prefault('60s')
    .describe('Copying that finds no path for this long is given up, and the VM stays where it is'),
  beyondReach: z
    .enum(['refuse', 'readdress'])
    .default('refuse')
    .describe(
      "Where a VM's segment does not reach its new server: refuse, or readdress, so that its old address answers no more",
    ),
  announce: z
    .enum(['rarp', 'garp', 'both', 'none'])
    .default('rarp')
    .describe('What announces the VM at its new place: RARP from the hypervisor, gratuitous ARP from the VM'),
  announceLossRatio: ratio
    .default(0)
    .describe('How likely each of the five announcements is to be lost before any switch hears it'),
  probeEvery: duration({ max: '1min' })
    .refine((everyNs) => everyNs === 0 || everyNs >= PROBE_EVERY_NS_MIN, 'expected at least 10us, or 0s for no probes')
    .nullable()
    .prefault('10ms')
    .describe('Time between the datagrams that a peer sends to measure the outage; 0s or null for no probes'),
});

const randomFailures = z
  .strictObject({
    kind: z
      .enum(['link', 'switch', 'server', 'rack'])
      .describe('What fails: each of that kind is as likely as any other'),
    count: z.int().min(1).max(100_000).optional().describe('How many failures, at any times'),
    meanTimeBetween: duration({ min: '1ms' })
      .optional()
      .describe('Mean time between two failures anywhere, which come as a Poisson process'),
    start: duration().optional().describe('Earliest failure; by default the end of the boot window'),
    end: duration().optional().describe('Latest failure; by default the end of the run'),
    repair: z
      .enum(['fixed', 'exponential'])
      .default('fixed')
      .describe('Whether restoreAfter is the time of each repair or the mean of an exponential distribution'),
  })
  .check((context) => {
    const { count, meanTimeBetween } = context.value;
    if ((count === undefined) !== (meanTimeBetween === undefined)) return;
    context.issues.push({ code: 'custom', input: context.value, message: 'expected either count or meanTimeBetween' });
  });

const FAILURE_KEYS = ['link', 'switch', 'server', 'rack', 'random'] as const;

/** One of the `failures` of a scenario file. */
export const failureSchema = z
  .strictObject({
    at: duration().optional().describe('When it fails; random failures say so themselves'),
    link: z
      .string()
      .optional()
      .describe('Link that fails: between switches, such as leaf1-spine1, or to a server, such as leaf1-server1'),
    switch: z.string().optional().describe('Switch that fails, such as spine1'),
    server: z.string().optional().describe('Server that fails with its VMs, such as server1'),
    rack: z.string().optional().describe('Switch that fails together with all servers at it, such as leaf1'),
    random: randomFailures.optional().describe('Failures by chance instead of one'),
    restoreAfter: duration({ min: '1ns' }).optional().describe('Time until it comes back; by default it stays down'),
  })
  .check((context) => {
    const failure = context.value;
    const complain = (message: string) => context.issues.push({ code: 'custom', input: failure, message });
    const named = FAILURE_KEYS.filter((key) => failure[key] !== undefined);
    if (named.length !== 1) complain('expected one of link, switch, server, rack and random');
    else if (failure.random === undefined && failure.at === undefined) complain('expected at, the time when it fails');
    else if (failure.random !== undefined && failure.at !== undefined)
      complain('got at beside random, which has start');
  })
  .meta({ oneOf: FAILURE_KEYS.map((key) => ({ type: 'object', properties: { [key]: {} }, required: [key] })) });
