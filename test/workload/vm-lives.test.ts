import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/engine/random.ts';
import { seconds } from '../../src/units.ts';
import { lifetimeSampler } from '../../src/workload/lifetimes.ts';
import { Placement } from '../../src/workload/placement.ts';
import { type Growth, planVmLives, type VmLives } from '../../src/workload/vm-lives.ts';

const DURATION_NS = seconds(600);
const BOOT_END_NS = seconds(20);

function livesOf(growth: Growth | null, { vmCount = 500, serverCount = 10, perServer = 60, seed = 1 } = {}): VmLives {
  const streams = new RandomStreams(seed);
  const placement = new Placement({
    serverRacks: Int32Array.from({ length: serverCount }, (_, server) => server >> 1),
    policy: 'random',
    vmsPerServerMax: perServer,
    segmentVmsPerServerMax: null,
    segmentVmsPerRackMax: null,
    vmSegments: new Int32Array(vmCount),
    segmentTenants: new Int32Array(1),
    stream: streams.stream('placement'),
  });
  const boot = { bootStartNs: seconds(10), bootWindowNs: seconds(10) };
  return planVmLives({ vmCount, placement, durationNs: DURATION_NS, ...boot, growth, streams });
}

const isAlive = ({ bootNs, endNs }: VmLives, vm: number, timeNs: number) =>
  bootNs[vm]! <= timeNs && (endNs?.[vm] ?? Infinity) > timeNs;

describe('lives of VMs', () => {
  it('begin in the boot window and have no end without growth', () => {
    const lives = livesOf(null);
    expect(Math.min(...lives.bootNs)).toBeGreaterThanOrEqual(seconds(10));
    expect(Math.max(...lives.bootNs)).toBeLessThan(BOOT_END_NS);
    expect(lives.endNs).toBe(null);
    expect(lives.bootOrder).toHaveLength(500);
    expect([...lives.bootOrder]).toEqual([...lives.bootOrder].sort((a, b) => lives.bootNs[a]! - lives.bootNs[b]!));
  });

  it('begin later for those that are not there from the start, all by a time', () => {
    const lives = livesOf({ initialVms: 200, arrivals: { allByNs: seconds(300) }, lifetimes: 'forever' });
    const late = [...lives.bootNs].filter((timeNs) => timeNs >= BOOT_END_NS);
    expect(late).toHaveLength(300);
    expect(Math.max(...late)).toBeLessThan(seconds(300));
    expect(lives.bootOrder).toHaveLength(500);
    expect(lives.endOrder).toHaveLength(0);
  });

  it('begin at a rate, and some never', () => {
    const lives = livesOf({ initialVms: 0, arrivals: { perSecond: 0.5 }, lifetimes: 'forever' });
    // a Poisson count has its mean for variance
    const mean = 0.5 * 580;
    expect(Math.abs(lives.bootOrder.length - mean)).toBeLessThan(5 * Math.sqrt(mean));
    expect([...lives.bootNs].filter((timeNs) => timeNs === Infinity)).toHaveLength(500 - lives.bootOrder.length);
    const there = lives.servers.filter((server) => server >= 0);
    expect(there).toHaveLength(lives.bootOrder.length);
  });

  it('never have more VMs on a server than fit, and refuse only when all are full', () => {
    const arrivals = fc.constantFrom<Growth['arrivals']>(null, { perSecond: 2 }, { allByNs: seconds(500) });
    fc.assert(
      fc.property(
        fc.nat(200),
        arrivals,
        fc.integer({ min: 10, max: 400 }),
        fc.nat(5),
        (initialVms, comes, meanS, seed) => {
          const growth = { initialVms, arrivals: comes, lifetimes: { exponentialMeanNs: seconds(meanS) } };
          const lives = livesOf(growth, { vmCount: 400, perServer: 20, seed });
          const counts = new Int32Array(10);
          let alive = 0;
          const ends = [...lives.endOrder];
          for (const vm of lives.bootOrder) {
            // those of the start hold their places before they boot
            while (ends.length > 0 && lives.endNs![ends[0]!]! <= lives.bootNs[vm]!) {
              counts[lives.servers[ends.shift()!]!]!--;
              alive--;
            }
            expect(++counts[lives.servers[vm]!]!).toBeLessThanOrEqual(20);
            alive++;
          }
          expect(alive).toBe(lives.bootOrder.length - lives.endOrder.length + ends.length);
          expect(lives.bootOrder.length + lives.refusedCount).toBeLessThanOrEqual(400);
          if (initialVms <= 200 && comes === null) expect(lives.refusedCount).toBe(0);
        },
      ),
    );
  });

  it('keep the number of VMs where it is when as many come as end', () => {
    // Little's law: 2 a second that stay 100 s are 200; a Poisson number has its mean for variance
    const growth: Growth = {
      initialVms: 200,
      arrivals: { perSecond: 2 },
      lifetimes: { exponentialMeanNs: seconds(100) },
    };
    const lives = livesOf(growth, { vmCount: 3000 });
    for (const atS of [50, 200, 400, 600]) {
      const alive = [...lives.bootNs.keys()].filter((vm) => isAlive(lives, vm, seconds(atS))).length;
      expect(Math.abs(alive - 200)).toBeLessThan(5 * Math.sqrt(200));
    }
  });

  it('of one VM last as long whatever the rate of arrivals', () => {
    const at = (perSecond: number) => livesOf({ initialVms: 100, arrivals: { perSecond }, lifetimes: 'azure-buckets' });
    const [slow, fast] = [at(0.3), at(3)];
    const lifetimeOf = ({ bootNs, endNs }: VmLives, vm: number) => endNs![vm]! - bootNs[vm]!;
    const both = [...slow.bootOrder].filter((vm) => fast.bootNs[vm]! < Infinity);
    expect(both.length).toBeGreaterThan(200);
    expect(both.map((vm) => lifetimeOf(slow, vm))).toEqual(both.map((vm) => lifetimeOf(fast, vm)));
  });
});

