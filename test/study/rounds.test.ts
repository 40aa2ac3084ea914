import { describe, expect, it } from 'vitest';
import { inRounds } from '../../src/study/rounds.ts';

describe('rounds', () => {
  it('have so many each, but for the last', () => {
    expect([...inRounds([1, 2, 3, 4, 5], 2)]).toEqual([[1, 2], [3, 4], [5]]);
    expect([...inRounds([1, 2, 3, 4], 2)]).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect([...inRounds([], 2)]).toEqual([]);
  });

  it('take no more than they give', () => {
    const taken: number[] = [];
    function* numbers() {
      for (let number = 0; ; number++) {
        taken.push(number);
        yield number;
      }
    }
    for (const round of inRounds(numbers(), 3)) if (round.includes(4)) break;
    expect(taken).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
