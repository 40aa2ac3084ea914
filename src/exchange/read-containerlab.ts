import { SourceDocument } from '../scenario/source-document.ts';
import { linkFacts, nodeFacts } from './attributes.ts';
import { ExchangeError } from './exchange-error.ts';
import type { NetworkGraph, NetworkLink, NetworkNode, Source } from './network-graph.ts';
import { listOr, type Mapping, mappingOr } from './plain-data.ts';

/** Kinds of node that are hosts, unless their image is that of a router or switch. */
const HOST_KINDS = new Set(['linux', 'host', 'ext-container', 'k8s-kind', 'generic_vm']);
const ROUTER_IMAGE = /frr|quagga|bird|gobgp|openbgp|vyos|openvswitch|\bovs\b|sonic|cumulus/i;

/** Ends of brief links that are no node of the lab. */
const OUTSIDE = new Set(['host', 'mgmt-net', 'macvlan', 'dummy']);

// what a node of a lab may say that no simulation needs
const SETTINGS = ['startup-config', 'config', 'binds', 'exec', 'license', 'env', 'ports'];

/**
 * Reads a containerlab topology: nodes with what their group, kind and the defaults say, and links in the brief and the
 * extended form. https://containerlab.dev/manual/topo-def-file/
 */
export function readContainerlab({ text, file, notes }: Source): NetworkGraph {
  const source = new SourceDocument(text);
  const [problem] = source.problems;
  if (problem !== undefined || !source.isReadable) {
    throw new ExchangeError(file, problem?.position.line ?? 1, problem?.message ?? 'cannot be read as YAML');
  }
  const lineOf = (path: readonly PropertyKey[]) => source.positionOf(path, 'value').line;
  const root = mappingOr(source.data);
  const topology = mappingOr(root.topology);
  const nodesGiven = mappingOr(topology.nodes);
  if (Object.keys(nodesGiven).length === 0) {
    throw new ExchangeError(file, lineOf(['topology']), 'expected a containerlab topology with topology.nodes');
  }
  const ignored = new Set<string>();
  const nodes = Object.entries(nodesGiven).map(([id, node]) => readNode(id, mappingOr(node), topology, ignored));
  for (const setting of SETTINGS) {
    if (ignored.has(setting)) notes.add('settings of nodes are not simulated', setting);
  }
  const links: NetworkLink[] = [];
  for (const [index, given] of listOr(topology.links).entries()) {
    const where = { file, line: lineOf(['topology', 'links', index]) };
    const link = mappingOr(given);
    const ends = endsOf(link, where);
    if (ends === null) {
      notes.add('links that leave the lab are left out', `${link.type ?? 'host'} in line ${where.line}`);
      continue;
    }
    for (const end of ends) {
      if (Object.hasOwn(nodesGiven, end)) continue;
      throw new ExchangeError(file, where.line, `no node is called '${end}'`);
    }
    links.push({ a: ends[0], b: ends[1], ...linkFacts(mappingOr(link.vars), ends.join(' - '), notes) });
  }
  return { name: typeof root.name === 'string' ? root.name : '', nodes, links };
}

function readNode(id: string, node: Mapping, topology: Mapping, ignored: Set<string>): NetworkNode {
  const defaults = mappingOr(topology.defaults);
  const ownGroup = mappingOr(mappingOr(topology.groups)[String(node.group)]);
  const kind = String(node.kind ?? ownGroup.kind ?? defaults.kind ?? '');
  const ofKind = mappingOr(mappingOr(topology.kinds)[kind]);
  const groupName = node.group ?? ofKind.group ?? defaults.group;
  const layers = [node, mappingOr(mappingOr(topology.groups)[String(groupName)]), ofKind, defaults];
  for (const layer of layers) for (const key of Object.keys(layer)) ignored.add(key);
  const image = String(layers.find((layer) => layer.image !== undefined)?.image ?? '');
  const labels: Mapping = Object.assign({}, ...layers.toReversed().map((layer) => mappingOr(layer.labels)));
  const { hints, ...facts } = nodeFacts(labels);
  const more = [labels['topoViewer-role'], groupName, labels['graph-icon']].filter((one) => typeof one === 'string');
  const isHost = HOST_KINDS.has(kind) && !ROUTER_IMAGE.test(image);
  return { id, name: id, hints: [...hints, ...more], ...(kind === '' ? {} : { isHost }), ...facts };
}

interface Where {
  readonly file: string;
  readonly line: number;
}

/** The nodes at the two ends of a link, or null if it leaves the lab. */
function endsOf(link: Mapping, { file, line }: Where): [string, string] | null {
  const type = link.type ?? 'veth';
  if (type !== 'veth') return null;
  const endpoints = listOr(link.endpoints);
  if (endpoints.length !== 2) {
    throw new ExchangeError(file, line, `got a link with ${endpoints.length} endpoints, expected two`);
  }
  const [a, b] = endpoints.map((endpoint) => endOf(endpoint, { file, line }));
  return a === null || b === null || a === undefined || b === undefined ? null : [a, b];
}

/** The node of `leaf1:eth1` or of `{node: leaf1, interface: eth1}`. */
function endOf(endpoint: unknown, { file, line }: Where): string | null {
  const node = typeof endpoint === 'string' ? endpoint.slice(0, endpoint.indexOf(':')) : mappingOr(endpoint).node;
  if (typeof node !== 'string' || node === '') {
    const got = JSON.stringify(endpoint) ?? 'nothing';
    throw new ExchangeError(file, line, `got ${got} as an endpoint, expected "node:interface" or a node and interface`);
  }
  return OUTSIDE.has(node) ? null : node;
}
