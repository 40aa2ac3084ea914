import { countedAsGrowth } from '../grown-copy.ts';

const NONE = -1;
const SLOTS_MIN = 64;
const HASHES = 2 ** 32;

/** From so many slots on, there are a quarter more at a time instead of twice as many. */
const DOUBLES_BELOW = 4096;

/**
 * Finds records by a hash of their keys: an open hash table of record numbers, with linear probing. Keys stay in the
 * records, so that a record costs 8 to 10 bytes here: at most half of the slots are in use.
 *
 * Whoever looks for a record walks from `first(hash)` by `next` until the number `at` a slot is that of the record, or
 * below 0: it has none.
 */
export class HashSlots {
  #slots = new Int32Array(SLOTS_MIN).fill(NONE);
  // a hash leads to the slot at the same share of the table: any length will do
  #slotsPerHash = SLOTS_MIN / HASHES;
  #size = 0;
  readonly #hashOf: (record: number) => number;

  /** `hashOf` says again what the hash of a record was; all of its 32 bits count, the upper ones most. */
  constructor(hashOf: (record: number) => number) {
    this.#hashOf = hashOf;
  }

  get size(): number {
    return this.#size;
  }

  /** Where a record of this hash would be first. */
  first(hash: number): number {
    return ((hash >>> 0) * this.#slotsPerHash) | 0;
  }

  /** Where it would be if not at `slot`. */
  next(slot: number): number {
    return slot + 1 === this.#slots.length ? 0 : slot + 1;
  }

  /** The record at a slot; below 0 where there is none. */
  at(slot: number): number {
    return this.#slots[slot];
  }

  /** Puts a record where another one of the same key is. */
  replace(slot: number, record: number): void {
    this.#slots[slot] = record;
  }

  /** Puts a new record, complete so that it can be hashed, into the empty slot that its walk ended at. */
  add(slot: number, record: number): void {
    this.#slots[slot] = record;
    this.#size++;
    const { length } = this.#slots;
    if (this.#size * 2 > length) this.#resize(length < DOUBLES_BELOW ? length * 2 : length + (length >> 2));
  }

  /** Makes room for so many more records at once. */
  reserve(records: number): void {
    const needed = 2 * (this.#size + records);
    if (needed > this.#slots.length) this.#resize(needed);
  }

  /** Empties a slot, and moves up what was passed on from it. The hashes of all other records are asked for. */
  remove(slot: number): void {
    const slots = this.#slots;
    let gap = slot;
    for (let next = this.next(gap); slots[next] !== NONE; next = this.next(next)) {
      const home = this.first(this.#hashOf(slots[next]));
      if (this.#distance(home, next) < this.#distance(gap, next)) continue;
      slots[gap] = slots[next];
      gap = next;
    }
    slots[gap] = NONE;
    this.#size--;
  }

  /** Steps from one slot on to another. */
  #distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.#slots.length;
  }

  #resize(length: number): void {
    const before = this.#slots;
    this.#slots = countedAsGrowth(new Int32Array(length).fill(NONE));
    this.#slotsPerHash = length / HASHES;
    for (const record of before) {
      if (record === NONE) continue;
      let slot = this.first(this.#hashOf(record));
      while (this.#slots[slot] !== NONE) slot = this.next(slot);
      this.#slots[slot] = record;
    }
  }
}

/** A well-mixed hash of two integers. */
export function hashOfTwo(a: number, b: number): number {
  let h = Math.imul(b ^ Math.imul(a, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
