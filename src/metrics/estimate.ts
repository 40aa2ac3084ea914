import { studentTQuantile } from './distributions.ts';

/** How sure a confidence interval is. */
export const CONFIDENCE = 0.95;

/** What independent replications say about the mean of a quantity. */
export interface Estimate {
  readonly mean: number;
  /** The confidence interval reaches from `mean - halfWidth` to `mean + halfWidth`; null if one value tells none. */
  readonly halfWidth: number | null;
  /** Values that it rests on. */
  readonly count: number;
}

/**
 * Mean and two-sided 95 % confidence interval by Student's t, as of independent values that are about normally
 * distributed; null of no values.
 */
export function estimateMean(values: readonly number[]): Estimate | null {
  const count = values.length;
  if (count === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { mean, halfWidth: null, count };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const standardError = Math.sqrt(squares / (count - 1) / count);
  return { mean, halfWidth: studentTQuantile((1 + CONFIDENCE) / 2, count - 1) * standardError, count };
}

/**
 * By how much a quantity is more than another, from pairs of values that belong to one replication each. What both owe
 * to chance they share cancels out (common random numbers). A pair with a null tells nothing.
 */
export function estimateDifference(
  firsts: readonly (number | null)[],
  others: readonly (number | null)[],
): Estimate | null {
  return estimateMean(
    others.flatMap((other, index) => {
      const first = firsts[index] ?? null;
      return first === null || other === null ? [] : [other - first];
    }),
  );
}

/** `estimateDifference` of values by their seeds: those of one seed are a pair. */
export function estimateDifferenceBySeed(
  firsts: ReadonlyMap<number, number | null>,
  others: readonly (readonly [seed: number, value: number | null])[],
): Estimate | null {
  return estimateDifference(
    others.map(([seed]) => firsts.get(seed) ?? null),
    others.map(([, value]) => value),
  );
}

/** Replications that are never asked for: what needs more is not to be had by replications. */
const REPLICATIONS_MAX = 1_000_000;

/**
 * Replications in all after which the interval of the mean is likely to reach no further than `halfWidth`, if values go on
 * to scatter as those that there are; at least as many as there are. null if one value tells nothing of that, or if
 * more than a million would be needed.
 */
export function replicationsFor({ halfWidth, count }: Estimate, wantedHalfWidth: number): number | null {
  if (halfWidth === null) return null;
  if (halfWidth <= wantedHalfWidth) return count;
  const deviation = (halfWidth * Math.sqrt(count)) / studentTQuantile((1 + CONFIDENCE) / 2, count - 1);
  const reaches = (n: number) =>
    (studentTQuantile((1 + CONFIDENCE) / 2, n - 1) * deviation) / Math.sqrt(n) <= wantedHalfWidth;
  if (!(wantedHalfWidth > 0) || !reaches(REPLICATIONS_MAX)) return null;
  let [tooFew, enough] = [count, REPLICATIONS_MAX];
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (reaches(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}
