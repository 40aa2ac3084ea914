import type { BenchRun } from '../benchmark/bench-file.ts';
import type { Trend } from '../benchmark/trends.ts';
import { readVersion } from '../scenario/version.ts';
import { formatCount } from '../units.ts';
import { changeText } from './change-text.ts';
import { drawTrends, measureName, runName } from './draw-trends.ts';
import { createDrawing, type SvgNode } from './drawing.ts';
import { type Elements, elementsOf } from './elements.ts';
import type { Figure } from './figure.ts';
import { dataTable, figureSection } from './figure-elements.ts';
import { measureText } from './measure-text.ts';
import { pageText } from './page.ts';
import { pageFoot, pageHead } from './page-sections.ts';
import type { Report } from './report.ts';

/** Reports on a history of benches: what changed, and how each measure of each case went. */
export async function createBenchReport(runs: readonly BenchRun[], trends: readonly Trend[]): Promise<Report> {
  const drawing = await createDrawing();
  const figures = drawTrends(drawing, runs, trends);
  const h = elementsOf(drawing.document);
  const title = `Benches over ${runs.length === 1 ? 'one run' : `${formatCount(runs.length)} runs`}`;
  const html = pageText(h, { title, fabricCount: 1, body: benchBody(h, { title, runs, trends, figures }) });
  return { title, html, figures };
}

function benchBody(
  h: Elements,
  {
    title,
    runs,
    trends,
    figures,
  }: { title: string; runs: readonly BenchRun[]; trends: readonly Trend[]; figures: readonly Figure[] },
): SvgNode[] {
  const [oldest, newest] = [runs[0]!, runs.at(-1)!];
  return [
    pageHead(h, {
      kicker: 'History of benches',
      title,
      question: '',
      facts: [
        `${figures.length} ${figures.length === 1 ? 'case' : 'cases'}`,
        runs.length === 1 ? runName(newest) : `${runName(oldest)} to ${runName(newest)}`,
        newest.machine,
      ],
    }),
    h(
      'main',
      {},
      h(
        'section',
        { class: 'answer', 'aria-labelledby': 'answer-title' },
        h('h2', { id: 'answer-title' }, 'What changed'),
        h('p', {}, changesSentence(trends)),
        changesTable(h, runs, trends),
      ),
      figures.map((figure) => figureSection(h, figure)),
    ),
    pageFoot(h, readVersion()),
  ];
}

function changesSentence(trends: readonly Trend[]): string {
  const changed = trends.filter(({ changes }) => changes.length > 0).length;
  const measures = trends.length === 1 ? 'the one measure' : `${formatCount(trends.length)} measures`;
  return changed === 0 ? `None of ${measures} changed.` : `${formatCount(changed)} of ${measures} changed.`;
}

/** All changes, the newest first; null if there are none. */
function changesTable(h: Elements, runs: readonly BenchRun[], trends: readonly Trend[]): SvgNode | null {
  const changes = trends
    .flatMap((trend) => trend.changes.map((change) => ({ trend, change })))
    .toSorted((one, other) => other.change.run - one.change.run);
  if (changes.length === 0) return null;
  const rows = changes.map(({ trend, change }) => [
    trend.case,
    changeText(change),
    measureName(trend),
    runName(runs[change.run]!),
    measureText(trend.values.at(-1)!, trend.unit),
  ]);
  const head = ['case', 'change', 'measure', 'from the run', 'newest'];
  return dataTable(h, { caption: 'Changes, the newest first', head, rows, textColumns: [0, 2, 3] }, 'changes');
}
