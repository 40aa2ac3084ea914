import type { Estimate } from '../metrics/estimate.ts';
import type { PercentileEstimate } from '../metrics/estimate-percentile.ts';
import { formatCount, formatDuration, formatRate, formatRatio } from '../units.ts';

/** What stands where there is no number. */
export const NOTHING = '–';

/** `12.3MB`: a measured size, always decimal and with three digits, so that the columns of a table compare at a glance. */
export function measuredSize(sizeBytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let value = sizeBytes;
  let unit = 0;
  while (unit < units.length - 1 && Number(value.toPrecision(3)) >= 1000) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))}${units[unit]}`;
}

/** `1.23s`: a measured time with three digits; whole numbers of nanoseconds stay whole. */
export function measuredDuration(durationNs: number): string {
  return formatDuration(Math.round(Number(durationNs.toPrecision(3))));
}

/** `12.3Mbps`: a measured rate with three digits. */
export function measuredRate(rateBitsPerSec: number): string {
  return formatRate(Number(rateBitsPerSec.toPrecision(3)));
}

/** Units of measures, each with how it is written. */
export const FORMATS_BY_UNIT = {
  count: measuredCount,
  ns: measuredDuration,
  bytes: measuredSize,
  ratio: measuredRatio,
  bitsPerSec: measuredRate,
} as const;

/** `1,234`, `12.5`: a count or a mean, with one decimal below 100. */
export function measuredCount(count: number): string {
  return formatCount(Math.abs(count) < 100 ? Number(count.toFixed(1)) : Math.round(count));
}

/** Of shares from here on, three decimals of the percentage are two digits. */
const RATIO_OF_DECIMALS_MIN = 1e-4;

/** `1.23%`: a measured share, 0 to 1, with three digits; a small one with two, `0.00028%`, so that 0% is nothing at all. */
export function measuredRatio(ratio: number): string {
  if (Math.abs(ratio) >= RATIO_OF_DECIMALS_MIN) return formatRatio(Number(ratio.toPrecision(3)));
  return `${Number((ratio * 100).toPrecision(2))}%`;
}

/** `7.32`, `0.021` or `1,200`: how many times something is something else. */
export function measuredTimes(ratio: number): string {
  if (ratio >= 100) return formatCount(Math.round(ratio));
  if (ratio >= 10) return ratio.toFixed(1);
  return ratio >= 0.1 ? ratio.toFixed(2) : String(Number(ratio.toPrecision(2)));
}

/** How a value differs from the first: `×0.10` where both are positive, else `+30`; `=` or `≈` where it hardly does. */
export function difference(first: number | null, value: number | null, format: (value: number) => string): string {
  if (first === null || value === null) return '';
  if (first === value) return '=';
  if (first > 0 && value > 0) {
    const times = measuredTimes(value / first);
    return times === '1.00' ? '≈' : `×${times}`;
  }
  return value > first ? `+${format(value - first)}` : `−${format(first - value)}`;
}

/** `+30 ± 4`: the mean of differences and half of its confidence interval; `=` where all of them are 0. */
export function estimatedDifference(estimate: Estimate | null, format: (value: number) => string): string {
  if (estimate === null) return '';
  const { mean, halfWidth } = estimate;
  if (mean === 0 && !halfWidth) return '=';
  const sign = mean < 0 ? '−' : '+';
  const shown = `${sign}${format(Math.abs(mean))}`;
  return halfWidth === null ? shown : `${shown} ± ${format(halfWidth)}`;
}

/** `21.6 [20.1, 23]`: a percentile over replications and its confidence interval, where there are enough for one. */
export function estimatedPercentile(estimate: PercentileEstimate | null, format: (value: number) => string): string {
  if (estimate === null) return NOTHING;
  const { value, low, high } = estimate;
  if (low === null || high === null) return format(value);
  return low === high ? format(value) : `${format(value)} [${format(low)}, ${format(high)}]`;
}
