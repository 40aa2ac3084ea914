/** Eighths of a character from the left, and from below. */
const EIGHTHS_RIGHTWARDS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const EIGHTHS_UPWARDS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A bar of a share from 0 to 1, padded to its full width; what is more than nothing is seen. */
export function textBar(share: number, columns: number): string {
  const eighths = share <= 0 ? 0 : Math.max(1, Math.round(Math.min(share, 1) * columns * 8));
  return `${'█'.repeat(Math.floor(eighths / 8))}${EIGHTHS_RIGHTWARDS[eighths % 8]}`.padEnd(columns);
}

/** Values as heights, a character each, the highest for the largest; all low where none is above 0. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(...values, 0);
  return values.map((value) => EIGHTHS_UPWARDS[most === 0 ? 0 : Math.ceil((Math.max(0, value) / most) * 7)]).join('');
}

/** Values as heights between the least and the largest of them, or over `leastRange` where they lie closer together. */
export function trendline(values: readonly number[], leastRange: number): string {
  const least = Math.min(...values);
  const range = Math.max(Math.max(...values) - least, leastRange);
  return values.map((value) => EIGHTHS_UPWARDS[range === 0 ? 0 : Math.round(((value - least) / range) * 7)]).join('');
}
