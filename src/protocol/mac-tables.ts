import { grownCopy } from '../grown-copy.ts';
import { LearningRate } from './learning-rate.ts';
import { PlaceNumbers, SPECIAL_NUMBER } from './place-numbers.ts';
import { TableGate } from './table-gate.ts';
import { capacityOfGeometry, roomOf, type TableGeometry } from './table-geometry.ts';
import { Admission, Eviction } from './table-room.ts';

/** Addresses per page: a table holds memory only for pages in which it ever learned an address. */
const PAGE_ADDRESSES = 64;
const PAGE_SHIFT = 6;
const PAGE_MASK = PAGE_ADDRESSES - 1;

// An entry is one word: in its upper 12 bits the number that its table gave the place, below them the tick at which the
// address was last seen. The upper bits are 0 where there is no entry; the lower then hold -Miss.
const TICK_BITS = 20;
const TICK_MASK = (1 << TICK_BITS) - 1;

/** Most ticks of a hold time. Twice that and a guard interval are less than what an entry can tell apart: see #guard. */
const HOLD_TICKS_MAX = 3 << (TICK_BITS - 3);
const GUARD_INTERVAL_MS = 3 << (TICK_BITS - 4);

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
  /** It aged out early, while the topology changed. IEEE 802.1D-2004, 7.9.2. */
  topologyChanged: -6,
  /** Another address took its entry, as the table was full. */
  evicted: -7,
  /** It lost its entry, or got none, to addresses of the same hash. */
  collided: -8,
  /** The station spoke while the table was busy learning others. */
  postponed: -9,
  /** Its port had as many addresses as it may have. */
  portLimited: -10,
  /** The control plane that had entered it took it back. */
  withdrawn: -11,
} as const;

/** What `learn` did with a source address. */
export const Learned = {
  refreshed: 0,
  added: 1,
  moved: 2,
  refused: 3,
  unchanged: 4,
  postponed: 5,
  portLimited: 6,
} as const;

/** What a table can hold, and how. */
export interface MacTableOptions {
  /** Ageing time. */
  readonly holdMs: number;
  /** Entries of a table that keeps what it has: short for a CAM of that size. */
  readonly capacity?: number;
  readonly geometry?: TableGeometry | null;
  /** The hash of an address with its segment; needed by buckets. */
  readonly hashOf?: (address: number) => number;
  /** Of the chance by which a table evicts. */
  readonly seed?: number;
  /** Addresses that it learns per second; null is no limit. */
  readonly learnedPerSecond?: number | null;
}

// what the hot path needs of a table, in 4 words
const TABLE_SHIFT = 2;
// the mask changes nothing where the hot path has it: it tells V8 that an index is from 0
const TABLES_MAX = 2 ** 26;
const Table = {
  /** Where the table's places start. */
  places: 0,
  /** A tick is 2^tickShift milliseconds. */
  tickShift: 1,
  /** Age at which a look-up takes an entry for gone. */
  lookUpHoldTicks: 2,
  /** Age at which a sweep removes an entry. */
  holdTicks: 3,
} as const;

/** The Miss of an address that a room refused, by -Admission; 0 for `free`. */
const MISS_OF_REFUSAL: readonly number[] = [0, 0, Miss.refused, Miss.collided];

/** Instead of a place: no entry of the table ages. */
export const EVERY_PLACE = -2;

/** An age that no entry reaches. */
const NEVER_TICKS = TICK_MASK + 1;

/**
 * The MAC tables of all bridges (or of all tunnel endpoints): for each table, where each address was last seen and when.
 *
 * IEEE 802.1D-2004, 7.8 and 7.9. A table is an integer, an address is an AddressBook id, the place is any integer from 0
 * (a port, or a remote VTEP), times are milliseconds. An entry is 4 bytes, in pages of 64 addresses that appear when one
 * of them is first learned: where a table is full of stations, its memory is what a frame-hop waits for.
 *
 * Two ways of ageing share the code. The standard's: an entry is gone at the instant at which its age reaches the hold
 * time. Linux's: an entry is gone when a sweep finds it that old, and until then it forwards (net/bridge/br_fdb.c); such
 * a table calls `sweep` itself, at the latest when an entry is a quarter older than the hold time.
 *
 * Ages are exact to the millisecond where the hold time is at most 393 s, else to the 393,216th part of it or better. A table tells
 * 4,094 places apart that are in use at once, and refuses to learn what is at a further one.
 */
