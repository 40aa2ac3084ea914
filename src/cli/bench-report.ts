import { dirname } from 'node:path';
import Table from 'cli-table3';
import type { BenchRun } from '../benchmark/bench-file.ts';
import { readBenchHistory } from '../benchmark/bench-history.ts';
import { trackerJson } from '../benchmark/tracker-formats.ts';
import { type Trend, trendsOf } from '../benchmark/trends.ts';
import { runName } from '../report/draw-trends.ts';
import { measureText } from '../report/measure-text.ts';
import { formatCount } from '../units.ts';
import type { BenchReportOptions } from './bench-options.ts';
import { createPalette } from './colour.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { makeWritable, writeData, writeJson, writeMessage } from './output.ts';
import { sparkline } from './text-charts.ts';
import { writeFigures, writePage } from './write-report.ts';

/** The newest runs, as many as a trend has room for. */
const TREND_RUNS = 40;

/** Shows how measures went from run to run and where they changed, makes a page of it, or prints the newest run for a tracker. */
export async function benchReport(options: BenchReportOptions): Promise<ExitCode> {
  const { history, only, all = false, to, json } = options;
  const { runs, refused } = readBenchHistory(history);
  for (const problem of refused) writeMessage(`warning: left out: ${problem}`, options);
  const newest = runs.at(-1);
  if (newest === undefined)
    throw new UsageError(`${history}: no runs of benches there; \`dcfabric bench run\` makes them`);
  const unknown = only?.find((name) => !newest.cases.some((one) => one.case === name));
  if (unknown !== undefined) {
    const known = newest.cases.map((one) => one.case).join(', ');
    throw new UsageError(`--only ${unknown}: the newest run has no such case; it has ${known}`);
  }
  if (to !== undefined) {
    writeJson(trackerJson(newest, to));
    return ExitCode.ok;
  }
  const trends = trendsOf(runs).filter((trend) => only?.includes(trend.case) ?? true);
  const shown = trends.filter(({ kind, changes }) => all || kind !== 'counter' || changes.length > 0);
  if (json) writeJson({ runs: runs.map(({ cases: _, ...run }) => run), trends });
  if (options.html !== undefined || options.svg !== undefined) await writePictures(runs, shown, options);
  else if (!json) writeData(reportText(runs, shown));
  return ExitCode.ok;
}

async function writePictures(
  runs: readonly BenchRun[],
  trends: readonly Trend[],
  { html, svg, quiet }: BenchReportOptions,
): Promise<void> {
  if (html !== undefined) makeWritable(dirname(html));
  if (svg !== undefined) makeWritable(svg);
  const [{ createBenchReport }, { exportSvg }] = await Promise.all([
    import('../report/bench-page.ts'),
    import('../report/export-figures.ts'),
  ]);
  const report = await createBenchReport(runs, trends);
  if (html !== undefined) writePage(html, report, { quiet });
  if (svg !== undefined) writeFigures(svg, await exportSvg(report.figures), { quiet });
}

function reportText(runs: readonly BenchRun[], trends: readonly Trend[]): string {
  const { yellow } = createPalette(process.stdout);
  const table = new Table({
    head: ['case', 'measure', 'runs', 'trend', 'newest', 'changes'],
    style: { head: [], border: [], compact: true },
  });
  for (const { case: name, measure, unit, values, changes } of trends) {
    const at = changes.map(({ run, ratio }) => {
      const by = ratio === null ? '' : ` ×${ratio.toFixed(2)}`;
      return yellow(`${runName(runs[run]!)}${by}`);
    });
    const numbers = values.filter((value) => typeof value === 'number');
    table.push([
      name,
      measure,
      values.length,
      numbers.length === values.length ? sparkline(numbers.slice(-TREND_RUNS)) : '',
      measureText(values.at(-1)!, unit),
      at.join('\n'),
    ]);
  }
  const { startedAt, machine } = runs.at(-1)!;
  return `${formatCount(runs.length)} ${runs.length === 1 ? 'run' : 'runs'}, the newest of ${startedAt} on ${machine}\n${table}`;
}
