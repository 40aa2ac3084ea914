/** How long a switch that learns nothing saves up what it could have learned. */
const SAVED_MS = 100;

/** How many addresses a switch learns in a given time at most: a bucket of tokens, one for each. */
export class LearningRate {
  readonly #perMs: number;
  readonly #tokensMax: number;
  #tokens: number;
  #lastMs = 0;

  constructor(addressesPerSecond: number) {
    this.#perMs = addressesPerSecond / 1000;
    this.#tokensMax = Math.max(1, SAVED_MS * this.#perMs);
    this.#tokens = this.#tokensMax;
  }

  /** Whether one more address can be learned now. */
  mayTake(nowMs: number): boolean {
    this.#tokens = Math.min(this.#tokensMax, this.#tokens + (nowMs - this.#lastMs) * this.#perMs);
    this.#lastMs = nowMs;
    return this.#tokens >= 1;
  }

  /** The same, and if so it is one less. */
  take(nowMs: number): boolean {
    if (!this.mayTake(nowMs)) return false;
    this.#tokens--;
    return true;
  }
}
