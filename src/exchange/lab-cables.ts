import type { TopologyGraph } from './topology-graph.ts';

/** A cable between two Linux hosts of a lab, which are containers or network namespaces. */
export interface LabCable {
  readonly a: CableEnd;
  readonly b: CableEnd;
}

export interface CableEnd {
  /** Index into the nodes of the graph. */
  readonly node: number;
  readonly interfaceName: string;
}

/** What an interface is called: of a node, by its index, the port with this number, from 1. */
export type InterfaceNamer = (node: number, port: number) => string;

/** In containers each node has names of its own. */
export const ETHERNET_NAMES: InterfaceNamer = (_, port) => `eth${port}`;

/** Where namespaces are filled from one that all share. Linux takes 15 characters. */
export const UNIQUE_NAMES: InterfaceNamer = (node, port) => `n${node + 1}e${port}`;

/** The cables of a graph, their ends numbered at each node in the order of links. */
export function cablesOf({ nodes, links }: TopologyGraph, nameOf: InterfaceNamer): LabCable[] {
  const indices = new Map(nodes.map(({ id }, index) => [id, index]));
  const ports = nodes.map(() => 0);
  const end = (id: string): CableEnd => {
    const node = indices.get(id)!;
    ports[node] = ports[node]! + 1;
    return { node, interfaceName: nameOf(node, ports[node]!) };
  };
  return links.map(({ a, b }) => ({ a: end(a), b: end(b) }));
}
