const SECOND_NS = 1e9;

/** How a MAC address that is claimed in two places is told from one that moves. RFC 7432, 15.1. */
export interface DuplicateDetection {
  /** N: moves within the window that make an address a duplicate. */
  readonly movesMax: number;
  /** M: the window. */
  readonly windowNs: number;
  /**
   * Who counts what: `rfc-7432` the moves of an address to here that a VTEP detects, from the first on; `frr-8.4` all that
   * it sees of them, its own detections and those of others that take the address away from it, in a window that begins
   * with a detection of its own (zebra_evpn_mac.c).
   */
  readonly counting: 'rfc-7432' | 'frr-8.4';
  /** What becomes of a duplicate: a warning to the operator and nothing else, or it is announced no more. */
  readonly action: 'warn' | 'freeze';
  /** How long it is frozen; null for ever. FRR: `auto-recovery`. */
  readonly recoveryNs: number | null;
}

/** N = 5 and M = 180 s (RFC 7432, 15.1). What then follows is the implementation's: FRR warns. */
export const DEFAULT_DUPLICATE_DETECTION: DuplicateDetection = {
  movesMax: 5,
  windowNs: 180 * SECOND_NS,
  counting: 'rfc-7432',
  action: 'freeze',
  recoveryNs: 1800 * SECOND_NS,
};

/** What a VTEP counts of one address. */
interface Count {
  moves: number;
  windowEndNs: number;
  frozenUntilNs: number;
}

/** The duplicates that one VTEP detects. Addresses that never move cost nothing. */
export class DuplicateDetector {
  /** Addresses that became duplicates. */
  detectedCount = 0;

  readonly #parameters: DuplicateDetection;
  readonly #counts = new Map<number, Count>();

  constructor(parameters: DuplicateDetection) {
    this.#parameters = parameters;
  }

  /** An address that another VTEP has is seen at a local port. */
  movedHere(address: number, nowNs: number): void {
    const { windowNs } = this.#parameters;
    const known = this.#counts.get(address);
    if (known !== undefined && nowNs < known.windowEndNs) {
      this.#add(known, nowNs);
      return;
    }
    const frozenUntilNs = known?.frozenUntilNs ?? 0;
    const count = { moves: 0, windowEndNs: nowNs + windowNs, frozenUntilNs };
    this.#counts.set(address, count);
    this.#add(count, nowNs);
  }

  /** Another VTEP has taken an address from here. */
  movedAway(address: number, nowNs: number): void {
    if (this.#parameters.counting !== 'frr-8.4') return;
    const known = this.#counts.get(address);
    if (known !== undefined && nowNs < known.windowEndNs) this.#add(known, nowNs);
  }

  /** Whether an address is announced no more, nor taken from others, because it is in two places. */
  isFrozen(address: number, nowNs: number): boolean {
    const known = this.#counts.get(address);
    return known !== undefined && nowNs < known.frozenUntilNs;
  }

  /** Forgets everything. */
  clear(): void {
    this.#counts.clear();
  }

  #add(count: Count, nowNs: number): void {
    const { movesMax, action, recoveryNs } = this.#parameters;
    if (++count.moves !== movesMax) return;
    this.detectedCount++;
    if (action === 'freeze') count.frozenUntilNs = recoveryNs === null ? Number.POSITIVE_INFINITY : nowNs + recoveryNs;
  }
}
