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
  readonly #onRefused: (tunnel: number, segment: number) => void;
  readonly #vnisMax: (tunnel: number) => number | null;
  // indexed by tunnel that has a limit to its segments: those that it carries, and those it has no room for
  readonly #carried: Set<number>[] = [];
  readonly #refused: Set<number>[] = [];
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
      onLeft,
      onJoined = () => {},
      onRefused = () => {},
      vnisMax = () => null,
      source = null,
    }: {
      segmentCount: number;
      groups: readonly number[] | null;
      onLeft: SegmentChange;
      onJoined?: SegmentChange;
      /** Hears that a tunnel has no room for a segment. */
      onRefused?: (tunnel: number, segment: number) => void;
      /** VNIs that a tunnel can carry; null is no limit. */
      vnisMax?: (tunnel: number) => number | null;
      /** Who tells each tunnel whom to flood to; unless given, all members are told at once. */
      source?: FloodListSource | null;
    },
  ) {
    this.#onRefused = onRefused;
    this.#vnisMax = vnisMax;
    this.#source = source;
    this.#tunnels = tunnels;
    this.#onLeft = onLeft;
    this.#onJoined = onJoined;
    this.#floodLists = Array.from({ length: segmentCount }, (_, segment) => {
      if (groups !== null) return { kind: 'group', group: groups[segment] };
      const members: number[] = [];
      return { kind: 'ingress', endpoints: members, members };
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
    const max = this.#vnisMax(tunnel);
    if (max === null) return true;
    this.#carried[tunnel] ??= new Set();
    this.#refused[tunnel] ??= new Set();
    const hasRoom = this.#carried[tunnel].size < max;
    (hasRoom ? this.#carried : this.#refused)[tunnel].add(segment);
    if (!hasRoom) this.#onRefused(tunnel, segment);
    return hasRoom;
  }

  #serve(tunnel: number, segment: number): void {
    this.#carriedCounts[tunnel] = this.carriedCount(tunnel) + 1;
    const list = this.#floodLists[segment];
    // in order, so that the list does not tell the history of migrations
    if (list.members !== undefined) insertInOrder(list.members, this.#tunnels.endpointOf(tunnel));
    const own = this.#source?.floodListOf(tunnel, segment);
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
    members?.splice(members.indexOf(this.#tunnels.endpointOf(tunnel)), 1);
    this.#carriedCounts[tunnel]--;
    this.#tunnels.unserve(tunnel, segment);
    this.#onLeft(tunnel, segment);
    if (!this.#carried[tunnel]?.delete(segment)) return;
    // the one that has waited longest takes the room
    const [waiting] = this.#refused[tunnel];
    if (waiting === undefined) return;
    this.#refused[tunnel].delete(waiting);
    this.#carried[tunnel].add(waiting);
    this.#serve(tunnel, waiting);
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
