import type { ParameterValue } from '../metrics/run-file.ts';
import { formatDuration, formatRate, formatSize, parseDuration, parseRate, parseSize } from '../units.ts';
import type { RangeFile } from './study-schema.ts';

/** The values that one path of the scenario takes. */
export interface Axis {
  readonly path: string;
  /** In order; of a range that is only to be sampled, its two ends. */
  readonly values: readonly ParameterValue[];
  /** The value at a share of the axis, from 0 to below 1: the same share of all values lies below it. */
  readonly at: (share: number) => ParameterValue;
}

/** An axis of the values of a list. */
export function listAxis(path: string, values: readonly ParameterValue[]): Axis {
  return { path, values, at: (share) => values[Math.floor(share * values.length)]! };
}

/** How a range is to be read. */
export interface RangeOptions {
  readonly path: string;
  /** Values are rounded to whole numbers. */
  readonly isWhole: boolean;
  /** It is sampled, so that it needs no steps. */
  readonly isSampled: boolean;
}

/** Something that is wrong with a range, at one of its keys or with all of it. */
export interface RangeProblem {
  readonly key: keyof RangeFile | null;
  readonly message: string;
}

/** The axis of a range, or what is wrong with it. */
export function rangeAxis(range: RangeFile, options: RangeOptions): Axis | RangeProblem {
  const unit = unitOf(range.from);
  if (unit === null) return { key: 'from', message: `got '${range.from}', expected ${WANTED}` };
  const to = unit.parse(range.to);
  if (to === null) return { key: 'to', message: `got '${range.to}', expected ${unit.wanted}, as in 'from'` };
  const from = unit.parse(range.from)!;
  const problem = problemOf(range, { from, to }, options);
  if (problem !== null) return problem;
  const isLogarithmic = range.scale === 'logarithmic';
  const valueAt = (share: number) => {
    if (share === 0 || share === 1) return unit.format(share === 0 ? from : to);
    const value = isLogarithmic
      ? rounded(from * Math.exp(share * Math.log(to / from)), LOGARITHMIC_DIGITS)
      : rounded(from + share * (to - from), LINEAR_DIGITS);
    return unit.format(options.isWhole || unit.isWhole ? Math.round(value) : value);
  };
  const by = range.by === undefined ? null : unit.parse(range.by);
  if (range.by !== undefined && (by === null || by <= 0)) {
    return { key: 'by', message: `got '${range.by}', expected ${unit.wanted} above 0` };
  }
  const shares = by === null ? sharesOf(range.steps ?? 2) : sharesBy(by / (to - from), to === from);
  return { path: options.path, values: [...new Set(shares.map(valueAt))], at: valueAt };
}

function problemOf(
  { steps, by, scale, ...range }: RangeFile,
  { from, to }: { from: number; to: number },
  { isSampled }: RangeOptions,
): RangeProblem | null {
  if (from > to) {
    return {
      key: 'to',
      message: `the range is empty: got ${range.from} to ${range.to}, expected at least ${range.from}`,
    };
  }
  if (scale === 'logarithmic' && from <= 0) {
    return { key: 'from', message: `got ${range.from}, expected more than 0 for a logarithmic scale` };
  }
  if (steps !== undefined && by !== undefined) return { key: 'by', message: "expected either 'steps' or 'by'" };
  if (steps === undefined && by === undefined && !isSampled) {
    return { key: null, message: "expected 'steps', the number of values, or 'by', what each is more than the last" };
  }
  if (by !== undefined && scale === 'logarithmic') {
    return { key: 'by', message: "expected 'steps' with a logarithmic scale" };
  }
  return null;
}

/** Digits of a value between the ends: enough to tell values apart, few enough to be the same on every machine. */
const LINEAR_DIGITS = 12;
const LOGARITHMIC_DIGITS = 4;

function rounded(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

function sharesOf(steps: number): number[] {
  return Array.from({ length: steps }, (_, index) => index / (steps - 1));
}

/** Shares that lie a step apart, up to 1. */
function sharesBy(step: number, isPoint: boolean): number[] {
  if (isPoint) return [0];
  // a last value that misses the end by less than a rounding error is the end
  const count = Math.floor(1 / step + 1e-9) + 1;
  return Array.from({ length: count }, (_, index) => Math.min(1, rounded(index * step, LINEAR_DIGITS)));
}

/** How the values of a range are written. */
interface Unit {
  readonly wanted: string;
  readonly isWhole: boolean;
  /** null: it is not of this unit. */
  readonly parse: (given: number | string) => number | null;
  readonly format: (value: number) => number | string;
}

const WANTED = "a number, or a quantity such as '1.5ms', '25Gbps' or '64KiB'";

const NUMBER: Unit = {
  wanted: 'a number',
  isWhole: false,
  parse: (given) => (typeof given === 'number' && Number.isFinite(given) ? given : null),
  format: (value) => value,
};

const QUANTITIES: readonly Unit[] = [
  quantity('a duration', parseDuration, formatDuration, 'ns'),
  quantity('a rate', parseRate, formatRate, 'bps'),
  quantity('a size', parseSize, formatSize, 'B'),
];

function unitOf(given: number | string): Unit | null {
  return [NUMBER, ...QUANTITIES].find(({ parse }) => parse(given) !== null) ?? null;
}

function quantity(
  wanted: string,
  parse: (text: string) => number,
  format: (value: number) => string,
  smallest: string,
): Unit {
  const parsed = (given: number | string) => {
    try {
      return typeof given === 'string' ? parse(given) : null;
    } catch {
      return null;
    }
  };
  return {
    wanted,
    isWhole: true,
    parse: parsed,
    format: (value) => (parsed(format(value)) === value ? format(value) : `${value}${smallest}`),
  };
}
