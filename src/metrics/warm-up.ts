/** Samples that are averaged before anything else is asked of them. */
const BATCH_SIZE = 5;

/** Where a series has settled. */
export interface WarmUp {
  /** Samples to leave out at the beginning. */
  readonly samples: number;
  /** False: it had not settled before its middle, so that the run is too short to say. */
  readonly isSettled: boolean;
}

/**
 * How many samples at the beginning of a series are of its start and not of the steady state, by MSER-5 (White, Cobb and
 * Spratt, "A comparison of five steady-state truncation heuristics for simulation", WSC 2000): over means of five samples,
 * the beginning is left out without which the standard error of the mean of the rest is least. null for a series of
 * fewer than four such means.
 */
export function warmUpOf(series: ArrayLike<number>): WarmUp | null {
  const means = batchMeans(series);
  const count = means.length;
  if (count < 4) return null;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  let sum = 0;
  let squares = 0;
  // of values far from 0 the squares would swallow what they differ by
  const origin = means[count - 1]!;
  for (let start = count - 1; start >= 0; start--) {
    const value = means[start]! - origin;
    sum += value;
    squares += value * value;
    const kept = count - start;
    // fewer than these say nothing of their spread
    if (kept < 3) continue;
    const error = Math.max(0, squares - (sum * sum) / kept) / (kept * kept);
    if (error <= least) [best, least] = [start, error];
  }
  return { samples: best * BATCH_SIZE, isSettled: best <= count / 2 };
}

/** Means of five values after one another; those at the end that are fewer are left out. */
function batchMeans(series: ArrayLike<number>): number[] {
  return Array.from({ length: Math.floor(series.length / BATCH_SIZE) }, (_, batch) => {
    let sum = 0;
    for (let index = 0; index < BATCH_SIZE; index++) sum += series[batch * BATCH_SIZE + index]!;
    return sum / BATCH_SIZE;
  });
}
