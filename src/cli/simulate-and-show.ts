import { dirname, relative, resolve } from 'node:path';
import { answersInWords } from '../comparison/answers.ts';
import { comparisonNotes } from '../comparison/comparison-notes.ts';
import { comparableResults, estimatedRows, type ReplicatedResults } from '../comparison/replicated-results.ts';
import { CONFIDENCE } from '../metrics/estimate.ts';
import { unknownName } from '../scenario/cross-check.ts';
import { readScenario } from '../scenario/read-scenario.ts';
import type { FabricSettings, Scenario } from '../scenario/scenario.ts';
import { readVersion } from '../scenario/version.ts';
import { createPalette } from './colour.ts';
import { comparisonTable } from './comparison-table.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { glance, glanceOverTime } from './glance.ts';
import type { SimulateOptions } from './options.ts';
import { makeWritable, writeData, writeJson, writeMessage } from './output.ts';
import { createProgressView } from './progress.ts';
import { reportError } from './report-error.ts';
import { type SimulationEnd, simulate } from './simulate.ts';
import type { TimedResult } from './simulation-worker.ts';
import { violationsOf } from './violations.ts';
import { wrapText } from './wrap-text.ts';

/** What is to be simulated. */
export interface Job {
  readonly file: string;
  readonly scenario: Scenario;
  readonly fabrics: readonly FabricSettings[];
}

/** A scenario as the file says it, with what the command line says instead. */
export function readForSimulation(file: string, { set, seed, replications }: SimulateOptions): Scenario {
  const scenario = readScenario(file, { overrides: set, ...(seed === undefined ? {} : { seed }) });
  return replications === undefined ? scenario : { ...scenario, replications };
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
    namesSeeds: job.scenario.replications > 1,
    nowMs: () => performance.now(),
  });
  let end: SimulationEnd;
  try {
    end = await simulate(
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
  if (json) showJson(job, end);
  else await showTable(job, end);
  writeMessage(whereResultsAre(end.results), { quiet });
  const violations = violationsOf(end.results);
  if (violations.length > 0) reportViolations(violations);
  return end.interruption ?? (violations.length > 0 ? ExitCode.failure : ExitCode.ok);
}

function showJson({ file, scenario, fabrics }: Job, { results, interruption }: SimulationEnd): void {
  const { title, question, seed, replications } = scenario;
  const names = fabrics.map(({ name }) => name);
  writeJson({
    version: readVersion(),
    scenario: { file, title, question, seed, replications },
    fabrics: names,
    isInterrupted: interruption !== null,
    results,
    ...(replications > 1 && { statistics: statisticsOf(results, names) }),
  });
}

/** What the replications that all fabrics completed say together. */
function statisticsOf(results: readonly TimedResult[], fabrics: readonly string[]) {
  const compared = comparableResults(results, fabrics);
  return { confidence: CONFIDENCE, seeds: compared.seeds, quantities: estimatedRows(compared) };
}

const TEXT_COLUMNS = 100;

async function showTable({ file, scenario, fabrics }: Job, { results, interruption }: SimulationEnd): Promise<void> {
  const palette = createPalette(process.stdout);
  const { bold, dim, yellow } = palette;
  const { title, question, seed, replications } = scenario;
  const compared = comparableResults(
    results,
    fabrics.map(({ name }) => name),
  );
  const seeds = replications === 1 ? `seed ${seed}` : `${replications} replications from seed ${seed}`;
  const head = [`${bold(title === '' ? file : title)} ${dim(`(${seeds})`)}`];
  if (question !== '') head.push(wrapText(question, TEXT_COLUMNS));
  if (interruption !== null) head.push(yellow(interruptionSentence(compared, replications)));
  const parts = [head.join('\n')];
  if (results.length > 0) {
    parts.push(comparisonTable(compared, palette));
    parts.push(...(await chartsOf(results, compared, scenario)));
    if (violationsOf(results).length > 0) parts.push(palette.red(NOT_TO_BE_TRUSTED));
    const notes = comparisonNotes(compared, scenario.samples.everyNs);
    if (notes.length > 0) parts.push(notes.map((note) => dim(wrapText(note, TEXT_COLUMNS))).join('\n'));
    if (compared.seeds.length === 1) {
      parts.push(
        answersInWords(compared.results)
          .map((answer) => wrapText(answer, TEXT_COLUMNS))
          .join('\n'),
      );
    }
  }
  writeData(parts.join('\n\n'));
}

/** Bars of key figures, and sparklines of the first seed. */
async function chartsOf(
  results: readonly TimedResult[],
  compared: ReplicatedResults,
  { samples }: Scenario,
): Promise<string[]> {
  const { runCurves } = await import('./run-curves.ts');
  const [seed] = compared.seeds;
  const ofSeed = results.filter((result) => result.seed === seed);
  const heading = compared.seeds.length === 1 ? 'Over time' : `Over time (seed ${seed})`;
  const charts = [glance(compared), glanceOverTime(heading, runCurves(ofSeed, samples.everyNs))];
  return charts.filter((chart) => chart !== '');
}

function interruptionSentence({ seeds, results }: ReplicatedResults, replications: number): string {
  if (results.length === 0) return 'Interrupted: nothing was simulated yet.';
  const isWhole = replications > 1 && results.every(({ isComplete }) => isComplete);
  if (!isWhole) return 'Interrupted: the numbers are those of the time that was simulated.';
  const count = seeds.length === 1 ? 'replication that is' : `${seeds.length} replications that are`;
  return `Interrupted: the numbers are those of the ${count} complete, of ${replications}.`;
}

const NOT_TO_BE_TRUSTED = 'These numbers are not to be trusted: counters of a run do not agree with one another.';

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
