import { SourceDocument } from '../scenario/source-document.ts';
import { linkFacts, nodeFacts } from './attributes.ts';
import { ExchangeError } from './exchange-error.ts';
import type { NetworkGraph, NetworkLink, NetworkNode, Source } from './network-graph.ts';
import { listOr, mappingOr } from './plain-data.ts';

/** Reads a NetJSON NetworkGraph. https://netjson.org/rfc.html, section 4 */
export function readNetjson({ text, file, notes }: Source): NetworkGraph {
  // JSON is a part of YAML, whose reader knows the lines
  const source = new SourceDocument(text);
  const [problem] = source.problems;
  if (problem !== undefined || !source.isReadable) {
    throw new ExchangeError(file, problem?.position.line ?? 1, problem?.message ?? 'cannot be read as JSON');
  }
  const lineOf = (path: readonly PropertyKey[]) => source.positionOf(path, 'value').line;
  const root = mappingOr(source.data);
  if (root.type !== 'NetworkGraph') {
    const got = root.type === undefined ? 'no type' : `type ${JSON.stringify(root.type)}`;
    throw new ExchangeError(file, lineOf(['type']), `got ${got}, expected a NetJSON document of type "NetworkGraph"`);
  }
  const nodes = listOr(root.nodes).map((given, index): NetworkNode => {
    const { id, label, properties, ...fields } = mappingOr(given);
    if (typeof id !== 'string' || id === '') {
      throw new ExchangeError(file, lineOf(['nodes', index]), 'got a node without an id');
    }
    const name = typeof label === 'string' && label !== '' ? label : id;
    return { id, name, ...nodeFacts({ ...fields, ...mappingOr(properties) }) };
  });
  const ids = new Set(nodes.map(({ id }) => id));
  const costs = new Set<unknown>();
  const links = listOr(root.links).map((given, index): NetworkLink => {
    const { source: a, target: b, cost, properties } = mappingOr(given);
    for (const end of [a, b]) {
      if (typeof end === 'string' && ids.has(end)) continue;
      const line = lineOf(['links', index]);
      throw new ExchangeError(file, line, `no node has the id ${JSON.stringify(end) ?? 'that a link should have'}`);
    }
    if (cost !== undefined) costs.add(cost);
    return { a: a as string, b: b as string, ...linkFacts(mappingOr(properties), `${a} - ${b}`, notes) };
  });
  // one cost of all links tells none from another
  if (costs.size > 1) notes.add(`costs of links (${String(root.metric ?? 'metric')}) are not rates and are left out`);
  return {
    name: String(root.label ?? root.topology_id ?? ''),
    nodes,
    links: root.protocol === 'static' ? links : withoutReturns(links),
  };
}

/** Routing daemons list most links once from each end: the second of such a pair is the same cable. */
function withoutReturns(links: readonly NetworkLink[]): NetworkLink[] {
  const waiting = new Map<string, number>();
  return links.filter(({ a, b }) => {
    const back = waiting.get(`${b}\n${a}`) ?? 0;
    if (back > 0) {
      waiting.set(`${b}\n${a}`, back - 1);
      return false;
    }
    waiting.set(`${a}\n${b}`, (waiting.get(`${a}\n${b}`) ?? 0) + 1);
    return true;
  });
}
