import { ecmpIndex } from '../protocol/ecmp.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import type { Network } from './network.ts';
import { floodCauseOf, Outcome } from './observer.ts';
import type { Underlay } from './underlay.ts';

/** What replicators ask of the tunnels. */
export interface ReplicatedTunnels {
  /** The VTEPs of a segment as one of them, the source, floods to them; null if it carries the segment no more. */
  membersFor(source: number, segment: number): readonly number[] | null;
  /** A packet reached a VTEP. Owns one reference. */
  receivePacket(endpoint: number, port: number, packet: number): void;
  /** What ECMP sees of a packet between two endpoints that carries this frame. */
  outerHash(source: number, destination: number, inner: number): number;
  /** A replicator made so many packets of one. */
  countReplicated(packet: number, copies: number): void;
}

/**
 * Assisted replication in its non-selective mode. RFC 9574, section 5.
 *
 * A VTEP (AR-LEAF) sends one copy of a broadcast or multicast frame to a replicator, by a hash of itself and the segment;
 * unknown unicast it replicates itself. What reaches a replicator at this address (its AR-IP) goes on to all other VTEPs of
 * the segment at theirs (IR-IP), where nobody replicates it further, and never back to the VTEP that it is from (5.1, 5.2).
 *
 * Differs from the standard: all copies keep the address of the VTEP that the frame is from, since without it nobody could
 * learn from them where stations are. The RFC, which has EVPN for that, allows it towards AR-LEAFs (9.1), but not towards
 * other replicators (5.1). And a replicator that comes back is used as soon as a route leads there, not 3 s later (5.2 e).
 */
export class Replicators {
  readonly #network: Network;
  readonly #underlay: Underlay;
  readonly #tunnels: ReplicatedTunnels;
  readonly #endpoints = new Set<number>();

  constructor(network: Network, underlay: Underlay, tunnels: ReplicatedTunnels) {
    this.#network = network;
    this.#underlay = underlay;
    this.#tunnels = tunnels;
  }

  /** Makes an endpoint one at which packets are replicated. */
  add(endpoint: number): void {
    this.#endpoints.add(endpoint);
  }

  has(endpoint: number): boolean {
    return this.#endpoints.has(endpoint);
  }

  /**
   * The replicator that a VTEP uses for a segment: one of those to which a route leads. -1 if none does, and if the VTEP
   * is in the same box: then it replicates by itself. RFC 9574, 5.2.
   */
  chosenBy(vtep: number, segment: number, replicators: readonly number[]): number {
    const reachable = replicators.filter((one) => this.#underlay.isReachable(vtep, one));
    if (reachable.length === 0) return -1;
    const hash = Math.imul(vtep + 1, 0x5bd1e995) ^ Math.imul(segment + 1, 0x1b873593);
    const chosen = reachable[ecmpIndex(hash, 0, reachable.length)];
    return this.#underlay.nodeOf(chosen) === this.#underlay.nodeOf(vtep) ? -1 : chosen;
  }

  /** A packet at a replicator. Owns one reference. */
  receive(replicator: number, port: number, packet: number): void {
    const network = this.#network;
    const { frames } = network;
    const k = packet << FRAME_SHIFT;
    const source = frames.words[k + Frame.senderIp];
    const inner = frames.words[k + Frame.inner];
    const segment = frames.words[(inner << FRAME_SHIFT) + Frame.segment];
    const members = this.#tunnels.membersFor(source, segment);
    const copies = (members?.length ?? 0) - (members?.includes(source) === true ? 1 : 0);
    if (members === null || copies === 0) {
      network.end(port, packet, members === null ? Outcome.dropUnknownVni : Outcome.dropNoEgress);
      return;
    }
    network.note(port, Outcome.flooded);
    const node = this.#underlay.nodeOf(replicator);
    const cause = floodCauseOf(frames.words[k + Frame.carried]);
    network.countFlood(node, cause, inner, copies);
    this.#tunnels.countReplicated(packet, copies);
    network.createdFrames += (copies - 1) * frames.words[k + Frame.count];
    // the list may change while packets are delivered here
    for (const member of [...members]) {
      if (member === source) continue;
      const copy = frames.copy(packet);
      const c = copy << FRAME_SHIFT;
      frames.words[c + Frame.targetIp] = member;
      frames.words[c + Frame.flowHash] = this.#tunnels.outerHash(source, member, inner);
      if (this.#underlay.nodeOf(member) === node) this.#tunnels.receivePacket(member, port, copy);
      else this.#underlay.send(replicator, copy);
    }
    frames.release(packet);
  }
}
