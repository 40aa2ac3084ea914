import { listed, warmUpWords } from '../comparison/words.ts';
import { brokenWords, intervalWords, lastWords, proportionalWords, valueWords } from '../report/plan-words.ts';
import { readVersion } from '../scenario/version.ts';
import { answerPlan, type BrokenAt, type PlanAnswer } from '../study/answer-plan.ts';
import { CellPool } from '../study/cell-pool.ts';
import type { CellStore } from '../study/cell-store.ts';
import { storeOpener } from '../study/open-store.ts';
import { type OpenedStudy, openStudy } from '../study/open-study.ts';
import { FailedRunError, PlanCells } from '../study/plan-cells.ts';
import { planRecordOf, questionOf } from '../study/plan-record.ts';
import type { PlanSettings } from '../study/plan-settings.ts';
import { readStudy } from '../study/read-study.ts';
import { overridesOf, type PointCell, type Study } from '../study/study.ts';
import { formatCount } from '../units.ts';
import { errorWords } from './cell-words.ts';
import { createPalette } from './colour.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { writeData, writeJson, writeMessage } from './output.ts';
import type { PlanOptions } from './plan-options.ts';
import { poolSize } from './pool-size.ts';
import { stopOnSignals } from './stop-on-signals.ts';
import { wrapText } from './wrap-text.ts';

/** Answers the plan of a study: the largest or smallest value that keeps its limits. */
export async function plan(file: string, options: PlanOptions): Promise<ExitCode> {
  const study = readStudy(file);
  const settings = study.plan;
  if (settings === null) {
    throw new UsageError(
      `${file}: has no section 'plan', which says what is looked for; docs/planning.md describes it`,
    );
  }
  if (study.paths.length > 0) {
    throw new UsageError(
      `${file}: has 'plan' and also ${listed(study.paths)} in 'axes' or 'points', which a plan does not vary; ` +
        `set them in 'set', or keep them in a file of their own for batch`,
    );
  }
  const store = (await storeOpener(options.out))(study.name);
  try {
    return await planInto(store, { study, settings }, options);
  } finally {
    store.close();
  }
}

async function planInto(
  store: CellStore,
  { study, settings }: { study: Study; settings: PlanSettings },
  options: PlanOptions,
): Promise<ExitCode> {
  const version = readVersion();
  const opened = await openStudy({
    ...{ study, store, version },
    keepsVersions: options.anyVersion === true,
    prunes: options.prune === true,
    parts: options.tables ? 'tables' : 'summary',
  });
  if (!options.json) writeData(headOf(study, settings));
  const { answers, cells, exitCode } = await search(opened, settings, options);
  const record = planRecordOf(study, settings, { version, answers, runs: cells.runs });
  if (exitCode === ExitCode.ok) {
    await store.writeAnswer(record);
    await store.tidy({ isDone: true });
    if (options.json) writeJson({ ...record, place: store.place, simulatedRuns: cells.simulated });
  }
  writeMessage(countWords(cells, store.place), options);
  return exitCode;
}

/** What was found, and where the search ended early with which exit code. */
interface Searched {
  readonly answers: readonly PlanAnswer[];
  readonly cells: PlanCells;
  readonly exitCode: ExitCode;
}

async function search(opened: OpenedStudy, settings: PlanSettings, options: PlanOptions): Promise<Searched> {
  const { study, version } = opened;
  const size = poolSize(options);
  const pool = new CellPool(size);
  const say = (text: string) => writeMessage(text, options);
  const cells = new PlanCells(opened, {
    ...{ pool, ...size, retries: options.retries },
    events: {
      done: (cell, wasThere) => {
        if (options.progress) say(`${runWords(cell)}: ${wasThere ? 'there already' : 'simulated'}`);
      },
      retrying: (cell, error) => say(`${runWords(cell)}: failed and will be tried again: ${errorWords(error)}`),
    },
  });
  const signals = stopOnSignals(() => {
    say('Interrupted: ending the runs under way. Once more to end at once.');
    pool.stop();
  });
  const answers: PlanAnswer[] = [];
  try {
    const plan = { plan: settings, version };
    for await (const answer of answerPlan(study, plan, (cell, value) => cells.summaryOf(cell, value))) {
      answers.push(answer);
      if (!options.json) writeData(`\n${answerText(answer, settings)}`);
    }
    return { answers, cells, exitCode: ExitCode.ok };
  } catch (error) {
    await cells.stop();
    const interruption = signals.interruption();
    if (interruption !== null) {
      say('Interrupted. The same command goes on where this one stopped.');
      return { answers, cells, exitCode: interruption };
    }
    if (!(error instanceof FailedRunError)) throw error;
    process.stderr.write(failureText(error, opened.store.place));
    return { answers, cells, exitCode: ExitCode.failure };
  } finally {
    signals.release();
    await pool.close();
  }
}

