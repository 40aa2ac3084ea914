import { median } from 'simple-statistics';
import type { BenchRun } from './bench-file.ts';
import { changePoints } from './change-points.ts';
import { type MeasuredCase, processMedians } from './measure-cases.ts';

/** How one measure of a case went, run after run. */
export interface Trend {
  readonly case: string;
  readonly measure: string;
  readonly kind: 'counter' | 'time' | 'memory';
  readonly unit: 'count' | 'text' | 'ns' | 'bytes';
  /** Numbers of the runs that have it, the oldest first. */
  readonly runs: readonly number[];
  readonly values: readonly (number | string)[];
  readonly changes: readonly Change[];
}

/** Where a measure got to another level, or began or ceased to be measured with its case. */
export interface Change {
  readonly kind: 'level' | 'appeared' | 'vanished';
  /** Number of the first run at the new level; of the first run of the case with the measure, or without it. */
  readonly run: number;
  /** The new level over the old one; null where they are no numbers. */
  readonly ratio: number | null;
}

/** From which run to which a case was measured; others between may be without it. */
export interface CaseSpan {
  readonly case: string;
  readonly first: number;
  readonly last: number;
}

/**
 * The trends of all measures of all runs, in the order of the newest run, those that it lacks behind. Counters change
 * wherever they differ; times and memory where their level does, see `changePoints`, and only within runs of the machine
 * that measured the case last: another machine is no change.
 */
export function trendsOf(runs: readonly BenchRun[]): Trend[] {
  return caseNames(runs).flatMap((name) => {
    const measured = runs.flatMap((run, index): MeasuredRun[] => {
      const found = run.cases.find((one) => one.case === name);
      return found === undefined ? [] : [{ index, machine: run.machine, found }];
    });
    const { machine } = measured.at(-1)!;
    const ofMachine = measured.filter((one) => one.machine === machine);
    return [
      ...namesOf(ofMachine, ({ samplesNs }) => samplesNs).map((measure) => {
        return costTrend(ofMachine, { measure, kind: 'time' }, ({ samplesNs }) => samplesNs[measure] ?? []);
      }),
      costTrend(ofMachine, { measure: 'peak_rss', kind: 'memory' }, (one) => one.peakRssBytes.map((bytes) => [bytes])),
      ...namesOf(measured, ({ counters }) => counters).map((measure) => counterTrend(measured, measure)),
    ];
  });
}

/** When each case was measured, in the order of the trends. */
export function caseSpansOf(runs: readonly BenchRun[]): CaseSpan[] {
  return caseNames(runs).map((name) => {
    const has = (run: BenchRun) => run.cases.some((one) => one.case === name);
    return { case: name, first: runs.findIndex(has), last: runs.findLastIndex(has) };
  });
}

function caseNames(runs: readonly BenchRun[]): string[] {
  return [...new Set(runs.toReversed().flatMap(({ cases }) => cases.map((one) => one.case)))];
}

/** A run that has the case in question. */
interface MeasuredRun {
  readonly index: number;
  readonly machine: string;
  readonly found: MeasuredCase;
}

function namesOf(measured: readonly MeasuredRun[], recordOf: (found: MeasuredCase) => object): string[] {
  return [...new Set(measured.toReversed().flatMap(({ found }) => Object.keys(recordOf(found))))];
}

interface Point {
  readonly run: number;
  readonly value: number | string | undefined;
}

function counterTrend(measured: readonly MeasuredRun[], measure: string): Trend {
  const points = measured.map(({ index, found }): Point => ({ run: index, value: found.counters[measure] }));
  const levels = points.flatMap(({ run, value }, index): Change[] => {
    const before = points[index - 1]?.value;
    if (before === undefined || value === undefined || before === value) return [];
    const isRatio = typeof value === 'number' && typeof before === 'number' && before > 0;
    return [{ kind: 'level', run, ratio: isRatio ? value / before : null }];
  });
  const unit = points.some(({ value }) => typeof value === 'string') ? 'text' : 'count';
  return trendOf(measured, { measure, kind: 'counter', unit }, points, levels);
}

function costTrend(
  measured: readonly MeasuredRun[],
  { measure, kind }: { measure: string; kind: 'time' | 'memory' },
  samplesOf: (found: MeasuredCase) => readonly (readonly number[])[],
): Trend {
  const points = measured.map(({ index, found }) => {
    const samples = samplesOf(found);
    return { run: index, value: samples.length === 0 ? undefined : median(processMedians(samples)) };
  });
  const known = points.flatMap(({ run, value }) => (value === undefined ? [] : [{ run, value }]));
  const values = known.map(({ value }) => value);
  const splits = changePoints(values);
  const levels = splits.map((split, index): Change => {
    const before = values.slice(splits[index - 1] ?? 0, split);
    const after = values.slice(split, splits[index + 1]);
    return { kind: 'level', run: known[split]!.run, ratio: median(after) / median(before) };
  });
  return trendOf(measured, { measure, kind, unit: kind === 'memory' ? 'bytes' : 'ns' }, points, levels);
}

function trendOf(
  measured: readonly MeasuredRun[],
  about: Pick<Trend, 'measure' | 'kind' | 'unit'>,
  points: readonly Point[],
  levels: readonly Change[],
): Trend {
  const known = points.flatMap(({ run, value }) => (value === undefined ? [] : [{ run, value }]));
  return {
    case: measured[0]!.found.case,
    ...about,
    runs: known.map(({ run }) => run),
    values: known.map(({ value }) => value),
    changes: changesIn(points, levels),
  };
}

/** Changes of level, and where the measure came to be or ceased to be; a measure that came back may be at another level. */
function changesIn(points: readonly Point[], levels: readonly Change[]): Change[] {
  const comings = points.flatMap(({ run, value }, index): Change[] => {
    const before = points[index - 1];
    if (before === undefined || (before.value === undefined) === (value === undefined)) return [];
    return [{ kind: value === undefined ? 'vanished' : 'appeared', run, ratio: null }];
  });
  const others = levels.filter(({ run }) => !comings.some((one) => one.run === run));
  return [...others, ...comings].toSorted((one, other) => one.run - other.run);
}
