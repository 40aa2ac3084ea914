import type { DatacenterPlan, PlannedLink, PlannedServer, PlannedSwitch } from './plan.ts';
import { TIER_LEVELS } from './switch-tiers.ts';

/** The links between the two switches of a pair, where the topology has none. */
export interface PeerLinkSettings {
  readonly count: number;
  readonly rateBitsPerSec: number;
  /** Propagation, one way. */
  readonly delayNs: number;
}

/** Two switches, by their indices. */
export type Pair = readonly [number, number];

interface Topology {
  readonly switches: readonly Pick<PlannedSwitch, 'id' | 'tier' | 'pod'>[];
  readonly servers: readonly Pick<PlannedServer, 'switchIndex' | 'secondSwitchIndex'>[];
  readonly links: readonly Pick<PlannedLink, 'id' | 'a' | 'b'>[];
}

/**
 * The switches that act as two of a pair: those that share dual-homed servers, and above them the two switches of a tier
 * where a pod, or what is above the pods, has just two. The first is the one that comes first in the plan.
 */
export function switchPairsOf({ switches, servers }: Omit<Topology, 'links'>): Pair[] {
  const pairs = rackPairsOf({ servers });
  const groups = new Map<string, number[]>();
  for (const [index, { tier, pod }] of switches.entries()) {
    if (TIER_LEVELS[tier] === 0) continue;
    const key = `${tier} ${pod}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  }
  for (const [first, second, ...others] of groups.values()) {
    if (second !== undefined && others.length === 0) pairs.push([first, second]);
  }
  return pairs;
}

/** The pairs of switches that share dual-homed servers. */
export function rackPairsOf({ servers }: Pick<Topology, 'servers'>): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const { switchIndex, secondSwitchIndex } of servers) {
    if (secondSwitchIndex === null) continue;
    const pair: Pair = [Math.min(switchIndex, secondSwitchIndex), Math.max(switchIndex, secondSwitchIndex)];
    pairs.set(pair.join(), pair);
  }
  return [...pairs.values()];
}

/** By switch: a number for what acts as one, a pair or a switch alone. */
export function unitsOf({ switches }: Pick<Topology, 'switches'>, pairs: readonly Pair[]): number[] {
  const units = [...switches.keys()];
  for (const [first, second] of pairs) units[second] = first;
  return units;
}

/** The first link that closes a loop when pairs act as one switch, and links between the same two as one; or null. */
export function linkThatLoops(topology: Topology): string | null {
  const units = unitsOf(topology, switchPairsOf(topology));
  const trees = [...topology.switches.keys()];
  const treeOf = (unit: number): number => (trees[unit] === unit ? unit : treeOf(trees[unit]));
  const joined = new Set<string>();
  for (const { id, a, b } of topology.links) {
    const [one, other] = [Math.min(units[a], units[b]), Math.max(units[a], units[b])];
    if (one === other || joined.has(`${one} ${other}`)) continue;
    joined.add(`${one} ${other}`);
    if (treeOf(one) === treeOf(other)) return id;
    trees[treeOf(one)] = treeOf(other);
  }
  return null;
}

/** The links that pairs need and a topology lacks: `spine1-spine2`, and `spine1-spine2#2` for the second of a pair. */
export function missingPeerLinks(topology: Topology, count: number): Pick<PlannedLink, 'id' | 'a' | 'b'>[] {
  const joined = new Set(topology.links.map(({ a, b }) => `${Math.min(a, b)} ${Math.max(a, b)}`));
  return switchPairsOf(topology)
    .filter(([a, b]) => !joined.has(`${a} ${b}`))
    .flatMap(([a, b]) => {
      const id = `${topology.switches[a].id}-${topology.switches[b].id}`;
      return Array.from({ length: count }, (_, index) => ({ id: index === 0 ? id : `${id}#${index + 1}`, a, b }));
    });
}

/** The plan with links between the two switches of each pair; a plan that has such links keeps them. */
export function withPeerLinks(
  plan: DatacenterPlan,
  { count, rateBitsPerSec, delayNs }: PeerLinkSettings,
): DatacenterPlan {
  const wire = { rateBitsPerSec, delayNs, pathCost: null, isPeerLink: true };
  const missing = missingPeerLinks(plan, count).map((link) => ({ ...link, ...wire }));
  return missing.length === 0 ? plan : { ...plan, links: [...plan.links, ...missing] };
}

/**
 * Links between the leaves of each pair beneath an overlay: those that bridge, and one more that routes, for a leaf that has
 * lost its uplinks. Links that the topology has between the two keep their names, and route.
 */
export function missingLeafPeerLinks(topology: Topology, count: number) {
  return rackPairsOf(topology).flatMap(([a, b]) => {
    const id = `${topology.switches[a].id}-${topology.switches[b].id}`;
    const own = topology.links.filter(
      (link) => Math.min(link.a, link.b) === a && Math.max(link.a, link.b) === b,
    ).length;
    const added = own === 0 ? count + 1 : count;
    return Array.from({ length: added }, (_, index) => {
      const number = own + index + 1;
      return { id: number === 1 ? id : `${id}#${number}`, a, b, isPeerLink: index < count };
    });
  });
}

/** The plan with these links; one that has them already is left as it is. */
export function withLeafPeerLinks(plan: DatacenterPlan, settings: PeerLinkSettings): DatacenterPlan {
  if (plan.links.some(({ isPeerLink }) => isPeerLink === true)) return plan;
  const { count, rateBitsPerSec, delayNs } = settings;
  const wire = { rateBitsPerSec, delayNs, pathCost: null };
  const missing = missingLeafPeerLinks(plan, count).map((link) => ({ ...link, ...wire }));
  return { ...plan, links: [...plan.links, ...missing] };
}
