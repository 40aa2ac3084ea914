import type { CellQueue } from './cell-queue.ts';
import { type CellParts, hasParts } from './cell-store.ts';
import { idsOf } from './open-study.ts';
import type { PreparedBatch } from './prepare-batch.ts';
import { isInShard } from './shard.ts';
import type { StudyCell } from './study.ts';

/** What a batch on a queue is told to do. */
export interface QueueBatchOptions {
  readonly queue: CellQueue;
  /** Waits for so long between two looks at what is there; settles early when it is told to stop. */
  readonly pause: () => Promise<void>;
  readonly isStopped: () => boolean;
  readonly events: {
    /** How many of the cells are there by now. */
    progress(done: number): void;
    failed(failed: QueueFailure): void;
  };
}

/** A cell that workers gave up. */
export interface QueueFailure {
  readonly cell: StudyCell;
  readonly attempts: number;
  readonly message: string;
}

/** How a batch on a queue ended. */
export interface QueueBatchEnd {
  readonly done: number;
  readonly failed: readonly QueueFailure[];
}

/** Cells put on the queue between two looks: what is in memory at a time. */
const CELLS_PER_ROUND = 1000;

/**
 * Puts the cells that are to do on a queue and waits until workers have done them. Where the results are is the truth,
 * the queue only a means: what it lost, as with a server that was restarted, is put on it again.
 */
export async function runQueueBatch(batch: PreparedBatch, options: QueueBatchOptions): Promise<QueueBatchEnd> {
  const { queue, pause, isStopped, events } = options;
  // of an earlier batch
  await queue.takeFailed();
  const pending = await addAll(batch, queue);
  const failed: QueueFailure[] = [];
  const total = pending.size;
  while (pending.size > 0 && !isStopped()) {
    await pause();
    for (const { id, message, attempts } of await queue.takeFailed()) {
      if (!pending.delete(id)) continue;
      const failure = { cell: cellOf(batch, id), attempts, message };
      failed.push(failure);
      events.failed(failure);
    }
    const there = await batch.store.list();
    for (const id of pending) if (isThere(there, id)) pending.delete(id);
    events.progress(total - pending.size - failed.length);
    if ((await queue.size()) < pending.size) await addLost(batch, pending, queue);
  }
  return { done: total - pending.size - failed.length, failed };
}

/** The names of the cells that were put on the queue. */
async function addAll(batch: PreparedBatch, queue: CellQueue): Promise<Set<string>> {
  const { study, store, shard, version, versions } = batch;
  const there = await store.list();
  const pending = new Set<string>();
  let round: StudyCell[] = [];
  let number = 0;
  for (const cell of study.cells(version)) {
    if (!isInShard(shard, number++) || idsOf(cell, versions).some((id) => isThere(there, id))) continue;
    pending.add(cell.id);
    if (round.push(cell) < CELLS_PER_ROUND) continue;
    await queue.add(round);
    round = [];
  }
  await queue.add(round);
  return pending;
}

/** Puts cells on the queue again that are neither there nor done. */
async function addLost(batch: PreparedBatch, pending: ReadonlySet<string>, queue: CellQueue): Promise<void> {
  const unknown = new Set<string>();
  for (const id of pending) if (!(await queue.knows(id))) unknown.add(id);
  if (unknown.size === 0) return;
  // a cell is first put where results are and then leaves the queue
  const there = await batch.store.list();
  const lost = new Set([...unknown].filter((id) => !isThere(there, id)));
  if (lost.size === 0) return;
  for (const cell of batch.study.cells(batch.version)) if (lost.has(cell.id)) await queue.add([cell]);
}

/** Whether a cell is there as a batch wants it. */
function isThere(cells: ReadonlyMap<string, CellParts>, id: string): boolean {
  return hasParts(cells.get(id), 'tables');
}

function cellOf({ study, version }: PreparedBatch, id: string): StudyCell {
  for (const cell of study.cells(version)) if (cell.id === id) return cell;
  throw new Error(`there is no cell ${id}`);
}
