import Table from 'cli-table3';
import { type BenchOrigin, readBenchRun } from '../benchmark/bench-file.ts';
import type { BenchProgram } from '../benchmark/bench-program.ts';
import {
  type CaseComparison,
  type CostDifference,
  compareCases,
  costsBeyondTest,
  isRegression,
  processesNeeded,
} from '../benchmark/compare-cases.ts';
import { type BenchSubject, CAN_MEASURE_AT_ONCE, type MeasuredCase } from '../benchmark/measure-cases.ts';
import { leastPairedP } from '../benchmark/permutation-test.ts';
import { measuredDuration, measuredSize } from '../comparison/format.ts';
import type { BenchCompareOptions } from './bench-options.ts';
import { measureShown } from './bench-progress.ts';
import { chooseCases, isRunFile, programOf, scenarioCases, scenarioSubject, suiteSubject } from './bench-subjects.ts';
import { createPalette, type Palette } from './colour.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { writeData, writeJson, writeMessage } from './output.ts';

/** Processes of each case and version: twice as many at once take as long as in turns; counters, two have to agree on. */
const PROCESSES_AT_ONCE = 24;
const PROCESSES_IN_TURNS = 12;
const PROCESSES_OF_COUNTERS = 2;

/** Two versions side by side, and where they were measured if they come from files. */
interface Measured {
  readonly base: readonly MeasuredCase[];
  readonly head: readonly MeasuredCase[];
  readonly origins: { readonly base: BenchOrigin; readonly head: BenchOrigin } | null;
}

/** Compares two revisions, measured side by side, or two runs that were kept. */
export async function benchCompare(base: string, head: string, options: BenchCompareOptions): Promise<ExitCode> {
  const isOfFiles = isRunFile(base) && isRunFile(head);
  if (!isOfFiles && (isRunFile(base) || isRunFile(head))) {
    throw new UsageError(`${base} and ${head}: expected two revisions or two files of runs, got one of each`);
  }
  const { accept, alpha, minEffect: minEffectRatio, countersOnly: isOfCountersOnly = false } = options;
  const isInterleaved = !isOfFiles;
  const measured = isOfFiles ? readBoth(base, head, options) : await measureBoth(base, head, options);
  const comparison = compareCases(measured.base, measured.head, {
    isInterleaved,
    minEffectRatio,
    alpha,
    isOfCountersOnly,
  });
  refuseTooFew(costsBeyondTest(comparison.costs, alpha).length, comparison.costs.length, { isInterleaved, alpha });
  const isBad = isRegression(comparison, { isWorkAccepted: accept !== undefined });
  const { origins } = measured;
  const isSameMachine = origins === null || origins.base.machine === origins.head.machine;
  if (options.json) {
    const verdict = { isInterleaved, isOfCountersOnly, isSameMachine, isRegression: isBad, accepted: accept };
    writeJson({ base, head, ...(origins === null ? {} : { origins }), ...verdict, ...comparison });
  } else {
    const machines = isSameMachine ? null : { base: origins.base.machine, head: origins.head.machine };
    const palette = createPalette(process.stdout);
    writeData(comparisonText(comparison, { accept, isOfCountersOnly, machines, palette }));
  }
  if (isOfFiles && !isOfCountersOnly) {
    writeMessage(
      'These runs were not measured side by side: a machine that was slower during one of them looks the same.',
      options,
    );
  }
  return isBad ? ExitCode.failure : ExitCode.ok;
}

/** Throws where no difference could be found among so many costs: a comparison that cannot fail says nothing. */
function refuseTooFew(
  beyondTest: number,
  costs: number,
  { isInterleaved, alpha }: { isInterleaved: boolean; alpha: number },
): void {
  if (beyondTest === 0) return;
  const needed = processesNeeded(costs, { isInterleaved, alpha });
  const remedy =
    needed === null
      ? 'no number of processes is enough: take a larger --alpha'
      : isInterleaved
        ? `take --processes ${needed} or more`
        : `each file needs ${needed} processes of each case or more, which \`bench run --processes\` makes`;
  throw new UsageError(
    `too few processes: of ${costs} times and peaks of memory, ${beyondTest} cannot be told from chance however much ` +
      `they changed; ${remedy}, or fewer cases with --only, or --counters-only, which compares the work alone`,
  );
}

function readBoth(base: string, head: string, options: BenchCompareOptions): Measured {
  const { only, scenario, processes, inTurns } = options;
  const ofRevisions = { '--scenario': scenario, '--processes': processes, '--in-turns': inTurns };
  const given = Object.entries(ofRevisions).find(([, value]) => value !== undefined)?.[0] ?? null;
  if (given !== null) throw new UsageError(`${given}: ${base} and ${head} were measured before; it is for revisions`);
  const [{ cases: ofBase, ...baseOrigin }, { cases: ofHead, ...headOrigin }] = [readBenchRun(base), readBenchRun(head)];
  const inEither = new Map([...ofBase, ...ofHead].map((one) => [one.case, { name: one.case, level: one.level }]));
  const names = chooseCases([...inEither.values()], only);
  const chosen = (cases: readonly MeasuredCase[]) => cases.filter((one) => names.includes(one.case));
  return { base: chosen(ofBase), head: chosen(ofHead), origins: { base: baseOrigin, head: headOrigin } };
}

