import { type MetricUnit, unitOfMetric } from '../metrics/metric-paths.ts';
import type { ParameterValue } from '../metrics/run-file.ts';
import type { ScenarioError } from '../scenario/scenario-error.ts';
import { parseDuration, parseRate, parseRatio, parseSize } from '../units.ts';
import { type Axis, rangeAxis } from './axis.ts';
import { refuseOwnPaths } from './own-paths.ts';
import type { PlanFile } from './plan-schema.ts';
import type { Parameters } from './study-points.ts';
import type { StudyProblems } from './study-problems.ts';
import { takesWholeNumbers } from './whole-number-paths.ts';

/** A limit of a plan: what a run must keep. */
export type PlanLimit =
  | { readonly kind: 'hardware' }
  | { readonly kind: 'most' | 'least'; readonly metric: string; readonly bound: number; readonly given: string };

/** What is looked for. */
export interface PlanSettings {
  /** The values in order, from the least. */
  readonly axis: Axis;
  /** By path, how many times the value of the axis another one is. */
  readonly proportional: Readonly<Record<string, number>>;
  readonly goal: 'largest' | 'smallest';
  readonly probes: number;
  readonly limits: readonly PlanLimit[];
  /** An error at a limit of the file, for what only a run can tell. */
  readonly errorAt: (limitIndex: number, message: string) => ScenarioError;
}

/** More values than these nobody tells apart. */
const VALUES_MAX = 1_000_000;

/** Values of an axis that are no whole numbers, unless a precision is given: a hundredth of the range apart. */
const DEFAULT_VALUES = 101;

/** The plan of a study file, or null after reporting what is wrong with it. */
export function readPlan(file: PlanFile, problems: StudyProblems): PlanSettings | null {
  const { axis: path, from, to, goal, probes } = file;
  const isWhole = takesWholeNumbers(path);
  const precision = file.precision ?? (isWhole ? 1 : undefined);
  refuseOwnPaths([[path, ['plan', 'axis'], 'value']], problems);
  const step = precision === undefined ? { steps: DEFAULT_VALUES } : { by: precision };
  const axis = rangeAxis(
    { from, to, ...step, scale: 'linear' },
    {
      ...{ path, isWhole, isSampled: false, valuesMax: VALUES_MAX },
    },
  );
  if (!('values' in axis)) {
    const key = axis.key === 'by' ? 'precision' : axis.key;
    problems.report(key === null ? ['plan'] : ['plan', key], axis.message);
    return null;
  }
  const { proportional } = file;
  refuseOwnPaths(
    Object.keys(proportional).map((other) => [other, ['plan', 'proportional', other], 'key']),
    problems,
  );
  for (const other of Object.keys(proportional)) {
    const place = ['plan', 'proportional', other];
    if (typeof from !== 'number') problems.report(place, `expected an axis of numbers, got one from ${from}`, 'key');
    if (isWithin(other, path) || isWithin(path, other)) problems.report(place, 'the axis sets this too', 'key');
  }
  const limits = file.limits.flatMap((limit, index) => readLimit(limit, index, problems));
  return {
    axis,
    proportional,
    goal,
    probes,
    limits,
    errorAt: (index, message) => problems.errorAt(['plan', 'limits', index], message),
  };
}

/** Whether a path is another one, or within it. */
function isWithin(path: string, other: string): boolean {
  return `${path}.`.startsWith(`${other}.`);
}

/** What a run of a plan has set, where its axis has a value: the value, and what grows with it. */
export function parametersAt(
  { axis, proportional }: Pick<PlanSettings, 'axis' | 'proportional'>,
  value: ParameterValue,
): Parameters {
  const others = Object.entries(proportional).map(([path, factor]) => [path, proportionalValue(path, factor, value)]);
  return { [axis.path]: value, ...Object.fromEntries(others) };
}

/** Rounded where the path takes whole numbers only. */
function proportionalValue(path: string, factor: number, value: ParameterValue): number {
  const product = Number((factor * (value as number)).toPrecision(12));
  return takesWholeNumbers(path) ? Math.round(product) : product;
}

function readLimit(limit: PlanFile['limits'][number], index: number, problems: StudyProblems): PlanLimit[] {
  const place = ['plan', 'limits', index];
  if (limit === 'hardware') return [{ kind: 'hardware' }];
  const { metric, most, least } = limit;
  if ((most === undefined) === (least === undefined)) {
    problems.report(place, "expected either 'most' or 'least'");
    return [];
  }
  const kind = most === undefined ? 'least' : 'most';
  const given = (most ?? least)!;
  const unit = unitOfMetric(metric);
  const bound = parseBound(given, unit);
  if (bound !== null) return [{ kind, metric, bound, given: String(given) }];
  problems.report(
    [...place, kind],
    `got '${given}', expected ${unit === null ? ANY_QUANTITY : QUANTITIES[unit].wanted}`,
  );
  return [];
}

/** What a bound of a metric may be beside a number in the unit of the metric. */
const QUANTITIES: Readonly<Record<MetricUnit, { wanted: string; parse: ((text: string) => number) | null }>> = {
  share: { wanted: 'a share such as 90% or 0.9', parse: parseRatio },
  ns: { wanted: 'a duration such as 10ms, or a number of nanoseconds', parse: parseDuration },
  bitsPerSec: { wanted: 'a rate such as 1Gbps, or a number of bits per second', parse: parseRate },
  bytes: { wanted: 'a size such as 64KiB, or a number of bytes', parse: parseSize },
  plain: { wanted: 'a number', parse: null },
};

const ANY_QUANTITY = 'a number, or a quantity such as 90%, 10ms, 1Gbps or 64KiB';

/** In the unit of the metric, or null where it is of another one. */
function parseBound(given: number | string, unit: MetricUnit | null): number | null {
  if (typeof given === 'number') return Number.isFinite(given) ? given : null;
  const units = unit === null ? Object.values(QUANTITIES) : [QUANTITIES[unit]];
  for (const { parse } of units) {
    try {
      if (parse !== null) return parse(given);
    } catch {
      // of another unit
    }
  }
  return null;
}
