import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { RUN_FILE_NAME } from '../metrics/run-mark.ts';
import { RESULT_TABLES } from '../metrics/tables.ts';
import { encodeParquet, streamInside } from '../results/encode-parquet.ts';
import type { FoundRun } from '../results/find-runs.ts';
import { type ColumnTable, parseTable } from '../results/parse-table.ts';
import { csvRow, jsonRow } from '../results/text-rows.ts';
import { unknownName } from '../scenario/cross-check.ts';
import { STUDY_FILE_NAME } from '../study/study-record.ts';
import { chosenRuns } from './chosen-runs.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { makeWritable, writeMessage } from './output.ts';
import type { ExportOptions } from './result-options.ts';
import { writeWholeFile } from './whole-file.ts';

/** Writes the tables of runs in another format, one folder for each run. */
export async function exportResults(paths: readonly string[], options: ExportOptions): Promise<ExitCode> {
  const { to, out, quiet, table: wanted = RESULT_TABLES.map(({ name }) => name) } = options;
  const known = RESULT_TABLES.map(({ name }) => name);
  for (const name of wanted) {
    if (!known.includes(name)) throw new UsageError(`--table: ${unknownName('table', name, known)}`);
  }
  const runs = chosenRuns(paths, options);
  refuseResults(out, runs);
  const folders = exportedFolders(runs, out);
  makeWritable(out);
  let files = 0;
  for (const [index, run] of runs.entries()) {
    const folder = folders[index]!;
    makeWritable(folder);
    for (const [name, path] of run.tables) {
      if (!wanted.includes(name)) continue;
      const data = await exported(path, to);
      await writeWholeFile(join(folder, `${name}.${to}`), (sink) => sink.write(data));
      files++;
    }
    if (run.record !== null) copyFileSync(join(run.folder, RUN_FILE_NAME), join(folder, RUN_FILE_NAME));
  }
  writeMessage(`${files} files of ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} are in ${out}.`, { quiet });
  return ExitCode.ok;
}

/** Refuses to write among results, where they would be taken for more of them. */
function refuseResults(out: string, runs: readonly FoundRun[]): void {
  const homes = new Set(runs.map(homeOf));
  const besideHomes = new Set([...homes].map((home) => dirname(home)));
  const wanted = resolve(out);
  for (let folder = wanted; ; folder = dirname(folder)) {
    const isMarked = [STUDY_FILE_NAME, RUN_FILE_NAME].some((name) => existsSync(join(folder, name)));
    if (isMarked || homes.has(folder) || besideHomes.has(wanted)) {
      throw new UsageError(`--out ${out}: results lie in ${folder}; expected a folder of its own, outside of results`);
    }
    if (folder === dirname(folder)) return;
  }
}

/** What a run lies in with others of its study, or of its scenario. */
function homeOf({ folder }: FoundRun): string {
  const parent = dirname(resolve(folder));
  return existsSync(join(dirname(parent), STUDY_FILE_NAME)) ? dirname(parent) : parent;
}

/** Where each run goes: its place below the folder that all runs have in common. Nothing is written where a run lies. */
function exportedFolders(runs: readonly FoundRun[], out: string): string[] {
  const parents = runs.map(({ folder }) => dirname(resolve(folder)));
  let common = parents[0]!;
  while (!parents.every((parent) => parent === common || parent.startsWith(join(common, '/'))))
    common = dirname(common);
  const folders = runs.map(({ folder }) => join(out, relative(common, resolve(folder))));
  for (const [index, { folder }] of runs.entries()) {
    if (resolve(folders[index]!) === resolve(folder)) {
      throw new UsageError(`--out ${out}: ${basename(folder)} itself lies there; expected a folder of its own`);
    }
  }
  return folders;
}

async function exported(path: string, to: ExportOptions['to']): Promise<Uint8Array | string> {
  const bytes = readFileSync(path);
  const table = parseTable(bytes, path);
  if (to === 'parquet') return encodeParquet(streamInside(bytes, path), table.metadata);
  const names = table.columns.map(({ name }) => name);
  const lines = rowsOf(table).map((row) => (to === 'csv' ? csvRow(row) : jsonRow(names, row)));
  return (to === 'csv' ? [csvRow(names), ...lines] : lines).map((line) => `${line}\n`).join('');
}

function rowsOf({ columns, rowCount }: ColumnTable) {
  const values = columns.map((column) => column.values);
  return Array.from({ length: rowCount }, (_, row) => values.map((column) => column[row] ?? null));
}
