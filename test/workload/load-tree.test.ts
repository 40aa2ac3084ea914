import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoadTree } from '../../src/workload/load-tree.ts';

describe('a load tree', () => {
  it('finds the least of a range and the first that is small enough, as a search through all would', () => {
    const change = fc.record({ place: fc.nat(100), by: fc.integer({ min: -3, max: 5 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(change), fc.nat(20), fc.nat(20), (count, changes, a, b) => {
        const tree = new LoadTree(count);
        const loads = new Array<number>(count).fill(0);
        for (const { place, by } of changes) {
          loads[place % count]! += by;
          expect(tree.add(place % count, by)).toBe(loads[place % count]);
        }
        const [first, end] = [Math.min(a, b) % count, Math.min(count, Math.max(a, b) + 1)];
        const range = loads.slice(first, end);
        if (range.length > 0) expect(tree.leastIn(first, end)).toBe(Math.min(...range));
        for (const limit of [-2, 0, 3, Infinity]) {
          const found = loads.findIndex((load, place) => place >= first && load <= limit);
          expect(tree.firstAtMost(first, limit)).toBe(found);
        }
      }),
    );
  });
});
