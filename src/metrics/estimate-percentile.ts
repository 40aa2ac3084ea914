import { binomialAtMost } from './distributions.ts';
import { CONFIDENCE } from './estimate.ts';
import { percentile } from './nearest-rank.ts';

/** What independent replications say about a percentile of a quantity. */
export interface PercentileEstimate {
  readonly value: number;
  /** The ends of the confidence interval, both of them values of replications; null if there are too few for one. */
  readonly low: number | null;
  readonly high: number | null;
  /** Values that it rests on. */
  readonly count: number;
}

/**
 * The p-th percentile by nearest rank, and its two-sided 95 % confidence interval by order statistics, which asks nothing of
 * how values are distributed: how many of them lie below the percentile is binomial. null of no values.
 */
export function estimatePercentile(values: readonly number[], p: number): PercentileEstimate | null {
  const value = percentile(values, p);
  if (value === null) return null;
  const sorted = values.toSorted((one, other) => one - other);
  const count = sorted.length;
  const trials = { n: count, p: p / 100 };
  const tail = (1 - CONFIDENCE) / 2;
  // ranks from 1: the greatest that is hardly ever above the percentile, and the least that is hardly ever below it
  let low = 0;
  while (low < count && binomialAtMost(low, trials) <= tail) low++;
  let high = count;
  while (high > 0 && binomialAtMost(high - 1, trials) >= 1 - tail) high--;
  high++;
  const hasInterval = low >= 1 && high <= count;
  return { value, low: hasInterval ? sorted[low - 1]! : null, high: hasInterval ? sorted[high - 1]! : null, count };
}
