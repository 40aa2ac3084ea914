import { mean } from 'simple-statistics';
import { RandomStreams } from '../engine/random.ts';

export interface ChangePointOptions {
  /** How probable a change found in a series without one may be. */
  readonly alpha: number;
  /** A change of the mean by a smaller share is of no interest. */
  readonly minEffectRatio: number;
}

export const CHANGE_POINT_DEFAULTS: ChangePointOptions = { alpha: 0.01, minEffectRatio: 0.05 };

/** Values on each side of a change, at least. */
const SEGMENT_MIN = 3;
const PERMUTATIONS = 2_000;

/**
 * Where the level of a series changed: the indices of the first values of new levels, in order. Binary segmentation: the
 * split that explains most of the variance is a change if a permutation of the values seldom has one as good, and both
 * parts are looked at again. Works on logarithms, so that a change is a ratio; all values are positive.
 */
export function changePoints(values: readonly number[], options: ChangePointOptions = CHANGE_POINT_DEFAULTS): number[] {
  return changesBetween(values.map(Math.log), 0, options);
}

function changesBetween(values: readonly number[], offset: number, options: ChangePointOptions): number[] {
  const split = bestSplit(values);
  if (split === null || !isChange(values, split, options)) return [];
  return [
    ...changesBetween(values.slice(0, split.index), offset, options),
    offset + split.index,
    ...changesBetween(values.slice(split.index), offset + split.index, options),
  ];
}

interface Split {
  /** The first value of the second part. */
  readonly index: number;
  /** Sum of squares that the two means explain and one mean does not. */
  readonly gain: number;
}

function bestSplit(values: readonly number[]): Split | null {
  const count = values.length;
  const total = values.reduce((sum, value) => sum + value, 0);
  let best: Split | null = null;
  let left = 0;
  for (let index = 1; index <= count - SEGMENT_MIN; index++) {
    left += values[index - 1]!;
    if (index < SEGMENT_MIN) continue;
    const gain = left ** 2 / index + (total - left) ** 2 / (count - index) - total ** 2 / count;
    if (best === null || gain > best.gain) best = { index, gain };
  }
  return best;
}

function isChange(
  values: readonly number[],
  { index, gain }: Split,
  { alpha, minEffectRatio }: ChangePointOptions,
): boolean {
  const step = Math.abs(mean(values.slice(index)) - mean(values.slice(0, index)));
  if (step < Math.log(1 + minEffectRatio)) return false;
  const stream = new RandomStreams(values.length).stream('change points');
  const shuffled = [...values];
  let asGood = 1;
  for (let i = 0; i < PERMUTATIONS; i++) {
    for (let j = shuffled.length - 1; j > 0; j--) {
      const k = stream.integer(j + 1);
      [shuffled[j], shuffled[k]] = [shuffled[k]!, shuffled[j]!];
    }
    if (bestSplit(shuffled)!.gain >= gain) asGood++;
  }
  return asGood / (PERMUTATIONS + 1) <= alpha;
}
