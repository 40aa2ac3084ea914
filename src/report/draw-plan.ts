import { NOTHING } from '../comparison/format.ts';
import type { ParameterValue } from '../metrics/run-file.ts';
import { amountAxis } from './axes.ts';
import { axisScale, axisText } from './axis-scale.ts';
import type { Drawing, SvgNode } from './drawing.ts';
import { fabricSign } from './fabric-signs.ts';
import { type Figure, type Panel, TABLE_ROWS_MAX } from './figure.ts';
import { type LimitCurve, limitCurves } from './limit-curves.ts';
import type { PlanRuns } from './plan-runs.ts';

/** Limits that are drawn; a plan with more has those drawn that bind, as far as there is room. */
const PANELS_MAX = 6;

/** What each limit of a search measured over the values of its axis, against its bound; null if there is nothing to draw. */
export function drawPlan(drawing: Drawing, plan: PlanRuns): Figure | null {
  const all = limitCurves(plan);
  const curves = all.slice(0, PANELS_MAX);
  if (curves.length === 0) return null;
  const { fabrics, question } = plan;
  const hidden = all.length - curves.length;
  return {
    name: 'limits',
    title: 'How far each limit is from binding',
    lead: `What each limit measures over ${question.axis}, against its bound. A mark is one run.`,
    panels: curves.map(
      (curve): Panel => ({
        title: curve.name,
        label: `${curve.name} over ${question.axis}, ${boundWords(curve)}: ${saidOf(plan, curve)}.`,
        span: curves.length === 1 ? 'full' : 'half',
        draw: (width) => drawCurve(drawing, plan, { curve, width }),
      }),
    ),
    legend: fabrics.map((label, fabric) => ({ label, sign: { fabric } })),
    notes: [
      `Lines join the runs of seed ${plan.facts.seeds[0]}, the first. A hollow mark is a run that breaks the limit.`,
      ...(plan.record === null ? [] : ['Upright lines, with numbers above, are the values that were found.']),
      ...(hidden > 0
        ? [`${hidden} more of the limits are not drawn; run.json of each run has what they measure.`]
        : []),
    ],
    table: tableOf(plan, curves),
  };
}

/** null where limits are broken nowhere or everywhere. */
function foundValue(record: PlanRuns['record'], fabric: string): ParameterValue {
  const answer = record?.answers.find((one) => one.fabric === fabric);
  return answer?.outcome === 'found' ? answer.value : null;
}

function boundWords({ relation, bound, format }: LimitCurve): string {
  return `at ${relation} ${format(bound)}`;
}

function tableOf({ question, fabrics, runs, record }: PlanRuns, curves: readonly LimitCurve[]): Figure['table'] {
  const rows = runs.map(({ run, fabric, value }, index) => [
    axisText(value),
    fabrics[fabric]!,
    String(run.record.seed),
    ...curves.map(({ values, format }) => (values[index] == null ? NOTHING : format(values[index].value))),
    curves.some(({ values }) => values[index]?.isBroken === true) ? 'broken' : 'kept',
    foundValue(record, fabrics[fabric]!) === value ? 'found' : '',
  ]);
  const caption = 'What each limit measured, run by run';
  return {
    caption: rows.length > TABLE_ROWS_MAX ? `${caption}: the first ${TABLE_ROWS_MAX}` : caption,
    head: [
      ...[question.axis, 'fabric', 'seed'],
      ...curves.map((curve) => `${curve.name} (${boundWords(curve)})`),
      ...['limits', 'value'],
    ],
    rows: rows.slice(0, TABLE_ROWS_MAX),
    textColumns: [0, 1, 3 + curves.length, 4 + curves.length],
  };
}

/** One run, as it is marked. */
interface Mark {
  readonly place: number | string;
  readonly value: number;
  readonly seed: number;
  readonly isBroken: boolean;
  readonly title: string;
}

