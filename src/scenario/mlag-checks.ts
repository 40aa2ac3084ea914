import { linkThatLoops, missingLeafPeerLinks, missingPeerLinks, switchPairsOf } from '../fabric/switch-pairs.ts';
import type { CrossCheck, Report } from './cross-check.ts';
import type { ScenarioFile } from './schema.ts';
import type { TopologyNodes } from './topology-nodes.ts';

/** What pairs of switches that act as one ask of a topology. */
export const mlagChecks: readonly CrossCheck[] = [
  {
    reads: ['fabrics', 'topology'],
    check({ fabrics, topology }, report, nodes) {
      for (const [index, fabric] of fabrics.entries()) {
        if ('mlag' in fabric && fabric.mlag !== undefined) {
          checkOverlay(fabric, ['fabrics', index], report);
          if (numbered(nodes()).servers.every(({ secondSwitchIndex }) => secondSwitchIndex === null)) {
            report(['fabrics', index, 'mlag'], 'needs servers on two leaves, and there are none; see serverHoming');
          } else if (serversProblem(nodes(), report)) return;
        }
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
  return fabrics
    .flatMap((fabric) => {
      if (fabric.kind === 'vlan-mlag') return missingPeerLinks(numbered(nodes), fabric.peerLink.links);
      const mlag = 'mlag' in fabric ? fabric.mlag : undefined;
      return mlag === undefined ? [] : missingLeafPeerLinks(numbered(nodes), mlag.peerLink.links);
    })
    .map(({ id }) => id);
}

type OverlayFile = Extract<ScenarioFile['fabrics'][number], { kind: 'vxlan-flood-learn' | 'vxlan-evpn' }>;

/** Reports what leaves in pairs cannot do. */
function checkOverlay(fabric: OverlayFile, path: (string | number)[], report: Report): void {
  const { vteps, replication, sites } = fabric;
  if (vteps !== 'leaf') report([...path, 'vteps'], `got '${vteps}', but with mlag VTEPs are in leaves`);
  if (replication !== 'ingress') {
    report(
      [...path, 'replication'],
      `got '${replication}', but with mlag the ingress VTEP copies; both of a pair would take a copy from a tree`,
    );
  }
  if (sites !== 'end-to-end') report([...path, 'sites'], `got '${sites}', which mlag does not go with`);
  if (fabric.kind === 'vxlan-evpn' && fabric.gateway !== 'central') {
    const message = `got '${fabric.gateway}', expected 'central': with mlag gateways in leaves are not modelled`;
    report([...path, 'gateway'], message);
  }
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

/** Nodes with the numbers of switches in place of their names; without what is cabled to none, which other checks tell. */
function numbered({ switches, servers, links }: TopologyNodes) {
  const indices = new Map(switches.map(({ id }, index) => [id, index]));
  const isKnown = (id: string | null) => id === null || indices.has(id);
  return {
    switches,
    servers: servers
      .filter(({ at, secondAt }) => isKnown(at) && isKnown(secondAt))
      .map(({ at, secondAt }) => ({
        switchIndex: indices.get(at)!,
        secondSwitchIndex: secondAt === null ? null : indices.get(secondAt)!,
      })),
    links: links
      .filter(({ a, b }) => isKnown(a) && isKnown(b))
      .map(({ id, a, b }) => ({ id, a: indices.get(a)!, b: indices.get(b)! })),
  };
}
