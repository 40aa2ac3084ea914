/** `12.3%`: a share with three digits, a very small one with two. */
export function percent(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(ratio < 1e-4 ? 2 : 3))}%`;
}

/** `1m 23.5s`: a time of the run, to the millisecond. */
export function clockTime(timeNs: number): string {
  const seconds = timeNs / 1e9;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const rest = `${Number((seconds % 60).toFixed(3))}s`;
  if (hours > 0) return `${hours}h ${minutes}m ${rest}`;
  return minutes > 0 ? `${minutes}m ${rest}` : rest;
}
