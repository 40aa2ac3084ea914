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

/** Simulates cells into a store, which takes in each as a whole; of one that did not end well nothing is left. */
export class CellKeeper {
  readonly #store: CellStore;
  readonly #pool: Pick<CellPool, 'run'>;
  readonly #parts: CellParts;
  #workNumber = 0;

  constructor(store: CellStore, pool: Pick<CellPool, 'run'>, parts: CellParts) {
    this.#store = store;
    this.#pool = pool;
    this.#parts = parts;
  }

  /** Never rejects. */
  async simulate({ id, run, parameters, command }: PointCell): Promise<KeptCell> {
    const folder = join(this.#store.workFolder, workName(id, this.#workNumber++));
    const end = await this.#pool.run({ run, parameters, command, folder, parts: this.#parts });
    if (end.kind !== 'done') {
      rmSync(folder, { recursive: true, force: true });
      return end.kind === 'failed' && end.error.syscall !== undefined ? { kind: 'refused', error: end.error } : end;
    }
    try {
      await this.#store.put(id, folder);
    } catch (error) {
      return { kind: 'refused', error: error as CellError };
    }
    return { kind: 'kept', violations: end.violations };
  }
}
