import { grownCopy } from '../grown-copy.ts';

/** Slots of a set of places at first and at most: a number has 12 bits, and 0 is no number. */
const SLOTS_MIN = 16;
const SLOTS_MAX = 4096;

/** The highest number: it is given to no place, but may stand for whatever a table likes. */
export const SPECIAL_NUMBER = SLOTS_MAX - 1;

const EMPTY = -1;

/**
 * Small numbers for the places that a table's entries name: a port or a remote VTEP gets a number from 1 to 4,094 in each
 * table that learns there, so that an entry has room for the time beside it. A number is the place's slot in an
 * open-addressing set, one set per table, all in one array.
 */
export class PlaceNumbers {
  /** For each table, from its base on: the place that has each number. Replaced when it grows. */
  words: Int32Array = new Int32Array(1024).fill(EMPTY);
  #used = 0;
  readonly #bases: number[] = [];
  readonly #slots: number[] = [];
  readonly #counts: number[] = [];

  /** Adds the empty set of a further table and returns its base: `baseOf`. */
  addTable(): number {
    this.#slots.push(SLOTS_MIN);
    this.#counts.push(0);
    return this.#bases[this.#bases.push(this.#take(SLOTS_MIN)) - 1];
  }

  /** Where a table's numbers start in `words`: at a multiple of a power of two above all of them. */
  baseOf(table: number): number {
    return this.#bases[table];
  }

  get sizeBytes(): number {
    return this.words.byteLength;
  }

  /** The number of a place, or -1 if it has none. */
  find(table: number, place: number): number {
    const number = this.#slotOf(table, place);
    return number > 0 && this.words[this.#bases[table] + number] === place ? number : -1;
  }

  /** Whether `add` needs a `rebuild` first. */
  isFull(table: number): boolean {
    const slots = this.#slots[table];
    return this.#counts[table] >= (slots === SLOTS_MAX ? SLOTS_MAX - 2 : slots * 0.75);
  }

  /** Gives a place that has none a number, or returns -1 if all are taken. */
  add(table: number, place: number): number {
    const number = this.#slotOf(table, place);
    if (number < 0) return -1;
    this.words[this.#bases[table] + number] = place;
    this.#counts[table]++;
    return number;
  }

  /** Numbers the places anew, with room for more if possible, and forgets all others: from old to new numbers. */
  rebuild(table: number, places: readonly number[]): Map<number, number> {
    const oldNumbers = places.map((place) => this.find(table, place));
    const slots = this.#slots[table];
    const wanted = Math.min(SLOTS_MAX, places.length > slots * 0.375 ? slots * 2 : slots);
    if (wanted > slots) {
      this.#bases[table] = this.#take(wanted);
      this.#slots[table] = wanted;
    } else {
      this.words.fill(EMPTY, this.#bases[table], this.#bases[table] + slots);
    }
    this.#counts[table] = 0;
    return new Map(places.map((place, index) => [oldNumbers[index], this.add(table, place)]));
  }

  /** The slot that has a place, or the free one that it would get; -1 if there is neither. */
  #slotOf(table: number, place: number): number {
    const base = this.#bases[table];
    const slots = this.#slots[table];
    // slots is a power of two: the highest bits of the product
    let slot = Math.imul(place + 1, 0x9e3779b1) >>> (Math.clz32(slots) + 1);
    for (let probe = 0; probe < slots; probe++, slot = (slot + 1) & (slots - 1)) {
      if (slot === 0 || slot === SPECIAL_NUMBER) continue;
      const there = this.words[base + slot];
      if (there === place || there === EMPTY) return slot;
    }
    return -1;
  }

  /** Room that begins at a multiple of its size, which is a power of two. */
  #take(slots: number): number {
    const base = Math.ceil(this.#used / slots) * slots;
    this.#used = base + slots;
    if (this.#used > this.words.length) {
      this.words = grownCopy(this.words, Math.max(this.#used, this.words.length * 2), EMPTY);
    }
    return base;
  }
}
