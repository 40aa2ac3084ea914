import type { BodyShape } from './arrow-layout.ts';
import { ALL_VALID, type AnyColumnBuffer, BoolBuffer, Utf8Buffer } from './column-buffer.ts';

/** Buffers are padded to a multiple of this, as the library does. */
const ALIGNMENT_BYTES = 8;

const PADDING = new Uint8Array(ALIGNMENT_BYTES);

/**
 * The body of a message: the buffers of columns one after the other, as they lie in memory and without copying
 * (Arrow columnar format, "Serialization and Interprocess Communication").
 */
export class ArrowBody implements BodyShape {
  readonly rows: number;
  readonly nullCounts: number[] = [];
  readonly regions: number[] = [];
  /** To be written before the columns change. */
  readonly chunks: Uint8Array[] = [];
  sizeBytes = 0;
  readonly #bitmapBytes: number;

  /** Bitmaps are as long as `batchRows` asks for, however few rows there are: so the library leaves them. */
  constructor(rows: number, batchRows: number) {
    this.rows = rows;
    this.#bitmapBytes = Math.ceil(batchRows / 8);
  }

  add(column: AnyColumnBuffer): void {
    const { length, nullCount, validity } = column;
    this.nullCounts.push(nullCount);
    if (nullCount === 0) this.#addBuffer();
    else this.#addBitmap(validity!, ALL_VALID);
    if (column instanceof Utf8Buffer) {
      this.#addBuffer(column.offsetBytes);
      this.#addBuffer(column.bytes);
    } else if (column instanceof BoolBuffer) {
      if (nullCount === length) this.#addBuffer(new Uint8Array(Math.ceil(length / 8)));
      else this.#addBitmap(column.bits, 0);
    } else {
      this.#addBuffer(column.bytes);
    }
  }

  #addBitmap(bits: Uint8Array, filler: number): void {
    if (bits.length === this.#bitmapBytes) this.#addBuffer(bits);
    else this.#addBuffer(bits, new Uint8Array(this.#bitmapBytes - bits.length).fill(filler));
  }

  /** A buffer in parts. */
  #addBuffer(...parts: Uint8Array[]): void {
    let length = 0;
    for (const part of parts) length += part.length;
    const paddingBytes = -length & (ALIGNMENT_BYTES - 1);
    this.regions.push(this.sizeBytes, length + paddingBytes);
    if (length === 0) return;
    this.chunks.push(...parts);
    if (paddingBytes > 0) this.chunks.push(PADDING.subarray(0, paddingBytes));
    this.sizeBytes += length + paddingBytes;
  }
}
