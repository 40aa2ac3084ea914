import { hasParts } from './cell-store.ts';
import { idsOf, type OpenedStudy, openStudy, type StudyOrder } from './open-study.ts';
import { costOf, planLine } from './plan-lines.ts';
import { isInShard, type Shard } from './shard.ts';
import type { Study } from './study.ts';

/** What a batch is asked to do. */
export interface BatchOrder extends Omit<StudyOrder, 'parts'> {
  readonly shard: Shard;
}

/** A batch that may begin: everything is where it should be. */
export interface PreparedBatch extends OpenedStudy {
  readonly shard: Shard;
  /** Of the shard. */
  readonly cells: number;
  readonly done: number;
  /** Events that the cells to do are reckoned to have. */
  readonly events: number;
}

/** Writes the plan and what the study is, after all checks of the place for its results. */
export async function prepareBatch({ shard, ...order }: BatchOrder): Promise<PreparedBatch> {
  const own = { cells: 0, done: 0, events: 0 };
  let number = 0;
  const opened = await openStudy({ ...order, parts: 'tables' }, ({ run }, isDone) => {
    if (!isInShard(shard, number++)) return;
    own.cells++;
    if (isDone) own.done++;
    else own.events += costOf(run).events;
  });
  await order.store.writePlan(planLines(order.study, order.version));
  return { ...opened, shard, ...own };
}

/** How many cells of a batch are not there now, leaving out those that failed: other processes may have done some. */
export async function countLeft(
  { study, store, version, versions, shard, parts }: PreparedBatch,
  failed: ReadonlySet<string>,
): Promise<number> {
  const there = await store.list();
  let left = 0;
  let number = 0;
  for (const cell of study.cells(version)) {
    if (!isInShard(shard, number++) || failed.has(cell.id)) continue;
    if (!idsOf(cell, versions).some((id) => hasParts(there.get(id), parts))) left++;
  }
  return left;
}

function* planLines(study: Study, version: string): Generator<string> {
  for (const cell of study.cells(version)) yield `${JSON.stringify(planLine(cell, version))}\n`;
}
