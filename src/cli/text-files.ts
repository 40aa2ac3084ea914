import { readFileSync, writeFileSync } from 'node:fs';
import { UsageError } from './exit-code.ts';

/** Larger texts are no topologies. */
const TEXT_BYTES_MAX = 64 * 1024 * 1024;

/** The text of a file that the user named. */
export function readTextFile(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`${path}: cannot be read: ${READING_PROBLEMS[code ?? ''] ?? message}`);
  }
  if (bytes.length > TEXT_BYTES_MAX) {
    throw new UsageError(`${path}: is too large: got ${bytes.length} bytes, expected at most ${TEXT_BYTES_MAX}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${path}: cannot be read: it is not text in UTF-8`);
  }
}

const READING_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file (ENOENT)',
  EISDIR: 'it is a folder (EISDIR)',
  EACCES: 'permission denied (EACCES)',
};

/** Writes a file that is not there yet, or with `force` in place of one that is. */
export function writeNewFile(path: string, text: string, { force = false }: { force?: boolean }): void {
  try {
    writeFileSync(path, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UsageError(`${path}: is there already; --force writes over it`);
  }
}