export class MacTables {
  // the first page is nobody's; behind it there is room for a power of two
  #entries = new Int32Array(PAGE_ADDRESSES * (1 + 16));
  #pageCount = 1;
  // for each table, for each page of addresses, the word at which its entries start; 0 where there is none
  #directory = new Int32Array(0);
  #directoryStride = 0;
  #tables = new Int32Array(16 << TABLE_SHIFT);
  #tableCount = 0;
  readonly #places = new PlaceNumbers();
  // for each table the places of its static entries, whose words say no more than that they are static
  readonly #staticPlaces: (Map<number, number> | null)[] = [];
  // for each table the place whose entries do not age, EVERY_PLACE or -1
  readonly #keptPlaces: number[] = [];
  readonly #ageingMs: number[] = [];
  readonly #holdMs: number[] = [];
  readonly #capacity: number[] = [];
  // no entry reaches the hold time before this
  readonly #nextDueMs: number[] = [];
  // what limits learning beside a capacity; null where nothing does
  readonly #gates: (TableGate | null)[] = [];
  // the next time at which every table is looked over, so that no entry gets older than its bits can tell
  #guardMs = GUARD_INTERVAL_MS;

  // counters, one per table; `entryCounts` has no static entries, but what has expired and was not swept yet
  readonly entryCounts: number[] = [];
  readonly learnedCounts: number[] = [];
  readonly movedCounts: number[] = [];
  readonly agedCounts: number[] = [];
  readonly refusedCounts: number[] = [];
  readonly flushedCounts: number[] = [];
  readonly evictedCounts: number[] = [];
  /** Addresses that were refused or evicted for their hash, while other entries were free. */
  readonly collidedCounts: number[] = [];
  readonly postponedCounts: number[] = [];
  readonly portLimitedCounts: number[] = [];
  /** When a table first held as many entries as it can, and when it first had to turn one away; -1: not yet. */
  readonly firstFullMs: number[] = [];
  readonly firstLossMs: number[] = [];
  // what `firstLossMs` was before it began anew
  readonly #earlierLossMs: number[] = [];

  /** Hears of every entry that another address took, and why: a Miss. */
  onEvicted: ((table: number, address: number, reason: number) => void) | null = null;

  /** Bytes held by entries and directories. */
  get sizeBytes(): number {
    return this.#entries.byteLength + this.#directory.byteLength + this.#places.sizeBytes;
  }

  /** Adds an empty table and returns its number. */
  addTable(options: MacTableOptions): number {
    const { holdMs, geometry = null, learnedPerSecond = null } = options;
    const table = this.#tableCount++;
    this.#ageingMs.push(holdMs);
    this.#holdMs.push(holdMs);
    const capacity = geometry === null ? options.capacity : capacityOfGeometry(geometry);
    this.#capacity.push(capacity ?? Number.POSITIVE_INFINITY);
    const room = geometry === null ? null : this.#makeRoom(table, geometry, options);
    const rate = learnedPerSecond === null ? null : new LearningRate(learnedPerSecond);
    this.#gates.push(room === null && rate === null ? null : new TableGate(this.#entriesOf(table), { room, rate }));
    this.firstFullMs.push(-1);
    this.firstLossMs.push(-1);
    this.#earlierLossMs.push(-1);
    this.#nextDueMs.push(0);
    this.#staticPlaces.push(null);
    this.#keptPlaces.push(-1);
    for (const counts of [
      this.entryCounts,
      this.learnedCounts,
      this.movedCounts,
      this.agedCounts,
      this.refusedCounts,
      this.flushedCounts,
      this.evictedCounts,
      this.collidedCounts,
      this.postponedCounts,
      this.portLimitedCounts,
    ]) {
      counts.push(0);
    }
    if (this.#tableCount << TABLE_SHIFT > this.#tables.length) {
      this.#tables = grownCopy(this.#tables, this.#tables.length * 2);
    }
    const t = table << TABLE_SHIFT;
    this.#tables[t + Table.tickShift] = Math.max(0, Math.ceil(Math.log2(holdMs / HOLD_TICKS_MAX)));
    const holdTicks = this.#ticks(table, holdMs);
    this.#tables[t + Table.holdTicks] = holdTicks;
    this.#tables[t + Table.lookUpHoldTicks] = holdTicks;
    this.#tables[t + Table.places] = this.#places.addTable();
    this.#growDirectory(this.#directoryStride);
    return table;
  }

  /** Lets `firstLossMs` begin anew in all tables; `firstLossOfRunMs` goes on as if it had not. */
  restartFirstLosses(): void {
    for (let table = 0; table < this.#tableCount; table++) {
      this.#earlierLossMs[table] = this.firstLossOfRunMs(table);
      this.firstLossMs[table] = -1;
    }
  }

  /** When a table first had to turn an address away since it was added; -1: not yet. */
  firstLossOfRunMs(table: number): number {
    const earlierMs = this.#earlierLossMs[table];
    return earlierMs < 0 ? this.firstLossMs[table] : earlierMs;
  }

