import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { warmUpOf } from '../../src/metrics/warm-up.ts';

describe('the warm-up of a series, by MSER-5', () => {
  it('is left out as far as it differs from what follows', () => {
    // a constant after a start of 40 samples: to the batch of five
    const series = Array.from({ length: 200 }, (_, index) => (index < 40 ? 1000 - 20 * index : 7));
    expect(warmUpOf(series)).toEqual({ samples: 40, isSettled: true });
  });

  it('is as the statistic says, reckoned straight from its definition', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 1000 }), { minLength: 20, maxLength: 120 }), (series) => {
        const count = Math.floor(series.length / 5);
        const means = Array.from({ length: count }, (_, batch) => {
          return series.slice(5 * batch, 5 * batch + 5).reduce((sum, value) => sum + value) / 5;
        });
        const statistic = (start: number) => {
          const kept = means.slice(start);
          const mean = kept.reduce((sum, value) => sum + value) / kept.length;
          return kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / kept.length ** 2;
        };
        const { samples, isSettled } = warmUpOf(series)!;
        expect(samples % 5).toBe(0);
        const starts = Array.from({ length: count - 2 }, (_, start) => start);
        const least = Math.min(...starts.map(statistic));
        expect(statistic(samples / 5)).toBeCloseTo(least, 6);
        expect(isSettled).toBe(samples / 5 <= count / 2);
      }),
    );
  });

  it('is not over where a series only grows', () => {
    const series = Array.from({ length: 100 }, (_, index) => index ** 2);
    expect(warmUpOf(series)).toMatchObject({ isSettled: false });
  });

  it('is not to be told of few samples', () => {
    expect(warmUpOf(new Float64Array(19))).toBeNull();
    expect(warmUpOf(new Float64Array(20))).toEqual({ samples: 0, isSettled: true });
  });
});
