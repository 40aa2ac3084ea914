import type { Projection, Room } from './camera.ts';
import { LOAD_STEPS, loadStep } from './colour-scale.ts';
import { type Graph, isBelowSwitches } from './graph.ts';
import { type Layout, LEVEL_BEND_SHARE } from './layout.ts';
import { type LoadsAt, loadOfLink } from './link-loads.ts';
import type { LinkState } from './link-states.ts';
import type { Palette } from './palette.ts';
import { type Fill, fillLevel } from './table-fills.ts';

/** All that a drawing shows, at one time. */
export interface Scene {
  readonly graph: Graph;
  readonly layout: Layout;
  /** null until it has been read. */
  readonly loads: LoadsAt | null;
  readonly states: readonly LinkState[] | null;
  /** By node: its tables. */
  readonly fills: ReadonlyMap<number, readonly Fill[]>;
  readonly mostWithoutLimit: number;
  /** The node that is looked at, or -1. */
  readonly selected: number;
}

/** Where to draw, and how. */
export interface Paper {
  readonly context: CanvasRenderingContext2D;
  readonly room: Room;
  readonly projection: Projection;
  readonly palette: Palette;
}

/** Lines that are stroked at once: long paths are slow. */
const LINES_PER_STROKE = 400;

/** So many links between switches are drawn as they are; more of them fade, so that busy ones stand out. */
const UNFADED_LINKS = 400;
const FAINTEST = 0.06;

/** A switch gets its name if it is so wide, and as far as letters of about this width fit it and what is beside it. */
const LABEL_WIDTH = 30;
const LETTER_WIDTH = 4.2;
/** Lines to the servers of a switch are drawn if it is so wide. */
const SERVER_LINES_WIDTH = 160;

/** Draws a fabric: links, then servers, then switches. */
export function drawFabric(paper: Paper, scene: Scene): void {
  const { context, room, palette } = paper;
  context.fillStyle = palette.paper;
  context.fillRect(0, 0, room.width, room.height);
  drawLinks(paper, scene);
  drawServers(paper, scene);
  drawSwitches(paper, scene);
}

/** The ends of a link in pixels, where the line leaves the boxes. */
export interface Line {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  /** How far the line bends down, for two ends in one row; 0 is straight. */
  readonly bend: number;
}

/** The line that stands for a link. */
export function lineOf({ graph, layout }: Pick<Scene, 'graph' | 'layout'>, projection: Projection, link: number): Line {
  const { scale, offsetX, offsetY } = projection;
  const [a, b] = [graph.a[link]!, graph.b[link]!];
  const upper = layout.y[a]! <= layout.y[b]! ? a : b;
  const lower = upper === a ? b : a;
  const isLevel = layout.y[a] === layout.y[b];
  const x = (node: number) => layout.x[node]! * scale + offsetX;
  const bottom = (node: number) => (layout.y[node]! + layout.halfHeight[node]!) * scale + offsetY;
  const top = (node: number) => (layout.y[node]! - layout.halfHeight[node]!) * scale + offsetY;
  if (isLevel) {
    const bend = Math.min(Math.abs(x(a) - x(b)) * 0.25, layout.height * scale * LEVEL_BEND_SHARE) + 4;
    return { x1: x(a), y1: top(a), x2: x(b), y2: top(b), bend: -bend };
  }
  return { x1: x(upper), y1: bottom(upper), x2: x(lower), y2: top(lower), bend: 0 };
}

/** The place on a line at a share of its way from the first end. */
export function pointOn({ x1, y1, x2, y2, bend }: Line, share: number): { x: number; y: number } {
  return { x: x1 + (x2 - x1) * share, y: y1 + (y2 - y1) * share + 2 * bend * share * (1 - share) };
}

/** Adds a line to the path of a context. */
export function traceLine(context: CanvasRenderingContext2D, { x1, y1, x2, y2, bend }: Line): void {
  context.moveTo(x1, y1);
  if (bend === 0) context.lineTo(x2, y2);
  else context.quadraticCurveTo((x1 + x2) / 2, (y1 + y2) / 2 + bend, x2, y2);
}

