import type { PageDocument, SvgNode } from './drawing.ts';
import { elementsOf } from './elements.ts';
import { fabricSign } from './fabric-signs.ts';
import type { Figure, LegendEntry } from './figure.ts';
import { xmlOf } from './markup.ts';
import { LIGHT } from './palette.ts';

/** Pixels of a figure on its own. */
const WIDTH_PIXELS = { half: 560, full: 1120 } as const;
const MARGIN_PIXELS = 24;
const GAP_PIXELS = 32;
const PANEL_TITLE_PIXELS = 26;
const LEGEND_ROW_PIXELS = 24;

/** About how wide a letter of 13 pixels is. */
const LETTER_PIXELS = 7.6;

const FONT_FAMILY = 'DejaVu Sans, Helvetica, Arial, sans-serif';

/** A figure as a document of its own, in the colours of a light page: title, legend and all its panels. */
export function standaloneSvg(document: PageDocument, figure: Figure): string {
  const h = elementsOf(document);
  const columns = figure.panels.length === 1 ? 1 : 2;
  const panelWidth = figure.panels[0]!.span === 'full' ? WIDTH_PIXELS.full : WIDTH_PIXELS.half;
  const width = 2 * MARGIN_PIXELS + columns * panelWidth + (columns - 1) * GAP_PIXELS;
  const nodes: SvgNode[] = [text(figure.title, { x: MARGIN_PIXELS, y: 42, size: 20, weight: 'bold' })];
  let top = 62;
  const legend = legendRows(figure.legend, width - 2 * MARGIN_PIXELS);
  for (const row of legend) {
    for (const { entry, x } of row) nodes.push(...legendSign(entry, MARGIN_PIXELS + x, top));
    top += LEGEND_ROW_PIXELS;
  }
  for (let first = 0; first < figure.panels.length; first += columns) {
    const row = figure.panels.slice(first, first + columns).map((panel) => ({ panel, svg: panel.draw(panelWidth) }));
    const titlePixels = row.some(({ panel }) => panel.title !== '') ? PANEL_TITLE_PIXELS : 0;
    for (const [column, { panel, svg }] of row.entries()) {
      const x = MARGIN_PIXELS + column * (panelWidth + GAP_PIXELS);
      if (panel.title !== '') nodes.push(text(panel.title, { x, y: top + 18, size: 14, weight: 'bold' }));
      svg.setAttribute('x', String(x));
      svg.setAttribute('y', String(top + titlePixels));
      svg.setAttribute('overflow', 'visible');
      svg.setAttribute('font-size', '12');
      nodes.push(svg);
    }
    top += titlePixels + Math.max(...row.map(({ svg }) => heightOf(svg))) + GAP_PIXELS / 2;
  }
  const height = top + MARGIN_PIXELS / 2;
  const root = h(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: String(width),
      height: String(height),
      viewBox: `0 0 ${width} ${height}`,
      'font-family': FONT_FAMILY,
      'font-size': '13',
      color: LIGHT.ink!,
      fill: 'currentColor',
    },
    h('title', {}, figure.title),
    h('rect', { width: String(width), height: String(height), fill: LIGHT.paper! }),
    ...nodes,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xmlOf(root, inColour)}\n`;

  function text(content: string, at: { x: number; y: number; size: number; weight: string }): SvgNode {
    const { x, y, size, weight } = at;
    return h('text', { x: String(x), y: String(y), 'font-size': String(size), 'font-weight': weight }, content);
  }

  function legendSign({ label, sign }: LegendEntry, x: number, y: number): SvgNode[] {
    const words = h('text', { x: String(x + 34), y: String(y + 10) }, label);
    if ('colour' in sign) {
      const square = { x: String(x + 12), y: String(y - 2), width: '14', height: '14', rx: '2', fill: sign.colour };
      return [h('rect', square), words];
    }
    const { colour, dash } = fabricSign(sign.fabric);
    const ends = { x1: String(x), x2: String(x + 26), y1: String(y + 5), y2: String(y + 5) };
    const line = { ...ends, stroke: colour, 'stroke-width': '2.5', 'stroke-dasharray': dash === '' ? null : dash };
    return [h('line', line), words];
  }
}

/** Entries in rows that are no wider than this. */
function legendRows(legend: readonly LegendEntry[], widthPixels: number): { entry: LegendEntry; x: number }[][] {
  if (legend.length < 2) return [];
  const rows: { entry: LegendEntry; x: number }[][] = [[]];
  let x = 0;
  for (const entry of legend) {
    const needed = 34 + entry.label.length * LETTER_PIXELS + 20;
    if (x > 0 && x + needed > widthPixels) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)!.push({ entry, x });
    x += needed;
  }
  return rows;
}

function heightOf(svg: SvgNode): number {
  for (const { name, value } of svg.attributes) if (name === 'height') return Number(value);
  return 0;
}

/** A colour in place of the page's variable. */
function inColour(value: string): string {
  return value.replaceAll(/var\(--([\w-]+)\)/g, (reference, name: string) => LIGHT[name] ?? reference);
}
