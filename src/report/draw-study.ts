import type { ComparedResult } from '../comparison/compared-result.ts';
import { estimatedDifference, estimatedPercentile, NOTHING } from '../comparison/format.ts';
import type { KeyFigure } from '../comparison/key-figures.ts';
import { CONFIDENCE } from '../metrics/estimate.ts';
import { amountAxis } from './axes.ts';
import { axisScale, axisText } from './axis-scale.ts';
import type { Drawing, SvgNode } from './drawing.ts';
import { fabricSign } from './fabric-signs.ts';
import type { Figure, Panel } from './figure.ts';
import { TABLE_ROWS_MAX } from './figure.ts';
import { studyFigures } from './study-figures.ts';
import { differenceAt, estimateAt, percentileAt, type StudyPoint, type StudyRuns } from './study-runs.ts';

/** Panels of one figure at most: with more combinations of the other axes, all points are drawn against each axis. */
const PANELS_MAX = 6;

/** Percentiles over the replications that stand beside their means in the numbers behind a figure, as `batch` shows them. */
const PERCENTILES = [
  { words: 'median', p: 50 },
  { words: '90th percentile', p: 90 },
] as const;

/** Points of a study that share the values of all axes but the one that is drawn. */
interface Family {
  readonly title: string;
  readonly axis: number;
  readonly points: readonly StudyPoint[];
  /** Points that are neighbours on the axis and in nothing else apart are joined. */
  readonly isLine: boolean;
}

/** Key figures over the values of a study's axes; those that are zero or missing everywhere are left out. */
export function drawStudy(drawing: Drawing, study: StudyRuns): Figure[] {
  const families = familiesOf(study);
  const results = study.runs.map(({ result }) => result);
  return studyFigures(study)
    .filter(({ value }) => results.some((result) => (value(result) ?? 0) !== 0))
    .map((quantity) => drawKeyFigure(drawing, study, { quantity, families }));
}

function drawKeyFigure(
  drawing: Drawing,
  study: StudyRuns,
  { quantity, families }: { quantity: KeyFigure; families: readonly Family[] },
): Figure {
  const { axes, fabrics, points, facts } = study;
  const { name, label, value, format } = quantity;
  const most = Math.max(0, ...points.flatMap((point) => fabrics.map((_, fabric) => upperEnd(point, fabric, value))));
  const isReplicated = facts.seeds.length > 1;
  // by their places among the fabrics
  const compared = isReplicated ? fabrics.map((_, fabric) => fabric).slice(1) : [];
  const percentiles = isReplicated
    ? fabrics.flatMap((_, fabric) => PERCENTILES.map(({ words, p }) => ({ fabric, words, p })))
    : [];
  return {
    name,
    title: titleOf(label),
    lead: isReplicated
      ? `Mean over ${facts.seeds.length} seeds, with its ${CONFIDENCE * 100}% confidence interval (Student's t).`
      : `One run for each mark (seed ${facts.seeds[0]}).`,
    panels: families.map(
      (family): Panel => ({
        title: family.title,
        label: `${label} over ${axes[family.axis]}${family.title === '' ? '' : ` where ${family.title}`}: ${saidOf(study, family, quantity)}.`,
        span: families.length === 1 ? 'full' : 'half',
        draw: (width) => drawFamily(drawing, study, { family, quantity, most, width }),
      }),
    ),
    legend: fabrics.map((fabric, index) => ({ label: fabric, sign: { fabric: index } })),
    notes: isReplicated
      ? [
          'A mark without a bar through it has an interval that is smaller than the mark, or one run.',
          'A mean says little of values with a few large ones among them: the numbers behind it have the median and the ' +
            `90th percentile of the seeds too, with the ${CONFIDENCE * 100}% confidence interval by order statistics where they are enough.`,
        ]
      : [],
    table: {
      caption: points.length > TABLE_ROWS_MAX ? `${label}, the first ${TABLE_ROWS_MAX} points` : label,
      head: [
        ...axes,
        ...fabrics,
        ...compared.map((fabric) => `${fabrics[fabric]} to ${fabrics[0]}`),
        ...percentiles.map(({ fabric, words }) => `${fabrics[fabric]}, ${words}`),
      ],
      rows: points
        .slice(0, TABLE_ROWS_MAX)
        .map((point) => [
          ...point.values.map(axisText),
          ...fabrics.map((_, fabric) => estimateText(point, fabric, { value, format })),
          ...compared.map((fabric) => differenceText(point, fabric, { value, format })),
          ...percentiles.map(({ fabric, p }) => estimatedPercentile(percentileAt(point, fabric, { value, p }), format)),
        ]),
      textColumns: axes.map((_, axis) => axis),
    },
  };
}

/** With a capital letter, unless it is a path. */
function titleOf(label: string): string {
  return label.includes('.') ? label : `${label.charAt(0).toUpperCase()}${label.slice(1)}`;
}

