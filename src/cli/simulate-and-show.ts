import { dirname, relative, resolve } from 'node:path';
import { ExitCode } from './exit-code.ts';
import type { Job } from './job.ts';
import type { SimulateOptions } from './options.ts';
import { makeWritable, writeMessage } from './output.ts';
import { createProgressView } from './progress.ts';
import { reportError } from './report-error.ts';
import type { TimedResult } from './simulation-worker.ts';
import type { SimulationEnd, Simulator } from './simulator.ts';
import { violationsOf } from './violations.ts';
import { wallMs } from './wall-clock.ts';

/** Simulates, shows progress meanwhile and results in the end, also those of an interrupted simulation. */
export async function simulateAndShow(simulator: Simulator, job: Job, options: SimulateOptions): Promise<ExitCode> {
  const { quiet, json, out } = options;
  if (out !== false) makeWritable(out);
  const view = createProgressView(process.stderr, {
    isShown: options.progress && !quiet,
    namesSeeds: job.scenario.replications > 1,
    nowMs: wallMs,
  });
  // loaded before V8 is tuned, while its code that was kept is still taken
  const { showResults } = await (json ? import('./show-data.ts') : import('./show-text.ts'));
  const curves = json || out === false ? null : await import('./run-curves.ts');
  let end: SimulationEnd;
  try {
    end = await simulator.simulate(
      {
        scenario: job.scenario,
        fabrics: job.fabrics,
        outDir: out === false ? null : out,
        command: ['run', job.file, ...options.set.flatMap((text) => ['--set', text])],
      },
      {
        progress: (progress) => view.progress(progress),
        result: (result) => view.result(result),
        stopping: () => {
          view.stop();
          writeMessage('Interrupted: finishing what was simulated so far. Once more to end at once.', { quiet });
        },
      },
    );
  } finally {
    view.stop();
  }
  showResults(job, end, curves);
  writeMessage(whereResultsAre(end.results), { quiet });
  const violations = violationsOf(end.results);
  if (violations.length > 0) reportViolations(violations);
  return end.interruption ?? (violations.length > 0 ? ExitCode.failure : ExitCode.ok);
}

function reportViolations(violations: readonly string[]): void {
  reportError(new Error(['Counters of a run do not agree with one another:', ...violations].join('\n  ')), {
    isDebug: false,
  });
}

const FOLDERS_LISTED_MAX = 12;

function whereResultsAre(results: readonly TimedResult[]): string {
  const folders = results.flatMap(({ folder }) => (folder === null ? [] : [folder]));
  if (folders.length === 0) return 'No files were written.';
  const listed = folders.slice(0, FOLDERS_LISTED_MAX);
  return [
    '',
    'Results, in each folder one Arrow table per .arrow file:',
    ...listed.map((folder) => `  ${shorter(folder)}`),
    ...(listed.length < folders.length ? [`  and ${folders.length - listed.length} more beside them`] : []),
    ...(results.every(({ isComplete }) => isComplete)
      ? []
      : ['The last one was interrupted: its files can be read and say that they are incomplete.']),
    `A page about them: dcfabric report ${shorter(dirname(folders[0]!))}`,
    'Arrow files open with pyarrow, Polars, Arquero and others; results/README.md shows how to read them.',
  ].join('\n');
}

function shorter(folder: string): string {
  const fromHere = relative(process.cwd(), resolve(folder));
  return fromHere.startsWith('..') ? folder : fromHere;
}
