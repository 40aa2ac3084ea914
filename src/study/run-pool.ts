import type { FabricSummary } from '../metrics/summary.ts';
import type { PlannedRun } from '../scenario/replications.ts';
import { CellPool, type PoolOptions } from './cell-pool.ts';

/** Worker threads that simulate runs without results, some at a time, in the order in which they are asked for. */
export class RunPool {
  readonly #pool: CellPool;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(options: PoolOptions) {
    this.#pool = new CellPool(options);
    this.#free = options.jobs;
  }

  /** The summary of a run; throws what went wrong in it. */
  async simulate(run: PlannedRun): Promise<FabricSummary> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      const end = await this.#pool.run({ run, parameters: {}, command: [], folder: null });
      if (end.kind === 'failed') throw Object.assign(new Error(end.error.message), end.error);
      if (end.kind === 'stopped' || end.summary === null) throw new Error('a run was stopped');
      if (end.violations > 0) {
        throw new Error(`counters of ${run.fabric.name}, seed ${run.scenario.seed}, do not agree with one another`);
      }
      return end.summary;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }

  /** Ends all workers. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}
