import { PairRecords } from '../wire/pair-records.ts';

/** From a source's last packet until its state is forgotten. RFC 7761, 4.11 (Keepalive_Period); FRR's pimd agrees. */
export const PIM_KEEPALIVE_PERIOD_NS = 210e9;

/**
 * Whose details are followed. `rfc7761`: what is registered reaches receivers by way of the rendezvous point. `frr-8.4`:
 * the first packet of a source becomes a Register and nothing else, and the rendezvous point takes registered packets no
 * further, as recordings of pimd show: the first packet of each source is lost at all receivers.
 */
export const PIM_IMPLEMENTATIONS = ['rfc7761', 'frr-8.4'] as const;
export type PimImplementation = (typeof PIM_IMPLEMENTATIONS)[number];

/** What the first router on the way does with a packet of a source: bits. */
export const FirstHop = {
  /** It sends it inside a Register to the rendezvous point. RFC 7761, 4.4.1. */
  registers: 1,
  /** It forwards it to receivers beyond it on the tree of the rendezvous point, such as those at its own ports. */
  locally: 2,
  /** It forwards it along the tree, to these and to other routers. */
  alongTree: 4,
  /** Nothing was known of the source. */
  isNew: 8,
} as const;

// words of a record: what is known of a source, and the time of its last packet
const STATE = 0;
const LAST_MS = 1;
const WORDS = 2;

const SourceState = { registering: 1, joined: 2, native: 3 } as const;

/**
 * Sources of multicast groups as PIM-SM's first-hop routers and rendezvous points know them. RFC 7761, 4.2 and 4.4.
 *
 * The first packet creates the state and is registered. The rendezvous point joins towards the source; once that has
 * arrived, packets go along the tree. A Register that comes when they do is answered by a Register-Stop, which ends them.
 */
export class PimSources {
  readonly #implementation: PimImplementation;
  readonly #keepaliveMs: number;
  // by source and group
  readonly #records = new PairRecords(WORDS);

  constructor(implementation: PimImplementation, keepaliveNs: number = PIM_KEEPALIVE_PERIOD_NS) {
    this.#implementation = implementation;
    this.#keepaliveMs = Math.ceil(keepaliveNs / 1e6);
  }

  /** Sources and groups of which there is state. */
  get count(): number {
    return this.#records.size;
  }

  /** A packet is at the source's first router, which may be the rendezvous point itself: what becomes of it, as FirstHop. */
  packet(source: number, group: number, nowMs: number, isRendezvousPoint: boolean): number {
    const o = this.#records.add(source, group);
    const { words } = this.#records;
    const isNew = words[o + STATE] === 0;
    words[o + LAST_MS] = nowMs;
    if (isNew) words[o + STATE] = isRendezvousPoint ? SourceState.native : SourceState.registering;
    const news = isNew ? FirstHop.isNew : 0;
    switch (words[o + STATE]) {
      case SourceState.registering:
        return isNew && this.#implementation === 'frr-8.4'
          ? news | FirstHop.registers
          : news | FirstHop.registers | FirstHop.locally;
      case SourceState.joined:
        return FirstHop.registers | FirstHop.alongTree;
      default:
        return news | FirstHop.alongTree;
    }
  }

  /** Whether the rendezvous point forwards what a Register brings; if not, it answers with a Register-Stop or drops it. */
  get forwardsRegistered(): boolean {
    return this.#implementation === 'rfc7761';
  }

  /** Whether the source's packets come along the tree already, so that Registers of them are to stop. RFC 7761, 4.4.2. */
  isJoined(source: number, group: number): boolean {
    const o = this.#records.find(source, group);
    return o >= 0 && this.#records.words[o + STATE] !== SourceState.registering;
  }

  /** The rendezvous point's Join is at the source's first router. */
  joinArrived(source: number, group: number): void {
    const o = this.#records.find(source, group);
    if (o >= 0 && this.#records.words[o + STATE] === SourceState.registering) {
      this.#records.words[o + STATE] = SourceState.joined;
    }
  }

  /** A Register-Stop is at the source's first router. */
  registerStopArrived(source: number, group: number): void {
    const o = this.#records.find(source, group);
    if (o >= 0) this.#records.words[o + STATE] = SourceState.native;
  }

  /**
   * Forgets a source whose keepalive time is over and returns -1; else returns when that will be if it sends nothing
   * more, in milliseconds. RFC 7761, 4.2 (KeepaliveTimer).
   */
  expire(source: number, group: number, nowMs: number): number {
    const o = this.#records.find(source, group);
    if (o < 0) return -1;
    const endMs = this.#records.words[o + LAST_MS] + this.#keepaliveMs;
    if (nowMs < endMs) return endMs;
    this.#records.remove(source, group);
    return -1;
  }
}
