import type * as PlotModule from '@observablehq/plot';

/** The part of a node of the document that pages are built with. */
export interface SvgNode {
  readonly nodeType: number;
  readonly localName: string;
  readonly textContent: string;
  readonly childNodes: Iterable<SvgNode>;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelectorAll(selector: string): Iterable<SvgNode>;
  append(...nodes: (SvgNode | string)[]): void;
  remove(): void;
}

/** Makes the nodes of a page. */
export interface PageDocument {
  createElement(name: string): SvgNode;
  createElementNS(namespace: string, name: string): SvgNode;
  createTextNode(text: string): SvgNode;
}

export type PlotOptions = PlotModule.PlotOptions;

/** What figures are drawn with: Observable Plot, on a document without a browser. */
export interface Drawing {
  readonly Plot: typeof PlotModule;
  readonly document: PageDocument;
  /** A drawing in the style of the report. `x` of time is marked for reading values off. */
  plot(options: PlotOptions, settings?: { readonly isOverTime?: boolean }): SvgNode;
}

/** Loads what draws; it takes a moment, so only who draws waits for it. */
export async function createDrawing(): Promise<Drawing> {
  const [Plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]);
  const { document } = parseHTML('<!doctype html><html lang="en"><head></head><body></body></html>');
  return {
    Plot,
    document: document as unknown as PageDocument,
    plot: (options, { isOverTime = false } = {}) => {
      const svg = Plot.plot({ ...BASE_OPTIONS, ...options, document }) as unknown as Plotted;
      for (const style of svg.querySelectorAll('style')) style.remove();
      for (const name of ['class', 'font-size', 'font-family']) svg.removeAttribute(name);
      if (isOverTime) markTime(svg);
      tidy(svg);
      return svg;
    },
  };
}

const BASE_OPTIONS = { marginTop: 22, marginRight: 16, marginBottom: 38, marginLeft: 58 } satisfies PlotOptions;

type Plotted = SvgNode & { scale(name: 'x'): { domain: [number, number]; range: [number, number] } };

/** Leaves in the drawing from which number to which its axis of time runs, and between which pixels. */
function markTime(svg: Plotted): void {
  const { domain, range } = svg.scale('x');
  svg.setAttribute('data-domain', domain.join(' '));
  svg.setAttribute('data-range', range.join(' '));
}

/** Coordinates to a hundredth of a pixel, and none of the words of parts: the drawing is one picture with a name. */
function tidy(svg: SvgNode): void {
  for (const node of svg.querySelectorAll('*')) {
    for (const { name, value } of [...node.attributes]) {
      if (name.startsWith('aria-')) node.removeAttribute(name);
      else if (COORDINATES.has(name)) node.setAttribute(name, value.replaceAll(/-?\d+\.\d{3,}/g, shortened));
    }
  }
}

const COORDINATES: ReadonlySet<string> = new Set([
  'd',
  'transform',
  'x',
  'y',
  'x1',
  'x2',
  'y1',
  'y2',
  'cx',
  'cy',
  'r',
  'width',
  'height',
]);

function shortened(number: string): string {
  return String(Number(Number(number).toFixed(2)));
}
