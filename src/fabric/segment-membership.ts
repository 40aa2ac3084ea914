import type { FloodList, Tunnels } from '../device/tunnels.ts';

/** Hears that a tunnel carries a segment no more. */
export type SegmentLeft = (tunnel: number, segment: number) => void;

/**
 * Which tunnels carry which segment: those that have a VM of it, or the gateway, behind them.
 *
 * The members of a segment share one flood list, so that a change reaches all at once: an operator or a control plane
 * configures the lists, RFC 7348 leaves open how, and the time that it takes is not simulated. What each VTEP learned of
 * where stations are changes only with the frames that it hears.
 */
export class SegmentMembership {
  readonly #tunnels: Tunnels;
  readonly #onLeft: SegmentLeft;
  // indexed by segment
  readonly #floodLists: readonly (FloodList & { members?: number[] })[];
  // indexed by tunnel: for each segment what is behind the tunnel, as a count
  readonly #counts: Map<number, number>[] = [];

  /** With `groups`, one for each segment, floods go to the segment's multicast group; else to each other member. */
  constructor(
    tunnels: Tunnels,
    { segmentCount, groups, onLeft }: { segmentCount: number; groups: readonly number[] | null; onLeft: SegmentLeft },
  ) {
    this.#tunnels = tunnels;
    this.#onLeft = onLeft;
    this.#floodLists = Array.from({ length: segmentCount }, (_, segment) => {
      if (groups !== null) return { kind: 'group', group: groups[segment] };
      const members: number[] = [];
      return { kind: 'ingress', endpoints: members, members };
    });
  }

  /** Something of this segment is behind the tunnel now. */
  add(tunnel: number, segment: number): void {
    while (this.#counts.length <= tunnel) this.#counts.push(new Map());
    const count = this.#counts[tunnel].get(segment) ?? 0;
    this.#counts[tunnel].set(segment, count + 1);
    if (count > 0) return;
    const list = this.#floodLists[segment];
    // in order, so that the list does not tell the history of migrations
    if (list.members !== undefined) insertInOrder(list.members, this.#tunnels.endpointOf(tunnel));
    this.#tunnels.serve(tunnel, segment, list);
  }

  /** Something of this segment is behind the tunnel no more. */
  remove(tunnel: number, segment: number): void {
    const count = this.#counts[tunnel].get(segment) ?? 0;
    if (count > 1) {
      this.#counts[tunnel].set(segment, count - 1);
      return;
    }
    this.#counts[tunnel].delete(segment);
    const { members } = this.#floodLists[segment];
    members?.splice(members.indexOf(this.#tunnels.endpointOf(tunnel)), 1);
    this.#tunnels.unserve(tunnel, segment);
    this.#onLeft(tunnel, segment);
  }
}

function insertInOrder(numbers: number[], added: number): void {
  const index = numbers.findIndex((number) => number > added);
  numbers.splice(index < 0 ? numbers.length : index, 0, added);
}
