import { measuredSize } from '../comparison/format.ts';
import { formatCount } from '../units.ts';
import type { Drawing } from './drawing.ts';
import { fabricClass } from './fabric-signs.ts';
import type { Figure, Panel } from './figure.ts';
import { TABLE_ROWS_MAX } from './figure.ts';
import type { LinkLoad } from './link-loads.ts';

/** The links of one fabric, and how many of its links between switches carried nothing at all. */
export interface FabricLinks {
  readonly links: readonly LinkLoad[];
  readonly idle: number;
}

/** Steps of the heat's colours, 0 for nothing. */
export const HEAT_STEPS = 9;

/** Cells of a strip at most: beyond, neighbours share one. */
const CELLS_MAX = 160;

const QUANTITIES = [
  { name: 'bytes', title: 'all bytes' },
  { name: 'floodedBytes', title: 'flooded bytes' },
] as const;

const TIERS = [
  { tier: 'fabric', title: 'links between switches' },
  { tier: 'server', title: 'links to servers' },
  { tier: 'gateway', title: 'link to the gateway' },
] as const;

/** How load spreads over links: a strip for each fabric, the busiest link first; null if nothing was sent. */
export function drawLinkHeat(
  drawing: Drawing,
  { fabrics, links }: { fabrics: readonly string[]; links: readonly FabricLinks[] },
): Figure | null {
  const panels = TIERS.flatMap(({ tier, title }) =>
    QUANTITIES.flatMap((quantity): Panel[] => {
      const strips = links.map(({ links: all, idle }) => stripOf(all, { tier, quantity: quantity.name, idle }));
      const most = Math.max(0, ...strips.flatMap(({ cells }) => cells.map(({ mean }) => mean)));
      if (most === 0) return [];
      const parts = strips.map(
        ({ count, total }, fabric) => `${fabrics[fabric]} ${measuredSize(total)} on ${formatCount(count)}`,
      );
      return [
        {
          title: `${title}: ${quantity.title}`,
          label: `${title}, ${quantity.title}, the busiest first. ${parts.join(', ')} links.`,
          span: 'half',
          draw: (width) => drawStrips(drawing, { fabrics, strips, most, width }),
        },
      ];
    }),
  );
  if (panels.length === 0) return null;
  const busiest = fabrics.flatMap((fabric, index) =>
    links[index]!.links.toSorted((one, other) => other.bytes - one.bytes || (one.link < other.link ? -1 : 1))
      .slice(0, Math.floor(TABLE_ROWS_MAX / fabrics.length))
      .map(({ link, tier, bytes, floodedBytes }) => [
        fabric,
        link,
        tier,
        formatCount(bytes),
        formatCount(floodedBytes),
      ]),
  );
  const isCut = links.some(({ links: all }) => all.length > Math.floor(TABLE_ROWS_MAX / fabrics.length));
  return {
    name: 'links',
    title: 'How load spreads over links',
    lead: 'Each cell is a link, both directions together, the busiest on the left; those at the other end may stand idle.',
    panels,
    legend: [0, 2, 4, 6, 8].map((step) => ({ label: heatLabel(step), sign: { colour: heatColour(step) } })),
    notes: [
      'Colours go from nothing to the busiest link of a panel, in equal steps.',
      ...(links.some(({ links: all }) => all.length > CELLS_MAX)
        ? [`Of many links, neighbours in the order share a cell, which has the colour of their mean.`]
        : []),
    ],
    table: {
      caption: isCut ? 'The busiest links' : 'Every link that carried anything',
      head: ['fabric', 'link', 'tier', 'bytes', 'flooded bytes'],
      rows: busiest,
      textColumns: [0, 1, 2],
    },
  };
}

function heatLabel(step: number): string {
  if (step === 0) return 'nothing';
  return step === HEAT_STEPS - 1 ? 'the busiest' : `${Math.round((100 * step) / (HEAT_STEPS - 1))}%`;
}

function heatColour(step: number): string {
  return `var(--heat-${step})`;
}

interface HeatCell {
  readonly from: number;
  readonly to: number;
  readonly mean: number;
  readonly title: string;
}

interface Strip {
  readonly cells: readonly HeatCell[];
  /** Links in the strip, and all that they carried. */
  readonly count: number;
  readonly total: number;
}

function stripOf(
  all: readonly LinkLoad[],
  { tier, quantity, idle }: { tier: string; quantity: (typeof QUANTITIES)[number]['name']; idle: number },
): Strip {
  const seen = all
    .filter((link) => link.tier === tier)
    .map((link) => ({ name: link.link, value: link[quantity] }))
    .toSorted((one, other) => other.value - one.value || (one.name < other.name ? -1 : 1));
  const silent =
    tier === 'fabric' ? Array.from({ length: idle }, () => ({ name: 'a link that carried nothing', value: 0 })) : [];
  const sorted = [...seen, ...silent];
  const size = Math.ceil(sorted.length / CELLS_MAX);
  const cells: HeatCell[] = [];
  for (let from = 0; from < sorted.length; from += size) {
    const links = sorted.slice(from, from + size);
    const mean = links.reduce((sum, { value }) => sum + value, 0) / links.length;
    const title =
      links.length === 1
        ? `${links[0]!.name}: ${measuredSize(mean)}`
        : `${links.length} links from ${links[0]!.name} on: ${measuredSize(mean)} on average, at most ${measuredSize(links[0]!.value)}`;
    cells.push({ from, to: from + links.length, mean, title });
  }
  return { cells, count: sorted.length, total: sorted.reduce((sum, { value }) => sum + value, 0) };
}

const STRIP_PIXELS = 26;

function drawStrips(
  { Plot, plot }: Drawing,
  {
    fabrics,
    strips,
    most,
    width,
  }: { fabrics: readonly string[]; strips: readonly Strip[]; most: number; width: number },
) {
  const longest = Math.max(...strips.map(({ count }) => count));
  const cells = strips.flatMap((strip, fabric) => strip.cells.map((cell) => ({ ...cell, fabric })));
  return plot({
    width,
    height: 44 + fabrics.length * (STRIP_PIXELS + 20),
    marginTop: 4,
    marginLeft: 1,
    marginRight: 1,
    x: { domain: [0, longest], label: 'links, the busiest first', labelAnchor: 'center', labelArrow: 'none', ticks: 5 },
    y: { axis: null, domain: [0, fabrics.length], reverse: true },
    marks: fabrics.flatMap((name, fabric) => [
      Plot.text([`${name}: ${measuredSize(strips[fabric]!.total)} in all`], {
        x: 0,
        y: fabric + 0.24,
        textAnchor: 'start',
        className: fabricClass(fabric),
      }),
      Plot.rect(
        cells.filter((cell) => cell.fabric === fabric),
        {
          x1: 'from',
          x2: 'to',
          y1: fabric + 0.42,
          y2: fabric + 0.96,
          fill: ({ mean }: HeatCell) => heatColour(heatStep(mean, most)),
          stroke: 'var(--paper)',
          strokeWidth: longest > 80 ? 0 : 0.75,
          title: 'title',
          className: `marks ${fabricClass(fabric)}`,
        },
      ),
    ]),
  });
}

/** 0 for nothing at all, then equal steps up to the most. */
function heatStep(value: number, most: number): number {
  return value <= 0 ? 0 : Math.min(HEAT_STEPS - 1, 1 + Math.floor((value / most) * (HEAT_STEPS - 1)));
}
