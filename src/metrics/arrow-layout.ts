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
  Uint8,
  Uint32,
  Utf8,
  Vector,
} from 'apache-arrow';
import { FlatTable } from './flat-table.ts';
import type { ColumnDefinition, ColumnType, TableDefinition } from './table-definition.ts';

/** What a file says beside its columns: free key and value pairs. */
export type Metadata = Readonly<Record<string, string>>;

/** A message in a file, as the footer has it. */
export interface Block {
  readonly offset: number;
  /** Of the message before its body. */
  readonly metaDataLength: number;
  readonly bodyLength: number;
}

/** What a message says of its body. */
export interface BodyShape {
  readonly rows: number;
  readonly sizeBytes: number;
  /** Of each column, its nulls. */
  readonly nullCounts: readonly number[];
  /** Of each buffer, in the order of columns: its offset in the body and its size, padded. */
  readonly regions: readonly number[];
}

/** The continuation marker and the length that come before a message, and those that end the stream. */
const PREFIX_BYTES = 8;

/** The magic and its padding, before the first message. */
const MAGIC_BYTES = 8;

/** Fields of tables, by their order in Message.fbs, Schema.fbs and File.fbs. */
const FIELDS = {
  message: { header: 2, bodyLength: 3 },
  schema: { customMetadata: 2 },
  keyValue: { value: 1 },
  recordBatch: { length: 0, nodes: 1, buffers: 2 },
  dictionaryBatch: { data: 1 },
  footer: { schema: 1, dictionaries: 2, recordBatches: 3 },
} as const;

/** The size of a `FieldNode` or a `Buffer`: two 64-bit integers. */
const PAIR_BYTES = 16;

/** The size of a `Block`, whose second number has 32 bits and padding. */
const BLOCK_BYTES = 24;

/** Heads and footers that are kept for a table: metadata of other lengths gives others. */
const KEPT_MAX = 64;

const TWO_TO_32 = 2 ** 32;

/**
 * How the file of a table is laid out. The library lays it out, once; into copies is then written what differs from
 * file to file. The bytes are those of the library's own writer, without encoding names, units and descriptions of all
 * columns twice a file, which is most of what there is to write about a small table.
 */
export class ArrowLayout {
  readonly #fields: Field[];
  readonly #heads = new Map<string, MetadataLayout>();
  readonly #footers = new Map<string, FooterLayout>();
  /** By the names in each of its dictionaries, 0 or 1: without any, its messages are shorter. */
  readonly #examples: [Example | null, Example | null] = [null, null];

  constructor(table: TableDefinition) {
    this.#fields = table.columns.map(arrowField);
  }

  /** What a file begins with: the magic and the schema. To be written before another is asked for, as is the footer. */
  head(metadata: Metadata): Uint8Array {
    return kept(this.#heads, lengthsOf(metadata), () => {
      const bytes = new MemoryFileWriter(this.#schemaWith(metadata)).take();
      return new MetadataLayout(bytes, headerOf(bytes, MAGIC_BYTES));
    }).fill(metadata);
  }

  /** What a file ends with: the end of the stream, the footer and the magic. */
  footer(metadata: Metadata, dictionaries: readonly Block[], batches: readonly Block[]): Uint8Array {
    const key = `${dictionaries.length} ${batches.length} ${lengthsOf(metadata)}`;
    return kept(this.#footers, key, () => {
      const writer = new MemoryFileWriter(this.#schemaWith(metadata));
      writer.take();
      return new FooterLayout(writer.endWith(dictionaries, batches));
    }).fill(metadata, dictionaries, batches);
  }

  /** The message of a batch that has a row. */
  batchMessage(shape: BodyShape): Uint8Array {
    return this.#example(1).batch.fill(shape);
  }

  /** The message of a column's dictionary. */
  dictionaryMessage(columnIndex: number, shape: BodyShape): Uint8Array {
    return this.#example(shape.rows === 0 ? 0 : 1)
      .dictionaries.get(columnIndex)!
      .fill(shape);
  }

  #example(names: 0 | 1): Example {
    this.#examples[names] ??= exampleOf(this.#fields, names);
    return this.#examples[names];
  }

  #schemaWith(metadata: Metadata): Schema {
    return new Schema(this.#fields, new Map(Object.entries(metadata)));
  }
}

const LAYOUTS = new WeakMap<TableDefinition, ArrowLayout>();

