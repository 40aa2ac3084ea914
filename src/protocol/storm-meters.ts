import { grownCopy } from '../grown-copy.ts';

/** What storm control tells apart. */
export const StormClass = { broadcast: 0, multicast: 1, unknownUnicast: 2 } as const;
export const STORM_CLASS_COUNT = 3;

/** Storm control counts anew each second. Cisco IOS, `storm-control`: the level is that of a one-second interval. */
export const STORM_INTERVAL_NS = 1e9;

/** What becomes of a port at which a level is exceeded. */
export const STORM_ACTIONS = ['drop', 'shutdown'] as const;
export type StormAction = (typeof STORM_ACTIONS)[number];

/** How much of one class a port lets in during an interval. */
export interface StormLevel {
  readonly unit: 'bytes' | 'frames';
  readonly perInterval: number;
}

// doubles of the meter of one class at one port
const LEVEL = 0;
const IS_BYTES = 1;
const INTERVAL = 2;
const USED = 3;
const DOUBLES = 4;

/**
 * Storm control: what a port lets in of broadcasts, multicasts and unknown unicast in one second. When the level is
 * reached, the rest of that class is stopped until the second is over, as switches do that measure by one-second intervals
 * (Cisco IOS, `storm-control`). Intervals begin with the whole seconds of the clock, at all ports alike.
 */
export class StormMeters {
  #doubles = new Float64Array(0);
  #count = 0;

  /** Adds a port's meters, one for each StormClass; null is no limit. Returns their number. */
  add(levels: readonly (StormLevel | null)[]): number {
    const meter = this.#count++;
    const needed = this.#count * STORM_CLASS_COUNT * DOUBLES;
    if (needed > this.#doubles.length) this.#doubles = grownCopy(this.#doubles, needed * 2);
    const doubles = this.#doubles;
    for (const [stormClass, level] of levels.entries()) {
      const o = (meter * STORM_CLASS_COUNT + stormClass) * DOUBLES;
      doubles[o + LEVEL] = level === null ? Number.POSITIVE_INFINITY : level.perInterval;
      doubles[o + IS_BYTES] = level?.unit === 'bytes' ? 1 : 0;
    }
    return meter;
  }

  /** Whether a port lets in so many frames, of so many bytes together, of a class; if so, they count. */
  admits(meter: number, stormClass: number, frames: number, bytes: number, nowNs: number): boolean {
    const doubles = this.#doubles;
    const o = (meter * STORM_CLASS_COUNT + stormClass) * DOUBLES;
    const interval = Math.floor(nowNs / STORM_INTERVAL_NS);
    if (doubles[o + INTERVAL] !== interval) {
      doubles[o + INTERVAL] = interval;
      doubles[o + USED] = 0;
    }
    const used = doubles[o + USED] + (doubles[o + IS_BYTES] === 1 ? bytes : frames);
    const level = doubles[o + LEVEL];
    // once something was too much, what is smaller does not slip through
    doubles[o + USED] = used > level ? Number.POSITIVE_INFINITY : used;
    return used <= level;
  }
}
