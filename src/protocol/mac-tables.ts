/** Addresses per page: a table holds memory only for pages in which it ever learned an address. */
const PAGE_ADDRESSES = 64;
const PAGE_SHIFT = 6;
const PAGE_MASK = PAGE_ADDRESSES - 1;
const PAGE_WORDS = PAGE_ADDRESSES * 2;

/** The age of an entry that never ages: as if updated in the far future. */
const STATIC_MS = 0x7fff_ffff;

/** A hold time that no entry reaches. */
export const NEVER_MS = 0x7fff_ffff;

/** Why an address is not in a table, as `lookUp` answers and as an empty entry remembers; all below 0. */
export const Miss = {
  neverLearned: -1,
  agedOut: -2,
  /** Its port went down or was removed. */
  portFlushed: -3,
  /** The table was full when the station spoke. */
  refused: -4,
  /** The entry was removed because the station is known elsewhere now. */
  moved: -5,
} as const;

/** What `learn` did with a source address. */
export const Learned = { refreshed: 0, added: 1, moved: 2, refused: 3, unchanged: 4 } as const;

/**
 * The MAC tables of all bridges (or of all tunnel endpoints): for each table, where each address was last seen and when.
 *
 * IEEE 802.1D-2004, 7.8 and 7.9. A table is an integer, an address is an AddressBook id, the place is any integer from 0
 * (a port, or a remote VTEP), times are milliseconds. An entry is 8 bytes, in pages of 64 addresses that appear when one
 * of them is first learned.
 *
 * Two ways of ageing share the code. The standard's: an entry is gone at the instant at which its age reaches the hold
 * time. Linux's: an entry is gone when a sweep finds it that old, and until then it forwards (net/bridge/br_fdb.c); such
 * a table has the look-up hold time NEVER_MS and calls `sweep` itself.
 */
export class MacTables {
  // a page is PAGE_WORDS words: for each address the place + 1, or a Miss, or 0 if never learned; then the time of update
  #entries = new Int32Array(PAGE_WORDS * 16);
  #pageCount = 0;
  // for each table, for each page of addresses, the word at which its entries start, plus 1; 0 where there is none
  #directory = new Int32Array(0);
  #directoryStride = 0;
  #tableCount = 0;
  readonly #holdMs: number[] = [];
  readonly #lookUpHoldMs: number[] = [];
  readonly #capacity: number[] = [];
  // no entry reaches the hold time before this
  readonly #nextDueMs: number[] = [];

  // counters, one per table; `entryCounts` has no static entries, but what has expired and was not swept yet
  readonly entryCounts: number[] = [];
  readonly learnedCounts: number[] = [];
  readonly movedCounts: number[] = [];
  readonly agedCounts: number[] = [];
  readonly refusedCounts: number[] = [];
  readonly flushedCounts: number[] = [];

  /** Bytes held by entries and directories. */
  get sizeBytes(): number {
    return this.#entries.byteLength + this.#directory.byteLength;
  }

  /** Adds an empty table and returns its number. A full table keeps what it has and doesn't learn. */
  addTable({ holdMs, capacity = Number.POSITIVE_INFINITY }: { holdMs: number; capacity?: number }): number {
    this.#holdMs.push(holdMs);
    this.#lookUpHoldMs.push(holdMs);
    this.#capacity.push(capacity);
    this.#nextDueMs.push(0);
    for (const counts of [
      this.entryCounts,
      this.learnedCounts,
      this.movedCounts,
      this.agedCounts,
      this.refusedCounts,
      this.flushedCounts,
    ]) {
      counts.push(0);
    }
    this.#tableCount++;
    this.#growDirectory(this.#directoryStride);
    return this.#tableCount - 1;
  }

