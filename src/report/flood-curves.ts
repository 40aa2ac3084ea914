import type { ColumnTable } from '../results/parse-table.ts';
import { growingTotals } from './growing-totals.ts';
import { numbersOf } from './mac-growth.ts';
import { ratesPerSecond, type TimeGrid } from './time-grid.ts';

/** Causes of floods that a picture tells apart: those of one kind go together. */
export const CAUSE_GROUPS = [
  { name: 'ARP', causes: ['broadcast_arp'] },
  { name: 'other broadcast and multicast', causes: ['broadcast_other', 'multicast'] },
  { name: 'never learned', causes: ['never_learned'] },
  { name: 'aged out', causes: ['aged_out'] },
  {
    name: 'no room in a table',
    causes: ['table_full', 'evicted', 'hash_collision', 'learning_rate', 'port_limit'],
  },
  { name: 'moved, or its port down', causes: ['moved', 'port_flushed'] },
  { name: 'topology change', causes: ['topology_change'] },
  { name: 'route withdrawn', causes: ['withdrawn'] },
] as const;

/** Flooded bits per second on all links, by cause. */
export interface FloodCurves {
  /** By group of causes, at each point of the grid. */
  readonly rates: readonly (readonly number[])[];
}

/** Reads `segment_floods`. */
export function readFloodCurves(table: ColumnTable, grid: TimeGrid): FloodCurves {
  const causes = table.column('cause');
  const codes = causes.codes!;
  const groups = causes.names!.map((cause) => groupOf(cause));
  const segments = numbersOf(table, 'segment');
  const bytes = numbersOf(table, 'bytes');
  const totals = growingTotals(table, grid, {
    key: (row) => segments[row]! * causes.names!.length + codes[row]!,
    group: (row) => groups[codes[row]!]!,
    groupCount: CAUSE_GROUPS.length,
    count: (row) => bytes[row]!,
  });
  return { rates: totals.map((ofGroup) => ratesPerSecond(grid, ofGroup).map((perSecond) => perSecond * 8)) };
}

function groupOf(cause: string): number {
  const index = CAUSE_GROUPS.findIndex(({ causes }) => (causes as readonly string[]).includes(cause));
  if (index < 0) throw new Error(`no picture has room for the cause ${cause}`);
  return index;
}
