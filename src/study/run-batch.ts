import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CellPool } from './cell-pool.ts';
import { workName } from './folder-store.ts';
import { costOf } from './plan-lines.ts';
import { idsOf, type PreparedBatch } from './prepare-batch.ts';
import { isInShard } from './shard.ts';
import type { CellEnd, CellError } from './simulate-cell.ts';
import type { StudyCell } from './study.ts';

/** How a batch goes about its cells. */
export interface BatchPace {
  readonly pool: Pick<CellPool, 'run'>;
  /** Cells at a time, and what they may need of memory together. */
  readonly jobs: number;
  readonly memoryBytes: number;
  /** Times that a cell which failed is simulated again. */
  readonly retries: number;
  readonly events: BatchEvents;
}

/** What happens in a batch. */
export interface BatchEvents {
  done(cell: StudyCell, cost: number): void;
  /** It will be simulated again, after all others and alone. */
  retrying(failed: FailedCell): void;
  failed(failed: FailedCell): void;
}

/** A cell that failed. */
export interface FailedCell {
  readonly cell: StudyCell;
  readonly attempts: number;
  readonly error: CellError;
}

/** How a batch ended. */
export interface BatchEnd {
  readonly done: number;
  readonly failed: readonly FailedCell[];
  /** Names of cells whose counters do not agree with one another. */
  readonly violating: readonly string[];
}

/** Simulates what a batch still has to do, several cells at a time. Ends early when its pool is stopped. */
export function runBatch(batch: PreparedBatch, pace: BatchPace): Promise<BatchEnd> {
  return new Batch(batch, pace).run();
}

/** Something under way. */
interface Flight {
  readonly memoryBytes: number;
  readonly landed: Promise<void>;
}

class Batch {
  readonly #batch: PreparedBatch;
  readonly #pace: BatchPace;
  readonly #flights = new Set<Flight>();
  readonly #again: FailedCell[] = [];
  readonly #failed: FailedCell[] = [];
  readonly #violating: string[] = [];
  #done = 0;
  #workNumber = 0;
  #isStopped = false;
  /** What the operating system refused: no other cell would fare better. */
  #trouble: CellError | null = null;

  constructor(batch: PreparedBatch, pace: BatchPace) {
    this.#batch = batch;
    this.#pace = pace;
  }

  async run(): Promise<BatchEnd> {
    const suspects: StudyCell[] = [];
    for await (const cell of this.#toDo()) {
      if (this.#isOver) break;
      // one of these may have killed its process: the others come first
      if (this.#batch.suspects.has(cell.id)) suspects.push(cell);
      else await this.#begin(cell, 0);
    }
    await this.#landed();
    for (const cell of suspects) await this.#alone(cell, 0);
    for (const { cell, attempts } of this.#again) await this.#alone(cell, attempts);
    if (this.#trouble !== null) throw Object.assign(new Error(this.#trouble.message), this.#trouble);
    return { done: this.#done, failed: this.#failed, violating: this.#violating };
  }

  get #isOver(): boolean {
    return this.#isStopped || this.#trouble !== null;
  }

  async *#toDo(): AsyncGenerator<StudyCell> {
    const { study, store, version, versions, shard } = this.#batch;
    let number = 0;
    for (const cell of study.cells(version)) {
      if (!isInShard(shard, number++)) continue;
      const there = await Promise.all(idsOf(cell, versions).map((id) => store.has(id)));
      if (!there.includes(true)) yield cell;
    }
  }

  async #alone(cell: StudyCell, attempts: number): Promise<void> {
    if (this.#isOver) return;
    await this.#begin(cell, attempts);
    await this.#landed();
  }

  /** Begins a cell when there is room for it. */
  async #begin(cell: StudyCell, attempts: number): Promise<void> {
    const { events, memoryBytes } = costOf(cell.run);
    while (!this.#hasRoom(memoryBytes)) await Promise.race([...this.#flights].map(({ landed }) => landed));
    if (this.#isOver) return;
    const flight: Flight = {
      memoryBytes,
      landed: this.#simulate(cell, { attempts: attempts + 1, cost: events }).finally(() =>
        this.#flights.delete(flight),
      ),
    };
    this.#flights.add(flight);
  }

  /** Whether another cell may begin; one that is too large for any room may be alone. */
  #hasRoom(memoryBytes: number): boolean {
    if (this.#flights.size === 0) return true;
    const used = [...this.#flights].reduce((sum, flight) => sum + flight.memoryBytes, 0);
    return this.#flights.size < this.#pace.jobs && used + memoryBytes <= this.#pace.memoryBytes;
  }

  async #landed(): Promise<void> {
    while (this.#flights.size > 0) await Promise.all([...this.#flights].map(({ landed }) => landed));
  }

  async #simulate(cell: StudyCell, { attempts, cost }: { attempts: number; cost: number }): Promise<void> {
    const { store } = this.#batch;
    const { pool, events } = this.#pace;
    const { run, parameters, command } = cell;
    const folder = join(store.workFolder, workName(cell.id, this.#workNumber++));
    const end = await pool.run({ run, parameters, command, folder });
    if (end.kind !== 'done') {
      this.#ended(end, { cell, attempts, folder });
      return;
    }
    try {
      await store.put(cell.id, folder);
    } catch (error) {
      this.#trouble ??= error as CellError;
      return;
    }
    this.#done++;
    if (end.violations > 0) this.#violating.push(cell.id);
    events.done(cell, cost);
  }

  #ended(
    end: Exclude<CellEnd, { kind: 'done' }>,
    { cell, attempts, folder }: { cell: StudyCell; attempts: number; folder: string },
  ): void {
    const { retries, events } = this.#pace;
    rmSync(folder, { recursive: true, force: true });
    if (end.kind === 'stopped') {
      this.#isStopped = true;
      return;
    }
    if (end.error.syscall !== undefined) {
      this.#trouble ??= end.error;
      return;
    }
    const failed = { cell, attempts, error: end.error };
    if (attempts > retries) {
      this.#failed.push(failed);
      events.failed(failed);
    } else {
      this.#again.push(failed);
      events.retrying(failed);
    }
  }
}
