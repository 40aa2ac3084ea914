import assert from 'node:assert/strict';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import {
  Bool,
  type Data,
  DataType,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  Message,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  type Table,
  tableFromIPC,
  Uint8,
  Uint32,
  Utf8,
  Vector,
} from 'apache-arrow';
import { readableArrow } from './arrow-messages.ts';
import {
  type AnyColumnBuffer,
  type ColumnBuffer,
  createColumnBuffer,
  DictionaryBuffer,
  Utf8Buffer,
} from './column-buffer.ts';
import type { ColumnDefinition, ColumnType, ColumnValue, TableDefinition } from './table-definition.ts';

export type { ColumnDefinition, TableDefinition } from './table-definition.ts';

/** Rows a batch holds unless said otherwise. */
const BATCH_ROWS_DEFAULT = 65_536;

/** What a file says beside its columns: free key and value pairs. */
export type Metadata = Readonly<Record<string, string>>;

/** Where the values of a row go, one `put` or `putNull` per column and row. */
export interface Column<V> {
  put(value: V): void;
  putNull(): void;
}

/** The columns of a table by name; typed by name when the table is declared `as const`. */
export type ColumnsOf<T extends TableDefinition> = {
  readonly [D in T['columns'][number] as D['name']]: Column<ColumnValue<D['type']>>;
};

/** How a table is written. */
export interface ArrowTableOptions {
  readonly metadata: Metadata;
  /** The names of each dictionary column; written once, before the first batch. */
  readonly dictionaries?: Readonly<Record<string, readonly string[]>>;
  readonly batchRows?: number;
}

/**
 * Writes one table as an Arrow IPC file, batch by batch and synchronously, with one batch in memory.
 * While it grows the file is called `<path>.partial`: `finish` gives it its name, so a file of that name is complete.
 * The same rows give the same bytes.
 */
