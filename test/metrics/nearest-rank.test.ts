import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile } from '../../src/metrics/nearest-rank.ts';

describe('percentile', () => {
  it('follows the textbook example', () => {
    const values = [35, 20, 15, 50, 40];
    expect([5, 30, 40, 50, 100].map((p) => percentile(values, p))).toEqual([15, 20, 20, 35, 50]);
  });

  it('of nothing is null', () => {
    expect(percentile([], 50)).toBe(null);
  });

  it('is the smallest value that p % of the values do not exceed', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1 }), fc.integer({ min: 1, max: 100 }), (values, p) => {
        const result = percentile(values, p) ?? Number.NaN;
        const upTo = (bound: number) => values.filter((value) => value <= bound).length * 100;
        expect(values).toContain(result);
        expect(upTo(result)).toBeGreaterThanOrEqual(p * values.length);
        expect(upTo(result - 1)).toBeLessThan(p * values.length);
      }),
    );
  });

  it('refuses what is no percentage', () => {
    for (const p of [0, -1, 100.5, Number.NaN]) expect(() => percentile([1], p)).toThrow('a percentile lies above 0');
  });
});
