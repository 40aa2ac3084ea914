import type { RunFile } from '../metrics/run-file.ts';
import { parseRunRecord } from '../results/run-record.ts';
import type { PlanRecord } from './plan-record.ts';
import type { StudyRecord } from './study-record.ts';

/** What of a cell is wanted: what `run.json` says, or the tables too. */
export type CellParts = 'summary' | 'tables';

/** Whether a cell has what is wanted of it. */
export function hasParts(there: CellParts | undefined, wanted: CellParts): boolean {
  return there === 'tables' || there === wanted;
}

/** Where the results of a study are kept: a folder, or a bucket. A cell is there as a whole or not at all. */
export interface CellStore {
  /** What people call it. */
  readonly place: string;
  /** A folder in which cells can be simulated before they are put here. */
  readonly workFolder: string;
  /** Throws if nothing can be written there, or if it holds something else. */
  open(): Promise<void>;
  /** What the study says of itself; null where there is none. */
  readStudy(): Promise<StudyRecord | null>;
  writeStudy(record: StudyRecord): Promise<void>;
  /** Writes the plan, line by line. */
  writePlan(lines: Iterable<string>): Promise<void>;
  /** Writes what a search found. */
  writeAnswer(record: PlanRecord): Promise<void>;
  /** The cells that are whole, by name, and what there is of each. */
  list(): Promise<Map<string, CellParts>>;
  has(id: string, parts: CellParts): Promise<boolean>;
  /**
   * Takes in a cell that was simulated into a folder, which is gone afterwards. One that is there already stays, unless
   * it has no tables and the new one has.
   */
  put(id: string, folder: string): Promise<void>;
  remove(id: string): Promise<void>;
  readRun(id: string): Promise<RunFile>;
  /** Removes what is left of work that nobody does any more; `isDone` when there is none to do. */
  tidy(options: { isDone: boolean }): Promise<string[]>;
  /** Removes what this process needed for its work alone. Called at every end; the store may be used again. */
  close(): void;
}

/** A place for results that cannot be used; the message says why and what would do. */
export class StoreError extends Error {
  override name = 'UsageError';
}

/** A cell whose `run.json` is not what was written there. */
export class DamagedCellError extends StoreError {}

/** What `run.json` of a cell says: it came there as a whole, so that a disk must have damaged one that cannot be read. */
export function parseCellRun(text: string, path: string): RunFile {
  try {
    return parseRunRecord(text, path);
  } catch (error) {
    const { message } = error as Error;
    throw new DamagedCellError(`${message}; it is damaged: remove this file, and the run is simulated again`);
  }
}
