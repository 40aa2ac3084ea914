import { groupMacTables, nsOrNull } from './mac-table-samples.ts';
import {
  macTablesOf,
  type RecordedFabric,
  type RecordedMacTable,
  type TableKind,
  type Tier,
} from './recorded-fabric.ts';

const NS_PER_MS = 1e6;

/** How full the tables of one kind in one tier were. */
export interface MacTableSummary {
  tier: Tier;
  kind: TableKind;
  tables: number;
  /** Most entries that any of the tables held at a sample. */
  entriesMax: number;
  /** Entries of a table, on average over tables and samples. */
  entriesMean: number;
  /** The least that one of them can hold; null if none has a limit. */
  capacity: number | null;
  /** What happened in all of them. */
  learned: number;
  moved: number;
  aged: number;
  refused: number;
  /** Entries that other addresses took; of these and the refused, those that lost to others of their hash. */
  evicted: number;
  collided: number;
  /** Times that a table was too busy to learn, and that a port had all addresses it may have. */
  postponed: number;
  portLimited: number;
  /** Tables that refused or evicted for want of room, and when the first did; null if none did. */
  lossy: number;
  firstLossNs: number | null;
  /** Tables that were full at a sample, and the first of them; null if none was. */
  fullTables: number;
  firstFull: FirstTime | null;
}

/** The first table of which something was true, and when. */
export interface FirstTime {
  owner: string;
  timeNs: number;
}

/** Watches, sample by sample, how full the tables are. */
export class MacTablePeaks {
  readonly #fabric: RecordedFabric;
  readonly #groups: readonly (readonly RecordedMacTable[])[];
  readonly #entriesMax: number[];
  readonly #entrySums: number[];
  readonly #firstFull: (FirstTime | null)[];
  // by group, the tables that were full at a sample
  readonly #fullTables: Set<number>[];
  #sampleCount = 0;

  constructor(fabric: RecordedFabric) {
    this.#fabric = fabric;
    this.#groups = groupMacTables(fabric.macTables);
    this.#entriesMax = this.#groups.map(() => 0);
    this.#entrySums = this.#groups.map(() => 0);
    this.#firstFull = this.#groups.map(() => null);
    this.#fullTables = this.#groups.map(() => new Set());
  }

  sample(timeNs: number): void {
    this.#sampleCount++;
    for (const [index, group] of this.#groups.entries()) {
      for (const { kind, table, capacity, owner } of group) {
        const tables = macTablesOf(this.#fabric, kind);
        const entries = tables.entryCounts[table];
        this.#entriesMax[index] = Math.max(this.#entriesMax[index], entries);
        this.#entrySums[index] += entries;
        if (capacity !== null && entries >= capacity) {
          this.#fullTables[index].add(table);
          this.#firstFull[index] ??= { owner, timeNs };
        }
      }
    }
  }

  /** Forgets the samples so far: peaks begin with what the tables hold at `timeNs`, which is no sample. */
  restart(timeNs: number): void {
    this.#entriesMax.fill(0);
    this.#firstFull.fill(null);
    for (const tables of this.#fullTables) tables.clear();
    this.sample(timeNs);
    this.#entrySums.fill(0);
    this.#sampleCount = 0;
  }

  /** The first table that had no room for an address, to the millisecond; null if all had. */
  get firstRefusal(): FirstTime | null {
    let first: FirstTime | null = null;
    for (const { owner, kind, table } of this.#groups.flat()) {
      const timeNs = macTablesOf(this.#fabric, kind).firstLossMs[table] * NS_PER_MS;
      if (timeNs >= 0 && timeNs < (first?.timeNs ?? Number.POSITIVE_INFINITY)) first = { owner, timeNs };
    }
    return first;
  }

  /** Addresses that tables refused or evicted; one that a VTEP shares with a bridge counts once. */
  get refusals(): number {
    const own = this.#groups.flat().filter(({ isPartOfBridge }) => isPartOfBridge !== true);
    return own.reduce((sum, { kind, table }) => {
      const { refusedCounts, evictedCounts } = macTablesOf(this.#fabric, kind);
      return sum + refusedCounts[table] + evictedCounts[table];
    }, 0);
  }

  /** One summary for each tier and kind that has tables, tiers from leaf to gateway. */
  summaries(): MacTableSummary[] {
    return this.#groups.map((group, index) => {
      const { tier, kind } = group[0];
      const tables = macTablesOf(this.#fabric, kind);
      const total = (counts: readonly number[]) => group.reduce((sum, { table }) => sum + counts[table], 0);
      const timesOf = (timesMs: readonly number[]) =>
        group.map(({ table }) => timesMs[table]).filter((timeMs) => timeMs >= 0);
      const capacities = group.flatMap(({ capacity }) => (capacity === null ? [] : [capacity]));
      return {
        tier,
        kind,
        tables: group.length,
        entriesMax: this.#entriesMax[index],
        entriesMean: this.#sampleCount === 0 ? 0 : this.#entrySums[index] / (group.length * this.#sampleCount),
        capacity: capacities.length === 0 ? null : capacities.reduce((least, capacity) => Math.min(least, capacity)),
        learned: total(tables.learnedCounts),
        moved: total(tables.movedCounts),
        aged: total(tables.agedCounts),
        refused: total(tables.refusedCounts),
        evicted: total(tables.evictedCounts),
        collided: total(tables.collidedCounts),
        postponed: total(tables.postponedCounts),
        portLimited: total(tables.portLimitedCounts),
        lossy: timesOf(tables.firstLossMs).length,
        firstLossNs: earliestNs(timesOf(tables.firstLossMs)),
        fullTables: this.#fullTables[index].size,
        firstFull: this.#firstFull[index],
      };
    });
  }
}

function earliestNs(timesMs: readonly number[]): number | null {
  return timesMs.length === 0 ? null : nsOrNull(timesMs.reduce((first, timeMs) => Math.min(first, timeMs)));
}
