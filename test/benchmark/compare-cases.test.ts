import { describe, expect, it } from 'vitest';
import { BenchError } from '../../src/benchmark/case-report.ts';
import {
  COMPARE_DEFAULTS,
  compareCases,
  costsBeyondTest,
  isRegression,
  processesNeeded,
} from '../../src/benchmark/compare-cases.ts';
import type { MeasuredCase } from '../../src/benchmark/measure-cases.ts';

const TIMES = [100, 104, 98, 101, 99, 103, 97, 102, 100, 105, 96, 101];

function measured(name: string, { factor = 1, events = 7, peakFactor = 1 } = {}): MeasuredCase {
  return {
    case: name,
    level: 'micro',
    counters: { events, fingerprint: 'f' },
    samplesNs: { run: TIMES.map((time) => [time * factor]) },
    peakRssBytes: TIMES.map((time) => time * 1e6 * peakFactor),
  };
}

const INTERLEAVED = { ...COMPARE_DEFAULTS, isInterleaved: true };

describe('compareCases', () => {
  it('finds nothing between equal versions', () => {
    const comparison = compareCases([measured('a')], [measured('a')], INTERLEAVED);
    expect(comparison.costs.map(({ verdict }) => verdict)).toEqual(['same', 'same']);
    expect(isRegression(comparison)).toBe(false);
  });

  it('finds more time and more memory, and says which', () => {
    const head = [measured('a', { factor: 1.1 }), measured('b', { peakFactor: 1.2 }), measured('c', { factor: 0.8 })];
    const comparison = compareCases([measured('a'), measured('b'), measured('c')], head, INTERLEAVED);
    const verdicts = comparison.costs.map(({ case: name, measure, verdict }) => `${name} ${measure} ${verdict}`);
    expect(verdicts).toEqual([
      ...['a run slower', 'a peak_rss same', 'b run same', 'b peak_rss more', 'c run faster', 'c peak_rss same'],
    ]);
    expect(isRegression(comparison)).toBe(true);
  });

  it('does not mind what is sure but small', () => {
    const [run] = compareCases([measured('a')], [measured('a', { factor: 1.03 })], INTERLEAVED).costs;
    expect(run!.p).toBeLessThan(0.001);
    expect(run!.verdict).toBe('same');
  });

  it('takes every other counter for a regression', () => {
    const comparison = compareCases([measured('a')], [measured('a', { events: 8 })], INTERLEAVED);
    expect(comparison.counters).toEqual([{ case: 'a', counter: 'events', base: 7, head: 8 }]);
    expect(isRegression(comparison)).toBe(true);
  });

  it('takes a case that is gone for a regression, unless that is meant, and a new one for none', () => {
    const [a, b, c] = [measured('a'), measured('b'), measured('c')];
    const gone = compareCases([a, b], [b, c], INTERLEAVED);
    expect([gone.onlyBase, gone.onlyHead]).toEqual([['a'], ['c']]);
    expect([isRegression(gone), isRegression(gone, { isWorkAccepted: true })]).toEqual([true, false]);
    expect(isRegression(compareCases([a], [a, b], INTERLEAVED))).toBe(false);
  });

  it('accepts other work, but not more time', () => {
    const both = compareCases([measured('a')], [measured('a', { events: 8, factor: 1.2 })], INTERLEAVED);
    expect(isRegression(both, { isWorkAccepted: true })).toBe(true);
  });

  it('refuses versions that share no case', () => {
    expect(() => compareCases([measured('a'), measured('b')], [measured('c')], INTERLEAVED)).toThrow(
      new BenchError('there is no case that both have: the base has a, b; the head has c'),
    );
  });

  it('leaves times and memory out if it is told to', () => {
    const options = { ...INTERLEAVED, isOfCountersOnly: true };
    const comparison = compareCases([measured('a')], [measured('a', { factor: 2, events: 8 })], options);
    expect([comparison.costs, comparison.counters.length]).toEqual([[], 1]);
  });
});

describe('too few processes', () => {
  const few = (one: MeasuredCase, processes: number): MeasuredCase => ({
    ...one,
    samplesNs: { run: one.samplesNs.run!.slice(0, processes) },
    peakRssBytes: one.peakRssBytes.slice(0, processes),
  });

  it('are those with which no change is found, however large', () => {
    const options = { ...COMPARE_DEFAULTS, isInterleaved: false };
    for (const [processes, expected] of [
      [4, 'same'],
      [5, 'slower'],
    ] as const) {
      const head = few(measured('a', { factor: 10 }), processes);
      const { costs } = compareCases([few(measured('a'), processes)], [head], options);
      expect(costs[0]!.verdict).toBe(expected);
      expect(costsBeyondTest(costs, options.alpha)).toHaveLength(expected === 'same' ? 2 : 0);
    }
  });

  it('are fewer than what is needed for that many costs', () => {
    const needed = (costs: number, isInterleaved: boolean, alpha = 0.05) =>
      processesNeeded(costs, { isInterleaved, alpha });
    // 2 of 2^5 signs are 0.06; 2 of 70 and of 252 arrangements 0.03 and 0.008
    expect([needed(1, true), needed(1, false), needed(2, false)]).toEqual([6, 4, 5]);
    // two costs of 25 cases: 2 of 2^11 signs and of 3,432 arrangements
    expect([needed(50, true), needed(50, false)]).toEqual([11, 7]);
    expect(needed(1, true, 0)).toBeNull();
  });
});
