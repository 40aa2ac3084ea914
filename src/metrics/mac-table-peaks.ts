import { groupMacTables } from './mac-table-samples.ts';
import {
  macTablesOf,
  type RecordedFabric,
  type RecordedMacTable,
  type TableKind,
  type Tier,
} from './recorded-fabric.ts';

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
  /** What happened in all of them since the start. */
  learned: number;
  moved: number;
  aged: number;
  refused: number;
}

/** Watches, sample by sample, how full the tables are. */
export class MacTablePeaks {
  readonly #fabric: RecordedFabric;
  readonly #groups: readonly (readonly RecordedMacTable[])[];
  readonly #entriesMax: number[];
  readonly #entrySums: number[];
  #sampleCount = 0;

  constructor(fabric: RecordedFabric) {
    this.#fabric = fabric;
    this.#groups = groupMacTables(fabric.macTables);
    this.#entriesMax = this.#groups.map(() => 0);
    this.#entrySums = this.#groups.map(() => 0);
  }

  sample(): void {
    this.#sampleCount++;
    for (const [index, group] of this.#groups.entries()) {
      for (const { kind, table } of group) {
        const entries = macTablesOf(this.#fabric, kind).entryCounts[table];
        this.#entriesMax[index] = Math.max(this.#entriesMax[index], entries);
        this.#entrySums[index] += entries;
      }
    }
  }

  /** One summary for each tier and kind that has tables, tiers from leaf to gateway. */
  summaries(): MacTableSummary[] {
    return this.#groups.map((group, index) => {
      const { tier, kind } = group[0];
      const tables = macTablesOf(this.#fabric, kind);
      const total = (counts: readonly number[]) => group.reduce((sum, { table }) => sum + counts[table], 0);
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
      };
    });
  }
}
