import { ALL_SEGMENTS, type Network, PORT_SHIFT, Port } from '../device/network.ts';
import type { DatacenterPlan } from './plan.ts';

/** VLANs whose trees cannot differ: they have the same root and are on the same links. */
export interface VlanClass {
  /** Of the switches that share the role, which one is the root. */
  readonly root: number;
  readonly segments: readonly number[];
  /** The links that carry them. */
  readonly links: readonly number[];
}

/** Which VLANs the ports of a network carry, counted once for ports that carry the same. */
export class CarriedVlans {
  readonly #network: Network;
  readonly #segments: readonly number[];
  readonly #counts = new Map<string, number>();

  /** `segments` are those that are built. */
  constructor(network: Network, segments: readonly number[]) {
    this.#network = network;
    this.#segments = segments;
  }

  /** Those of a port; `class` narrows them down, and names the narrowing. */
  countAt(port: number, only?: { readonly name: number; readonly segments: readonly number[] }): number {
    const trunk = this.#network.portWords[(port << PORT_SHIFT) + Port.trunk];
    const segments = only?.segments ?? this.#segments;
    if (trunk === ALL_SEGMENTS) return segments.length;
    const key = `${trunk} ${only?.name ?? ''}`;
    let count = this.#counts.get(key);
    if (count === undefined) {
      count = segments.filter((segment) => this.#network.isMember(port, segment)).length;
      this.#counts.set(key, count);
    }
    return count;
  }
}

/** Sorts VLANs into classes. Roots take turns, VLAN by VLAN. */
export function vlanClasses(
  network: Network,
  {
    segments,
    linkPorts,
    rootCount,
  }: {
    segments: readonly number[];
    linkPorts: readonly (readonly [number, number])[];
    rootCount: number;
  },
): VlanClass[] {
  const classes = new Map<string, { root: number; segments: number[]; links: readonly number[] }>();
  // links of one trunk carry the same VLANs
  const trunks = linkPorts.map(([port]) => network.portWords[(port << PORT_SHIFT) + Port.trunk]);
  const firstOfTrunk = new Map(trunks.map((trunk, link) => [trunk, linkPorts[link][0]]));
  for (const segment of segments) {
    const root = segment % Math.max(1, rootCount);
    const carrying = [...firstOfTrunk].filter(([, port]) => network.isMember(port, segment)).map(([trunk]) => trunk);
    const key = `${root} ${carrying.join()}`;
    const known = classes.get(key);
    if (known === undefined) {
      const links = [...trunks.keys()].filter((link) => carrying.includes(trunks[link]));
      classes.set(key, { root, segments: [segment], links });
    } else known.segments.push(segment);
  }
  return [...classes.values()];
}

/**
 * Segments, ascending, for which some switch has no room in its spanning tree: in their order, each port that carries one
 * takes of the limit of its switch, and one that does not fit is built nowhere.
 */
export function segmentsBeyondPortLimit(
  network: Network,
  plan: DatacenterPlan,
  {
    segments,
    switchNodes,
    limitOf,
  }: {
    segments: readonly number[];
    switchNodes: readonly number[];
    limitOf: (switchIndex: number) => number | null;
  },
): number[] {
  // by switch with a limit: its ports by trunk, and what is left
  const limited = plan.switches.flatMap((_, index) => {
    const limit = limitOf(index);
    if (limit === null) return [];
    const byTrunk = new Map<number, { port: number; count: number }>();
    for (const port of network.nodePorts[switchNodes[index]]) {
      if (network.peerOf(port) < 0) continue;
      const trunk = network.portWords[(port << PORT_SHIFT) + Port.trunk];
      const known = byTrunk.get(trunk);
      if (known === undefined) byTrunk.set(trunk, { port, count: 1 });
      else known.count++;
    }
    return [{ trunks: [...byTrunk.values()], left: limit }];
  });
  return segments.filter((segment) => {
    const needs = limited.map(({ trunks }) =>
      trunks.reduce((sum, { port, count }) => (network.isMember(port, segment) ? sum + count : sum), 0),
    );
    if (needs.some((need, index) => need > limited[index].left)) return true;
    for (const [index, need] of needs.entries()) limited[index].left -= need;
    return false;
  });
}
