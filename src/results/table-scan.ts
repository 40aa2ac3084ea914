import type { DuckDBDataChunk, DuckDBType } from '@duckdb/node-api';
import type { ColumnDefinition, TableDefinition } from '../metrics/table-definition.ts';
import type { FoundRun } from './find-runs.ts';
import type { DuckDb } from './load-duckdb.ts';
import type { ColumnTable, ColumnValues } from './parse-table.ts';
import { readTable } from './read-table.ts';
import { ResultsError } from './run-record.ts';

/** Rows that DuckDB takes at a time: the size of its vectors. */
export const CHUNK_ROWS_MAX = 2048;

/** The column by which a row is known to be of a run: its index. */
export const RUN_INDEX = 'run_index';

/** Rows of one run that go into one chunk. */
interface Piece {
  readonly runIndex: number;
  /** Of the columns asked for, in their order; null where the run's file lacks one, or for the run's index. */
  readonly values: readonly (ColumnValues | null)[];
  readonly start: number;
  readonly length: number;
}

/** What DuckDB is told of a column of a table. */
export function duckDbType({ type, meanings }: ColumnDefinition, duckDb: DuckDb): DuckDBType {
  switch (type) {
    case 'dictionary':
      return meanings === undefined ? duckDb.VARCHAR : duckDb.ENUM(Object.keys(meanings));
    case 'utf8':
      return duckDb.VARCHAR;
    case 'bool':
      return duckDb.BOOLEAN;
    case 'int64':
      return duckDb.BIGINT;
    case 'int32':
      return duckDb.INTEGER;
    case 'uint32':
      return duckDb.UINTEGER;
    case 'uint8':
      return duckDb.UTINYINT;
    case 'float64':
      return duckDb.DOUBLE;
  }
}

/**
 * One pass over a table of many runs, file after file, with one of them in memory at a time. `columns` are those that
 * the query asks for: 0 is the index of the run, 1 the first column of the table.
 */
export class TableScan {
  readonly #table: TableDefinition;
  readonly #runs: readonly FoundRun[];
  readonly #columns: readonly number[];
  #nextRun = 0;
  #open: { table: ColumnTable; values: Piece['values'] } | null = null;
  #nextRow = 0;

  constructor(table: TableDefinition, runs: readonly FoundRun[], columns: readonly number[]) {
    this.#table = table;
    this.#runs = runs;
    this.#columns = columns;
  }

  /** Fills a chunk with the rows that come next; without any, none are left. */
  fill(chunk: DuckDBDataChunk): void {
    const pieces: Piece[] = [];
    let rows = 0;
    while (rows < CHUNK_ROWS_MAX) {
      const piece = this.#nextPiece(CHUNK_ROWS_MAX - rows);
      if (piece === null) break;
      pieces.push(piece);
      rows += piece.length;
    }
    chunk.rowCount = rows;
    if (rows === 0) return;
    for (const [index, column] of this.#columns.entries()) this.#fillColumn(chunk, { index, column, pieces });
  }

  #fillColumn(
    chunk: DuckDBDataChunk,
    { index, column, pieces }: { index: number; column: number; pieces: readonly Piece[] },
  ): void {
    const vector = chunk.getColumnVector(index);
    const isLong = this.#table.columns[column - 1]?.type === 'int64';
    let row = 0;
    for (const { runIndex, values: columns, start, length } of pieces) {
      const values = columns[index] ?? null;
      for (let at = start; at < start + length; at++, row++) {
        if (column === 0) vector.setItem(row, runIndex);
        else {
          const value = values?.[at] ?? null;
          vector.setItem(row, isLong && typeof value === 'number' ? BigInt(value) : value);
        }
      }
    }
    vector.flush();
  }

  #nextPiece(rowsMax: number): Piece | null {
    while (this.#open === null || this.#nextRow >= this.#open.table.rowCount) {
      if (this.#nextRun >= this.#runs.length) return null;
      this.#openNext();
    }
    const start = this.#nextRow;
    const length = Math.min(rowsMax, this.#open.table.rowCount - start);
    this.#nextRow += length;
    return { runIndex: this.#nextRun - 1, values: this.#open.values, start, length };
  }

  #openNext(): void {
    const run = this.#runs[this.#nextRun++]!;
    this.#nextRow = 0;
    const path = run.tables.get(this.#table.name);
    if (path === undefined) {
      this.#open = null;
      return;
    }
    const table = readTable(path);
    this.#open = { table, values: this.#columns.map((column) => this.#valuesOf(table, column)) };
  }

  /** Runs of another version may have columns that this one has not, and lack others. */
  #valuesOf(table: ColumnTable, column: number): ColumnValues | null {
    const definition = this.#table.columns[column - 1];
    if (definition === undefined) return null;
    const found = table.columns.find(({ name }) => name === definition.name);
    if (found === undefined) return null;
    const { meanings } = definition;
    const foreign = meanings === undefined ? undefined : found.names?.find((name) => !Object.hasOwn(meanings, name));
    if (foreign === undefined) return found.values;
    throw new ResultsError(
      `${table.path}: column ${definition.name} says '${foreign}', which version ${table.metadata.version} may know and ` +
        'this one does not: query it with that version',
    );
  }
}
