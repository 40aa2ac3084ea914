import { realpathSync, statSync } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import { type FoundRun, findRuns } from '../results/find-runs.ts';
import { readTable } from '../results/read-table.ts';
import { fabricPlace, ResultsError } from '../results/run-record.ts';
import { readVersion } from '../scenario/version.ts';
import { type Catalogue, type CatalogueRun, PAGE_TABLES } from './page/catalogue.ts';

/** The runs below a path, and where their files are. */
export interface RunFiles {
  readonly catalogue: Catalogue;
  /** The path of a table of a run, by its index in the catalogue; null if there is no such run or table. */
  pathOf(run: number, table: string): string | null;
}

/** What a run needs to be shown: one table is for the catalogue. */
const READ_TABLES: readonly string[] = [...PAGE_TABLES, 'run'];

/**
 * Finds the runs at and below a path that can be drawn. Throws a `ResultsError` if there is none. A file that lies outside
 * of the path, by way of a symbolic link, is left out.
 */
export function findRunFiles(path: string): RunFiles {
  const runs = findRuns([path]);
  // a file in a result folder stands for the folder
  const root = realpathSync(statSync(path).isDirectory() ? path : dirname(path));
  const found = runs.map((run) => ({ run, paths: tablesInside(run, root) }));
  const missing = ({ paths }: (typeof found)[number]) => READ_TABLES.filter((table) => !paths.has(table));
  const drawable = found
    .filter((one) => missing(one).length === 0)
    // folders of a study have names that say nothing
    .sort(
      (one, other) =>
        parameterWords(one.run).localeCompare(parameterWords(other.run), 'en', { numeric: true }) ||
        placeOf(one.run) - placeOf(other.run),
    );
  if (drawable.length === 0) {
    const hasNone = runs.every(({ tables }) => tables.size === 0);
    throw new ResultsError(
      `${path}: none of the ${found.length} runs there can be drawn; ${
        hasNone
          ? 'they have no tables, as dcfabric plan --no-tables leaves them'
          : `the first has no ${missing(found[0]!).join(', ')}, which runs of this version write`
      }`,
    );
  }
  return {
    catalogue: {
      version: readVersion(),
      runs: drawable.map(({ run, paths }) => catalogueRun(run, paths, root)),
    },
    pathOf: (run, table) => (isServed(table) ? (drawable[run]?.paths.get(table) ?? null) : null),
  };
}

/** Of its fabric in the scenario: the first two of a comparison are the ones that are seen at first. */
function placeOf({ record }: FoundRun): number {
  return record === null ? 0 : fabricPlace(record, record.fabric.name);
}

function parameterWords({ record }: FoundRun): string {
  const words = ([path, value]: [string, unknown]) =>
    `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
  return Object.entries(record?.parameters ?? {})
    .map(words)
    .join(' ');
}

function isServed(table: string): boolean {
  return (PAGE_TABLES as readonly string[]).includes(table);
}

/** The tables that are read, by their real paths. */
function tablesInside({ tables }: FoundRun, root: string): Map<string, string> {
  const inside = new Map<string, string>();
  for (const table of READ_TABLES) {
    const path = tables.get(table);
    if (path === undefined) continue;
    const real = realpathSync(path);
    if (isBelow(real, root) && statSync(real).isFile()) inside.set(table, real);
  }
  return inside;
}

function isBelow(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`);
}

function catalogueRun(run: FoundRun, paths: ReadonlyMap<string, string>, root: string): CatalogueRun {
  const row = readTable(paths.get('run')!).rows(0, 1)[0]!;
  const key = relative(root, realpathSync(run.folder)).split(sep).join('/');
  const fabric = String(row.fabric);
  return {
    key: key === '' ? `${fabric}-seed${row.seed}` : key,
    title: run.record?.scenario.title || String(row.scenario_title),
    fabric,
    kind: String(row.kind),
    seed: Number(row.seed),
    parameters: parameterWords(run),
    isComplete: row.is_complete === true,
    durationNs: Number(row.duration_ns),
    // runs of old have no such column
    warmUpNs: Number(row.warmup_ns ?? 0),
    tableBytes: Object.fromEntries(
      [...paths].filter(([table]) => isServed(table)).map(([table, path]) => [table, statSync(path).size]),
    ),
  };
}