/** For who does not see it: what was measured at the value that was found, or at the ends. */
function saidOf({ fabrics, runs, record }: PlanRuns, { values, format }: LimitCurve): string {
  return fabrics
    .map((name, fabric) => {
      const own = runs.flatMap((point, index) => {
        const measured = values[index] ?? null;
        return point.fabric === fabric && measured !== null ? [{ value: point.value, measured: measured.value }] : [];
      });
      if (own.length === 0) return `${name} has none`;
      const answer = record?.answers.find((one) => one.fabric === name);
      const wanted = [answer?.value, answer?.bound?.value].flatMap((value) => value ?? []) as unknown[];
      const told = own.filter(
        ({ value }, place) => wanted.includes(value) && own.findIndex((one) => one.value === value) === place,
      );
      const shown = told.length > 0 ? told : [own[0]!, own.at(-1)!];
      return `${name} ${shown.map(({ value, measured }) => `${format(measured)} at ${axisText(value)}`).join(', ')}`;
    })
    .join('; ');
}

/** Height of a row of numbers above the drawing: each fabric has one. */
const ROW_PIXELS = 13;

function drawCurve(
  { Plot, plot }: Drawing,
  { facts, fabrics, question, runs, record }: PlanRuns,
  { curve, width }: { curve: LimitCurve; width: number },
): SvgNode {
  const { values, bound, format } = curve;
  const foundOf = (fabric: number) =>
    record?.answers.find((answer) => answer.fabric === fabrics[fabric])?.value ?? null;
  const scale = axisScale(
    question.axis,
    runs.map(({ value }) => value),
    width,
    {
      firstNamed: runs.flatMap(({ value, fabric }) => (value === foundOf(fabric) ? [value] : [])),
      // as the search halves it
      isLinear: true,
    },
  );
  const marksOf = (fabric: number): Mark[] =>
    runs.flatMap(({ run, value, ...point }, index) => {
      const measured = values[index] ?? null;
      if (measured === null || point.fabric !== fabric) return [];
      const title = [
        fabrics[fabric],
        `${question.axis} ${axisText(value)}, seed ${run.record.seed}`,
        `${measured.metric}: ${format(measured.value)}`,
      ];
      return [
        {
          ...{ place: scale.place(value), value: measured.value, isBroken: measured.isBroken },
          seed: run.record.seed,
          title: title.join('\n'),
        },
      ];
    });
  const most = Math.max(bound, ...values.map((measured) => measured?.value ?? 0));
  return plot({
    width,
    height: 250 + ROW_PIXELS * fabrics.length,
    marginLeft: 66,
    marginTop: 12 + ROW_PIXELS * fabrics.length,
    x: scale.options,
    y: { ...amountAxis('', most, format), label: null },
    marks: [
      Plot.ruleY([0], { stroke: 'var(--axis)' }),
      Plot.ruleY([bound], { stroke: 'var(--limit)', strokeWidth: 1.5, strokeDasharray: '1.5 3' }),
      Plot.text([boundWords(curve)], {
        // where curves are far from it
        ...(question.goal === 'largest'
          ? { frameAnchor: 'left', textAnchor: 'start', dx: 4 }
          : { frameAnchor: 'right', textAnchor: 'end', dx: -4 }),
        ...{ y: bound, dy: bound > most / 2 ? 9 : -7, fill: 'var(--limit)' },
      }),
      ...fabrics.flatMap((_, fabric) => {
        const { colour, dash, symbol, className } = fabricSign(fabric);
        const dashed = dash === '' ? {} : { strokeDasharray: dash };
        const marks = marksOf(fabric);
        const found = foundOf(fabric);
        const at = found === null || marks.length === 0 ? [] : [{ place: scale.place(found), text: axisText(found) }];
        const line = { x: 'place', y: 'value', stroke: colour, strokeWidth: 1.5, className } as const;
        return [
          Plot.ruleX(at, { x: 'place', stroke: colour, strokeWidth: 1.25, strokeOpacity: 0.7, ...dashed, className }),
          Plot.text(at, {
            ...{ x: 'place', text: 'text', frameAnchor: 'top', fill: colour, className },
            dy: -8 - ROW_PIXELS * (fabrics.length - 1 - fabric),
          }),
          Plot.line(
            marks.filter(({ seed }) => seed === facts.seeds[0]),
            { ...line, ...dashed },
          ),
          Plot.dot(marks, {
            ...{ x: 'place', y: 'value', symbol, r: 4, title: 'title', className: `marks ${className}` },
            fill: ({ isBroken }: Mark) => (isBroken ? 'var(--paper)' : colour),
            stroke: ({ isBroken }: Mark) => (isBroken ? colour : 'var(--paper)'),
            strokeWidth: 1.25,
          }),
        ];
      }),
    ],
    color: { type: 'identity' },
  });
}
