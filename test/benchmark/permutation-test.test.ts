import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holmAdjusted, pairedTest, unpairedTest } from '../../src/benchmark/permutation-test.ts';

describe('paired test', () => {
  it('looks at all signs: eight pairs that all rose come up by chance in 2 of 256 ways', () => {
    const { p, ratio, leastP } = pairedTest(Array.from({ length: 8 }, (_, i) => [100 + i, (100 + i) * 1.1] as const));
    expect([p, leastP]).toEqual([2 / 256, 2 / 256]);
    expect(ratio).toBeCloseTo(1.1, 12);
  });

  it('finds nothing in pairs that are equal', () => {
    expect(
      pairedTest([
        [5, 5],
        [7, 7],
      ]),
    ).toEqual({ ratio: 1, p: 1, leastP: 1 / 2 });
  });

  it('draws permutations of many pairs', () => {
    const rose = Array.from({ length: 30 }, (_, i) => [100, i % 5 === 0 ? 95 : 110] as const);
    const mixed = Array.from({ length: 30 }, (_, i) => [100, i % 2 === 0 ? 95 : 105] as const);
    expect(pairedTest(rose).p).toBeLessThan(0.001);
    expect(pairedTest(mixed).p).toBeGreaterThan(0.5);
  });

  it('does not depend on which version is called the base', () => {
    const times = fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 })), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(times, (pairs) => {
        const one = pairedTest(pairs);
        const other = pairedTest(pairs.map(([base, head]) => [head, base] as const));
        expect(other.p).toBe(one.p);
        expect(other.ratio).toBeCloseTo(1 / one.ratio, 9);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses to test nothing', () => {
    expect(() => pairedTest([])).toThrow(RangeError);
  });
});

describe('unpaired test', () => {
  it('finds groups that are apart, and none that are not', () => {
    const low = [100, 101, 99, 100, 102, 98];
    const high = low.map((value) => value * 1.2);
    expect(unpairedTest(low, high).p).toBeLessThan(0.01);
    expect(unpairedTest(low, high).ratio).toBeCloseTo(1.2, 12);
    expect(unpairedTest(low, [...low].reverse()).p).toBeGreaterThan(0.9);
  });

  it('looks at all arrangements: of 8 and 8 that lie apart there are 2 of 12,870', () => {
    const low = Array.from({ length: 8 }, (_, i) => 100 + i);
    const { p, leastP } = unpairedTest(
      low,
      low.map((value) => value * 1.2),
    );
    expect([p, leastP]).toEqual([2 / 12_870, 2 / 12_870]);
  });

  it('has one arrangement that is the most extreme where groups differ in size', () => {
    const { p, leastP } = unpairedTest([100, 101, 102], [200]);
    expect([p, leastP]).toEqual([1 / 4, 1 / 4]);
  });

  it('draws arrangements of many', () => {
    const low = Array.from({ length: 20 }, (_, i) => 100 + (i % 7));
    const high = low.map((value) => value * 1.2);
    expect(unpairedTest(low, high)).toMatchObject({ p: 1 / 20_001, leastP: 1 / 20_001 });
  });
});

describe('Holm', () => {
  it('multiplies the least by the number of tests, the next by one less, and keeps their order', () => {
    expect(holmAdjusted([0.04, 0.01, 0.03])).toEqual([0.06, 0.03, 0.06]);
    expect(holmAdjusted([0.9, 0.8])).toEqual([1, 1]);
  });
});
