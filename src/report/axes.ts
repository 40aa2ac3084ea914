import type { ScaleOptions } from '@observablehq/plot';

/** A unit of time that suits a span. */
export interface TimeUnit {
  readonly name: string;
  readonly ns: number;
}

const TIME_UNITS: readonly (TimeUnit & { readonly untilNs: number })[] = [
  { name: 'µs', ns: 1e3, untilNs: 2e6 },
  { name: 'ms', ns: 1e6, untilNs: 2e9 },
  { name: 's', ns: 1e9, untilNs: 400e9 },
  { name: 'min', ns: 60e9, untilNs: 4 * 3600e9 },
  { name: 'h', ns: 3600e9, untilNs: Number.POSITIVE_INFINITY },
];

/** The unit in which a span is a handy number. */
export function timeUnit(spanNs: number): TimeUnit {
  return TIME_UNITS.find(({ untilNs }) => spanNs <= untilNs)!;
}

/** An axis from the start of the run to its end, for values in nanoseconds divided by the unit. */
export function simulatedTimeAxis(durationNs: number, widthPixels: number): ScaleOptions {
  const { name, ns } = timeUnit(durationNs);
  return {
    domain: [0, durationNs / ns],
    label: `simulated time (${name})`,
    labelAnchor: 'center',
    labelArrow: 'none',
    ticks: Math.max(3, Math.floor(widthPixels / 90)),
  };
}

/** How far an axis of amounts goes, in times of the most on it. */
export const AMOUNT_ROOM = 1.04;

/** An axis upwards from 0, with values as the comparison writes them. */
export function amountAxis(label: string, most: number, format: (value: number) => string): ScaleOptions {
  return {
    domain: [0, most <= 0 ? 1 : most * AMOUNT_ROOM],
    label,
    labelArrow: 'none',
    grid: true,
    ticks: 4,
    tickSize: 0,
    tickPadding: 7,
    tickFormat: (value: number) => format(value),
  };
}
