import { MultiGraph } from 'graphology';
import { parse } from 'graphology-graphml';
import { type Attributes, linkFacts, nodeFacts } from './attributes.ts';
import { ExchangeError } from './exchange-error.ts';
import type { NetworkGraph, NetworkLink, NetworkNode, Source } from './network-graph.ts';
import { requireBalancedXml } from './xml-balance.ts';

/** Reads GraphML as the Internet Topology Zoo, yEd and NetworkX write it. http://graphml.graphdrawing.org */
export function readGraphml({ text, file, notes }: Source): NetworkGraph {
  requireBalancedXml(text, file);
  if (!/<graph[\s>/]/.test(text)) throw new ExchangeError(file, null, 'expected GraphML with a <graph>');
  const graph = parseGraph(text, file);
  const labels = graph.mapNodes((_, attributes) => String(attributes.label ?? ''));
  // labels that several nodes share name none of them
  const isName = (label: string) => label !== '' && labels.indexOf(label) === labels.lastIndexOf(label);
  const nodes = graph.mapNodes((id, attributes): NetworkNode => {
    const label = String(attributes.label ?? '');
    return { id, name: isName(label) ? label : id, ...nodeFacts(attributes) };
  });
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  const links = graph.mapEdges((_, attributes, a, b): NetworkLink => {
    return { a, b, ...linkFacts(attributes, `${names.get(a)} - ${names.get(b)}`, notes) };
  });
  const name = graph.getAttribute('Network') ?? graph.getAttribute('label') ?? graph.getAttribute('id');
  return { name: typeof name === 'string' ? name : '', nodes, links };
}

function parseGraph(text: string, file: string) {
  try {
    // an id of an edge need not be unique to be read; nobody refers to it
    return parse<Attributes, Attributes, Attributes>(MultiGraph, text.replaceAll(/(<edge\b[^>]*?)\sid="[^"]*"/g, '$1'));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = message.includes('inexisting node') ? unknownEnd(text) : null;
    if (unknown !== null) throw new ExchangeError(file, unknown.line, `no node is called '${unknown.end}'`);
    throw new ExchangeError(file, null, `cannot be read as GraphML: ${message}`);
  }
}

/** The first edge that ends at a node which is not there. */
function unknownEnd(text: string): { line: number; end: string } | null {
  const ids = new Set([...text.matchAll(/<node\b[^>]*?\sid="([^"]*)"/g)].map(([, id]) => id));
  for (const { 0: tag, index } of text.matchAll(/<edge\b[^>]*>/g)) {
    for (const [, end] of tag.matchAll(/\s(?:source|target)="([^"]*)"/g)) {
      if (!ids.has(end)) return { line: text.slice(0, index).split('\n').length, end: end! };
    }
  }
  return null;
}