async function measureBoth(base: string, head: string, options: BenchCompareOptions): Promise<Measured> {
  const { scenario, only, builds, alpha, quiet, countersOnly = false } = options;
  const isAtOnce = CAN_MEASURE_AT_ONCE && options.inTurns !== true;
  const ofCosts = isAtOnce ? PROCESSES_AT_ONCE : PROCESSES_IN_TURNS;
  const processes = options.processes ?? (countersOnly ? PROCESSES_OF_COUNTERS : ofCosts);
  if (scenario !== undefined && only !== undefined)
    throw new UsageError('--only names cases of the suite; it does not go with --scenario');
  // the scenarios are read before anything is built
  const ofScenarios = scenario === undefined ? null : scenarioCases(scenario, { set: [] });
  writeMessage(`building ${base} and ${head}`, options);
  const programs = [await programOf(base, builds), await programOf(head, builds)] as const;
  const [subjects, names] =
    ofScenarios === null
      ? await suitesOf(programs, only)
      : [programs.map((program) => scenarioSubject(program, ofScenarios)), ofScenarios.map(({ name }) => name)];
  // a case has a time and a peak of memory at least: what cannot be found is said before hours of measuring
  const common = names.filter((name) => subjects.every((subject) => subject.commandFor(name) !== null));
  const leastCosts = 2 * common.length;
  if (!countersOnly && leastPairedP(processes) * leastCosts > alpha)
    refuseTooFew(leastCosts, leastCosts, { isInterleaved: true, alpha });
  const [ofBase, ofHead] = (await measureShown(subjects, names, { processes, isAtOnce, quiet })) as [
    MeasuredCase[],
    MeasuredCase[],
  ];
  return { base: ofBase, head: ofHead, origins: null };
}

/** Two versions with the suite of each, and the cases that either has. */
async function suitesOf(
  [base, head]: readonly [BenchProgram, BenchProgram],
  only: readonly string[] | undefined,
): Promise<[BenchSubject[], string[]]> {
  const [ofBase, ofHead] = [await suiteSubject(base), await suiteSubject(head)];
  const inEither = new Map([...ofBase.cases, ...ofHead.cases].map((one) => [one.name, one]));
  return [[ofBase.subject, ofHead.subject], chooseCases([...inEither.values()], only)];
}

interface TextOptions {
  readonly accept: string | undefined;
  readonly isOfCountersOnly: boolean;
  /** null: one machine. */
  readonly machines: { readonly base: string; readonly head: string } | null;
  readonly palette: Palette;
}

function comparisonText(
  { counters, costs, onlyBase, onlyHead }: CaseComparison,
  { accept, isOfCountersOnly, machines, palette }: TextOptions,
): string {
  const lines: string[] = isOfCountersOnly ? [] : [costTable(costs, palette)];
  for (const { case: name, counter, base, head } of counters) {
    lines.push(`${name}: ${counter} ${base ?? 'was not counted'} -> ${head ?? 'is not counted'}`);
  }
  if (onlyBase.length > 0) lines.push(`only in the base, so that nothing is known of it: ${onlyBase.join(', ')}`);
  if (onlyHead.length > 0) lines.push(`only in the head, with nothing to compare it with: ${onlyHead.join(', ')}`);
  if (machines !== null) {
    const meaning = isOfCountersOnly ? '' : '; times and memory differ by that too';
    lines.push(`measured on different machines or versions of Node: ${machines.base}; ${machines.head}${meaning}`);
  }
  if (lines.length > 0) lines.push('');
  const work = workText(counters.length, onlyBase.length, { accept, palette });
  lines.push(`${work}; ${isOfCountersOnly ? 'times and memory were not compared' : costText(costs, palette)}`);
  return lines.join('\n');
}

function workText(
  counters: number,
  goneCases: number,
  { accept, palette }: { accept: string | undefined; palette: Palette },
): string {
  const changes = [
    ...(counters === 0 ? [] : [counters === 1 ? '1 counter changed' : `${counters} counters changed`]),
    ...(goneCases === 0 ? [] : [goneCases === 1 ? '1 case is gone' : `${goneCases} cases are gone`]),
  ].join(', ');
  if (changes === '') return palette.green('the work is the same');
  return accept === undefined
    ? palette.red(`${changes}: --accept REASON if that is meant`)
    : `${changes}, accepted: ${accept}`;
}

function costText(costs: readonly CostDifference[], palette: Palette): string {
  const worse = costs.filter(({ verdict }) => verdict === 'slower' || verdict === 'more');
  const better = costs.filter(({ verdict }) => verdict === 'faster' || verdict === 'less');
  const text = `${worse.length} of ${costs.length} costs rose, ${better.length} fell`;
  return worse.length > 0 ? palette.red(text) : text;
}

function costTable(costs: readonly CostDifference[], palette: Palette): string {
  const table = new Table({
    head: ['case', 'measure', 'base', 'head', 'ratio', 'p', 'verdict'],
    style: { head: [], border: [], compact: true },
  });
  for (const { case: name, measure, base, head, ratio, adjustedP, verdict } of costs) {
    const format = measure === 'peak_rss' ? measuredSize : measuredCost;
    const colour =
      verdict === 'same'
        ? (text: string) => text
        : verdict === 'slower' || verdict === 'more'
          ? palette.red
          : palette.green;
    table.push([
      name,
      measure,
      format(base),
      format(head),
      ratio.toFixed(3),
      adjustedP.toPrecision(2),
      colour(verdict),
    ]);
  }
  return table.toString();
}

/** Times of single operations are fractions of nanoseconds. */
function measuredCost(timeNs: number): string {
  return timeNs < 1_000 ? `${Number(timeNs.toPrecision(3))}ns` : measuredDuration(timeNs);
}
