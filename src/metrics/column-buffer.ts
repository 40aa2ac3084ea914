import assert from 'node:assert/strict';
import { grownCopy } from '../grown-copy.ts';
import type { ColumnDefinition, ColumnType } from './table-definition.ts';

/** Eight validity bits without a null. */
export const ALL_VALID = 0xff;

/** Room for the strings of a column at first. */
const FIRST_TEXT_BYTES = 1024;

const TWO_TO_32 = 2 ** 32;

const UTF8 = new TextEncoder();

/**
 * The values of one column in the batch being filled, laid out as Arrow wants them in memory
 * (Arrow columnar format 1.5, "Fixed-size Primitive Layout"), so that a batch is written without copying.
 * Each class stores one type; `put` allocates nothing and refuses what the type cannot hold. It does not look whether
 * there is room: who puts a value makes it first.
 */
export abstract class ColumnBuffer<V = number | boolean | string> {
  readonly definition: ColumnDefinition;
  /** The validity bitmap, least significant bit first; null when the column is not nullable. */
  validity: Uint8Array | null;
  /** Values put so far, nulls among them. */
  length = 0;
  nullCount = 0;

  constructor(definition: ColumnDefinition, capacityRows: number) {
    this.definition = definition;
    this.validity = definition.nullable ? new Uint8Array(bitmapBytes(capacityRows)).fill(ALL_VALID) : null;
  }

  /** Stores the value of the current row. */
  abstract put(value: V): void;

  /** Stores what stands under a null. */
  protected abstract putFiller(): void;

  /** Makes room for so many values, more than before. */
  growTo(capacityRows: number): void {
    if (this.validity !== null) this.validity = grownCopy(this.validity, bitmapBytes(capacityRows), ALL_VALID);
    this.growValues(capacityRows);
  }

