import type { Cell, TableColumn } from './parse-table.ts';

/** What can be said of the values of a column. */
export interface ColumnRange {
  /** Least and greatest of numbers, and of names in the order of their letters; null without any. */
  readonly min: Cell;
  readonly max: Cell;
  readonly nulls: number;
  /** Different values; null where nobody counted them. */
  readonly distinct: number | null;
}

/** The range of a column's values; of those that are no numbers also how many different ones there are. */
export function rangeOf({ values, nullCount }: TableColumn): ColumnRange {
  let [min, max]: [Cell, Cell] = [null, null];
  const seen = new Set<Cell>();
  for (const value of values as Iterable<Cell>) {
    if (value === null) continue;
    if (min === null || value < min) min = value;
    if (max === null || value > max) max = value;
    if (typeof value !== 'number') seen.add(value);
  }
  return { min, max, nulls: nullCount, distinct: typeof min === 'number' || min === null ? null : seen.size };
}
