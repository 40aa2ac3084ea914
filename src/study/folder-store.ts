import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { RunFile } from '../metrics/run-file.ts';
import { RUN_FILE_NAME, syncFiles } from '../metrics/run-mark.ts';
import { makeWritableFolder } from '../metrics/writable-folder.ts';
import {
  foreignAmongCells,
  foreignError,
  isCellId,
  namesIn,
  removeCellFolder,
  removeEmptyFolder,
} from './cell-folder.ts';
import { type CellParts, type CellStore, parseCellRun, StoreError } from './cell-store.ts';
import { ANSWER_FILE_NAME, type PlanRecord } from './plan-record.ts';
import { STUDY_FILE_NAME, STUDY_FORMAT, type StudyRecord } from './study-record.ts';

/** A cell that has tables has this one. */
export const RUN_TABLE_NAME = 'run.arrow';
export const PLAN_FILE_NAME = 'plan.jsonl';

/** Keeps a study in a folder, which several processes and machines may share. */
export class FolderStore implements CellStore {
  readonly place: string;
  readonly workFolder: string;
  readonly #cells: string;

  /** The folder need not be there. */
  constructor(folder: string) {
    this.place = folder;
    // by a name that readers of results pass over
    this.workFolder = join(folder, '.work');
    this.#cells = join(folder, 'cells');
  }