/** One family for each combination of the other axes' values, or where these are many one for each axis. */
function familiesOf({ axes, points }: StudyRuns): Family[] {
  const counts = axes.map((_, axis) => new Set(points.map(({ values }) => axisText(values[axis]!))).size);
  const axis = counts.indexOf(Math.max(...counts));
  const byOthers = new Map<string, StudyPoint[]>();
  for (const point of points) {
    const key = axes.flatMap((path, other) => (other === axis ? [] : [`${path} ${axisText(point.values[other]!)}`]));
    const title = key.join(', ');
    byOthers.set(title, [...(byOthers.get(title) ?? []), point]);
  }
  if (byOthers.size <= PANELS_MAX) {
    return [...byOthers].map(([title, ofFamily]) => ({ title, axis, points: ofFamily, isLine: true }));
  }
  return axes.map((path, other) => ({ title: `over ${path}`, axis: other, points, isLine: false }));
}

type Value = (result: ComparedResult) => number | null;

function upperEnd(point: StudyPoint, fabric: number, value: Value): number {
  const estimate = estimateAt(point, fabric, value);
  return estimate === null ? 0 : estimate.mean + (estimate.halfWidth ?? 0);
}

function estimateText(
  point: StudyPoint,
  fabric: number,
  { value, format }: { value: Value; format: (value: number) => string },
): string {
  const estimate = estimateAt(point, fabric, value);
  if (estimate === null) return NOTHING;
  const { mean, halfWidth } = estimate;
  return halfWidth === null ? format(mean) : `${format(mean)} ± ${format(halfWidth)}`;
}

function differenceText(
  point: StudyPoint,
  fabric: number,
  { value, format }: { value: Value; format: (value: number) => string },
): string {
  return estimatedDifference(differenceAt(point, fabric, value), format) || NOTHING;
}

/** The first and the last of each fabric's values. */
function saidOf({ fabrics }: StudyRuns, { points, axis }: Family, { value, format }: KeyFigure): string {
  const ends = [points[0]!, points.at(-1)!];
  return fabrics
    .map((name, fabric) => {
      const said = ends.map(
        (point) => `${estimateText(point, fabric, { value, format })} at ${axisText(point.values[axis]!)}`,
      );
      return `${name} ${said.join(', ')}`;
    })
    .join('; ');
}

/** What is drawn of a fabric at a point. */
interface Mark {
  readonly place: number | string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly title: string;
}

function drawFamily(
  { Plot, plot }: Drawing,
  { axes, fabrics, facts, points: all }: StudyRuns,
  { family, quantity, most, width }: { family: Family; quantity: KeyFigure; most: number; width: number },
): SvgNode {
  const { axis, points, isLine } = family;
  const { value, format } = quantity;
  const scale = axisScale(
    axes[axis]!,
    all.map(({ values }) => values[axis]!),
    width,
  );
  const marksOf = (fabric: number): Mark[] =>
    points.flatMap((point) => {
      const estimate = estimateAt(point, fabric, value);
      if (estimate === null) return [];
      const { mean, halfWidth } = estimate;
      const isCompared = fabric > 0 && facts.seeds.length > 1;
      const compared = isCompared ? `\n${differenceText(point, fabric, { value, format })} to ${fabrics[0]}` : '';
      const where = axes.map((path, other) => `${path} ${axisText(point.values[other]!)}`).join(', ');
      return [
        {
          place: scale.place(point.values[axis]!),
          mean,
          low: Math.max(0, mean - (halfWidth ?? 0)),
          high: mean + (halfWidth ?? 0),
          title: `${fabrics[fabric]}\n${where}\n${estimateText(point, fabric, { value, format })}${compared}`,
        },
      ];
    });
  return plot({
    width,
    height: 260,
    marginLeft: 66,
    x: scale.options,
    y: amountAxis(quantity.label, most, format),
    marks: [
      Plot.ruleY([0], { stroke: 'var(--axis)' }),
      ...fabrics.flatMap((_, fabric) => {
        const { colour, dash, symbol, className } = fabricSign(fabric);
        const marks = marksOf(fabric);
        const line = { x: 'place', y: 'mean', stroke: colour, strokeWidth: 2, className } as const;
        return [
          ...(isLine ? [Plot.line(marks, dash === '' ? line : { ...line, strokeDasharray: dash })] : []),
          Plot.ruleX(
            marks.filter(({ low, high }) => high > low),
            { x: 'place', y1: 'low', y2: 'high', stroke: colour, strokeWidth: 1.5, className },
          ),
          Plot.dot(marks, {
            x: 'place',
            y: 'mean',
            symbol,
            r: 4,
            fill: colour,
            stroke: 'var(--paper)',
            strokeWidth: 0.75,
            title: 'title',
            className: `marks ${className}`,
          }),
        ];
      }),
    ],
  });
}
