import alea from 'seedrandom/lib/alea.js';

/**
 * Streams of chance for one run, one per purpose. A stream depends on the seed and its own name alone, so a purpose that
 * is added, or draws more often, changes no other.
 */
export class RandomStreams {
  readonly #seed: string;

  /** Seed 1 and seed '1' are the same. */
  constructor(seed: number | string) {
    this.#seed = String(seed);
  }

  /** A stream from its beginning: ask once per name and keep it. */
  stream(name: string): RandomStream {
    return new RandomStream(JSON.stringify([this.#seed, name]));
  }
}

/**
 * Numbers by chance: Baagoe's Alea, 32 bits a draw.
 *
 * `exponential` and `logNormal` use Math.log and Math.exp, whose last bit the language leaves open. V8 computes both with
 * its own port of fdlibm, not with the machine's library, so a run is the same wherever Node is. They avoid Math.pow and
 * the trigonometric functions, which did change between versions of V8.
 */
export class RandomStream {
  /** A number in [0, 1). */
  readonly next: () => number;

  constructor(seed: string) {
    this.next = alea(seed);
  }

  /** An integer in [0, count), for counts far below 2^32. */
  integer(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** A number in [min, max). */
  uniform(min: number, max: number): number {
    return min + (max - min) * this.next();
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Exponentially distributed, never more than 22.2 times the mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** Log-normally distributed; `sigma` is the standard deviation of the logarithm. */
  logNormal({ median, sigma }: { median: number; sigma: number }): number {
    return median * Math.exp(sigma * this.#standardNormal());
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('there is nothing to pick from');
    return items[this.integer(items.length)]!;
  }

  /** Puts the items into an order by chance, in place (Fisher and Yates), and returns them. */
  shuffle<T>(items: T[]): T[] {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const item = items[last]!;
      items[last] = items[other]!;
      items[other] = item;
    }
    return items;
  }

  /** Marsaglia's polar method, which needs no trigonometry. */
  #standardNormal(): number {
    for (;;) {
      const x = this.uniform(-1, 1);
      const y = this.uniform(-1, 1);
      const square = x * x + y * y;
      if (square > 0 && square < 1) return x * Math.sqrt((-2 * Math.log(square)) / square);
    }
  }
}
