import type { SwitchTier } from '../fabric/switch-tiers.ts';
import type {
  ClosTopology,
  FatTreeTopology,
  LeafSpineTopology,
  LinkSettings,
  ServerHoming,
  SitesTopology,
  ThreeTierTopology,
} from './scenario.ts';

/** Parts of a topology before links have names. */
export interface GeneratedParts {
  /** Those with servers come first. */
  readonly switches: readonly GeneratedSwitch[];
  readonly cables: readonly Cable[];
  /** Rack by rack. */
  readonly servers: readonly GeneratedServer[];
}

interface GeneratedSwitch {
  readonly id: string;
  readonly tier: SwitchTier;
  /** Of the pod, aggregation block or site it belongs to; null for one that is above them. */
  readonly pod: number | null;
}

interface Cable extends LinkSettings {
  readonly a: string;
  readonly b: string;
}

interface GeneratedServer extends LinkSettings {
  readonly id: string;
  readonly at: string;
  /** The other switch of a dual-homed server. */
  readonly secondAt: string | null;
}

/** L S u links: each leaf to each spine. */
export function leafSpineParts(topology: LeafSpineTopology): GeneratedParts {
  const leaves = switchesOf('leaf', topology.leafCount, () => 0);
  const spines = switchesOf('spine', topology.spineCount, () => 0);
  return {
    switches: [...leaves, ...spines],
    cables: leaves.flatMap((leaf) =>
      spines.flatMap((spine) => parallel(topology.uplinksPerSpine, leaf, spine, topology.fabricLink)),
    ),
    servers: serversOf(leaves, { perSwitch: topology.serversPerLeaf, ...topology }),
  };
}

/** P L S links in the pods and P S U above them: the i-th spine of each pod to all U super-spines of plane i. */
export function closParts(topology: ClosTopology): GeneratedParts {
  const { podCount, leavesPerPod, spinesPerPod, superSpinesPerPlane, fabricLink, coreLink } = topology;
  const leaves = switchesOf('leaf', podCount * leavesPerPod, (index) => Math.floor(index / leavesPerPod));
  const spines = switchesOf('spine', podCount * spinesPerPod, (index) => Math.floor(index / spinesPerPod));
  const superSpines = switchesOf('super-spine', spinesPerPod * superSpinesPerPlane, () => null);
  const spinesOfPod = chunksOf(spines, spinesPerPod);
  const planes = chunksOf(superSpines, superSpinesPerPlane);
  return {
    switches: [...leaves, ...spines, ...superSpines],
    cables: [
      ...leaves.flatMap((leaf) => spinesOfPod[leaf.pod!]!.map(cableFrom(leaf, fabricLink))),
      ...spines.flatMap((spine, index) => planes[index % spinesPerPod]!.map(cableFrom(spine, coreLink))),
    ],
    servers: serversOf(leaves, { perSwitch: topology.serversPerLeaf, ...topology }),
  };
}

/** 2 B A links to access switches, 2 B C to the core, and B between aggregation pairs where they are joined. */
export function threeTierParts(topology: ThreeTierTopology): GeneratedParts {
  const { blockCount, accessPerBlock, coreCount, isAggregationJoined, fabricLink, coreLink } = topology;
  const access = switchesOf('access', blockCount * accessPerBlock, (index) => Math.floor(index / accessPerBlock));
  const aggregation = switchesOf('aggregation', blockCount * 2, (index) => Math.floor(index / 2));
  const cores = switchesOf('core', coreCount, () => null);
  const pairs = chunksOf(aggregation, 2);
  return {
    switches: [...access, ...aggregation, ...cores],
    cables: [
      ...access.flatMap((one) => pairs[one.pod!]!.map(cableFrom(one, fabricLink))),
      ...aggregation.flatMap((one) => cores.map(cableFrom(one, coreLink))),
      ...(isAggregationJoined ? pairs.map(([first, second]) => cableFrom(first!, coreLink)(second!)) : []),
    ],
    servers: serversOf(access, { perSwitch: topology.serversPerAccess, ...topology }),
  };
}

/**
 * k pods of k/2 edge and k/2 aggregation switches; the j-th aggregation switch of each pod to core switches j k/2 and
 * on: k³/2 links, k³/4 servers, 5k²/4 switches. Al-Fares et al., SIGCOMM 2008.
 */
