import { MultiGraph } from 'graphology';
import { parse } from 'graphology-graphml';
import { type Attributes, linkFacts, nodeFacts } from './attributes.ts';
import { ExchangeError } from './exchange-error.ts';
import { lineAt } from './line-at.ts';
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
  const known = withKnownKeys(text, file);
  try {
    // an id of an edge need not be unique to be read; nobody refers to it
    return parse<Attributes, Attributes, Attributes>(
      MultiGraph,
      known.replaceAll(/(<edge\b[^>]*?)\sid="[^"]*"/g, '$1'),
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = message.includes('inexisting node') ? unknownEnd(text) : null;
    if (unknown !== null) throw new ExchangeError(file, unknown.line, `no node is called '${unknown.end}'`);
    throw new ExchangeError(file, null, `cannot be read as GraphML: ${message}`);
  }
}

const KEY = /<key\b(?:[^>"']|"[^"]*"|'[^']*')*?(?:\/>|>[\s\S]*?<\/key>)/g;
const KEY_DOMAIN = /\sfor=["']([^"']*)["']/;

/** What the parser knows keys to be for. */
const KNOWN_DOMAINS = ['graph', 'node', 'edge'];

/** What has no part in a network: yEd declares keys for drawings of ports, and for pictures of the whole document. */
const OTHER_DOMAINS = ['graphml', 'hyperedge', 'port', 'endpoint'];

/** The text with keys that the parser knows. http://graphml.graphdrawing.org/specification.html */
function withKnownKeys(text: string, file: string): string {
  return text.replaceAll(KEY, (key, index: number) => {
    const [given, domain = 'all'] = KEY_DOMAIN.exec(key) ?? [];
    if (KNOWN_DOMAINS.includes(domain)) return key;
    if (OTHER_DOMAINS.includes(domain)) return '';
    if (domain !== 'all') {
      throw new ExchangeError(
        file,
        lineAt(text, index),
        `got a <key> for '${domain}', expected one for graph, node, edge or all`,
      );
    }
    const bare = given === undefined ? key : key.replace(given, '');
    return KNOWN_DOMAINS.map((known) => bare.replace('<key', `<key for="${known}"`)).join('');
  });
}

/** The first edge that ends at a node which is not there. */
function unknownEnd(text: string): { line: number; end: string } | null {
  const ids = new Set([...text.matchAll(/<node\b[^>]*?\sid="([^"]*)"/g)].map(([, id]) => id));
  for (const { 0: tag, index } of text.matchAll(/<edge\b[^>]*>/g)) {
    for (const [, end] of tag.matchAll(/\s(?:source|target)="([^"]*)"/g)) {
      if (!ids.has(end)) return { line: lineAt(text, index), end: end! };
    }
  }
  return null;
}
