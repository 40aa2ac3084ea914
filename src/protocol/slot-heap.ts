import { grownCopy } from '../grown-copy.ts';

const FIRST_SLOTS = 16;

/** Slots in a heap by key, and among equal keys in the order in which they were added. */
export class SlotHeap {
  #heap = new Int32Array(FIRST_SLOTS);
  // indexed by slot: its index in the heap, its key, and when it was added
  #indices = new Int32Array(FIRST_SLOTS);
  #keys = new Int32Array(FIRST_SLOTS);
  #sequences = new Float64Array(FIRST_SLOTS);
  #added = 0;
  #count = 0;

  /** The slot with the least key; there must be one. */
  get first(): number {
    return this.#heap[0];
  }

  keyOf(slot: number): number {
    return this.#keys[slot];
  }

  /** Adds a slot that is not in the heap. Slots are small integers. */
  add(slot: number, key: number): void {
    if (slot >= this.#heap.length) this.#grow(slot + 1);
    this.#keys[slot] = key;
    this.#sequences[slot] = this.#added++;
    this.#rise(this.#count++, slot);
  }

  /** Gives a slot of the heap a key that is not less than its own. */
  raise(slot: number, key: number): void {
    this.#keys[slot] = key;
    this.#sink(this.#indices[slot], slot);
  }

  remove(slot: number): void {
    const index = this.#indices[slot];
    const last = this.#heap[--this.#count];
    if (last === slot) return;
    // the last one belongs above or below the gap
    if (index > 0 && this.#isBefore(last, this.#heap[(index - 1) >> 1])) this.#rise(index, last);
    else this.#sink(index, last);
  }

  #isBefore(one: number, other: number): boolean {
    const difference = this.#keys[one] - this.#keys[other];
    return difference < 0 || (difference === 0 && this.#sequences[one] < this.#sequences[other]);
  }

  #rise(from: number, slot: number): void {
    let index = from;
    while (index > 0) {
      const parent = this.#heap[(index - 1) >> 1];
      if (!this.#isBefore(slot, parent)) break;
      this.#put(index, parent);
      index = (index - 1) >> 1;
    }
    this.#put(index, slot);
  }

  #sink(from: number, slot: number): void {
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.#count) break;
      if (child + 1 < this.#count && this.#isBefore(this.#heap[child + 1], this.#heap[child])) child++;
      if (!this.#isBefore(this.#heap[child], slot)) break;
      this.#put(index, this.#heap[child]);
      index = child;
    }
    this.#put(index, slot);
  }

  #put(index: number, slot: number): void {
    this.#heap[index] = slot;
    this.#indices[slot] = index;
  }

  #grow(needed: number): void {
    const length = Math.max(needed, this.#heap.length * 2);
    this.#heap = grownCopy(this.#heap, length);
    this.#indices = grownCopy(this.#indices, length);
    this.#keys = grownCopy(this.#keys, length);
    this.#sequences = grownCopy(this.#sequences, length);
  }
}
