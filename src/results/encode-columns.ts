import {
  bool,
  type Column,
  columnFromArray,
  type DataType,
  float64,
  int64,
  type Table,
  tableFromColumns,
  tableToIPC,
  utf8,
} from '@uwdata/flechette';
import type { QueryColumn, QueryValue } from './result-database.ts';
import { ResultsError } from './run-record.ts';

const TYPES: Readonly<Record<QueryColumn['type'], () => DataType>> = { bool, float64, int64, utf8 };

/** Rows as the bytes of an Arrow IPC file or stream. */
export function encodeArrow(
  columns: readonly QueryColumn[],
  rows: readonly (readonly QueryValue[])[],
  format: 'file' | 'stream',
): Uint8Array {
  const entries = columns.map((column, index): [string, Column<unknown>] => {
    const values = rows.map((row) => storedValue(column, row[index] ?? null));
    return [column.name, columnFromArray(values, TYPES[column.type]())];
  });
  const table: Table = tableFromColumns(entries);
  return tableToIPC(table, { format })!;
}

function storedValue({ name, type }: QueryColumn, value: QueryValue): QueryValue {
  if (value === null) return null;
  if (type === 'utf8') return typeof value === 'string' ? value : JSON.stringify(value);
  if (type !== 'int64') return value;
  const whole = BigInt(value as number | bigint);
  if (BigInt.asIntN(64, whole) === whole) return whole;
  throw new ResultsError(`column ${name}: ${whole} does not fit into 64 bits; cast it to DOUBLE or VARCHAR in the SQL`);
}
