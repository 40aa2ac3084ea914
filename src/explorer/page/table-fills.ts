import type { ColumnTable } from '../../results/parse-table.ts';
import { lastNotAfter, type TimeBlocks, timeBlocks } from './time-blocks.ts';

/** A table of learned addresses at a sample. */
export interface Fill {
  readonly owner: string;
  readonly tier: string;
  readonly kind: 'bridge' | 'tunnel' | 'dci_tunnel';
  readonly entries: number;
  /** null is no limit. */
  readonly capacity: number | null;
  /** Times since the start that a full table refused a new address. */
  readonly refused: number;
}

/** The table `switch_samples`, ready to be asked for any sample and for any owner. */
export class TableFills {
  readonly blocks: TimeBlocks;
  /** The most entries that a table without a limit held at any time; 0 where all have one. */
  readonly mostWithoutLimit: number;
  readonly #table: ColumnTable;
  readonly #entries: ArrayLike<number>;
  readonly #capacities: ArrayLike<number | null>;
  readonly #refused: ArrayLike<number>;
  readonly #owners: readonly string[];
  readonly #tiers: readonly string[];
  readonly #kinds: readonly string[];
  readonly #rowsOfOwner = new Map<string, number[]>();

  constructor(table: ColumnTable) {
    this.#table = table;
    this.blocks = timeBlocks(table.column('time_ns').values as Float64Array);
    this.#entries = table.column('mac_entries').values as ArrayLike<number>;
    this.#capacities = table.column('capacity_entries').values as ArrayLike<number | null>;
    this.#refused = table.column('refused_count').values as ArrayLike<number>;
    this.#owners = namesOf(table, 'switch');
    this.#tiers = namesOf(table, 'tier');
    this.#kinds = namesOf(table, 'table_kind');
    let most = 0;
    for (let row = 0; row < table.rowCount; row++) {
      if (this.#capacities[row] === null && this.#entries[row]! > most) most = this.#entries[row]!;
    }
    this.mostWithoutLimit = most;
  }

  /** All tables as they were at the last sample not after `timeNs`; none before the first. */
  at(timeNs: number): Fill[] {
    const block = lastNotAfter(this.blocks.timesNs, timeNs);
    if (block < 0) return [];
    const fills: Fill[] = [];
    for (let row = this.blocks.starts[block]!; row < this.blocks.starts[block + 1]!; row++)
      fills.push(this.#fillAt(row));
    return fills;
  }

  /** Each table of an owner over time, with the times of its samples. */
  historyOf(owner: string): { readonly kind: Fill['kind']; readonly timesNs: number[]; readonly fills: Fill[] }[] {
    const rows = this.#rowsOf(owner);
    const timesNs = this.#table.column('time_ns').values as Float64Array;
    const all = rows.map((row) => ({ timeNs: timesNs[row]!, fill: this.#fillAt(row) }));
    return (['bridge', 'tunnel', 'dci_tunnel'] as const)
      .map((kind) => ({ kind, samples: all.filter(({ fill }) => fill.kind === kind) }))
      .filter(({ samples }) => samples.length > 0)
      .map(({ kind, samples }) => ({
        kind,
        timesNs: samples.map(({ timeNs }) => timeNs),
        fills: samples.map(({ fill }) => fill),
      }));
  }

  #rowsOf(owner: string): number[] {
    let rows = this.#rowsOfOwner.get(owner);
    if (rows === undefined) {
      rows = [];
      for (let row = 0; row < this.#owners.length; row++) if (this.#owners[row] === owner) rows.push(row);
      this.#rowsOfOwner.set(owner, rows);
    }
    return rows;
  }

  #fillAt(row: number): Fill {
    return {
      owner: this.#owners[row]!,
      tier: this.#tiers[row]!,
      kind: this.#kinds[row] as Fill['kind'],
      entries: this.#entries[row]!,
      capacity: this.#capacities[row] ?? null,
      refused: this.#refused[row]!,
    };
  }
}

/** By row, without a text of its own for each. */
function namesOf(table: ColumnTable, column: string): string[] {
  const { names, codes } = table.column(column);
  return Array.from(codes!, (code) => names![code]!);
}

/** How full a table is, 0 to 1; without a limit, its share of the most that any such table held. */
export function fillLevel({ entries, capacity }: Fill, mostWithoutLimit: number): number {
  const whole = capacity ?? mostWithoutLimit;
  return whole === 0 ? 0 : Math.min(1, entries / whole);
}
