import { type Graph, isBelowSwitches } from './graph.ts';

/** Where things are drawn, in units of the drawing: by node its middle and size. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly halfWidth: Float64Array;
  readonly halfHeight: Float64Array;
}

/** Rows from the top, above the servers: highest tiers first. */
const ROW_OF_TIER: Readonly<Record<string, number>> = {
  border: 0,
  'super-spine': 1,
  core: 1,
  spine: 2,
  aggregation: 2,
  leaf: 3,
  access: 3,
  edge: 3,
};
const LOWEST_ROW = 3;

/** Width of the place of a switch with servers. */
const SLOT = 40;
/** Width that is left free between two pods, in slots. */
const POD_GAP = 0.8;

/** Shares of the height: of a switch, and of the servers below a switch. */
const SWITCH_SHARE = 0.1;
const SERVERS_SHARE = 0.2;

/** How far a link between two switches of a row may bend upwards at most: a share of the height; its curve goes half as far. */
export const LEVEL_BEND_SHARE = 0.12;

/** The height of a drawing is at least this, and otherwise what its width and the room for it make of it. */
const MIN_HEIGHT = 240;

/**
 * Lays a fabric out in tiers: switches with servers side by side, pods apart, their servers in a block below each, and
 * the other switches in rows above, each over the middle of its pod or of all. `aspect` is the width of the room by its
 * height. Time and memory grow with the number of nodes, not of links.
 */
export function layOut(graph: Graph, aspect: number): Layout {
  const count = graph.nodeNames.length;
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  const halfWidth = new Float64Array(count);
  const halfHeight = new Float64Array(count);
  const rows = rowsOf(graph);
  const lowest = rows.get(LOWEST_ROW) ?? [];
  const { middles, extents, width } = placeLowest(graph, lowest);
  const height = Math.max(MIN_HEIGHT, width / aspect);
  const switchHeight = height * SWITCH_SHARE;
  const serversHeight = height * SERVERS_SHARE;
  const bottom = height - serversHeight - switchHeight * 0.65;
  const shown = [...rows.keys()].sort((one, other) => one - other);
  const isBentOver = hasLevelLink(graph, rows.get(shown[0]!) ?? []);
  const top = switchHeight / 2 + (isBentOver ? (height * LEVEL_BEND_SHARE) / 2 : 0);
  for (const [index, row] of shown.entries()) {
    const isLowest = row === LOWEST_ROW;
    const rowY = shown.length === 1 ? bottom : top + ((bottom - top) * index) / Math.max(1, shown.length - 1);
    const nodes = rows.get(row)!;
    const spread = isLowest ? null : spreadOverPods(graph, nodes, extents, width);
    for (const [place, node] of nodes.entries()) {
      x[node] = isLowest ? middles[place]! : spread!.x[place]!;
      y[node] = rowY;
      halfWidth[node] = isLowest
        ? SLOT * 0.35
        : Math.min(spread!.room[place]! * 0.35, Math.max(SLOT * 0.5, switchHeight));
      halfHeight[node] = switchHeight / 2;
    }
  }
  placeServers(graph, { x, y, halfWidth, halfHeight }, { top: bottom + switchHeight * 0.65, height: serversHeight });
  return { width, height, x, y, halfWidth, halfHeight };
}

/** Whether a link joins two of these nodes, which are in a row. */
function hasLevelLink({ a, b, linksOfNode }: Graph, nodes: readonly number[]): boolean {
  const row = new Set(nodes);
  return nodes.some((node) => linksOfNode[node]!.some((link) => row.has(a[link]!) && row.has(b[link]!)));
}

/** Switches by row; nodes of a tier that is not known are put with those that have servers. */
function rowsOf({ nodeTiers }: Graph): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  for (const [node, tier] of nodeTiers.entries()) {
    if (isBelowSwitches(tier)) continue;
    const row = ROW_OF_TIER[tier] ?? LOWEST_ROW;
    const nodes = rows.get(row) ?? [];
    rows.set(row, nodes);
    nodes.push(node);
  }
  return rows;
}

/** Side by side, with a gap where another pod begins; and from where to where each pod goes. */
function placeLowest(
  { nodePods }: Graph,
  nodes: readonly number[],
): { middles: number[]; extents: Map<number, [number, number]>; width: number } {
  const extents = new Map<number, [number, number]>();
  const middles: number[] = [];
  let right = 0;
  let podBefore: number | null | undefined;
  for (const node of nodes) {
    const pod = nodePods[node] ?? null;
    if (podBefore !== undefined && pod !== podBefore) right += SLOT * POD_GAP;
    podBefore = pod;
    middles.push(right + SLOT / 2);
    if (pod !== null) extents.set(pod, [extents.get(pod)?.[0] ?? right, right + SLOT]);
    right += SLOT;
  }
  return { middles, extents, width: Math.max(right, SLOT) };
}

/** Evenly over the width of the pod, or of all. */
function spreadOverPods(
  { nodePods }: Graph,
  nodes: readonly number[],
  extents: ReadonlyMap<number, readonly [number, number]>,
  width: number,
): { x: number[]; room: number[] } {
  const extentOf = (node: number): readonly [number, number] => extents.get(nodePods[node] ?? -1) ?? [0, width];
  const keyOf = (node: number) => (extents.has(nodePods[node] ?? -1) ? nodePods[node]! : -1);
  const counts = new Map<number, number>();
  for (const node of nodes) counts.set(keyOf(node), (counts.get(keyOf(node)) ?? 0) + 1);
  const placed = new Map<number, number>();
  const x: number[] = [];
  const room: number[] = [];
  for (const node of nodes) {
    const key = keyOf(node);
    const [left, right] = extentOf(node);
    const place = placed.get(key) ?? 0;
    placed.set(key, place + 1);
    const each = (right - left) / counts.get(key)!;
    x.push(left + each * (place + 0.5));
    room.push(each);
  }
  return { x, room };
}

/** In a block below the switch, with cells as square as they can be. */
function placeServers(
  graph: Graph,
  { x, y, halfWidth, halfHeight }: Pick<Layout, 'x' | 'y' | 'halfWidth' | 'halfHeight'>,
  block: { readonly top: number; readonly height: number },
): void {
  const serversOfSwitch = new Map<number, number[]>();
  for (const [node, tier] of graph.nodeTiers.entries()) {
    if (!isBelowSwitches(tier)) continue;
    const first = graph.linksOfNode[node]![0];
    if (first === undefined) continue;
    const at = graph.a[first]!;
    const servers = serversOfSwitch.get(at) ?? [];
    serversOfSwitch.set(at, servers);
    servers.push(node);
  }
  for (const [at, servers] of serversOfSwitch) {
    const blockWidth = halfWidth[at]! * 2;
    const ideal = Math.round(Math.sqrt((servers.length * blockWidth) / block.height));
    const columns = Math.min(servers.length, Math.max(1, ideal));
    const rows = Math.ceil(servers.length / columns);
    const [cellWidth, cellHeight] = [blockWidth / columns, block.height / rows];
    for (const [place, server] of servers.entries()) {
      x[server] = x[at]! - blockWidth / 2 + cellWidth * ((place % columns) + 0.5);
      y[server] = block.top + cellHeight * (Math.floor(place / columns) + 0.5);
      halfWidth[server] = cellWidth * 0.42;
      halfHeight[server] = cellHeight * 0.42;
    }
  }
}
