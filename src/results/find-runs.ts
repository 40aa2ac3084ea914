import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RunFile } from '../metrics/run-file.ts';
import { RUN_FILE_NAME } from '../metrics/run-mark.ts';
import { RESULT_TABLES } from '../metrics/tables.ts';
import { ResultsError, readRunRecord } from './run-record.ts';

/** A folder with the results of one run. */
export interface FoundRun {
  /** The folder, by way of the path that was asked for. */
  readonly folder: string;
  /** What `run.json` says; null where there is none. */
  readonly record: RunFile | null;
  /**
   * `whole`: the run wrote all it had to. `incomplete`: it was killed, or is still being written: there is no
   * `run.json` yet, and `.partial` files or a part of the tables. `unmarked`: all tables, but from a version before
   * `run.json`.
   */
  readonly state: 'whole' | 'incomplete' | 'unmarked';
  /** Tables by name, each with the path of its file; those that are cut off end in `.partial`. */
  readonly tables: ReadonlyMap<string, string>;
}

/** Files that a result folder may hold, by the name of their table; the whole one wins over the partial one. */
const TABLE_NAMES: ReadonlySet<string> = new Set(RESULT_TABLES.map(({ name }) => name));
const PARTIAL_SUFFIX = '.arrow.partial';
const TABLE_SUFFIX = '.arrow';

/**
 * The result folders at and below the paths: a run's folder, a study's, or one of many results. In the order of the
 * paths and below each by name; a folder that is reached twice, by whatever paths, comes once. Throws a `ResultsError` for a path that is
 * not there or that holds no results.
 */
export function findRuns(paths: readonly string[]): FoundRun[] {
  const runs = new Map<string, FoundRun>();
  for (const path of paths) {
    const found = runsBelow(startingFolder(path));
    if (found.length === 0) {
      throw new ResultsError(`${path}: no results there; expected a folder with ${RUN_FILE_NAME} and .arrow files`);
    }
    for (const run of found) {
      const folder = realpathSync(run.folder);
      if (!runs.has(folder)) runs.set(folder, run);
    }
  }
  return [...runs.values()];
}

/** A file of a result folder stands for its folder. */
function startingFolder(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new ResultsError(`${path}: no such file or folder`);
  if (stats.isDirectory()) return path;
  if (basename(path) === RUN_FILE_NAME || tableOf(basename(path)) !== null) return dirname(path);
  throw new ResultsError(`${path}: got a file, expected a folder of results, or a file in one`);
}

function runsBelow(folder: string): FoundRun[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const here = runAt(
    folder,
    entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name),
  );
  if (here !== null) return [here];
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map(({ name }) => join(folder, name))
    .sort()
    .flatMap(runsBelow);
}

/** The run whose folder has these files; null if they are of no run. */
function runAt(folder: string, files: readonly string[]): FoundRun | null {
  const tables = new Map<string, string>();
  // `x.arrow` sorts before `x.arrow.partial`
  for (const file of files.toSorted()) {
    const table = tableOf(file);
    if (table !== null && !tables.has(table)) tables.set(table, join(folder, file));
  }
  const record = files.includes(RUN_FILE_NAME) ? readRunRecord(folder) : null;
  if (record === null && tables.size === 0) return null;
  const hasAll = files.includes(`run${TABLE_SUFFIX}`) && !files.some((file) => file.endsWith(PARTIAL_SUFFIX));
  return { folder, record, tables, state: record !== null ? 'whole' : hasAll ? 'unmarked' : 'incomplete' };
}

function tableOf(file: string): string | null {
  const suffix = [PARTIAL_SUFFIX, TABLE_SUFFIX].find((one) => file.endsWith(one));
  const name = suffix === undefined ? '' : file.slice(0, -suffix.length);
  return TABLE_NAMES.has(name) ? name : null;
}