  /** Changes the hold time: the ageing time, or the forward delay during a topology change. IEEE 802.1D-2004, 7.9.2. */
  setHoldMs(table: number, holdMs: number): void {
    this.#holdMs[table] = holdMs;
    this.#nextDueMs[table] = 0;
    if (this.#lookUpHoldMs[table] !== NEVER_MS) this.#lookUpHoldMs[table] = holdMs;
  }

  /** The hold time in force. */
  holdMs(table: number): number {
    return this.#holdMs[table];
  }

  /** Lets entries of this table go only in a sweep, as Linux does. */
  ageOnlyBySweep(table: number): void {
    this.#lookUpHoldMs[table] = NEVER_MS;
  }

  /** The place of an address, or a Miss. */
  lookUp(table: number, address: number, nowMs: number): number {
    const page = address >> PAGE_SHIFT;
    if (page >= this.#directoryStride) return Miss.neverLearned;
    const start = this.#directory[table * this.#directoryStride + page];
    if (start === 0) return Miss.neverLearned;
    const o = start - 1 + ((address & PAGE_MASK) << 1);
    const entries = this.#entries;
    const place = entries[o];
    if (place > 0) {
      if (nowMs - entries[o + 1] < this.#lookUpHoldMs[table]) return place - 1;
      this.#expire(table, o);
      return Miss.agedOut;
    }
    return place === 0 ? Miss.neverLearned : place;
  }

  /** Records that `address` was seen at `place`. IEEE 802.1D-2004, 7.8. */
  learn(table: number, address: number, place: number, nowMs: number): number {
    const page = address >> PAGE_SHIFT;
    if (page < this.#directoryStride) {
      const start = this.#directory[table * this.#directoryStride + page];
      if (start !== 0) {
        const o = start - 1 + ((address & PAGE_MASK) << 1);
        const entries = this.#entries;
        if (entries[o] === place + 1 && nowMs - entries[o + 1] < this.#lookUpHoldMs[table]) {
          // a static entry keeps its time, which lies in the future
          if (entries[o + 1] < nowMs) entries[o + 1] = nowMs;
          return Learned.refreshed;
        }
      }
    }
    return this.#learnAnew(table, address, place, nowMs);
  }

  /** Whether `learn` would not refuse this address. */
  mayLearn(table: number, address: number, nowMs: number): boolean {
    if (this.entryCounts[table] < this.#capacity[table]) return true;
    this.expireDue(table, nowMs);
    return this.entryCounts[table] < this.#capacity[table] || this.lookUp(table, address, nowMs) >= 0;
  }

  /** Remembers that an address, which is in no entry, was not learned for want of room. */
  refuse(table: number, address: number): void {
    const o = this.#entryOf(table, address);
    if (this.#entries[o] > 0) return;
    this.#entries[o] = Miss.refused;
    this.refusedCounts[table]++;
  }

  /** Enters an address that never ages and never moves. IEEE 802.1D-2004, 7.9.1. */
  setStatic(table: number, address: number, place: number): void {
    const o = this.#entryOf(table, address);
    if (this.#entries[o] > 0 && this.#entries[o + 1] !== STATIC_MS) this.entryCounts[table]--;
    this.#entries[o] = place + 1;
    this.#entries[o + 1] = STATIC_MS;
  }

  /** Whether the address has a static entry. */
  isStatic(table: number, address: number): boolean {
    const o = this.#findEntry(table, address);
    return o >= 0 && this.#entries[o] > 0 && this.#entries[o + 1] === STATIC_MS;
  }

  /** Removes one address and remembers why. */
  forget(table: number, address: number, reason: number): boolean {
    const o = this.#findEntry(table, address);
    if (o < 0 || this.#entries[o] <= 0 || this.#entries[o + 1] === STATIC_MS) return false;
    this.#remove(table, o, reason);
    this.flushedCounts[table]++;
    return true;
  }

  /** Removes every dynamic entry that points at `place` and returns how many. IEEE 802.1D-2004, 7.9.2 and 17.11. */
  flush(table: number, place: number): number {
    let flushed = 0;
    this.#forEachLive(table, (o) => {
      if (this.#entries[o] !== place + 1 || this.#entries[o + 1] === STATIC_MS) return;
      this.#remove(table, o, Miss.portFlushed);
      flushed++;
    });
    this.flushedCounts[table] += flushed;
    return flushed;
  }

  /** Removes every dynamic entry whose address is one of these, as `flush` does, and returns how many there were. */
  forgetWhere(table: number, isOne: (address: number) => boolean, nowMs: number): number {
    // an entry that reached its hold time has aged out, whether or not anyone looked
    this.expireDue(table, nowMs);
    let forgotten = 0;
    this.#forEachLive(table, (o, address) => {
      if (this.#entries[o + 1] === STATIC_MS || !isOne(address)) return;
      this.#remove(table, o, Miss.portFlushed);
      forgotten++;
    });
    this.flushedCounts[table] += forgotten;
    return forgotten;
  }

  /** Removes every entry that reached the hold time; returns when the next one will (NEVER_MS if there is none). */
  sweep(table: number, nowMs: number): number {
    const holdMs = this.#holdMs[table];
    let nextMs = NEVER_MS;
    this.#forEachLive(table, (o) => {
      const updatedMs = this.#entries[o + 1];
      if (updatedMs === STATIC_MS) return;
      if (nowMs - updatedMs >= holdMs) this.#expire(table, o);
      else nextMs = Math.min(nextMs, updatedMs + holdMs);
    });
    return nextMs;
  }

  /**
   * Removes what a look-up at `nowMs` would find expired, so that `entryCounts` is exact. A table that ages only by sweeps
   * is left as it is: its entries forward until the sweep. Looking sooner changes nothing that a frame could notice.
   */
  expireDue(table: number, nowMs: number): void {
    if (this.#lookUpHoldMs[table] === NEVER_MS || nowMs < this.#nextDueMs[table]) return;
    // what is learned from now on is due a hold time later at the soonest
    this.#nextDueMs[table] = Math.min(this.sweep(table, nowMs), nowMs + this.#holdMs[table]);
  }

  /** Most entries that a table holds; Infinity is no limit. */
  capacityOf(table: number): number {
    return this.#capacity[table];
  }

  /** Calls back for each learned entry of a table, in the order of address ids. */
  forEachLearned(table: number, visit: (address: number) => void): void {
    this.#forEachLive(table, (o, address) => {
      if (this.#entries[o + 1] !== STATIC_MS) visit(address);
    });
  }

  /** Calls back for each entry of a table, in the order of address ids. */
  forEachEntry(table: number, visit: (address: number, place: number, updatedMs: number) => void): void {
    this.#forEachLive(table, (o, address) => visit(address, this.#entries[o] - 1, this.#entries[o + 1]));
  }

  #forEachLive(table: number, visit: (o: number, address: number) => void): void {
    const base = table * this.#directoryStride;
    for (let page = 0; page < this.#directoryStride; page++) {
      const start = this.#directory[base + page];
      if (start === 0) continue;
      for (let i = 0; i < PAGE_ADDRESSES; i++) {
        const o = start - 1 + i * 2;
        if (this.#entries[o] > 0) visit(o, (page << PAGE_SHIFT) + i);
      }
    }
  }

  #learnAnew(table: number, address: number, place: number, nowMs: number): number {
    const o = this.#entryOf(table, address);
    const entries = this.#entries;
    if (entries[o] > 0 && nowMs - entries[o + 1] >= this.#lookUpHoldMs[table]) this.#expire(table, o);
    if (entries[o] > 0) {
      if (entries[o + 1] === STATIC_MS) return Learned.unchanged;
      this.movedCounts[table]++;
      entries[o] = place + 1;
      entries[o + 1] = nowMs;
      return Learned.moved;
    }
    // an entry that reached the hold time holds no place, found or not
    if (this.entryCounts[table] >= this.#capacity[table]) this.expireDue(table, nowMs);
    if (this.entryCounts[table] >= this.#capacity[table]) {
      this.refusedCounts[table]++;
      entries[o] = Miss.refused;
      return Learned.refused;
    }
    this.entryCounts[table]++;
    this.learnedCounts[table]++;
    entries[o] = place + 1;
    entries[o + 1] = nowMs;
    return Learned.added;
  }

  #expire(table: number, o: number): void {
    this.#remove(table, o, Miss.agedOut);
    this.agedCounts[table]++;
  }

  #remove(table: number, o: number, reason: number): void {
    this.#entries[o] = reason;
    this.entryCounts[table]--;
  }

  /** The word at which an address's entry starts, or -1 where its page is absent. */
  #findEntry(table: number, address: number): number {
    const page = address >> PAGE_SHIFT;
    if (page >= this.#directoryStride) return -1;
    const start = this.#directory[table * this.#directoryStride + page];
    return start === 0 ? -1 : start - 1 + ((address & PAGE_MASK) << 1);
  }

  /** The same, with the page made if it was absent. */
  #entryOf(table: number, address: number): number {
    const page = address >> PAGE_SHIFT;
    if (page >= this.#directoryStride) this.#growDirectory(Math.max(16, 2 ** Math.ceil(Math.log2(page + 1))));
    const slot = table * this.#directoryStride + page;
    if (this.#directory[slot] === 0) this.#directory[slot] = this.#addPage() + 1;
    return this.#directory[slot] - 1 + ((address & PAGE_MASK) << 1);
  }

  #addPage(): number {
    const start = this.#pageCount++ * PAGE_WORDS;
    if (start + PAGE_WORDS > this.#entries.length) {
      const grown = new Int32Array(this.#entries.length * 2);
      grown.set(this.#entries);
      this.#entries = grown;
    }
    return start;
  }

  #growDirectory(stride: number): void {
    const length = this.#tableCount * stride;
    if (stride === this.#directoryStride && length <= this.#directory.length) return;
    // room for more tables, so that adding them one by one stays linear
    const grown = new Int32Array(stride === this.#directoryStride ? length * 2 : length);
    const copied =
      stride === 0 ? 0 : Math.min(this.#tableCount, Math.floor(this.#directory.length / (this.#directoryStride || 1)));
    for (let table = 0; table < copied && this.#directoryStride > 0; table++) {
      const from = table * this.#directoryStride;
      grown.set(this.#directory.subarray(from, from + this.#directoryStride), table * stride);
    }
    this.#directory = grown;
    this.#directoryStride = stride;
  }
}
