import { boxOf, isLineDrawn, lineOf, type Paper, pointOn, type Scene } from './draw-fabric.ts';
import type { Wave, WaveHop } from './waves.ts';

/** So many hops are drawn as thick as one; of more, the lines are thinner. */
const THICK_HOPS = 200;

/** Draws a frame that is followed over its fabric, as far as it has come. */
export function drawWave(paper: Paper, scene: Scene, wave: Wave, waveNs: number): void {
  const nowNs = wave.startNs + waveNs;
  const reached = new Set<number>();
  const { context, room, palette } = paper;
  // what is not of the frame steps back
  context.globalAlpha = 0.45;
  context.fillStyle = palette.paper;
  context.fillRect(0, 0, room.width, room.height);
  context.globalAlpha = 1;
  const sent = wave.hops.filter(({ sentNs }) => sentNs <= nowNs);
  // what is dropped is drawn beneath what gets on
  const inOrder = [...sent.filter(isDropped), ...sent.filter((hop) => !isDropped(hop))];
  for (const hop of inOrder) {
    reached.add(hop.from);
    if (hop.arrivedNs !== null && hop.arrivedNs <= nowNs && hop.to >= 0) reached.add(hop.to);
    if (hop.link >= 0 && isLineDrawn(scene, paper.projection, hop.link)) {
      drawHop(paper, scene, hop, { nowNs, isThin: wave.hops.length > THICK_HOPS });
    } else if (hop.to < 0) {
      drawServersOf(paper, scene, hop.from);
    }
  }
  for (const node of reached) drawReached(paper, scene, node);
  drawTables(paper, scene, wave, nowNs);
}

function isDropped({ outcome }: WaveHop): boolean {
  return outcome.startsWith('drop_');
}

function drawHop(
  paper: Paper,
  scene: Scene,
  hop: WaveHop,
  { nowNs, isThin }: { readonly nowNs: number; readonly isThin: boolean },
): void {
  const { context, projection, palette } = paper;
  const line = lineOf(scene, projection, hop.link);
  const { y } = scene.layout;
  const isDownwards = y[hop.from]! < y[hop.to]! || (y[hop.from] === y[hop.to] && scene.graph.a[hop.link] === hop.from);
  // a copy that nobody looked at has its whole way at once
  const share =
    hop.arrivedNs === null ? 1 : Math.min(1, (nowNs - hop.sentNs) / Math.max(1, hop.arrivedNs - hop.sentNs));
  const at = (part: number) => pointOn(line, isDownwards ? part : 1 - part);
  const isLost = isDropped(hop);
  context.strokeStyle = isLost ? palette.danger : hop.isEncapsulated ? palette.tunnel : palette.wave;
  context.fillStyle = context.strokeStyle;
  context.lineWidth = isLost ? 1 : isThin ? 1.5 : 2.5;
  context.globalAlpha = isLost ? (isThin ? 0.12 : 0.5) : 1;
  context.beginPath();
  const start = at(0);
  context.moveTo(start.x, start.y);
  const parts = line.bend === 0 ? 1 : 12;
  for (let part = 1; part <= parts; part++) {
    const point = at((share * part) / parts);
    context.lineTo(point.x, point.y);
  }
  context.stroke();
  context.globalAlpha = 1;
  const end = at(share);
  if (isLost && share === 1) {
    drawCross(paper, end.x, end.y, isThin ? 2 : 4);
  } else {
    context.beginPath();
    context.arc(end.x, end.y, (share < 1 ? 5 : 3) / (isThin ? 1.5 : 1), 0, 2 * Math.PI);
    context.fill();
  }
}

function drawCross({ context, palette }: Paper, x: number, y: number, reach: number): void {
  context.strokeStyle = palette.danger;
  context.lineWidth = reach / 2;
  context.beginPath();
  context.moveTo(x - reach, y - reach);
  context.lineTo(x + reach, y + reach);
  context.moveTo(x + reach, y - reach);
  context.lineTo(x - reach, y + reach);
  context.stroke();
}

/** The servers of a switch, all of which got a copy. */
function drawServersOf({ context, projection, palette }: Paper, { graph, layout }: Scene, node: number): void {
  context.fillStyle = palette.wave;
  context.globalAlpha = 0.55;
  for (const link of graph.linksOfNode[node] ?? []) {
    if (!graph.isServerLink[link]) continue;
    const { left, top, width, height } = boxOf(layout, projection, graph.b[link]!);
    context.fillRect(left, top, width, height);
  }
  context.globalAlpha = 1;
}

function drawReached({ context, projection, palette }: Paper, { layout }: Scene, node: number): void {
  if (node < 0) return;
  const { left, top, width, height } = boxOf(layout, projection, node);
  context.strokeStyle = palette.wave;
  context.lineWidth = Math.min(3, Math.max(1, width / 4));
  context.strokeRect(left - 1, top - 1, width + 2, height + 2);
}

/** A mark on each table that a migration made wrong: hollow until it is right. */
function drawTables(
  { context, projection, palette }: Paper,
  { graph, layout }: Scene,
  { tables }: Wave,
  nowNs: number,
): void {
  for (const { owner, rightNs } of tables) {
    const node = graph.nodeOfName.get(owner);
    if (node === undefined) continue;
    const { left, top, width } = boxOf(layout, projection, node);
    const size = Math.min(9, Math.max(3, width / 3));
    const isRight = rightNs !== null && rightNs <= nowNs;
    context.lineWidth = 2;
    context.strokeStyle = isRight ? palette.accent : palette.danger;
    context.fillStyle = isRight ? palette.accent : palette.paper;
    context.fillRect(left + width - size, top - size, size, size);
    context.strokeRect(left + width - size, top - size, size, size);
  }
}
