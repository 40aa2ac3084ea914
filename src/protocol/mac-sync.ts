/** How fast one switch of a pair hears what the other has learned. */
export interface MacSyncParameters {
  /** From learning to the entry at the other switch. */
  readonly delayNs: number;
  /** Entries that the other switch takes per second; null is no limit. */
  readonly perSecond: number | null;
}

/**
 * What one switch of a pair has yet to tell the other: addresses, each once, in the order in which they were learned.
 *
 * Vendors do this by protocols of their own, and so does IEEE 802.1AX-2014 (DRNI, clause 9), which leaves addresses out. What
 * is modelled is common to them: each learned address is told once, in order, after a delay, at some rate.
 */
export class MacSync {
  readonly #delayNs: number;
  readonly #intervalNs: number;
  // when each is due; in this order
  readonly #dueNs = new Map<number, number>();
  #lastDueNs = Number.NEGATIVE_INFINITY;

  constructor({ delayNs, perSecond }: MacSyncParameters) {
    this.#delayNs = delayNs;
    this.#intervalNs = perSecond === null ? 0 : Math.ceil(1e9 / perSecond);
  }

  get size(): number {
    return this.#dueNs.size;
  }

  /** Tells of an address; one that is waiting already stays in its place, and what it says is read when it is due. */
  add(address: number, nowNs: number): void {
    if (this.#dueNs.has(address)) return;
    this.#lastDueNs = Math.max(nowNs + this.#delayNs, this.#lastDueNs + this.#intervalNs);
    this.#dueNs.set(address, this.#lastDueNs);
  }

  /** The other switch has learned the address itself since: what it would be told is out of date. */
  cancel(address: number): void {
    this.#dueNs.delete(address);
  }

  clear(): void {
    this.#dueNs.clear();
    this.#lastDueNs = Number.NEGATIVE_INFINITY;
  }

  /** When the first is due; Infinity if none waits. */
  nextDueNs(): number {
    for (const dueNs of this.#dueNs.values()) return dueNs;
    return Number.POSITIVE_INFINITY;
  }

  /** Takes what is due, in order. */
  *takeDue(nowNs: number): Generator<number> {
    for (const [address, dueNs] of this.#dueNs) {
      if (dueNs > nowNs) return;
      this.#dueNs.delete(address);
      yield address;
    }
  }
}
