import { dirname } from 'node:path';
import Table from 'cli-table3';
import type { BenchRun } from '../benchmark/bench-file.ts';
import { readBenchHistory } from '../benchmark/bench-history.ts';
import { CHANGE_POINT_DEFAULTS } from '../benchmark/change-points.ts';
import { buildName } from '../benchmark/program-origin.ts';
import { trackerJson } from '../benchmark/tracker-formats.ts';
import { type CaseSpan, caseSpansOf, type Trend, trendsOf } from '../benchmark/trends.ts';
import { changeText } from '../report/change-text.ts';
import { runName, spanSentences } from '../report/draw-trends.ts';
import { measureText } from '../report/measure-text.ts';
import { formatCount } from '../units.ts';
import type { BenchReportOptions } from './bench-options.ts';
import { createPalette } from './colour.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { makeWritable, writeData, writeJson, writeMessage } from './output.ts';
import { trendline } from './text-charts.ts';
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
  const spans = caseSpansOf(runs);
  const unknown = only?.find((name) => !spans.some((one) => one.case === name));
  if (unknown !== undefined)
    throw new UsageError(
      `--only ${unknown}: no run has such a case; there are ${spans.map((one) => one.case).join(', ')}`,
    );
  const isChosen = (one: { readonly case: string }) => only?.includes(one.case) ?? true;
  if (to !== undefined) {
    const gone = only?.find((name) => !newest.cases.some((one) => one.case === name));
    if (gone !== undefined)
      throw new UsageError(`--only ${gone}: the newest run, which --to ${to} prints, has no such case`);
    writeJson(trackerJson({ ...newest, cases: newest.cases.filter(isChosen) }, to));
    return ExitCode.ok;
  }
  const trends = trendsOf(runs).filter(isChosen);
  const shown = trends.filter(({ kind, changes }) => all || kind !== 'counter' || changes.length > 0);
  if (json)
    writeJson({ runs: runs.map(({ cases: _, ...run }) => run), cases: spans.filter(isChosen), trends, refused });
  if (options.html !== undefined || options.svg !== undefined) await writePictures(runs, shown, options);
  else if (!json) writeData(reportText(runs, shown, spans.filter(isChosen)));
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
  if (html !== undefined) await writePage(html, report, { quiet });
  if (svg !== undefined) await writeFigures(svg, await exportSvg(report.figures), { quiet });
}

function reportText(runs: readonly BenchRun[], trends: readonly Trend[], spans: readonly CaseSpan[]): string {
  const { yellow } = createPalette(process.stdout);
  const table = new Table({
    head: ['case', 'measure', 'runs', 'trend', 'newest', 'changes'],
    style: { head: [], border: [], compact: true },
  });
  for (const trend of trends) {
    const { case: name, measure, unit, values, changes } = trend;
    const at = changes.map((change) => yellow(`${runName(runs[change.run]!)} ${changeText(change)}`));
    table.push([name, measure, values.length, trendText(trend), measureText(values.at(-1)!, unit), at.join('\n')]);
  }
  const newest = runs.at(-1)!;
  const count = `${formatCount(runs.length)} ${runs.length === 1 ? 'run' : 'runs'}`;
  return [
    `${count}, the newest of ${newest.startedAt}, ${buildName(newest)}, on ${newest.machine}`,
    table.toString(),
    ...spans.flatMap((span) => spanSentences(runs, span).map((sentence) => yellow(`${span.case}: ${sentence}`))),
  ].join('\n');
}

/** Heights of the newest values, of which noise does not fill the line; nothing where they are no numbers. */
function trendText({ kind, values }: Trend): string {
  const numbers = values.filter((value) => typeof value === 'number').slice(-TREND_RUNS);
  if (numbers.length < Math.min(values.length, TREND_RUNS)) return '';
  const leastRange = kind === 'counter' ? 0 : Math.max(...numbers) * CHANGE_POINT_DEFAULTS.minEffectRatio;
  return trendline(numbers, leastRange);
}
