import TinyQueue from 'tinyqueue';
import { grownCopy } from '../grown-copy.ts';

// Three levels, each finer than the one behind it:
//
//   ring   65,536 lists of 1 ns        [ringStartNs, ringEndNs)    two halves of 2^15 ns
//   wheel  512 lists of 2^15 ns        [ringEndNs, wheelEndNs)     two halves of 2^23 ns
//   far    lists of 2^23 ns, their numbers in a tinyqueue          [wheelEndNs, ...)
//
// Which level holds an event follows from its time alone. A level's window moves on by half of its length, and the
// list behind the freed half is poured into it before anything can be pushed there. Each list is first in, first out,
// so events of one time keep the order in which they were scheduled.

const RING_HALF = 1 << 15;
const RING_SLOTS = 2 * RING_HALF;
const WHEEL_HALF = 1 << 8;
const WHEEL_SLOTS = 2 * WHEEL_HALF;
const WHEEL_HALF_NS = WHEEL_HALF * RING_HALF;
const FAR_LISTS_MIN = 1 << 9;

// bitmaps of the non-empty lists: a bit per ring slot, per word of those, per word of these (one word for each half)
const SUMMARY_WORDS = RING_SLOTS >> 5;
const TOP_WORDS = SUMMARY_WORDS + (RING_SLOTS >> 10);
const WHEEL_WORDS = TOP_WORDS + 2;
const BITMAP_WORDS = WHEEL_WORDS + (WHEEL_SLOTS >> 5);

// An event record, 32 bytes: half a cache line. Record 0 is never used, so that 0 ends a list.
// The time is read through a Float64Array over the same memory.
const RECORD_WORDS = 8;
const RECORD_SHIFT = 3;
const NEXT = 2;
const PREVIOUS = 3;
const KIND = 4;
const A = 5;
const B = 6;
const GENERATION = 7;

// handle = generation * 2^26 + record
const RECORDS_MAX = 2 ** 26;
const GENERATION_MASK = 2 ** 27 - 1;
const RECORDS_MIN = 1 << 10;

// where a record starts; the mask changes nothing, but tells V8 that every word of it has a number from 0
const startOf = (record: number): number => (record & (RECORDS_MAX - 1)) << RECORD_SHIFT;

// index of the lowest bit set in a word that is not 0; a constant, as V8 would look up a declared function at each use
const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);

/** Size of one pending event in memory. */
export const BYTES_PER_EVENT = RECORD_WORDS * 4;

/** Pending events, ordered by time and then by the order of scheduling. Times are integers below 2^53. */
export class EventQueue {
  /** How many events are pending. */
  size = 0;

  #ringStartNs = 0;
  #ringEndNs = RING_SLOTS;
  #wheelEndNs = 2 * WHEEL_HALF_NS;
  // where the bit of the event last popped was: none before it in the first half of the ring is set
  #wordIndex = 0;

  #words = new Int32Array(RECORDS_MIN * RECORD_WORDS);
  #times = new Float64Array(this.#words.buffer);
  #recordsUsed = 1;
  #freeRecord = 0;

  // head and tail of each list: the ring's, the wheel's, then the far ones as they are needed
  #lists = new Int32Array(2 * (RING_SLOTS + WHEEL_SLOTS + FAR_LISTS_MIN));
  readonly #bits = new Int32Array(BITMAP_WORDS);

  readonly #farBuckets = new TinyQueue<number>();
  readonly #farLists = new Map<number, number>();
  readonly #freeFarLists: number[] = [];
  #farListsUsed = 0;