/** The layout of a table, made once. */
export function layoutOf(table: TableDefinition): ArrowLayout {
  let layout = LAYOUTS.get(table);
  if (layout === undefined) {
    layout = new ArrowLayout(table);
    LAYOUTS.set(table, layout);
  }
  return layout;
}

/** What decides where things are in a schema with metadata. */
function lengthsOf(metadata: Metadata): string {
  return Object.entries(metadata)
    .map(([key, value]) => `${key} ${Buffer.byteLength(value)}`)
    .join();
}

function kept<T>(parts: Map<string, T>, key: string, make: () => T): T {
  let part = parts.get(key);
  if (part === undefined) {
    part = make();
    if (parts.size === KEPT_MAX) parts.clear();
    parts.set(key, part);
  }
  return part;
}

/** A part of a file in which a schema is, and where the values of its metadata are. */
class MetadataLayout {
  /** With the values of the last file: most have all but a few in common with it. */
  readonly #bytes: Buffer;
  readonly #values: string[] = [];
  readonly #valuesAt: readonly number[];

  constructor(bytes: Uint8Array, schema: FlatTable) {
    this.#bytes = Buffer.from(bytes);
    this.#valuesAt = schema.tables(FIELDS.schema.customMetadata).map((pair) => pair.vector(FIELDS.keyValue.value).at);
  }

  /** To be written before it is called again. */
  fill(metadata: Metadata): Uint8Array {
    for (const [index, value] of Object.values(metadata).entries()) {
      if (value === this.#values[index]) continue;
      this.#bytes.write(value, this.#valuesAt[index]!);
      this.#values[index] = value;
    }
    return this.#bytes;
  }
}

/** The end of a file, and where it says where messages are. */
class FooterLayout {
  readonly #metadata: MetadataLayout;
  readonly #dictionariesAt: number;
  readonly #batchesAt: number;

  constructor(bytes: Uint8Array) {
    const footer = FlatTable.root(viewOf(bytes), PREFIX_BYTES);
    this.#metadata = new MetadataLayout(bytes, footer.table(FIELDS.footer.schema));
    this.#dictionariesAt = footer.vector(FIELDS.footer.dictionaries).at;
    this.#batchesAt = footer.vector(FIELDS.footer.recordBatches).at;
  }

