import { instance } from '@viz-js/viz';
import { linkFacts, nodeFacts } from './attributes.ts';
import { ExchangeError } from './exchange-error.ts';
import type { NetworkGraph, NetworkLink, Source } from './network-graph.ts';

/** What Graphviz says of a graph in its format `dot_json`. https://graphviz.org/docs/outputs/json/ */
interface DotJson {
  readonly name?: string;
  readonly objects?: readonly ({ readonly _gvid: number; readonly name: string } & Record<string, unknown>)[];
  readonly edges?: readonly ({ readonly tail: number; readonly head: number } & Record<string, unknown>)[];
}

/** Reads a graph in Graphviz's language, with Graphviz's own parser. Subgraphs are their nodes and links. */
export async function readDot({ text, file, notes }: Source): Promise<NetworkGraph> {
  const viz = await instance();
  // the engine that lays nothing out
  const result = viz.render(text, { engine: 'nop', format: 'dot_json' });
  if (result.status === 'failure') {
    const message = result.errors.find(({ level }) => level === 'error')?.message ?? 'cannot be read as DOT';
    const [, line] = /\bline (\d+)/.exec(message) ?? [];
    throw new ExchangeError(file, line === undefined ? null : Number(line), message);
  }
  const graph = JSON.parse(result.output) as DotJson;
  // a subgraph has nodes, edges or subgraphs and is no node itself
  const objects = (graph.objects ?? []).filter((one) => !('nodes' in one || 'edges' in one || 'subgraphs' in one));
  const names = new Map(objects.map(({ _gvid, name }) => [_gvid, name]));
  const links = (graph.edges ?? []).map(({ tail, head, ...attributes }): NetworkLink => {
    const [a, b] = [names.get(tail)!, names.get(head)!];
    return { a, b, ...linkFacts(attributes, `${a} - ${b}`, notes) };
  });
  const nodes = objects.map(({ name, ...attributes }) => ({ id: name, name, ...nodeFacts(attributes) }));
  return { name: graph.name ?? '', nodes, links };
}
