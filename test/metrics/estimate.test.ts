import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/engine/random.ts';
import { studentTQuantile } from '../../src/metrics/distributions.ts';
import { estimateDifference, estimateMean, replicationsFor } from '../../src/metrics/estimate.ts';

/** Standard normal by the sum of twelve uniform numbers, near enough for the counts below. */
function normal(stream: { next: () => number }): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += stream.next();
  return sum;
}

describe("quantile of Student's t distribution", () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2: upper critical values
  it.each([
    [1, 0.975, 12.706],
    [2, 0.975, 4.303],
    [3, 0.975, 3.182],
    [4, 0.975, 2.776],
    [5, 0.975, 2.571],
    [9, 0.975, 2.262],
    [10, 0.975, 2.228],
    [19, 0.975, 2.093],
    [29, 0.975, 2.045],
    [30, 0.975, 2.042],
    [60, 0.975, 2.0],
    [100, 0.975, 1.984],
    [5, 0.95, 2.015],
    [5, 0.995, 4.032],
    [5, 0.025, -2.571],
  ])('with %d degrees of freedom at %d is %d', (degreesOfFreedom, p, quantile) => {
    expect(studentTQuantile(p, degreesOfFreedom)).toBeCloseTo(quantile, 3);
  });

  it('follows its closed forms with one and two degrees of freedom', () => {
    for (const p of [0.6, 0.9, 0.975, 0.999]) {
      const [cauchy, two] = [Math.tan(Math.PI * (p - 0.5)), ((2 * p - 1) * Math.SQRT1_2) / Math.sqrt(p * (1 - p))];
      expect(Math.abs(studentTQuantile(p, 1) / cauchy - 1)).toBeLessThan(1e-6);
      expect(Math.abs(studentTQuantile(p, 2) / two - 1)).toBeLessThan(1e-6);
    }
  });
});

describe('estimate of a mean', () => {
  it('has an interval of t times the standard error', () => {
    // mean 5, standard deviation sqrt(10), standard error sqrt(2)
    const { mean, halfWidth, count } = estimateMean([1, 3, 5, 7, 9])!;
    expect({ mean, count }).toEqual({ mean: 5, count: 5 });
    expect(halfWidth).toBeCloseTo(2.7764 * Math.SQRT2, 3);
  });

  it('is a point where all values are equal, has no interval of one value, and is nothing of none', () => {
    expect(estimateMean([4, 4, 4])).toEqual({ mean: 4, halfWidth: 0, count: 3 });
    expect(estimateMean([4])).toEqual({ mean: 4, halfWidth: null, count: 1 });
    expect(estimateMean([])).toBeNull();
  });

  it('covers the true mean in 95 of 100 experiments', () => {
    const stream = new RandomStreams(1).stream('estimates');
    const trials = 4000;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { mean, halfWidth } = estimateMean(Array.from({ length: 5 }, () => 3 + normal(stream)))!;
      if (Math.abs(mean - 3) <= halfWidth!) covered++;
    }
    // three standard deviations of the count are 1 %
    expect(Math.abs(covered / trials - 0.95)).toBeLessThan(0.01);
  });
});

describe('estimate of a difference', () => {
  it('pairs what belongs to one replication, so that chance they share cancels', () => {
    const shared = [10, 500, 3000];
    const difference = estimateDifference(
      shared,
      shared.map((value) => value + 7),
    );
    expect(difference).toEqual({ mean: 7, halfWidth: 0, count: 3 });
  });

  it('leaves out replications in which one of the two has no value', () => {
    expect(estimateDifference([1, null, 5], [2, 9, null])).toEqual({ mean: 1, halfWidth: null, count: 1 });
    expect(estimateDifference([null], [2])).toBeNull();
  });
});

describe('replications for a wanted precision', () => {
  it('are the fewest whose interval reaches no further, of values that scatter alike', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 30 }),
        fc.double({ min: 0.5, max: 500, noNaN: true }),
        (values, wanted) => {
          const estimate = estimateMean(values)!;
          const deviation = Math.sqrt(
            values.reduce((sum, value) => sum + (value - estimate.mean) ** 2, 0) / (values.length - 1),
          );
          const halfWidth = (n: number) => (studentTQuantile(0.975, n - 1) * deviation) / Math.sqrt(n);
          const needed = replicationsFor(estimate, wanted);
          if (needed === null) {
            expect(halfWidth(1_000_000)).toBeGreaterThan(wanted * (1 - 1e-9));
            return;
          }
          expect(needed).toBeGreaterThanOrEqual(values.length);
          expect(halfWidth(needed)).toBeLessThanOrEqual(wanted * (1 + 1e-9));
          if (needed > values.length) expect(halfWidth(needed - 1)).toBeGreaterThan(wanted * (1 - 1e-9));
        },
      ),
    );
  });

  it('cannot be told of one value, nor for no interval at all', () => {
    expect(replicationsFor({ mean: 3, halfWidth: null, count: 1 }, 1)).toBeNull();
    expect(replicationsFor({ mean: 3, halfWidth: 1, count: 5 }, 0)).toBeNull();
    expect(replicationsFor({ mean: 3, halfWidth: 0, count: 5 }, 0)).toBe(5);
  });
});
