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

// All is in one array, as V8 looks up anew where each array is and how long, at some five instructions. First come the
// lists of the ring and those of the wheel, two words each: the first event, and where the next one is to be entered, which
// is a word of the last event or, while there is none, the list's own first word. So nothing asks whether a list is empty,
// which a processor guesses wrong half of the time. Then come bitmaps of which lists are not empty: a bit per ring slot,
// per word of those, per word of these (one word for each half); then records.
const WHEEL_LISTS = 2 * RING_SLOTS;
const RING_BITS = WHEEL_LISTS + 2 * WHEEL_SLOTS;
const SUMMARY_BITS = RING_BITS + (RING_SLOTS >> 5);
const TOP_BITS = SUMMARY_BITS + (RING_SLOTS >> 10);
const WHEEL_BITS = TOP_BITS + 2;
const RECORDS = 16 * Math.ceil((WHEEL_BITS + (WHEEL_SLOTS >> 5)) / 16);

// The record of an event, 32 bytes: half a cache line. Record 0 is never used, so that 0 ends a list.
// The time is read through a Float64Array over the same memory. A far list has its two words in a record, too.
const RECORD_WORDS = 8;
const RECORD_SHIFT = 3;
const NEXT = 2;
const ENTERED_AT = 3;
const KIND = 4;
const A = 5;
const B = 6;
const GENERATION = 7;

// handle = generation * 2^26 + record
const RECORDS_MAX = 2 ** 26;
const GENERATION_MASK = 2 ** 27 - 1;
const RECORDS_MIN = 1 << 10;

// where a record starts; the mask changes nothing, but tells V8 that every word of it has a number from 0
const startOf = (record: number): number => RECORDS + ((record & (RECORDS_MAX - 1)) << RECORD_SHIFT);

// no index of a word has more bits: like the mask of startOf, for V8
const WORD_INDEX_MASK = 2 ** 30 - 1;

// the bit of each list in its word: from the highest on, so that Math.clz32 alone finds the first
const bitOf = (list: number): number => 0x8000_0000 >>> (list & 31);

/** Size of one pending event in memory. */
export const BYTES_PER_EVENT = RECORD_WORDS * 4;

/** Pending events, ordered by time and then by the order of scheduling. Times are integers below 2^53. */
export class EventQueue {
  /** The time of the event that `pop` returned last. */
  timeNs = 0;

  #ringStartNs = 0;
  #ringEndNs = RING_SLOTS;
  #wheelEndNs = 2 * WHEEL_HALF_NS;
  // where the bit of the event last popped was: none before it in the first half of the ring is set
  #wordIndex = 0;

  #words = emptyLists(new Int32Array(RECORDS + RECORDS_MIN * RECORD_WORDS));
  #times = new Float64Array(this.#words.buffer);
  #recordsUsed = 1;
  #freeRecord = 0;

  readonly #farBuckets = new TinyQueue<number>();
  // the record that has the list of a bucket
  readonly #farLists = new Map<number, number>();