function failureText({ cell, error }: FailedRunError, place: string): string {
  if (error === null) {
    return (
      `${runWords(cell)}: its counters do not agree with one another, which is a mistake in dcfabric. There is no answer ` +
      `without it.\nPlease report it with ${place}/cells/${cell.id}/run.json.\n`
    );
  }
  return (
    `${runWords(cell)}: failed, and there is no answer without it: ${errorWords(error)}\n` +
    'The same command tries it again, and keeps all other runs.\n'
  );
}

function runWords({ parameters, run: { fabric, scenario } }: PointCell): string {
  return `${fabric.name}, seed ${scenario.seed}, ${overridesOf(parameters).join(' ')}`;
}

function countWords({ runs, simulated }: PlanCells, place: string): string {
  const before = runs.length - simulated;
  const parts = [`${formatCount(simulated)} simulated`];
  if (before > 0) parts.push(`${formatCount(before)} there before`);
  return `\n${formatCount(runs.length)} runs: ${parts.join(', ')}. Results are in ${place}`;
}

const TEXT_COLUMNS = 100;

function headOf({ title, name, question, warmUpNs }: Study, settings: PlanSettings): string {
  const { axis, goal, limits } = settings;
  const { bold, dim } = createPalette(process.stdout);
  const { values, path } = axis;
  const warmUp = warmUpWords(warmUpNs ?? 0);
  const steps = values.length === 1 ? '1 value' : `${values.length} values from ${values[0]} to ${values.at(-1)}`;
  return [
    bold(title === '' ? name : title),
    ...(question === '' ? [] : [wrapText(question, TEXT_COLUMNS)]),
    '',
    `The ${goal} ${path} of ${steps}${proportionalWords(settings)} that keeps${warmUp === '' ? '' : `, ${warmUp},`}`,
    ...limits.map((limit) =>
      limit.kind === 'hardware'
        ? `  all limits of hardware and design`
        : `  ${limit.metric}: at ${limit.kind} ${dim(limit.given)}`,
    ),
  ].join('\n');
}

function answerText(answer: PlanAnswer, settings: PlanSettings): string {
  const { bold, yellow, dim } = createPalette(process.stdout);
  const { fabric, outcome, bound, next, contradiction } = answer;
  const question = questionOf(settings);
  const head = valueWords(answer, question);
  const interval = intervalWords(answer);
  const lines = [`${bold(fabric)}: ${outcome === 'not-monotone' ? yellow(head) : bold(head)}`];
  if (interval !== '') lines.push(interval);
  if (bound !== null) {
    lines.push(...brokenLines(bound));
    lines.push(
      ...(next === null
        ? [dim(`without that, nothing else is broken ${lastWords(question)}`)]
        : brokenLines(next, 'without that, ')),
    );
  }
  if (contradiction !== null) {
    const { seed, broken, kept } = contradiction;
    lines.push(...brokenLines(broken, `with seed ${seed}, `), `but kept at ${kept}: bisection cannot answer this`);
  }
  for (const index of answer.absent) {
    const limit = settings.limits[index]!;
    if (limit.kind !== 'hardware') lines.push(dim(`it has no ${limit.metric}, which is no limit to it`));
  }
  return lines.join('\n  ');
}

function brokenLines({ value, limits }: BrokenAt, before = ''): string[] {
  return limits.map((limit) => `${before}at ${value}: ${brokenWords(limit)}`);
}
