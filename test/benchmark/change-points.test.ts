import { describe, expect, it } from 'vitest';
import { changePoints } from '../../src/benchmark/change-points.ts';
import { RandomStreams } from '../../src/engine/random.ts';

/** Values around levels, each with a few percent of noise. */
function series(levels: readonly (readonly [level: number, count: number])[], seed: number): number[] {
  const stream = new RandomStreams(seed).stream('noise');
  return levels.flatMap(([level, count]) => Array.from({ length: count }, () => level * stream.uniform(0.98, 1.02)));
}

describe('change points', () => {
  it('finds where levels change', () => {
    expect(
      changePoints(
        series(
          [
            [100, 12],
            [112, 10],
            [90, 9],
          ],
          1,
        ),
      ),
    ).toEqual([12, 22]);
  });

  it('finds none in noise, in ever so many series, nor a change that is too small', () => {
    const found = Array.from({ length: 40 }, (_, seed) => changePoints(series([[100, 30]], seed)));
    expect(found.flat()).toEqual([]);
    expect(
      changePoints(
        series(
          [
            [100, 30],
            [102, 30],
          ],
          3,
        ),
      ),
    ).toEqual([]);
  });

  it('asks for three values on each side', () => {
    expect(changePoints([100, 100, 100, 200, 200])).toEqual([]);
    expect(changePoints([])).toEqual([]);
  });
});
