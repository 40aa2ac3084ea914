import { measuredCount } from '../comparison/format.ts';
import { formatCount, formatDuration } from '../units.ts';
import { amountAxis, simulatedTimeAxis } from './axes.ts';
import type { Drawing } from './drawing.ts';
import { fabricSign } from './fabric-signs.ts';
import type { Figure, Panel } from './figure.ts';
import type { MacGrowth } from './mac-growth.ts';
import { type TimeGrid, timesOf } from './time-grid.ts';
import { warmUpMarks } from './warm-up-marks.ts';

/** The tables of one tier and kind, on each fabric that has such. */
interface Tier {
  readonly title: string;
  readonly curves: readonly { readonly fabric: number; readonly growth: MacGrowth }[];
}

const KIND_WORDS: Readonly<Record<string, string>> = {
  bridge: 'MAC table',
  tunnel: 'VTEP table',
  dci_tunnel: 'VTEP table of other sites',
};

/** A capacity beyond so many times what was held would flatten the curves: it is only named. */
const CAPACITY_SHOWN_MAX = 3;

/** How tables filled, a panel for each tier; `growths` by fabric. Null if nobody held an address. */
export function drawMacGrowth(
  drawing: Drawing,
  {
    fabrics,
    growths,
    grid,
  }: { fabrics: readonly string[]; growths: readonly (readonly MacGrowth[])[]; grid: TimeGrid },
): Figure | null {
  const tiers = tiersOf(growths);
  if (tiers.length === 0) return null;
  const head = [
    'time',
    ...tiers.flatMap(({ title, curves }) => curves.map(({ fabric }) => `${title}, ${fabrics[fabric]}`)),
  ];
  const rows = grid.endsNs.map((endNs, point) => [
    formatDuration(endNs),
    ...tiers.flatMap(({ curves }) => curves.map(({ growth }) => formatCount(growth.most[point]!))),
  ]);
  let column = 1;
  const panels = tiers.map((tier): Panel => {
    const columns = tier.curves.map(() => column++);
    return drawTier(drawing, tier, { fabrics, grid, columns });
  });
  const isLimited = growths.some((ofFabric) => ofFabric.some(({ capacity }) => capacity !== null));
  const dotted = isLimited ? ' Dotted: what the smallest of these tables can hold.' : '';
  const notes = [`Each curve is the fullest table of its tier.${dotted}`];
  if (grid.samplesPerPoint > 1) notes.push(`A point is the most at ${grid.samplesPerPoint} samples.`);
  return {
    name: 'mac-tables',
    title: 'How MAC tables fill',
    lead: `Addresses in the fullest table of each tier over time${isLimited ? ', against what it can hold' : ''}.`,
    panels,
    legend: fabrics.map((label, fabric) => ({ label, sign: { fabric } })),
    notes,
    table: { caption: 'Addresses in the fullest table', head, rows, times: timesOf(grid) },
  };
}

/** Panels in the order in which tiers first appear, without those that stayed empty. */
function tiersOf(growths: readonly (readonly MacGrowth[])[]): Tier[] {
  const keys = [...new Set(growths.flatMap((ofFabric) => ofFabric.map(({ tier, kind }) => `${tier} ${kind}`)))];
  return keys
    .map((key) => {
      const [tier, kind] = key.split(' ') as [string, string];
      const curves = growths.flatMap((ofFabric, fabric) => {
        const growth = ofFabric.find((one) => one.tier === tier && one.kind === kind);
        return growth === undefined ? [] : [{ fabric, growth }];
      });
      return { title: `${tier} ${KIND_WORDS[kind] ?? kind}`, curves };
    })
    .filter(({ curves }) => curves.some(({ growth }) => growth.most.some((entries) => entries > 0)));
}

function drawTier(
  drawing: Drawing,
  { title, curves }: Tier,
  { fabrics, grid, columns }: { fabrics: readonly string[]; grid: TimeGrid; columns: readonly number[] },
): Panel {
  const { Plot, plot } = drawing;
  const durationNs = grid.endsNs.at(-1)!;
  const mostHeld = Math.max(...curves.map(({ growth }) => Math.max(...growth.most)));
  const capacities = [...new Set(curves.flatMap(({ growth }) => growth.capacity ?? []))].toSorted((a, b) => a - b);
  const shown = capacities.filter((capacity) => capacity <= mostHeld * CAPACITY_SHOWN_MAX);
  const beyond = capacities.filter((capacity) => !shown.includes(capacity));
  const said = curves
    .map(({ fabric, growth }) => `${fabrics[fabric]} ${formatCount(Math.max(...growth.most))}`)
    .join(', ');
  return {
    title,
    label: `${title}: most addresses in one: ${said}.${
      capacities.length === 0 ? '' : ` Capacity: ${capacities.map(formatCount).join(', ')}.`
    }`,
    span: 'half',
    columns,
    draw: (width) =>
      plot(
        {
          width,
          height: 250,
          x: simulatedTimeAxis(durationNs, width),
          y: amountAxis('addresses', Math.max(mostHeld, ...shown), measuredCount),
          marks: [
            Plot.ruleY([0], { stroke: 'var(--axis)' }),
            ...warmUpMarks(drawing, grid),
            ...shown.flatMap((capacity) => [
              Plot.ruleY([capacity], { stroke: 'var(--limit)', strokeWidth: 1.5, strokeDasharray: '1.5 3' }),
              Plot.text([`capacity ${formatCount(capacity)}`], {
                x: 0,
                y: capacity,
                dx: 4,
                dy: -6,
                textAnchor: 'start',
                fill: 'var(--limit)',
                frameAnchor: 'left',
              }),
            ]),
            ...(beyond.length === 0
              ? []
              : [
                  Plot.text([`capacity ${beyond.map(formatCount).join(', ')} ↑`], {
                    frameAnchor: 'top-right',
                    dy: -14,
                    fill: 'var(--limit)',
                  }),
                ]),
            ...curves.map(({ fabric, growth }) => {
              const { colour, dash, className } = fabricSign(fabric);
              return Plot.lineY(growth.most, {
                x: timesOf(grid),
                y: growth.most,
                stroke: colour,
                strokeWidth: 2,
                ...(dash === '' ? {} : { strokeDasharray: dash }),
                className,
              });
            }),
          ],
        },
        { isOverTime: true },
      ),
  };
}
