import { readFileSync } from 'node:fs';
import { type ColumnTable, parseTable } from './parse-table.ts';

/**
 * Reads an Arrow file into columns, whole into memory (files below 2 GiB). Of a file that was cut off, such as the
 * `.partial` of an interrupted run, it reads the batches that are complete.
 */
export function readTable(path: string): ColumnTable {
  return parseTable(readFileSync(path), path);
}
