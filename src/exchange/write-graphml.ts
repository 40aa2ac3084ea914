import {
  LINK_ATTRIBUTES,
  linkAttributes,
  NODE_ATTRIBUTES,
  nodeAttributes,
  type TextAttributes,
} from './graph-attributes.ts';
import type { TopologyGraph } from './topology-graph.ts';

/** A graph as GraphML. http://graphml.graphdrawing.org/primer/graphml-primer.html */
export function writeGraphml({ name, nodes, links }: TopologyGraph): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ...NODE_ATTRIBUTES.map((one) => `  <key id="${one}" for="node" attr.name="${one}" attr.type="string"/>`),
    ...LINK_ATTRIBUTES.map((one) => `  <key id="${one}" for="edge" attr.name="${one}" attr.type="string"/>`),
    `  <graph id=${quoted(name)} edgedefault="undirected">`,
    ...nodes.map((node) => `    <node id=${quoted(node.id)}>${dataOf(nodeAttributes(node))}</node>`),
    ...links.map((link) => {
      return `    <edge source=${quoted(link.a)} target=${quoted(link.b)}>${dataOf(linkAttributes(link))}</edge>`;
    }),
    '  </graph>',
    '</graphml>',
    '',
  ].join('\n');
}

function dataOf(attributes: TextAttributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => `<data key="${name}">${escaped(value)}</data>`)
    .join('');
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
