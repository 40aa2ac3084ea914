import { CellKeeper } from './cell-keeper.ts';
import type { CellError } from './cell-order.ts';
import type { CellPool } from './cell-pool.ts';
import { ALONE, CellRoom } from './cell-room.ts';
import { idsOf } from './open-study.ts';
import { costOf } from './plan-lines.ts';
import type { PreparedBatch } from './prepare-batch.ts';
import { isInShard } from './shard.ts';
import type { PointCell, StudyCell } from './study.ts';

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
  done(cell: PointCell, cost: number): void;
  /** It will be simulated again, after all others and alone. */
  retrying(failed: FailedCell): void;
  failed(failed: FailedCell): void;
}

/** A cell that failed. */
export interface FailedCell {
  readonly cell: PointCell;
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

/** A cell that was simulated in vain so many times. */
type Attempt = Pick<FailedCell, 'cell' | 'attempts'>;

class Batch {
  readonly #batch: PreparedBatch;
  readonly #pace: BatchPace;
  readonly #keeper: CellKeeper;
  readonly #room: CellRoom;
  /** Cells that are simulated or taken in by the store. */
  readonly #flights = new Set<Promise<void>>();
  readonly #again: FailedCell[] = [];
  readonly #failed: FailedCell[] = [];
  readonly #violating: string[] = [];
  #done = 0;
  #isStopped = false;
  /** What the operating system refused: no other cell would fare better. */
  #trouble: CellError | null = null;

  constructor(batch: PreparedBatch, pace: BatchPace) {
    this.#batch = batch;
    this.#pace = pace;
    this.#keeper = new CellKeeper(batch.store, pace.pool, batch.parts);
    this.#room = new CellRoom(pace);
  }

  async run(): Promise<BatchEnd> {
    const suspects: StudyCell[] = [];
    for await (const cell of this.#toDo()) {
      if (this.#isOver) break;
      // one of these may have killed its process: the others come first
      if (this.#batch.suspects.has(cell.id)) suspects.push(cell);
      else await this.#begin({ cell, attempts: 0 });
    }
    for (const cell of suspects) await this.#begin({ cell, attempts: 0 }, { isAlone: true });
    await this.#landed();
    // grows by those that fail again
    for (const failed of this.#again) {
      await this.#begin(failed, { isAlone: true });
      await this.#landed();
    }
    if (this.#trouble !== null) throw Object.assign(new Error(this.#trouble.message), this.#trouble);
    return { done: this.#done, failed: this.#failed, violating: this.#violating };
  }

  get #isOver(): boolean {
    return this.#isStopped || this.#trouble !== null;
  }

  async *#toDo(): AsyncGenerator<StudyCell> {
    const { study, store, version, versions, shard, parts } = this.#batch;
    let number = 0;
    for (const cell of study.cells(version)) {
      if (!isInShard(shard, number++)) continue;
      const there = await Promise.all(idsOf(cell, versions).map((id) => store.has(id, parts)));
      if (!there.includes(true)) yield cell;
    }
  }

  /** Begins a cell when there is room for it. */
  async #begin(order: Attempt, { isAlone = false } = {}): Promise<void> {
    const { events, memoryBytes } = costOf(order.cell.run);
    const leave = await this.#room.enter(isAlone ? ALONE : memoryBytes);
    if (this.#isOver) leave();
    else {
      const flight = this.#simulate(order, { cost: events, leave }).finally(() => {
        leave();
        this.#flights.delete(flight);
      });
      this.#flights.add(flight);
    }
  }

  async #landed(): Promise<void> {
    await Promise.all(this.#flights);
  }

  async #simulate({ cell, attempts }: Attempt, { cost, leave }: { cost: number; leave: () => void }): Promise<void> {
    const { retries, events } = this.#pace;
    const end = await this.#keeper.simulate(cell, leave);
    switch (end.kind) {
      case 'kept':
        this.#done++;
        if (end.violations > 0) this.#violating.push(cell.id);
        return events.done(cell, cost);
      case 'stopped':
        this.#isStopped = true;
        return;
      case 'refused':
        this.#trouble ??= end.error;
        return;
      case 'failed': {
        const failed = { cell, attempts: attempts + 1, error: end.error };
        const isOut = failed.attempts > retries;
        (isOut ? this.#failed : this.#again).push(failed);
        return isOut ? events.failed(failed) : events.retrying(failed);
      }
    }
  }
}
