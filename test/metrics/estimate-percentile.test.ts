import { describe, expect, it } from 'vitest';
import { estimatePercentile } from '../../src/metrics/estimate-percentile.ts';

/** 1, 2, 3 … in some other order: a value is its rank. */
const ranks = (count: number) => Array.from({ length: count }, (_, index) => ((index * 7) % count) + 1);

describe('the percentile of a quantity over replications', () => {
  it('has the interval of order statistics (Conover, Practical Nonparametric Statistics, 3.2)', () => {
    const intervalOf = (count: number, p: number) => {
      const { low, high } = estimatePercentile(ranks(count), p)!;
      return [low, high];
    };
    expect(intervalOf(6, 50)).toEqual([1, 6]);
    expect(intervalOf(10, 50)).toEqual([2, 9]);
    expect(intervalOf(20, 50)).toEqual([6, 15]);
    expect(intervalOf(100, 50)).toEqual([40, 61]);
    expect(intervalOf(100, 90)).toEqual([84, 96]);
  });

  it('has none where values are too few', () => {
    expect(estimatePercentile([3, 1, 2, 5, 4], 50)).toEqual({ value: 3, low: null, high: null, count: 5 });
    expect(estimatePercentile(ranks(20), 90)).toEqual({ value: 18, low: null, high: null, count: 20 });
    expect(estimatePercentile([], 50)).toBeNull();
  });

  it('holds the median in 95 of 100 experiments or more', () => {
    // exactly: the chance that the ranks enclose it is that of 3 to 11 of 13 fair coins
    const { low, high } = estimatePercentile(ranks(13), 50)!;
    const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);
    const chance = (from: number, below: number) =>
      Array.from({ length: below - from }, (_, index) => choose(13, from + index)).reduce((sum, one) => sum + one) /
      2 ** 13;
    expect([low, high]).toEqual([3, 11]);
    expect(chance(low!, high!)).toBeGreaterThan(0.95);
    expect(chance(low! + 1, high! - 1)).toBeLessThan(0.95);
  });
});
