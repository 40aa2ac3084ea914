import type { PlannedLink } from './plan.ts';

/** A network of links, each of which carries its rate in both directions. */
export interface FlowNetwork {
  readonly nodeCount: number;
  readonly links: readonly Pick<PlannedLink, 'a' | 'b' | 'rateBitsPerSec'>[];
}

/** Bandwidth between the first half of the racks and the others, the larger half of an odd number, over these links. */
export function bisectionBitsPerSec(network: FlowNetwork, racks: readonly number[]): number {
  const half = Math.floor(racks.length / 2);
  if (half === 0) return 0;
  return maxFlow(network, { from: racks.slice(0, half), to: racks.slice(half) });
}

/** The most that can flow from some nodes to others at a time. Dinitz: shortest augmenting paths, length by length. */
function maxFlow({ nodeCount, links }: FlowNetwork, ends: { from: readonly number[]; to: readonly number[] }): number {
  // arcs come in pairs, there and back; what one carries the other can take back
  const arcsOf: number[][] = Array.from({ length: nodeCount }, () => []);
  const heads = new Int32Array(links.length * 2);
  const left = new Float64Array(links.length * 2);
  for (const [link, { a, b, rateBitsPerSec }] of links.entries()) {
    heads.set([b, a], link * 2);
    left.fill(rateBitsPerSec, link * 2, link * 2 + 2);
    arcsOf[a].push(link * 2);
    arcsOf[b].push(link * 2 + 1);
  }
  const isTarget = new Uint8Array(nodeCount);
  for (const node of ends.to) isTarget[node] = 1;
  const distances = new Int32Array(nodeCount);
  const nextArcs = new Int32Array(nodeCount);

  const push = (node: number, limit: number): number => {
    if (isTarget[node] === 1) return limit;
    let pushed = 0;
    for (; nextArcs[node] < arcsOf[node].length; nextArcs[node]++) {
      const arc = arcsOf[node][nextArcs[node]];
      const head = heads[arc];
      if (left[arc] === 0 || distances[head] !== distances[node] + 1) continue;
      const taken = push(head, Math.min(limit - pushed, left[arc]));
      left[arc] -= taken;
      left[arc ^ 1] += taken;
      pushed += taken;
      if (pushed === limit) return pushed;
    }
    return pushed;
  };

  let flow = 0;
  for (;;) {
    distances.fill(-1);
    nextArcs.fill(0);
    const queue = [...ends.from];
    for (const node of queue) distances[node] = 0;
    let isReached = false;
    for (const node of queue) {
      if (isTarget[node] === 1) {
        isReached = true;
        continue;
      }
      for (const arc of arcsOf[node]) {
        if (left[arc] === 0 || distances[heads[arc]] >= 0) continue;
        distances[heads[arc]] = distances[node] + 1;
        queue.push(heads[arc]);
      }
    }
    if (!isReached) return flow;
    for (const node of ends.from) flow += push(node, Number.POSITIVE_INFINITY);
  }
}
