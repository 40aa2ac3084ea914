import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { END, NumberLists } from '../../src/wire/number-lists.ts';

describe('lists of numbers', () => {
  it('hold what arrays would', () => {
    const step = fc.tuple(
      fc.constantFrom('append', 'append', 'append', 'free'),
      fc.nat(9),
      fc.integer({ min: -9, max: 9 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const lists = new NumberLists();
        const heads: number[] = new Array(10).fill(END);
        const expected: number[][] = heads.map(() => []);
        for (const [kind, list, value] of steps) {
          if (kind === 'append') {
            heads[list] = lists.append(heads[list], value);
            expected[list].push(value);
          } else {
            lists.free(heads[list]);
            heads[list] = END;
            expected[list] = [];
          }
        }
        expect(heads.map((head) => valuesOf(lists, head))).toEqual(expected);
        for (const [list, values] of expected.entries()) {
          for (let value = -9; value <= 9; value++) {
            expect(lists.has(heads[list], value)).toBe(values.includes(value));
          }
        }
      }),
    );
  });

  it('take room again that was given back', () => {
    const lists = new NumberLists();
    const first = lists.append(END, 7);
    lists.append(first, 8);
    lists.free(first);
    const again = lists.append(lists.append(END, 1), 2);
    expect([again, lists.next(again)].sort()).toEqual([0, 1]);
  });
});

function valuesOf(lists: NumberLists, list: number): number[] {
  const values: number[] = [];
  for (let element = list; element !== END; element = lists.next(element)) values.push(lists.valueOf(element));
  return values;
}
