import { expect, it } from 'vitest';
import { growthCounters } from '../src/benchmark/growth-counters.ts';
import { grownCopy, roomierLength } from '../src/grown-copy.ts';

it('a grown copy begins as the array does, is counted, and is filled up', () => {
  const grown = growthCounters();
  expect([...grownCopy(Int32Array.of(1, 2), 4)]).toEqual([1, 2, 0, 0]);
  expect([...grownCopy(Float64Array.of(1), 3, -1)]).toEqual([1, -1, -1]);
  expect(grown()).toEqual({ grown_arrays: 2, grown_bytes: 4 * 4 + 3 * 8 });
});

it('a store doubles while it is small, grows by an eighth when it is large, and has what is needed at least', () => {
  expect([64, 2048].map((length) => roomierLength(length, length + 1))).toEqual([128, 4096]);
  expect(roomierLength(64_000, 64_001)).toBe(72_000);
  expect([roomierLength(64, 1000), roomierLength(64_000, 100_000)]).toEqual([1024, 100_032]);
  // whatever a record's words are, as long as 64 is a multiple of them
  expect(roomierLength(4100, 4101) % 64).toBe(0);
});
