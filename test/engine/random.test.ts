import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/engine/random.ts';

const DRAWS = 20_000;

function draw(count: number, one: () => number): number[] {
  return Array.from({ length: count }, one);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('random streams', () => {
  it('give the same numbers for the same seed and name on every machine', () => {
    const stream = new RandomStreams(1).stream('arrivals');
    expect(draw(3, stream.next)).toEqual([0.12387541611678898, 0.4961084579117596, 0.6176689567510039]);
    expect(stream.exponential(1_000)).toBe(1054.814457449664);
    expect(stream.logNormal({ median: 1_000, sigma: 1 })).toBe(4170.292236169531);
  });

  it('do not disturb one another', () => {
    const alone = draw(100, new RandomStreams(1).stream('arrivals').next);
    const streams = new RandomStreams(1);
    const sizes = streams.stream('sizes');
    const arrivals = streams.stream('arrivals');
    const together = draw(100, () => {
      sizes.next();
      return arrivals.next();
    });
    expect(together).toEqual(alone);
  });

  it('differ by seed and by name, wherever the one ends and the other begins', () => {
    const firsts = [
      new RandomStreams(1).stream('arrivals'),
      new RandomStreams(2).stream('arrivals'),
      new RandomStreams(1).stream('sizes'),
      new RandomStreams('1,').stream('arrivals'),
      new RandomStreams('').stream('1,arrivals'),
    ].map((stream) => stream.next());
    expect(new Set(firsts).size).toBe(firsts.length);
    expect(new RandomStreams('1').stream('arrivals').next()).toBe(firsts[0]);
  });

  it('stay within their bounds', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 1_000_000 }), (seed, count) => {
        const stream = new RandomStreams(seed).stream('bounds');
        const integer = stream.integer(count);
        expect(Number.isInteger(integer) && integer >= 0 && integer < count).toBe(true);
        const number = stream.uniform(-count, count);
        expect(number >= -count && number < count).toBe(true);
        expect(stream.exponential(count)).toBeGreaterThanOrEqual(0);
        expect(stream.logNormal({ median: count, sigma: 2 })).toBeGreaterThan(0);
        expect([stream.chance(0), stream.chance(1)]).toEqual([false, true]);
      }),
    );
  });

  it('draw every integer equally often', () => {
    const stream = new RandomStreams(3).stream('dice');
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < DRAWS; i++) counts[stream.integer(6)]!++;
    const expected = DRAWS / 6;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(20.5); // five degrees of freedom: exceeded once in a thousand
  });

  it('draw exponentials of the mean asked for, and log-normals of the median and spread', () => {
    const stream = new RandomStreams(4).stream('shapes');
    expect(mean(draw(DRAWS, () => stream.exponential(500))) / 500).toBeCloseTo(1, 1);
    const logarithms = draw(DRAWS, () => Math.log(stream.logNormal({ median: 500, sigma: 2 }) / 500));
    expect(mean(logarithms)).toBeCloseTo(0, 1);
    expect(Math.sqrt(mean(logarithms.map((x) => x * x)))).toBeCloseTo(2, 1);
  });

  it('shuffle into each order equally often and lose nothing', () => {
    const stream = new RandomStreams(5).stream('orders');
    const counts = new Map<string, number>();
    for (let i = 0; i < 6_000; i++) {
      const order = stream.shuffle(['a', 'b', 'c']).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it('pick from what is there', () => {
    const stream = new RandomStreams(6).stream('picks');
    expect(new Set(Array.from({ length: 100 }, () => stream.pick(['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']));
    expect(() => stream.pick([])).toThrow('there is nothing to pick from');
  });
});
