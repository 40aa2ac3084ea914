import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `run.json` says of the run whose tables lie beside it. It is written last: its folder is whole. */
export interface RunRecord {
  readonly format: typeof RUN_FORMAT;
  /** Digest of what decides the run: the resolved scenario, fabric, seed and version. */
  readonly id: string;
  readonly scenario: { readonly name: string; readonly title: string; readonly digest: string };
  readonly fabric: { readonly name: string; readonly kind: string };
  readonly seed: number;
  readonly version: string;
  readonly fingerprint: string;
  /** False if the run was stopped before its end. */
  readonly isComplete: boolean;
  readonly durationNs: number;
  readonly simulatedNs: number;
  /** The resolved scenario with this fabric: what is needed to build it again. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The values of a study's axes by their path; empty for a run of no study. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Words after `dcfabric` that repeat this run. */
  readonly command: readonly string[] | string | null;
  /** The run in a few numbers, as `--json` prints it. */
  readonly summary: Readonly<Record<string, unknown>>;
}

/** The name of the file. */
export const RUN_FILE = 'run.json';

/** The format that this version reads. */
const RUN_FORMAT = 'dcfabric-run/1';

/** A file of a result folder that cannot be read for what it should be. */
export class ResultsError extends Error {
  override name = 'ResultsError';
}

/** What `run.json` of a folder says; throws a `ResultsError` where it is not one of this format. */
export function readRunRecord(folder: string): RunRecord {
  const path = join(folder, RUN_FILE);
  const value = parseJson(readFileSync(path, 'utf8'), path);
  const format = (value as { format?: unknown } | null)?.format;
  if (format !== RUN_FORMAT) {
    throw new ResultsError(`${path}: got format ${JSON.stringify(format) ?? 'nothing'}, expected "${RUN_FORMAT}"`);
  }
  return value as RunRecord;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ResultsError(`${path} is no JSON: ${(error as Error).message}`);
  }
}
