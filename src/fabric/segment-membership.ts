import type { FloodList, Tunnels } from '../device/tunnels.ts';
import { PairRecords } from '../wire/pair-records.ts';

/** Hears that a tunnel carries a segment from now on, or no more. */
export type SegmentChange = (tunnel: number, segment: number) => void;

/** A control plane that tells VTEPs whom to flood to. */
export interface FloodListSource {
  /** The number, at `Tunnels`, of a tunnel's list for a segment. */
  floodListOf(tunnel: number, segment: number): number;
  /** Whether a tunnel that has nothing of a segment behind it may leave it now; else `release` is called when it may. */
  mayLeave(tunnel: number, segment: number): boolean;
  /** A tunnel that was to leave has something of the segment behind it again. */
  stay(tunnel: number, segment: number): void;
}

/**
 * Which tunnels carry which segment: those that have a VM of it, or the gateway, behind them.
 *
 * Without a control plane the members of a segment share one flood list, so that a change reaches all at once: an operator or a control plane
 * configures the lists, RFC 7348 leaves open how, and the time that it takes is not simulated. What each VTEP learned of
 * where stations are changes only with the frames that it hears.
 */
export class SegmentMembership {
  readonly #tunnels: Tunnels;
  readonly #onLeft: SegmentChange;
  readonly #onJoined: SegmentChange;
  // indexed by segment
  readonly #floodLists: readonly (FloodList & { members?: number[] })[];
  readonly #listNumbers: readonly number[];
  readonly #onRefused: (tunnel: number, limit: 'vnis' | 'multicastGroups') => void;
  readonly #vnisMax: (tunnel: number) => number | null;
  readonly #groupsMax: (tunnel: number) => number | null;
  // indexed by tunnel that has a limit to its segments: those that it carries, and those it has no room for
  readonly #carried: Set<number>[] = [];
  readonly #refused: Set<number>[] = [];
  // those of a tunnel with a limit to its groups: by group, the segments that it is joined for
  readonly #joinedGroups: Map<number, number>[] = [];
  // indexed by tunnel: segments that it carries
  readonly #carriedCounts: number[] = [];
  readonly #source: FloodListSource | null;
  // by tunnel and segment: what of it is behind the tunnel, as a count
  readonly #counts = new PairRecords(1);
  // tunnels and segments that they carry though nothing of it is behind them any more
  readonly #lingering = new PairRecords(0);

