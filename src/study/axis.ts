import type { ParameterValue } from '../metrics/run-file.ts';
import { formatDuration, formatRate, formatSize, parseDuration, parseRate, parseSize } from '../units.ts';
import type { RangeFile } from './study-schema.ts';

/** The values that one path of the scenario takes. */
export interface Axis {
  readonly path: string;
  /** In order; of a range that is only to be sampled and has no steps, its two ends. */
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
  /** More values than these are refused. */
  readonly valuesMax: number;
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
  const count = by === null ? (range.steps ?? 2) : stepsBy(by, { from, to });
  if (count > options.valuesMax) {
    return { key: 'by', message: `got ${count} values, expected at most ${options.valuesMax}` };
  }
  const shares = by === null ? sharesOf(count) : sharesBy(by / (to - from), count);
  const { path } = options;
  const values = [...new Set(shares.map(valueAt))];
  if (range.steps !== undefined || by !== null) return listAxis(path, values);
  // each whole number has a part of the range, and all parts are alike
  const wholeAt = (share: number) => {
    const end = to + 1;
    const value = isLogarithmic ? from * Math.exp(share * Math.log(end / from)) : from + share * (end - from);
    return Math.min(to, Math.floor(rounded(value, LINEAR_DIGITS)));
  };
  return { path, values, at: options.isWhole ? wholeAt : valueAt };
}

/** Values that lie a step apart from one end on, up to the other. */
function stepsBy(by: number, { from, to }: { from: number; to: number }): number {
  // a last value that misses the end by less than a rounding error is the end
  return to === from ? 1 : Math.floor((to - from) / by + 1e-9) + 1;
}

function problemOf(
  { steps, by, scale, ...range }: RangeFile,
  { from, to }: { from: number; to: number },
  { isSampled, isWhole }: RangeOptions,
): RangeProblem | null {
  for (const [key, value] of [['from', from] as const, ['to', to] as const]) {
    if (isWhole && !Number.isInteger(value)) return { key, message: `got ${value}, expected a whole number` };
  }
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

/** Shares that lie a step apart. */
function sharesBy(step: number, count: number): number[] {
  if (count === 1) return [0];
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