/** Whether a link is drawn as a line: those of servers only where there is room, as cells show them otherwise. */
export function isLineDrawn(
  { graph, layout }: Pick<Scene, 'graph' | 'layout'>,
  { scale }: Projection,
  link: number,
): boolean {
  return !graph.isServerLink[link] || layout.halfWidth[graph.a[link]!]! * 2 * scale > SERVER_LINES_WIDTH;
}

function isOutside({ x1, y1, x2, y2 }: Line, { width, height }: Room): boolean {
  return Math.max(x1, x2) < 0 || Math.min(x1, x2) > width || Math.max(y1, y2) < 0 || Math.min(y1, y2) > height;
}

function drawLinks(paper: Paper, scene: Scene): void {
  const { context, room, projection, palette } = paper;
  const { graph, loads, states } = scene;
  const buckets: Record<'forwarding' | 'blocked', number[][]> = { forwarding: [], blocked: [] };
  for (const list of Object.values(buckets)) for (let step = 0; step < LOAD_STEPS.length; step++) list.push([]);
  const down: number[] = [];
  let drawn = 0;
  for (let link = 0; link < graph.linkNames.length; link++) {
    if (!isLineDrawn(scene, projection, link) || isOutside(lineOf(scene, projection, link), room)) continue;
    drawn++;
    const state = states?.[link] ?? 'forwarding';
    if (state === 'down') down.push(link);
    else buckets[state][loads === null ? 0 : loadStep(loadOfLink(loads, link))]!.push(link);
  }
  const faded = Math.max(FAINTEST, Math.min(1, UNFADED_LINKS / Math.max(1, drawn)));
  const stroke = (links: readonly number[]) => strokeLines(context, links, (link) => lineOf(scene, projection, link));
  for (let step = 0; step < LOAD_STEPS.length; step++) {
    context.strokeStyle = palette.loads[step]!;
    context.globalAlpha = step < 2 ? faded : Math.min(1, faded + ((step - 1) * (1 - faded)) / 4);
    context.lineWidth = step < 2 ? 1 : 1 + (step - 1) * 0.4;
    context.setLineDash([5, 5]);
    context.globalAlpha = Math.max(context.globalAlpha, Math.min(1, faded * 2));
    stroke(buckets.blocked[step]!);
    context.setLineDash([]);
    stroke(buckets.forwarding[step]!);
  }
  context.globalAlpha = 1;
  drawDown(paper, scene, down);
}

function strokeLines(context: CanvasRenderingContext2D, links: readonly number[], line: (link: number) => Line): void {
  for (let from = 0; from < links.length; from += LINES_PER_STROKE) {
    context.beginPath();
    for (const link of links.slice(from, from + LINES_PER_STROKE)) traceLine(context, line(link));
    context.stroke();
  }
}

/** Links that are down: dotted, with a cross in the middle. */
function drawDown({ context, projection, palette }: Paper, scene: Scene, links: readonly number[]): void {
  context.strokeStyle = palette.danger;
  context.lineWidth = 1;
  context.globalAlpha = links.length > UNFADED_LINKS ? 0.4 : 0.8;
  context.setLineDash([1, 5]);
  strokeLines(context, links, (link) => lineOf(scene, projection, link));
  context.setLineDash([]);
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const link of links) {
    const { x, y } = pointOn(lineOf(scene, projection, link), 0.5);
    context.moveTo(x - 3.5, y - 3.5);
    context.lineTo(x + 3.5, y + 3.5);
    context.moveTo(x + 3.5, y - 3.5);
    context.lineTo(x - 3.5, y + 3.5);
  }
  context.stroke();
}

/** A box of a node in pixels. */
export function boxOf(layout: Layout, { scale, offsetX, offsetY }: Projection, node: number) {
  const width = Math.max(1, layout.halfWidth[node]! * 2 * scale);
  const height = Math.max(1, layout.halfHeight[node]! * 2 * scale);
  return {
    left: layout.x[node]! * scale + offsetX - width / 2,
    top: layout.y[node]! * scale + offsetY - height / 2,
    width,
    height,
  };
}