  async open(): Promise<void> {
    makeWritableFolder(this.place);
    const names = readdirSync(this.place).filter(
      (name) => !name.startsWith('.dcfabric-') && !name.endsWith('.partial'),
    );
    if (names.length > 0 && !names.includes(STUDY_FILE_NAME) && !isOnlyOurs(names)) {
      const some = names.slice(0, 3).join(', ');
      throw new StoreError(`${this.place}: the folder holds something else (${some}), expected a study or nothing`);
    }
    const foreign = this.#foreignFile();
    if (foreign !== null) throw foreignError(foreign);
    mkdirSync(this.#cells, { recursive: true });
    mkdirSync(this.workFolder, { recursive: true });
  }

  async readStudy(): Promise<StudyRecord | null> {
    const path = join(this.place, STUDY_FILE_NAME);
    if (!existsSync(path)) return null;
    return parseStudy(readFileSync(path, 'utf8'), path);
  }

  async writeStudy(record: StudyRecord): Promise<void> {
    writeShared(join(this.place, STUDY_FILE_NAME), [jsonText(record)]);
  }

  async writePlan(lines: Iterable<string>): Promise<void> {
    writeShared(join(this.place, PLAN_FILE_NAME), lines);
  }

  async writeAnswer(record: PlanRecord): Promise<void> {
    writeShared(join(this.place, ANSWER_FILE_NAME), [jsonText(record)]);
  }

  async list(): Promise<Map<string, CellParts>> {
    const there = new Map<string, CellParts>();
    for (const id of readdirSync(this.#cells)) {
      if (isCellId(id) && this.#isWhole(id, 'summary')) there.set(id, partsIn(join(this.#cells, id)));
    }
    return there;
  }

  async has(id: string, parts: CellParts): Promise<boolean> {
    return this.#isWhole(id, parts);
  }

  async put(id: string, folder: string): Promise<void> {
    const target = join(this.#cells, id);
    const parts = partsIn(folder);
    if (!this.#isWhole(id, parts)) {
      // what is in `cells` is whole, also after a power failure
      await syncFiles(folder);
      try {
        // what somebody left there is no cell, or one without tables
        if (existsSync(target)) removeCellFolder(target);
        renameSync(folder, target);
        return;
      } catch (error) {
        // another process was faster, with the same bytes
        if (!this.#isWhole(id, parts)) throw error;
      }
    }
    rmSync(folder, { recursive: true, force: true });
  }

  async remove(id: string): Promise<void> {
    removeCellFolder(join(this.#cells, id));
  }

  async readRun(id: string): Promise<RunFile> {
    const path = join(this.#cells, id, RUN_FILE_NAME);
    return parseCellRun(readFileSync(path, 'utf8'), path);
  }

  async tidy({ isDone }: { isDone: boolean }): Promise<string[]> {
    const names = namesIn(this.workFolder).filter(isWorkName);
    const abandoned = names.filter(isAbandoned);
    for (const name of abandoned) rmSync(join(this.workFolder, name), { recursive: true, force: true });
    const partial = readdirSync(this.place).filter((name) => isAbandoned(partialWork(name)));
    for (const name of partial) rmSync(join(this.place, name), { force: true });
    // a search and a batch of the same study may go on side by side
    if (isDone && !names.some(isOfLivingOther)) {
      for (const name of names) rmSync(join(this.workFolder, name), { recursive: true, force: true });
      removeEmptyFolder(this.workFolder);
    }
    return abandoned.map((name) => name.split('.', 1)[0]!);
  }

  /** What is left in the work folder tells the next batch which cells to be careful with. */
  close(): void {}

  /** Something that no batch put here; null if there is nothing. */
  #foreignFile(): string | null {
    const atWork = namesIn(this.workFolder).find((name) => !name.startsWith('.') && !isWorkName(name));
    return atWork === undefined ? foreignAmongCells(this.#cells) : join(this.workFolder, atWork);
  }

  #isWhole(id: string, parts: CellParts): boolean {
    const folder = join(this.#cells, id);
    return existsSync(join(folder, RUN_FILE_NAME)) && (parts === 'summary' || partsIn(folder) === 'tables');
  }
}

function partsIn(folder: string): CellParts {
  return existsSync(join(folder, RUN_TABLE_NAME)) ? 'tables' : 'summary';
}

/** What `study.json` says; throws if it is of something else. */
export function parseStudy(text: string, path: string): StudyRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new StoreError(`${path} is no JSON: ${(error as Error).message}`);
  }
  const format = (value as { format?: unknown } | null)?.format;
  if (format === STUDY_FORMAT) return value as StudyRecord;
  throw new StoreError(`${path}: got format ${JSON.stringify(format) ?? 'nothing'}, expected "${STUDY_FORMAT}"`);
}

/** A name in a work folder that tells whose work it is. */
export function workName(id: string, number: number): string {
  return [id, hostname().replaceAll('.', '-'), process.pid, number].join('.');
}

/** Whether `workName` may have made it, here or elsewhere. */
function isWorkName(name: string): boolean {
  return /^[^.]+\.[^.]*\.\d+\.\d+$/.test(name);
}

/** Whose work a file is that is not whole yet, as `workName` says; empty of others. */
function partialWork(name: string): string {
  return /\.(new\..+)\.partial$/.exec(name)?.[1] ?? '';
}

/** Whether a process of this machine left it and is no more. */
function isAbandoned(name: string): boolean {
  return isOfThisMachine(name) && !isAlive(pidOf(name));
}

/** Whether another process of this machine is at it. */
function isOfLivingOther(name: string): boolean {
  return isOfThisMachine(name) && pidOf(name) !== process.pid && isAlive(pidOf(name));
}

function isOfThisMachine(name: string): boolean {
  return name.split('.')[1] === hostname().replaceAll('.', '-');
}

function pidOf(name: string): number {
  return Number(name.split('.')[2]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Whether a batch that was killed at its very beginning may have left it. */
function isOnlyOurs(names: readonly string[]): boolean {
  return names.every((name) => ['cells', '.work', PLAN_FILE_NAME].includes(name));
}

/** Writes a file that is never seen in part, also while others write the same. */
function writeShared(path: string, parts: Iterable<string>): void {
  const partialPath = `${path}.${workName('new', 0)}.partial`;
  const fd = openSync(partialPath, 'w');
  try {
    for (const part of parts) writeAll(fd, part);
    fsyncSync(fd);
  } catch (error) {
    closeSync(fd);
    rmSync(partialPath, { force: true });
    throw Object.assign(error as Error, { path });
  }
  closeSync(fd);
  renameSync(partialPath, path);
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
}
