import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { median } from 'simple-statistics';
import { ArrowTableWriter, type TableDefinition } from '../metrics/arrow-file.ts';
import { ArrowFileError } from '../metrics/arrow-messages.ts';
import { syncFile } from '../metrics/run-mark.ts';
import { makeWritableFolder } from '../metrics/writable-folder.ts';
import type { ColumnTable } from '../results/parse-table.ts';
import { readTable } from '../results/read-table.ts';
import { type BenchRow, benchRows, damaged } from './bench-row.ts';
import { BenchError } from './case-report.ts';
import { type MeasuredCase, processMedians } from './measure-cases.ts';
import type { ProgramOrigin } from './program-origin.ts';

/** One row per measure of a run of benches. */
export const BENCH_MEASURES = {
  name: 'bench_measures',
  description: 'What a run of benches counted and measured: one row per measure of a case',
  columns: [
    { name: 'case', type: 'utf8', description: 'The case' },
    {
      name: 'level',
      type: 'utf8',
      description: 'How much of the program it exercises: micro, meso, macro or scenario',
    },
    { name: 'measure', type: 'utf8', description: 'What was counted or measured' },
    { name: 'kind', type: 'utf8', description: '`counter`: the same in every process; `time` or `memory`: not' },
    { name: 'unit', type: 'utf8', description: 'count, text, ns of CPU time, or bytes' },
    { name: 'value', type: 'float64', nullable: true, description: 'A counter, or the median over processes' },
    { name: 'text', type: 'utf8', nullable: true, description: 'A counter that is no number: a fingerprint' },
    { name: 'samples', type: 'utf8', description: 'JSON: of each process, the list of its samples' },
  ],
} as const satisfies TableDefinition;

/** Where and of what a run of benches was made. */
export interface BenchOrigin extends ProgramOrigin {
  /** When it began, in UTC: 2026-05-01T12:00:00.000Z. */
  readonly startedAt: string;
  /** Processor, cores and Node's version. */
  readonly machine: string;
}

/** A run of benches as it is kept. */
export interface BenchRun extends BenchOrigin {
  readonly path: string;
  readonly cases: readonly MeasuredCase[];
}

const ORIGIN_KEYS = {
  startedAt: 'started_at',
  commit: 'commit',
  isDirty: 'is_dirty',
  version: 'version',
  machine: 'machine',
} as const satisfies Record<keyof BenchOrigin, string>;
const PEAK_RSS = 'peak_rss';

/** Writes a run of benches to a file of that name and returns it. It appears whole, by a rename. */
export function writeBenchFile(path: string, origin: BenchOrigin, cases: readonly MeasuredCase[]): string {
  makeWritableFolder(dirname(path));
  const metadata = Object.fromEntries(
    Object.entries(ORIGIN_KEYS).map(([key, name]) => [name, String(origin[key as keyof BenchOrigin] ?? '')]),
  );
  const writer = new ArrowTableWriter(path, BENCH_MEASURES, { metadata });
  for (const { case: name, level, counters, samplesNs, peakRssBytes } of cases) {
    for (const [counter, value] of Object.entries(counters)) {
      const isNumber = typeof value === 'number';
      const unit = isNumber ? 'count' : 'text';
      writer.row(name, level, counter, 'counter', unit, isNumber ? value : null, isNumber ? null : value, '[]');
    }
    for (const [measure, samples] of Object.entries(samplesNs)) {
      const value = median(processMedians(samples));
      writer.row(name, level, measure, 'time', 'ns', value, null, JSON.stringify(samples));
    }
    const memory = JSON.stringify(peakRssBytes.map((bytes) => [bytes]));
    writer.row(name, level, PEAK_RSS, 'memory', 'bytes', median([...peakRssBytes]), null, memory);
  }
  writer.finish();
  syncFile(path);
  return path;
}

/** Reads a run of benches; throws a BenchError for a file that is none, or not whole. */
export function readBenchRun(path: string): BenchRun {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw new BenchError(`${path}: there is no such file`);
  const table = readOrRefuse(path);
  if (table.metadata.table !== BENCH_MEASURES.name) {
    throw new BenchError(
      `${path}: got a table ${table.metadata.table ?? 'of another program'}, expected a run of benches`,
    );
  }
  if (!table.isComplete) throw damaged(path, 'it was cut off');
  if (table.rowCount === 0) throw damaged(path, 'there is no measure in it');
  const cases = new Map<string, BenchRow[]>();
  for (const row of benchRows(table)) cases.set(row.case, [...(cases.get(row.case) ?? []), row]);
  return { path, ...originIn(table), cases: [...cases].map(([name, rows]) => caseOf(path, name, rows)) };
}

function originIn({ path, metadata }: ColumnTable): BenchOrigin {
  const { [ORIGIN_KEYS.startedAt]: startedAt = '', [ORIGIN_KEYS.commit]: commit = '' } = metadata;
  if (Number.isNaN(Date.parse(startedAt)))
    throw damaged(path, `${ORIGIN_KEYS.startedAt}: got '${startedAt}', expected a time`);
  return {
    startedAt,
    commit: commit === '' ? null : commit,
    isDirty: metadata[ORIGIN_KEYS.isDirty] === 'true',
    version: metadata[ORIGIN_KEYS.version] ?? '',
    machine: metadata[ORIGIN_KEYS.machine] ?? '',
  };
}

function readOrRefuse(path: string): ColumnTable {
  try {
    return readTable(path);
  } catch (error) {
    if (error instanceof ArrowFileError) throw new BenchError(error.message);
    throw error;
  }
}

function caseOf(path: string, name: string, rows: readonly BenchRow[]): MeasuredCase {
  const memory = rows.find((row) => row.kind === 'memory');
  if (memory === undefined) throw damaged(path, `${name} has no ${PEAK_RSS}`);
  const counters = rows.filter((row) => row.kind === 'counter');
  const times = rows.filter((row) => row.kind === 'time');
  return {
    case: name,
    level: memory.level,
    counters: Object.fromEntries(counters.map(({ measure, value, text }) => [measure, value ?? text ?? ''])),
    samplesNs: Object.fromEntries(times.map(({ measure, samples }) => [measure, samples])),
    peakRssBytes: memory.samples.flat(),
  };
}