describe('lifetimes', () => {
  const MINUTES = 60e9;
  const DRAWS = 20_000;

  it('of the Azure buckets fall into them as often as they should', () => {
    const stream = new RandomStreams(1).stream('lifetimes');
    const { whole } = lifetimeSampler('azure-buckets');
    const minutes = Array.from({ length: DRAWS }, () => whole(stream) / MINUTES);
    for (const [limit, share] of [
      [15, 0.29],
      [60, 0.61],
      [1440, 0.93],
    ] as const) {
      const tolerance = 5 * Math.sqrt((share * (1 - share)) / DRAWS);
      expect(Math.abs(minutes.filter((minute) => minute <= limit).length / DRAWS - share)).toBeLessThan(tolerance);
    }
  });

  it('that are left to VMs met by chance are as long as renewal theory has it', () => {
    const stream = new RandomStreams(1).stream('lifetimes');
    const { whole, rest } = lifetimeSampler('azure-buckets');
    const drawn = Array.from({ length: DRAWS }, () => whole(stream) / MINUTES);
    const left = Array.from({ length: DRAWS }, () => rest(stream) / MINUTES);
    // P(rest > t) = E[(lifetime - t)+] / E[lifetime]
    const mean = drawn.reduce((sum, minute) => sum + minute) / DRAWS;
    for (const limit of [60, 1440, 14_400, 72_000]) {
      const expected = drawn.reduce((sum, minute) => sum + Math.max(0, minute - limit), 0) / DRAWS / mean;
      const measured = left.filter((minute) => minute > limit).length / DRAWS;
      // the mean of 20,000 lifetimes is known to about 3 %
      expect(Math.abs(measured - expected)).toBeLessThan(0.05);
    }
  });

  it('without end are forever', () => {
    const stream = new RandomStreams(1).stream('lifetimes');
    expect(lifetimeSampler('forever').whole(stream)).toBe(Infinity);
    expect(lifetimeSampler('forever').rest(stream)).toBe(Infinity);
  });
});
