import { median } from 'simple-statistics';
import { RandomStreams } from '../engine/random.ts';

/** What a test of two versions found. */
export interface TestResult {
  /** How many times the base's time the head takes: the median of the pairs' ratios, or the ratio of the medians. */
  readonly ratio: number;
  /** How probable a difference at least as large is, in either direction, if the versions are the same. */
  readonly p: number;
  /** The least that `p` can be with so many numbers, however large the difference. */
  readonly leastP: number;
}

/** Up to here all permutations are looked at; beyond, so many are drawn. */
const EXACT_PERMUTATIONS_MAX = 1 << 16;
const DRAWN_PERMUTATIONS = 20_000;

/** Differences that permutations of equal numbers bring by rounding. */
const ROUNDING = 1e-9;

/**
 * Pairs of process medians that were measured one right after the other, so that what slows a machine for minutes slows
 * both: under the hypothesis of no difference, the sign of each pair's logarithmic ratio is a toss-up (Fisher's sign-flip
 * permutation test on the mean). Throws for no pairs.
 */
export function pairedTest(pairs: readonly (readonly [base: number, head: number])[]): TestResult {
  if (pairs.length === 0) throw new RangeError('a test of pairs needs one pair or more');
  const ratios = pairs.map(([base, head]) => Math.log(head / base));
  const observed = Math.abs(sumOf(ratios)) * (1 - ROUNDING);
  const isExtreme = (isFlipped: (index: number) => boolean): boolean => {
    let sum = 0;
    for (const [index, ratio] of ratios.entries()) sum += isFlipped(index) ? -ratio : ratio;
    return Math.abs(sum) >= observed;
  };
  const ratio = Math.exp(median(ratios));
  const leastP = leastPairedP(ratios.length);
  if (2 ** ratios.length <= EXACT_PERMUTATIONS_MAX) {
    let extreme = 0;
    for (let signs = 0; signs < 2 ** ratios.length; signs++) {
      if (isExtreme((index) => ((signs >>> index) & 1) === 1)) extreme++;
    }
    return { ratio, p: extreme / 2 ** ratios.length, leastP };
  }
  const stream = new RandomStreams(ratios.length).stream('permutations');
  return { ratio, p: drawnP(() => isExtreme(() => stream.next() < 0.5)), leastP };
}

/** The least `p` of so many pairs: that of all signs alike, one way or the other. */
export function leastPairedP(pairs: number): number {
  return ofDrawn(2 ** (1 - pairs), 2 ** pairs);
}

/**
 * Process medians of two runs that were not interleaved: the permutation test on the difference of the mean logarithms,
 * in which any of all of them could have been the base's. A machine that was slower during one of the runs looks like a
 * slower version; no test can tell them apart.
 */
export function unpairedTest(base: readonly number[], head: readonly number[]): TestResult {
  if (base.length === 0 || head.length === 0) throw new RangeError('a test needs a number on both sides');
  const pooled = [...base, ...head].map(Math.log);
  const total = sumOf(pooled);
  // the head's sum decides the difference of the means, since the total is the same in all permutations
  const expected = (total * head.length) / pooled.length;
  const observed = Math.abs(sumOf(pooled.slice(base.length)) - expected) * (1 - ROUNDING);
  const isExtreme = (headSum: number) => Math.abs(headSum - expected) >= observed;
  const ratio = median([...head]) / median([...base]);
  const leastP = leastUnpairedP(base.length, head.length);
  const arrangements = arrangementsOf(base.length, head.length);
  if (arrangements <= EXACT_PERMUTATIONS_MAX) {
    let extreme = 0;
    forEachSumOf(pooled, head.length, (headSum) => {
      if (isExtreme(headSum)) extreme++;
    });
    return { ratio, p: extreme / arrangements, leastP };
  }
  const stream = new RandomStreams(pooled.length).stream('permutations');
  const p = drawnP(() => {
    for (let i = 0; i < head.length; i++) {
      const j = i + stream.integer(pooled.length - i);
      [pooled[i], pooled[j]] = [pooled[j]!, pooled[i]!];
    }
    return isExtreme(sumOf(pooled.slice(0, head.length)));
  });
  return { ratio, p, leastP };
}

/** The least `p` of two groups: that of the groups lying apart. Of equal size, they can do so the other way round too. */
export function leastUnpairedP(base: number, head: number): number {
  const arrangements = arrangementsOf(base, head);
  return ofDrawn((base === head ? 2 : 1) / arrangements, arrangements);
}

/** In how many ways numbers can be the base's or the head's. */
function arrangementsOf(base: number, head: number): number {
  let arrangements = 1;
  for (let i = 1; i <= head; i++) arrangements = (arrangements * (base + i)) / i;
  return Math.round(arrangements);
}

/** Visits the sum of each choice of `count` of the values. */
function forEachSumOf(values: readonly number[], count: number, visit: (sum: number) => void): void {
  const choose = (from: number, left: number, sum: number): void => {
    if (left === 0) visit(sum);
    else for (let i = from; i <= values.length - left; i++) choose(i + 1, left - 1, sum + values[i]!);
  };
  choose(0, count, 0);
}

/** A least `p` where permutations are drawn if there are too many to look at all. */
function ofDrawn(leastP: number, permutations: number): number {
  return permutations <= EXACT_PERMUTATIONS_MAX ? leastP : Math.max(leastP, 1 / (DRAWN_PERMUTATIONS + 1));
}

/** The observed arrangement is one of those that could be drawn, so that p is never 0. */
function drawnP(isExtreme: () => boolean): number {
  let extreme = 1;
  for (let i = 0; i < DRAWN_PERMUTATIONS; i++) if (isExtreme()) extreme++;
  return extreme / (DRAWN_PERMUTATIONS + 1);
}

/** Adjusts probabilities for how many tests there are (Holm 1979): each can be compared with the level of the family. */
export function holmAdjusted(ps: readonly number[]): number[] {
  const adjusted = new Array<number>(ps.length);
  const order = ps.map((_, index) => index).sort((a, b) => ps[a]! - ps[b]!);
  let least = 0;
  for (const [rank, index] of order.entries()) {
    least = Math.max(least, Math.min(1, ps[index]! * (ps.length - rank)));
    adjusted[index] = least;
  }
  return adjusted;
}

function sumOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