  /** With `groups`, one for each segment, floods go to the segment's multicast group; else to each other member. */
  constructor(
    tunnels: Tunnels,
    {
      segmentCount,
      groups,
      replicators = null,
      onLeft,
      onJoined = () => {},
      onRefused = () => {},
      vnisMax = () => null,
      groupsMax = () => null,
      source = null,
    }: {
      segmentCount: number;
      groups: readonly number[] | null;
      /** Endpoints that replicate for the members; null: each does so itself. */
      replicators?: readonly number[] | null;
      onLeft: SegmentChange;
      onJoined?: SegmentChange;
      /** Hears that a tunnel has no room for a segment, and of what. */
      onRefused?: (tunnel: number, limit: 'vnis' | 'multicastGroups') => void;
      /** VNIs that a tunnel can carry; null is no limit. */
      vnisMax?: (tunnel: number) => number | null;
      /** Multicast groups that a tunnel can join; null is no limit. */
      groupsMax?: (tunnel: number) => number | null;
      /** Who tells each tunnel whom to flood to; unless given, all members are told at once. */
      source?: FloodListSource | null;
    },
  ) {
    this.#onRefused = onRefused;
    this.#vnisMax = vnisMax;
    this.#groupsMax = groupsMax;
    this.#source = source;
    this.#tunnels = tunnels;
    this.#onLeft = onLeft;
    this.#onJoined = onJoined;
    this.#floodLists = Array.from({ length: segmentCount }, (_, segment) => {
      if (groups !== null) return { kind: 'group', group: groups[segment] };
      const members: number[] = [];
      return { kind: 'ingress', endpoints: members, members, ...(replicators !== null && { replicators }) };
    });
    this.#listNumbers = this.#floodLists.map((list) => tunnels.addFloodList(list));
  }

  /** Something of this segment is behind the tunnel now. */
  add(tunnel: number, segment: number): void {
    const o = this.#counts.add(tunnel, segment);
    if (this.#counts.words[o]++ > 0) return;
    if (this.#lingering.find(tunnel, segment) >= 0) {
      this.#lingering.remove(tunnel, segment);
      this.#source?.stay(tunnel, segment);
      return;
    }
    if (this.#hasRoom(tunnel, segment)) this.#serve(tunnel, segment);
  }

  /** Segments that have something behind a tunnel which has no room for them. */
  refusedBy(tunnel: number): readonly number[] {
    return [...(this.#refused[tunnel] ?? [])];
  }

  /** Segments that a tunnel carries. */
  carriedCount(tunnel: number): number {
    return this.#carriedCounts[tunnel] ?? 0;
  }

  /** Counts a segment among those that a tunnel carries, or refuses. */
  #hasRoom(tunnel: number, segment: number): boolean {
    if (this.#vnisMax(tunnel) === null && this.#groupsMax(tunnel) === null) return true;
    this.#carried[tunnel] ??= new Set();
    this.#refused[tunnel] ??= new Set();
    this.#joinedGroups[tunnel] ??= new Map();
    const lacking = this.#lacks(tunnel, segment);
    if (lacking === null) {
      this.#carry(tunnel, segment);
      return true;
    }
    this.#refused[tunnel].add(segment);
    this.#onRefused(tunnel, lacking);
    return false;
  }

  /** What a tunnel has too few of to carry one segment more. */
  #lacks(tunnel: number, segment: number): 'vnis' | 'multicastGroups' | null {
    const vnis = this.#vnisMax(tunnel);
    if (vnis !== null && this.#carried[tunnel].size >= vnis) return 'vnis';
    const groups = this.#groupsMax(tunnel);
    const list = this.#floodLists[segment];
    if (groups === null || list.kind !== 'group') return null;
    const joined = this.#joinedGroups[tunnel];
    return joined.has(list.group) || joined.size < groups ? null : 'multicastGroups';
  }

  #carry(tunnel: number, segment: number): void {
    this.#carried[tunnel].add(segment);
    const list = this.#floodLists[segment];
    if (list.kind !== 'group') return;
    const joined = this.#joinedGroups[tunnel];
    joined.set(list.group, (joined.get(list.group) ?? 0) + 1);
  }

  /** Multicast groups that a tunnel with a limit to them has joined. */
  joinedGroupCount(tunnel: number): number {
    return this.#joinedGroups[tunnel]?.size ?? 0;
  }

  #serve(tunnel: number, segment: number): void {
    this.#carriedCounts[tunnel] = this.carriedCount(tunnel) + 1;
    const list = this.#floodLists[segment];
    // in order, so that the list does not tell the history of migrations
    const endpoint = this.#tunnels.endpointOf(tunnel);
    // two tunnels of one address join and leave together
    if (list.members?.includes(endpoint) === false) insertInOrder(list.members, endpoint);
    // type-3 routes tell whom to copy to; a group needs no copies
    const own = list.kind === 'group' ? undefined : this.#source?.floodListOf(tunnel, segment);
    this.#tunnels.serve(tunnel, segment, own ?? this.#listNumbers[segment]);
    this.#onJoined(tunnel, segment);
  }

  /** Something of this segment is behind the tunnel no more. */
  remove(tunnel: number, segment: number): void {
    const o = this.#counts.find(tunnel, segment);
    if (o >= 0 && --this.#counts.words[o] > 0) return;
    this.#counts.remove(tunnel, segment);
    if (this.#refused[tunnel]?.delete(segment)) return;
    if (this.#source?.mayLeave(tunnel, segment) === false) this.#lingering.add(tunnel, segment);
    else this.#leave(tunnel, segment);
  }

  /** A tunnel that has nothing of a segment behind it, and could not leave it, may do so now. */
  release(tunnel: number, segment: number): void {
    if (this.#lingering.find(tunnel, segment) < 0) return;
    this.#lingering.remove(tunnel, segment);
    this.#leave(tunnel, segment);
  }

  #leave(tunnel: number, segment: number): void {
    const { members } = this.#floodLists[segment];
    const at = members?.indexOf(this.#tunnels.endpointOf(tunnel)) ?? -1;
    if (at >= 0) members?.splice(at, 1);
    this.#carriedCounts[tunnel]--;
    this.#tunnels.unserve(tunnel, segment);
    this.#onLeft(tunnel, segment);
    if (!this.#carried[tunnel]?.delete(segment)) return;
    this.#uncount(tunnel, segment);
    // of those that fit, the one that has waited longest takes the room
    for (const waiting of this.#refused[tunnel]) {
      if (this.#lacks(tunnel, waiting) !== null) continue;
      this.#refused[tunnel].delete(waiting);
      this.#carry(tunnel, waiting);
      this.#serve(tunnel, waiting);
    }
  }

  #uncount(tunnel: number, segment: number): void {
    const list = this.#floodLists[segment];
    if (list.kind !== 'group') return;
    const joined = this.#joinedGroups[tunnel];
    const count = joined.get(list.group) ?? 0;
    if (count > 1) joined.set(list.group, count - 1);
    else joined.delete(list.group);
  }
}

function insertInOrder(numbers: number[], added: number): void {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle] < added) low = middle + 1;
    else high = middle;
  }
  numbers.splice(low, 0, added);
}
