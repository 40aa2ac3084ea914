import { countedAsGrowth } from '../grown-copy.ts';

// a record: node, segment, and the three counts; node is -1 where there is no record
const RECORD_WORDS = 5;
const NODE = 0;
const SEGMENT = 1;
const SERVERS = 2;
const STATIONS = 3;
const PAUSED = 4;

const SLOTS_MIN = 256;

/** How many servers behind each switch have stations in each segment, and how many stations that is: whom a flood finds. */
export class Audience {
  /** Of the switch and segment of the last `find`: servers with a station in the segment. */
  servers = 0;
  /** The stations. */
  stations = 0;
  /** Those of them that are paused. */
  paused = 0;

  // an open hash table, so that a look-up is one wait for memory
  #words = new Int32Array(SLOTS_MIN * RECORD_WORDS).fill(-1);
  #slotCount = SLOTS_MIN;
  #count = 0;

  /** Counts stations of a segment at one server that joined (or, below 0, left) those behind a switch. */
  add(node: number, segment: number, { servers = 0, stations = 0, paused = 0 }): void {
    let o = this.#recordOf(node, segment);
    if (this.#words[o + NODE] < 0) {
      if (++this.#count * 2 > this.#slotCount) {
        this.#grow();
        o = this.#recordOf(node, segment);
      }
      this.#words.set([node, segment, 0, 0, 0], o);
    }
    this.#words[o + SERVERS] += servers;
    this.#words[o + STATIONS] += stations;
    this.#words[o + PAUSED] += paused;
  }

  /** Reads the counts of a switch and a segment into `servers`, `stations` and `paused`. */
  find(node: number, segment: number): void {
    const words = this.#words;
    const o = this.#recordOf(node, segment);
    const isThere = words[o + NODE] >= 0;
    this.servers = isThere ? words[o + SERVERS] : 0;
    this.stations = isThere ? words[o + STATIONS] : 0;
    this.paused = isThere ? words[o + PAUSED] : 0;
  }

  /** Where a record is, or would be. */
  #recordOf(node: number, segment: number): number {
    const words = this.#words;
    const mask = this.#slotCount - 1;
    let hash = Math.imul(node, 0x9e3779b1) ^ Math.imul(segment, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const o = slot * RECORD_WORDS;
      if (words[o + NODE] < 0 || (words[o + NODE] === node && words[o + SEGMENT] === segment)) return o;
    }
  }

  #grow(): void {
    const before = this.#words;
    this.#slotCount *= 2;
    this.#words = countedAsGrowth(new Int32Array(before.length * 2).fill(-1));
    for (let o = 0; o < before.length; o += RECORD_WORDS) {
      if (before[o + NODE] < 0) continue;
      this.#words.set(before.subarray(o, o + RECORD_WORDS), this.#recordOf(before[o + NODE], before[o + SEGMENT]));
    }
  }
}
