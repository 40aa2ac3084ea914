import { answersInWords } from '../comparison/answers.ts';
import { comparisonNotes } from '../comparison/comparison-notes.ts';
import { comparableResults, type ReplicatedResults } from '../comparison/replicated-results.ts';
import { warmUpWords } from '../comparison/words.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { STDIN_PATH } from '../scenario/text-file.ts';
import { createPalette } from './colour.ts';
import { comparisonTable } from './comparison-table.ts';
import { glance, glanceOverTime } from './glance.ts';
import type { Job } from './job.ts';
import { writeData } from './output.ts';
import type { TimedResult } from './simulation-worker.ts';
import type { SimulationEnd } from './simulator.ts';
import { violationsOf } from './violations.ts';
import { wrapText } from './wrap-text.ts';

const TEXT_COLUMNS = 100;

/** What reads curves from tables of results; null where there are none. */
type CurveReader = typeof import('./run-curves.ts') | null;

/** Shows people what was simulated: tables, charts, and sentences about them. */
export function showResults(
  { file, scenario, fabrics }: Job,
  { results, interruption }: SimulationEnd,
  curves: CurveReader,
): void {
  const palette = createPalette(process.stdout);
  const { bold, dim, yellow } = palette;
  const { title, question, seed, replications } = scenario;
  const compared = comparableResults(
    results,
    fabrics.map(({ name }) => name),
  );
  const seeds = replications === 1 ? `seed ${seed}` : `${replications} replications from seed ${seed}`;
  const counted = [seeds, warmUpWords(scenario.warmUpNs)].filter((words) => words !== '').join(', ');
  const head = [`${bold(title === '' ? (file === STDIN_PATH ? scenario.name : file) : title)} ${dim(`(${counted})`)}`];
  if (question !== '') head.push(wrapText(question, TEXT_COLUMNS));
  if (interruption !== null) head.push(yellow(interruptionSentence(compared, replications)));
  const parts = [head.join('\n')];
  if (results.length > 0) {
    parts.push(comparisonTable(compared, palette));
    parts.push(...chartsOf({ results, compared, scenario, curves }));
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

interface Charted {
  readonly results: readonly TimedResult[];
  readonly compared: ReplicatedResults;
  readonly scenario: Scenario;
  readonly curves: CurveReader;
}

/** Bars of key figures, and sparklines of the first seed. */
function chartsOf({ results, compared, scenario, curves }: Charted): string[] {
  const { samples, warmUpNs } = scenario;
  const [seed] = compared.seeds;
  const ofSeed = results.filter((result) => result.seed === seed);
  const time = warmUpNs === 0 ? 'Over time' : 'Over all time';
  const heading = compared.seeds.length === 1 ? time : `${time} (seed ${seed})`;
  const charts = [glance(compared), glanceOverTime(heading, curves?.runCurves(ofSeed, samples.everyNs) ?? [])];
  return charts.filter((chart) => chart !== '');
}

function interruptionSentence({ seeds, results }: ReplicatedResults, replications: number): string {
  if (results.length === 0) return 'Interrupted: nothing was simulated yet.';
  if (results.every(({ simulatedNs, warmUpNs }) => simulatedNs < warmUpNs)) {
    return 'Interrupted in the warm-up, of which nothing counts.';
  }
  const isWhole = replications > 1 && results.every(({ isComplete }) => isComplete);
  if (!isWhole) return 'Interrupted: the numbers are those of the time that was simulated.';
  const count = seeds.length === 1 ? 'replication that is' : `${seeds.length} replications that are`;
  return `Interrupted: the numbers are those of the ${count} complete, of ${replications}.`;
}

const NOT_TO_BE_TRUSTED = 'These numbers are not to be trusted: counters of a run do not agree with one another.';
