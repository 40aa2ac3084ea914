import { closeSync, fsync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * The mark of a result folder: one that has it is whole. So that this holds of what is found after a power failure too,
 * every other file of the folder reaches the disk before the mark is put there: with one fsync each, which is what Node
 * has, and none before the last is written. The mark itself may get lost, and then there is nothing to rely on.
 *
 * Cells of a batch are simulated elsewhere, with their mark, and moved to their place as folders: there the move is what
 * comes after the disk (`syncFiles`), and the worker that simulated them need not wait for it.
 */
export const RUN_FILE_NAME = 'run.json';

/** Takes the mark from a folder, before anything else in it changes. */
export function removeRunMark(folder: string): void {
  rmSync(join(folder, RUN_FILE_NAME), { force: true });
}

/**
 * Puts the mark into a folder whose files are written. If it does not await the disk, nobody may be shown the folder
 * before `syncFiles`.
 */
export function writeRunMark(folder: string, run: object, { awaitsDisk }: { readonly awaitsDisk: boolean }): void {
  if (awaitsDisk) for (const name of ownFiles(folder)) syncFile(join(folder, name));
  const path = join(folder, RUN_FILE_NAME);
  const partialPath = `${path}.partial`;
  writeFileSync(partialPath, `${JSON.stringify(run, null, 2)}\n`);
  if (awaitsDisk) syncFile(partialPath);
  renameSync(partialPath, path);
}

/** What a run writes; people may keep other things beside it. */
function ownFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => name === RUN_FILE_NAME || name.endsWith('.arrow'));
}

/** Has a file reach the disk. */
export function syncFile(path: string): void {
  const fd = openSync(path, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

const fsyncLater = promisify(fsync);

/**
 * Has all files of a folder reach the disk, at the same time: a journalling file system then writes what is common to
 * them once. On a busy ext4, 19 files took 12 ms together and 65 ms one by one. Only the disk is waited for: each way
 * through Node's threads takes more than to open or close a file that was just written.
 */
export async function syncFiles(folder: string): Promise<void> {
  const fds: number[] = [];
  try {
    for (const name of ownFiles(folder)) fds.push(openSync(join(folder, name), 'r+'));
    // none may be closed that is under way
    const syncs = await Promise.allSettled(fds.map((fd) => fsyncLater(fd)));
    for (const sync of syncs) if (sync.status === 'rejected') throw sync.reason;
  } catch (error) {
    throw Object.assign(error as Error, { path: folder });
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}
