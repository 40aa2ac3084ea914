import { relative, resolve } from 'node:path';
import { unknownName } from '../scenario/cross-check.ts';
import type { FabricSettings, Scenario } from '../scenario/scenario.ts';
import { readVersion } from '../scenario/version.ts';
import { answersInWords } from './answers.ts';
import { createPalette } from './colour.ts';
import { comparisonTable } from './comparison-table.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import type { SimulateOptions } from './options.ts';
import { makeWritable, writeData, writeJson, writeMessage } from './output.ts';
import { createProgressView } from './progress.ts';
import { type SimulationEnd, simulate } from './simulate.ts';
import type { TimedResult } from './simulation-worker.ts';
import { wrapText } from './wrap-text.ts';

/** What is to be simulated. */
export interface Job {
  readonly file: string;
  readonly scenario: Scenario;
  readonly fabrics: readonly FabricSettings[];
}

/** The fabrics of a scenario that have these names, in the order of the names. */
export function chooseFabrics({ fabrics }: Scenario, names: readonly string[]): FabricSettings[] {
  return [...new Set(names)].map((name) => {
    const fabric = fabrics.find((one) => one.name === name);
    if (fabric !== undefined) return fabric;
    const known = fabrics.map((one) => one.name);
    throw new UsageError(`--fabric: ${unknownName('fabric', name, known)}`);
  });
}

/** Simulates, shows progress meanwhile and results in the end, also those of an interrupted simulation. */
export async function simulateAndShow(job: Job, options: SimulateOptions): Promise<ExitCode> {
  const { quiet, json, out } = options;
  if (out !== false) makeWritable(out);
  const view = createProgressView(process.stderr, {
    isShown: options.progress && !quiet,
    nowMs: () => performance.now(),
  });
  let end: SimulationEnd;
  try {
    end = await simulate(
      { scenario: job.scenario, fabrics: job.fabrics, outDir: out === false ? null : out },
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
  if (json) showJson(job, end);
  else showTable(job, end);
  writeMessage(whereResultsAre(end.results), { quiet });
  return end.interruption ?? ExitCode.ok;
}

function showJson({ file, scenario, fabrics }: Job, { results, interruption }: SimulationEnd): void {
  const { title, question, seed } = scenario;
  writeJson({
    version: readVersion(),
    scenario: { file, title, question, seed },
    fabrics: fabrics.map(({ name }) => name),
    isInterrupted: interruption !== null,
    results,
  });
}

const TEXT_COLUMNS = 100;

function showTable({ file, scenario }: Job, { results, interruption }: SimulationEnd): void {
  const { bold, dim, yellow } = createPalette(process.stdout);
  const { title, question, seed } = scenario;
  const head = [`${bold(title === '' ? file : title)} ${dim(`(seed ${seed})`)}`];
  if (question !== '') head.push(wrapText(question, TEXT_COLUMNS));
  if (interruption !== null) {
    const what =
      results.length === 0 ? 'nothing was simulated yet' : 'the numbers are those of the time that was simulated';
    head.push(yellow(`Interrupted: ${what}.`));
  }
  const parts = [head.join('\n')];
  if (results.length > 0) {
    parts.push(comparisonTable(results, createPalette(process.stdout)));
    parts.push(
      answersInWords(results)
        .map((answer) => wrapText(answer, TEXT_COLUMNS))
        .join('\n'),
    );
  }
  writeData(parts.join('\n\n'));
}

function whereResultsAre(results: readonly TimedResult[]): string {
  const folders = results.flatMap(({ folder }) => (folder === null ? [] : [folder]));
  if (folders.length === 0) return 'No files were written.';
  return [
    '',
    'Results, in each folder one Arrow table per .arrow file:',
    ...folders.map((folder) => `  ${shorter(folder)}`),
    ...(results.every(({ isComplete }) => isComplete)
      ? []
      : ['The last one was interrupted: its files can be read and say that they are incomplete.']),
    'Arrow files open with pyarrow, Polars, Arquero and others; results/README.md shows how to read them.',
  ].join('\n');
}

function shorter(folder: string): string {
  const fromHere = relative(process.cwd(), resolve(folder));
  return fromHere.startsWith('..') ? folder : fromHere;
}
