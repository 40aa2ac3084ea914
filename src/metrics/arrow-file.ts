import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, statSync, writevSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataType, type Field, type Table, tableFromIPC } from 'apache-arrow';
import { ArrowBody } from './arrow-body.ts';
import { type ArrowLayout, type Block, layoutOf, type Metadata } from './arrow-layout.ts';
import { readableArrow } from './arrow-messages.ts';
import { type AnyColumnBuffer, type ColumnBuffer, DictionaryBuffer, Utf8Buffer } from './column-buffer.ts';
import { type Dictionaries, leaveColumns, type TableColumns, takeColumns } from './table-columns.ts';
import type { ColumnDefinition, ColumnType, ColumnValue, TableDefinition } from './table-definition.ts';

export type { Metadata } from './arrow-layout.ts';
export type { ColumnDefinition, TableDefinition } from './table-definition.ts';

/** Rows a batch holds unless said otherwise. */
const BATCH_ROWS_DEFAULT = 65_536;

/** Where the values of a row go, one `put` or `putNull` per column and row. */
export interface Column<V> {
  put(value: V): void;
  putNull(): void;
}

/** The columns of a table by name; typed by name when the table is declared `as const`. */
export type ColumnsOf<T extends TableDefinition> = {
  readonly [D in T['columns'][number] as D['name']]: Column<ColumnValue<D['type']>>;
};

/** Two runs write into one folder; the message says what would do. */
export class FolderTakenError extends Error {
  override name = 'FolderTakenError';
}

/** How a table is written. */
export interface ArrowTableOptions {
  readonly metadata: Metadata;
  /** The names of each dictionary column; written once, before the first batch. */
  readonly dictionaries?: Dictionaries;
  readonly batchRows?: number;
}

/**
 * Writes one table as an Arrow IPC file, batch by batch and synchronously, with one batch in memory.
 * While it grows the file is called `<path>.partial`: `finish` gives it its name, so a file of that name is complete. When
 * it reaches the disk is up to others (`run-mark.ts`). Whoever begins the same file meanwhile takes the name away: two
 * never write into one file, and the earlier one throws a `FolderTakenError`.
 * The same rows give the same bytes.
 */
export class ArrowTableWriter<const T extends TableDefinition = TableDefinition> {
  /** The columns by name, for rows written value by value: `columns.time_ns.put(t)`, then `append()`; not after `finish`. */
  readonly columns: ColumnsOf<T>;
  readonly path: string;
  readonly partialPath: string;
  readonly #table: T;
  readonly #layout: ArrowLayout;
  readonly #metadata: Metadata;
  readonly #batchRows: number;
  readonly #content: TableColumns;
  readonly #buffers: readonly AnyColumnBuffer[];
  readonly #fd: number;
  readonly #dictionaryBlocks: Block[] = [];
  readonly #batchBlocks: Block[] = [];
  #endBytes: number;
  #pendingRows = 0;
  #writtenRows = 0;
  #isOpen = true;

