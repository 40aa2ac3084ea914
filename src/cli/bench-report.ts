import Table from 'cli-table3';
import { type BenchRun, readBenchHistory } from '../benchmark/bench-file.ts';
import { trackerJson } from '../benchmark/tracker-formats.ts';
import { type Trend, trendsOf } from '../benchmark/trends.ts';
import { measuredDuration, measuredSize } from '../comparison/format.ts';
import { formatCount } from '../units.ts';
import type { BenchReportOptions } from './bench-options.ts';
import { createPalette } from './colour.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { writeData, writeJson } from './output.ts';
import { sparkline } from './text-charts.ts';

/** The newest runs, as many as a trend has room for. */
const TREND_RUNS = 40;

/** Shows how measures went from run to run and where they changed, or prints the newest run for a tracker. */
export function benchReport({ history, only, all = false, to, json }: BenchReportOptions): ExitCode {
  const runs = readBenchHistory(history);
  const newest = runs.at(-1);
  if (newest === undefined)
    throw new UsageError(`${history}: no runs of benches there; \`dcfabric bench run\` makes them`);
  if (to !== undefined) {
    writeJson(trackerJson(newest, to));
    return ExitCode.ok;
  }
  const trends = trendsOf(runs).filter((trend) => only?.includes(trend.case) ?? true);
  if (json) writeJson({ runs: runs.map(({ cases: _, ...run }) => run), trends });
  else writeData(reportText(runs, trends, all));
  return ExitCode.ok;
}

function reportText(runs: readonly BenchRun[], trends: readonly Trend[], isAll: boolean): string {
  const { yellow } = createPalette(process.stdout);
  const shown = trends.filter(({ kind, changes }) => isAll || kind !== 'counter' || changes.length > 0);
  const table = new Table({
    head: ['case', 'measure', 'runs', 'trend', 'newest', 'changes'],
    style: { head: [], border: [], compact: true },
  });
  for (const { case: name, measure, unit, values, changes } of shown) {
    const at = changes.map(({ run, ratio }) => {
      const { commit, startedAt } = runs[run]!;
      const by = ratio === null ? '' : ` ×${ratio.toFixed(2)}`;
      return yellow(`${startedAt.slice(0, 10)} ${commit.slice(0, 9)}${by}`);
    });
    const numbers = values.filter((value) => typeof value === 'number');
    const newest = values.at(-1)!;
    table.push([
      name,
      measure,
      values.length,
      numbers.length === values.length ? sparkline(numbers.slice(-TREND_RUNS)) : '',
      typeof newest === 'string' ? newest : measured(newest, unit),
      at.join('\n'),
    ]);
  }
  const { startedAt, machine } = runs.at(-1)!;
  return `${formatCount(runs.length)} ${runs.length === 1 ? 'run' : 'runs'}, the newest of ${startedAt} on ${machine}\n${table}`;
}

function measured(value: number, unit: string): string {
  if (unit === 'bytes') return measuredSize(value);
  return unit === 'ns' ? measuredDuration(value) : formatCount(value);
}
