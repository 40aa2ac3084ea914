import type { BenchRun } from '../benchmark/bench-file.ts';
import { CHANGE_POINT_DEFAULTS } from '../benchmark/change-points.ts';
import { buildName } from '../benchmark/program-origin.ts';
import { type CaseSpan, caseSpansOf, type Trend } from '../benchmark/trends.ts';
import { NOTHING } from '../comparison/format.ts';
import { distinct, inWords, listed } from '../comparison/words.ts';
import { formatCount, formatRatio } from '../units.ts';
import { changeText } from './change-text.ts';
import type { Drawing, SvgNode } from './drawing.ts';
import { type Figure, type Panel, TABLE_ROWS_MAX } from './figure.ts';
import { labelsInRows } from './label-rows.ts';
import { measureText } from './measure-text.ts';

/** Columns of a figure's table before those of measures: the run and its commit. */
const RUN_COLUMNS = 2;

/** Space below and above what is drawn, as a share of it and of the largest value. */
const PADDING_OF_RANGE = 0.18;
const PADDING_OF_VALUE = 0.02;

const MARGIN_LEFT = 66;
const MARGIN_RIGHT = 16;

/** Labels of changes stand in rows above a drawing, so that neighbours do not cover each other. */
const LABEL_ROWS_MAX = 4;
const LABEL_ROW_PIXELS = 14;
const ABOVE_LABELS_PIXELS = 8;

/** How the measures of each case went from run to run: a figure for each case, in the order of the trends. */
export function drawTrends(drawing: Drawing, runs: readonly BenchRun[], trends: readonly Trend[]): Figure[] {
  const names = distinct(trends.map((trend) => trend.case));
  const spans = caseSpansOf(runs);
  const figureNames = names.map((name) => name.replaceAll(/[^\w]+/g, '-'));
  return names.map((name, index) => {
    // two cases may differ in what the name of a file has no place for
    const isTaken = figureNames.indexOf(figureNames[index]!) < index;
    const figureName = `case-${figureNames[index]}${isTaken ? `-${index + 1}` : ''}`;
    const span = spans.find((one) => one.case === name)!;
    return drawCase(drawing, runs, { span, figureName, trends: trends.filter((trend) => trend.case === name) });
  });
}

/** `2026-05-01 0123abcde`: the run that brought a change, as a reader finds it again. */
export function runName(run: BenchRun): string {
  return `${run.startedAt.slice(0, 10)} ${buildName(run)}`;
}

/** Says so where a case came later than the history, or is not in the newest run; nothing of one that is in both. */
export function spanSentences(runs: readonly BenchRun[], { first, last }: CaseSpan): string[] {
  return [
    ...(first === 0 ? [] : [`New with run ${first + 1}, ${runName(runs[first]!)}`]),
    ...(last === runs.length - 1 ? [] : [`Not in the newest run, last in run ${last + 1}, ${runName(runs[last]!)}`]),
  ];
}

/** What a measure is called on the page. */
export function measureName({ kind, measure }: Trend): string {
  if (kind === 'time') return `CPU time of one ${measure}`;
  return kind === 'memory' ? 'most memory held' : inWords(measure);
}

function drawCase(
  drawing: Drawing,
  runs: readonly BenchRun[],
  { span, figureName, trends }: { span: CaseSpan; figureName: string; trends: readonly Trend[] },
): Figure {
  const name = span.case;
  const shown = [...new Set(trends.flatMap((trend) => trend.runs))].toSorted((a, b) => a - b).slice(-TABLE_ROWS_MAX);
  const changed = trends.filter(({ changes }) => changes.length > 0);
  const valueAt = (trend: Trend, run: number): string => {
    const at = trend.runs.indexOf(run);
    return at < 0 ? NOTHING : measureText(trend.values[at]!, trend.unit);
  };
  return {
    name: figureName,
    title: name,
    lead: [
      changed.length === 0
        ? 'No measure changed.'
        : `Changed: ${listed(changed.map((trend) => `${measureName(trend)} (${trend.changes.map(changeText).join(', ')})`))}.`,
      ...spanSentences(runs, span).map((sentence) => `${sentence}.`),
    ].join(' '),
    panels: trends.flatMap((trend, column) =>
      trend.unit === 'text' ? [] : [trendPanel(drawing, runs, { trend, column: column + RUN_COLUMNS })],
    ),
    legend: [
      { label: 'a run: the median of its processes', sign: { colour: 'var(--fabric-0)' } },
      { label: 'level', sign: { colour: 'var(--axis)' } },
      { label: 'change', sign: { colour: 'var(--limit)' } },
    ],
    notes: [
      'Heights do not begin at 0. Times and memory are those of the machine that measured the case last; counters are of all.',
      `A level of times or memory changes where it does so by ${formatRatio(CHANGE_POINT_DEFAULTS.minEffectRatio)} or more ` +
        `and chance seldom does as much (${formatRatio(CHANGE_POINT_DEFAULTS.alpha)}); a counter wherever it differs.`,
    ],
    table: {
      caption: `${name}, run by run`,
      head: ['run', 'commit', ...trends.map(measureName)],
      rows: shown.map((run) => [
        `${run + 1}: ${runs[run]!.startedAt.slice(0, 16).replace('T', ' ')}`,
        buildName(runs[run]!),
        ...trends.map((trend) => valueAt(trend, run)),
      ]),
      textColumns: [0, 1],
      times: shown.map((run) => run + 1),
    },
  };
}

