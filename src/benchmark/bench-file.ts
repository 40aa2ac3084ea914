import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { median } from 'simple-statistics';
import * as z from 'zod';
import { ArrowTableWriter, type TableDefinition } from '../metrics/arrow-file.ts';
import { ArrowFileError } from '../metrics/arrow-messages.ts';
import { syncFile } from '../metrics/run-mark.ts';
import type { ColumnTable } from '../results/parse-table.ts';
import { readTable } from '../results/read-table.ts';
import { BenchError, CASE_LEVELS } from './case-report.ts';
import { type MeasuredCase, processMedians } from './measure-cases.ts';

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
export interface BenchOrigin {
  /** When it began, in UTC: 2026-05-01T12:00:00.000Z. */
  readonly startedAt: string;
  /** The commit's full id, or the version where there is no repository. */
  readonly commit: string;
  /** Whether files had changed since the commit. */
  readonly isDirty: boolean;
  /** Processor, cores and Node's version. */
  readonly machine: string;
}

/** A run of benches as it is kept. */
export interface BenchRun extends BenchOrigin {
  readonly path: string;
  readonly cases: readonly MeasuredCase[];
}

const ORIGIN_KEYS = { startedAt: 'started_at', commit: 'commit', isDirty: 'is_dirty', machine: 'machine' } as const;
const PEAK_RSS = 'peak_rss';

/** Writes a run of benches into the history's folder and returns the file. It appears whole, by a rename. */
export function writeBenchRun(folder: string, origin: BenchOrigin, cases: readonly MeasuredCase[]): string {
  const stamp = origin.startedAt.replace(/[-:]|\.\d+/g, '');
  const path = join(folder, `${stamp}-${origin.commit.slice(0, 9)}${origin.isDirty ? '-dirty' : ''}.arrow`);
  return writeBenchFile(path, origin, cases);
}

/** Writes a run of benches to a file of that name. */
export function writeBenchFile(path: string, origin: BenchOrigin, cases: readonly MeasuredCase[]): string {
  mkdirSync(dirname(path), { recursive: true });
  const metadata = Object.fromEntries(
    Object.entries(ORIGIN_KEYS).map(([key, name]) => [name, String(origin[key as keyof BenchOrigin])]),
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

/** Reads a run of benches; throws a BenchError for a file that is none. */
export function readBenchRun(path: string): BenchRun {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw new BenchError(`${path}: there is no such file`);
  const table = readOrRefuse(path);
  if (table.metadata.table !== BENCH_MEASURES.name) {
    throw new BenchError(
      `${path}: got a table ${table.metadata.table ?? 'of another program'}, expected a run of benches`,
    );
  }
  const cases = new Map<string, { level: string; rows: BenchRow[] }>();
  for (const row of table.rows().map((one) => rowSchema.parse(one))) {
    const known = cases.get(row.case) ?? { level: row.level, rows: [] };
    known.rows.push(row);
    cases.set(row.case, known);
  }
  const { metadata } = table;
  return {
    path,
    startedAt: metadata[ORIGIN_KEYS.startedAt] ?? '',
    commit: metadata[ORIGIN_KEYS.commit] ?? '',
    isDirty: metadata[ORIGIN_KEYS.isDirty] === 'true',
    machine: metadata[ORIGIN_KEYS.machine] ?? '',
    cases: [...cases].map(([name, { rows }]) => caseOf(name, rows)),
  };
}

/** All runs of a history's folder, the oldest first. None if there is no such folder. */
export function readBenchHistory(folder: string): BenchRun[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.arrow'));
  return files.sort().map((name) => readBenchRun(join(folder, name)));
}

const rowSchema = z.object({
  case: z.string(),
  level: z.enum(CASE_LEVELS),
  measure: z.string(),
  kind: z.enum(['counter', 'time', 'memory']),
  value: z.number().nullable(),
  text: z.string().nullable(),
  samples: z.string().transform((text) => z.array(z.array(z.number())).parse(JSON.parse(text))),
});

type BenchRow = z.infer<typeof rowSchema>;

function readOrRefuse(path: string): ColumnTable {
  try {
    return readTable(path);
  } catch (error) {
    if (error instanceof ArrowFileError) throw new BenchError(error.message);
    throw error;
  }
}

function caseOf(name: string, rows: readonly BenchRow[]): MeasuredCase {
  const ofKind = (kind: BenchRow['kind']) => rows.filter((row) => row.kind === kind);
  return {
    case: name,
    level: rows[0]!.level,
    counters: Object.fromEntries(ofKind('counter').map(({ measure, value, text }) => [measure, value ?? text ?? ''])),
    samplesNs: Object.fromEntries(ofKind('time').map(({ measure, samples }) => [measure, samples])),
    peakRssBytes: ofKind('memory').flatMap(({ samples }) => samples.flat()),
  };
}
