import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/engine/random.ts';
import { CamRoom } from '../../src/protocol/cam-room.ts';
import { OVERFLOW_POLICIES, type OverflowPolicy } from '../../src/protocol/table-room.ts';
import { RoomedTable } from './roomed-table.ts';

const CAPACITY = 500;
const STATIONS = 2000;

/** Of `count` look-ups the share that finds nothing, once the table is full: each time one station speaks to another. */
function missRatio(policy: OverflowPolicy, count: number, draw: () => number): number {
  const table = new RoomedTable((entries) => new CamRoom(entries, { capacity: CAPACITY, policy, seed: 1 }));
  let misses = 0;
  const warmUp = 20 * STATIONS;
  for (let step = 0; step < warmUp + count; step++) {
    table.learn(draw(), step);
    if (!table.has(draw()) && step >= warmUp) misses++;
  }
  return misses / count;
}

describe('a table for a quarter of the stations', () => {
  it.each(OVERFLOW_POLICIES)('misses 1 - C/N of uniform demand, whoever is evicted: %s', (policy) => {
    const count = 40_000;
    const stream = new RandomStream(`uniform ${policy}`);
    const expected = 1 - CAPACITY / STATIONS;
    // the destination does not hang on what the table holds, so each look-up is a coin of its own
    const deviation = Math.sqrt((expected * (1 - expected)) / count);
    const measured = missRatio(policy, count, () => stream.integer(STATIONS));
    expect(Math.abs(measured - expected)).toBeLessThan(4 * deviation);
  });

  it('keeps by evict-lru what is popular, as the approximation of Che, Tung and Wang says', () => {
    const count = 100_000;
    const stream = new RandomStream('zipf');
    const weights = Array.from({ length: STATIONS }, (_, rank) => 1 / (rank + 1));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const shares = weights.map((weight) => weight / total);
    const cumulative: number[] = [];
    for (const share of shares) cumulative.push((cumulative.at(-1) ?? 0) + share);
    const draw = () => {
      const drawn = stream.next();
      let [low, high] = [0, STATIONS - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (cumulative[middle] > drawn) high = middle;
        else low = middle + 1;
      }
      return low;
    };
    // the time for which a silent station stays: that after which as many have spoken as the table holds
    const held = (time: number) => shares.reduce((sum, share) => sum - Math.expm1(-share * time), 0);
    let [low, high] = [0, 1e9];
    for (let step = 0; step < 100; step++) {
      const middle = (low + high) / 2;
      if (held(middle) < CAPACITY) low = middle;
      else high = middle;
    }
    const expected = shares.reduce((sum, share) => sum + share * Math.exp(-share * low), 0);
    const measured = missRatio('evict-lru', count, draw);
    // look-ups of one time share a table: the approximation is good to half a percent here, and chance to 4 deviations
    const deviation = Math.sqrt((expected * (1 - expected)) / count);
    expect(Math.abs(measured - expected)).toBeLessThan(0.005 + 4 * deviation);
    // and far below what the same table misses of uniform demand
    expect(measured).toBeLessThan(0.3);
  });
});
