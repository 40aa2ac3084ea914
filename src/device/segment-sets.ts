import { grownCopy } from '../grown-copy.ts';

/**
 * Sets of segments, such as those that trunk ports carry. A set is the number of its first word in one array of bits: that
 * word is how many follow, so that a frame finds its bit with two reads.
 */
export class SegmentSets {
  #words = new Int32Array(64);
  #used = 0;

  /** Makes a set of these segments. */
  add(segments: Iterable<number>): number {
    const list = [...segments];
    const set = this.addEmpty(list.reduce((most, segment) => Math.max(most, segment), 0) + 1);
    for (const segment of list) this.put(set, segment, true);
    return set;
  }

  /** Makes a set of none of the segments from 0 to `segmentCount` - 1. */
  addEmpty(segmentCount: number): number {
    const set = this.#used;
    const length = Math.ceil(segmentCount / 32);
    this.#used += 1 + length;
    if (this.#used > this.#words.length) {
      this.#words = grownCopy(this.#words, Math.max(this.#used, 2 * this.#words.length));
    }
    this.#words[set] = length;
    return set;
  }

  /** Puts a segment into a set that was made for it, or takes it out. The ports that carry the set say that they changed. */
  put(set: number, segment: number, isMember: boolean): void {
    const word = segment >> 5;
    if (word >= this.#words[set]) throw new RangeError(`set ${set} was made for lower segments than ${segment}`);
    const bit = 1 << (segment & 31);
    this.#words[set + 1 + word] = isMember ? this.#words[set + 1 + word] | bit : this.#words[set + 1 + word] & ~bit;
  }

  /** Whether a segment, from 0, is in a set. */
  has(set: number, segment: number): boolean {
    const words = this.#words;
    const word = segment >> 5;
    return word < words[set] && (words[(set + 1 + word) >>> 0] & (1 << (segment & 31))) !== 0;
  }
}
