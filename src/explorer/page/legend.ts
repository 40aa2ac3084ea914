import { LOAD_STEPS } from './colour-scale.ts';
import type { Palette } from './palette.ts';

const SVG = 'http://www.w3.org/2000/svg';

/** What the colours, lines and marks of a drawing mean; while a frame is followed, those of its way as well. */
export function showLegend(place: HTMLElement, palette: Palette, isFollowing: boolean): void {
  const entries = [
    ...LOAD_STEPS.map(({ label }, step) => entry(label, [line(palette.loads[step]!, step < 2 ? 2 : 3)])),
    entry('blocked', [line(palette.ink, 1.5, '4 3')]),
    entry('down', [line(palette.danger, 1.5, '1 4'), cross(palette.danger)]),
    entry('MAC table, full to here', levels(palette, palette.bridge)),
    entry("VTEP's table", levels(palette, palette.tunnel)),
    entry('table full', [rect(palette.danger, 2, 1, 20, 3), rect(palette.bridge, 2, 4, 20, 10)]),
    ...(isFollowing ? waveEntries(palette) : []),
  ];
  const title = document.createElement('span');
  title.textContent = 'Load of a link, its busier direction; of a server, of its link:';
  place.replaceChildren(title, ...entries);
}

function waveEntries({ wave, tunnel, danger, accent, paper }: Palette): HTMLElement[] {
  return [
    entry('copy of the frame', [line(wave, 3)]),
    entry('inside a tunnel', [line(tunnel, 3)]),
    entry('dropped', [line(danger, 1), cross(danger)]),
    entry('table points elsewhere', [framed(paper, danger)]),
    entry('table right', [framed(accent, accent)]),
  ];
}

function framed(fill: string, colour: string): SVGElement {
  return shape('rect', { x: 7, y: 2, width: 10, height: 10, fill, stroke: colour, 'stroke-width': 2 });
}

function entry(label: string, shapes: readonly SVGElement[]): HTMLElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('width', '24');
  svg.setAttribute('height', '14');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(...shapes);
  const span = document.createElement('span');
  span.append(svg, label);
  return span;
}

function shape(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, String(value));
  return made;
}

function line(colour: string, width: number, dash = ''): SVGElement {
  const shared = { x1: 0, y1: 7, x2: 24, y2: 7, stroke: colour, 'stroke-width': width };
  return shape('line', dash === '' ? shared : { ...shared, 'stroke-dasharray': dash });
}

function cross(colour: string): SVGElement {
  return shape('path', { d: 'M8 3l8 8m0 -8l-8 8', stroke: colour, 'stroke-width': 1.5 });
}

function rect(colour: string, x: number, y: number, width: number, height: number): SVGElement {
  return shape('rect', { x, y, width, height, fill: colour });
}

function levels({ box }: Palette, colour: string): SVGElement[] {
  return [rect(box, 2, 1, 20, 13), rect(colour, 2, 6, 20, 8)];
}
