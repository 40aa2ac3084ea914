import { cpus } from 'node:os';
import Table from 'cli-table3';
import { type BenchOrigin, writeBenchFile, writeBenchRun } from '../benchmark/bench-file.ts';
import { thisProgram } from '../benchmark/bench-program.ts';
import { type MeasuredCase, processMedians, spreadOf } from '../benchmark/measure-cases.ts';
import { commitOf } from '../benchmark/revisions.ts';
import { measuredDuration, measuredSize } from '../comparison/format.ts';
import { readVersion } from '../scenario/version.ts';
import { formatCount } from '../units.ts';
import type { BenchRunOptions } from './bench-options.ts';
import { measureShown } from './bench-progress.ts';
import { scenarioCases, scenarioSubject } from './bench-subjects.ts';
import { ExitCode } from './exit-code.ts';
import { makeWritable, writeData, writeJson, writeMessage } from './output.ts';

/** Measures scenarios with this version, keeps what was found and shows it. */
export async function benchRun(files: readonly string[], options: BenchRunOptions): Promise<ExitCode> {
  const cases = scenarioCases(files, options);
  const names = cases.map(({ name }) => name);
  if (options.output === undefined) makeWritable(options.history);
  const subject = scenarioSubject(thisProgram(), cases);
  const origin = await benchOrigin();
  const [measured] = (await measureShown([subject], names, options)) as [MeasuredCase[]];
  const path =
    options.output === undefined
      ? writeBenchRun(options.history, origin, measured)
      : writeBenchFile(options.output, origin, measured);
  if (options.json) writeJson({ path, ...origin, cases: measured });
  else writeData(measuredTable(measured));
  writeMessage(`kept as ${path}`, options);
  return ExitCode.ok;
}

/** Where and of what a run of benches is made now. */
export async function benchOrigin(): Promise<BenchOrigin> {
  const { commit, isDirty } = (await commitOf(process.cwd())) ?? { commit: readVersion(), isDirty: false };
  const processors = cpus();
  const machine = `${processors[0]?.model ?? process.arch}, ${processors.length} cores, Node ${process.versions.node}`;
  return { startedAt: new Date().toISOString(), commit, isDirty, machine };
}

/** Cases with their work and what it cost. */
export function measuredTable(cases: readonly MeasuredCase[]): string {
  const table = new Table({
    head: ['case', 'events', 'CPU time', 'of processes', 'peak RSS', 'fingerprint'],
    style: { head: [], border: [], compact: true },
  });
  for (const { case: name, counters, samplesNs, peakRssBytes } of cases) {
    for (const samples of Object.values(samplesNs)) {
      const { median, least, largest } = spreadOf(processMedians(samples));
      const events = counters.events;
      table.push([
        name,
        typeof events === 'number' ? formatCount(events) : '–',
        measuredDuration(median),
        `${measuredDuration(least)} to ${measuredDuration(largest)}`,
        measuredSize(spreadOf(peakRssBytes).median),
        String(counters.fingerprint ?? '–'),
      ]);
    }
  }
  return table.toString();
}
