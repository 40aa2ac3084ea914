import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RUN_FORMAT, type RunFile } from '../metrics/run-file.ts';
import { RUN_FILE_NAME } from '../metrics/run-mark.ts';

/** Results that are not there, or not what they should be; the message says which and what would do. */
export class ResultsError extends Error {
  override name = 'ResultsError';
}

/** What `run.json` of a folder says; throws a `ResultsError` where it is not one of this format. */
export function readRunRecord(folder: string): RunFile {
  const path = join(folder, RUN_FILE_NAME);
  return parseRunRecord(readFileSync(path, 'utf8'), path);
}

/** The same of its text. */
export function parseRunRecord(text: string, path: string): RunFile {
  const value = parseJson(text, path);
  const format = (value as { format?: unknown } | null)?.format;
  if (format !== RUN_FORMAT) {
    throw new ResultsError(`${path}: got format ${JSON.stringify(format) ?? 'nothing'}, expected "${RUN_FORMAT}"`);
  }
  return value as RunFile;
}

/** The place of a fabric in the scenario of its run, as a comparison has them; the last where that does not name it. */
export function fabricPlace({ scenario: { fabrics = [] } }: Pick<RunFile, 'scenario'>, name: string): number {
  const place = fabrics.indexOf(name);
  return place < 0 ? fabrics.length : place;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ResultsError(`${path} is no JSON: ${(error as Error).message}`);
  }
}
