/** What a fingerprint can be made of. */
export const FINGERPRINT_INGREDIENTS = ['time', 'kind', 'node', 'port', 'outcome'] as const;

export type FingerprintIngredient = (typeof FINGERPRINT_INGREDIENTS)[number];

/**
 * A running hash of what happened, in its order: runs that did the same have the same fingerprint. Ingredients that are
 * not selected do not count, so that runs may differ in them; how often something was mixed in always counts.
 * 64 bits, good against accidents but not against intent.
 */
export class Fingerprint {
  readonly #lanes = new Int32Array([0x2545f491, 0x6a09e667]);
  // all ones for an ingredient that counts, otherwise zero
  readonly #timeMask: number;
  readonly #kindMask: number;
  readonly #nodeMask: number;
  readonly #portMask: number;
  readonly #outcomeMask: number;

  constructor(ingredients: readonly FingerprintIngredient[] = FINGERPRINT_INGREDIENTS) {
    const mask = (ingredient: FingerprintIngredient): number => (ingredients.includes(ingredient) ? -1 : 0);
    this.#timeMask = mask('time');
    this.#kindMask = mask('kind');
    this.#nodeMask = mask('node');
    this.#portMask = mask('port');
    this.#outcomeMask = mask('outcome');
  }

  /** Adds one happening. `timeNs` is a whole number, the others are 32-bit integers. */
  mix(timeNs: number, kind: number, node: number, port: number, outcome: number): void {
    const lanes = this.#lanes;
    const timeMask = this.#timeMask;
    let x = lanes[0]!;
    let y = lanes[1]!;
    // two chains that a processor can follow at once, three words each; every step is reversible, so nothing is lost
    x = Math.imul(rotate(x, 13) ^ (timeNs & timeMask), 0x9e3779b1);
    y = Math.imul(rotate(y, 11) ^ ((timeNs / 2 ** 32) & timeMask), 0x85ebca77);
    x = Math.imul(rotate(x, 13) ^ (node & this.#nodeMask), 0xc2b2ae3d);
    y = Math.imul(rotate(y, 11) ^ (port & this.#portMask), 0x27d4eb2f);
    x = Math.imul(rotate(x, 13) ^ (outcome & this.#outcomeMask), 0x165667b1);
    y = Math.imul(rotate(y, 11) ^ (kind & this.#kindMask), 0x9e3779b1);
    x = (x + rotate(y, 16)) | 0;
    lanes[0] = x;
    lanes[1] = y ^ rotate(x, 7);
  }

  /** The hash so far, 16 hexadecimal digits. */
  digest(): string {
    const x = scramble(this.#lanes[0]!);
    const y = scramble(this.#lanes[1]! ^ x);
    return hex(scramble(x ^ y)) + hex(y);
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Lets every bit of a word depend on every other: the last step of MurmurHash3's 32-bit hash. */
function scramble(word: number): number {
  const once = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