  /**
   * Adds an event at `timeNs`, which is neither before the event last popped nor before the last limit given to `pop`.
   * `kind`, `a` and `b` are 32-bit integers. The handle, never 0, is good for `cancel` until the event is popped.
   */
  push(timeNs: number, kind: number, a: number, b: number): number {
    let record = this.#freeRecord;
    if (record === 0) {
      record = this.#recordsUsed++;
      if (record << RECORD_SHIFT === this.#words.length) this.#growRecords();
      this.#freeRecord = 0;
    } else {
      this.#freeRecord = this.#words[startOf(record) + NEXT]!;
    }
    const words = this.#words;
    const base = startOf(record);
    this.#times[base >> 1] = timeNs;
    words[base + KIND] = kind;
    words[base + A] = a;
    words[base + B] = b;
    this.size++;
    if (timeNs < this.#ringEndNs) this.#appendToRing(timeNs & (RING_SLOTS - 1), record);
    else if (timeNs < this.#wheelEndNs) this.#appendToWheel(timeNs, record);
    else this.#append(this.#farList(timeNs), record);
    return words[base + GENERATION]! * RECORDS_MAX + record;
  }

  /**
   * Takes the next event at or before `limitNs`. Returns where it was kept, or 0 if there is none: `timeOf`, `kindOf`,
   * `aOf` and `bOf` tell what was pushed until the next push.
   */
  pop(limitNs: number): number {
    const bits = this.#bits;
    let wordIndex = this.#wordIndex;
    let word = bits[wordIndex]!;
    if (word === 0) {
      wordIndex = this.#nextWordIndex(limitNs);
      if (wordIndex < 0) return 0;
      word = bits[wordIndex]!;
    }
    const slot = ((wordIndex << 5) | lowestBit(word)) & (RING_SLOTS - 1);
    if (this.#ringStartNs + (slot & (RING_HALF - 1)) > limitNs) return 0;

    this.#wordIndex = wordIndex;
    const words = this.#words;
    const lists = this.#lists;
    const record = lists[slot << 1]!;
    const base = startOf(record);
    const next = words[base + NEXT]!;
    lists[slot << 1] = next;
    if (next === 0) {
      const left = word & (word - 1);
      bits[wordIndex] = left;
      if (left === 0) this.#markWordEmpty(wordIndex);
    }
    words[base + GENERATION] = (words[base + GENERATION]! + 1) & GENERATION_MASK;
    words[base + NEXT] = this.#freeRecord;
    this.#freeRecord = record;
    this.size--;
    return record;
  }

  /** The time of the event that the last `pop` returned. */
  timeOf(record: number): number {
    return this.#times[startOf(record) >> 1]!;
  }

  kindOf(record: number): number {
    return this.#words[startOf(record) + KIND]!;
  }

  aOf(record: number): number {
    return this.#words[startOf(record) + A]!;
  }

  bOf(record: number): number {
    return this.#words[startOf(record) + B]!;
  }

  /** Takes back a pending event. Returns false if it was popped or cancelled before. */
  cancel(handle: number): boolean {
    const record = handle % RECORDS_MAX;
    const words = this.#words;
    const base = startOf(record);
    if (record === 0 || record >= this.#recordsUsed) return false;
    const generation = (handle - record) / RECORDS_MAX;
    if (words[base + GENERATION] !== generation) return false;
    this.#unlink(this.#listOf(this.#times[base >> 1]!), record);
    words[base + GENERATION] = (generation + 1) & GENERATION_MASK;
    words[base + NEXT] = this.#freeRecord;
    this.#freeRecord = record;
    this.size--;
    return true;
  }

  #appendToRing(slot: number, record: number): void {
    const lists = this.#lists;
    const words = this.#words;
    words[startOf(record) + NEXT] = 0;
    if (lists[2 * slot] === 0) {
      lists[2 * slot] = record;
      const bits = this.#bits;
      const wordIndex = slot >>> 5;
      const summaryIndex = slot >>> 10;
      bits[wordIndex] = bits[wordIndex]! | (1 << (slot & 31));
      bits[SUMMARY_WORDS + summaryIndex] = bits[SUMMARY_WORDS + summaryIndex]! | (1 << (wordIndex & 31));
      bits[TOP_WORDS + (slot >>> 15)] = bits[TOP_WORDS + (slot >>> 15)]! | (1 << (summaryIndex & 31));
    } else {
      const tail = lists[2 * slot + 1]!;
      words[startOf(tail) + NEXT] = record;
      words[startOf(record) + PREVIOUS] = tail;
    }
    lists[2 * slot + 1] = record;
  }

  #appendToWheel(timeNs: number, record: number): void {
    const bucket = (timeNs / RING_HALF) & (WHEEL_SLOTS - 1);
    const index = WHEEL_WORDS + (bucket >>> 5);
    this.#bits[index] = this.#bits[index]! | (1 << (bucket & 31));
    this.#append(RING_SLOTS + bucket, record);
  }

  // `previous` is kept for all but the head of a list, so that popping a head need not touch the event behind it
  #append(list: number, record: number): void {
    const lists = this.#lists;
    const words = this.#words;
    words[startOf(record) + NEXT] = 0;
    if (lists[2 * list] === 0) {
      lists[2 * list] = record;
    } else {
      const tail = lists[2 * list + 1]!;
      words[startOf(tail) + NEXT] = record;
      words[startOf(record) + PREVIOUS] = tail;
    }
    lists[2 * list + 1] = record;
  }

  #listOf(timeNs: number): number {
    if (timeNs < this.#ringEndNs) return timeNs & (RING_SLOTS - 1);
    if (timeNs < this.#wheelEndNs) return RING_SLOTS + ((timeNs / RING_HALF) & (WHEEL_SLOTS - 1));
    return this.#farList(timeNs);
  }

  #unlink(list: number, record: number): void {
    const lists = this.#lists;
    const words = this.#words;
    const next = words[startOf(record) + NEXT]!;
    if (lists[2 * list] === record) {
      lists[2 * list] = next;
      if (next === 0) this.#markEmpty(list);
      return;
    }
    const previous = words[startOf(record) + PREVIOUS]!;
    words[startOf(previous) + NEXT] = next;
    if (next === 0) lists[2 * list + 1] = previous;
    else words[startOf(next) + PREVIOUS] = previous;
  }

  // a far list stays, empty, until the clock gets there: its number cannot be taken out of the middle of the tinyqueue
  #markEmpty(list: number): void {
    if (list < RING_SLOTS) {
      if (this.#clearBit(0, list) === 0) this.#markWordEmpty(list >>> 5);
    } else if (list < RING_SLOTS + WHEEL_SLOTS) {
      this.#clearBit(WHEEL_WORDS, list - RING_SLOTS);
    }
  }

  #markWordEmpty(wordIndex: number): void {
    if (this.#clearBit(SUMMARY_WORDS, wordIndex) === 0) this.#clearBit(TOP_WORDS, wordIndex >>> 5);
  }

  #clearBit(bitmap: number, bit: number): number {
    const index = bitmap + (bit >>> 5);
    const left = this.#bits[index]! & ~(1 << (bit & 31));
    this.#bits[index] = left;
    return left;
  }

  /** The word of the first bit set in the first half of the ring, which moves on to where there is one; or -1. */
  #nextWordIndex(limitNs: number): number {
    const bits = this.#bits;
    let half = (this.#ringStartNs >>> 15) & 1;
    if (bits[TOP_WORDS + half] === 0) {
      if (!this.#advance(limitNs)) return -1;
      half = (this.#ringStartNs >>> 15) & 1;
    }
    const summaryIndex = (half << 5) | lowestBit(bits[TOP_WORDS + half]!);
    return (summaryIndex << 5) | lowestBit(bits[SUMMARY_WORDS + summaryIndex]!);
  }

  // Moves the windows on until the first half of the ring holds an event, never to a start after `limitNs`: a later
  // push at the limit must still find its slot.
  #advance(limitNs: number): boolean {
    if (this.size === 0) return false;
    for (;;) {
      const startNs = this.#nextStartNs();
      if (startNs > limitNs) return false;
      this.#moveTo(startNs);
      if (this.#bits[TOP_WORDS + ((startNs >>> 15) & 1)] !== 0) return true;
    }
  }

  #nextStartNs(): number {
    const ringStartNs = this.#ringStartNs;
    const bits = this.#bits;
    if (bits[TOP_WORDS] !== 0 || bits[TOP_WORDS + 1] !== 0) return ringStartNs + RING_HALF;
    const wheelStartNs = this.#wheelEndNs - 2 * WHEEL_HALF_NS;
    const firstWord = (wheelStartNs / RING_HALF) & (WHEEL_SLOTS - 1) ? WHEEL_HALF >>> 5 : 0;
    for (let i = 0; i < WHEEL_SLOTS >>> 5; i++) {
      const word = bits[WHEEL_WORDS + ((firstWord + i) & ((WHEEL_SLOTS >>> 5) - 1))]!;
      if (word !== 0) return wheelStartNs + ((i << 5) + lowestBit(word)) * RING_HALF;
    }
    return this.#farBuckets.peek()! * WHEEL_HALF_NS;
  }

  #moveTo(ringStartNs: number): void {
    this.#ringStartNs = ringStartNs;
    this.#ringEndNs = ringStartNs + RING_SLOTS;
    this.#wordIndex = ((ringStartNs >>> 15) & 1) << 10;
    const wheelEndNs = (Math.floor(ringStartNs / WHEEL_HALF_NS) + 2) * WHEEL_HALF_NS;
    if (wheelEndNs !== this.#wheelEndNs) {
      this.#wheelEndNs = wheelEndNs;
      this.#pourFarBuckets();
    }
    this.#pourWheelBucket((ringStartNs / RING_HALF) & (WHEEL_SLOTS - 1));
    this.#pourWheelBucket((ringStartNs / RING_HALF + 1) & (WHEEL_SLOTS - 1));
  }

  #pourWheelBucket(bucket: number): void {
    const list = RING_SLOTS + bucket;
    let record = this.#lists[2 * list]!;
    if (record === 0) return;
    this.#lists[2 * list] = 0;
    this.#clearBit(WHEEL_WORDS, bucket);
    const words = this.#words;
    const times = this.#times;
    while (record !== 0) {
      const base = startOf(record);
      const next = words[base + NEXT]!;
      this.#appendToRing(times[base >> 1]! & (RING_SLOTS - 1), record);
      record = next;
    }
  }

