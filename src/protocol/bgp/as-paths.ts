/** The path of a route that its origin has not sent yet. */
export const EMPTY_PATH = 0;

/**
 * AS paths (RFC 4271, 5.1.2), each once: a path is a small integer. With route reflectors the same paths stand for the
 * cluster lists (RFC 4456, 8), which find loops in the same way.
 */
export class AsPaths {
  // indexed by path: its AS numbers, the last one to be added first
  readonly #paths: (readonly number[])[] = [[]];
  // indexed by path: the path that an AS makes of it
  readonly #extensions: Map<number, number>[] = [new Map()];

  /** The path that a speaker sends on: its own AS goes in front. RFC 4271, 5.1.2. */
  extend(path: number, as: number): number {
    const known = this.#extensions[path].get(as);
    if (known !== undefined) return known;
    const extended = this.#paths.push([as, ...this.#paths[path]]) - 1;
    this.#extensions.push(new Map());
    this.#extensions[path].set(as, extended);
    return extended;
  }

  /** Whether an AS is in a path, so that it discards what comes with it. RFC 4271, 9.1.2. */
  contains(path: number, as: number): boolean {
    return this.#paths[path].includes(as);
  }

  lengthOf(path: number): number {
    return this.#paths[path].length;
  }
}
