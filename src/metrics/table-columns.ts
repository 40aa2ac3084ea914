import { type AnyColumnBuffer, createColumnBuffer, DictionaryBuffer } from './column-buffer.ts';
import type { TableDefinition } from './table-definition.ts';

/** The names of each dictionary column. */
export type Dictionaries = Readonly<Record<string, readonly string[]>>;

/** The columns of a table that is being filled. */
export interface TableColumns {
  readonly buffers: readonly AnyColumnBuffer[];
  readonly byName: Readonly<Record<string, AnyColumnBuffer>>;
  /** Rows that they have room for. */
  roomRows: number;
}

/** Rows that there is room for at first: most tables of a small run have fewer. */
const FIRST_ROWS = 64;

/** Columns with room for more are not kept: all tables of a run together keep two megabytes at most. */
const KEPT_ROWS_MAX = 1024;

/** By table, columns without rows that nobody fills. */
const KEPT = new WeakMap<TableDefinition, TableColumns>();

/**
 * Empty columns with room for `rowsMax` rows at most: those that the last table of the kind left, or new ones. In a thread
 * that simulates one small run after the other, making the columns of 19 tables was a fifth of all work.
 */
export function takeColumns(table: TableDefinition, dictionaries: Dictionaries, rowsMax: number): TableColumns {
  const kept = KEPT.get(table);
  if (kept === undefined || kept.roomRows > rowsMax) return makeColumns(table, dictionaries, rowsMax);
  KEPT.delete(table);
  for (const buffer of kept.buffers) {
    if (buffer instanceof DictionaryBuffer) buffer.useNames(dictionaries[buffer.definition.name]);
  }
  return kept;
}

/** Leaves columns that are not used any more for the next table of the kind. */
export function leaveColumns(table: TableDefinition, columns: TableColumns): void {
  if (columns.roomRows > KEPT_ROWS_MAX) return;
  for (const buffer of columns.buffers) buffer.clear();
  KEPT.set(table, columns);
}

function makeColumns(table: TableDefinition, dictionaries: Dictionaries, rowsMax: number): TableColumns {
  const roomRows = Math.min(FIRST_ROWS, rowsMax);
  const buffers = table.columns.map((column) => createColumnBuffer(column, roomRows, dictionaries[column.name]));
  const byName = Object.fromEntries(buffers.map((buffer) => [buffer.definition.name, buffer]));
  return { buffers, byName, roomRows };
}
