import { readFileSync } from 'node:fs';
import { type ColumnTable, parseTable } from './parse-table.ts';
import { ResultsError } from './run-record.ts';

/**
 * Reads an Arrow file into columns, whole into memory (files below 2 GiB). Of a file that was cut off, such as the
 * `.partial` of an interrupted run, it reads the batches that are complete. Throws a `ResultsError` where there is no file.
 */
export function readTable(path: string): ColumnTable {
  return parseTable(readBytes(path), path);
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new ResultsError(`${path}: there is no such file`);
    if (code === 'EISDIR') throw new ResultsError(`${path}: got a folder, expected .arrow files, such as those in it`);
    throw error;
  }
}
