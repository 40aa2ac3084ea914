import type { Topology } from './scenario.ts';

/** Names of everything in a topology and who is cabled to whom, however the file describes it. */
export interface TopologyNodes {
  readonly leafIds: readonly string[];
  readonly spineIds: readonly string[];
  /** Rack by rack. */
  readonly servers: readonly { readonly id: string; readonly at: string }[];
  /** Between switches; servers have one link each, which is not listed. */
  readonly links: readonly SwitchLink[];
}

export interface SwitchLink {
  /** `a-b`, and `a-b#2` for the second link between the same two switches. */
  readonly id: string;
  readonly a: string;
  readonly b: string;
}

/** Names the parts: `leaf1`, `spine1`, `server1` (rack by rack), `leaf1-spine1`; explicit topologies keep their names. */
export function topologyNodes(topology: Topology): TopologyNodes {
  if (topology.kind === 'explicit') {
    return {
      leafIds: topology.switchList.filter(({ role }) => role === 'leaf').map(({ id }) => id),
      spineIds: topology.switchList.filter(({ role }) => role === 'spine').map(({ id }) => id),
      servers: topology.serverList,
      links: topology.linkList,
    };
  }
  const leafIds = numbered('leaf', topology.leafCount);
  const spineIds = numbered('spine', topology.spineCount);
  const servers = numbered('server', topology.leafCount * topology.serversPerLeaf);
  const cables = leafIds.flatMap((a) =>
    spineIds.flatMap((b) => Array.from({ length: topology.uplinksPerSpine }, () => ({ a, b }))),
  );
  return {
    leafIds,
    spineIds,
    servers: servers.map((id, index) => ({ id, at: leafIds[Math.floor(index / topology.serversPerLeaf)]! })),
    links: nameLinks(cables),
  };
}

/** Gives each cable its id, in order. */
export function nameLinks<Cable extends { readonly a: string; readonly b: string }>(
  cables: readonly Cable[],
): (Cable & SwitchLink)[] {
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
export function unreachableSwitches({ leafIds, spineIds, links }: TopologyNodes): string[] {
  const groups = new SwitchGroups();
  for (const { a, b } of links) groups.join(a, b);
  const switchIds = [...leafIds, ...spineIds];
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

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
}
