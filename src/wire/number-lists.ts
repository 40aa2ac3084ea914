import { grownCopy, roomierLength } from '../grown-copy.ts';

/** No list, or the end of one. */
export const END = -1;

const NODES_MIN = 64;
const NODE_WORDS = 2;
const VALUE = 0;
const NEXT = 1;

/**
 * Many short lists of integers in one array, 8 bytes an element. A list is known by its first element; `END` is the empty
 * one.
 */
export class NumberLists {
  #nodes = new Int32Array(NODES_MIN * NODE_WORDS);
  // elements that were ever in use, and the first of those that are free again
  #count = 0;
  #free = END;

  /** The number that an element holds. */
  valueOf(element: number): number {
    return this.#nodes[element * NODE_WORDS + VALUE];
  }

  /** The element behind another one, or END. */
  next(element: number): number {
    return this.#nodes[element * NODE_WORDS + NEXT];
  }

  has(list: number, value: number): boolean {
    for (let element = list; element !== END; element = this.next(element)) {
      if (this.valueOf(element) === value) return true;
    }
    return false;
  }

  /** Appends a number, and returns the list as it is known from now on: the same, unless it was empty. */
  append(list: number, value: number): number {
    const added = this.#allocate();
    this.#nodes[added * NODE_WORDS + VALUE] = value;
    this.#nodes[added * NODE_WORDS + NEXT] = END;
    if (list === END) return added;
    let last = list;
    for (let next = this.next(last); next !== END; next = this.next(last)) last = next;
    this.#nodes[last * NODE_WORDS + NEXT] = added;
    return list;
  }

  /** Gives back the elements of a list, which is no more. */
  free(list: number): void {
    for (let element = list; element !== END; ) {
      const next = this.next(element);
      this.#nodes[element * NODE_WORDS + NEXT] = this.#free;
      this.#free = element;
      element = next;
    }
  }

  #allocate(): number {
    if (this.#free !== END) {
      const element = this.#free;
      this.#free = this.next(element);
      return element;
    }
    const element = this.#count++;
    const words = this.#count * NODE_WORDS;
    if (words > this.#nodes.length) this.#nodes = grownCopy(this.#nodes, roomierLength(this.#nodes.length, words));
    return element;
  }
}
