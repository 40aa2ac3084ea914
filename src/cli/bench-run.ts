import { statSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import Table from 'cli-table3';
import { type BenchOrigin, writeBenchFile } from '../benchmark/bench-file.ts';
import { writeBenchRun } from '../benchmark/bench-history.ts';
import { thisProgram } from '../benchmark/bench-program.ts';
import { COMPARE_DEFAULTS, processesNeeded } from '../benchmark/compare-cases.ts';
import { type MeasuredCase, processMedians, spreadOf } from '../benchmark/measure-cases.ts';
import { type ProgramOrigin, thisOrigin } from '../benchmark/program-origin.ts';
import { measuredDuration, measuredSize } from '../comparison/format.ts';
import { formatCount } from '../units.ts';
import type { BenchRunOptions } from './bench-options.ts';
import { measureShown } from './bench-progress.ts';
import { scenarioCases, scenarioSubject } from './bench-subjects.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { makeWritable, writeData, writeJson, writeMessage } from './output.ts';

/** Measures scenarios with this version, keeps what was found and shows it. */
export async function benchRun(files: readonly string[], options: BenchRunOptions): Promise<ExitCode> {
  const cases = scenarioCases(files, options);
  const names = cases.map(({ name }) => name);
  makePlace(options);
  const subject = scenarioSubject(thisProgram(), cases);
  const { origin: program, difference } = await thisOrigin();
  if (difference !== null) {
    writeMessage(`warning: ${difference}: build it (npm run build) to measure what is checked out`, options);
  }
  const origin = benchOrigin(program);
  const [measured] = (await measureShown([subject], names, { ...options, isAtOnce: false })) as [MeasuredCase[]];
  const path =
    options.output === undefined
      ? writeBenchRun(options.history, origin, measured)
      : writeBenchFile(options.output, origin, measured);
  if (options.json) writeJson({ path, ...origin, cases: measured });
  else writeData(measuredTable(measured));
  const remark = remarkOnProcesses(measured);
  if (remark !== null) writeMessage(remark, options);
  writeMessage(`kept as ${path}`, options);
  return ExitCode.ok;
}

/** Makes where the run will be kept, or throws before anything is measured for a place that cannot be written to. */
function makePlace({ output, history }: BenchRunOptions): void {
  if (output === '') throw new UsageError('--output: got nothing, expected a file');
  if (output === undefined) makeWritable(history, '--history');
  else makeWritable(dirname(output));
  if (output !== undefined && statSync(output, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new UsageError(`--output ${output}: got a folder, expected a file`);
}

/** Where and of what a run of benches is made that begins now. */
export function benchOrigin(program: ProgramOrigin): BenchOrigin {
  const processors = cpus();
  const machine = `${processors[0]?.model ?? process.arch}, ${processors.length} cores, Node ${process.versions.node}`;
  return { startedAt: new Date().toISOString(), ...program, machine };
}

/** Says so where another such run can be compared with this one by its counters only; null where by times and memory too. */
export function remarkOnProcesses(cases: readonly MeasuredCase[]): string | null {
  const processes = cases[0]!.peakRssBytes.length;
  const costs = cases.reduce((count, { samplesNs }) => count + Object.keys(samplesNs).length + 1, 0);
  const needed = processesNeeded(costs, { isInterleaved: false, alpha: COMPARE_DEFAULTS.alpha });
  if (needed !== null && processes >= needed) return null;
  const counted = `${processes} ${processes === 1 ? 'process' : 'processes'} of each case`;
  const remedy = needed === null ? 'measure fewer cases' : `it takes --processes ${needed}`;
  return `With ${counted}, two such runs can be compared by counters only: for times and memory ${remedy}.`;
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
