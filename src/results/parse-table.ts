import { type Column, type DataType, type Field, Type, tableFromIPC } from '@uwdata/flechette';
import { ArrowFileError, readableArrow } from '../metrics/arrow-messages.ts';
import type { ColumnType } from '../metrics/table-definition.ts';

/** One value of a table. */
export type Cell = number | bigint | boolean | string | null;

/** Numbers, as they are where there is no null among them. */
export type NumberArray = Float64Array | Int32Array | Uint32Array | Uint8Array;

/** The values of a column: a typed array of numbers without nulls, 64-bit ones that are no exact numbers, or a list. */
export type ColumnValues = NumberArray | BigInt64Array | readonly Cell[];

/** One column of a table that was read. Values are decoded when they are first asked for. */
export interface TableColumn {
  readonly name: string;
  /** As in the table's definition; of a foreign file, what Arrow calls it. */
  readonly type: ColumnType | (string & {});
  readonly unit: string | null;
  readonly description: string;
  readonly nullable: boolean;
  readonly nullCount: number;
  readonly rowCount: number;
  /** All values in the order of the rows; names where the type is a dictionary, numbers where it is int64. */
  readonly values: ColumnValues;
  /** Of a dictionary, all that a row may say; null of other types. */
  readonly names: readonly string[] | null;
  /** Of a dictionary, each row's index into `names`, -1 for null; null of other types. */
  readonly codes: Int32Array | null;
}

/** A result table, in columns. */
export interface ColumnTable {
  /** The file that it was read from. */
  readonly path: string;
  /** False for a file without its footer, of which the complete batches were read. */
  readonly isComplete: boolean;
  readonly rowCount: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly columns: readonly TableColumn[];
  /** The column of that name; throws when there is none. */
  column(name: string): TableColumn;
  /** The rows from `start` to before `end` as objects. */
  rows(start?: number, end?: number): Record<string, Cell>[];
}

/**
 * The table in the bytes of an Arrow IPC file; of a file that was cut off, the batches that are complete. `path` is only
 * named. Needs nothing of Node.
 */
export function parseTable(bytes: Uint8Array, path: string): ColumnTable {
  const { isComplete, bytes: readable } = readableArrow(aligned(bytes), path);
  const table = decode(aligned(readable), path);
  const columns = table.schema.fields.map((field, index) => new ReadColumn(field, table.getChildAt(index)));
  const column = (name: string) => {
    const found = columns.find((one) => one.name === name);
    if (found === undefined) throw new ArrowFileError(`${path} has no column ${name}`);
    return found;
  };
  return {
    path,
    isComplete,
    rowCount: table.numRows,
    metadata: Object.fromEntries(table.schema.metadata ?? []),
    columns,
    column,
    rows: (start = 0, end = table.numRows) =>
      Array.from({ length: Math.max(0, Math.min(end, table.numRows) - start) }, (_, index) =>
        Object.fromEntries(columns.map(({ name, values }) => [name, values[start + index] ?? null])),
      ),
  };
}

function decode(bytes: Uint8Array, path: string) {
  try {
    return tableFromIPC(bytes, { useBigInt: true });
  } catch (error) {
    throw new ArrowFileError(`${path} is damaged: ${(error as Error).message}`);
  }
}

/** Buffers of 64-bit values begin at multiples of 8 bytes; small files that Node reads need not. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
}

class ReadColumn implements TableColumn {
  readonly name: string;
  readonly type: string;
  readonly unit: string | null;
  readonly description: string;
  readonly nullable: boolean;
  readonly nullCount: number;
  readonly rowCount: number;
  readonly #column: Column<Cell>;
  #values: ColumnValues | null = null;
  #codes: Int32Array | null = null;

  constructor({ name, type, nullable, metadata }: Field, column: Column<Cell>) {
    this.name = name;
    this.type = typeName(type);
    this.unit = metadata?.get('unit') ?? null;
    this.description = metadata?.get('description') ?? '';
    this.nullable = nullable;
    this.nullCount = column.nullCount;
    this.rowCount = column.length;
    this.#column = column;
  }

  get values(): ColumnValues {
    this.#values ??= this.type === 'int64' ? exactNumbers(this.#column) : listed(this.#column);
    return this.#values;
  }

  get names(): readonly string[] | null {
    if (this.type !== 'dictionary') return null;
    const [batch] = this.#column.data as unknown as readonly { dictionary?: Column<string> }[];
    return (batch?.dictionary?.cache() ?? []) as string[];
  }

  get codes(): Int32Array | null {
    if (this.type !== 'dictionary') return null;
    this.#codes ??= dictionaryCodes(this.#column);
    return this.#codes;
  }
}

/** A batch of a column as it lies in the file. */
interface Batch {
  readonly length: number;
  readonly nullCount: number;
  /** A bit for each row, lowest first, where there are nulls. */
  readonly validity: Uint8Array;
  readonly values: Int32Array | BigInt64Array;
}

const batchesOf = (column: Column<Cell>) => column.data as unknown as readonly Batch[];

const isNullAt = ({ nullCount, validity }: Batch, row: number) =>
  nullCount > 0 && (validity[row >> 3]! & (1 << (row & 7))) === 0;

/** The largest magnitude of the upper 32 bits of an integer that a number holds exactly: below 2^53. */
const EXACT_HIGH_MAX = 2 ** 21 - 1;

/** 64-bit integers as numbers; as they are if one of them is beyond 2^53. */
function exactNumbers(column: Column<Cell>): ColumnValues {
  const numbers = new Float64Array(column.length);
  let offset = 0;
  for (const { length, values } of batchesOf(column)) {
    const halves = new Int32Array(values.buffer, values.byteOffset, 2 * length);
    for (let row = 0; row < length; row++) {
      const high = halves[2 * row + 1]!;
      if (high > EXACT_HIGH_MAX || high < -EXACT_HIGH_MAX - 1) return listed(column);
      numbers[offset + row] = high * 2 ** 32 + (halves[2 * row]! >>> 0);
    }
    offset += length;
  }
  return column.nullCount === 0 ? numbers : withNulls(column, numbers);
}

function withNulls(column: Column<Cell>, numbers: Float64Array): Cell[] {
  const cells: Cell[] = Array.from(numbers);
  let offset = 0;
  for (const batch of batchesOf(column)) {
    for (let row = 0; row < batch.length; row++) if (isNullAt(batch, row)) cells[offset + row] = null;
    offset += batch.length;
  }
  return cells;
}

function listed(column: Column<Cell>): ColumnValues {
  return column.toArray() as ColumnValues;
}

function dictionaryCodes(column: Column<Cell>): Int32Array {
  const codes = new Int32Array(column.length);
  let offset = 0;
  for (const batch of batchesOf(column)) {
    codes.set((batch.values as Int32Array).subarray(0, batch.length), offset);
    if (batch.nullCount > 0) {
      for (let row = 0; row < batch.length; row++) if (isNullAt(batch, row)) codes[offset + row] = -1;
    }
    offset += batch.length;
  }
  return codes;
}

function typeName(type: DataType): string {
  switch (type.typeId) {
    case Type.Dictionary:
      return 'dictionary';
    case Type.Int:
      return `${type.signed ? 'int' : 'uint'}${type.bitWidth}`;
    case Type.Float:
      return `float${16 << type.precision}`;
    default:
      return (Object.keys(Type) as (keyof typeof Type)[]).find((name) => Type[name] === type.typeId)!.toLowerCase();
  }
}
