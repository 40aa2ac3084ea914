import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SegmentSets } from '../../src/device/segment-sets.ts';

describe('sets of segments', () => {
  it('have what was put in and not taken out, whatever else is made beside them', () => {
    const segments = fc.uniqueArray(fc.nat({ max: 5000 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(segments, { minLength: 1, maxLength: 20 }), (lists) => {
        const sets = new SegmentSets();
        const numbers = lists.map((list) => sets.add(list));
        numbers.forEach((set, i) => {
          sets.put(set, lists[i]![0]!, false);
        });
        numbers.forEach((set, i) => {
          const members = Array.from({ length: 5100 }, (_, segment) => segment).filter((each) => sets.has(set, each));
          expect(members).toEqual(lists[i]!.slice(1).sort((a, b) => a - b));
        });
      }),
      { numRuns: 30 },
    );
  });

  it('take no segment above those that they were made for, which they do not have', () => {
    const sets = new SegmentSets();
    const set = sets.addEmpty(33);
    sets.add([64]);
    expect(sets.has(set, 64)).toBe(false);
    sets.put(set, 63, true);
    expect(sets.has(set, 63)).toBe(true);
    expect(() => sets.put(set, 64, true)).toThrow('was made for lower segments than 64');
  });
});
