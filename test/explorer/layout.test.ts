import { describe, expect, it } from 'vitest';
import { type Camera, panned, projectionOf, zoomed } from '../../src/explorer/page/camera.ts';
import type { Graph } from '../../src/explorer/page/graph.ts';
import { type Layout, layOut } from '../../src/explorer/page/layout.ts';
import { graphOf, leafSpineGraph } from './graph-of.ts';

const boxOf = ({ x, y, halfWidth, halfHeight }: Layout, node: number) => ({
  left: x[node] - halfWidth[node],
  right: x[node] + halfWidth[node],
  top: y[node] - halfHeight[node],
  bottom: y[node] + halfHeight[node],
});

/** Boxes that overlap others, by sorting: thousands of them would make too many pairs. */
function overlaps(layout: Layout, nodes: readonly number[]): string[] {
  const boxes = nodes.map((node) => ({ node, ...boxOf(layout, node) })).sort((one, other) => one.left - other.left);
  const found: string[] = [];
  for (let index = 0; index < boxes.length; index++) {
    const box = boxes[index];
    for (let next = index + 1; next < boxes.length && boxes[next].left < box.right - 1e-6; next++) {
      const other = boxes[next];
      if (other.top < box.bottom - 1e-6 && box.top < other.bottom - 1e-6) found.push(`${box.node} ${other.node}`);
    }
  }
  return found;
}

function expectTidy(graph: Graph, layout: Layout): void {
  const isInside = (node: number) => {
    const { left, right, top, bottom } = boxOf(layout, node);
    const isWithin = left >= -1e-6 && right <= layout.width + 1e-6 && top >= -1e-6 && bottom <= layout.height + 1e-6;
    return isWithin && right > left && bottom > top;
  };
  expect([...graph.nodeNames.keys()].filter((node) => !isInside(node))).toEqual([]);
  expect(overlaps(layout, [...graph.nodeNames.keys()])).toEqual([]);
}

describe('layout of a fabric', () => {
  it.each([
    [1, 1, 1],
    [10, 4, 30],
    [1000, 32, 40],
  ])('puts %d leaves below %d spines, and %d servers below each, all apart', (leaves, spines, servers) => {
    const graph = leafSpineGraph(leaves, spines, servers);
    for (const aspect of [0.5, 1.6]) {
      const layout = layOut(graph, aspect);
      expectTidy(graph, layout);
      const y = (name: string) => layout.y[graph.nodeOfName.get(name)!];
      expect(y('spine1')).toBeLessThan(y('leaf1'));
      expect(y('leaf1')).toBeLessThan(y('server1'));
      expect(y(`leaf${leaves}`)).toBe(y('leaf1'));
    }
  });

  it('leaves room above the upper row for links between its switches', () => {
    const nodes = ['spine1', 'spine2'].map((name) => ({ name, tier: 'spine', pod: 0 }));
    const below = [{ name: 'leaf1', tier: 'leaf', pod: 0 }];
    const down = nodes.map(({ name }) => ['leaf1', name] as const);
    const topOf = (graph: Graph) => {
      const layout = layOut(graph, 1);
      return boxOf(layout, 0).top / layout.height;
    };
    expect(topOf(graphOf([...nodes, ...below], down))).toBe(0);
    // a curve goes half as far as its line bends
    expect(topOf(graphOf([...nodes, ...below], [...down, ['spine1', 'spine2']]))).toBeCloseTo(0.06);
  });

  it('puts a gateway of its own below its leaf, beside the servers', () => {
    const { nodeNames, nodeTiers } = leafSpineGraph(2, 1, 2);
    const nodes = nodeNames.map((name, node) => ({ name, tier: nodeTiers[node] }));
    const links = [
      ...['leaf1', 'leaf2'].map((leaf) => [leaf, 'spine1'] as const),
      ...['server1', 'server2', 'gateway'].map((name) => ['leaf1', name] as const),
      ...['server3', 'server4'].map((name) => ['leaf2', name] as const),
    ];
    const graph = graphOf([...nodes, { name: 'gateway', tier: 'gateway' }], links);
    const layout = layOut(graph, 1.6);
    expectTidy(graph, layout);
    const [gateway, leaf] = ['gateway', 'leaf1'].map((name) => graph.nodeOfName.get(name)!);
    expect(layout.y[gateway]).toBeGreaterThan(layout.y[leaf]);
    expect(Math.abs(layout.x[gateway] - layout.x[leaf])).toBeLessThanOrEqual(layout.halfWidth[leaf]);
  });

  it('keeps pods apart, each with its own switches above it', () => {
    const nodes = [0, 1].flatMap((pod) => [
      { name: `edge${pod}a`, tier: 'edge', pod },
      { name: `edge${pod}b`, tier: 'edge', pod },
    ]);
    const upper = [0, 1].map((pod) => ({ name: `aggregation${pod}`, tier: 'aggregation', pod }));
    const graph = graphOf([...nodes, ...upper, { name: 'core', tier: 'core' }], []);
    const layout = layOut(graph, 1);
    expectTidy(graph, layout);
    const x = (name: string) => layout.x[graph.nodeOfName.get(name)!];
    const y = (name: string) => layout.y[graph.nodeOfName.get(name)!];
    expect(x('edge1a') - x('edge0b')).toBeGreaterThan(x('edge0b') - x('edge0a'));
    for (const pod of [0, 1]) expect(x(`aggregation${pod}`)).toBeCloseTo((x(`edge${pod}a`) + x(`edge${pod}b`)) / 2);
    expect(x('core')).toBeCloseTo(layout.width / 2);
    expect([y('core') < y('aggregation0'), y('aggregation0') < y('edge0a')]).toEqual([true, true]);
  });
});

describe('camera', () => {
  const layout = layOut(leafSpineGraph(10, 4, 2), 1);
  const room = { width: 800, height: 600 };
  const fit: Camera = { zoom: 1, x: 0.5, y: 0.5 };
  const placeAt = (camera: Camera, px: number, py: number) => {
    const { scale, offsetX, offsetY } = projectionOf(layout, room, camera);
    return { x: (px - offsetX) / scale, y: (py - offsetY) / scale };
  };

  it('shows all of it at first', () => {
    const [corner, opposite] = [placeAt(fit, 0, 0), placeAt(fit, room.width, room.height)];
    expect([corner.x < 0, corner.y < 0, opposite.x > layout.width, opposite.y > layout.height]).toEqual([
      ...[true, true, true, true],
    ]);
  });

  it('enlarges around what is under the pointer, and is moved as far as the pointer', () => {
    const before = placeAt(fit, 300, 250);
    const larger = zoomed(layout, room, fit, 3, 300, 250);
    expect(larger.zoom).toBe(3);
    expect(placeAt(larger, 300, 250).x).toBeCloseTo(before.x);
    expect(placeAt(larger, 300, 250).y).toBeCloseTo(before.y);
    const moved = panned(layout, room, larger, 40, -20);
    expect(placeAt(moved, 340, 230).x).toBeCloseTo(before.x);
    expect(placeAt(moved, 340, 230).y).toBeCloseTo(before.y);
  });
});
