const NONE = -1;
const SLOTS_MIN = 64;

/**
 * Finds records by a hash of their keys: an open hash table of record numbers, with linear probing. Keys stay in the
 * records, so that a record costs 8 to 16 bytes here: at most half of the slots are in use.
 *
 * Whoever looks for a record walks from `first(hash)` by `next` until the number `at` a slot is that of the record, or
 * below 0: it has none.
 */
export class HashSlots {
  #slots = new Int32Array(SLOTS_MIN).fill(NONE);
  #size = 0;
  readonly #hashOf: (record: number) => number;

  /** `hashOf` says again what the hash of a record was. */
  constructor(hashOf: (record: number) => number) {
    this.#hashOf = hashOf;
  }

  get size(): number {
    return this.#size;
  }

  /** Where a record of this hash would be first. */
  first(hash: number): number {
    return hash & (this.#slots.length - 1);
  }

  /** Where it would be if not at `slot`. */
  next(slot: number): number {
    return (slot + 1) & (this.#slots.length - 1);
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
    if (this.#size * 2 > this.#slots.length) this.#grow();
  }

  /** Empties a slot, and moves up what was passed on from it. The hashes of all other records are asked for. */
  remove(slot: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let gap = slot;
    for (let next = (gap + 1) & mask; slots[next] !== NONE; next = (next + 1) & mask) {
      const home = this.#hashOf(slots[next]) & mask;
      if (((next - home) & mask) < ((next - gap) & mask)) continue;
      slots[gap] = slots[next];
      gap = next;
    }
    slots[gap] = NONE;
    this.#size--;
  }

  #grow(): void {
    const before = this.#slots;
    const slots = new Int32Array(before.length * 2).fill(NONE);
    const mask = slots.length - 1;
    for (const record of before) {
      if (record === NONE) continue;
      let slot = this.#hashOf(record) & mask;
      while (slots[slot] !== NONE) slot = (slot + 1) & mask;
      slots[slot] = record;
    }
    this.#slots = slots;
  }
}

/** A well-mixed hash of two integers. */
export function hashOfTwo(a: number, b: number): number {
  let h = Math.imul(b ^ Math.imul(a, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
