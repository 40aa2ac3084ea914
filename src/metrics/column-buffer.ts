import assert from 'node:assert/strict';
import type { ColumnDefinition, ColumnType } from './table-definition.ts';

/** The validity bits of a batch without a null. */
const ALL_VALID = 0xff;

const TWO_TO_32 = 2 ** 32;

const UTF8 = new TextEncoder();

/**
 * The values of one column in the batch being filled, laid out as Arrow wants them in memory
 * (Arrow columnar format 1.5, "Fixed-size Primitive Layout"), so that a batch is written without copying.
 * Each class stores one type; `put` allocates nothing and refuses what the type cannot hold.
 */
export abstract class ColumnBuffer<V = number | boolean | string> {
  readonly definition: ColumnDefinition;
  /** The validity bitmap, least significant bit first; null when the column is not nullable. */
  readonly validity: Uint8Array | null;
  /** Values put so far, nulls among them. */
  length = 0;
  nullCount = 0;

  constructor(definition: ColumnDefinition, capacityRows: number) {
    this.definition = definition;
    this.validity = definition.nullable ? new Uint8Array(Math.ceil(capacityRows / 8)).fill(ALL_VALID) : null;
  }

  /** Stores the value of the current row. */
  abstract put(value: V): void;

  /** Stores what stands under a null. */
  protected abstract putFiller(): void;

  /** Leaves the value of the current row out. */
  putNull(): void {
    assert(this.validity !== null, `column ${this.definition.name} is not nullable`);
    this.validity[this.length >> 3]! &= ~(1 << (this.length & 7));
    this.nullCount++;
    this.putFiller();
  }

  /** Forgets the values, for the next batch. */
  clear(): void {
    if (this.nullCount > 0) this.validity?.fill(ALL_VALID);
    this.length = 0;
    this.nullCount = 0;
  }

  protected refuse(value: unknown): never {
    throw new RangeError(`column ${this.definition.name}: ${value} is not of type ${this.definition.type}`);
  }
}

/** Signed 64-bit integers, written as two 32-bit halves so that no BigInt is made per value. */
export class Int64Buffer extends ColumnBuffer<number> {
  readonly values: BigInt64Array;
  readonly #halves: Int32Array;

  constructor(definition: ColumnDefinition, capacityRows: number) {
    super(definition, capacityRows);
    this.values = new BigInt64Array(capacityRows);
    this.#halves = new Int32Array(this.values.buffer);
  }

  put(value: number): void {
    if (!Number.isSafeInteger(value)) this.refuse(value);
    const at = this.length++ << 1;
    // little-endian; `| 0` keeps the low 32 bits of any safe integer, floor makes the high half of a negative one right
    this.#halves[at] = value | 0;
    this.#halves[at + 1] = Math.floor(value / TWO_TO_32);
  }

  protected putFiller(): void {
    this.put(0);
  }
}

/** Signed 32-bit integers. */
export class Int32Buffer extends ColumnBuffer<number> {
  readonly values: Int32Array;

  constructor(definition: ColumnDefinition, capacityRows: number) {
    super(definition, capacityRows);
    this.values = new Int32Array(capacityRows);
  }

  put(value: number): void {
    if ((value | 0) !== value) this.refuse(value);
    this.values[this.length++] = value;
  }

  protected putFiller(): void {
    this.put(0);
  }
}

/** Unsigned 32-bit integers. */
export class Uint32Buffer extends ColumnBuffer<number> {
  readonly values: Uint32Array;

  constructor(definition: ColumnDefinition, capacityRows: number) {
    super(definition, capacityRows);
    this.values = new Uint32Array(capacityRows);
  }

  put(value: number): void {
    if (value >>> 0 !== value) this.refuse(value);
    this.values[this.length++] = value;
  }

  protected putFiller(): void {
    this.put(0);
  }
}

/** Unsigned 8-bit integers. */
export class Uint8Buffer extends ColumnBuffer<number> {
  readonly values: Uint8Array;

  constructor(definition: ColumnDefinition, capacityRows: number) {
    super(definition, capacityRows);
    this.values = new Uint8Array(capacityRows);
  }

  put(value: number): void {
    if ((value & 0xff) !== value) this.refuse(value);
    this.values[this.length++] = value;
  }

  protected putFiller(): void {
    this.put(0);
  }
}

