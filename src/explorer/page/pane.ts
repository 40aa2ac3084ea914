import { formatCount } from '../../units.ts';
import type { Camera } from './camera.ts';
import type { Scene } from './draw-fabric.ts';
import { FabricView } from './fabric-view.ts';
import { type Layout, layOut } from './layout.ts';
import { type LoadsAt, loadOfLink, type Traffic } from './link-loads.ts';
import type { LinkState } from './link-states.ts';
import type { Palette } from './palette.ts';
import type { RunData } from './run-data.ts';
import type { Fill } from './table-fills.ts';
import { percent } from './text.ts';

/** What a pane tells the page. */
export interface PaneEvents {
  moved(camera: Camera): void;
  chose(name: string | null): void;
  tip(text: string | null, x: number, y: number): void;
}

/** What of a run is shown at a time. */
export interface Moment {
  readonly timeNs: number;
  readonly traffic: Traffic;
  readonly node: string | null;
  /** The most that a table without a limit held, in all runs that are shown. */
  readonly mostWithoutLimit: number;
}

/** One fabric of the page: its drawing, with a caption that says what it is and how it is. */
export class Pane {
  readonly figure = document.createElement('figure');
  readonly data: RunData;
  readonly view: FabricView;
  loads: LoadsAt | null = null;
  states: LinkState[] | null = null;
  fills: readonly Fill[] = [];
  readonly #status = document.createElement('span');
  #layout: Layout | null = null;
  #aspect = 0;

  constructor(data: RunData, palette: Palette, events: PaneEvents) {
    this.data = data;
    const { fabric, kind, seed } = data.run;
    const canvas = document.createElement('canvas');
    canvas.tabIndex = 0;
    canvas.role = 'application';
    canvas.ariaLabel =
      `Drawing of the fabric ${fabric}. Arrow keys move it, plus and minus change its size, n and p choose a switch. ` +
      'The tables of this page hold its numbers.';
    this.figure.className = 'pane';
    this.figure.append(
      this.#caption(fabric === kind ? `${fabric}, seed ${seed}` : `${fabric} (${kind}), seed ${seed}`),
      canvas,
    );
    const { graph } = data;
    this.view = new FabricView(canvas, palette, {
      moved: events.moved,
      chose: (node) => events.chose(node < 0 ? null : graph.nodeNames[node]!),
      pointedAt: (thing, x, y) => {
        const box = canvas.getBoundingClientRect();
        const text = thing === null ? null : 'node' in thing ? this.#nodeText(thing.node) : this.linkText(thing.link);
        events.tip(text, box.left + x, box.top + y);
      },
    });
  }

  /** Shows the run as it was. */
  show(moment: Moment): void {
    const { fills, states, loads } = this.data;
    this.fills = fills?.at(moment.timeNs) ?? [];
    this.states = states?.at(moment.timeNs) ?? null;
    this.loads = loads?.at(moment.timeNs, moment.traffic) ?? null;
    this.view.show(this.#scene(moment));
    this.#status.textContent = this.#statusText();
  }

  get layout(): Layout {
    const { aspect } = this.view;
    // a drawing keeps its shape until its room has become another
    if (this.#layout === null || Math.abs(Math.log(aspect / this.#aspect)) > 0.2) {
      this.#aspect = aspect;
      this.#layout = layOut(this.data.graph, Math.min(4, Math.max(0.4, aspect)));
    }
    return this.#layout;
  }

  #scene({ node, mostWithoutLimit }: Moment): Scene {
    const { graph } = this.data;
    const fills = new Map<number, Fill[]>();
    for (const fill of this.fills) {
      const owner = graph.nodeOfName.get(fill.owner);
      if (owner === undefined) continue;
      const of = fills.get(owner);
      if (of === undefined) fills.set(owner, [fill]);
      else of.push(fill);
    }
    return {
      graph,
      layout: this.layout,
      loads: this.loads,
      states: this.states,
      fills,
      mostWithoutLimit,
      selected: node === null ? -1 : (graph.nodeOfName.get(node) ?? -1),
    };
  }

  #caption(text: string): HTMLElement {
    const caption = document.createElement('figcaption');
    const name = document.createElement('strong');
    name.textContent = text;
    this.#status.className = 'status';
    const button = (label: string, sign: string, act: () => void) => {
      const made = document.createElement('button');
      made.type = 'button';
      made.ariaLabel = label;
      made.title = label;
      made.textContent = sign;
      made.addEventListener('click', act);
      return made;
    };
    caption.append(
      name,
      this.#status,
      button('Larger', '+', () => this.view.zoom(1.5)),
      button('Smaller', '−', () => this.view.zoom(1 / 1.5)),
      button('Fit', 'Fit', () => this.view.fit()),
    );
    return caption;
  }

  /** How many links are blocked and down, and how busy the busiest is. */
  #statusText(): string {
    const { graph, fills } = this.data;
    if (fills === null) return 'reading …';
    const between = graph.linkNames.map((_, link) => link).filter((link) => !graph.isServerLink[link]);
    const count = (state: LinkState) => between.filter((link) => this.states?.[link] === state).length;
    const parts = [`${formatCount(between.length)} links`, `${formatCount(count('blocked'))} blocked`];
    parts.push(`${formatCount(count('down'))} down`);
    const { loads } = this;
    if (loads === null) parts.push('reading loads …');
    else parts.push(`busiest ${percent(between.reduce((most, link) => Math.max(most, loadOfLink(loads, link)), 0))}`);
    return parts.join(', ');
  }

  #nodeText(node: number): string {
    const name = this.data.graph.nodeNames[node]!;
    const fills = this.fills.filter(({ owner }) => owner === name);
    return [`${name} (${this.data.graph.nodeTiers[node]})`, ...fills.map(fillText)].join('\n');
  }

  linkText(link: number): string {
    const { graph } = this.data;
    const lines = [`${graph.linkNames[link]}${this.states === null ? '' : `: ${this.states[link]}`}`];
    if (this.loads !== null) {
      const [a, b] = [graph.nodeNames[graph.a[link]!], graph.nodeNames[graph.b[link]!]];
      lines.push(`${a} to ${b}: ${percent(this.loads.ratios[link * 2]!)}`);
      lines.push(`${b} to ${a}: ${percent(this.loads.ratios[link * 2 + 1]!)}`);
    }
    return lines.join('\n');
  }
}

/** A table in words. */
export function fillText({ kind, entries, capacity, refused }: Fill): string {
  const name = { bridge: 'MAC table', tunnel: 'VTEP table', dci_tunnel: 'VTEP table of other sites' }[kind];
  const limit = capacity === null ? '' : ` of ${formatCount(capacity)}`;
  return `${name}: ${formatCount(entries)}${limit} entries${refused > 0 ? `, refused ${formatCount(refused)} times` : ''}`;
}