type Box = ReturnType<typeof boxOf>;

const isBoxOutside = ({ left, top, width, height }: Box, room: Room) =>
  left + width < 0 || left > room.width || top + height < 0 || top > room.height;

/** Servers as cells in the colour of the load of their link: of the busier one, if there are two. */
function drawServers(paper: Paper, scene: Scene): void {
  const { context, room, projection, palette } = paper;
  const { graph, layout, loads, states } = scene;
  for (const [node, tier] of graph.nodeTiers.entries()) {
    if (!isBelowSwitches(tier)) continue;
    const box = boxOf(layout, projection, node);
    if (isBoxOutside(box, room)) continue;
    const links = graph.linksOfNode[node]!;
    const ratio = loads === null ? 0 : Math.max(...links.map((link) => loadOfLink(loads, link)));
    context.fillStyle = palette.loads[loadStep(ratio)]!;
    context.fillRect(box.left, box.top, box.width, box.height);
    if (states !== null && links.every((link) => states[link] === 'down')) {
      context.fillStyle = palette.danger;
      context.fillRect(box.left, box.top + box.height * 0.4, box.width, Math.max(1, box.height * 0.2));
    }
    if (node === scene.selected) outline(context, box, palette.accent, 2);
    if (box.width > 46 && box.height > 13) {
      context.font = '10px system-ui, sans-serif';
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      haloedText(paper, graph.nodeNames[node]!, box.left + box.width / 2, box.top + box.height / 2);
    }
  }
}

function drawSwitches(paper: Paper, scene: Scene): void {
  const { context, room, projection, palette } = paper;
  const { graph, layout } = scene;
  for (const [node, tier] of graph.nodeTiers.entries()) {
    if (isBelowSwitches(tier)) continue;
    const box = boxOf(layout, projection, node);
    if (isBoxOutside(box, room)) continue;
    context.fillStyle = palette.box;
    context.fillRect(box.left, box.top, box.width, box.height);
    drawLevels(paper, scene, box, scene.fills.get(node) ?? []);
    if (box.width >= 3) outline(context, box, palette.faint, 1);
    if (node === scene.selected) outline(context, box, palette.accent, 3);
    if (box.width > Math.max(LABEL_WIDTH, graph.nodeNames[node]!.length * LETTER_WIDTH) && box.height > 14) {
      context.font = `600 ${box.width > 60 ? 12 : 10}px system-ui, sans-serif`;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      haloedText(paper, graph.nodeNames[node]!, box.left + box.width / 2, box.top + box.height / 2);
    }
  }
}

/** Tables side by side, each full from below as far as it is. */
function drawLevels({ context, palette }: Paper, scene: Scene, box: Box, fills: readonly Fill[]): void {
  const width = box.width / Math.max(1, fills.length);
  for (const [place, fill] of fills.entries()) {
    const height = box.height * fillLevel(fill, scene.mostWithoutLimit);
    const left = box.left + place * width;
    context.fillStyle = fill.kind === 'bridge' ? palette.bridge : palette.tunnel;
    context.fillRect(left, box.top + box.height - height, width, height);
    if (fill.capacity !== null && fill.entries >= fill.capacity) {
      context.fillStyle = palette.danger;
      context.fillRect(left, box.top - 3, width, 3);
    }
  }
}

function outline(context: CanvasRenderingContext2D, box: Box, colour: string, width: number): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.strokeRect(box.left, box.top, box.width, box.height);
}

/** Text that can be read on any colour. */
function haloedText({ context, palette }: Paper, text: string, x: number, y: number): void {
  context.lineWidth = 3;
  context.lineJoin = 'round';
  context.strokeStyle = palette.paper;
  context.strokeText(text, x, y);
  context.fillStyle = palette.ink;
  context.fillText(text, x, y);
}
