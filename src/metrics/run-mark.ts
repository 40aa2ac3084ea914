import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The mark of a result folder: one that has it is whole. */
export const RUN_FILE_NAME = 'run.json';

/** Takes the mark from a folder, before anything else in it changes. */
export function removeRunMark(folder: string): void {
  rmSync(join(folder, RUN_FILE_NAME), { force: true });
}

/** Writes JSON into a file that is never seen in part: under another name first. */
export function writeWholeJson(path: string, value: unknown): void {
  const partialPath = `${path}.partial`;
  const fd = openSync(partialPath, 'w');
  try {
    writeFileSync(fd, `${JSON.stringify(value, null, 2)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(partialPath, path);
}
