import { timeUnit } from './axes.ts';

/** Points of a curve at most: more are finer than a screen, and make the page heavy. */
export const POINTS_MAX = 180;

/** Times at which curves have points, from samples that may be more. */
export interface TimeGrid {
  /** Ends of the spans that a point stands for; the first span begins at 0. */
  readonly endsNs: readonly number[];
  /** Samples within one span; 1 where every sample has its point. */
  readonly samplesPerPoint: number;
  /** Where the warm-up ends, which the summaries of the runs leave out; drawings of curves mark it. */
  readonly warmUpNs?: number;
}

/** The grid of a run that was sampled every so often and at its end. */
export function timeGrid(everyNs: number, untilNs: number, pointsMax = POINTS_MAX): TimeGrid {
  const sampleCount = Math.max(1, Math.ceil(untilNs / everyNs));
  const samplesPerPoint = Math.ceil(sampleCount / pointsMax);
  const stepNs = everyNs * samplesPerPoint;
  const endsNs: number[] = [];
  for (let endNs = stepNs; endNs < untilNs; endNs += stepNs) endsNs.push(endNs);
  endsNs.push(untilNs);
  return { endsNs, samplesPerPoint };
}

/** The ends on an axis of simulated time, in its unit. */
export function timesOf({ endsNs }: TimeGrid): number[] {
  const { ns } = timeUnit(endsNs.at(-1)!);
  return endsNs.map((endNs) => endNs / ns);
}

/** The point within whose span a time lies: after the end before it, up to its own. */
export function pointAt({ endsNs }: TimeGrid, timeNs: number): number {
  let low = 0;
  let high = endsNs.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (endsNs[middle]! < timeNs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rates per second between the points, of a total that grows: `totals` at each point. */
export function ratesPerSecond({ endsNs }: TimeGrid, totals: readonly number[]): number[] {
  return totals.map((total, point) => {
    const spanNs = endsNs[point]! - (point === 0 ? 0 : endsNs[point - 1]!);
    return ((total - (point === 0 ? 0 : totals[point - 1]!)) * 1e9) / spanNs;
  });
}