  fill(metadata: Metadata, dictionaries: readonly Block[], batches: readonly Block[]): Uint8Array {
    const bytes = this.#metadata.fill(metadata);
    putBlocks(viewOf(bytes), this.#dictionariesAt, dictionaries);
    putBlocks(viewOf(bytes), this.#batchesAt, batches);
    return bytes;
  }
}

/** A message, and where it says what its body is like. */
class MessageLayout {
  readonly #bytes: Uint8Array;
  readonly #bodyLengthAt: number;
  readonly #rowsAt: number | null;
  readonly #nodesAt: number;
  readonly #buffersAt: number;

  constructor(bytes: Uint8Array, recordBatch: FlatTable) {
    this.#bytes = bytes;
    this.#bodyLengthAt = messageOf(bytes, 0).field(FIELDS.message.bodyLength)!;
    this.#rowsAt = recordBatch.field(FIELDS.recordBatch.length);
    this.#nodesAt = recordBatch.vector(FIELDS.recordBatch.nodes).at;
    this.#buffersAt = recordBatch.vector(FIELDS.recordBatch.buffers).at;
  }

  fill({ rows, sizeBytes, nullCounts, regions }: BodyShape): Uint8Array {
    const bytes = this.#bytes.slice();
    const view = viewOf(bytes);
    putInt64(view, this.#bodyLengthAt, sizeBytes);
    if (this.#rowsAt !== null) putInt64(view, this.#rowsAt, rows);
    for (const [index, nullCount] of nullCounts.entries()) {
      putInt64(view, this.#nodesAt + PAIR_BYTES * index, rows);
      putInt64(view, this.#nodesAt + PAIR_BYTES * index + 8, nullCount);
    }
    for (const [index, value] of regions.entries()) putInt64(view, this.#buffersAt + 8 * index, value);
    return bytes;
  }
}

/** The messages of a file with one row. */
interface Example {
  readonly batch: MessageLayout;
  /** By the index of their column. */
  readonly dictionaries: ReadonlyMap<number, MessageLayout>;
}

function exampleOf(fields: Field[], names: 0 | 1): Example {
  const schema = new Schema(fields);
  const dictionary = new Vector([utf8Data(names)]);
  const children = fields.map(({ type }) => oneRow(type, dictionary));
  const data = makeData({ type: new Struct(fields), length: 1, nullCount: 0, children });
  const writer = new MemoryFileWriter(schema);
  writer.write(new RecordBatch(schema, data));
  const { dictionaries, batches } = writer.blocks;
  const bytes = writer.take();
  const messageAt = ({ offset, metaDataLength }: Block) => bytes.slice(offset, offset + metaDataLength);
  const batch = messageAt(batches[0]!);
  const columns = fields.flatMap(({ type }, index) => (DataType.isDictionary(type) ? [index] : []));
  return {
    batch: new MessageLayout(batch, headerOf(batch, 0)),
    dictionaries: new Map(
      columns.map((columnIndex, index) => {
        const message = messageAt(dictionaries[index]!);
        const data = headerOf(message, 0).table(FIELDS.dictionaryBatch.data);
        return [columnIndex, new MessageLayout(message, data)] as const;
      }),
    ),
  };
}

/**
 * The library's file writer, writing into memory. It begins the stream inside the file with the schema message, as the
 * format asks and the library does not (Arrow columnar format, "IPC File Format"), so that a file without its end can
 * still be read.
 */
export class MemoryFileWriter extends RecordBatchFileWriter {
  readonly #chunks: Uint8Array[] = [];

  constructor(schema: Schema) {
    super({ autoDestroy: true });
    this.reset(undefined, schema);
  }

  /** The messages so far. */
  get blocks(): { readonly dictionaries: readonly Block[]; readonly batches: readonly Block[] } {
    return { dictionaries: this._dictionaryBlocks, batches: this._recordBatchBlocks };
  }

  /** What was written since it was last taken. */
  take(): Uint8Array {
    return Buffer.concat(this.#chunks.splice(0));
  }

  /** Writes the dictionaries of a batch without its rows. */
  writeDictionariesOf(batch: RecordBatch): void {
    this._writeDictionaries(batch);
  }

  /** The end of a file that has these messages. */
  endWith(dictionaries: readonly Block[], batches: readonly Block[]): Uint8Array {
    this._dictionaryBlocks = [...dictionaries] as typeof this._dictionaryBlocks;
    this._recordBatchBlocks = [...batches] as typeof this._recordBatchBlocks;
    this.finish();
    return this.take();
  }

  protected override _writeSchema(schema: Schema): this {
    return super._writeSchema(schema)._writeMessage(Message.from(schema));
  }

  protected override _write(chunk: ArrayBufferView): this {
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#chunks.push(bytes.slice());
    this._position += bytes.length;
    return this;
  }
}

/** The message whose prefix begins at `offset`. */
function messageOf(bytes: Uint8Array, offset: number): FlatTable {
  return FlatTable.root(viewOf(bytes), offset + PREFIX_BYTES);
}

function headerOf(bytes: Uint8Array, offset: number): FlatTable {
  return messageOf(bytes, offset).table(FIELDS.message.header);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A 64-bit integer, little-endian, of a safe one that is not negative. */
function putInt64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % TWO_TO_32, true);
  view.setUint32(at + 4, value / TWO_TO_32, true);
}

function putBlocks(view: DataView, at: number, blocks: readonly Block[]): void {
  for (const [index, { offset, metaDataLength, bodyLength }] of blocks.entries()) {
    const blockAt = at + BLOCK_BYTES * index;
    putInt64(view, blockAt, offset);
    view.setInt32(blockAt + 8, metaDataLength, true);
    putInt64(view, blockAt + 16, bodyLength);
  }
}

/** A column in the words of the library. */
export function arrowField(
  { name, type, unit, description, nullable = false }: ColumnDefinition,
  index: number,
): Field {
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

/** A value of the type, whichever. */
function oneRow(type: DataType, dictionary: Vector<Utf8>): Data {
  if (DataType.isUtf8(type)) return utf8Data(1);
  const shape = { length: 1, nullCount: 0 };
  if (DataType.isDictionary(type)) return makeData({ type, ...shape, data: new Int32Array(1), dictionary });
  return makeData({ type: type as Int32, ...shape, data: new type.ArrayType(1) });
}

function utf8Data(length: 0 | 1): Data<Utf8> {
  const valueOffsets = length === 0 ? Int32Array.of(0) : Int32Array.of(0, 1);
  return makeData({ type: new Utf8(), length, nullCount: 0, valueOffsets, data: new Uint8Array(length) });
}
