import {
  type Bool,
  type Data,
  type DataType,
  type Dictionary,
  type Float64,
  type Int32,
  type Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  type Uint8,
  type Uint32,
  Utf8,
  Vector,
} from 'apache-arrow';
import type { CellValue, ColumnDefinition, TableDefinition } from '../../src/metrics/arrow-file.ts';
import { arrowField, MemoryFileWriter } from '../../src/metrics/arrow-layout.ts';

interface Content {
  readonly metadata: Readonly<Record<string, string>>;
  /** What the footer says besides. */
  readonly endMetadata: Readonly<Record<string, string>>;
  readonly rows: readonly (readonly CellValue[])[];
  readonly batchRows: number;
  /** Of all dictionary columns. */
  readonly names: readonly string[];
}

/** A file as the writer of the library makes it, from its own vectors. */
export function libraryFile(table: TableDefinition, content: Content): Uint8Array {
  const { metadata, endMetadata, rows, batchRows, names } = content;
  const fields = table.columns.map(arrowField);
  const schema = new Schema(fields, new Map(Object.entries(metadata)));
  const dictionary = new Vector([utf8(names)]);
  const writer = new MemoryFileWriter(schema);
  const batchOf = (some: Content['rows']) => {
    const children = table.columns.map((column, index) => {
      const values = some.map((row) => row[index]);
      return columnData(column, { type: fields[index].type, values, dictionary, batchRows });
    });
    const data = makeData({ type: new Struct(fields), length: some.length, nullCount: 0, children });
    return new RecordBatch(schema, data);
  };
  // the dictionaries are there without a row, too
  writer.writeDictionariesOf(batchOf([]));
  for (let at = 0; at < rows.length; at += batchRows) writer.write(batchOf(rows.slice(at, at + batchRows)));
  const { dictionaries, batches } = writer.blocks;
  const end = new MemoryFileWriter(new Schema(fields, new Map(Object.entries({ ...metadata, ...endMetadata }))));
  end.take();
  return Buffer.concat([writer.take(), end.endWith(dictionaries, batches)]);
}

interface Values {
  readonly type: DataType;
  readonly values: readonly CellValue[];
  readonly dictionary: Vector<Utf8>;
  /** Bitmaps have a bit for each. */
  readonly batchRows: number;
}

function columnData(column: ColumnDefinition, { type, values, dictionary, batchRows }: Values): Data {
  const length = values.length;
  const nullCount = values.filter((value) => value === null).length;
  const nullBitmap = bitmap(
    values.map((value) => value !== null),
    batchRows,
    true,
  );
  const shape = { length, nullCount, nullBitmap };
  const numbers = values.map((value) => Number(value));
  switch (column.type) {
    case 'int64':
      return makeData({ type: type as Int64, ...shape, data: BigInt64Array.from(numbers, BigInt) });
    case 'int32':
      return makeData({ type: type as Int32, ...shape, data: Int32Array.from(numbers) });
    case 'uint32':
      return makeData({ type: type as Uint32, ...shape, data: Uint32Array.from(numbers) });
    case 'uint8':
      return makeData({ type: type as Uint8, ...shape, data: Uint8Array.from(numbers) });
    case 'float64':
      return makeData({ type: type as Float64, ...shape, data: Float64Array.from(numbers) });
    case 'bool':
      return makeData({ type: type as Bool, ...shape, data: bitmap(values.map(Boolean), batchRows, false) });
    case 'utf8':
      return utf8(
        values.map((value) => value ?? ''),
        shape,
      );
    case 'dictionary':
      return makeData({ type: type as Dictionary<Utf8, Int32>, ...shape, data: Int32Array.from(numbers), dictionary });
  }
}

function bitmap(bits: readonly boolean[], length: number, filler: boolean): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(length / 8)).fill(filler ? 0xff : 0);
  bits.forEach((bit, index) => {
    if (bit) bytes[index >> 3] |= 1 << (index & 7);
    else bytes[index >> 3] &= ~(1 << (index & 7));
  });
  return bytes;
}

function utf8(values: readonly CellValue[], shape: { nullCount: number; nullBitmap?: Uint8Array } = { nullCount: 0 }) {
  const parts = values.map((value) => Buffer.from(String(value)));
  const offsets = Int32Array.of(0, ...parts.map(() => 0));
  parts.forEach((part, index) => {
    offsets[index + 1] = offsets[index] + part.length;
  });
  const data = Buffer.concat(parts);
  return makeData({ type: new Utf8(), length: values.length, ...shape, valueOffsets: offsets, data });
}
