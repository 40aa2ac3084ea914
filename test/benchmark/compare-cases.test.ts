import { describe, expect, it } from 'vitest';
import { COMPARE_DEFAULTS, compareCases, isRegression, leastAdjustedP } from '../../src/benchmark/compare-cases.ts';
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

  it('names cases that only one version has', () => {
    const { onlyBase, onlyHead } = compareCases(
      [measured('a'), measured('b')],
      [measured('b'), measured('c')],
      INTERLEAVED,
    );
    expect([onlyBase, onlyHead]).toEqual([['a'], ['c']]);
  });

  it('knows how few processes are too few', () => {
    expect(leastAdjustedP({ base: 5, head: 5 }, { isInterleaved: true, costs: 1 })).toBe(1 / 16);
    expect(leastAdjustedP({ base: 2, head: 2 }, { isInterleaved: false, costs: 1 })).toBe(1 / 3);
  });
});
