import { linkThatLoops, missingPeerLinks, switchPairsOf } from '../fabric/switch-pairs.ts';
import type { CrossCheck, Report } from './cross-check.ts';
import type { ScenarioFile } from './schema.ts';
import type { TopologyNodes } from './topology-nodes.ts';

/** What pairs of switches that act as one ask of a topology. */
export const mlagChecks: readonly CrossCheck[] = [
  {
    reads: ['fabrics', 'topology'],
    check({ fabrics, topology }, report, nodes) {
      for (const [index, fabric] of fabrics.entries()) {
        if (fabric.kind !== 'vlan-mlag') continue;
        if (spinesProblem(topology, report) || serversProblem(nodes(), report)) return;
        const link = linkThatLoops(numbered(nodes()));
        if (link === null) continue;
        report(
          ['fabrics', index],
          `vlan-mlag needs a topology without loops when pairs of switches are one, but ${link} closes one; ` +
            'above the racks, the two switches of a tier are a pair where a pod has just two',
        );
      }
    },
  },
];

/** Links that only fabrics of pairs have: those between the two switches of a pair. */
export function peerLinkIdsOf({ fabrics }: Pick<ScenarioFile, 'fabrics'>, nodes: TopologyNodes): string[] {
  const counts = fabrics.map((fabric) => (fabric.kind === 'vlan-mlag' ? fabric.peerLink.links : 0));
  return missingPeerLinks(numbered(nodes), Math.max(...counts)).map(({ id }) => id);
}

/** Reports a topology whose spines are no pair. */
function spinesProblem(topology: ScenarioFile['topology'], report: Report): boolean {
  const [field, count] =
    topology.kind === 'clos-5-stage'
      ? ['spinesPerPod', topology.spinesPerPod]
      : topology.kind === 'leaf-spine' || topology.kind === 'sites' || topology.kind === undefined
        ? ['spines', topology.spines]
        : ['', 2];
  if (count === 2) return false;
  report(['topology', field], `got ${count}, expected 2 for vlan-mlag: the spines are one pair`);
  return true;
}

/** Reports a server whose switches are in two pairs. */
function serversProblem(nodes: TopologyNodes, report: Report): boolean {
  const { switches } = nodes;
  const pairOf = new Map<number, string>();
  for (const pair of switchPairsOf(numbered(nodes))) {
    const name = pair.map((index) => switches[index]!.id).join(' and ');
    for (const index of pair) {
      const other = pairOf.get(index);
      if (other !== undefined) {
        const message = `vlan-mlag needs each switch in one pair, but servers pair ${other}, and ${name}`;
        report(['topology', 'servers'], message);
        return true;
      }
      pairOf.set(index, name);
    }
  }
  return false;
}

/** Nodes with the numbers of switches in place of their names. */
function numbered({ switches, servers, links }: TopologyNodes) {
  const indices = new Map(switches.map(({ id }, index) => [id, index]));
  return {
    switches,
    servers: servers.map(({ at, secondAt }) => ({
      switchIndex: indices.get(at)!,
      secondSwitchIndex: secondAt === null ? null : indices.get(secondAt)!,
    })),
    links: links.map(({ id, a, b }) => ({ id, a: indices.get(a)!, b: indices.get(b)! })),
  };
}
