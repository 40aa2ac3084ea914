import { grownCopy } from '../grown-copy.ts';
import { HashSlots, hashOfTwo } from './hash-slots.ts';

const KEYS = 2;
const NONE = -1;
const RECORDS_MIN = 64;

/**
 * Records of a few integers for pairs of integers, such as a VTEP and a segment: as many bytes as words, and some 15 to
 * find them. What `find` and `add` return is the index in `words` of the record's first value.
 */
export class PairRecords {
  /** All records; grows when one is added. */
  words: Int32Array;

  readonly #width: number;
  readonly #slots: HashSlots;
  // records that were ever in use, and the first of those that are free again
  #count = 0;
  #free = NONE;

  /** `valueWords` is the number of values in a record. */
  constructor(valueWords: number) {
    this.#width = KEYS + valueWords;
    this.words = new Int32Array(RECORDS_MIN * this.#width);
    this.#slots = new HashSlots((record) => {
      const o = record * this.#width;
      return hashOfTwo(this.words[o], this.words[o + 1]);
    });
  }

  /** Pairs that have a record. */
  get size(): number {
    return this.#slots.size;
  }

  /** The record of a pair, or -1. */
  find(a: number, b: number): number {
    const record = this.#slots.at(this.#slotOf(a, b));
    return record === NONE ? NONE : record * this.#width + KEYS;
  }

  /** The record of a pair, with values of 0 if it is new. */
  add(a: number, b: number): number {
    const slot = this.#slotOf(a, b);
    const known = this.#slots.at(slot);
    if (known !== NONE) return known * this.#width + KEYS;
    const record = this.#allocate();
    const o = record * this.#width;
    this.words[o] = a;
    this.words[o + 1] = b;
    this.words.fill(0, o + KEYS, o + this.#width);
    this.#slots.add(slot, record);
    return o + KEYS;
  }

  /** Forgets the record of a pair. */
  remove(a: number, b: number): void {
    const slot = this.#slotOf(a, b);
    const record = this.#slots.at(slot);
    if (record === NONE) return;
    this.#slots.remove(slot);
    this.words[record * this.#width] = this.#free;
    this.#free = record;
  }

  #slotOf(a: number, b: number): number {
    const slots = this.#slots;
    const words = this.words;
    for (let slot = slots.first(hashOfTwo(a, b)); ; slot = slots.next(slot)) {
      const record = slots.at(slot);
      if (record === NONE) return slot;
      const o = record * this.#width;
      if (words[o] === a && words[o + 1] === b) return slot;
    }
  }

  #allocate(): number {
    if (this.#free !== NONE) {
      const record = this.#free;
      this.#free = this.words[record * this.#width];
      return record;
    }
    const record = this.#count++;
    if (record * this.#width >= this.words.length) {
      // a half more, as there may be millions
      this.words = grownCopy(this.words, (record + (record >> 1)) * this.#width);
    }
    return record;
  }
}
