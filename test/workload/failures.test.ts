import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/engine/random.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { seconds } from '../../src/units.ts';
import {
  drawFailures,
  type PlannedFailure,
  type RandomFailures,
  scheduleFailures,
} from '../../src/workload/failures.ts';

function run(failures: PlannedFailure[], untilNs: number): string[] {
  const simulation = new Simulation();
  const log: string[] = [];
  const note = (kind: string) => (index: number, isUp: boolean, dueNs?: number) => {
    const due = dueNs === undefined || isUp ? '' : ` until ${dueNs / 1e9}s`;
    log.push(`${simulation.nowNs / 1e9}s ${kind}${index} ${isUp ? 'up' : 'down'}${due}`);
  };
  scheduleFailures({
    simulation,
    failures,
    serversAt: (switchIndex) => [switchIndex * 2, switchIndex * 2 + 1],
    setLinkUp: note('link'),
    setSwitchUp: note('switch'),
    setServerUp: note('server'),
  });
  simulation.run(untilNs);
  return log;
}

describe('failures', () => {
  it('take links, switches and servers down and bring them back at their times', () => {
    const log = run(
      [
        { kind: 'switch', index: 3, failNs: seconds(4), restoreNs: seconds(6) },
        { kind: 'link', index: 1, failNs: seconds(2), restoreNs: seconds(5) },
        { kind: 'server', index: 7, failNs: seconds(3), restoreNs: seconds(7) },
      ],
      seconds(10),
    );
    expect(log).toEqual([
      '2s link1 down',
      '3s server7 down until 7s',
      '4s switch3 down',
      '5s link1 up',
      '6s switch3 up',
      '7s server7 up',
    ]);
  });

  it('take a rack down with its switch and all its servers', () => {
    expect(run([{ kind: 'rack', index: 2, failNs: seconds(1), restoreNs: seconds(2) }], seconds(10))).toEqual([
      '1s switch2 down',
      '1s server4 down until 2s',
      '1s server5 down until 2s',
      '2s switch2 up',
      '2s server4 up',
      '2s server5 up',
    ]);
  });

  it('last for good without a time of repair', () => {
    expect(run([{ kind: 'link', index: 0, failNs: seconds(1), restoreNs: null }], seconds(100))).toEqual([
      '1s link0 down',
    ]);
    expect(run([{ kind: 'server', index: 0, failNs: seconds(1), restoreNs: null }], seconds(100))).toEqual([
      '1s server0 down until Infinitys',
    ]);
  });

  it('of one link that overlap are over when the last of them is', () => {
    const log = run(
      [
        { kind: 'link', index: 0, failNs: seconds(1), restoreNs: seconds(5) },
        { kind: 'link', index: 0, failNs: seconds(3), restoreNs: seconds(4) },
        { kind: 'switch', index: 0, failNs: seconds(2), restoreNs: null },
      ],
      seconds(10),
    );
    expect(log).toEqual(['1s link0 down', '2s switch0 down', '5s link0 up']);
  });

  it('of a server and of its rack that overlap say when the last of them will be over', () => {
    const log = run(
      [
        { kind: 'server', index: 1, failNs: seconds(1), restoreNs: seconds(3) },
        { kind: 'rack', index: 0, failNs: seconds(2), restoreNs: seconds(9) },
      ],
      seconds(10),
    );
    expect(log.filter((line) => line.includes('server1'))).toEqual([
      '1s server1 down until 3s',
      '2s server1 down until 9s',
      '9s server1 up',
    ]);
  });
});

describe('random failures', () => {
  const RANDOM: RandomFailures = {
    kind: 'link',
    candidates: [3, 5, 8],
    count: 300,
    meanTimeBetweenNs: null,
    startNs: seconds(100),
    endNs: seconds(200),
    repairNs: seconds(5),
    repair: 'exponential',
  };
  const draw = (changed: Partial<RandomFailures>, seed = 1) =>
    drawFailures({ ...RANDOM, ...changed }, new RandomStreams(seed).stream('failures'));

  it('are as many as asked for, in order, within their time, of what may fail', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer(), (count, seed) => {
        const failures = draw({ count }, seed);
        expect(failures).toHaveLength(count);
        let beforeNs = RANDOM.startNs;
        for (const { kind, index, failNs, restoreNs } of failures) {
          expect(kind).toBe('link');
          expect(RANDOM.candidates).toContain(index);
          expect(failNs).toBeGreaterThanOrEqual(beforeNs);
          expect(failNs).toBeLessThan(RANDOM.endNs);
          expect(restoreNs).toBeGreaterThan(failNs);
          beforeNs = failNs;
        }
      }),
    );
  });

  it('are a Poisson process of the mean time between two', () => {
    const counts = Array.from({ length: 400 }, (_, seed) => {
      return draw({ count: null, meanTimeBetweenNs: seconds(10) }, seed).length;
    });
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (counts.length - 1);
    // 10 on average in 100 s, with the same variance: four standard errors of each
    expect(Math.abs(mean - 10)).toBeLessThan(4 * Math.sqrt(10 / 400));
    expect(Math.abs(variance - 10)).toBeLessThan(4 * 10 * Math.sqrt(2 / 399 + 1 / (400 * 10)));
  });

  it('take their mean time to repair', () => {
    const repairsNs = draw({ count: 2000 }).map(({ failNs, restoreNs }) => restoreNs! - failNs);
    const meanNs = repairsNs.reduce((sum, repairNs) => sum + repairNs, 0) / repairsNs.length;
    expect(Math.abs(meanNs / seconds(5) - 1)).toBeLessThan(4 / Math.sqrt(2000));
    const fixed = draw({ repair: 'fixed' });
    expect(new Set(fixed.map(({ failNs, restoreNs }) => restoreNs! - failNs))).toEqual(new Set([seconds(5)]));
  });

  it('hit the same things at the same times however they are repaired', () => {
    const of = (changed: Partial<RandomFailures>) => draw(changed).map(({ index, failNs }) => ({ index, failNs }));
    expect(of({ repair: 'fixed' })).toEqual(of({}));
    expect(of({ repairNs: null })).toEqual(of({}));
  });
});