  protected abstract growValues(capacityRows: number): void;

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

/** Values that have a number each. */
abstract class NumberBuffer<
  A extends Int32Array | Uint32Array | Uint8Array | Float64Array,
> extends ColumnBuffer<number> {
  values: A;
  readonly #elements: number;

  /** `values` has a number of elements for each of the values that there is room for. */
  constructor(definition: ColumnDefinition, capacityRows: number, values: A) {
    super(definition, capacityRows);
    this.values = values;
    this.#elements = values.length / capacityRows;
  }

  /** The bytes of the values so far. */
  get bytes(): Uint8Array {
    const { buffer, BYTES_PER_ELEMENT } = this.values;
    return new Uint8Array(buffer, 0, this.length * this.#elements * BYTES_PER_ELEMENT);
  }

  protected growValues(capacityRows: number): void {
    this.values = grownCopy(this.values, capacityRows * this.#elements);
  }

  protected putFiller(): void {
    this.put(0);
  }
}

/** Signed 64-bit integers, written as two 32-bit halves so that no BigInt is made per value. */
export class Int64Buffer extends NumberBuffer<Int32Array> {
  constructor(definition: ColumnDefinition, capacityRows: number) {
    super(definition, capacityRows, new Int32Array(2 * capacityRows));
  }

  put(value: number): void {
    if (!Number.isSafeInteger(value)) this.refuse(value);
    const at = this.length++ << 1;
    // little-endian; `| 0` keeps the low 32 bits of any safe integer, floor makes the high half of a negative one right
    this.values[at] = value | 0;
    this.values[at + 1] = Math.floor(value / TWO_TO_32);
  }
}

/** Signed 32-bit integers. */
export class Int32Buffer extends NumberBuffer<Int32Array> {
  constructor(definition: ColumnDefinition, capacityRows: number) {
    super(definition, capacityRows, new Int32Array(capacityRows));
  }

  put(value: number): void {
    if ((value | 0) !== value) this.refuse(value);
    this.values[this.length++] = value;
  }
}

/** Unsigned 32-bit integers. */
export class Uint32Buffer extends NumberBuffer<Uint32Array> {
  constructor(definition: ColumnDefinition, capacityRows: number) {
    super(definition, capacityRows, new Uint32Array(capacityRows));
  }

  put(value: number): void {
    if (value >>> 0 !== value) this.refuse(value);
    this.values[this.length++] = value;
  }
}

/** Unsigned 8-bit integers. */
export class Uint8Buffer extends NumberBuffer<Uint8Array> {
  constructor(definition: ColumnDefinition, capacityRows: number) {
    super(definition, capacityRows, new Uint8Array(capacityRows));
  }

  put(value: number): void {
    if ((value & 0xff) !== value) this.refuse(value);
    this.values[this.length++] = value;
  }
}

/** Double-precision numbers; NaN and the infinities are values like any other. */
export class Float64Buffer extends NumberBuffer<Float64Array> {
  constructor(definition: ColumnDefinition, capacityRows: number) {
    super(definition, capacityRows, new Float64Array(capacityRows));
  }

  put(value: number): void {
    this.values[this.length++] = value;
  }
}

/** Truth values, one bit each, least significant bit first. */
export class BoolBuffer extends ColumnBuffer<boolean> {
  bits: Uint8Array;

  constructor(definition: ColumnDefinition, capacityRows: number) {
    super(definition, capacityRows);
    this.bits = new Uint8Array(bitmapBytes(capacityRows));
  }

  put(value: boolean): void {
    if (value) this.bits[this.length >> 3]! |= 1 << (this.length & 7);
    this.length++;
  }

  protected putFiller(): void {
    this.length++;
  }

  protected growValues(capacityRows: number): void {
    this.bits = grownCopy(this.bits, bitmapBytes(capacityRows));
  }

  override clear(): void {
    super.clear();
    this.bits.fill(0);
  }
}

/** Strings as UTF-8 bytes one after the other, with the offset of each. */
export class Utf8Buffer extends ColumnBuffer<string> {
  /** One more than values: value i is the bytes from offset i to offset i + 1. */
  #offsets: Int32Array;
  #text = new Uint8Array(FIRST_TEXT_BYTES);

  constructor(definition: ColumnDefinition, capacityRows: number) {
    super(definition, capacityRows);
    this.#offsets = new Int32Array(capacityRows + 1);
  }

  /** The offset of each value so far, and of the end. */
  get offsetBytes(): Uint8Array {
    return new Uint8Array(this.#offsets.buffer, 0, (this.length + 1) * Int32Array.BYTES_PER_ELEMENT);
  }

  get bytes(): Uint8Array {
    return this.#text.subarray(0, this.#offsets[this.length]);
  }

  put(value: string): void {
    const from = this.#offsets[this.length]!;
    // a UTF-16 unit takes three bytes of UTF-8 at most
    this.#makeRoom(from + 3 * value.length);
    const { written } = UTF8.encodeInto(value, this.#text.subarray(from));
    this.#offsets[++this.length] = from + written;
  }

  protected putFiller(): void {
    this.put('');
  }

  protected growValues(capacityRows: number): void {
    this.#offsets = grownCopy(this.#offsets, capacityRows + 1);
  }

  #makeRoom(sizeBytes: number): void {
    if (sizeBytes > this.#text.length) this.#text = grownCopy(this.#text, 2 * sizeBytes);
  }
}

/** Names from a fixed list, stored as 32-bit indices into it. */
export class DictionaryBuffer extends NumberBuffer<Int32Array> {
  #names: readonly string[] = [];
  // null until a name is asked for: most columns are given indices
  #indexByName: ReadonlyMap<string, number> | null = null;

  constructor(definition: ColumnDefinition, capacityRows: number, names: readonly string[] | undefined) {
    super(definition, capacityRows, new Int32Array(capacityRows));
    this.useNames(names);
  }

  get names(): readonly string[] {
    return this.#names;
  }

  /** Takes another list, while there are no values. */
  useNames(names: readonly string[] | undefined): void {
    const { name: column } = this.definition;
    assert(names !== undefined, `column ${column} needs its dictionary`);
    if (names.length === this.#names.length && names.every((name, index) => name === this.#names[index])) return;
    this.#names = names;
    this.#indexByName = null;
    assert(new Set(names).size === names.length, `the dictionary of column ${column} repeats a name`);
  }

  put(index: number): void {
    if (index >>> 0 !== index || index >= this.names.length) this.refuse(index);
    this.values[this.length++] = index;
  }

  /** Stores a name; `put` with the index is the cheap way. */
  putName(name: string): void {
    this.#indexByName ??= new Map(this.#names.map((one, index) => [one, index]));
    this.put(this.#indexByName.get(name) ?? this.refuse(name));
  }

  protected override putFiller(): void {
    // there may be no name
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
  return new DictionaryBuffer(definition, capacityRows, names);
}

function bitmapBytes(rows: number): number {
  return Math.ceil(rows / 8);
}
