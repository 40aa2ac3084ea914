import { runId } from '../scenario/describe-run.ts';
import { ScenarioError } from '../scenario/scenario-error.ts';
import { type CellParts, type CellStore, DamagedCellError, hasParts, StoreError } from './cell-store.ts';
import { parametersAt } from './plan-settings.ts';
import type { PointCell, Study, StudyCell } from './study.ts';
import type { Parameters } from './study-points.ts';
import { recordOf } from './study-record.ts';

/** What is to be done with a study, and where its results are kept. */
export interface StudyOrder {
  readonly study: Study;
  readonly store: CellStore;
  readonly version: string;
  /** Cells that another version simulated count as done. */
  readonly keepsVersions: boolean;
  /** Cells that are not of the study are removed. */
  readonly prunes: boolean;
  /** What is wanted of each cell; one that has less is simulated again. */
  readonly parts: CellParts;
}

/** A study whose place for results is in order. */
export interface OpenedStudy extends StudyOrder {
  /** Versions whose cells count. */
  readonly versions: readonly string[];
  /** Cells that were under way when their process was killed. */
  readonly suspects: ReadonlySet<string>;
}

/**
 * Writes what the study is, after all checks of the place for its results. `visit` is shown every cell of the study's
 * points, in order, and whether it is there.
 */
export async function openStudy(
  order: StudyOrder,
  visit: (cell: StudyCell, isDone: boolean) => void = () => {},
): Promise<OpenedStudy> {
  const { study, store, version, parts } = order;
  await store.open();
  const versions = await versionsThatCount(order);
  const there = await store.list();
  const others = new Set(there.keys());
  const count = others.size;
  const counts = { points: 0, cells: 0, fabrics: new Set<string>(), seeds: new Set<number>() };
  for (const cell of study.cells(version)) {
    const ids = idsOf(cell, versions);
    visit(
      cell,
      ids.some((id) => hasParts(there.get(id), parts)),
    );
    for (const id of ids) others.delete(id);
    counts.cells++;
    counts.points = cell.point + 1;
    counts.fabrics.add(cell.run.fabric.name);
    counts.seeds.add(cell.run.scenario.seed);
  }
  await forgetSearched(others, order, versions);
  await removeOthers(others, count, order);
  const found = { ...counts, fabrics: [...counts.fabrics], seeds: [...counts.seeds] };
  await store.writeStudy(recordOf(study, found, version, versions.slice(1)));
  const suspects = new Set(await store.tidy({ isDone: false }));
  return { ...order, versions, suspects };
}

/** The names that a cell may have, its own first. */
export function idsOf({ id, run, parameters }: PointCell, versions: readonly string[]): string[] {
  return [id, ...versions.slice(1).map((version) => runId({ ...run, parameters }, version))];
}

async function versionsThatCount({ study, store, version, keepsVersions, prunes }: StudyOrder): Promise<string[]> {
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

/** Takes out cells of the study's search: they differ from its scenario in the value that is looked for, and what grows with it. */
async function forgetSearched(
  ids: Set<string>,
  { study, store, version, prunes }: StudyOrder,
  versions: readonly string[],
): Promise<void> {
  const { plan } = study;
  if (plan === null) return;
  const idsAt = new Map<string, ReadonlySet<string>>();
  for (const id of ids) {
    const parameters = await parametersOf(id, { store, prunes });
    const value = parameters?.[plan.axis.path];
    const key = JSON.stringify(parameters);
    if (value === undefined || JSON.stringify(parametersAt(plan, value)) !== key) continue;
    if (!idsAt.has(key)) {
      const cells = cellsOrNone(study, parametersAt(plan, value), version);
      idsAt.set(key, new Set(cells.flatMap((cell) => idsOf(cell, versions))));
    }
    if (idsAt.get(key)!.has(id)) ids.delete(id);
  }
}

/** null of what is damaged and may be removed. */
async function parametersOf(
  id: string,
  { store, prunes }: Pick<StudyOrder, 'store' | 'prunes'>,
): Promise<Parameters | null> {
  try {
    return (await store.readRun(id)).parameters;
  } catch (error) {
    if (prunes && error instanceof DamagedCellError) return null;
    throw error;
  }
}

/** None at a value that the scenario does not take any more. */
function cellsOrNone(study: Study, parameters: Parameters, version: string): PointCell[] {
  try {
    return study.cellsAt(parameters, version);
  } catch (error) {
    if (error instanceof ScenarioError) return [];
    throw error;
  }
}

async function removeOthers(ids: ReadonlySet<string>, count: number, { store, prunes }: StudyOrder): Promise<void> {
  if (ids.size === 0) return;
  if (!prunes) {
    throw new StoreError(
      `${store.place}: ${ids.size} of ${count} cells there are none of this plan, and would spoil its answers; expected ` +
        '--prune to remove them, or another --out',
    );
  }
  for (const id of ids) await store.remove(id);
}
