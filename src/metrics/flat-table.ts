/** A table inside a flatbuffer, and where its fields stand (FlatBuffers internals, "Tables" and "Vectors"). */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;

  private constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
  }

  /** The table that a flatbuffer consists of, which begins at `offset`. */
  static root(view: DataView, offset: number): FlatTable {
    return new FlatTable(view, offset + view.getUint32(offset, true));
  }

  /** Where the value of a field stands, by the order of fields in the schema; null where it is left out: its default. */
  field(index: number): number | null {
    const vtable = this.#at - this.#view.getInt32(this.#at, true);
    const slot = 4 + 2 * index;
    if (slot >= this.#view.getUint16(vtable, true)) return null;
    const offset = this.#view.getUint16(vtable + slot, true);
    return offset === 0 ? null : this.#at + offset;
  }

  /** The table that a field refers to. */
  table(index: number): FlatTable {
    return new FlatTable(this.#view, this.#target(index));
  }

  /** Where the elements of a vector or the bytes of a string begin, and how many there are. */
  vector(index: number): { readonly at: number; readonly length: number } {
    const target = this.#target(index);
    return { at: target + 4, length: this.#view.getUint32(target, true) };
  }

  /** The tables of a vector. */
  tables(index: number): FlatTable[] {
    const { at, length } = this.vector(index);
    return Array.from({ length }, (_, element) => {
      const reference = at + 4 * element;
      return new FlatTable(this.#view, reference + this.#view.getUint32(reference, true));
    });
  }

  #target(index: number): number {
    const at = this.field(index);
    if (at === null) throw new RangeError(`a flatbuffer leaves out field ${index}`);
    return at + this.#view.getUint32(at, true);
  }
}
