import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PairRecords } from '../../src/wire/pair-records.ts';

describe('records of pairs', () => {
  it('are found, changed and forgotten as in a map', () => {
    const key = fc.integer({ min: -3, max: 200 });
    const step = fc.tuple(fc.constantFrom('add', 'remove'), key, key, fc.integer());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 1000 }), (steps) => {
        const records = new PairRecords(2);
        const expected = new Map<string, number>();
        for (const [kind, a, b, value] of steps) {
          if (kind === 'add') {
            const o = records.add(a, b);
            expect(records.words[o]).toBe(expected.get(`${a} ${b}`) ?? 0);
            records.words[o] = value;
            records.words[o + 1] = ~value;
            expected.set(`${a} ${b}`, value);
          } else {
            records.remove(a, b);
            expected.delete(`${a} ${b}`);
          }
        }
        expect(records.size).toBe(expected.size);
        for (const [pair, value] of expected) {
          const [a, b] = pair.split(' ').map(Number) as [number, number];
          const o = records.find(a, b);
          expect([records.words[o], records.words[o + 1]]).toEqual([value, ~value]);
        }
        for (const [, a, b] of steps) expect(records.find(a, b) >= 0).toBe(expected.has(`${a} ${b}`));
      }),
    );
  });
});
