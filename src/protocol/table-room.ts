/** Who loses when there is no room: the new address, or the entry that was learned first, at random, or heard last. */
export const OVERFLOW_POLICIES = ['keep-old', 'evict-oldest', 'evict-random', 'evict-lru'] as const;
export type OverflowPolicy = (typeof OVERFLOW_POLICIES)[number];

/**
 * The same where any entry takes any address; `evict-fair`: the entry heard least recently at the port that has most of
 * them, as Open vSwitch 3.1 does (lib/mac-learning.c, evict_mac_entry_fairly).
 */
export const CAM_OVERFLOW_POLICIES = [...OVERFLOW_POLICIES, 'evict-fair'] as const;
export type CamOverflowPolicy = (typeof CAM_OVERFLOW_POLICIES)[number];

/** What `admit` answers when it evicts nobody; all below 0. */
export const Admission = {
  free: -1,
  /** Refused: every entry of the table is taken. */
  full: -2,
  /** Refused: the entries in which the address may lie are taken, and others are not. */
  collision: -3,
} as const;

/** Why `admit` evicted an entry. */
export const Eviction = { expired: 0, overflow: 1, collision: 2 } as const;

/** What a room asks of the table whose entries it counts. */
export interface RoomEntries {
  /** How long ago the entry of an address was last learned or refreshed. */
  ageMs(address: number, nowMs: number): number;
}

/**
 * Which addresses have an entry in a table that cannot hold all: asked only when an entry comes or goes, so that looking
 * up and refreshing what is known costs nothing.
 *
 * Entries whose age has reached the hold time are given away before anything is refused or evicted.
 */
export interface TableRoom {
  /** Entries in all. */
  readonly capacity: number;
  /** Why the last `admit` that evicted did: an Eviction. */
  readonly evictedFor: number;
  /**
   * Finds an entry for an address, heard at `place`, that has none. Returns an Admission, or the address whose entry it
   * has now; that one is released already.
   */
  admit(address: number, nowMs: number, holdMs: number, place: number): number;
  /** Whether `admit` would refuse, and why: an Admission, `free` if it would not. */
  refusal(address: number, nowMs: number, holdMs: number): number;
  /** The entry of an address, if it has one, is free. It pointed at `place`. */
  release(address: number, place: number): void;
  /** The entry of an address points at another place; only a room to which places matter wants to know. */
  moved?(address: number, from: number, to: number): void;
}

/** Numbers by chance for one table: xorshift of 32 bits (Marsaglia, 2003). A table that draws disturbs no other. */
export class TableDice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 0x6d2b_79f5;
  }

  /** An integer in [0, count). */
  integer(count: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return Math.floor(((x >>> 0) / 2 ** 32) * count);
  }
}
