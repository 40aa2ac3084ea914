import { mean, median } from 'simple-statistics';
import type { BenchRun } from './bench-file.ts';
import { changePoints } from './change-points.ts';
import { processMedians } from './measure-cases.ts';

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

/** Where a measure got to another level. */
export interface Change {
  /** Number of the first run at the new level. */
  readonly run: number;
  /** The new level over the old one; null where they are no numbers. */
  readonly ratio: number | null;
}

/**
 * The trends of all measures, in the order of the newest run. Counters change wherever they differ; times and memory
 * where their level does, see `changePoints`, and only within runs of one machine: another machine is no change.
 */
export function trendsOf(runs: readonly BenchRun[]): Trend[] {
  const newest = runs.at(-1);
  if (newest === undefined) return [];
  return newest.cases.flatMap(({ case: name, counters, samplesNs }) => [
    ...Object.keys(samplesNs).map((measure) => costTrend(runs, { name, measure, kind: 'time' })),
    costTrend(runs, { name, measure: 'peak_rss', kind: 'memory' }),
    ...Object.keys(counters).map((measure) => counterTrend(runs, name, measure)),
  ]);
}

function counterTrend(runs: readonly BenchRun[], name: string, measure: string): Trend {
  const points = runs.flatMap((run, index) => {
    const value = run.cases.find((one) => one.case === name)?.counters[measure];
    return value === undefined ? [] : [{ run: index, value }];
  });
  const changes = points.flatMap(({ run, value }, index): Change[] => {
    const before = points[index - 1]?.value;
    if (before === undefined || before === value) return [];
    const isRatio = typeof value === 'number' && typeof before === 'number' && before > 0;
    return [{ run, ratio: isRatio ? value / before : null }];
  });
  const values = points.map(({ value }) => value);
  const unit = typeof values[0] === 'string' ? 'text' : 'count';
  return { case: name, measure, kind: 'counter', unit, runs: points.map(({ run }) => run), values, changes };
}

function costTrend(
  runs: readonly BenchRun[],
  { name, measure, kind }: { name: string; measure: string; kind: 'time' | 'memory' },
): Trend {
  const { machine } = runs.at(-1)!;
  const points = runs.flatMap((run, index) => {
    const found = run.machine === machine ? run.cases.find((one) => one.case === name) : undefined;
    const ofProcesses = kind === 'memory' ? found?.peakRssBytes : processMedians(found?.samplesNs[measure] ?? []);
    return ofProcesses === undefined || ofProcesses.length === 0
      ? []
      : [{ run: index, value: median([...ofProcesses]) }];
  });
  const values = points.map(({ value }) => value);
  const splits = changePoints(values);
  const changes = splits.map((split, index) => {
    const before = values.slice(splits[index - 1] ?? 0, split);
    const after = values.slice(split, splits[index + 1]);
    return { run: points[split]!.run, ratio: mean(after) / mean(before) };
  });
  const unit = kind === 'memory' ? 'bytes' : 'ns';
  return { case: name, measure, kind, unit, runs: points.map(({ run }) => run), values, changes };
}
