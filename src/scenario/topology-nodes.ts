import { type SwitchTier, TIER_LEVELS } from '../fabric/switch-tiers.ts';
import type { LinkSettings, Topology } from './scenario.ts';
import {
  closParts,
  fatTreeParts,
  type GeneratedParts,
  leafSpineParts,
  sitesParts,
  threeTierParts,
} from './topology-generators.ts';

/** Names of everything in a topology and who is cabled to whom, however the file describes it. */
export interface TopologyNodes {
  /** Those that may have servers come first. */
  readonly switches: readonly SwitchNode[];
  /** Rack by rack. */
  readonly servers: readonly ServerNode[];
  /** Between switches; those of servers are not listed. */
  readonly links: readonly SwitchLink[];
}

export interface SwitchNode {
  readonly id: string;
  readonly tier: SwitchTier;
  /** Number of its pod, block or site; null above them. A leaf-spine is one pod, and so is an explicit topology. */
  readonly pod: number | null;
  /** Whether servers may be cabled to it, and an overlay may have a VTEP there. */
  readonly isForServers: boolean;
}

export interface ServerNode extends LinkSettings {
  readonly id: string;
  readonly at: string;
  /** The second switch of a dual-homed server, or null. */
  readonly secondAt: string | null;
}

export interface SwitchLink extends LinkSettings {
  /** `a-b`, and `a-b#2` for the second link between the same two switches. */
  readonly id: string;
  readonly a: string;
  readonly b: string;
  /** Spanning-tree port path cost of both ends; null derives it from the rate. */
  readonly pathCost: number | null;
}

const nodesOfTopology = new WeakMap<Topology, TopologyNodes>();

/** Names the parts: `leaf1`, `spine1`, `server1` (rack by rack), `leaf1-spine1`; explicit topologies keep their names. */
export function topologyNodes(topology: Topology): TopologyNodes {
  let nodes = nodesOfTopology.get(topology);
  if (nodes === undefined) {
    nodes = makeNodes(topology);
    nodesOfTopology.set(topology, nodes);
  }
  return nodes;
}

/** Ids of all switches, in their order. */
export function switchIdsOf({ switches }: Pick<TopologyNodes, 'switches'>): string[] {
  return switches.map(({ id }) => id);
}

/**
 * The switches of the highest tier, the first of which a spanning tree takes for root by default; borders are not asked.
 */
export function possibleRootsOf({ switches }: Pick<TopologyNodes, 'switches'>): string[] {
  const inside = switches.filter(({ tier }) => tier !== 'border');
  const highest = inside.reduce((most, { tier }) => Math.max(most, TIER_LEVELS[tier]), 0);
  return inside.filter(({ tier }) => TIER_LEVELS[tier] === highest).map(({ id }) => id);
}

/** Whether servers may be cabled to switches of a tier. */
export function isForServers(tier: SwitchTier): boolean {
  return TIER_LEVELS[tier] === 0;
}

function makeNodes(topology: Topology): TopologyNodes {
  if (topology.kind === 'explicit') {
    const switches = topology.switchList.map(({ id, role }) => {
      return { id, tier: role, pod: 0, isForServers: isForServers(role) };
    });
    return {
      switches: [...switches.filter((one) => one.isForServers), ...switches.filter((one) => !one.isForServers)],
      servers: topology.serverList,
      links: topology.linkList,
    };
  }
  const { switches, cables, servers } = generate(topology);
  return {
    switches: switches.map((one) => ({ ...one, isForServers: isForServers(one.tier) })),
    servers,
    links: nameLinks(cables.map((cable) => ({ ...cable, pathCost: null }))),
  };
}

function generate(topology: Exclude<Topology, { kind: 'explicit' }>): GeneratedParts {
  switch (topology.kind) {
    case 'leaf-spine':
      return leafSpineParts(topology);
    case 'clos-5-stage':
      return closParts(topology);
    case 'three-tier':
      return threeTierParts(topology);
    case 'fat-tree':
      return fatTreeParts(topology);
    case 'sites':
      return sitesParts(topology);
  }
}

/** Gives each cable its id, in order. */
export function nameLinks<Cable extends { readonly a: string; readonly b: string }>(
  cables: readonly Cable[],
): (Cable & { id: string })[] {
  const countOfPair = new Map<string, number>();
  return cables.map((cable) => {
    const pair = cable.a < cable.b ? `${cable.a} ${cable.b}` : `${cable.b} ${cable.a}`;
    const count = (countOfPair.get(pair) ?? 0) + 1;
    countOfPair.set(pair, count);
    return { ...cable, id: `${cable.a}-${cable.b}${count > 1 ? `#${count}` : ''}` };
  });
}

/** The first link that closes a loop, or null in a tree. */
export function loopClosingLink({ links }: Pick<TopologyNodes, 'links'>): SwitchLink | null {
  const groups = new SwitchGroups();
  return links.find(({ a, b }) => !groups.join(a, b)) ?? null;
}

/** Switches that no path of links joins to the first one. */
export function unreachableSwitches({ switches, links }: TopologyNodes): string[] {
  const groups = new SwitchGroups();
  for (const { a, b } of links) groups.join(a, b);
  const switchIds = switchIdsOf({ switches });
  return switchIds.filter((id) => groups.groupOf(id) !== groups.groupOf(switchIds[0]!));
}

/** Sets of switches that are joined by links (union-find). */
class SwitchGroups {
  readonly #parents = new Map<string, string>();

  /** False if the two were joined already. */
  join(a: string, b: string): boolean {
    const groupA = this.groupOf(a);
    const groupB = this.groupOf(b);
    if (groupA === groupB) return false;
    this.#parents.set(groupA, groupB);
    return true;
  }

  groupOf(id: string): string {
    let current = id;
    for (let parent = this.#parents.get(current); parent !== undefined; parent = this.#parents.get(current)) {
      const grandparent = this.#parents.get(parent);
      if (grandparent !== undefined) this.#parents.set(current, grandparent);
      current = parent;
    }
    return current;
  }
}
