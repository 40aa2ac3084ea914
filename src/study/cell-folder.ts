import { existsSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RUN_FILE_NAME } from '../metrics/run-mark.ts';
import { StoreError } from './cell-store.ts';

/** Whether a cell may have this name, which is a digest. */
export function isCellId(name: string): boolean {
  return /^[\da-f]{16}$/.test(name);
}

/** Whether the folder of a cell may hold it, whole or in part: a table or the mark. */
export function isCellFile(name: string): boolean {
  return /^([a-z\d_]+\.arrow|run\.json)(\.partial)?$/.test(name);
}

/** Something in a folder of cells that is of no cell; null if there is nothing. What begins with a dot is passed over. */
export function foreignAmongCells(folder: string): string | null {
  for (const name of namesIn(folder)) {
    if (name.startsWith('.')) continue;
    const path = join(folder, name);
    if (!isCellId(name)) return path;
    // only where no batch completed it, it is open whose it is
    if (existsSync(join(path, RUN_FILE_NAME))) continue;
    if (!isFolder(path)) return path;
    const foreign = namesIn(path).find((file) => !isCellFile(file));
    if (foreign !== undefined) return join(path, foreign);
  }
  return null;
}

/** Also of one that another process has just removed. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true;
}

/** Removes a cell, the mark of wholeness first. Throws, and removes nothing, where people keep other things in its folder. */
export function removeCellFolder(folder: string): void {
  const names = namesIn(folder);
  const foreign = names.find((name) => !isCellFile(name));
  if (foreign !== undefined) throw foreignError(join(folder, foreign));
  rmSync(join(folder, RUN_FILE_NAME), { force: true });
  for (const name of names) rmSync(join(folder, name), { force: true });
  removeEmptyFolder(folder);
}

/** Something lies where only cells may. */
export function foreignError(path: string): StoreError {
  return new StoreError(
    `${path}: is of no run, and lies where only runs of a study may; move it elsewhere, or choose another --out`,
  );
}

/** Removes a folder unless there is something in it, or another process was faster. */
export function removeEmptyFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code!)) throw error;
  }
}

/** None where there is no folder, as where another process has just removed it. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
