import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FlowSizeDistribution,
  type FlowSizePoint,
  flowSizeProblems,
  PUBLISHED_FLOW_SIZES,
} from '../../src/workload/flow-size-distribution.ts';

/** Probabilities 1/n … n/n with sizes that do not shrink. */
const anyCdf = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 12 }).map((steps) => {
  let sizeBytes = 1;
  return steps.map((step, index): FlowSizePoint => {
    sizeBytes += step;
    return { sizeBytes, probability: (index + 1) / steps.length };
  });
});

describe('flow sizes', () => {
  for (const [name, cdf] of Object.entries(PUBLISHED_FLOW_SIZES)) {
    it(`of ${name} have the published share of flows at or below each point`, () => {
      const sizes = new FlowSizeDistribution(cdf);
      const drawCount = 10_000;
      // evenly spread draws stand for random ones: the shares then match to one draw, apart from rounding to bytes
      const drawn = Array.from({ length: drawCount }, (_, draw) => sizes.sampleBytes((draw + 0.5) / drawCount));
      for (const { sizeBytes, probability } of cdf.slice(1)) {
        const share = drawn.filter((size) => size <= sizeBytes).length / drawCount;
        expect(Math.abs(share - probability), `${sizeBytes} bytes`).toBeLessThanOrEqual(0.002);
      }
    });

    it(`of ${name} average to the mean that the points give`, () => {
      const sizes = new FlowSizeDistribution(cdf);
      const drawCount = 20_000;
      let sum = 0;
      for (let draw = 0; draw < drawCount; draw++) sum += sizes.sampleBytes((draw + 0.5) / drawCount);
      expect(sum / drawCount / sizes.meanBytes).toBeCloseTo(1, 2);
    });
  }

  it('of web search have a mean of 1.71 MB', () => {
    expect(new FlowSizeDistribution(PUBLISHED_FLOW_SIZES['web-search']).meanBytes).toBeCloseTo(1_711_250, 3);
  });

  it('lie halfway between two points for a draw halfway between their probabilities', () => {
    const sizes = new FlowSizeDistribution(PUBLISHED_FLOW_SIZES['web-search']);
    expect(sizes.sampleBytes(0.75)).toBe(1_500_000);
  });

  it('are all alike when the only point has the probability 1', () => {
    const sizes = new FlowSizeDistribution([{ sizeBytes: 10_000, probability: 1 }]);
    expect([0, 0.3, 0.999_999].map((uniform) => sizes.sampleBytes(uniform))).toEqual([10_000, 10_000, 10_000]);
    expect(sizes.meanBytes).toBe(10_000);
  });

  it('are at least one byte', () => {
    const sizes = new FlowSizeDistribution(PUBLISHED_FLOW_SIZES['data-mining']);
    expect(sizes.sampleBytes(0)).toBe(1);
  });

  it('grow with the draw and stay within the points', () => {
    const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(anyCdf, draw, draw, (cdf, one, other) => {
        const sizes = new FlowSizeDistribution(cdf);
        const smaller = sizes.sampleBytes(Math.min(one, other));
        const larger = sizes.sampleBytes(Math.max(one, other));
        expect(smaller).toBeLessThanOrEqual(larger);
        expect(smaller).toBeGreaterThanOrEqual(cdf[0]!.sizeBytes);
        expect(larger).toBeLessThanOrEqual(cdf.at(-1)!.sizeBytes);
      }),
    );
  });
});

describe('points of a cumulative distribution', () => {
  const problemsOf = (rows: [number, number][]) =>
    flowSizeProblems(rows.map(([sizeBytes, probability]): FlowSizePoint => ({ sizeBytes, probability })));

  it('are accepted when sizes and probabilities grow to 1', () => {
    expect(
      problemsOf([
        [1, 0],
        [1, 0.5],
        [9, 1],
      ]),
    ).toEqual([]);
  });

  it('are refused when a probability falls', () => {
    expect(
      problemsOf([
        [7, 0.175],
        [8, 0.164],
        [9, 1],
      ]),
    ).toEqual([{ index: 1, message: 'got 0.164 after 0.175, expected probabilities to grow' }]);
  });

  it('are refused when a size shrinks', () => {
    expect(
      problemsOf([
        [7, 0.1],
        [6, 1],
      ]).map(({ index }) => index),
    ).toEqual([1]);
  });

  it('are refused when they do not end at 1, or lie outside 0 to 1', () => {
    expect(problemsOf([[7, 0.5]])[0]!.message).toContain('last probability to be 1');
    expect(
      problemsOf([
        [7, 50],
        [8, 100],
      ])[0]!.message,
    ).toContain('probability of 0 to 1');
    expect(problemsOf([])).toHaveLength(1);
    expect(() => new FlowSizeDistribution([])).toThrow(RangeError);
  });
});