  constructor(
    path: string,
    table: T,
    { metadata, dictionaries = {}, batchRows = BATCH_ROWS_DEFAULT }: ArrowTableOptions,
  ) {
    this.path = path;
    this.partialPath = `${path}.partial`;
    this.#table = table;
    this.#layout = layoutOf(table);
    this.#metadata = { table: table.name, description: table.description, ...metadata };
    this.#batchRows = batchRows;
    this.#content = takeColumns(table, dictionaries, batchRows);
    this.#buffers = this.#content.buffers;
    this.columns = this.#content.byName as unknown as ColumnsOf<T>;
    // another may be writing there: its file loses its name instead of its bytes
    rmSync(this.partialPath, { force: true });
    this.#fd = openSync(this.partialPath, 'w');
    const head = this.#layout.head(this.#metadata);
    this.#endBytes = head.length;
    writeAll(this.#fd, [head, ...this.#buffers.flatMap((buffer, index) => this.#dictionaryOf(buffer, index))]);
  }

  /** Rows so far, written and pending. */
  get rowCount(): number {
    return this.#writtenRows + this.#pendingRows;
  }

  /** Ends the row whose values were put into `columns`. */
  append(): void {
    if (++this.#pendingRows === this.#content.roomRows) this.#makeRoom();
  }

  /** Writes a whole row in the order of the columns; a dictionary column takes an index or a name. */
  row(...values: readonly (number | boolean | string | null)[]): void {
    const buffers = this.#buffers;
    assert(values.length === buffers.length, `table ${this.#table.name} has ${buffers.length} columns`);
    for (let index = 0; index < buffers.length; index++) {
      const buffer = buffers[index]!;
      const value = values[index]!;
      if (value === null) buffer.putNull();
      else if (buffer instanceof DictionaryBuffer && typeof value === 'string') buffer.putName(value);
      else (buffer as ColumnBuffer).put(value);
    }
    this.append();
  }

  /** Writes the pending rows as a batch; with none it does nothing. */
  flush(): void {
    const batch = this.#pendingBatch();
    if (batch.length === 0) return;
    this.#requireName();
    writeAll(this.#fd, batch);
    for (const buffer of this.#buffers) buffer.clear();
    this.#writtenRows += this.#pendingRows;
    this.#pendingRows = 0;
  }

  /** Writes what is pending and the footer, whose metadata gains the extra pairs, and gives the file its name. */
  finish(extraMetadata: Metadata = {}): void {
    const batch = this.#pendingBatch();
    const metadata = { ...this.#metadata, ...extraMetadata };
    writeAll(this.#fd, [...batch, this.#layout.footer(metadata, this.#dictionaryBlocks, this.#batchBlocks)]);
    this.#requireName();
    this.#close();
    renameSync(this.partialPath, this.path);
    leaveColumns(this.#table, this.#content);
  }

  /** Closes the file as it is: `<path>.partial` keeps the batches written, and pending rows are lost. */
  abandon(): void {
    if (this.#isOpen) this.#close();
  }

  /** Throws if what is called `.partial` is another file by now. */
  #requireName(): void {
    const own = fstatSync(this.#fd);
    const named = statSync(this.partialPath, { throwIfNoEntry: false });
    if (named?.ino === own.ino && named.dev === own.dev) return;
    const folder = dirname(this.path);
    throw new FolderTakenError(`${folder}: another run began to write there meanwhile; give each its own --out`);
  }

  #close(): void {
    this.#isOpen = false;
    closeSync(this.#fd);
  }

  /** For the next row, for which there is none. */
  #makeRoom(): void {
    const content = this.#content;
    if (content.roomRows === this.#batchRows) {
      this.flush();
      return;
    }
    content.roomRows = Math.min(2 * content.roomRows, this.#batchRows);
    for (const buffer of this.#buffers) buffer.growTo(content.roomRows);
  }

  /** The pending rows as they go into the file; nothing if there are none. */
  #pendingBatch(): Uint8Array[] {
    assert(this.#isOpen, `${this.path} is closed`);
    const rows = this.#pendingRows;
    for (const { length, definition } of this.#buffers) {
      assert(length === rows, `column ${definition.name} has ${length} values for ${rows} rows`);
    }
    if (rows === 0) return [];
    const body = new ArrowBody(rows, this.#batchRows);
    for (const buffer of this.#buffers) body.add(buffer);
    return this.#placed(this.#layout.batchMessage(body), body, this.#batchBlocks);
  }

  /** The names of a dictionary as one message: more would be delta dictionaries, which some readers refuse. */
  #dictionaryOf(buffer: AnyColumnBuffer, columnIndex: number): Uint8Array[] {
    if (!(buffer instanceof DictionaryBuffer)) return [];
    const body = bodyOfNames(buffer);
    return this.#placed(this.#layout.dictionaryMessage(columnIndex, body), body, this.#dictionaryBlocks);
  }

  /** A message after all that are there, remembered for the footer. */
  #placed(message: Uint8Array, { sizeBytes, chunks }: ArrowBody, blocks: Block[]): Uint8Array[] {
    blocks.push({ offset: this.#endBytes, metaDataLength: message.length, bodyLength: sizeBytes });
    this.#endBytes += message.length + sizeBytes;
    return [message, ...chunks];
  }
}

/** Names of which there are more are not kept beside a column. */
const KEPT_NAMES_MAX = 1024;

/** By column, its names as the body of a message, for the next table of the kind. */
const KEPT_NAMES = new WeakMap<DictionaryBuffer, { readonly names: readonly string[]; readonly body: ArrowBody }>();

function bodyOfNames(column: DictionaryBuffer): ArrowBody {
  const { definition, names } = column;
  const kept = KEPT_NAMES.get(column);
  if (kept?.names === names) return kept.body;
  const texts = new Utf8Buffer(definition, names.length);
  for (const name of names) texts.put(name);
  const body = new ArrowBody(names.length, names.length);
  body.add(texts);
  if (names.length <= KEPT_NAMES_MAX) KEPT_NAMES.set(column, { names, body });
  return body;
}

/** Writes one after the other; the system may take a part at a time. */
function writeAll(fd: number, chunks: readonly Uint8Array[]): void {
  const left = [...chunks];
  while (left.length > 0) {
    let written = writevSync(fd, left);
    while (left.length > 0 && written >= left[0]!.length) written -= left.shift()!.length;
    if (left.length > 0) left[0] = left[0]!.subarray(written);
  }
}

/** A value read back: a number for every numeric type, a name for a dictionary column. */
export type CellValue = number | boolean | string | null;

/** A column of a file that was read. */
export interface ReadColumn extends ColumnDefinition {
  /** The value at a row. */
  at(rowIndex: number): CellValue;
  /** All values in the order of the rows. */
  values(): CellValue[];
}

/** A file that was read. */
export interface ReadTable {
  /** False for a file without its footer, of which the complete batches were read. */
  readonly isComplete: boolean;
  readonly rowCount: number;
  readonly metadata: Metadata;
  readonly columns: readonly ReadColumn[];
  /** The column of that name; throws when there is none. */
  column(name: string): ReadColumn;
  /** The rows as objects with one property per column. */
  rows(): Record<string, CellValue>[];
}

/**
 * Reads a table that `ArrowTableWriter` wrote, whole into memory (files below 2 GiB). Of a file that was cut off,
 * such as the `.partial` of an interrupted run, it reads the batches that are complete.
 */
export function readArrowFile(path: string): ReadTable {
  const { isComplete, bytes } = readableArrow(readFileSync(path), path);
  const table = tableFromIPC(bytes);
  const columns = table.schema.fields.map((field, index) => readColumn(table, field, index));
  const column = (name: string): ReadColumn => {
    const found = columns.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`${path} has no column ${name}`);
    return found;
  };
  const rowAt = (rowIndex: number) => Object.fromEntries(columns.map(({ name, at }) => [name, at(rowIndex)]));
  return {
    isComplete,
    rowCount: table.numRows,
    metadata: Object.fromEntries(table.schema.metadata),
    columns,
    column,
    rows: () => Array.from({ length: table.numRows }, (_, rowIndex) => rowAt(rowIndex)),
  };
}

function readColumn(table: Table, field: Field, columnIndex: number): ReadColumn {
  const vector = table.getChildAt(columnIndex)!;
  const at = (rowIndex: number): CellValue => cellValue(vector.get(rowIndex));
  const unit = field.metadata.get('unit');
  return {
    name: field.name,
    type: columnType(field),
    ...(unit === undefined ? {} : { unit }),
    description: field.metadata.get('description') ?? '',
    nullable: field.nullable,
    at,
    values: () => Array.from({ length: table.numRows }, (_, rowIndex) => at(rowIndex)),
  };
}

function cellValue(value: bigint | CellValue): CellValue {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} has no exact number`);
  return number;
}

function columnType({ name, type }: Field): ColumnType {
  if (DataType.isDictionary(type)) return 'dictionary';
  if (DataType.isUtf8(type)) return 'utf8';
  if (DataType.isBool(type)) return 'bool';
  const found = NUMERIC_TYPES[String(type)];
  if (found === undefined) throw new Error(`column ${name} has the foreign type ${type}`);
  return found;
}

const NUMERIC_TYPES: Readonly<Record<string, ColumnType>> = {
  Int64: 'int64',
  Int32: 'int32',
  Uint32: 'uint32',
  Uint8: 'uint8',
  Float64: 'float64',
};
