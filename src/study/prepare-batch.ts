import { runId } from '../scenario/describe-run.ts';
import { type CellStore, StoreError } from './cell-store.ts';
import { costOf, planLine } from './plan-lines.ts';
import { isInShard, type Shard } from './shard.ts';
import type { Study, StudyCell } from './study.ts';
import { recordOf } from './study-record.ts';

/** What a batch is asked to do. */
export interface BatchOrder {
  readonly study: Study;
  readonly store: CellStore;
  readonly version: string;
  readonly shard: Shard;
  /** Cells that another version simulated count as done. */
  readonly keepsVersions: boolean;
  /** Cells that are not of the plan are removed. */
  readonly prunes: boolean;
}

/** A batch that may begin: everything is where it should be. */
export interface PreparedBatch extends BatchOrder {
  /** Versions whose cells count. */
  readonly versions: readonly string[];
  /** Of the shard. */
  readonly cells: number;
  readonly done: number;
  /** Events that the cells to do are reckoned to have. */
  readonly events: number;
  /** Cells that were under way when their process was killed. */
  readonly suspects: ReadonlySet<string>;
}

/** Writes the plan and what the study is, after all checks of the place for its results. */
export async function prepareBatch(order: BatchOrder): Promise<PreparedBatch> {
  const { study, store, version, shard } = order;
  await store.open();
  const versions = await versionsThatCount(order);
  const there = await store.list();
  const others = new Set(there);
  const counts = { points: 0, cells: 0, fabrics: new Set<string>(), seeds: new Set<number>() };
  const own = { cells: 0, done: 0, events: 0 };
  for (const cell of study.cells(version)) {
    const ids = idsOf(cell, versions);
    const isDone = ids.some((id) => there.has(id));
    for (const id of ids) others.delete(id);
    if (isInShard(shard, counts.cells)) {
      own.cells++;
      if (isDone) own.done++;
      else own.events += costOf(cell.run).events;
    }
    counts.cells++;
    counts.points = cell.point + 1;
    counts.fabrics.add(cell.run.fabric.name);
    counts.seeds.add(cell.run.scenario.seed);
  }
  await removeOthers(others, there.size, order);
  const found = { ...counts, fabrics: [...counts.fabrics], seeds: [...counts.seeds] };
  await store.writeStudy(recordOf(study, found, version, versions.slice(1)));
  await store.writePlan(planLines(study, version));
  const suspects = new Set(await store.tidy({ isDone: false }));
  return { ...order, versions, ...own, suspects };
}

/** The names that a cell may have, its own first. */
export function idsOf({ id, run, parameters }: StudyCell, versions: readonly string[]): string[] {
  return [id, ...versions.slice(1).map((version) => runId({ ...run, parameters }, version))];
}

async function versionsThatCount({ study, store, version, keepsVersions, prunes }: BatchOrder): Promise<string[]> {
  const record = await store.readStudy();
  if (record === null) return [version];
  if (record.name !== study.name) {
    throw new StoreError(`${store.place}: these are results of the study '${record.name}', not of '${study.name}'`);
  }
  const others = [record.version, ...record.keptVersions].filter((other) => other !== version);
  if (others.length === 0 || prunes) return [version];
  if (keepsVersions) return [version, ...new Set(others)];
  throw new StoreError(
    `${store.place}: version ${others[0]} simulated what is there, and this is version ${version}; expected --any-version ` +
      'to keep it, --prune to remove it, or another --out',
  );
}

async function removeOthers(ids: ReadonlySet<string>, count: number, { store, prunes }: BatchOrder): Promise<void> {
  if (ids.size === 0) return;
  if (!prunes) {
    throw new StoreError(
      `${store.place}: ${ids.size} of ${count} cells there are none of this plan, and would spoil its answers; expected ` +
        '--prune to remove them, or another --out',
    );
  }
  for (const id of ids) await store.remove(id);
}

function* planLines(study: Study, version: string): Generator<string> {
  for (const cell of study.cells(version)) yield `${JSON.stringify(planLine(cell, version))}\n`;
}
