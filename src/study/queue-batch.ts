import type { CellQueue, EndedCell, QueueFailure } from './cell-queue.ts';
import { type CellParts, hasParts } from './cell-store.ts';
import { idsOf } from './open-study.ts';
import type { PreparedBatch } from './prepare-batch.ts';
import { isInShard } from './shard.ts';
import type { StudyCell } from './study.ts';

/** What a batch on a queue is told to do. */
export interface QueueBatchOptions {
  readonly queue: CellQueue;
  /** Waits for so long between two looks at the queue; settles early when it is told to stop. */
  readonly pause: () => Promise<void>;
  readonly isStopped: () => boolean;
  readonly events: QueueBatchEvents;
}

export interface QueueBatchEvents {
  /** How many of the cells are there by now. */
  progress(done: number): void;
  failed(failed: QueueFailure): void;
  /** A worker is done with a cell that is not there: it goes on the queue again. */
  astray(id: string): void;
}

/** How a batch on a queue ended. */
export interface QueueBatchEnd {
  readonly done: number;
  readonly failed: readonly QueueFailure[];
}

/** Looks at the queue between two at all that is there, which may be a thousand times as much as what ended meanwhile. */
const LOOKS_PER_LISTING = 300;

/** The same where cells are missing on the queue. */
const LOOKS_PER_SEARCH = 10;

/**
 * Puts the cells that are to do on a queue and waits until workers have done them. Where the results are is the truth,
 * the queue only a means: what it says to be done is looked for there, and what it lost, as with a server that was
 * restarted, is put on it again.
 */
export function runQueueBatch(batch: PreparedBatch, options: QueueBatchOptions): Promise<QueueBatchEnd> {
  return new QueueBatch(batch, options).run();
}

class QueueBatch {
  readonly #batch: PreparedBatch;
  readonly #options: QueueBatchOptions;
  readonly #pending = new Set<string>();
  readonly #failed: QueueFailure[] = [];
  /** Looks until all that is there is listed in any case, and until it may be. */
  #untilListing = LOOKS_PER_LISTING;
  #untilSearch = 0;

  constructor(batch: PreparedBatch, options: QueueBatchOptions) {
    this.#batch = batch;
    this.#options = options;
  }

  async run(): Promise<QueueBatchEnd> {
    const { pause, isStopped, events } = this.#options;
    await this.#begin();
    const total = this.#pending.size;
    const done = () => total - this.#pending.size - this.#failed.length;
    while (this.#pending.size > 0 && !isStopped()) {
      await pause();
      await this.#look();
      events.progress(done());
    }
    return { done: done(), failed: this.#failed };
  }

  async #begin(): Promise<void> {
    const { queue } = this.#options;
    // of an earlier batch
    await queue.forgetFailures();
    await queue.takeEnded();
    await queue.add(this.#toDo(await this.#batch.store.list()));
  }

  /** The cells that are not there; they are waited for from then on. */
  *#toDo(there: ReadonlyMap<string, CellParts>): Generator<StudyCell> {
    const { study, shard, version, versions } = this.#batch;
    let number = 0;
    for (const cell of study.cells(version)) {
      if (!isInShard(shard, number++) || idsOf(cell, versions).some((id) => isThere(there, id))) continue;
      this.#pending.add(cell.id);
      yield cell;
    }
  }

  async #look(): Promise<void> {
    const { queue } = this.#options;
    // in this order: what leaves the queue later only makes fewer pending
    const undone = await queue.size();
    const ended = await queue.takeEnded();
    await Promise.all(ended.map((cell) => this.#takeEnd(cell)));
    this.#untilListing--;
    this.#untilSearch--;
    const isMissing = undone < this.#pending.size && this.#untilSearch <= 0;
    if (isMissing || this.#untilListing <= 0) await this.#list();
  }

  async #takeEnd({ id, isDone }: EndedCell): Promise<void> {
    if (!this.#pending.has(id)) return;
    const { queue, events } = this.#options;
    if (!isDone) {
      const failure = await queue.failureOf(id);
      if (failure !== null) this.#fail(failure);
    } else if (await this.#batch.store.has(id, 'tables')) this.#pending.delete(id);
    else events.astray(id);
  }

  #fail(failure: QueueFailure): void {
    if (!this.#pending.delete(failure.cell.id)) return;
    this.#failed.push(failure);
    this.#options.events.failed(failure);
  }

  /** Looks at all that is there; what neither is there nor on the queue is put on it again. */
  async #list(): Promise<void> {
    const { queue } = this.#options;
    this.#untilListing = LOOKS_PER_LISTING;
    this.#untilSearch = LOOKS_PER_SEARCH;
    // a cell is first put where results are and then leaves the queue
    const unknown = await queue.unknown(this.#pending);
    const there = await this.#batch.store.list();
    for (const id of this.#pending) if (isThere(there, id)) this.#pending.delete(id);
    for (const failure of await queue.failures()) this.#fail(failure);
    for (const id of unknown) if (!this.#pending.has(id)) unknown.delete(id);
    if (unknown.size > 0) await queue.add(this.#cellsOf(unknown));
  }

  *#cellsOf(ids: ReadonlySet<string>): Generator<StudyCell> {
    const { study, version } = this.#batch;
    for (const cell of study.cells(version)) if (ids.has(cell.id)) yield cell;
  }
}

/** Whether a cell is there as a batch wants it. */
function isThere(cells: ReadonlyMap<string, CellParts>, id: string): boolean {
  return hasParts(cells.get(id), 'tables');
}
