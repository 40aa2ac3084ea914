import { grownCopy } from '../grown-copy.ts';

/** Words of a row, four cache lines: how many ports it has, then the ports. */
const ROW_SHIFT = 6;
const ROW_PORTS_MAX = (1 << ROW_SHIFT) - 1;

/** Short lists of ports, each a number, in one array; rows that were given back are used again. */
export class PortRows {
  /** From `firstOf` a row on, its ports. Reallocated when there are more rows than ever. */
  words: Int32Array = new Int32Array(4 << ROW_SHIFT);
  #used = 0;
  readonly #free: number[] = [];

  /** An empty row. */
  take(): number {
    const row = this.#free.pop() ?? this.#used++;
    if (this.#used << ROW_SHIFT > this.words.length) this.words = grownCopy(this.words, this.words.length * 2);
    this.words[row << ROW_SHIFT] = 0;
    return row;
  }

  giveBack(row: number): void {
    this.#free.push(row);
  }

  /** Puts a port behind the others of a row. Returns whether the row is full now. */
  add(row: number, port: number): boolean {
    const words = this.words;
    const o = row << ROW_SHIFT;
    const count = words[o] + 1;
    words[o] = count;
    words[o + count] = port;
    return count === ROW_PORTS_MAX;
  }

  countOf(row: number): number {
    return this.words[row << ROW_SHIFT];
  }

  /** Where the ports of a row are in `words`. */
  firstOf(row: number): number {
    return (row << ROW_SHIFT) + 1;
  }
}