  #pourFarBuckets(): void {
    const far = this.#farBuckets;
    while (far.length > 0 && far.peek()! * WHEEL_HALF_NS < this.#wheelEndNs) {
      const bucket = far.pop()!;
      const list = this.#farLists.get(bucket)!;
      this.#farLists.delete(bucket);
      this.#freeFarLists.push(list);
      let record = this.#lists[2 * list]!;
      this.#lists[2 * list] = 0;
      while (record !== 0) {
        const base = startOf(record);
        const next = this.#words[base + NEXT]!;
        this.#appendToWheel(this.#times[base >> 1]!, record);
        record = next;
      }
    }
  }

  #farList(timeNs: number): number {
    const bucket = Math.floor(timeNs / WHEEL_HALF_NS);
    const known = this.#farLists.get(bucket);
    if (known !== undefined) return known;
    const list = this.#freeFarLists.pop() ?? RING_SLOTS + WHEEL_SLOTS + this.#farListsUsed++;
    if (2 * list >= this.#lists.length) this.#growLists();
    this.#farLists.set(bucket, list);
    this.#farBuckets.push(bucket);
    return list;
  }

  #growRecords(): void {
    if (this.#words.length === RECORDS_MAX * RECORD_WORDS) throw new RangeError('more than 2^26 events are pending');
    this.#words = grownCopy(this.#words, 2 * this.#words.length);
    this.#times = new Float64Array(this.#words.buffer);
  }

  #growLists(): void {
    this.#lists = grownCopy(this.#lists, 2 * this.#lists.length);
  }
}
