import { formatDuration, formatRate, parseDuration, parseRate } from '../units.ts';

/** A rate that reads back as it is. */
export function exactRate(rateBitsPerSec: number): string {
  const text = formatRate(rateBitsPerSec);
  return parseRate(text) === rateBitsPerSec ? text : `${rateBitsPerSec}bps`;
}

/** A duration that reads back as it is. */
export function exactDuration(durationNs: number): string {
  const text = formatDuration(durationNs);
  return parseDuration(text) === durationNs ? text : `${durationNs}ns`;
}
