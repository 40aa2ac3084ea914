import { CellControl } from '../../src/study/cell-order.ts';
import type { CellStore } from '../../src/study/cell-store.ts';
import { type PreparedBatch, prepareBatch } from '../../src/study/prepare-batch.ts';
import { readStudy } from '../../src/study/read-study.ts';
import { type BatchEnd, type BatchPace, runBatch } from '../../src/study/run-batch.ts';
import { chooseShard } from '../../src/study/shard.ts';
import { simulateCell } from '../../src/study/simulate-cell.ts';
import type { Study } from '../../src/study/study.ts';

/** Cells are simulated right here, without a worker. */
export const HERE: BatchPace['pool'] = {
  run: async (order) => simulateCell({ ...order, control: new CellControl(1).buffer, slot: 0 }),
};

/** The whole plan of a study, ready to begin. */
export function prepared(file: string, storeOf: (study: Study) => CellStore, version: string): Promise<PreparedBatch> {
  const study = readStudy(file);
  const shard = chooseShard('1/1', {});
  return prepareBatch({ study, store: storeOf(study), version, shard, keepsVersions: false, prunes: false });
}

/** Simulates the whole plan of a study. */
export async function inlineBatch(
  file: string,
  storeOf: (study: Study) => CellStore,
  version: string,
  pool: BatchPace['pool'] = HERE,
): Promise<BatchEnd> {
  const events = { done: () => {}, retrying: () => {}, failed: () => {} };
  const pace = { pool, jobs: 1, memoryBytes: 4e9, retries: 0, events };
  const batch = await prepared(file, storeOf, version);
  try {
    return await runBatch(batch, pace);
  } finally {
    batch.store.close();
  }
}
