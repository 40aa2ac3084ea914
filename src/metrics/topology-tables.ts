import type { RecordedFabric, TableKind } from './recorded-fabric.ts';
import type { ResultFolder } from './result-folder.ts';
import { LINKS, NODES } from './tables.ts';

/** Writes down what there is and what is cabled to what. */
export function writeTopology(fabric: RecordedFabric, folder: ResultFolder): void {
  const { network } = fabric.devices;
  const capacities = new Map(
    fabric.macTables.map(({ owner, kind, capacity }) => [capacityKey(owner, kind), capacity] as const),
  );
  const nodes = folder.open(NODES);
  for (const { name, tier, pod = null } of fabric.nodes) {
    const [bridge, tunnel] = (['bridge', 'tunnel'] as const).map((kind) => capacities.get(capacityKey(name, kind)));
    nodes.row(name, tier, pod, bridge ?? null, tunnel ?? null);
  }
  const links = folder.open(LINKS);
  for (const { id, tier, ports, isBetweenSites = false, isPeerLink = false } of fabric.links) {
    const [aNode, bNode] = ports.map((port) => network.nodeNames[network.nodeOf(port)]);
    const [aPort, bPort] = ports.map((port) => network.portNames[port]);
    links.row(id, tier, aNode, bNode, aPort, bPort, network.rateBitsPerSecOf(ports[0]), isBetweenSites, isPeerLink);
  }
}

function capacityKey(owner: string, kind: TableKind): string {
  return `${kind} ${owner}`;
}
