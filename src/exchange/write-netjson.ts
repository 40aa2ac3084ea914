import { linkAttributes, nodeAttributes } from './graph-attributes.ts';
import type { TopologyGraph } from './topology-graph.ts';

/** A NetJSON NetworkGraph. https://netjson.org/rfc.html, section 4; `static`, since no routing protocol found it. */
export function writeNetjson({ name, nodes, links }: TopologyGraph): string {
  const graph = {
    type: 'NetworkGraph',
    protocol: 'static',
    version: '1',
    metric: 'hops',
    label: name,
    nodes: nodes.map((node) => ({ id: node.id, properties: nodeAttributes(node) })),
    links: links.map((link) => ({ source: link.a, target: link.b, cost: 1, properties: linkAttributes(link) })),
  };
  return `${JSON.stringify(graph, null, 2)}\n`;
}
