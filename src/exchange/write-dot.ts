import { linkAttributes, nodeAttributes, type TextAttributes } from './graph-attributes.ts';
import type { TopologyGraph } from './topology-graph.ts';

/** A graph in Graphviz's language, tier above tier. https://graphviz.org/doc/info/lang.html */
export function writeDot({ name, nodes, links }: TopologyGraph): string {
  const roles = [...new Set(nodes.map(({ hints: [role] }) => role))];
  return [
    `graph ${quoted(name)} {`,
    '  rankdir=BT',
    '  node [shape=box]',
    ...nodes.map((node) => `  ${quoted(node.id)} ${bracketed(nodeAttributes(node))}`),
    ...roles.map((role) => {
      const members = nodes.filter(({ hints }) => hints[0] === role).map(({ id }) => quoted(id));
      return `  { rank=same; ${members.join('; ')} }`;
    }),
    ...links.map((link) => `  ${quoted(link.a)} -- ${quoted(link.b)} ${bracketed(linkAttributes(link))}`),
    '}',
    '',
  ].join('\n');
}

function bracketed(attributes: TextAttributes): string {
  return `[${Object.entries(attributes)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(', ')}]`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
