import type { SvgNode } from './drawing.ts';
import type { Elements } from './elements.ts';
import { fabricClass, fabricSign } from './fabric-signs.ts';
import type { DataTable, Figure, LegendEntry, Panel } from './figure.ts';

/** Widths at which panels are drawn: for a page of two columns, and for a telephone. */
const WIDE_PIXELS = { half: 508, full: 1056 } as const;
const NARROW_PIXELS = 358;

/** A section of the page with a figure, its legend, its notes and its numbers. */
export function figureSection(h: Elements, { name, title, lead, panels, legend, notes, table }: Figure): SvgNode {
  return h(
    'section',
    { id: name, 'aria-labelledby': `${name}-title` },
    h('h2', { id: `${name}-title` }, title),
    h('p', { class: 'lead' }, lead),
    legendList(h, legend),
    h(
      'figure',
      {},
      h(
        'div',
        { class: 'panels' },
        panels.map((panel) => panelElement(h, panel, name)),
      ),
      h(
        'figcaption',
        {},
        notes.map((note) => h('p', {}, note)),
      ),
    ),
    h('details', {}, h('summary', {}, 'The numbers behind it'), dataTable(h, table, `${name}-numbers`)),
  );
}

function panelElement(h: Elements, panel: Panel, figure: string): SvgNode {
  const { title, span, fabric } = panel;
  const drawing = (className: string, widthPixels: number) => {
    const svg = panel.draw(widthPixels);
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', panel.label);
    const attributes = {
      class: `drawing ${className}`,
      tabindex: '0',
      role: 'group',
      'aria-label': `${title === '' ? 'Drawing' : title}: arrow keys read values`,
      'data-columns': panel.columns?.join(' ') ?? null,
      'data-table': panel.columns === undefined ? null : `${figure}-numbers`,
    };
    return h('div', attributes, svg);
  };
  return h(
    'div',
    { class: ['panel', span, ...(fabric === undefined ? [] : [fabricClass(fabric)])].join(' ') },
    title === '' ? null : h('h3', {}, title),
    drawing('wide', WIDE_PIXELS[span]),
    drawing('narrow', NARROW_PIXELS),
  );
}

function legendList(h: Elements, legend: readonly LegendEntry[]): SvgNode | null {
  if (legend.length < 2) return null;
  return h(
    'ul',
    { class: 'legend' },
    legend.map(({ label, sign }) =>
      'fabric' in sign
        ? h(
            'li',
            {},
            h(
              'button',
              { type: 'button', 'data-fabric': fabricClass(sign.fabric), 'aria-pressed': 'true' },
              fabricLine(h, sign.fabric),
              label,
            ),
          )
        : h('li', {}, colourSwatch(h, sign.colour), label),
    ),
  );
}

/** A short piece of a fabric's line. */
export function fabricLine(h: Elements, fabric: number): SvgNode {
  const { colour, dash } = fabricSign(fabric);
  const line = { x1: '0', x2: '26', y1: '6', y2: '6', stroke: colour, 'stroke-width': '2.5' };
  return h(
    'svg',
    { class: 'sign', viewBox: '0 0 26 12', 'aria-hidden': 'true' },
    h('line', { ...line, 'stroke-dasharray': dash === '' ? null : dash }),
  );
}

function colourSwatch(h: Elements, colour: string): SvgNode {
  return h(
    'svg',
    { class: 'swatch', viewBox: '0 0 14 14', 'aria-hidden': 'true' },
    h('rect', { width: '14', height: '14', rx: '2', fill: colour }),
  );
}

/** A table that can be scrolled by keyboard too. */
export function dataTable(
  h: Elements,
  { caption, head, rows, textColumns = [0], times }: DataTable,
  id: string,
): SvgNode {
  const kind = (column: number) => (textColumns.includes(column) ? 'text' : null);
  return scrolled(
    h,
    caption,
    h(
      'table',
      { id },
      h('caption', {}, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          head.map((text, column) => h('th', { scope: 'col', class: kind(column) }, text)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map(([first, ...cells], row) =>
          h(
            'tr',
            { 'data-time': times === undefined ? null : String(times[row]) },
            h('th', { scope: 'row' }, first!),
            cells.map((cell, column) => h('td', { class: kind(column + 1) }, cell)),
          ),
        ),
      ),
    ),
  );
}

/** What may be wider than the page scrolls within it, by keyboard too. */
export function scrolled(h: Elements, label: string, table: SvgNode): SvgNode {
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label }, table);
}