  /** How many events are pending: a walk along the records that are free. */
  get size(): number {
    let size = this.#recordsUsed - 1 - this.#farLists.size;
    for (let record = this.#freeRecord; record !== 0; record = this.#words[startOf(record) + NEXT]!) size--;
    return size;
  }

  /**
   * Adds an event at `timeNs`, which is neither before the event last popped nor before the last limit given to `pop`.
   * `kind`, `a` and `b` are 32-bit integers. The handle, never 0, is good for `cancel` until the event is popped.
   */
  push(timeNs: number, kind: number, a: number, b: number): number {
    const record = this.#takeRecord();
    const words = this.#words;
    const base = startOf(record);
    this.#times[base >> 1] = timeNs;
    words[base + KIND] = kind;
    words[base + A] = a;
    words[base + B] = b;
    if (timeNs < this.#ringEndNs) this.#appendToRing(timeNs & (RING_SLOTS - 1), record);
    else if (timeNs < this.#wheelEndNs) this.#appendToWheel(timeNs, record);
    else this.#append(this.#farListOf(timeNs), record);
    return words[base + GENERATION]! * RECORDS_MAX + record;
  }

  #takeRecord(): number {
    const record = this.#freeRecord;
    if (record !== 0) {
      this.#freeRecord = this.#words[startOf(record) + NEXT]!;
      return record;
    }
    if (RECORDS + (this.#recordsUsed << RECORD_SHIFT) === this.#words.length) this.#growRecords();
    return this.#recordsUsed++;
  }

  #freeAgain(record: number): void {
    this.#words[startOf(record) + NEXT] = this.#freeRecord;
    this.#freeRecord = record;
  }

  /**
   * Takes the next event at or before `limitNs`. Returns where it was kept, or 0 if there is none: `timeNs`, `kindOf`,
   * `aOf` and `bOf` tell what was pushed until the next push.
   */
  pop(limitNs: number): number {
    const words = this.#words;
    let wordIndex = this.#wordIndex;
    let word = words[RING_BITS + wordIndex]!;
    if (word === 0) {
      wordIndex = this.#nextWordIndex(limitNs);
      if (wordIndex < 0) return 0;
      word = words[RING_BITS + wordIndex]!;
    }
    const bit = Math.clz32(word);
    const slot = ((wordIndex << 5) | bit) & (RING_SLOTS - 1);
    const timeNs = this.#ringStartNs + (slot & (RING_HALF - 1));
    if (timeNs > limitNs) return 0;

    this.timeNs = timeNs;
    this.#wordIndex = wordIndex;
    const record = words[slot << 1]!;
    const base = startOf(record);
    const next = words[base + NEXT]!;
    words[slot << 1] = next;
    // all ones if the list is empty now: to ask, rather than to compute, would be a wrong guess half of the time
    const isEmpty = (next - 1) >> 31;
    const at = words[(slot << 1) + 1]!;
    words[(slot << 1) + 1] = at + (((slot << 1) - at) & isEmpty);
    const left = word & ~(bitOf(slot) & isEmpty);
    words[RING_BITS + wordIndex] = left;
    if (left === 0) this.#markWordEmpty(wordIndex);
    words[base + GENERATION] = (words[base + GENERATION]! + 1) & GENERATION_MASK;
    this.#freeAgain(record);
    return record;
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
    this.#freeAgain(record);
    return true;
  }

  #appendToRing(slot: number, record: number): void {
    this.#append(slot << 1, record);
    const words = this.#words;
    const wordIndex = slot >>> 5;
    const word = words[RING_BITS + wordIndex]!;
    words[RING_BITS + wordIndex] = word | bitOf(slot);
    if (word === 0) this.#markWordFilled(wordIndex);
  }

  #appendToWheel(timeNs: number, record: number): void {
    const bucket = (timeNs / RING_HALF) & (WHEEL_SLOTS - 1);
    const index = WHEEL_BITS + (bucket >>> 5);
    this.#words[index] = this.#words[index]! | bitOf(bucket);
    this.#append(WHEEL_LISTS + 2 * bucket, record);
  }

  #append(list: number, record: number): void {
    const words = this.#words;
    const base = startOf(record);
    const at = words[list + 1]! & WORD_INDEX_MASK;
    words[at] = record;
    words[base + NEXT] = 0;
    words[base + ENTERED_AT] = at;
    words[list + 1] = base + NEXT;
  }

  /** The word of the head of the list that a pending event of this time is in. */
  #listOf(timeNs: number): number {
    if (timeNs < this.#ringEndNs) return 2 * (timeNs & (RING_SLOTS - 1));
    if (timeNs < this.#wheelEndNs) return WHEEL_LISTS + 2 * ((timeNs / RING_HALF) & (WHEEL_SLOTS - 1));
    return this.#farListOf(timeNs);
  }

  #unlink(list: number, record: number): void {
    const words = this.#words;
    const next = words[startOf(record) + NEXT]!;
    // the event before the first one may be gone, and what it was entered at with it
    const at = words[list] === record ? list : words[startOf(record) + ENTERED_AT]!;
    words[at] = next;
    if (next === 0) words[list + 1] = at;
    else words[startOf(next) + ENTERED_AT] = at;
    if (words[list] === 0) this.#markEmpty(list);
  }

  // a far list stays, empty, until the clock gets there: its number cannot be taken out of the middle of the tinyqueue
  #markEmpty(list: number): void {
    if (list < WHEEL_LISTS) {
      if (this.#clearBit(RING_BITS, list >> 1) === 0) this.#markWordEmpty(list >> 6);
    } else if (list < RING_BITS) {
      this.#clearBit(WHEEL_BITS, (list - WHEEL_LISTS) >> 1);
    }
  }

