import { mkdirSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Makes a folder and those above it, or throws before any work is done for a place that cannot be written to. */
export function makeWritableFolder(folder: string): void {
  makeFolder(folder);
  try {
    // permission bits are not the whole truth: what counts is that a folder can be made
    rmdirSync(mkdtempSync(join(folder, '.dcfabric-')));
  } catch (error) {
    throw Object.assign(error as NodeJS.ErrnoException, { path: folder });
  }
}

/** Folder by folder, because `mkdirSync` with `recursive` never returns from a place such as /proc. */
function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // another process may have been faster
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
