import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/engine/random.ts';
import { type CountDistribution, countSampler } from '../../src/workload/count-distribution.ts';

const DRAWS = 40_000;

/** Mean and variance of a distribution over 1, 2, 3 … given by its probabilities. */
function momentsOf(probabilityOf: (count: number) => number, max: number) {
  let mean = 0;
  let square = 0;
  for (let count = 1; count <= max; count++) {
    mean += count * probabilityOf(count);
    square += count * count * probabilityOf(count);
  }
  return { mean, variance: square - mean * mean };
}

function drawn(distribution: CountDistribution): number[] {
  const sample = countSampler(distribution);
  const stream = new RandomStreams(1).stream('counts');
  return Array.from({ length: DRAWS }, () => sample(stream));
}

const zipfSum = Array.from({ length: 100 }, (_, i) => (i + 1) ** -1.5).reduce((sum, weight) => sum + weight);

describe('a count by chance', () => {
  it.each<[string, CountDistribution, (count: number) => number]>([
    ['uniform', { uniform: { min: 3, max: 12 } }, (k) => (k >= 3 && k <= 12 ? 0.1 : 0)],
    ['geometric', { geometric: { mean: 8, max: 10_000 } }, (k) => (1 / 8) * (7 / 8) ** (k - 1)],
    ['by a power law', { powerLaw: { exponent: 1.5, min: 1, max: 100 } }, (k) => (k > 100 ? 0 : k ** -1.5 / zipfSum)],
    [
      'by points',
      {
        cdf: [
          [2, 0.5],
          [12, 1],
        ],
      },
      (k) => (k === 2 ? 0.5 : k > 2 && k <= 12 ? 0.05 : 0),
    ],
  ])('has the mean of its distribution: %s', (_, distribution, probabilityOf) => {
    const counts = drawn(distribution);
    const { mean, variance } = momentsOf(probabilityOf, 1000);
    // five standard errors of the mean
    const tolerance = 5 * Math.sqrt(variance / DRAWS);
    expect(Math.abs(counts.reduce((sum, count) => sum + count) / DRAWS - mean)).toBeLessThan(tolerance);
    expect(counts.every((count) => Number.isInteger(count) && probabilityOf(count) > 0)).toBe(true);
  });

  it('has its median and its bounds when it is log-normal', () => {
    const counts = drawn({ logNormal: { median: 20, sigma: 1, min: 5, max: 100 } });
    const below = counts.filter((count) => count < 20).length;
    const at = counts.filter((count) => count === 20).length;
    // a share of one half has a standard error of 0.5 / √n
    const tolerance = (5 * 0.5 * DRAWS) / Math.sqrt(DRAWS);
    expect(below).toBeLessThan(DRAWS / 2 + tolerance);
    expect(below + at).toBeGreaterThan(DRAWS / 2 - tolerance);
    expect([Math.min(...counts), Math.max(...counts)]).toEqual([5, 100]);
  });

  it('is what it says and draws nothing when it is fixed', () => {
    const stream = new RandomStreams(1).stream('counts');
    expect([countSampler(7)(stream), countSampler(7)(stream)]).toEqual([7, 7]);
    expect(stream.next()).toBe(new RandomStreams(1).stream('counts').next());
  });
});
