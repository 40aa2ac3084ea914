/** What a fingerprint can be made of. */
export const FINGERPRINT_INGREDIENTS = ['time', 'kind', 'node', 'port', 'outcome'] as const;

export type FingerprintIngredient = (typeof FINGERPRINT_INGREDIENTS)[number];

/**
 * A running hash of what happened, in its order: runs that did the same have the same fingerprint. 64 bits, good against
 * accidents but not against intent.
 */
export class Fingerprint {
  #x = 0x2545f491;
  #y = 0x6a09e667;

  /** Adds one happening. `timeNs` is a whole number, the others are 32-bit integers. */
  mix(timeNs: number, kind: number, node: number, port: number, outcome: number): void {
    let x = this.#x;
    let y = this.#y;
    // two chains that a processor can follow at once, three words each; every step is reversible, so nothing is lost
    x = Math.imul(rotate(x, 13) ^ timeNs, 0x9e3779b1);
    y = Math.imul(rotate(y, 11) ^ (timeNs / 2 ** 32), 0x85ebca77);
    x = Math.imul(rotate(x, 13) ^ node, 0xc2b2ae3d);
    y = Math.imul(rotate(y, 11) ^ port, 0x27d4eb2f);
    x = Math.imul(rotate(x, 13) ^ outcome, 0x165667b1);
    y = Math.imul(rotate(y, 11) ^ kind, 0x9e3779b1);
    x = (x + rotate(y, 16)) | 0;
    this.#x = x;
    this.#y = y ^ rotate(x, 7);
  }

  /** The hash so far, 16 hexadecimal digits. */
  digest(): string {
    const x = scramble(this.#x);
    const y = scramble(this.#y ^ x);
    return hex(scramble(x ^ y)) + hex(y);
  }
}

// a constant: V8 would look up a declared function at each use, in case that somebody has replaced it
const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/**
 * A fingerprint of some ingredients only: those that are not selected do not count, so that runs may differ in them; how
 * often something was mixed in always counts.
 */
export class SelectiveFingerprint extends Fingerprint {
  readonly #selects: Readonly<Record<FingerprintIngredient, boolean>>;

  constructor(ingredients: readonly FingerprintIngredient[]) {
    super();
    const selected = FINGERPRINT_INGREDIENTS.map((ingredient) => [ingredient, ingredients.includes(ingredient)]);
    this.#selects = Object.fromEntries(selected);
  }

  override mix(timeNs: number, kind: number, node: number, port: number, outcome: number): void {
    const selects = this.#selects;
    super.mix(
      selects.time ? timeNs : 0,
      selects.kind ? kind : 0,
      selects.node ? node : 0,
      selects.port ? port : 0,
      selects.outcome ? outcome : 0,
    );
  }
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
