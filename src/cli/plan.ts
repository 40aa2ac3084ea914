import { measuredCount, measuredDuration, measuredRate, measuredSize, NOTHING } from '../comparison/format.ts';
import { LIMITS } from '../metrics/column-values.ts';
import { CONFIDENCE } from '../metrics/estimate.ts';
import { readVersion } from '../scenario/version.ts';
import { answerPlan, type BrokenAt, type PlanAnswer, type SimulatePlanned } from '../study/answer-plan.ts';
import type { BrokenLimit } from '../study/plan-limits.ts';
import type { PlanSettings } from '../study/plan-settings.ts';
import { readStudy } from '../study/read-study.ts';
import { RunPool } from '../study/run-pool.ts';
import type { Study } from '../study/study.ts';
import { createPalette } from './colour.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { writeData, writeJson, writeMessage } from './output.ts';
import type { PlanOptions } from './plan-options.ts';
import { poolSize } from './pool-size.ts';
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
  if (!options.json) writeData(headOf(study, settings));
  const { jobs, memoryBytes } = poolSize(options);
  const pool = new RunPool({ jobs, memoryBytes });
  const answers: PlanAnswer[] = [];
  let simulated = 0;
  const simulate: SimulatePlanned = async (run, value) => {
    const summary = await pool.simulate(run);
    simulated++;
    const said = `${run.fabric.name}, seed ${run.scenario.seed}: ${settings.axis.path}=${value} is simulated`;
    writeMessage(said, { quiet: options.quiet || !options.progress });
    return summary;
  };
  try {
    for await (const answer of answerPlan(study, settings, simulate)) {
      answers.push(answer);
      if (!options.json) writeData(`\n${answerText(answer, settings)}`);
    }
  } finally {
    await pool.close();
  }
  if (options.json) writeJson(asJson(study, settings, answers, simulated));
  else writeMessage(`${simulated} runs were simulated.`, options);
  return ExitCode.ok;
}

function asJson(study: Study, { axis, goal, limits }: PlanSettings, answers: readonly PlanAnswer[], simulated: number) {
  const { name, title, question } = study;
  const [from, to] = [axis.values[0], axis.values.at(-1)];
  return {
    version: readVersion(),
    study: { name, title, question },
    plan: { axis: axis.path, goal, from, to, values: axis.values.length, limits },
    confidence: CONFIDENCE,
    simulatedRuns: simulated,
    answers: answers.map(({ absent, ...answer }) => ({
      ...answer,
      absentLimits: absent.map((index) => limits[index]),
    })),
  };
}

const TEXT_COLUMNS = 100;

function headOf({ title, name, question }: Study, { axis, goal, limits }: PlanSettings): string {
  const { bold, dim } = createPalette(process.stdout);
  const { values, path } = axis;
  const steps = values.length === 1 ? '1 value' : `${values.length} values from ${values[0]} to ${values.at(-1)}`;
  return [
    bold(title === '' ? name : title),
    ...(question === '' ? [] : [wrapText(question, TEXT_COLUMNS)]),
    '',
    `The ${goal} ${path} of ${steps} that keeps`,
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
  const lines = [
    `${bold(fabric)}: ${outcome === 'not-monotone' ? yellow(headline(answer, settings)) : bold(headline(answer, settings))}`,
  ];
  lines.push(...intervalLines(answer));
  if (bound !== null) lines.push(...brokenLines(bound));
  if (bound !== null) {
    lines.push(
      ...(next === null
        ? [dim(`without that, nothing else is broken up to ${last(settings)}`)]
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

const last = ({ axis, goal }: PlanSettings) => (goal === 'largest' ? axis.values.at(-1) : axis.values[0]);
const first = ({ axis, goal }: PlanSettings) => (goal === 'largest' ? axis.values[0] : axis.values.at(-1));

function headline({ outcome, value }: PlanAnswer, settings: PlanSettings): string {
  switch (outcome) {
    case 'found':
      return String(value);
    case 'all':
      return `every value keeps the limits, ${value} too`;
    case 'none':
      return `no value keeps the limits, not even ${first(settings)}`;
    case 'not-monotone':
      return 'no answer: limits are broken at a value and kept again beyond it';
  }
}

function intervalLines({ outcome, estimate, replications }: PlanAnswer): string[] {
  if (outcome !== 'found') return [];
  if (replications.length === 1) return ['one replication: how far chance moves it is not known'];
  const values = replications.map(({ value }) => value ?? NOTHING);
  const shown = `in ${replications.length} replications ${[...new Set(values)].join(', ')}`;
  if (estimate === null || estimate.halfWidth === null) return [shown];
  return [`${shown}; mean ${number(estimate.mean)} ± ${number(estimate.halfWidth)} (${CONFIDENCE * 100} %)`];
}

const number = (value: number) => String(Number(value.toPrecision(6)));

function brokenLines({ value, limits }: BrokenAt, before = ''): string[] {
  return limits.map((limit) => `${before}at ${value}: ${brokenText(limit)}`);
}

function brokenText({ name, value, relation, bound, device, firstNs }: BrokenLimit): string {
  const hardware = /^limits\.(\w+)\.count$/.exec(name)?.[1] as keyof typeof LIMITS | undefined;
  const where = device === null ? '' : ` at ${device}`;
  const when = firstNs === null ? '' : `, first after ${measuredDuration(firstNs)}${where}`;
  if (hardware !== undefined && bound === 0)
    return `${LIMITS[hardware]} (${hardware}): ${measuredCount(value)} times${when}`;
  return `${name} is ${shownMetric(name, value)}, at ${relation} ${shownMetric(name, bound)}${when}`;
}

/** By what its name says of the unit. */
function shownMetric(name: string, value: number): string {
  const last = name.split('.').at(-1)!;
  if (/^(fill|share)$|[rR]atio$/.test(last)) return `${Number((100 * value).toPrecision(4))}%`;
  if (/Ns($|[A-Z])/.test(last)) return measuredDuration(value);
  if (/BitsPerSec$/.test(last)) return measuredRate(value);
  if (/[bB]ytes$/.test(last)) return measuredSize(value);
  return String(Number(value.toPrecision(6)));
}
