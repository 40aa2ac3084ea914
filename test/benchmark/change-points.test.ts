import { describe, expect, it } from 'vitest';
import { changePoints } from '../../src/benchmark/change-points.ts';
import { type RandomStream, RandomStreams } from '../../src/engine/random.ts';

type Levels = readonly (readonly [level: number, count: number])[];

/** Values around levels, each with a few percent of noise. */
function series(levels: Levels, seed: number, sigma = 0.02): number[] {
  const stream = new RandomStreams(seed).stream('noise');
  return levels.flatMap(([level, count]) =>
    Array.from({ length: count }, () => level * stream.logNormal({ median: 1, sigma })),
  );
}

const SERIES = 40;

/** In how many series of such levels all changes are found, within a value of where they are, and no others. */
function foundIn(levels: Levels, disturb: (values: number[], stream: RandomStream) => void = () => undefined): number {
  const wanted = levels
    .slice(1)
    .map((_, index) => levels.slice(0, index + 1).reduce((sum, [, count]) => sum + count, 0));
  const found = Array.from({ length: SERIES }, (_, seed) => {
    const values = series(levels, seed);
    disturb(values, new RandomStreams(seed).stream('outliers'));
    const changes = changePoints(values);
    return changes.length === wanted.length && changes.every((at, index) => Math.abs(at - wanted[index]!) <= 1);
  });
  return found.filter((one) => one).length;
}

/** A run beside a busy program. */
function outlier(values: number[], stream: RandomStream): void {
  values[stream.integer(values.length)]! *= 2;
}

/** In how many series of noise alone a change is found. */
function alarmsIn(count: number, values: (stream: RandomStream) => number[]): number {
  const found = Array.from({ length: count }, (_, seed) =>
    changePoints(values(new RandomStreams(seed).stream('noise'))),
  );
  return found.filter((changes) => changes.length > 0).length;
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

  it.each([
    [
      'of 15 % in 6 of 30 values',
      [
        [100, 12],
        [115, 6],
        [100, 12],
      ],
    ],
    [
      'of 15 % in 10 of 30 values',
      [
        [100, 10],
        [115, 10],
        [100, 10],
      ],
    ],
    [
      'of 25 % in 8 of 30 values',
      [
        [100, 11],
        [125, 8],
        [100, 11],
      ],
    ],
    [
      'of 15 % in 4 of 30 values',
      [
        [100, 13],
        [115, 4],
        [100, 13],
      ],
    ],
    [
      'that rose and fell below where it was',
      [
        [100, 12],
        [115, 6],
        [90, 6],
        [100, 12],
      ],
    ],
  ] as const)('finds a level that came and went: %s', (_, levels) => {
    expect(foundIn(levels)).toBeGreaterThanOrEqual(0.95 * SERIES);
  });

  it.each([
    [
      'of 8 %',
      [
        [100, 15],
        [108, 15],
      ],
    ],
    [
      'of 10 %',
      [
        [100, 15],
        [110, 15],
      ],
    ],
    [
      'of 15 %, downwards',
      [
        [115, 15],
        [100, 15],
      ],
    ],
    [
      'of 10 %, three values ago',
      [
        [100, 27],
        [110, 3],
      ],
    ],
    [
      'of 15 % in ten values',
      [
        [100, 5],
        [115, 5],
      ],
    ],
  ] as const)('finds a step %s', (_, levels) => {
    expect(foundIn(levels)).toBeGreaterThanOrEqual(0.95 * SERIES);
  });

  it('finds what an outlier would hide', () => {
    expect(
      foundIn(
        [
          [100, 15],
          [110, 15],
        ],
        outlier,
      ),
    ).toBeGreaterThanOrEqual(0.9 * SERIES);
    expect(
      foundIn(
        [
          [100, 12],
          [115, 6],
          [100, 12],
        ],
        outlier,
      ),
    ).toBeGreaterThanOrEqual(0.9 * SERIES);
  });

  it('takes outliers for no change', () => {
    expect(foundIn([[100, 30]], outlier)).toBe(SERIES);
    expect(changePoints([100, 100, 100, 100, 300, 300, 100, 100, 100, 100, 100, 100])).toEqual([]);
  });

  it.each([12, 30, 60])('seldom finds one in noise alone, of whatever size: %i values', (count) => {
    const noise = (sigma: number) =>
      alarmsIn(300, (stream) => Array.from({ length: count }, () => stream.logNormal({ median: 100, sigma })));
    expect(noise(0.02)).toBe(0);
    expect(noise(0.1)).toBeLessThanOrEqual(0.03 * 300);
    // many values are the same
    const steps = (stream: RandomStream) => Array.from({ length: count }, () => 10 + stream.integer(4));
    expect(alarmsIn(300, steps)).toBeLessThanOrEqual(0.03 * 300);
    // some are far out
    const tail = (stream: RandomStream) =>
      Array.from(
        { length: count },
        () => stream.uniform(98, 102) * (stream.chance(0.1) ? 1 + stream.exponential(0.2) : 1),
      );
    expect(alarmsIn(300, tail)).toBeLessThanOrEqual(0.03 * 300);
  });

  it('finds no change that is too small, nor one of equal values', () => {
    expect(foundIn([[100, 30]])).toBe(SERIES);
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
    expect(changePoints(Array.from({ length: 20 }, () => 0.1))).toEqual([]);
  });

  it('asks for three values on each side', () => {
    expect(changePoints([100, 100, 100, 200, 200])).toEqual([]);
    expect(changePoints([])).toEqual([]);
  });
});
