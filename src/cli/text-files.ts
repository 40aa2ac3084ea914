import { writeFileSync } from 'node:fs';
import { readTextFile, TextFileError } from '../scenario/text-file.ts';
import { UsageError } from './exit-code.ts';

/** Larger texts are no topologies. */
const TOPOLOGY_BYTES_MAX = 64 * 1024 * 1024;

/** The text of a topology that the user named. */
export function readTopologyText(path: string): string {
  try {
    return readTextFile(path, TOPOLOGY_BYTES_MAX);
  } catch (error) {
    throw error instanceof TextFileError ? new UsageError(`${path}: ${error.message}`) : error;
  }
}

/** Writes a file that is not there yet, or with `force` in place of one that is. */
export function writeNewFile(path: string, text: string, { force = false }: { force?: boolean }): void {
  try {
    writeFileSync(path, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UsageError(`${path}: is there already; --force writes over it`);
  }
}
