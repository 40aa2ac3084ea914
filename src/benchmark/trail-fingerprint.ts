import { Fingerprint } from '../engine/fingerprint.ts';

/** What the fingerprint took in, one call of `mix`. */
export interface Decision {
  /** From 0, in the order of the run. */
  readonly index: number;
  readonly timeNs: number;
  readonly kind: number;
  readonly node: number;
  readonly port: number;
  readonly outcome: number;
}

/** A fingerprint that tells of what it takes in: `watch` is called after each decision. The digest is the same. */
export class TrailFingerprint extends Fingerprint {
  /** Decisions so far. */
  count = 0;
  readonly #watch: (decision: Decision) => void;

  constructor(watch: (decision: Decision) => void) {
    super();
    this.#watch = watch;
  }

  override mix(timeNs: number, kind: number, node: number, port: number, outcome: number): void {
    super.mix(timeNs, kind, node, port, outcome);
    this.#watch({ index: this.count++, timeNs, kind, node, port, outcome });
  }
}
