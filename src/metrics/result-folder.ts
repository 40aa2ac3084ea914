import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ArrowTableWriter, type Metadata } from './arrow-file.ts';
import type { RunMetadata } from './recorded-fabric.ts';
import { removeRunMark } from './run-mark.ts';
import type { TableDefinition } from './table-definition.ts';
import { RESULT_TABLES } from './tables.ts';

/** Rows of a batch: what of each table is in memory at a time. */
const BATCH_ROWS = 16_384;

/** Removes an earlier run. */
function removeRun(folder: string): void {
  // the last to come is the first to go: a folder with it is whole at any time
  removeRunMark(folder);
  for (const { name } of RESULT_TABLES.toReversed()) rmSync(join(folder, `${name}.arrow`), { force: true });
}

/** The tables of one run, as files of one folder that carry the same metadata. */
export class ResultFolder {
  readonly #folder: string;
  readonly #metadata: Metadata;
  readonly #writers: ArrowTableWriter[] = [];

  /** Makes the folder if it is not there, and removes the tables of an earlier run from it. */
  constructor(folder: string, { seed, scenarioDigest, version, fabric }: RunMetadata) {
    const isNew = mkdirSync(folder, { recursive: true }) !== undefined;
    if (!isNew) removeRun(folder);
    this.#folder = folder;
    this.#metadata = { seed: String(seed), scenario_digest: scenarioDigest, version, fabric };
  }

  /** Begins a table; `names` are those of its dictionary columns that the run brings, each in the order of indices. */
  open<const T extends TableDefinition>(
    table: T,
    names: Readonly<Record<string, readonly string[]>> = {},
  ): ArrowTableWriter<T> {
    const dictionaries = { ...names };
    for (const { name, meanings } of table.columns) {
      if (meanings !== undefined) dictionaries[name] = Object.keys(meanings);
    }
    const writer = new ArrowTableWriter(join(this.#folder, `${table.name}.arrow`), table, {
      metadata: this.#metadata,
      dictionaries,
      batchRows: BATCH_ROWS,
    });
    this.#writers.push(writer as unknown as ArrowTableWriter);
    return writer;
  }

  /** Completes all tables, in the order in which they were opened. */
  finish(metadata: Metadata): void {
    for (const writer of this.#writers) writer.finish(metadata);
  }

  /** Closes all files as they are, with names that end in `.partial`. */
  abandon(): void {
    for (const writer of this.#writers) writer.abandon();
  }
}
