import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CellError } from './cell-order.ts';
import type { CellPool } from './cell-pool.ts';
import type { CellParts, CellStore } from './cell-store.ts';
import { workName } from './folder-store.ts';
import type { PointCell } from './study.ts';

/** What became of a cell. */
export type KeptCell =
  | { readonly kind: 'kept'; readonly violations: number }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: CellError }
  /** The operating system or the store refused something: no other cell would fare better. */
  | { readonly kind: 'refused'; readonly error: CellError };

/** Cells that a store takes in at a time, while others are simulated: it may have to wait for a disk. */
const PUTS_MAX = 8;

/** Simulates cells into a store, which takes in each as a whole; of one that did not end well nothing is left. */
export class CellKeeper {
  readonly #store: CellStore;
  readonly #pool: Pick<CellPool, 'run'>;
  readonly #parts: CellParts;
  #workNumber = 0;
  readonly #puts = new Set<Promise<void>>();

  constructor(store: CellStore, pool: Pick<CellPool, 'run'>, parts: CellParts) {
    this.#store = store;
    this.#pool = pool;
    this.#parts = parts;
  }

  /** Never rejects. Calls `onSimulated` when it is only the store that is waited for. */
  async simulate({ id, run, parameters, command }: PointCell, onSimulated = () => {}): Promise<KeptCell> {
    const folder = join(this.#store.workFolder, workName(id, this.#workNumber++));
    const end = await this.#pool.run({ run, parameters, command, folder, parts: this.#parts });
    if (end.kind !== 'done') {
      rmSync(folder, { recursive: true, force: true });
      return end.kind === 'failed' && end.error.syscall !== undefined ? { kind: 'refused', error: end.error } : end;
    }
    while (this.#puts.size >= PUTS_MAX) await Promise.race(this.#puts);
    const put = this.#store.put(id, folder);
    const settled = put.then(
      () => {},
      () => {},
    );
    this.#puts.add(settled);
    void settled.then(() => this.#puts.delete(settled));
    onSimulated();
    try {
      await put;
    } catch (error) {
      return { kind: 'refused', error: error as CellError };
    }
    return { kind: 'kept', violations: end.violations };
  }
}
