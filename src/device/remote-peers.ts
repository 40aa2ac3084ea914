/** The remote VTEPs that the hardware of a VTEP knows: first come, first served, to the end of the run. */
export class RemotePeers {
  readonly max: number;
  readonly #known = new Set<number>();
  readonly #refused = new Set<number>();

  constructor(max: number) {
    this.max = max;
  }

  /** Whether a remote endpoint is known, or is now. */
  admits(endpoint: number): boolean {
    if (this.#known.has(endpoint)) return true;
    if (this.#known.size < this.max) {
      this.#known.add(endpoint);
      return true;
    }
    this.#refused.add(endpoint);
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
