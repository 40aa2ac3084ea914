import Table from 'cli-table3';
import { readBenchRun } from '../benchmark/bench-file.ts';
import {
  type CaseComparison,
  type CostDifference,
  compareCases,
  isRegression,
  leastAdjustedP,
} from '../benchmark/compare-cases.ts';
import type { MeasuredCase } from '../benchmark/measure-cases.ts';
import { measuredDuration, measuredSize } from '../comparison/format.ts';
import type { BenchCompareOptions } from './bench-options.ts';
import { measureShown } from './bench-progress.ts';
import { chooseCases, isRunFile, programOf, scenarioCases, scenarioSubject, suiteSubject } from './bench-subjects.ts';
import { createPalette, type Palette } from './colour.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { writeData, writeJson, writeMessage } from './output.ts';

/** Compares two revisions, measured in turns, or two runs that were kept. */
export async function benchCompare(base: string, head: string, options: BenchCompareOptions): Promise<ExitCode> {
  const isOfFiles = isRunFile(base) && isRunFile(head);
  if (!isOfFiles && (isRunFile(base) || isRunFile(head))) {
    throw new UsageError(`${base} and ${head}: expected two revisions or two files of runs, got one of each`);
  }
  const [ofBase, ofHead] = isOfFiles ? readBoth(base, head, options) : await measureBoth(base, head, options);
  const comparison = compareCases(ofBase, ofHead, {
    isInterleaved: !isOfFiles,
    minEffectRatio: options.minEffect,
    alpha: options.alpha,
  });
  const { accept, alpha } = options;
  const isBad = isRegression(accept === undefined ? comparison : { ...comparison, counters: [] });
  if (options.json)
    writeJson({ base, head, isInterleaved: !isOfFiles, isRegression: isBad, accepted: accept, ...comparison });
  else writeData(comparisonText(comparison, { accept, palette: createPalette(process.stdout) }));
  const processesOf = (cases: readonly MeasuredCase[]) => cases[0]?.peakRssBytes.length ?? 0;
  const processes = { base: processesOf(ofBase), head: processesOf(ofHead) };
  const { costs } = comparison;
  if (leastAdjustedP(processes, { isInterleaved: !isOfFiles, costs: costs.length }) > alpha) {
    const counts = `${processes.base} and ${processes.head} processes`;
    writeMessage(
      `With ${counts} no difference among ${costs.length} costs can be told from chance: take more --processes, or fewer cases.`,
      options,
    );
  }
  if (isOfFiles) {
    writeMessage(
      'These runs were not measured in turns: a machine that was slower during one of them looks the same.',
      options,
    );
  }
  return isBad ? ExitCode.failure : ExitCode.ok;
}

function readBoth(base: string, head: string, { only }: BenchCompareOptions): [MeasuredCase[], MeasuredCase[]] {
  const casesOf = (path: string) => {
    const { cases } = readBenchRun(path);
    const names = chooseCases(
      cases.map((one) => ({ name: one.case, level: one.level })),
      only,
    );
    return cases.filter((one) => names.includes(one.case));
  };
  return [casesOf(base), casesOf(head)];
}

async function measureBoth(
  base: string,
  head: string,
  options: BenchCompareOptions,
): Promise<[MeasuredCase[], MeasuredCase[]]> {
  const { scenario, only, builds } = options;
  if (scenario !== undefined && only !== undefined)
    throw new UsageError('--only names cases of the suite; it does not go with --scenario');
  // the scenarios are read before anything is built
  const ofScenarios = scenario === undefined ? null : scenarioCases(scenario, { set: [] });
  writeMessage(`building ${base} and ${head}`, options);
  const programs = [await programOf(base, builds), await programOf(head, builds)] as const;
  if (ofScenarios !== null) {
    const subjects = programs.map((program) => scenarioSubject(program, ofScenarios));
    return (await measureShown(
      subjects,
      ofScenarios.map(({ name }) => name),
      options,
    )) as [MeasuredCase[], MeasuredCase[]];
  }
  const [ofBase, ofHead] = [await suiteSubject(programs[0]), await suiteSubject(programs[1])];
  const inEither = new Map([...ofBase.cases, ...ofHead.cases].map((one) => [one.name, one]));
  const names = chooseCases([...inEither.values()], only);
  return (await measureShown([ofBase.subject, ofHead.subject], names, options)) as [MeasuredCase[], MeasuredCase[]];
}

function comparisonText(
  { counters, costs, onlyBase, onlyHead }: CaseComparison,
  { accept, palette }: { accept: string | undefined; palette: Palette },
): string {
  const lines: string[] = [costTable(costs, palette)];
  for (const { case: name, counter, base, head } of counters) {
    lines.push(`${name}: ${counter} ${base ?? 'was not counted'} -> ${head ?? 'is not counted'}`);
  }
  if (onlyBase.length > 0) lines.push(`only in the base: ${onlyBase.join(', ')}`);
  if (onlyHead.length > 0) lines.push(`only in the head: ${onlyHead.join(', ')}`);
  const worse = costs.filter(({ verdict }) => verdict === 'slower' || verdict === 'more');
  const better = costs.filter(({ verdict }) => verdict === 'faster' || verdict === 'less');
  const work =
    counters.length === 0
      ? palette.green('the work is the same')
      : accept === undefined
        ? palette.red(`${counters.length} counters changed: --accept REASON if that is meant`)
        : `${counters.length} counters changed, accepted: ${accept}`;
  const cost = `${worse.length} of ${costs.length} costs rose, ${better.length} fell`;
  lines.push('', `${work}; ${worse.length > 0 ? palette.red(cost) : cost}`);
  return lines.join('\n');
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
