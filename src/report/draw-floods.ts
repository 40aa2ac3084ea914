import { measuredRate } from '../comparison/format.ts';
import { formatCount, formatDuration } from '../units.ts';
import { AMOUNT_ROOM, amountAxis, simulatedTimeAxis } from './axes.ts';
import type { Drawing } from './drawing.ts';
import { fabricClass } from './fabric-signs.ts';
import type { Figure, Panel } from './figure.ts';
import { CAUSE_GROUPS, type FloodCurves } from './flood-curves.ts';
import { type TimeGrid, timesOf } from './time-grid.ts';
import { pointsAfterWarmUp, scaleNotes, warmUpMarks } from './warm-up-marks.ts';

/** What was flooded over time, a panel for each fabric on one scale; null if nothing was. */
export function drawFloods(
  drawing: Drawing,
  { fabrics, floods, grid }: { fabrics: readonly string[]; floods: readonly FloodCurves[]; grid: TimeGrid },
): Figure | null {
  const groups = CAUSE_GROUPS.flatMap(({ name }, group) =>
    floods.some(({ rates }) => rates[group]!.some((rate) => rate > 0)) ? [{ name, group }] : [],
  );
  if (groups.length === 0) return null;
  const points = pointsAfterWarmUp(grid);
  const peaks = floods.map(({ rates }) => Math.max(...points.map((point) => sumAt(rates, point))));
  const mostRate = Math.max(...peaks);
  const panels = fabrics.map((name, fabric): Panel => {
    const { rates } = floods[fabric]!;
    const peak = peaks[fabric]!;
    return {
      title: `${name}: at most ${measuredRate(peak)}${points.length < grid.endsNs.length ? ' after the warm-up' : ''}`,
      label: `${name}: flooded bits per second on all links by cause over time; at most ${measuredRate(peak)}.`,
      span: 'half',
      fabric,
      columns: groups.map((_, index) => 1 + fabric * groups.length + index),
      draw: (width) => drawFabric(drawing, { rates, groups, grid, mostRate, width, className: fabricClass(fabric) }),
    };
  });
  const average = grid.samplesPerPoint > 1 ? `over ${grid.samplesPerPoint} samples` : 'from one sample to the next';
  return {
    name: 'flooding',
    title: 'What is flooded, and why',
    lead: 'Flooded traffic on all links together, stacked by cause; every fabric on the same scale.',
    panels,
    legend: groups.map(({ name, group }) => ({ label: name, sign: { colour: causeColour(group) } })),
    notes: [
      `Each step is the mean ${average}. A copy counts once on every link that it crosses, with its encapsulation.`,
      ...scaleNotes(grid),
    ],
    table: {
      caption: 'Flooded on all links, in bit/s',
      head: ['time', ...fabrics.flatMap((fabric) => groups.map(({ name }) => `${fabric}, ${name}`))],
      times: timesOf(grid),
      rows: grid.endsNs.map((endNs, point) => [
        formatDuration(endNs),
        ...floods.flatMap(({ rates }) => groups.map(({ group }) => formatCount(Math.round(rates[group]![point]!)))),
      ]),
    },
  };
}

function causeColour(group: number): string {
  return `var(--cause-${group})`;
}

function sumAt(rates: FloodCurves['rates'], point: number): number {
  return rates.reduce((sum, ofGroup) => sum + ofGroup[point]!, 0);
}

interface FabricFloods {
  readonly rates: FloodCurves['rates'];
  readonly groups: readonly { readonly group: number }[];
  readonly grid: TimeGrid;
  readonly mostRate: number;
  readonly width: number;
  readonly className: string;
}

function drawFabric(drawing: Drawing, { rates, groups, grid, mostRate, width, className }: FabricFloods) {
  const { Plot, plot } = drawing;
  const durationNs = grid.endsNs.at(-1)!;
  // a step has the height of its span from the start of the span on
  const edges = [0, ...timesOf(grid)];
  const below = edges.map(() => 0);
  const withinPanel = (rate: number) => Math.min(rate, mostRate * AMOUNT_ROOM);
  const areas = groups.map(({ group }) => {
    const heights = edges.map((_, edge) => rates[group]![Math.max(0, edge - 1)]!);
    const from = [...below];
    for (const [edge, height] of heights.entries()) below[edge]! += height;
    return Plot.areaY(edges, {
      x: edges,
      y1: from.map(withinPanel),
      y2: below.map(withinPanel),
      fill: causeColour(group),
      curve: 'step-before',
      className,
    });
  });
  return plot(
    {
      width,
      height: 230,
      marginLeft: 66,
      x: simulatedTimeAxis(durationNs, width),
      y: amountAxis('flooded traffic', mostRate, measuredRate),
      marks: [...areas, Plot.ruleY([0], { stroke: 'var(--axis)' }), ...warmUpMarks(drawing, grid)],
    },
    { isOverTime: true },
  );
}
