import { expect, it } from 'vitest';
import { growthCounters } from '../src/benchmark/growth-counters.ts';
import { grownCopy } from '../src/grown-copy.ts';

it('a grown copy begins as the array does, is counted, and is filled up', () => {
  const grown = growthCounters();
  expect([...grownCopy(Int32Array.of(1, 2), 4)]).toEqual([1, 2, 0, 0]);
  expect([...grownCopy(Float64Array.of(1), 3, -1)]).toEqual([1, -1, -1]);
  expect(grown()).toEqual({ grown_arrays: 2, grown_bytes: 4 * 4 + 3 * 8 });
});