/** Double-precision numbers; NaN and the infinities are values like any other. */
export class Float64Buffer extends ColumnBuffer<number> {
  readonly values: Float64Array;

  constructor(definition: ColumnDefinition, capacityRows: number) {
    super(definition, capacityRows);
    this.values = new Float64Array(capacityRows);
  }

  put(value: number): void {
    this.values[this.length++] = value;
  }

  protected putFiller(): void {
    this.put(0);
  }
}

/** Truth values, one bit each, least significant bit first. */
export class BoolBuffer extends ColumnBuffer<boolean> {
  readonly values: Uint8Array;

  constructor(definition: ColumnDefinition, capacityRows: number) {
    super(definition, capacityRows);
    this.values = new Uint8Array(Math.ceil(capacityRows / 8));
  }

  put(value: boolean): void {
    if (value) this.values[this.length >> 3]! |= 1 << (this.length & 7);
    this.length++;
  }

  protected putFiller(): void {
    this.length++;
  }

  override clear(): void {
    super.clear();
    this.values.fill(0);
  }
}

/** Strings as UTF-8 bytes one after the other, with the offset of each. */
export class Utf8Buffer extends ColumnBuffer<string> {
  /** One more than there are values: value i is the bytes from offset i to offset i + 1. */
  readonly offsets: Int32Array;
  bytes = new Uint8Array(1024);

  constructor(definition: ColumnDefinition, capacityRows: number) {
    super(definition, capacityRows);
    this.offsets = new Int32Array(capacityRows + 1);
  }

  put(value: string): void {
    const from = this.offsets[this.length]!;
    // a UTF-16 unit takes three bytes of UTF-8 at most
    this.#makeRoom(from + 3 * value.length);
    const { written } = UTF8.encodeInto(value, this.bytes.subarray(from));
    this.offsets[++this.length] = from + written;
  }

  protected putFiller(): void {
    this.put('');
  }

  #makeRoom(sizeBytes: number): void {
    if (sizeBytes <= this.bytes.length) return;
    const larger = new Uint8Array(2 * sizeBytes);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/** Names from a fixed list, stored as 32-bit indices into it. */
export class DictionaryBuffer extends ColumnBuffer<number> {
  readonly values: Int32Array;
  readonly names: readonly string[];
  readonly #indexByName: ReadonlyMap<string, number>;

  constructor(definition: ColumnDefinition, capacityRows: number, names: readonly string[]) {
    super(definition, capacityRows);
    this.values = new Int32Array(capacityRows);
    this.names = names;
    this.#indexByName = new Map(names.map((name, index) => [name, index]));
    assert(this.#indexByName.size === names.length, `the dictionary of column ${definition.name} repeats a name`);
  }

  put(index: number): void {
    if (index >>> 0 !== index || index >= this.names.length) this.refuse(index);
    this.values[this.length++] = index;
  }

  /** Stores a name; `put` with the index is the cheap way. */
  putName(name: string): void {
    this.put(this.#indexByName.get(name) ?? this.refuse(name));
  }

  protected putFiller(): void {
    this.values[this.length++] = 0;
  }
}

/** The buffer of a column of each type. */
export type AnyColumnBuffer =
  | Int64Buffer
  | Int32Buffer
  | Uint32Buffer
  | Uint8Buffer
  | Float64Buffer
  | BoolBuffer
  | Utf8Buffer
  | DictionaryBuffer;

const BUFFER_CLASSES = {
  int64: Int64Buffer,
  int32: Int32Buffer,
  uint32: Uint32Buffer,
  uint8: Uint8Buffer,
  float64: Float64Buffer,
  bool: BoolBuffer,
  utf8: Utf8Buffer,
} as const satisfies Record<Exclude<ColumnType, 'dictionary'>, unknown>;

/** An empty buffer for `capacityRows` values of a column; `names` is the dictionary of a dictionary column. */
export function createColumnBuffer(
  definition: ColumnDefinition,
  capacityRows: number,
  names?: readonly string[],
): AnyColumnBuffer {
  if (definition.type !== 'dictionary') return new BUFFER_CLASSES[definition.type](definition, capacityRows);
  assert(names !== undefined, `column ${definition.name} needs its dictionary`);
  return new DictionaryBuffer(definition, capacityRows, names);
}
