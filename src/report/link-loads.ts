import type { ColumnTable } from '../results/parse-table.ts';
import { growingTotals } from './growing-totals.ts';
import { numbersOf } from './mac-growth.ts';
import { ratesPerSecond, type TimeGrid } from './time-grid.ts';

/** What a link carried after the warm-up until the end of the run, both ways. */
export interface LinkLoad {
  readonly link: string;
  readonly tier: string;
  readonly bytes: number;
  /** Of these, flooded ones. */
  readonly floodedBytes: number;
}

const CLASSES = ['known_unicast', 'unknown_unicast', 'broadcast', 'multicast', 'control'] as const;
const FLOODED: readonly string[] = ['unknown_unicast', 'broadcast', 'multicast'];

/**
 * The links that carried anything, from the last row of `link_samples` for each of their directions, less what the last row
 * of the warm-up has: if that ends between two samples, a little more than after it.
 */
export function readLinkLoads(table: ColumnTable, warmUpNs = 0): LinkLoad[] {
  const links = table.column('link');
  const tiers = table.column('tier');
  const [linkCodes, tierCodes, directions] = [links.codes!, tiers.codes!, table.column('direction').codes!];
  const counts = CLASSES.map((name) => ({
    isFlooded: FLOODED.includes(name),
    bytes: numbersOf(table, `${name}_bytes`),
  }));
  const lastRows = new Map<number, number>();
  const warmUpRows = new Map<number, number>();
  const timesNs = numbersOf(table, 'time_ns');
  for (let row = 0; row < table.rowCount; row++) {
    const key = linkCodes[row]! * 2 + directions[row]!;
    lastRows.set(key, row);
    if (timesNs[row]! <= warmUpNs) warmUpRows.set(key, row);
  }
  const loads = new Map<number, { link: string; tier: string; bytes: number; floodedBytes: number }>();
  for (const [key, row] of lastRows) {
    const code = key >> 1;
    const load = loads.get(code) ?? {
      link: links.names![code]!,
      tier: tiers.names![tierCodes[row]!]!,
      bytes: 0,
      floodedBytes: 0,
    };
    const warmUpRow = warmUpRows.get(key);
    for (const { isFlooded, bytes } of counts) {
      const carried = bytes[row]! - (warmUpRow === undefined ? 0 : bytes[warmUpRow]!);
      load.bytes += carried;
      if (isFlooded) load.floodedBytes += carried;
    }
    loads.set(code, load);
  }
  return [...loads.values()].filter(({ bytes }) => bytes > 0);
}

/** Bits per second of control protocols on all links, at each point of the grid; from `link_samples`. */
export function readControlRates(table: ColumnTable, grid: TimeGrid): number[] {
  const links = table.column('link').codes!;
  const directions = table.column('direction').codes!;
  const bytes = numbersOf(table, 'control_bytes');
  const [totals] = growingTotals(table, grid, {
    key: (row) => links[row]! * 2 + directions[row]!,
    group: () => 0,
    groupCount: 1,
    count: (row) => bytes[row]!,
  });
  return ratesPerSecond(grid, totals!).map((perSecond) => perSecond * 8);
}