export function fatTreeParts(topology: FatTreeTopology): GeneratedParts {
  const { k, fabricLink } = topology;
  const half = k / 2;
  const edges = switchesOf('edge', k * half, (index) => Math.floor(index / half));
  const aggregation = switchesOf('aggregation', k * half, (index) => Math.floor(index / half));
  const cores = switchesOf('core', half * half, () => null);
  const pods = chunksOf(aggregation, half);
  const coreGroups = chunksOf(cores, half);
  return {
    switches: [...edges, ...aggregation, ...cores],
    cables: [
      ...edges.flatMap((edge) => pods[edge.pod!]!.map(cableFrom(edge, fabricLink))),
      ...aggregation.flatMap((one, index) => coreGroups[index % half]!.map(cableFrom(one, fabricLink))),
    ],
    servers: serversOf(edges, { perSwitch: half, ...topology }),
  };
}

/** Leaf-spines, each with border switches on all its spines; the i-th border switches of two sites are joined. */
export function sitesParts(topology: SitesTopology): GeneratedParts {
  const { siteCount, leafCount, spineCount, uplinksPerSpine, bordersPerSite, dci, fabricLink } = topology;
  const leaves = switchesOf('leaf', siteCount * leafCount, (index) => Math.floor(index / leafCount));
  const spines = switchesOf('spine', siteCount * spineCount, (index) => Math.floor(index / spineCount));
  const borders = switchesOf('border', siteCount * bordersPerSite, (index) => Math.floor(index / bordersPerSite));
  const spinesOfSite = chunksOf(spines, spineCount);
  const bordersOfSite = chunksOf(borders, bordersPerSite);
  const pairs = bordersOfSite.flatMap((here, site) =>
    bordersOfSite
      .slice(site + 1, dci.layout === 'chain' ? site + 2 : undefined)
      .flatMap((there) => here.map((border, index) => cableFrom(border, dci)(there[index]!))),
  );
  return {
    switches: [...leaves, ...spines, ...borders],
    cables: [
      ...leaves.flatMap((leaf) =>
        spinesOfSite[leaf.pod!]!.flatMap((spine) => parallel(uplinksPerSpine, leaf, spine, fabricLink)),
      ),
      ...spines.flatMap((spine) => bordersOfSite[spine.pod!]!.map(cableFrom(spine, fabricLink))),
      ...pairs,
    ],
    servers: serversOf(leaves, { perSwitch: topology.serversPerLeaf, ...topology }),
  };
}

/** Numbered from 1 through all pods. */
function switchesOf(tier: SwitchTier, count: number, podOf: (index: number) => number | null): GeneratedSwitch[] {
  const prefix = tier.replace('-', '');
  return Array.from({ length: count }, (_, index) => ({ id: `${prefix}${index + 1}`, tier, pod: podOf(index) }));
}

/** Dual-homed servers are cabled to their own switch first and to the other one of its pair second. */
function serversOf(
  switches: readonly GeneratedSwitch[],
  {
    perSwitch,
    serverLink: { rateBitsPerSec, delayNs },
    serverHoming,
  }: { perSwitch: number; serverLink: LinkSettings; serverHoming: ServerHoming },
): GeneratedServer[] {
  return Array.from({ length: switches.length * perSwitch }, (_, index) => {
    const home = Math.floor(index / perSwitch);
    const secondAt = serverHoming === 'dual' ? switches[home ^ 1]!.id : null;
    return { id: `server${index + 1}`, at: switches[home]!.id, secondAt, rateBitsPerSec, delayNs };
  });
}

function cableFrom(a: GeneratedSwitch, { rateBitsPerSec, delayNs }: LinkSettings) {
  return (b: GeneratedSwitch): Cable => ({ a: a.id, b: b.id, rateBitsPerSec, delayNs });
}

function parallel(count: number, a: GeneratedSwitch, b: GeneratedSwitch, link: LinkSettings): Cable[] {
  return Array.from({ length: count }, () => cableFrom(a, link)(b));
}

function chunksOf<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: list.length / size }, (_, index) => list.slice(index * size, (index + 1) * size));
}
