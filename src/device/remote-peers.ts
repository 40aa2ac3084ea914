/** The remote VTEPs that the hardware of a VTEP knows: first come, first served, to the end of the run. */
export class RemotePeers {
  readonly max: number;
  readonly #onRefused: () => void;
  readonly #known = new Set<number>();
  readonly #refused = new Set<number>();

  /** `onRefused` hears of each endpoint for which there is no room, once. */
  constructor(max: number, onRefused: () => void = () => {}) {
    this.max = max;
    this.#onRefused = onRefused;
  }

  /** Whether a remote endpoint is known, or is now. */
  admits(endpoint: number): boolean {
    if (this.#known.has(endpoint)) return true;
    if (this.#known.size < this.max) {
      this.#known.add(endpoint);
      return true;
    }
    if (!this.#refused.has(endpoint)) {
      this.#refused.add(endpoint);
      this.#onRefused();
    }
    return false;
  }

  get knownCount(): number {
    return this.#known.size;
  }

  /** Endpoints that there was no room for. */
  get refused(): ReadonlySet<number> {
    return this.#refused;
  }
}
