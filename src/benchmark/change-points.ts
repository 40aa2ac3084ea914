import { median } from 'simple-statistics';
import { RandomStreams } from '../engine/random.ts';

export interface ChangePointOptions {
  /** How probable it may be that a series without a change seems to have one. */
  readonly alpha: number;
  /** A change of the level by a smaller share is of no interest. */
  readonly minEffectRatio: number;
}

export const CHANGE_POINT_DEFAULTS: ChangePointOptions = { alpha: 0.02, minEffectRatio: 0.05 };

/** Values of a level, at least. */
const SEGMENT_MIN = 3;
const PERMUTATIONS = 2_000;

/** Differences that permutations of equal numbers bring by rounding. */
const ROUNDING = 1e-9;

/**
 * Where the level of a series changed: the indices of the first values of new levels, in order. Circular binary
 * segmentation (Olshen, Venkatraman, Lucito, Wigler 2004, Biostatistics 5): the arc of the series that differs most from the
 * rest is a level of its own if a permutation of the values seldom has one that differs as much, and each part is looked at
 * again. A single split, which plain binary segmentation asks for, finds no level that came and went.
 *
 * Differs from the paper: arcs that reach an end of the series are tested once more by themselves, because few places are
 * easier to stand out from than many, and the newest values are one of them; and the extremes of the values do not count
 * (`withoutExtremes`). Works on logarithms, so that a change is a ratio; all values are positive.
 */
export function changePoints(values: readonly number[], options: ChangePointOptions = CHANGE_POINT_DEFAULTS): number[] {
  const logarithms = values.map(Math.log);
  const changes = changesBetween(logarithms, 0, options.alpha);
  return ofSize(logarithms, changes, Math.log(1 + options.minEffectRatio));
}

function changesBetween(values: readonly number[], offset: number, alpha: number): number[] {
  const bounds = [0, ...splitsOf(withoutExtremes(values), alpha), values.length];
  if (bounds.length === 2) return [];
  return bounds.slice(1).flatMap((end, index) => {
    const start = bounds[index]!;
    const within = changesBetween(values.slice(start, end), offset + start, alpha);
    return index === 0 ? within : [offset + start, ...within];
  });
}

/**
 * The values, of which none is beyond the third from either end of their order. A level has three or more, so that nothing
 * of one is lost; a run or two beside a busy program would hide what all the others say. That holds for all permutations.
 */
function withoutExtremes(values: readonly number[]): number[] {
  const ordered = [...values].sort((one, other) => one - other);
  const [least, most] = [ordered[SEGMENT_MIN - 1]!, ordered[values.length - SEGMENT_MIN]!];
  return values.length < 2 * SEGMENT_MIN ? [...values] : values.map((value) => Math.min(most, Math.max(least, value)));
}

/** Where an arc that is a level of its own begins and ends within the values: two indices, one, or none. */
function splitsOf(values: readonly number[], alpha: number): number[] {
  for (const starts of ['anywhere', 'at the ends'] as const) {
    const arc = bestArc(values, starts);
    if (arc === null || !isSeldom(values, (shuffled) => bestArc(shuffled, starts)!.gain >= arc.gain, alpha / 2))
      continue;
    const ends = [arc.from, arc.to].filter((index) => index > 0 && index < values.length);
    // of an arc between others, one end may be no more than where noise began
    const splits = ends.length === 1 ? ends : ends.filter((index) => isApart(values, index, ends, alpha));
    if (splits.length > 0) return splits;
  }
  return [];
}

interface Arc {
  readonly from: number;
  /** The first value behind it. */
  readonly to: number;
  /** Sum of squares that the means of arc and rest explain and one mean does not. */
  readonly gain: number;
}

/** The arc that differs most from the rest; null where there is no room for one. Neither it nor a part beside it is short. */
function bestArc(values: readonly number[], starts: 'anywhere' | 'at the ends'): Arc | null {
  const count = values.length;
  const sums = new Float64Array(count + 1);
  for (let index = 0; index < count; index++) sums[index + 1] = sums[index]! + values[index]!;
  const mean = sums[count]! / count;
  let best: Arc | null = null;
  for (let from = 0; from <= count - SEGMENT_MIN; from = from === 0 ? SEGMENT_MIN : from + 1) {
    // what begins with the series is followed by the rest, so that an arc to the end is one of these as well
    if (starts === 'at the ends' && from > 0) break;
    for (let to = from + SEGMENT_MIN; to <= count - SEGMENT_MIN; to++) {
      const size = to - from;
      const excess = sums[to]! - sums[from]! - size * mean;
      const gain = (excess * excess * count) / (size * (count - size));
      if (best === null || gain > best.gain) best = { from, to, gain };
    }
  }
  return best;
}

/** Whether what holds of the values as they came holds of few permutations of them only. */
function isSeldom(values: readonly number[], holds: (shuffled: readonly number[]) => boolean, alpha: number): boolean {
  const stream = new RandomStreams(values.length).stream('change points');
  const shuffled = [...values];
  const heldMax = alpha * (PERMUTATIONS + 1);
  // the order that they came in is one of those that could be drawn
  let held = 1;
  for (let i = 0; i < PERMUTATIONS && held <= heldMax; i++) if (holds(stream.shuffle(shuffled))) held++;
  return held <= heldMax;
}

/** Whether the values before an index, from the split before it on, and behind it, to the next, are of two levels. */
function isApart(values: readonly number[], index: number, splits: readonly number[], alpha: number): boolean {
  const start = Math.max(0, ...splits.filter((split) => split < index));
  const end = Math.min(values.length, ...splits.filter((split) => split > index));
  const [before, after] = [values.slice(start, index), values.slice(index, end)];
  // no test of so many values can be surer
  if (Math.max(...before) < Math.min(...after) || Math.max(...after) < Math.min(...before)) return true;
  const both = [...before, ...after];
  const total = sumOf(both, both.length);
  const differenceOf = (order: readonly number[]) => {
    const sum = sumOf(order, before.length);
    return Math.abs(sum / before.length - (total - sum) / after.length);
  };
  const difference = differenceOf(both) * (1 - ROUNDING);
  return isSeldom(both, (shuffled) => differenceOf(shuffled) >= difference, alpha / 2);
}

function sumOf(values: readonly number[], count: number): number {
  let sum = 0;
  for (let index = 0; index < count; index++) sum += values[index]!;
  return sum;
}

/** Without the changes that are too small: the smallest goes first, and what it parted is one level. */
function ofSize(values: readonly number[], changes: readonly number[], leastStep: number): number[] {
  if (changes.length === 0) return [];
  const bounds = [0, ...changes, values.length];
  const levels = bounds.slice(1).map((end, index) => median(values.slice(bounds[index], end)));
  const steps = changes.map((_, index) => Math.abs(levels[index + 1]! - levels[index]!));
  const least = Math.min(...steps);
  if (least >= leastStep) return [...changes];
  const smallest = steps.indexOf(least);
  return ofSize(
    values,
    changes.filter((_, index) => index !== smallest),
    leastStep,
  );
}
