const NOTHING = 2 ** 31 - 1;

/** A number for each place, all 0 at first, with the least of any range and the first that is small enough in O(log n). */
export class LoadTree {
  readonly #size: number;
  // a node's children are 2i and 2i + 1, the places' own numbers begin at #size; each holds the least below it
  readonly #least: Int32Array;

  constructor(count: number) {
    this.#size = 2 ** Math.ceil(Math.log2(Math.max(1, count)));
    this.#least = new Int32Array(2 * this.#size).fill(NOTHING, this.#size + count);
    for (let node = this.#size - 1; node > 0; node--) this.#least[node] = this.#leastOfChildren(node);
  }

  /** Adds to the number at a place, and returns what it is now. */
  add(place: number, change: number): number {
    const least = this.#least;
    const now = least[this.#size + place] + change;
    least[this.#size + place] = now;
    for (let node = (this.#size + place) >>> 1; node > 0; node >>>= 1) least[node] = this.#leastOfChildren(node);
    return now;
  }

  /** The least number from one place to before another. */
  leastIn(first: number, end: number): number {
    let least = NOTHING;
    let low = first + this.#size;
    let high = end + this.#size;
    for (; low < high; low >>>= 1, high >>>= 1) {
      if (low & 1) least = Math.min(least, this.#least[low++]);
      if (high & 1) least = Math.min(least, this.#least[--high]);
    }
    return least;
  }

  /** The first place from `first` on whose number is at most `limit`; -1 if there is none. */
  firstAtMost(first: number, limit: number): number {
    const most = Math.min(limit, NOTHING - 1);
    const least = this.#least;
    if (first >= this.#size) return -1;
    let node = first + this.#size;
    while (least[node] > most) {
      // up while this is a right child, then on to the right neighbour
      while (node & 1) node >>>= 1;
      if (node === 0) return -1;
      node++;
    }
    while (node < this.#size) {
      node *= 2;
      if (least[node] > most) node++;
    }
    return node - this.#size;
  }

  #leastOfChildren(node: number): number {
    return Math.min(this.#least[2 * node], this.#least[2 * node + 1]);
  }
}
