import { join } from 'node:path';
import { ArrowTableWriter, type TableDefinition } from '../src/metrics/arrow-file.ts';
import type { Measurement } from './measurement.ts';
import { cpuTimeNs } from './support.ts';

const TABLE = {
  name: 'rows',
  description: 'Rows as traffic samples have them',
  columns: [
    { name: 'time_ns', type: 'int64', unit: 'ns', description: 'Simulated time' },
    { name: 'port', type: 'int32', description: 'Port' },
    { name: 'frames', type: 'int64', description: 'Frames' },
    { name: 'load_ratio', type: 'float64', description: 'Load' },
  ],
} as const satisfies TableDefinition;

/** Writes a file of so many rows, from numbers to the disk. */
export function writeRows(path: string, rows: number): void {
  const table = new ArrowTableWriter(path, TABLE, { metadata: {} });
  const { time_ns, port, frames, load_ratio } = table.columns;
  for (let i = 0; i < rows; i++) {
    time_ns.put(i * 1_000);
    port.put(i & 4_095);
    frames.put(i);
    load_ratio.put(i / rows);
    table.append();
  }
  table.finish();
}

/** Rows a second. */
export function benchArrow(folder: string, rows = 2_000_000): Measurement[] {
  const startNs = cpuTimeNs();
  writeRows(join(folder, 'rows.arrow'), rows);
  const value = (rows / (cpuTimeNs() - startNs)) * 1e9;
  return [{ bench: 'arrow', subject: `${TABLE.columns.length} columns, rows`, unit: 'per_second', value }];
}
