import { grownCopy } from '../grown-copy.ts';

const COUNTS = 3;
const SENT = 0;
const REACHED = 1;
const USELESS = 2;

/** Whom floods reach, segment by segment: frames to all or many, the hosts that took them in, and what was in vain. */
export class SegmentReach {
  // records of doubles, that of no segment (-1) first
  #counts = new Float64Array(COUNTS * 64);

  /** A station or a gateway sent frames to a group of its segment. */
  addSent(segment: number, frames: number): void {
    const record = this.#record(segment);
    this.#counts[record + SENT] += frames;
  }

  /** Servers took in copies of such frames from the wire; below 0, they did not after all. */
  addReached(segment: number, copies: number): void {
    const record = this.#record(segment);
    this.#counts[record + REACHED] += copies;
  }

  /** Servers took in copies, also of unicast, that were for nobody there. */
  addUseless(segment: number, copies: number): void {
    const record = this.#record(segment);
    this.#counts[record + USELESS] += copies;
  }

  /** Frames to a group that stations and gateways sent. */
  sentFrames(segment: number): number {
    return this.#of(segment, SENT);
  }

  /** Copies of these that servers took in, each server's counted once. */
  reachedHosts(segment: number): number {
    return this.#of(segment, REACHED);
  }

  /** Copies that servers took in for nothing. */
  uselessFrames(segment: number): number {
    return this.#of(segment, USELESS);
  }

  #of(segment: number, count: number): number {
    return this.#counts[(segment + 1) * COUNTS + count] ?? 0;
  }

  /** Where the counts of a segment are in `#counts`, which may become another array. */
  #record(segment: number): number {
    const record = (segment + 1) * COUNTS;
    if (record >= this.#counts.length) {
      this.#counts = grownCopy(this.#counts, Math.max(record + COUNTS, this.#counts.length * 2));
    }
    return record;
  }
}