function trendPanel(
  drawing: Drawing,
  runs: readonly BenchRun[],
  { trend, column }: { trend: Trend; column: number },
): Panel {
  const { unit, changes, values } = trend;
  const said = changes.map((change) => `${changeText(change)} at run ${change.run + 1}, ${runName(runs[change.run]!)}`);
  const count = values.length === 1 ? 'one run' : `${formatCount(values.length)} runs`;
  const title = measureName(trend);
  return {
    title,
    label: `${title} of ${trend.case} over ${count}, ${measureText(values.at(-1)!, unit)} in the newest: ${
      said.length === 0 ? 'no change' : listed(said)
    }.`,
    span: 'half',
    columns: [1, column],
    draw: (width) => drawTrend(drawing, trend, { width, runCount: runs.length }),
  };
}

function drawTrend(
  { Plot, plot }: Drawing,
  trend: Trend,
  { width, runCount }: { width: number; runCount: number },
): SvgNode {
  const { unit, changes } = trend;
  const points = trend.runs.map((run, index) => ({ run: run + 1, value: trend.values[index] as number }));
  const values = points.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  // a counter has no noise that could fill the height, and a change of one is a change
  const ofValue = unit === 'count' && most > least ? 0 : Math.max(most * PADDING_OF_VALUE, unit === 'ns' ? 0 : 1);
  const padding = Math.max((most - least) * PADDING_OF_RANGE, ofValue);
  const bounds = [0, ...changes.map(({ run }) => run), runCount];
  const levels = bounds.slice(1).flatMap((end, index) => {
    const start = bounds[index]!;
    const within = points.filter(({ run }) => run > start && run <= end).map(({ value }) => value);
    return within.length === 0 ? [] : [{ from: start + 0.5, to: end + 0.5, level: middleOf(within) }];
  });
  const marked = changes.map((change) => ({ at: change.run + 0.5, text: changeText(change) }));
  const plotPixels = width - MARGIN_LEFT - MARGIN_RIGHT;
  const pixelsAt = (at: number) => MARGIN_LEFT + ((at - 0.5) / runCount) * plotPixels;
  const labels = labelsInRows(marked, { pixelsAt, rowsMax: LABEL_ROWS_MAX });
  const rows = Math.max(1, ...labels.map(({ row }) => row + 1));
  return plot(
    {
      width,
      height: 186 + rows * LABEL_ROW_PIXELS,
      marginTop: ABOVE_LABELS_PIXELS + rows * LABEL_ROW_PIXELS,
      marginRight: MARGIN_RIGHT,
      marginLeft: MARGIN_LEFT,
      x: {
        domain: [0.5, runCount + 0.5],
        label: 'run',
        labelAnchor: 'center',
        labelArrow: 'none',
        ticks: wholeTicks(runCount, Math.max(2, Math.floor(width / 70))),
        tickFormat: (run: number) => formatCount(run),
      },
      y: {
        domain: [Math.max(0, least - padding), most + padding],
        label: null,
        grid: true,
        ticks: 4,
        tickSize: 0,
        tickPadding: 7,
        tickFormat: (value: number) => measureText(value, unit),
      },
      marks: [
        Plot.ruleY(levels, { x1: 'from', x2: 'to', y: 'level', stroke: 'var(--axis)', strokeWidth: 2 }),
        Plot.ruleX(marked, { x: 'at', stroke: 'var(--limit)', strokeWidth: 1.5, strokeDasharray: '4 3' }),
        ...Array.from({ length: rows }, (_, row) =>
          Plot.text(
            labels.filter((label) => label.row === row),
            { x: 'at', text: 'text', frameAnchor: 'top', dy: -(row + 1) * LABEL_ROW_PIXELS, fill: 'var(--limit)' },
          ),
        ),
        Plot.dot(points, { x: 'run', y: 'value', r: 3, fill: 'var(--fabric-0)' }),
      ],
    },
    { isOverTime: true },
  );
}

/** Whole numbers from 1 on, evenly apart, as many as there is room for. */
function wholeTicks(count: number, room: number): number[] {
  const step = Math.max(1, Math.ceil(count / room));
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => 1 + index * step);
}

function middleOf(values: readonly number[]): number {
  const ordered = values.toSorted((one, other) => one - other);
  const half = ordered.length >> 1;
  return ordered.length % 2 === 1 ? ordered[half]! : (ordered[half - 1]! + ordered[half]!) / 2;
}
