import { linkAttributes, NODE_ATTRIBUTES } from './graph-attributes.ts';
import type { TopologyGraph } from './topology-graph.ts';

/** A list of links with the roles of their ends. RFC 4180, but for line ends of one character. */
export function writeCsv({ nodes, links }: TopologyGraph): string {
  const roles = new Map(nodes.map(({ id, hints }) => [id, hints[0] ?? '']));
  const [role] = NODE_ATTRIBUTES;
  const rows = links.map((link) => {
    const { rate = '', delay = '', stpCost = '' } = linkAttributes(link);
    return [link.a, link.b, rate, delay, stpCost, roles.get(link.a) ?? '', roles.get(link.b) ?? ''];
  });
  return [['a', 'b', 'rate', 'delay', 'stpCost', `a_${role}`, `b_${role}`], ...rows]
    .map((row) => `${row.join(',')}\n`)
    .join('');
}
