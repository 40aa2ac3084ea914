import { availableParallelism } from 'node:os';
import { median } from 'simple-statistics';
import { outputOf } from './bench-program.ts';
import { BenchError, type CaseLevel, type CaseReport, parseCaseReport } from './case-report.ts';

/** A version under test, and how it is told to run a case. */
export interface BenchSubject {
  readonly label: string;
  /** The command line that prints the report of a case; null where this version has no such case. */
  commandFor(caseName: string): readonly string[] | null;
}

/** What all processes of one version found out about one case. */
export interface MeasuredCase {
  readonly case: string;
  readonly level: CaseLevel;
  readonly counters: CaseReport['counters'];
  /** By measure: the samples of each process, in nanoseconds of CPU time. */
  readonly samplesNs: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** Of each process. */
  readonly peakRssBytes: readonly number[];
}

export interface MeasureOptions {
  /** Processes of each version and case. */
  readonly processes: number;
  /** Whether the processes of all versions run at the same time rather than one after the other. */
  readonly isAtOnce: boolean;
  /** Called before each process. */
  readonly onProcess?: (progress: MeasureProgress) => void;
}

export interface MeasureProgress {
  readonly done: number;
  readonly total: number;
  readonly label: string;
  readonly case: string;
}

/** Whether a machine has a processor for each of two versions, so that they can be measured at once. */
export const CAN_MEASURE_AT_ONCE = availableParallelism() >= 2;

/**
 * Runs each case in processes of its own, so that no other warms it up or fills its memory. Versions are measured side by
 * side: what slows the machine for a while slows all alike. Either they run at the same time, which cancels most of what
 * others do to a shared machine (Bulej et al., Duet Benchmarking, ICPE 2020, doi:10.1145/3358960.3379132), or in turns.
 * Who begins changes from round to round. One list for each subject, in the order of the names; a case that a version does
 * not have is missing in its list. Throws a BenchError when the processes of one version did not do the same work.
 */
export async function measureCases(
  subjects: readonly BenchSubject[],
  caseNames: readonly string[],
  { processes, isAtOnce, onProcess = () => undefined }: MeasureOptions,
): Promise<MeasuredCase[][]> {
  const reports = subjects.map(() => new Map<string, CaseReport[]>());
  const total = processes * caseNames.length * subjects.length;
  let done = 0;
  const measure = async (index: number, name: string): Promise<void> => {
    const subject = subjects[index]!;
    onProcess({ done: done++, total, label: subject.label, case: name });
    const command = subject.commandFor(name);
    if (command === null) return;
    const what = `${name} of ${subject.label}`;
    const report = parseCaseReport(await outputOf(command, what), what);
    const known = reports[index]!.get(name) ?? [];
    reports[index]!.set(name, [...known, report]);
  };
  for (let round = 0; round < processes; round++) {
    for (const name of caseNames) {
      const turns = subjects.map((_, index) => index);
      if (round % 2 === 1) turns.reverse();
      if (isAtOnce) await allOf(turns.map((index) => measure(index, name)));
      else for (const index of turns) await measure(index, name);
    }
  }
  return reports.map((ofSubject, index) =>
    [...ofSubject.values()].map((ofCase) => together(ofCase, subjects[index]!.label)),
  );
}

/** Waits for all, so that none goes on after one has failed; throws what the first of them failed with. */
async function allOf(works: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(works);
  await Promise.all(works);
}

/** The reports of one case by one version. */
function together(reports: readonly CaseReport[], label: string): MeasuredCase {
  const [{ case: name, level, counters }] = reports as [CaseReport];
  for (const report of reports) {
    const different = differentCounters(counters, report.counters)[0];
    if (different === undefined) continue;
    throw new BenchError(
      `${name} of ${label} is not deterministic: two processes counted ${different} as ` +
        `${counters[different]} and ${report.counters[different]}`,
    );
  }
  const measures = Object.keys(reports[0]!.timesNs);
  const samplesNs = measures.map((measure) => [measure, reports.map(({ timesNs }) => timesNs[measure] ?? [])]);
  return {
    case: name,
    level,
    counters,
    samplesNs: Object.fromEntries(samplesNs) as MeasuredCase['samplesNs'],
    peakRssBytes: reports.map(({ peakRssBytes }) => peakRssBytes),
  };
}

/** Names of counters that are not the same on both sides, or on one side only. */
export function differentCounters(base: CaseReport['counters'], head: CaseReport['counters']): string[] {
  const names = new Set([...Object.keys(base), ...Object.keys(head)]);
  return [...names].filter((name) => base[name] !== head[name]);
}

/** The median of each process's samples. */
export function processMedians(samples: readonly (readonly number[])[]): number[] {
  return samples.map((ofProcess) => median([...ofProcess]));
}

/** Of a measure's processes: the median of their medians, and the least and the largest. */
export function spreadOf(medians: readonly number[]): { median: number; least: number; largest: number } {
  return { median: median([...medians]), least: Math.min(...medians), largest: Math.max(...medians) };
}
