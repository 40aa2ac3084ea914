const SECOND_NS = 1e9;

/**
 * How a MAC address that is claimed in two places is told from one that moves. RFC 7432, 15.1: a VTEP that sees an address
 * come to it begins to count; moves to it and away from it count, as zebra_evpn_mac.c has it too.
 */
export interface DuplicateDetection {
  /** N: moves within the window that make an address a duplicate. */
  readonly movesMax: number;
  /** M: the window. */
  readonly windowNs: number;
  /** What becomes of a duplicate: a warning to the operator and nothing else, or it is neither announced nor taken. */
  readonly action: 'warn' | 'freeze';
  /** How long it is frozen; null for ever. FRR: `auto-recovery`. */
  readonly recoveryNs: number | null;
}

/**
 * N = 5 and M = 180 s. RFC 7432, 15.1.
 *
 * Differs from the standard: a duplicate is frozen until FRR's default time has passed, not until an operator acts, since
 * there is none.
 */
export const DEFAULT_DUPLICATE_DETECTION: DuplicateDetection = {
  movesMax: 5,
  windowNs: 180 * SECOND_NS,
  action: 'freeze',
  recoveryNs: 1800 * SECOND_NS,
};

/** What a VTEP counts of one address. */
interface Count {
  moves: number;
  windowEndNs: number;
  isFrozen: boolean;
}

/** The duplicates that one VTEP detects. Addresses that never move cost nothing. */
export class DuplicateDetector {
  /** How often an address became a duplicate. */
  detectedCount = 0;

  readonly #parameters: DuplicateDetection;
  // the window that began last at the end
  readonly #counts = new Map<number, Count>();

  constructor(parameters: DuplicateDetection) {
    this.#parameters = parameters;
  }

  /** An address that another VTEP has is seen at a local port. Returns whether that makes it frozen. */
  movedHere(address: number, nowNs: number): boolean {
    let count = this.#counts.get(address);
    if (count === undefined || (!count.isFrozen && nowNs >= count.windowEndNs)) {
      this.#forgetOld(nowNs);
      count = { moves: 0, windowEndNs: nowNs + this.#parameters.windowNs, isFrozen: false };
      this.#counts.set(address, count);
    }
    return this.#add(count);
  }

  /** Another VTEP has taken an address from here. Returns whether that makes it frozen. */
  movedAway(address: number, nowNs: number): boolean {
    const count = this.#counts.get(address);
    return count !== undefined && nowNs < count.windowEndNs && this.#add(count);
  }

  /** What was counted until windows ended says nothing any more. */
  #forgetOld(nowNs: number): void {
    for (const [address, { isFrozen, windowEndNs }] of this.#counts) {
      if (isFrozen) continue;
      if (nowNs < windowEndNs) return;
      this.#counts.delete(address);
    }
  }

  /** Addresses of which anything is kept. */
  get size(): number {
    return this.#counts.size;
  }

  /** Whether an address is neither announced nor taken from others, because it is in two places. */
  isFrozen(address: number): boolean {
    return this.#counts.get(address)?.isFrozen === true;
  }

  /** An operator, or the time, says that an address is a duplicate no more. */
  recover(address: number): void {
    this.#counts.delete(address);
  }

  /** Forgets everything. */
  clear(): void {
    this.#counts.clear();
  }

  #add(count: Count): boolean {
    if (++count.moves !== this.#parameters.movesMax) return false;
    this.detectedCount++;
    count.isFrozen = this.#parameters.action === 'freeze';
    return count.isFrozen;
  }
}
