import { existsSync } from 'node:fs';
import { readTextFile, TextFileError } from '../scenario/text-file.ts';
import { UsageError } from './exit-code.ts';
import { writeWholeFile } from './whole-file.ts';

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

/** Writes a file that is not there yet, or with `force` in place of one that is; all of it or nothing. */
export async function writeNewFile(path: string, text: string, { force = false }: { force?: boolean }): Promise<void> {
  requireNewFile(path, { force });
  await writeWholeFile(path, (sink) => sink.write(text));
}

/** Throws for a file that is there already, unless it may be written over. */
export function requireNewFile(path: string, { force = false }: { force?: boolean }): void {
  if (!force && existsSync(path)) throw new UsageError(`${path}: is there already; --force writes over it`);
}
