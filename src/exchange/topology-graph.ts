import type { Scenario } from '../scenario/scenario.ts';
import { topologyNodes } from '../scenario/topology-nodes.ts';
import type { NetworkGraph, NetworkLink, NetworkNode } from './network-graph.ts';

/** A link of which everything is known. */
export type SaidLink = NetworkLink & Required<Pick<NetworkLink, 'rateBitsPerSec' | 'delayNs'>>;

export interface TopologyGraph extends NetworkGraph {
  readonly links: readonly SaidLink[];
}

/** The topology of a scenario as a graph: switches, then servers, each with its role for a hint. */
export function topologyGraph({ name, topology }: Pick<Scenario, 'name' | 'topology'>): TopologyGraph {
  const { switches, servers, links } = topologyNodes(topology);
  const explicit = new Map(topology.kind === 'explicit' ? topology.switchList.map((one) => [one.id, one]) : []);
  return {
    name,
    nodes: [
      ...switches.map(({ id, tier }): NetworkNode => {
        const { stpPriority = null, mac = null } = explicit.get(id) ?? {};
        return {
          id,
          name: id,
          hints: [tier],
          ...(stpPriority === null ? {} : { stpPriority }),
          ...(mac === null ? {} : { mac }),
        };
      }),
      ...servers.map(({ id }): NetworkNode => ({ id, name: id, hints: ['server'] })),
    ],
    links: [
      ...links.map(({ a, b, rateBitsPerSec, delayNs, pathCost }): SaidLink => {
        return { a, b, rateBitsPerSec, delayNs, ...(pathCost === null ? {} : { cost: pathCost }) };
      }),
      ...servers.flatMap(({ id, at, secondAt, rateBitsPerSec, delayNs }): SaidLink[] => {
        return (secondAt === null ? [at] : [at, secondAt]).map((b) => ({ a: id, b, rateBitsPerSec, delayNs }));
      }),
    ],
  };
}