  /** Changes the hold time: the ageing time, or the forward delay during a topology change. IEEE 802.1D-2004, 7.9.2. */
  setHoldMs(table: number, holdMs: number): void {
    const holdTicks = this.#ticks(table, holdMs);
    if (holdTicks > HOLD_TICKS_MAX) throw new RangeError(`table ${table} was made for shorter times than ${holdMs} ms`);
    const t = table << TABLE_SHIFT;
    this.#holdMs[table] = holdMs;
    this.#nextDueMs[table] = 0;
    this.#tables[t + Table.holdTicks] = holdTicks;
    if (this.#tables[t + Table.lookUpHoldTicks] !== NEVER_TICKS) this.#tables[t + Table.lookUpHoldTicks] = holdTicks;
  }

  /** The hold time in force. */
  holdMs(table: number): number {
    return this.#holdMs[table];
  }

  /** Lets entries of this table go only in a sweep, as Linux does. */
  ageOnlyBySweep(table: number): void {
    this.#tables[(table << TABLE_SHIFT) + Table.lookUpHoldTicks] = NEVER_TICKS;
  }

  /** Lets entries at a place, or at EVERY_PLACE, stay until they are removed: a control plane entered them. */
  keepPlace(table: number, place: number): void {
    this.#keptPlaces[table] = place;
  }

  /** How long ago an address of a table was last seen; an address that is in none has no age. */
  ageMs(table: number, address: number, nowMs: number): number {
    const o = this.#findEntry(table, address);
    const age = (this.#nowTick(table, nowMs) - this.#entries[o]) & TICK_MASK;
    const isDue = age >= this.#tables[(table << TABLE_SHIFT) + Table.holdTicks];
    const ticks = isDue && this.#keeps(table, o, nowMs) ? 0 : age;
    return ticks * 2 ** this.#tables[(table << TABLE_SHIFT) + Table.tickShift];
  }

  /** The place of an address, or a Miss. */
  lookUp(table: number, address: number, nowMs: number): number {
    if (nowMs >= this.#guardMs) this.#guard(nowMs);
    const o = this.#findEntry(table, address);
    return o < 0 ? Miss.neverLearned : this.#placeAt(table, address, o, this.#entries[o], nowMs);
  }

  /** Records that `address` was seen at `place`. IEEE 802.1D-2004, 7.8. */
  learn(table: number, address: number, place: number, nowMs: number): number {
    if (nowMs >= this.#guardMs) this.#guard(nowMs);
    const o = this.#findEntry(table, address);
    if (o >= 0 && this.#refresh(table, o, this.#entries[o], place, nowMs)) return Learned.refreshed;
    return this.#learnAnew(table, address, place, nowMs);
  }

  /** What the last `learnAndLookUp` did with the source address: a Learned. */
  learned = 0;

  /** `learn` of a frame's source, then `lookUp` of its destination, both individual addresses. */
  learnAndLookUp(table: number, source: number, place: number, destination: number, nowMs: number): number {
    const found = this.refreshAndLookUp(table, source, place, destination, nowMs);
    if (found >= 0) {
      this.learned = Learned.refreshed;
      return found;
    }
    this.learned = this.learn(table, source, place, nowMs);
    return this.lookUp(table, destination, nowMs);
  }

  /**
   * `learnAndLookUp` where both addresses are known and stay where they are, as nearly always: renews the source's entry
   * and returns the destination's place. -1: one of them needs more than that; nothing has changed that `learnAndLookUp`
   * would not do as well. Both entries are loaded before either is looked at, so that the waits for memory overlap: most
   * of a frame-hop's time at 100,000 stations.
   */
  refreshAndLookUp(table: number, source: number, place: number, destination: number, nowMs: number): number {
    const sourcePage = source >> PAGE_SHIFT;
    const destinationPage = destination >> PAGE_SHIFT;
    const stride = this.#directoryStride;
    // the stride is a power of two: it is above both where it is above their bits together
    if (nowMs >= this.#guardMs || (sourcePage | destinationPage) >= stride) return -1;
    const tables = this.#tables;
    const directory = this.#directory;
    const entries = this.#entries;
    const places = this.#places.words;
    const t = (table & (TABLES_MAX - 1)) << TABLE_SHIFT;
    // all that is added up here begins at multiples of a power of two above the rest: `|` adds it, and cannot overflow
    const row = Math.imul(table, stride);
    const sourceStart = directory[row | sourcePage];
    const destinationStart = directory[row | destinationPage];
    if (sourceStart === 0 || destinationStart === 0) return -1;
    const sourceAt = sourceStart | (source & PAGE_MASK);
    const sourceEntry = entries[sourceAt];
    const destinationEntry = entries[destinationStart | (destination & PAGE_MASK)];
    const base = tables[t + Table.places];
    const nowTick = nowMs >> tables[t + Table.tickShift];
    const holdTicks = tables[t + Table.lookUpHoldTicks];
    const number = destinationEntry >>> TICK_BITS;
    const sourceNumber = sourceEntry >>> TICK_BITS;
    if (sourceNumber === SPECIAL_NUMBER || number === SPECIAL_NUMBER) return -1;
    // the number 0 has no place: -1, which differs from every place
    if (places[base | sourceNumber] !== place) return -1;
    if (((nowTick - sourceEntry) & TICK_MASK) >= holdTicks) return -1;
    if (((nowTick - destinationEntry) & TICK_MASK) >= holdTicks) return -1;
    const renewed = (sourceNumber << TICK_BITS) | (nowTick & TICK_MASK);
    // what is written has to go back to memory: most were seen in this millisecond already
    if (renewed !== sourceEntry) entries[sourceAt] = renewed;
    return places[base | number];
  }

  /** Lets a table learn at most `count` addresses at a place. */
  limitPlace(table: number, place: number, count: number): void {
    this.#gates[table] ??= new TableGate(this.#entriesOf(table), { room: null, rate: null });
    this.#gates[table].limitPlace(place, count);
  }

  /** Why `learn` would not take this address wherever it is: a Miss, or 0 if it would. */
  obstacleTo(table: number, address: number, nowMs: number): number {
    const gate = this.#gates[table];
    const isFull = () => this.entryCounts[table] >= this.#capacity[table];
    const needsEntry = gate === null ? isFull() : true;
    if (!needsEntry || this.lookUp(table, address, nowMs) >= 0) return 0;
    if (gate?.rate?.mayTake(nowMs) === false) return Miss.postponed;
    if (gate !== null && gate.room !== null) {
      return MISS_OF_REFUSAL[-gate.room.refusal(address, nowMs, this.#lookUpHoldMs(table))];
    }
    if (isFull()) this.expireDue(table, nowMs);
    return isFull() ? Miss.refused : 0;
  }

  /** Counts that an address, which is in no entry, was not learned, and remembers why: what `obstacleTo` another table says. */
  refuse(table: number, address: number, reason: number, nowMs: number): void {
    if (!this.remember(table, address, reason)) return;
    if (reason === Miss.postponed) {
      this.postponedCounts[table]++;
      return;
    }
    this.refusedCounts[table]++;
    if (reason === Miss.collided) this.collidedCounts[table]++;
    if (this.firstLossMs[table] < 0) this.firstLossMs[table] = nowMs;
  }

  /** Remembers why an address is in no entry. Returns false if it is in one. */
  remember(table: number, address: number, reason: number): boolean {
    const o = this.#entryOf(table, address);
    if (this.#entries[o] >>> TICK_BITS !== 0) return false;
    this.#entries[o] = -reason;
    return true;
  }

  /** Enters an address that never ages and never moves. IEEE 802.1D-2004, 7.9.1. */
  setStatic(table: number, address: number, place: number): void {
    const o = this.#entryOf(table, address);
    const statics = this.#staticPlaces[table] ?? new Map<number, number>();
    this.#staticPlaces[table] = statics;
    if (this.#entries[o] >>> TICK_BITS !== 0 && !statics.has(address)) this.#remove(table, address, o, 0);
    statics.set(address, place);
    this.#entries[o] = SPECIAL_NUMBER << TICK_BITS;
  }

  /** Removes one address and remembers why. */
  forget(table: number, address: number, reason: number): boolean {
    const o = this.#findEntry(table, address);
    const number = o < 0 ? 0 : this.#entries[o] >>> TICK_BITS;
    if (number === 0 || number === SPECIAL_NUMBER) return false;
    this.#remove(table, address, o, reason);
    this.flushedCounts[table]++;
    return true;
  }

  /** Ages an address out early, because the topology of its segment changes, whatever the table's hold time is. */
  ageOutEarly(table: number, address: number): void {
    const o = this.#findEntry(table, address);
    const number = o < 0 ? 0 : this.#entries[o] >>> TICK_BITS;
    if (number === 0 || number === SPECIAL_NUMBER) return;
    this.#remove(table, address, o, Miss.topologyChanged);
    this.agedCounts[table]++;
  }

  /** Removes every dynamic entry that points at `place` and returns how many. IEEE 802.1D-2004, 7.9.2 and 17.11. */
  flush(table: number, place: number): number {
    const number = this.#places.find(table, place);
    if (number < 0) return 0;
    let flushed = 0;
    this.#forEachDynamic(table, (o, address) => {
      if (this.#entries[o] >>> TICK_BITS !== number) return;
      this.#remove(table, address, o, Miss.portFlushed);
      flushed++;
    });
    this.flushedCounts[table] += flushed;
    return flushed;
  }

  /**
   * Removes, for a topology change, every dynamic entry that points at one of these places, of those addresses that are
   * concerned; null is all. Returns how many. IEEE 802.1D-2004, 17.11.
   */
  flushForChange(
    table: number,
    places: ReadonlySet<number>,
    isConcerned: ((address: number) => boolean) | null,
  ): number {
    let flushed = 0;
    this.#forEachDynamic(table, (o, address) => {
      if (!places.has(this.#placeOf(table, address, this.#entries[o])) || isConcerned?.(address) === false) return;
      this.#remove(table, address, o, Miss.topologyChanged);
      flushed++;
    });
    this.flushedCounts[table] += flushed;
    return flushed;
  }

  /** Removes every dynamic entry, as `flush` does, and returns how many there were. */
  forgetAll(table: number, nowMs: number): number {
    // an entry that reached its hold time has aged out, whether or not anyone looked
    this.expireDue(table, nowMs);
    let forgotten = 0;
    this.#forEachDynamic(table, (o, address) => {
      this.#remove(table, address, o, Miss.portFlushed);
      forgotten++;
    });
    this.flushedCounts[table] += forgotten;
    return forgotten;
  }

  /** Removes the dynamic entries of these addresses, as `flush` does, and returns how many there were. */
  forgetAddresses(table: number, addresses: Iterable<number>, nowMs: number): number {
    let forgotten = 0;
    for (const address of addresses) {
      // one that reached its hold time has aged out
      if (this.lookUp(table, address, nowMs) >= 0 && this.forget(table, address, Miss.portFlushed)) forgotten++;
    }
    return forgotten;
  }

  /**
   * Learns an address at `place` because another table, whose hold time is the same, holds it: as old as it is there,
   * or here if it was seen here since.
   * Returns a Learned.
   */
  learnFrom(table: number, other: number, address: number, place: number, nowMs: number): number {
    const from = this.#findEntry(other, address);
    const seenThere = from < 0 ? 0 : this.#entries[from];
    const before = this.#findEntry(table, address);
    const seenHere = before < 0 ? 0 : this.#entries[before];
    const learned = this.learn(table, address, place, nowMs);
    if (learned !== Learned.added && learned !== Learned.moved && learned !== Learned.refreshed) return learned;
    const nowTick = this.#nowTick(table, nowMs);
    const isYoungerHere = learned === Learned.refreshed && ageOf(seenHere, nowTick) < ageOf(seenThere, nowTick);
    const o = this.#findEntry(table, address);
    const seen = isYoungerHere ? seenHere : seenThere;
    this.#entries[o] = (this.#entries[o] & ~TICK_MASK) | (seen & TICK_MASK);
    const t = table << TABLE_SHIFT;
    const dueMs =
      (nowTick - ageOf(seen, nowTick) + this.#tables[t + Table.holdTicks]) * 2 ** this.#tables[t + Table.tickShift];
    this.#nextDueMs[table] = Math.min(this.#nextDueMs[table], dueMs);
    return learned;
  }

  /**
   * Makes the addresses that two tables of the same hold time both hold as old in both as where they were seen last. Calls
   * back for those that are in one and aged out in the other.
   */
  shareAges(one: number, other: number, nowMs: number, agedOut: (table: number, address: number) => void): void {
    if (nowMs >= this.#guardMs) this.#guard(nowMs);
    for (const [table, twin] of [
      [one, other],
      [other, one],
    ]) {
      const nowTick = this.#nowTick(table, nowMs);
      const holdTicks = this.#tables[(table << TABLE_SHIFT) + Table.holdTicks];
      this.#forEachDynamic(table, (o, address) => {
        const age = ageOf(this.#entries[o], nowTick);
        if (age >= holdTicks) return;
        const at = this.#findEntry(twin, address);
        const entry = at < 0 ? 0 : this.#entries[at];
        if (entry === -Miss.agedOut) agedOut(twin, address);
        const number = entry >>> TICK_BITS;
        if (number === 0 || number === SPECIAL_NUMBER || ageOf(entry, nowTick) <= age) return;
        this.#entries[at] = (number << TICK_BITS) | (this.#entries[o] & TICK_MASK);
      });
    }
  }

  /** Says of every dynamic entry at one place that it is at another, as old as it is. */
  moveEntries(table: number, from: number, to: number): void {
    if (this.#numberOf(table, to) < 0) return;
    // the new place's number may have changed all others
    const number = this.#places.find(table, to);
    const oldNumber = this.#places.find(table, from);
    const gate = this.#gates[table];
    this.#forEachDynamic(table, (o, address) => {
      if (this.#entries[o] >>> TICK_BITS !== oldNumber) return;
      gate?.roomAt(from)?.release(address);
      gate?.room?.moved?.(address, from, to);
      this.#entries[o] = (number << TICK_BITS) | (this.#entries[o] & TICK_MASK);
    });
  }

  /** Removes every entry that reached the hold time; returns when the next one will (NEVER_MS if there is none). */
  sweep(table: number, nowMs: number): number {
    const t = table << TABLE_SHIFT;
    const holdTicks = this.#tables[t + Table.holdTicks];
    const tickShift = this.#tables[t + Table.tickShift];
    const nowTick = nowMs >> tickShift;
    let oldest = -1;
    // a loop of its own: tables are swept at every sample, and most entries are neither due nor the oldest
    const base = table * this.#directoryStride;
    for (let page = 0; page < this.#directoryStride; page++) {
      const start = this.#directory[base + page];
      if (start === 0) continue;
      for (let o = start; o < start + PAGE_ADDRESSES; o++) {
        const entry = this.#entries[o];
        const number = entry >>> TICK_BITS;
        const age = (nowTick - entry) & TICK_MASK;
        if (number === 0 || number === SPECIAL_NUMBER || age <= oldest) continue;
        if (age < holdTicks) oldest = age;
        else if (!this.#keeps(table, o, nowMs)) this.#expire(table, (page << PAGE_SHIFT) + o - start, o, age);
      }
    }
    return oldest < 0 ? NEVER_MS : (nowTick - oldest + holdTicks) * 2 ** tickShift;
  }

  /**
   * Removes what a look-up at `nowMs` would find expired, so that `entryCounts` is exact. A table that ages only by sweeps
   * is left as it is: its entries forward until the sweep. Looking sooner changes nothing that a frame could notice.
   */
  expireDue(table: number, nowMs: number): void {
    if (nowMs >= this.#guardMs) this.#guard(nowMs);
    if (this.#sweepsOnly(table)) return;
    if (nowMs < this.#nextDueMs[table]) return;
    // what is learned from now on is due a hold time later at the soonest
    this.#nextDueMs[table] = Math.min(this.sweep(table, nowMs), nowMs + this.#holdMs[table]);
  }

  /** Calls back for each learned entry of a table, in the order of address ids. */
  forEachLearned(table: number, visit: (address: number) => void): void {
    this.#forEachDynamic(table, (_o, address) => visit(address));
  }

  /** Calls back for each entry of a table, in the order of address ids. */
  forEachEntry(table: number, visit: (address: number, place: number) => void): void {
    this.#forEach(table, (o, address) => visit(address, this.#placeOf(table, address, this.#entries[o])));
  }

  #ticks(table: number, ms: number): number {
    return Math.ceil(ms / 2 ** this.#tables[(table << TABLE_SHIFT) + Table.tickShift]);
  }

  #sweepsOnly(table: number): boolean {
    return this.#tables[(table << TABLE_SHIFT) + Table.lookUpHoldTicks] === NEVER_TICKS;
  }

  #placeOf(table: number, address: number, entry: number): number {
    const number = entry >>> TICK_BITS;
    if (number === SPECIAL_NUMBER) return this.#staticPlaces[table]!.get(address)!;
    return this.#places.words[this.#tables[(table << TABLE_SHIFT) + Table.places] + number];
  }

  /** The place that an entry at `o` holds, or a Miss. */
  #placeAt(table: number, address: number, o: number, entry: number, nowMs: number): number {
    const t = table << TABLE_SHIFT;
    const tables = this.#tables;
    const number = entry >>> TICK_BITS;
    if (number === 0) return entry === 0 ? Miss.neverLearned : -entry;
    const age = ((nowMs >> tables[t + Table.tickShift]) - entry) & TICK_MASK;
    if (number === SPECIAL_NUMBER) return this.#staticPlaces[table]!.get(address)!;
    if (age < tables[t + Table.lookUpHoldTicks]) return this.#places.words[tables[t + Table.places] + number];
    if (this.#keeps(table, o, nowMs)) return this.#places.words[tables[t + Table.places] + number];
    return this.#expire(table, address, o, age);
  }

  /** Renews an entry that has this place and is not due. */
  #refresh(table: number, o: number, entry: number, place: number, nowMs: number): boolean {
    const t = table << TABLE_SHIFT;
    const tables = this.#tables;
    const nowTick = (nowMs >> tables[t + Table.tickShift]) & TICK_MASK;
    const number = entry >>> TICK_BITS;
    if (number === 0 || this.#places.words[tables[t + Table.places] + number] !== place) return false;
    if (number === SPECIAL_NUMBER) return false;
    const isDue = ((nowTick - entry) & TICK_MASK) >= tables[t + Table.lookUpHoldTicks];
    if (isDue && !this.#keeps(table, o, nowMs)) return false;
    this.#entries[o] = (number << TICK_BITS) | nowTick;
    return true;
  }

  #forEachDynamic(table: number, visit: (o: number, address: number) => void): void {
    this.#forEach(table, (o, address) => {
      if (this.#entries[o] >>> TICK_BITS !== SPECIAL_NUMBER) visit(o, address);
    });
  }

  #forEach(table: number, visit: (o: number, address: number) => void): void {
    const base = table * this.#directoryStride;
    for (let page = 0; page < this.#directoryStride; page++) {
      const start = this.#directory[base + page];
      if (start === 0) continue;
      for (let i = 0; i < PAGE_ADDRESSES; i++) {
        const o = start + i;
        if (this.#entries[o] >>> TICK_BITS !== 0) visit(o, (page << PAGE_SHIFT) + i);
      }
    }
  }

  #learnAnew(table: number, address: number, place: number, nowMs: number): number {
    const o = this.#entryOf(table, address);
    const entry = this.#entries[o];
    const isThere = entry >>> TICK_BITS !== 0 && this.#placeAt(table, address, o, entry, nowMs) >= 0;
    if (entry >>> TICK_BITS === SPECIAL_NUMBER) return Learned.unchanged;
    const gate = this.#gates[table];
    if (!isThere && (gate === null || gate.room === null)) {
      // an entry that reached the hold time holds no place, found or not
      if (this.entryCounts[table] >= this.#capacity[table]) this.expireDue(table, nowMs);
      if (this.entryCounts[table] >= this.#capacity[table]) return this.#refuseAt(table, o, Admission.full, nowMs);
    }
    const number = this.#numberOf(table, place);
    if (number < 0) return isThere ? Learned.unchanged : this.#refuseAt(table, o, Admission.full, nowMs);
    if (gate !== null) {
      const refused = this.#pass(gate, { table, address, o, isThere, place }, nowMs);
      if (refused >= 0) return refused;
    }
    this.#entries[o] = (number << TICK_BITS) | (this.#nowTick(table, nowMs) & TICK_MASK);
    if (isThere) {
      this.movedCounts[table]++;
      return Learned.moved;
    }
    if (++this.entryCounts[table] === this.#capacity[table] && this.firstFullMs[table] < 0) {
      this.firstFullMs[table] = nowMs;
    }
    this.learnedCounts[table]++;
    return Learned.added;
  }

  /** Lets an address past the limits of its table, at the cost of others if need be: -1, or a Learned if it is not let. */
  #pass(
    gate: TableGate,
    {
      table,
      address,
      o,
      isThere,
      place,
    }: {
      table: number;
      address: number;
      o: number;
      isThere: boolean;
      place: number;
    },
    nowMs: number,
  ): number {
    const holdMs = this.#lookUpHoldMs(table);
    const roomAtPlace = gate.roomAt(place);
    if (roomAtPlace !== undefined && roomAtPlace.refusal(address, nowMs, holdMs) !== Admission.free) {
      if (!isThere) this.#entries[o] = -Miss.portLimited;
      this.portLimitedCounts[table]++;
      return Learned.portLimited;
    }
    if (gate.rate?.take(nowMs) === false) {
      if (!isThere) this.#entries[o] = -Miss.postponed;
      this.postponedCounts[table]++;
      return Learned.postponed;
    }
    if (isThere) {
      const from = this.#placeOf(table, address, this.#entries[o]);
      gate.roomAt(from)?.release(address);
      gate.room?.moved?.(address, from, place);
    } else if (gate.room !== null) {
      const answer = gate.room.admit(address, nowMs, holdMs, place);
      if (answer < Admission.free) return this.#refuseAt(table, o, answer, nowMs);
      if (answer >= 0) this.#evict(table, answer, gate.room.evictedFor, nowMs);
    }
    const evicted = roomAtPlace?.admit(address, nowMs, holdMs) ?? Admission.free;
    if (evicted >= 0) this.#evict(table, evicted, Eviction.expired, nowMs);
    return -1;
  }

  /** Removes an entry that another address takes. */
  #evict(table: number, address: number, evictedFor: number, nowMs: number): void {
    const o = this.#findEntry(table, address);
    if (evictedFor === Eviction.expired) {
      this.#expire(table, address, o, (this.#nowTick(table, nowMs) - this.#entries[o]) & TICK_MASK);
      return;
    }
    const reason = evictedFor === Eviction.collision ? Miss.collided : Miss.evicted;
    this.#remove(table, address, o, reason);
    this.evictedCounts[table]++;
    if (evictedFor === Eviction.collision) this.collidedCounts[table]++;
    if (this.firstLossMs[table] < 0) this.firstLossMs[table] = nowMs;
    this.onEvicted?.(table, address, reason);
  }

  /** Whether an entry stays although it is as old as one may be: it is taken for new again. */
  #keeps(table: number, o: number, nowMs: number): boolean {
    const kept = this.#keptPlaces[table];
    if (kept === -1) return false;
    const number = this.#entries[o] >>> TICK_BITS;
    const base = this.#tables[(table << TABLE_SHIFT) + Table.places];
    if (kept !== EVERY_PLACE && this.#places.words[base + number] !== kept) return false;
    this.#entries[o] = (number << TICK_BITS) | (this.#nowTick(table, nowMs) & TICK_MASK);
    return true;
  }

  #makeRoom(table: number, geometry: TableGeometry, { hashOf, seed = 0 }: MacTableOptions) {
    if (geometry.kind === 'buckets' && hashOf === undefined) throw new Error('a table with buckets needs a hash');
    return roomOf(geometry, this.#entriesOf(table), { table, seed, hashOf: hashOf ?? ((address) => address) });
  }

  #entriesOf(table: number) {
    return { ageMs: (address: number, nowMs: number) => this.ageMs(table, address, nowMs) };
  }

  #lookUpHoldMs(table: number): number {
    return this.#sweepsOnly(table) ? NEVER_MS : this.#holdMs[table];
  }

  #nowTick(table: number, nowMs: number): number {
    return nowMs >> this.#tables[(table << TABLE_SHIFT) + Table.tickShift];
  }

  #refuseAt(table: number, o: number, refusal: number, nowMs: number): number {
    this.refusedCounts[table]++;
    if (refusal === Admission.collision) this.collidedCounts[table]++;
    if (this.firstLossMs[table] < 0) this.firstLossMs[table] = nowMs;
    this.#entries[o] = -MISS_OF_REFUSAL[-refusal];
    return Learned.refused;
  }

  #expire(table: number, address: number, o: number, ageTicks: number): number {
    const isShort = this.#holdMs[table] < this.#ageingMs[table];
    // a sweep finds entries late: such a one may have been due before the topology changed
    const isLate = this.#sweepsOnly(table) && ageTicks >= this.#ticks(table, this.#ageingMs[table]);
    const isEarly = isShort && !isLate;
    const reason = isEarly ? Miss.topologyChanged : Miss.agedOut;
    this.#remove(table, address, o, reason);
    this.agedCounts[table]++;
    return reason;
  }

  #remove(table: number, address: number, o: number, reason: number): void {
    this.#gates[table]?.release(address, this.#placeOf(table, address, this.#entries[o]));
    this.#entries[o] = -reason;
    this.entryCounts[table]--;
  }

  /** The number of a place in a table's entries, or -1 if there are too many. */
  #numberOf(table: number, place: number): number {
    const known = this.#places.find(table, place);
    if (known >= 0) return known;
    if (this.#places.isFull(table)) {
      const places: number[] = [];
      const inUse = new Set<number>();
      this.#forEachDynamic(table, (o) => inUse.add(this.#entries[o] >>> TICK_BITS));
      for (const number of inUse) places.push(this.#places.words[this.#places.baseOf(table) + number]);
      this.#renumber(table, this.#places.rebuild(table, places));
    }
    const number = this.#places.add(table, place);
    this.#tables[(table << TABLE_SHIFT) + Table.places] = this.#places.baseOf(table);
    return number;
  }

  /** Writes new numbers of places into the entries: `renumbered` maps the old ones. */
  #renumber(table: number, renumbered: ReadonlyMap<number, number>): void {
    this.#tables[(table << TABLE_SHIFT) + Table.places] = this.#places.baseOf(table);
    this.#forEachDynamic(table, (o) => {
      const entry = this.#entries[o];
      this.#entries[o] = (renumbered.get(entry >>> TICK_BITS)! << TICK_BITS) | (entry & TICK_MASK);
    });
  }

  /** Looks every table over before an age could exceed what an entry's bits can tell. */
  #guard(nowMs: number): void {
    const lastMs = this.#guardMs - GUARD_INTERVAL_MS;
    this.#guardMs = nowMs + GUARD_INTERVAL_MS;
    for (let table = 0; table < this.#tableCount; table++) {
      if (!this.#sweepsOnly(table)) {
        // nothing was learned in the time since the last look was due
        const isAllOver = nowMs - lastMs > GUARD_INTERVAL_MS + this.#holdMs[table];
        if (isAllOver) {
          this.#forEachDynamic(table, (o, address) => {
            if (!this.#keeps(table, o, nowMs)) this.#expire(table, address, o, NEVER_TICKS);
          });
        } else this.#nextDueMs[table] = this.sweep(table, nowMs);
      }
    }
  }

  /** The word of an address's entry, or -1 where its page is absent. */
  #findEntry(table: number, address: number): number {
    const page = address >> PAGE_SHIFT;
    if (page >= this.#directoryStride) return -1;
    const start = this.#directory[table * this.#directoryStride + page];
    return start === 0 ? -1 : start + (address & PAGE_MASK);
  }

  /** The same, with the page made if it was absent. */
  #entryOf(table: number, address: number): number {
    const page = address >> PAGE_SHIFT;
    if (page >= this.#directoryStride) this.#growDirectory(Math.max(16, 2 ** Math.ceil(Math.log2(page + 1))));
    const slot = table * this.#directoryStride + page;
    if (this.#directory[slot] === 0) this.#directory[slot] = this.#addPage();
    return this.#directory[slot] + (address & PAGE_MASK);
  }

  #addPage(): number {
    const start = this.#pageCount++ * PAGE_ADDRESSES;
    if (start + PAGE_ADDRESSES > this.#entries.length) {
      this.#entries = grownCopy(this.#entries, this.#entries.length * 2 - PAGE_ADDRESSES);
    }
    return start;
  }

  #growDirectory(stride: number): void {
    const length = this.#tableCount * stride;
    if (stride !== this.#directoryStride || length > this.#directory.length) {
      // room for more tables, so that adding them one by one stays linear
      const grown = new Int32Array(stride === this.#directoryStride ? length * 2 : length);
      const copied =
        stride === 0
          ? 0
          : Math.min(this.#tableCount, Math.floor(this.#directory.length / (this.#directoryStride || 1)));
      for (let table = 0; table < copied && this.#directoryStride > 0; table++) {
        const from = table * this.#directoryStride;
        grown.set(this.#directory.subarray(from, from + this.#directoryStride), table * stride);
      }
      this.#directory = grown;
      this.#directoryStride = stride;
    }
  }
}

/** Ticks since an address was last seen that has this entry. */
function ageOf(entry: number, nowTick: number): number {
  return (nowTick - entry) & TICK_MASK;
}
