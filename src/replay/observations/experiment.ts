/** Nanoseconds in the units of observations. */
export const NS_PER_MS = 1e6;
export const NS_PER_SECOND = 1e9;

/** The middle of some numbers; null if there are none. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
