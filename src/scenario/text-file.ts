import { readFileSync } from 'node:fs';

/** Why a file is no text; the message says what is wrong with it and not which file it is. */
export class TextFileError extends Error {
  override name = 'TextFileError';
}

/** Larger files are none that a person wrote. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;

/** Stands for what is piped in; a file of that name is `./-`. */
export const STDIN_PATH = '-';

const STDIN_FD = 0;

/** The text of a file that the user named, or of stdin; throws a TextFileError that is one line. */
export function readTextFile(path: string, bytesMax = FILE_BYTES_MAX): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path === STDIN_PATH ? STDIN_FD : path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new TextFileError(`cannot be read: ${READING_PROBLEMS[code ?? ''] ?? message}`);
  }
  if (bytes.length > bytesMax) {
    throw new TextFileError(`is too large: got ${bytes.length} bytes, expected at most ${bytesMax}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TextFileError('cannot be read: it is not text in UTF-8');
  }
}

const READING_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file (ENOENT)',
  EISDIR: 'it is a folder (EISDIR)',
  EACCES: 'permission denied (EACCES)',
};
