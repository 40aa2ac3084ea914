import type { ColumnTable } from '../results/parse-table.ts';
import { numbersOf } from './mac-growth.ts';
import { pointAt, type TimeGrid } from './time-grid.ts';

/**
 * Adds up counts that grow, over all who count: each row gives the count of one of them at a time, and who has no row
 * still has the last one. `key` numbers them, `group` says to which total they belong. Totals by group, at each point.
 */
export function growingTotals(
  table: ColumnTable,
  grid: TimeGrid,
  {
    key,
    group,
    groupCount,
    count,
  }: {
    key: (row: number) => number;
    group: (row: number) => number;
    groupCount: number;
    count: (row: number) => number;
  },
): number[][] {
  const times = numbersOf(table, 'time_ns');
  const last = new Map<number, number>();
  const points = grid.endsNs.length;
  const gains = Array.from({ length: groupCount }, () => new Array<number>(points).fill(0));
  for (let row = 0; row < table.rowCount; row++) {
    const who = key(row);
    const counted = count(row);
    gains[group(row)]![pointAt(grid, times[row]!)]! += counted - (last.get(who) ?? 0);
    last.set(who, counted);
  }
  return gains.map((gain) => {
    let total = 0;
    return gain.map((more) => {
      total += more;
      return total;
    });
  });
}
