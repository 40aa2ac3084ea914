import type { ArrowTableWriter } from './arrow-file.ts';
import { TABLE_KINDS, TIERS } from './column-values.ts';
import { macTablesOf, type RecordedFabric, type RecordedMacTable } from './recorded-fabric.ts';
import type { ResultFolder } from './result-folder.ts';
import { SEGMENT_SAMPLES, SWITCH_SAMPLES } from './tables.ts';

const NS_PER_MS = 1e6;

/** Samples every table of learned addresses as it is: the caller has removed what is due. */
export class SwitchSamples {
  readonly #fabric: RecordedFabric;
  readonly #writer: ArrowTableWriter<typeof SWITCH_SAMPLES>;

  constructor(fabric: RecordedFabric, folder: ResultFolder) {
    this.#fabric = fabric;
    const owners = [...new Set(fabric.macTables.map(({ owner }) => owner))];
    this.#writer = folder.open(SWITCH_SAMPLES, { switch: owners });
  }

  sample(timeNs: number): void {
    for (const { owner, tier, kind, table, capacity } of this.#fabric.macTables) {
      const tables = macTablesOf(this.#fabric, kind);
      this.#writer.row(
        timeNs,
        owner,
        tier,
        kind,
        tables.entryCounts[table],
        capacity,
        tables.learnedCounts[table],
        tables.movedCounts[table],
        tables.agedCounts[table],
        tables.refusedCounts[table],
        tables.evictedCounts[table],
        tables.collidedCounts[table],
        tables.postponedCounts[table],
        tables.portLimitedCounts[table],
        nsOrNull(tables.firstFullMs[table]),
        nsOrNull(tables.firstLossOfRunMs(table)),
        tables.flushedCounts[table],
      );
    }
  }
}

/** Nanoseconds of a time that is below 0 if it has not come. */
export function nsOrNull(timeMs: number): number | null {
  return timeMs < 0 ? null : timeMs * NS_PER_MS;
}

/** Counts by segment what the tables of each kind in each tier hold. */
export class SegmentSamples {
  readonly #fabric: RecordedFabric;
  readonly #writer: ArrowTableWriter<typeof SEGMENT_SAMPLES>;
  readonly #groups: readonly (readonly RecordedMacTable[])[];
  readonly #labels: readonly number[];
  // indexed by segment: entries, tables with one or more, and the last table that was counted
  readonly #entries: Uint32Array;
  readonly #tables: Uint32Array;
  readonly #lastTable: Int32Array;

  constructor(fabric: RecordedFabric, folder: ResultFolder) {
    this.#fabric = fabric;
    this.#writer = folder.open(SEGMENT_SAMPLES);
    this.#groups = groupMacTables(fabric.macTables);
    this.#labels = Array.from({ length: fabric.segmentCount }, (_, segment) => fabric.segmentLabel(segment));
    this.#entries = new Uint32Array(fabric.segmentCount);
    this.#tables = new Uint32Array(fabric.segmentCount);
    this.#lastTable = new Int32Array(fabric.segmentCount);
  }

  sample(timeNs: number): void {
    for (const group of this.#groups) {
      this.#count(group);
      const { tier, kind } = group[0];
      for (const [segment, label] of this.#labels.entries()) {
        if (this.#entries[segment] === 0) continue;
        this.#writer.row(timeNs, tier, kind, label, this.#entries[segment], this.#tables[segment]);
      }
    }
  }

  #count(group: readonly RecordedMacTable[]): void {
    const { addresses } = this.#fabric.devices.network;
    this.#entries.fill(0);
    this.#tables.fill(0);
    this.#lastTable.fill(-1);
    for (const { kind, table } of group) {
      macTablesOf(this.#fabric, kind).forEachLearned(table, (address) => {
        const segment = addresses.segmentOf(address);
        this.#entries[segment]++;
        if (this.#lastTable[segment] === table) return;
        this.#lastTable[segment] = table;
        this.#tables[segment]++;
      });
    }
  }
}

/** The tables by tier and kind, tiers in the order of TIERS; no group is empty. */
export function groupMacTables(macTables: readonly RecordedMacTable[]): RecordedMacTable[][] {
  return Object.keys(TIERS)
    .flatMap((tier) => Object.keys(TABLE_KINDS).map((kind) => ({ tier, kind })))
    .map(({ tier, kind }) => macTables.filter((table) => table.tier === tier && table.kind === kind))
    .filter((group) => group.length > 0);
}