export class ArrowTableWriter<const T extends TableDefinition = TableDefinition> {
  /** The columns by name, for rows written value by value: `columns.time_ns.put(t)`, then `append()`. */
  readonly columns: ColumnsOf<T>;
  readonly path: string;
  readonly partialPath: string;
  readonly #table: T;
  readonly #metadata: Metadata;
  readonly #batchRows: number;
  readonly #buffers: readonly AnyColumnBuffer[];
  readonly #schema: Schema;
  readonly #dictionaries: readonly (Vector | null)[];
  readonly #fd: number;
  readonly #writer: SynchronousFileWriter;
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
    this.#metadata = { table: table.name, description: table.description, ...metadata };
    this.#batchRows = batchRows;
    this.#buffers = table.columns.map((column) => createColumnBuffer(column, batchRows, dictionaries[column.name]));
    this.columns = Object.fromEntries(
      this.#buffers.map((buffer) => [buffer.definition.name, buffer]),
    ) as unknown as ColumnsOf<T>;
    this.#schema = new Schema(table.columns.map(arrowField), new Map(Object.entries(this.#metadata)));
    this.#dictionaries = this.#buffers.map((buffer) =>
      buffer instanceof DictionaryBuffer ? namesVector(buffer) : null,
    );
    this.#fd = openSync(this.partialPath, 'w');
    this.#writer = new SynchronousFileWriter(this.#fd, this.#schema);
    this.#writer.writeDictionariesOf(this.#pendingBatch());
  }

  /** Rows so far, written and pending. */
  get rowCount(): number {
    return this.#writtenRows + this.#pendingRows;
  }

  /** Ends the row whose values were put into `columns`. */
  append(): void {
    if (++this.#pendingRows === this.#batchRows) this.flush();
  }

  /** Writes a whole row in the order of the columns; a dictionary column takes an index or a name. */
  row(...values: readonly (number | boolean | string | null)[]): void {
    assert(values.length === this.#buffers.length, `table ${this.#table.name} has ${this.#buffers.length} columns`);
    for (const [index, buffer] of this.#buffers.entries()) {
      const value = values[index]!;
      if (value === null) buffer.putNull();
      else if (buffer instanceof DictionaryBuffer && typeof value === 'string') buffer.putName(value);
      else (buffer as ColumnBuffer).put(value);
    }
    this.append();
  }

  /** Writes the pending rows as a batch; with none it does nothing. */
  flush(): void {
    assert(this.#isOpen, `${this.path} is closed`);
    for (const { length, definition } of this.#buffers) {
      assert(
        length === this.#pendingRows,
        `column ${definition.name} has ${length} values for ${this.#pendingRows} rows`,
      );
    }
    if (this.#pendingRows === 0) return;
    this.#writer.write(this.#pendingBatch());
    for (const buffer of this.#buffers) buffer.clear();
    this.#writtenRows += this.#pendingRows;
    this.#pendingRows = 0;
  }

  /** Writes what is pending and the footer, whose metadata gains the extra pairs, and gives the file its name. */
  finish(extraMetadata: Metadata = {}): void {
    this.flush();
    const metadata = new Map(Object.entries({ ...this.#metadata, ...extraMetadata }));
    this.#writer.finishWith(new Schema(this.#schema.fields, metadata));
    fsyncSync(this.#fd);
    this.#close();
    renameSync(this.partialPath, this.path);
  }

  /** Closes the file as it is: `<path>.partial` keeps the batches written, and pending rows are lost. */
  abandon(): void {
    if (this.#isOpen) this.#close();
  }

  #close(): void {
    this.#isOpen = false;
    closeSync(this.#fd);
  }

  #pendingBatch(): RecordBatch {
    const children = this.#buffers.map((buffer, index) =>
      arrowData(buffer, this.#schema.fields[index]!.type, this.#dictionaries[index] ?? null),
    );
    const type = new Struct(this.#schema.fields);
    return new RecordBatch(this.#schema, makeData({ type, length: this.#pendingRows, nullCount: 0, children }));
  }
}

/**
 * The library's file writer, writing to a file descriptor at once instead of queueing for an asynchronous reader.
 * It begins the stream inside the file with the schema message, as the format asks and the library does not
 * (Arrow columnar format, "IPC File Format"), so that a file without its end can still be read.
 */
export class SynchronousFileWriter extends RecordBatchFileWriter {
  readonly #fd: number;
  #footerSchema: Schema | null = null;

  constructor(fd: number, schema: Schema) {
    super({ autoDestroy: true });
    this.#fd = fd;
    this.reset(undefined, schema);
  }

  /** Writes a batch of the schema given at the start, or throws. */
  override write(batch: RecordBatch): void {
    const batchCount = this._recordBatchBlocks.length;
    super.write(batch);
    // the library drops a batch whose schema differs without a word
    assert(this._recordBatchBlocks.length === batchCount + 1, 'a batch was not written');
  }

  /** Writes the dictionaries of a batch without its rows. */
  writeDictionariesOf(batch: RecordBatch): void {
    this._writeDictionaries(batch);
  }

  /** Ends the file; the metadata of this schema goes into the footer. */
  finishWith(schema: Schema): void {
    this.#footerSchema = schema;
    this.finish();
  }

  protected override _writeSchema(schema: Schema): this {
    return super._writeSchema(schema)._writeMessage(Message.from(schema));
  }

  protected override _writeFooter(schema: Schema): this {
    return super._writeFooter(this.#footerSchema ?? schema);
  }

  protected override _write(chunk: ArrayBufferView): this {
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#fd, bytes, written);
    this._position += bytes.length;
    return this;
  }
}

function arrowField({ name, type, unit, description, nullable = false }: ColumnDefinition, index: number): Field {
  const metadata = new Map([...(unit === undefined ? [] : [['unit', unit] as const]), ['description', description]]);
  return new Field(name, arrowType(type, index), nullable, metadata);
}

function arrowType(type: ColumnType, columnIndex: number): DataType {
  switch (type) {
    case 'int64':
      return new Int64();
    case 'int32':
      return new Int32();
    case 'uint32':
      return new Uint32();
    case 'uint8':
      return new Uint8();
    case 'float64':
      return new Float64();
    case 'bool':
      return new Bool();
    case 'utf8':
      return new Utf8();
    case 'dictionary':
      // an id of its own choosing keeps the library's global counter out of the bytes
      return new Dictionary(new Utf8(), new Int32(), columnIndex);
  }
}

/** The names of a dictionary as one chunk: more would become delta dictionaries, which some readers refuse. */
function namesVector({ names, definition }: DictionaryBuffer): Vector {
  const buffer = new Utf8Buffer(definition, names.length);
  for (const name of names) buffer.put(name);
  return new Vector([utf8Data(buffer, new Utf8())]);
}

/** Wraps the values of a buffer without copying them. */
function arrowData(buffer: AnyColumnBuffer, type: DataType, dictionary: Vector | null): Data {
  if (buffer instanceof Utf8Buffer) return utf8Data(buffer, type as Utf8);
  const { length, nullCount, validity, values } = buffer;
  const shape = { length, nullCount, nullBitmap: validity };
  if (dictionary !== null) {
    return makeData({ type: type as Dictionary, ...shape, data: values as Int32Array, dictionary });
  }
  return makeData({ type: type as Int32, ...shape, data: values as Int32Array });
}

function utf8Data({ length, nullCount, validity, offsets, bytes }: Utf8Buffer, type: Utf8): Data {
  return makeData({ type, length, nullCount, nullBitmap: validity, valueOffsets: offsets, data: bytes });
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
