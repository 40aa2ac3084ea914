// What a pool and the threads of its workers say to each other.
import type { PlannedRun } from '../scenario/replications.ts';
import type { CellParts } from './cell-store.ts';
import type { Parameters } from './study-points.ts';

/** A cell to simulate. */
export interface CellOrder {
  readonly run: PlannedRun;
  readonly parameters: Parameters;
  readonly command: readonly string[];
  /** Where its results go; not there before. */
  readonly folder: string;
  readonly parts: CellParts;
  /** Shared with who ordered it: see `CellControl`. */
  readonly control: SharedArrayBuffer;
  readonly slot: number;
}

/** How a cell ended. Errors are data: between threads they keep neither their class nor their own properties. */
export type CellEnd =
  | { readonly kind: 'done'; readonly events: number; readonly violations: number }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: CellError }
  /** Nothing can be simulated: no other cell would fare better. */
  | { readonly kind: 'refused'; readonly error: CellError };

export interface CellError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Of what the operating system refused. */
  readonly code?: string;
  readonly syscall?: string;
  readonly path?: string;
}

/** What a pool and its workers share: whether to stop, and how far the cell in each slot is, 0 to 1. */
export class CellControl {
  readonly buffer: SharedArrayBuffer;
  readonly #stop: Int32Array;
  readonly #shares: Float64Array;

  /** Of as many slots, or that of somebody else. */
  constructor(given: number | SharedArrayBuffer) {
    this.buffer = typeof given === 'number' ? new SharedArrayBuffer(8 * (given + 1)) : given;
    this.#stop = new Int32Array(this.buffer, 0, 1);
    this.#shares = new Float64Array(this.buffer, 8);
  }

  get isStopped(): boolean {
    return Atomics.load(this.#stop, 0) !== 0;
  }

  stop(): void {
    Atomics.store(this.#stop, 0, 1);
  }

  shareOf(slot: number): number {
    return this.#shares[slot]!;
  }

  setShare(slot: number, share: number): void {
    this.#shares[slot] = share;
  }
}

/** An error as data. */
export function describeError(error: unknown): CellError {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { ...(error as object), name, message, ...(stack === undefined ? {} : { stack }) };
}
