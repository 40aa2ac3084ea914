import { grownCopy } from '../grown-copy.ts';

/** What a port does with frames, as bits among its flags. */
export const StateBit = {
  /** Learns. IEEE 802.1D-2004, 7.8. */
  learning: 4,
  /** Forwards. IEEE 802.1D-2004, 7.4; 802.1D-1998, 8.4. */
  forwarding: 8,
} as const;

/** Both. */
export const PORT_STATE_BITS = StateBit.learning | StateBit.forwarding;

/** A port takes part in an instance. */
const MEMBER = 1;

/**
 * Which spanning tree each segment follows, and what ports do in each tree. Only ports that are not the same in all of
 * theirs (PortFlag.byInstance) need to be looked up here; the flags of the others say it.
 */
export class SegmentInstances {
  /** Trees of the whole network; 1 where all segments follow the same. */
  count = 1;
  #instanceOfSegment: Int32Array = new Int32Array(0);
  // by port: its row of states, one for each instance, or -1
  #rows = new Int32Array(0);
  #states = new Uint8Array(0);
  #rowCount = 0;

  /** Says how many trees there are, and which of them each segment follows. */
  define(count: number, instanceOfSegment: Int32Array): void {
    this.count = count;
    this.#instanceOfSegment = instanceOfSegment;
  }

  /** The tree that a segment follows. */
  instanceOf(segment: number): number {
    return this.#instanceOfSegment[segment] ?? 0;
  }

  /** What a port does with frames of a segment: PORT_STATE_BITS. Only for ports that take part in some instance. */
  stateOf(port: number, segment: number): number {
    return this.stateIn(port, this.#instanceOfSegment[segment]);
  }

  /** The same in an instance. */
  stateIn(port: number, instance: number): number {
    return this.#states[this.#rows[port] * this.count + instance] & PORT_STATE_BITS;
  }

  /** Whether a port has states of its own here. */
  has(port: number): boolean {
    return port < this.#rows.length && this.#rows[port] >= 0;
  }

  /** Lets a port take part in an instance, in which it discards at first. */
  join(port: number, instance: number): void {
    if (port >= this.#rows.length) {
      this.#rows = grownCopy(this.#rows, Math.max(64, port + 1, this.#rows.length * 2), -1);
    }
    if (this.#rows[port] < 0) {
      this.#rows[port] = this.#rowCount++;
      const needed = this.#rowCount * this.count;
      if (needed > this.#states.length) this.#states = grownCopy(this.#states, Math.max(64, needed * 2));
    }
    this.#states[this.#rows[port] * this.count + instance] = MEMBER;
  }

  /** Sets what a port does in an instance. Returns what it does in any, and whether it does the same in all of its own. */
  set(port: number, instance: number, state: number): { any: number; isSame: boolean } {
    const row = this.#rows[port] * this.count;
    const states = this.#states;
    states[row + instance] = MEMBER | state;
    let any = 0;
    let isSame = true;
    for (let i = 0; i < this.count; i++) {
      const one = states[row + i];
      if ((one & MEMBER) === 0) continue;
      any |= one & PORT_STATE_BITS;
      if (one !== states[row + instance]) isSame = false;
    }
    return { any, isSame };
  }
}
