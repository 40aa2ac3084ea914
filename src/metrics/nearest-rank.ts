/**
 * The p-th percentile, 0 < p ≤ 100, by nearest rank: the smallest value that at least p % of the values do not exceed.
 * It is always one of the values, never between two. null if there are none.
 */
export function percentile(values: readonly number[], p: number): number | null {
  if (!(p > 0 && p <= 100)) throw new RangeError(`a percentile lies above 0 and up to 100, got ${p}`);
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil((p * sorted.length) / 100) - 1];
}
