import { closeSync, existsSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeWritableFolder } from '../metrics/writable-folder.ts';
import { type BenchOrigin, type BenchRun, readBenchRun, writeBenchFile } from './bench-file.ts';
import { BenchError } from './case-report.ts';
import type { MeasuredCase } from './measure-cases.ts';

/** The runs of a folder, and the files in it that are none. */
export interface BenchHistory {
  /** The oldest first. */
  readonly runs: readonly BenchRun[];
  /** Why each of the other files is none: each text names its file. */
  readonly refused: readonly string[];
}

/** Writes a run of benches into the history's folder and returns the file, which is a new one. */
export function writeBenchRun(folder: string, origin: BenchOrigin, cases: readonly MeasuredCase[]): string {
  makeWritableFolder(folder);
  const stamp = origin.startedAt.replace(/[-:]/g, '');
  const build = origin.commit?.slice(0, 9) ?? `v${origin.version}`;
  const name = `${stamp}-${build}${origin.isDirty ? '-dirty' : ''}`;
  let path = join(folder, `${name}.arrow`);
  for (let number = 2; !isOurs(path); number++) path = join(folder, `${name}-${number}.arrow`);
  return writeBenchFile(path, origin, cases);
}

/** Takes a name that no run has and that no other process is about to take, by the file that has it until it is whole. */
function isOurs(path: string): boolean {
  const partialPath = `${path}.partial`;
  try {
    closeSync(openSync(partialPath, 'wx'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  if (!existsSync(path)) return true;
  rmSync(partialPath);
  return false;
}

/** All runs of a history's folder. None if there is no such folder. */
export function readBenchHistory(folder: string): BenchHistory {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return { runs: [], refused: [] };
  const runs: BenchRun[] = [];
  const refused: string[] = [];
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.arrow'))) {
    try {
      runs.push(readBenchRun(join(folder, name)));
    } catch (error) {
      if (!(error instanceof BenchError) && !('syscall' in (error as Error))) throw error;
      refused.push((error as Error).message);
    }
  }
  // files of one time stay in the order of their names
  runs.sort((one, other) => Date.parse(one.startedAt) - Date.parse(other.startedAt) || compareNames(one, other));
  return { runs, refused: refused.sort() };
}

function compareNames(one: BenchRun, other: BenchRun): number {
  return one.path < other.path ? -1 : 1;
}
