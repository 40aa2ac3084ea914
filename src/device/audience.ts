const RECORD_WORDS = 3;
const SERVERS = 0;
const STATIONS = 1;
const PAUSED = 2;

/** How many servers behind each switch have stations in each segment, and how many stations that is: whom a flood finds. */
export class Audience {
  /** Of the switch and segment of the last `find`: servers with a station in the segment. */
  servers = 0;
  /** The stations. */
  stations = 0;
  /** Those of them that are paused. */
  paused = 0;

  // for each node, by segment: the record
  readonly #records: (Map<number, number> | undefined)[] = [];
  #count = 0;
  #words = new Int32Array(RECORD_WORDS * 256);

  /** Counts stations of a segment at one server that joined (or, below 0, left) those behind a switch. */
  add(node: number, segment: number, { servers = 0, stations = 0, paused = 0 }): void {
    const records = this.#records[node] ?? new Map<number, number>();
    this.#records[node] = records;
    let record = records.get(segment);
    if (record === undefined) {
      record = this.#count++;
      records.set(segment, record);
      if (this.#count * RECORD_WORDS > this.#words.length) {
        const grown = new Int32Array(this.#words.length * 2);
        grown.set(this.#words);
        this.#words = grown;
      }
    }
    this.#words[record * RECORD_WORDS + SERVERS] += servers;
    this.#words[record * RECORD_WORDS + STATIONS] += stations;
    this.#words[record * RECORD_WORDS + PAUSED] += paused;
  }

  /** Reads the counts of a switch and a segment into `servers`, `stations` and `paused`. */
  find(node: number, segment: number): void {
    const record = this.#records[node]?.get(segment);
    this.servers = record === undefined ? 0 : this.#words[record * RECORD_WORDS + SERVERS];
    this.stations = record === undefined ? 0 : this.#words[record * RECORD_WORDS + STATIONS];
    this.paused = record === undefined ? 0 : this.#words[record * RECORD_WORDS + PAUSED];
  }
}
