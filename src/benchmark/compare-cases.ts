import { median } from 'simple-statistics';
import { BenchError, type CaseReport } from './case-report.ts';
import { differentCounters, type MeasuredCase, processMedians } from './measure-cases.ts';
import {
  holmAdjusted,
  leastPairedP,
  leastUnpairedP,
  pairedTest,
  type TestResult,
  unpairedTest,
} from './permutation-test.ts';

export interface CompareCasesOptions {
  /** Whether both were measured side by side: the i-th process of one together with the i-th of the other, or right after it. */
  readonly isInterleaved: boolean;
  /** A change of time or memory below this share is of no interest, however sure. */
  readonly minEffectRatio: number;
  /** How probable one false alarm among all times may be. */
  readonly alpha: number;
  /** Whether times and memory are left out, so that the work alone is compared. */
  readonly isOfCountersOnly?: boolean;
}

export const COMPARE_DEFAULTS = { minEffectRatio: 0.05, alpha: 0.05 } as const;

/** A counter that two versions do not agree on; undefined where one of them does not have it. */
export interface CounterDifference {
  readonly case: string;
  readonly counter: string;
  readonly base: number | string | undefined;
  readonly head: number | string | undefined;
}

/** How the time or the memory of a case changed. */
export interface CostDifference extends TestResult {
  readonly case: string;
  /** `run` and others: CPU time in ns; `peak_rss`: bytes. */
  readonly measure: string;
  readonly base: number;
  readonly head: number;
  /** `p`, adjusted for the number of costs that were compared. */
  readonly adjustedP: number;
  readonly verdict: 'slower' | 'faster' | 'more' | 'less' | 'same';
}

export interface CaseComparison {
  readonly counters: readonly CounterDifference[];
  readonly costs: readonly CostDifference[];
  /** Cases that only one of the two has. */
  readonly onlyBase: readonly string[];
  readonly onlyHead: readonly string[];
}

const MEMORY_MEASURE = 'peak_rss';

/**
 * Lays two versions side by side. Counters are compared exactly; costs by a test, and only what is large enough counts.
 * Throws a BenchError for versions that share no case: nothing is compared then.
 */
export function compareCases(
  base: readonly MeasuredCase[],
  head: readonly MeasuredCase[],
  options: CompareCasesOptions,
): CaseComparison {
  const headByName = new Map(head.map((one) => [one.case, one]));
  const pairs = base.flatMap((one) => {
    const other = headByName.get(one.case);
    return other === undefined ? [] : [[one, other] as const];
  });
  if (pairs.length === 0) {
    const namesOf = (cases: readonly MeasuredCase[]) => cases.map((one) => one.case).join(', ') || 'none';
    throw new BenchError(
      `there is no case that both have: the base has ${namesOf(base)}; the head has ${namesOf(head)}`,
    );
  }
  const tested = options.isOfCountersOnly ? [] : pairs.flatMap(([one, other]) => costsOf(one, other, options));
  const adjusted = holmAdjusted(tested.map(({ p }) => p));
  return {
    counters: pairs.flatMap(([one, other]) => counterDifferences(one, other)),
    costs: tested.map((cost, index) => {
      const adjustedP = adjusted[index]!;
      return { ...cost, adjustedP, verdict: verdictOf(cost, adjustedP, options) };
    }),
    onlyBase: base.map((one) => one.case).filter((name) => !headByName.has(name)),
    onlyHead: head.map((one) => one.case).filter((name) => !base.some((one) => one.case === name)),
  };
}

function counterDifferences(
  base: { case: string; counters: CaseReport['counters'] },
  head: { counters: CaseReport['counters'] },
): CounterDifference[] {
  return differentCounters(base.counters, head.counters).map((counter) => {
    return { case: base.case, counter, base: base.counters[counter], head: head.counters[counter] };
  });
}

type TestedCost = Omit<CostDifference, 'adjustedP' | 'verdict'>;

function costsOf(base: MeasuredCase, head: MeasuredCase, { isInterleaved }: CompareCasesOptions): TestedCost[] {
  const measures = Object.keys(base.samplesNs).filter((measure) => measure in head.samplesNs);
  const costs = measures.map((measure) => {
    return [measure, processMedians(base.samplesNs[measure]!), processMedians(head.samplesNs[measure]!)] as const;
  });
  return [...costs, [MEMORY_MEASURE, base.peakRssBytes, head.peakRssBytes] as const].map(
    ([measure, ofBase, ofHead]) => {
      const isPaired = isInterleaved && ofBase.length === ofHead.length;
      const test = isPaired
        ? pairedTest(ofBase.map((value, index) => [value, ofHead[index]!]))
        : unpairedTest(ofBase, ofHead);
      return { case: base.case, measure, base: median([...ofBase]), head: median([...ofHead]), ...test };
    },
  );
}

function verdictOf(
  { measure, ratio }: TestedCost,
  adjustedP: number,
  { alpha, minEffectRatio }: CompareCasesOptions,
): CostDifference['verdict'] {
  const isLarge = ratio >= 1 + minEffectRatio || ratio <= 1 / (1 + minEffectRatio);
  if (!isLarge || adjustedP > alpha) return 'same';
  if (measure === MEMORY_MEASURE) return ratio > 1 ? 'more' : 'less';
  return ratio > 1 ? 'slower' : 'faster';
}

/**
 * How many processes of each version are needed at least so that a difference can be found among so many costs: with
 * fewer, no test comes to a probability below `alpha`, however large the difference. null: no number is enough.
 */
export function processesNeeded(
  costs: number,
  { isInterleaved, alpha }: Pick<CompareCasesOptions, 'isInterleaved' | 'alpha'>,
): number | null {
  for (let processes = 1; processes <= PROCESSES_TRIED_MAX; processes++) {
    const leastP = isInterleaved ? leastPairedP(processes) : leastUnpairedP(processes, processes);
    if (leastP * costs <= alpha) return processes;
  }
  return null;
}

/** More processes than this draw permutations, and the least probability falls no more. */
const PROCESSES_TRIED_MAX = 20;

/** Costs of which no difference can be found among all of them, however large: they have too few processes. */
export function costsBeyondTest(costs: readonly CostDifference[], alpha: number): CostDifference[] {
  return costs.filter(({ leastP }) => leastP * costs.length > alpha);
}

/** Whether a comparison is bad news: other work, cases that are gone, more time or more memory. */
export function isRegression(
  { counters, costs, onlyBase }: CaseComparison,
  { isWorkAccepted = false }: { isWorkAccepted?: boolean } = {},
): boolean {
  const isOtherWork = counters.length > 0 || onlyBase.length > 0;
  return (isOtherWork && !isWorkAccepted) || costs.some(({ verdict }) => verdict === 'slower' || verdict === 'more');
}
