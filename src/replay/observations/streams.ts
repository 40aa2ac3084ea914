import { MILLISECOND_NS } from '../test-frame.ts';
import type { EvpnLab } from './evpn-lab.ts';

/** First of the tags of streams' frames, above any that VMs give their own. */
const TAG_FIRST = 1 << 20;

/** What became of the frames that streams sent. */
export interface StreamCounts {
  sent: number;
  /** Reached the place where the receiver is now. */
  delivered: number;
  /** Reached the place where it was before. */
  misdelivered: number;
  lost: number;
  /** Copies that reached others. */
  floodedCopies: number;
  duplicates: number;
}

/** Frames from VMs to others while time passes, all at the same even pace: one pair after the other. */
export class Streams {
  readonly #lab: EvpnLab;
  readonly #intervalNs: number;
  readonly #pairs: readonly { readonly from: number; readonly to: number; readonly name: string }[];
  readonly #sent: { pair: number; timeNs: number; place: string; formerPlace: string | null }[] = [];
  readonly #startNs: number;
  #turn = 0;
  readonly #arrived = new Map<number, string[]>();
  #seenCount = 0;

  constructor(
    lab: EvpnLab,
    { intervalMs, pairs }: { intervalMs: number; pairs: readonly { from: number; to: number; name: string }[] },
  ) {
    this.#lab = lab;
    this.#intervalNs = Math.round(intervalMs * MILLISECOND_NS);
    this.#pairs = pairs;
    this.#startNs = lab.nowNs;
  }

  /** Sends until this instant. */
  runUntil(timeNs: number): void {
    const lab = this.#lab;
    for (let nextNs = this.#nextNs(); nextNs < timeNs; nextNs = this.#nextNs()) {
      lab.waitUntil(nextNs);
      const pair = this.#turn++ % this.#pairs.length;
      const { from, to } = this.#pairs[pair];
      const formerPlace = to === lab.movingVm ? lab.formerPlace : null;
      const sent = { pair, timeNs: lab.nowNs, place: lab.serverNameOf(to), formerPlace };
      const tag = TAG_FIRST + this.#sent.push(sent) - 1;
      lab.send(from, to, tag);
    }
    lab.waitUntil(timeNs);
  }

  /** When the next frame is sent: half a turn after the beginning, so that none is on the way when something begins. */
  #nextNs(): number {
    return this.#startNs + Math.floor(((this.#turn + 0.5) * this.#intervalNs) / this.#pairs.length);
  }

  /** Sends until something is so, and returns how long that took; null if it is not so in time. */
  runFor(isSo: () => boolean, atMostNs: number, lookNs = 100_000): number | null {
    const startNs = this.#lab.nowNs;
    while (!isSo()) {
      if (this.#lab.nowNs - startNs >= atMostNs) return null;
      this.runUntil(this.#lab.nowNs + lookNs);
    }
    return this.#lab.nowNs - startNs;
  }

  /** What became of the frames that were sent from one instant to another, of one pair or of all. */
  counts(fromNs: number, untilNs: number, pair = -1): StreamCounts {
    const counts = noCounts();
    const arrivals = this.#arrivals();
    for (const [index, frame] of this.#sent.entries()) {
      if (frame.timeNs < fromNs || frame.timeNs >= untilNs || (pair >= 0 && frame.pair !== pair)) continue;
      this.#count(counts, frame, arrivals.get(index) ?? []);
    }
    return counts;
  }

  /** When the last frame that got lost had been sent, in this time; null if none was lost. */
  lastLostNs(fromNs: number, untilNs: number, pair: number): number | null {
    const arrivals = this.#arrivals();
    let lastNs: number | null = null;
    for (const [index, frame] of this.#sent.entries()) {
      if (frame.timeNs < fromNs || frame.timeNs >= untilNs || frame.pair !== pair) continue;
      const counts = noCounts();
      this.#count(counts, frame, arrivals.get(index) ?? []);
      if (counts.lost > 0) lastNs = frame.timeNs;
    }
    return lastNs;
  }

  /** When the first frame of a pair that others got copies of was sent, from this instant on. */
  firstFloodedNs(fromNs: number, pair: number): number | null {
    const arrivals = this.#arrivals();
    for (const [index, frame] of this.#sent.entries()) {
      if (frame.timeNs < fromNs || frame.pair !== pair) continue;
      if ((arrivals.get(index)?.length ?? 0) > 1) return frame.timeNs;
    }
    return null;
  }

  #count(
    counts: StreamCounts,
    { place, formerPlace }: { place: string; formerPlace: string | null },
    arrivals: readonly string[],
  ): void {
    const here = arrivals.filter((name) => name === place).length;
    const before = arrivals.filter((name) => name === formerPlace).length;
    counts.sent++;
    counts.floodedCopies += arrivals.length - here - before;
    if (here > 0) counts.delivered++;
    else if (before > 0) counts.misdelivered++;
    else counts.lost++;
    if (here > 1) counts.duplicates += here - 1;
  }

  /** By frame: the nodes below leaves that it reached. What was seen since the last call is added. */
  #arrivals(): ReadonlyMap<number, readonly string[]> {
    const { seen } = this.#lab;
    const arrivals = this.#arrived;
    for (; this.#seenCount < seen.length; this.#seenCount++) {
      const { tag, to, from, isVxlan } = seen[this.#seenCount];
      if (tag < TAG_FIRST || isVxlan || !this.#lab.leaves.includes(from) || this.#lab.isSwitch(to)) continue;
      const known = arrivals.get(tag - TAG_FIRST);
      if (known === undefined) arrivals.set(tag - TAG_FIRST, [to]);
      else known.push(to);
    }
    return arrivals;
  }
}

function noCounts(): StreamCounts {
  return { sent: 0, delivered: 0, misdelivered: 0, lost: 0, floodedCopies: 0, duplicates: 0 };
}
