import { measuredDuration } from '../comparison/format.ts';
import { percentile } from '../metrics/nearest-rank.ts';
import { formatCount, formatDuration } from '../units.ts';
import type { Drawing } from './drawing.ts';
import { fabricSign } from './fabric-signs.ts';
import type { Figure } from './figure.ts';
import { TABLE_ROWS_MAX } from './figure.ts';
import type { Row } from './run-series.ts';

/** One measured outage. */
interface Outage {
  readonly vm: string;
  readonly outageNs: number;
  readonly isOver: boolean;
}

/** Bins of a power of ten, so that each is a fifth wider than the one before it. */
const BINS_PER_DECADE = 12;

/** How long migrated VMs were out of reach, a row for each fabric; null if no outage was measured. */
export function drawOutages(
  drawing: Drawing,
  {
    fabrics,
    migrations,
    seedCount,
  }: { fabrics: readonly string[]; migrations: readonly (readonly Row[])[]; seedCount: number },
): Figure | null {
  const outages = migrations.map(outagesOf);
  const all = outages.flat();
  if (all.length === 0) return null;
  const unended = all.filter(({ isOver }) => !isOver).length;
  const unmeasured = migrations.flat().length - all.length;
  const said = fabrics.map((fabric, index) => `${fabric} ${spreadInWords(outages[index]!)}`).join('; ');
  return {
    name: 'outages',
    title: 'How long a migrated VM is out of reach',
    lead: 'Every measured migration, sorted into bins of the same ratio; the mark is the median, the hollow one the longest.',
    panels: [
      {
        title: '',
        label: `Outages by fabric: ${said}.`,
        span: 'full',
        draw: (width) => drawRows(drawing, { fabrics, outages, width }),
      },
    ],
    legend: fabrics.map((label, fabric) => ({ label, sign: { fabric } })),
    notes: [
      'From the last probe that arrived before the pause to the first after it, as seen by a VM that sends to it.',
      ...(seedCount > 1 ? [`Migrations of ${seedCount} seeds together.`] : []),
      ...(unended > 0
        ? [`${formatCount(unended)} were not over in the end and count with their length until then.`]
        : []),
      ...(unmeasured > 0
        ? [`${formatCount(unmeasured)} migrations have no outage: nobody probed, or they did not come to a pause.`]
        : []),
    ],
    table: {
      caption: all.length > TABLE_ROWS_MAX ? `The longest ${TABLE_ROWS_MAX} outages` : 'Every measured outage',
      head: ['fabric', 'VM', 'outage', 'over by the end'],
      rows: fabrics
        .flatMap((fabric, index) => outages[index]!.map((outage) => ({ fabric, ...outage })))
        .toSorted((one, other) => other.outageNs - one.outageNs)
        .slice(0, TABLE_ROWS_MAX)
        .map(({ fabric, vm, outageNs, isOver }) => [fabric, vm, formatDuration(outageNs), isOver ? 'yes' : 'no']),
      textColumns: [0, 1, 3],
    },
  };
}

function outagesOf(rows: readonly Row[]): Outage[] {
  return rows.flatMap(({ vm, outage_ns, is_outage_over }) =>
    outage_ns === null ? [] : [{ vm: String(vm), outageNs: Number(outage_ns), isOver: is_outage_over === true }],
  );
}

function spreadInWords(outages: readonly Outage[]): string {
  if (outages.length === 0) return 'none measured';
  const sorted = sortedNs(outages);
  return `median ${measuredDuration(percentile(sorted, 50)!)}, longest ${measuredDuration(sorted.at(-1)!)}`;
}

function sortedNs(outages: readonly Outage[]): number[] {
  return outages.map(({ outageNs }) => outageNs).toSorted((one, other) => one - other);
}

interface Bin {
  readonly fromNs: number;
  readonly toNs: number;
  readonly count: number;
}

/** Bins on a logarithmic scale; what took no time lies in the first. */
function binsOf(outages: readonly Outage[], leastNs: number): Bin[] {
  const counts = new Map<number, number>();
  for (const { outageNs } of outages) {
    const bin = Math.floor(Math.log10(Math.max(outageNs, leastNs)) * BINS_PER_DECADE + 1e-9);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  return [...counts].map(([bin, count]) => ({
    fromNs: 10 ** (bin / BINS_PER_DECADE),
    toNs: 10 ** ((bin + 1) / BINS_PER_DECADE),
    count,
  }));
}

const ROW_PIXELS = 64;

function drawRows(
  { Plot, plot }: Drawing,
  { fabrics, outages, width }: { fabrics: readonly string[]; outages: readonly (readonly Outage[])[]; width: number },
) {
  const leastNs = 1e5;
  const bins = outages.map((ofFabric) => binsOf(ofFabric, leastNs));
  const flat = bins.flat();
  const mostCount = Math.max(...flat.map(({ count }) => count));
  const fromNs = Math.min(...flat.map(({ fromNs: from }) => from)) * 0.8;
  const toNs = Math.max(...flat.map(({ toNs: to }) => to)) * 1.25;
  return plot({
    width,
    height: 48 + fabrics.length * ROW_PIXELS,
    marginTop: 6,
    marginLeft: 4,
    marginRight: 16,
    x: {
      type: 'log',
      domain: [fromNs, toNs],
      label: 'outage',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: decades(fromNs, toNs),
      tickFormat: measuredDuration,
      grid: true,
    },
    y: { axis: null, domain: [0, fabrics.length], reverse: true },
    marks: fabrics.flatMap((name, fabric) => {
      const { colour, symbol, className } = fabricSign(fabric);
      const base = fabric + 0.95;
      const sorted = sortedNs(outages[fabric]!);
      const marks = sorted.length === 0 ? [] : [percentile(sorted, 50)!, sorted.at(-1)!];
      return [
        Plot.ruleY([base], { stroke: 'var(--axis)', strokeOpacity: 0.5 }),
        Plot.text([`${name}: ${spreadInWords(outages[fabric]!)}`], {
          x: fromNs,
          y: fabric + 0.2,
          dx: 4,
          textAnchor: 'start',
          className,
        }),
        Plot.rect(bins[fabric]!, {
          x1: 'fromNs',
          x2: 'toNs',
          y1: base,
          y2: ({ count }: Bin) => base - 0.58 * Math.max(count / mostCount, 0.06),
          fill: colour,
          fillOpacity: 0.55,
          inset: 0.5,
          title: ({ fromNs: from, toNs: to, count }: Bin) =>
            `${name}: ${formatCount(count)} from ${measuredDuration(from)} to ${measuredDuration(to)}`,
          className: `marks ${className}`,
        }),
        Plot.dot(marks, {
          x: (ns: number) => Math.max(ns, leastNs),
          y: base,
          symbol,
          r: 5,
          fill: (_: number, index: number) => (index === 0 ? colour : 'var(--paper)'),
          stroke: colour,
          strokeWidth: 1.75,
          title: (ns: number, index: number) =>
            `${name}: ${index === 0 ? 'median' : 'longest'} ${measuredDuration(ns)}`,
          className: `marks ${className}`,
        }),
      ];
    }),
  });
}

/** Powers of ten within a span, and the more multiples of these the narrower it is. */
function decades(fromNs: number, toNs: number): number[] {
  const ratio = toNs / fromNs;
  const steps = ratio > 300 ? [1] : ratio > 8 ? [1, 2, 5] : [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(fromNs)); 10 ** power <= toNs; power++) {
    for (const step of steps) {
      const tick = step * 10 ** power;
      if (tick >= fromNs && tick <= toNs) ticks.push(tick);
    }
  }
  return ticks;
}
