import type { ColumnTable } from '../results/parse-table.ts';
import { pointAt, type TimeGrid } from './time-grid.ts';

/** How the tables of one kind in one tier filled. */
export interface MacGrowth {
  readonly tier: string;
  readonly kind: string;
  /** Addresses in the fullest table, by point of the grid: the most at any of its samples. */
  readonly most: number[];
  /** What the smallest of the tables can hold; null without a limit. */
  readonly capacity: number | null;
}

/** Reads `switch_samples`: a curve for each tier and kind of table that held an address. */
export function readMacGrowth(table: ColumnTable, grid: TimeGrid): MacGrowth[] {
  const times = numbersOf(table, 'time_ns');
  const entries = numbersOf(table, 'mac_entries');
  const capacities = table.column('capacity_entries').values;
  const tiers = table.column('tier');
  const kinds = table.column('table_kind');
  const [tierCodes, kindCodes] = [tiers.codes!, kinds.codes!];
  const growths = new Map<number, { most: number[]; capacity: number | null }>();
  const kindCount = kinds.names!.length;
  let point = 0;
  let timeNs = -1;
  for (let row = 0; row < table.rowCount; row++) {
    if (times[row] !== timeNs) {
      timeNs = times[row]!;
      point = pointAt(grid, timeNs);
    }
    const key = tierCodes[row]! * kindCount + kindCodes[row]!;
    let growth = growths.get(key);
    if (growth === undefined) {
      growth = { most: new Array<number>(grid.endsNs.length).fill(0), capacity: null };
      growths.set(key, growth);
    }
    growth.most[point] = Math.max(growth.most[point]!, entries[row]!);
    const capacity = capacities[row];
    if (typeof capacity === 'number') growth.capacity = Math.min(growth.capacity ?? capacity, capacity);
  }
  return [...growths].map(([key, { most, capacity }]) => ({
    tier: tiers.names![Math.floor(key / kindCount)]!,
    kind: kinds.names![key % kindCount]!,
    most,
    capacity,
  }));
}

/** A column of numbers without nulls. */
export function numbersOf(table: ColumnTable, name: string): ArrayLike<number> {
  return table.column(name).values as ArrayLike<number>;
}
