import type { FoundRun } from '../results/find-runs.ts';
import type { Cell, ColumnTable } from '../results/parse-table.ts';
import { readTable } from '../results/read-table.ts';
import { ResultsError } from '../results/run-record.ts';
import { type FloodCurves, readFloodCurves } from './flood-curves.ts';
import { type LinkLoad, readControlRates, readLinkLoads } from './link-loads.ts';
import { type MacGrowth, readMacGrowth } from './mac-growth.ts';
import type { TimeGrid } from './time-grid.ts';

/** What happened over the time of a run, as far as it is drawn. */
export interface RunSeries {
  readonly growths: readonly MacGrowth[];
  readonly floods: FloodCurves;
  readonly links: readonly LinkLoad[];
  readonly controlRates: readonly number[];
}

/** Rows of a table, by name of their column. */
export type Row = Readonly<Record<string, Cell>>;

/** The tables that pictures over time are made of. */
export const SERIES_TABLES = ['switch_samples', 'segment_floods', 'link_samples'] as const;

/** Reads the large tables of a run, one after the other: none stays in memory. `onTable` is told before each. */
export function readRunSeries(
  run: FoundRun,
  { grid, controlGrid }: { grid: TimeGrid; controlGrid: TimeGrid },
  onTable: (name: string) => void,
): RunSeries {
  const read = <T>(name: (typeof SERIES_TABLES)[number], from: (table: ColumnTable) => T): T => {
    onTable(name);
    return from(tableOf(run, name));
  };
  return {
    growths: read('switch_samples', (table) => readMacGrowth(table, grid)),
    floods: read('segment_floods', (table) => readFloodCurves(table, grid)),
    ...read('link_samples', (table) => ({
      links: readLinkLoads(table, grid.warmUpNs),
      controlRates: readControlRates(table, controlGrid),
    })),
  };
}

/** All rows of a small table. */
export function readRows(run: FoundRun, name: 'migrations' | 'failures'): Row[] {
  return tableOf(run, name).rows();
}

function tableOf({ folder, tables }: FoundRun, name: string): ColumnTable {
  const path = tables.get(name);
  if (path === undefined) throw new ResultsError(`${folder}: ${name}.arrow is missing; repeat the run`);
  return readTable(path);
}
