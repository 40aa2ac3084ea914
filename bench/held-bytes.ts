import { readFileSync, rmSync } from 'node:fs';
import { writeHeapSnapshot } from 'node:v8';

/** What is read here of a heap snapshot of V8: flat lists of numbers, whose fields `meta` names. */
interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[], ...unknown[]];
      readonly edge_fields: readonly string[];
      readonly edge_types: readonly [readonly string[], ...unknown[]];
    };
  };
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly strings: readonly string[];
}

/** Ways on which an object reaches what is not its own: types, code, the program that made it. */
const FOREIGN = new Set(['__proto__', 'map', 'constructor', 'code', 'shared', 'previous', 'prototype']);

/**
 * Bytes that an object holds, by the way that leads there: objects as V8 lays them out, and the memory of typed arrays, all
 * of it whether used or not. `className` is the class of the object, of which there has to be one only. Elements of a list
 * are taken together, and `devices.stacks.#interfaces` is a typed array in a private field. What can be reached in several
 * ways counts on the shortest.
 *
 * V8 collects what is dead before it takes a snapshot, so the bytes are those of the living, and the same in every run of
 * the program. `file` is written and removed again.
 */
export function heldBytes(className: string, file: string): Map<string, number> {
  writeHeapSnapshot(file, { exposeNumericValues: true });
  const { snapshot, nodes, edges, strings } = JSON.parse(readFileSync(file, 'utf8')) as HeapSnapshot;
  rmSync(file);
  const { node_fields, node_types, edge_fields, edge_types } = snapshot.meta;
  const nodeWords = node_fields.length;
  const edgeWords = edge_fields.length;
  const [nodeType, nodeName, selfSize, edgeCount] = ['type', 'name', 'self_size', 'edge_count'].map((field) =>
    node_fields.indexOf(field),
  ) as [number, number, number, number];
  const nodeCount = nodes.length / nodeWords;
  const nameOf = (node: number) => strings[nodes[node * nodeWords + nodeName]!]!;
  const typeOf = (node: number) => node_types[0][nodes[node * nodeWords + nodeType]!]!;
  const firstEdges = new Int32Array(nodeCount + 1);
  const roots: number[] = [];
  for (let node = 0; node < nodeCount; node++) {
    firstEdges[node + 1] = firstEdges[node]! + nodes[node * nodeWords + edgeCount]!;
    if (typeOf(node) === 'object' && nameOf(node) === className) roots.push(node);
  }
  if (roots.length !== 1) throw new Error(`${roots.length} objects of ${className} are held, instead of one`);
  const ways = new Map([[roots[0]!, '']]);
  const bytes = new Map<string, number>();
  // a map keeps the order in which its entries came, those too that come while it is gone through
  for (const [node, way] of ways) {
    bytes.set(way, (bytes.get(way) ?? 0) + nodes[node * nodeWords + selfSize]!);
    for (let edge = firstEdges[node]!; edge < firstEdges[node + 1]!; edge++) {
      const type = edge_types[0][edges[edge * edgeWords]!]!;
      const to = edges[edge * edgeWords + 2]! / nodeWords;
      if (type === 'weak' || ways.has(to)) continue;
      if (type === 'element') {
        ways.set(to, way.endsWith('[]') ? way : `${way}[]`);
        continue;
      }
      if (type === 'hidden') {
        ways.set(to, way);
        continue;
      }
      const name = strings[edges[edge * edgeWords + 1]!]!;
      if (FOREIGN.has(name)) continue;
      const isOfV8 = type === 'internal';
      ways.set(to, isOfV8 ? way : `${way}${way === '' ? '' : '.'}${name}`);
    }
  }
  return bytes;
}