  #markWordFilled(wordIndex: number): void {
    const words = this.#words;
    const summaryIndex = wordIndex >>> 5;
    const half = summaryIndex >>> 5;
    words[SUMMARY_BITS + summaryIndex] = words[SUMMARY_BITS + summaryIndex]! | bitOf(wordIndex);
    words[TOP_BITS + half] = words[TOP_BITS + half]! | bitOf(summaryIndex);
  }

  #markWordEmpty(wordIndex: number): void {
    if (this.#clearBit(SUMMARY_BITS, wordIndex) === 0) this.#clearBit(TOP_BITS, wordIndex >>> 5);
  }

  #clearBit(bitmap: number, bit: number): number {
    const index = bitmap + (bit >>> 5);
    const left = this.#words[index]! & ~bitOf(bit);
    this.#words[index] = left;
    return left;
  }

  /** The word of the first bit set in the first half of the ring, which moves on to where there is one; or -1. */
  #nextWordIndex(limitNs: number): number {
    const words = this.#words;
    let half = (this.#ringStartNs >>> 15) & 1;
    if (words[TOP_BITS + half] === 0) {
      if (!this.#advance(limitNs)) return -1;
      half = (this.#ringStartNs >>> 15) & 1;
    }
    const summaryIndex = (half << 5) | Math.clz32(words[TOP_BITS + half]!);
    return (summaryIndex << 5) | Math.clz32(words[SUMMARY_BITS + summaryIndex]!);
  }

  // Moves the windows on until the first half of the ring holds an event, never to a start after `limitNs`: a later
  // push at the limit must still find its slot.
  #advance(limitNs: number): boolean {
    for (;;) {
      const startNs = this.#nextStartNs();
      if (startNs > limitNs || startNs === Infinity) return false;
      this.#moveTo(startNs);
      if (this.#words[TOP_BITS + ((startNs >>> 15) & 1)] !== 0) return true;
    }
  }

  #nextStartNs(): number {
    const ringStartNs = this.#ringStartNs;
    const words = this.#words;
    if (words[TOP_BITS] !== 0 || words[TOP_BITS + 1] !== 0) return ringStartNs + RING_HALF;
    const wheelStartNs = this.#wheelEndNs - 2 * WHEEL_HALF_NS;
    const firstWord = (wheelStartNs / RING_HALF) & (WHEEL_SLOTS - 1) ? WHEEL_HALF >>> 5 : 0;
    for (let i = 0; i < WHEEL_SLOTS >>> 5; i++) {
      const word = words[WHEEL_BITS + ((firstWord + i) & ((WHEEL_SLOTS >>> 5) - 1))]!;
      if (word !== 0) return wheelStartNs + ((i << 5) + Math.clz32(word)) * RING_HALF;
    }
    return this.#nextFarStartNs();
  }

  // buckets whose events were all cancelled go: the windows must not move on to where nothing is
  #nextFarStartNs(): number {
    const far = this.#farBuckets;
    for (;;) {
      const bucket = far.peek();
      if (bucket === undefined) return Infinity;
      if (this.#words[this.#farListOf(bucket * WHEEL_HALF_NS)] !== 0) return bucket * WHEEL_HALF_NS;
      this.#takeNextFarList();
    }
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
    const words = this.#words;
    const list = WHEEL_LISTS + 2 * bucket;
    let record = words[list]!;
    if (record === 0) return;
    words[list] = 0;
    words[list + 1] = list;
    this.#clearBit(WHEEL_BITS, bucket);
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
      let record = this.#takeNextFarList();
      while (record !== 0) {
        const base = startOf(record);
        const next = this.#words[base + NEXT]!;
        this.#appendToWheel(this.#times[base >> 1]!, record);
        record = next;
      }
    }
  }

  /** Takes the first far list away and returns its head. */
  #takeNextFarList(): number {
    const bucket = this.#farBuckets.pop()!;
    const list = this.#farLists.get(bucket)!;
    this.#farLists.delete(bucket);
    const head = this.#words[startOf(list) + NEXT]!;
    this.#freeAgain(list);
    return head;
  }

  #farListOf(timeNs: number): number {
    const bucket = Math.floor(timeNs / WHEEL_HALF_NS);
    let list = this.#farLists.get(bucket);
    if (list === undefined) {
      list = this.#takeRecord();
      this.#words[startOf(list) + NEXT] = 0;
      this.#words[startOf(list) + NEXT + 1] = startOf(list) + NEXT;
      this.#farLists.set(bucket, list);
      this.#farBuckets.push(bucket);
    }
    return startOf(list) + NEXT;
  }

  #growRecords(): void {
    const records = this.#words.length - RECORDS;
    if (records === RECORDS_MAX * RECORD_WORDS) throw new RangeError('more than 2^26 events are pending');
    this.#words = grownCopy(this.#words, RECORDS + 2 * records);
    this.#times = new Float64Array(this.#words.buffer);
  }
}

function emptyLists(words: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  for (let list = 0; list < RING_BITS; list += 2) words[list + 1] = list;
  return words;
}
