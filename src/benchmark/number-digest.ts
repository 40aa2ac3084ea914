import { createHash } from 'node:crypto';

/** A running hash of numbers. It is none of the engine's, so that it stays when that of a fingerprint changes. */
export class NumberDigest {
  readonly #hash = createHash('sha256');
  readonly #numbers = new Float64Array(4_096);
  #count = 0;

  add(value: number): void {
    if (this.#count === this.#numbers.length) this.#flush();
    this.#numbers[this.#count++] = value;
  }

  /** The hash so far, 16 hexadecimal digits. */
  digest(): string {
    this.#flush();
    return this.#hash.copy().digest('hex').slice(0, 16);
  }

  #flush(): void {
    this.#hash.update(this.#numbers.subarray(0, this.#count));
    this.#count = 0;
  }
}
