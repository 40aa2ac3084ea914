import { countedAsGrowth, grownCopy } from '../grown-copy.ts';

/** By how many stations the room of a list grows at least. */
const ROOM_STEP = 4;

/** Room behind all lists, at least, when they have been moved together. */
const SPARE_MIN = 256;

// words of a list
const LIST_WORDS = 3;
const FIRST = 0;
const COUNT = 1;
const ROOM = 2;

/**
 * A list of stations for each node, all in one array, so that a station costs some 5 bytes there however many lists there are.
 * A list that outgrows its room moves to the end of the array; when the array is full, all lists move together again.
 */
export class StationLists {
  // all stations; those of a list from `first` on are in the order in which they came
  #stations = new Int32Array(SPARE_MIN);
  #used = 0;
  // by list: where it begins, how many it has, and how many it has room for
  #lists = new Int32Array(0);

  /** Lists 0 to `count` - 1 exist from now on. */
  addUpTo(count: number): void {
    const words = count * LIST_WORDS;
    if (words > this.#lists.length) this.#lists = grownCopy(this.#lists, Math.max(words, 2 * this.#lists.length));
  }

  /** How many stations a list has. */
  countOf(list: number): number {
    return this.#lists[list * LIST_WORDS + COUNT];
  }

  /** The station at a position of a list, from 0 to `countOf` - 1. */
  at(list: number, position: number): number {
    return this.#stations[this.#lists[list * LIST_WORDS + FIRST] + position];
  }

  /** A list as it is now, to be read before any list changes. */
  stationsOf(list: number): Int32Array {
    const first = this.#lists[list * LIST_WORDS + FIRST];
    return this.#stations.subarray(first, first + this.countOf(list));
  }

  /** Appends a station to a list. */
  add(list: number, station: number): void {
    const o = list * LIST_WORDS;
    if (this.#lists[o + COUNT] === this.#lists[o + ROOM]) this.#makeRoom(o);
    this.#stations[this.#lists[o + FIRST] + this.#lists[o + COUNT]++] = station;
  }

  /** Takes a station out of a list; those behind it move up. */
  remove(list: number, station: number): void {
    const o = list * LIST_WORDS;
    const first = this.#lists[o + FIRST];
    const end = first + this.#lists[o + COUNT];
    const place = this.#stations.indexOf(station, first);
    if (place < 0 || place >= end) throw new Error(`station ${station} is not in list ${list}`);
    this.#stations.copyWithin(place, place + 1, end);
    this.#lists[o + COUNT]--;
  }

  #makeRoom(o: number): void {
    const lists = this.#lists;
    if (o >= lists.length) throw new RangeError(`there is no list ${o / LIST_WORDS}`);
    const first = lists[o + FIRST];
    const count = lists[o + COUNT];
    const room = roomFor(count + ROOM_STEP);
    const isLast = first + lists[o + ROOM] === this.#used;
    const to = isLast ? first : this.#used;
    if (to + room > this.#stations.length) {
      this.#gather();
      return;
    }
    if (!isLast) this.#stations.copyWithin(to, first, first + count);
    lists[o + FIRST] = to;
    lists[o + ROOM] = room;
    this.#used = to + room;
  }

  /** Moves all lists together into a new array, with room for an eighth more in each and behind all. */
  #gather(): void {
    const before = this.#stations;
    const lists = this.#lists;
    let used = 0;
    for (let o = 0; o < lists.length; o += LIST_WORDS) used += roomFor(lists[o + COUNT]);
    const stations = countedAsGrowth(new Int32Array(used + Math.max(SPARE_MIN, used >> 3)));
    let to = 0;
    for (let o = 0; o < lists.length; o += LIST_WORDS) {
      const first = lists[o + FIRST];
      const count = lists[o + COUNT];
      for (let i = 0; i < count; i++) stations[to + i] = before[first + i];
      lists[o + FIRST] = to;
      lists[o + ROOM] = roomFor(count);
      to += roomFor(count);
    }
    this.#stations = stations;
    this.#used = used;
  }
}

/** Room for so many stations and an eighth more, and one at least. */
function roomFor(count: number): number {
  return count + (count >> 3) + 1;
}
