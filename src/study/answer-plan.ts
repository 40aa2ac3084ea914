import { type Estimate, estimateMean } from '../metrics/estimate.ts';
import type { ParameterValue } from '../metrics/run-file.ts';
import type { FabricSummary } from '../metrics/summary.ts';
import { findThreshold, firstPlaces } from './find-threshold.ts';
import { type BrokenLimit, brokenOrUnmeasured, judge, type Verdict } from './plan-limits.ts';
import { type PlanSettings, parametersAt } from './plan-settings.ts';
import type { PointCell, Study } from './study.ts';
import { unknownMetricWords } from './unknown-metric.ts';

/** What a plan finds for one fabric. */
export interface PlanAnswer {
  readonly fabric: string;
  /**
   * `found`; `all`: every value keeps the limits; `none`: no value does; `not-monotone`: limits are broken at one value
   * and kept again beyond, so that there is no such answer.
   */
  readonly outcome: 'found' | 'all' | 'none' | 'not-monotone';
  /** The value that keeps the limits in every replication, where the next one does not in at least one. */
  readonly value: ParameterValue | null;
  /** The value found in each replication; null where none keeps the limits. */
  readonly replications: readonly { readonly seed: number; readonly value: ParameterValue | null }[];
  /** Over the replications, if values are numbers and all have one. */
  readonly estimate: Estimate | null;
  /** What was broken first beyond the value, and at which. */
  readonly bound: BrokenAt | null;
  /** What is broken next, if the limits that bound were not there; from the first replication. Null: nothing else is. */
  readonly next: BrokenAt | null;
  /** Where the limits are broken and kept again, if that is so. */
  readonly contradiction: { readonly seed: number; readonly broken: BrokenAt; readonly kept: ParameterValue } | null;
  /** Limits of the plan that name nothing that the fabric has. */
  readonly absent: readonly number[];
}

/** Limits that are broken at a value. */
export interface BrokenAt {
  readonly value: ParameterValue;
  readonly limits: readonly BrokenLimit[];
}

/** What a run of the plan says, simulated now or before; asked for several at a time. */
export type SummaryOf = (cell: PointCell, value: ParameterValue) => Promise<FabricSummary>;

/**
 * Answers the plan of a study, fabric by fabric; searches on all of them at a time. Each run is simulated once, whoever
 * asks for it.
 */
export async function* answerPlan(
  study: Study,
  { plan, version }: { plan: PlanSettings; version: string },
  summaryOf: SummaryOf,
): AsyncGenerator<PlanAnswer> {
  const cellsAt = (value: ParameterValue) => study.cellsAt(parametersAt(plan, value), version);
  const first = cellsAt(plan.axis.values[0]!);
  const fabrics = [...new Set(first.map(({ run }) => run.fabric.name))];
  const seeds = [...new Set(first.map(({ run }) => run.scenario.seed))];
  const verdicts = new Map<string, Promise<Verdict>>();
  const verdictOf = (fabric: string, seed: number, place: number): Promise<Verdict> => {
    const value = valueAt(plan, place);
    const key = JSON.stringify([fabric, seed, value]);
    const found = async () => {
      const cell = cellsAt(value).find(({ run }) => run.fabric.name === fabric && run.scenario.seed === seed)!;
      return judge(await summaryOf(cell, value), plan.limits);
    };
    if (!verdicts.has(key)) verdicts.set(key, found());
    return verdicts.get(key)!;
  };
  const verdictsAt = (place: number) => Promise.all(fabrics.map((fabric) => verdictOf(fabric, seeds[0]!, place)));
  const firsts = await verdictsAt(0);
  // what is not there at one end may be at the other
  if (unknownLimits(plan, firsts).length > 0) {
    refuseUnknown(plan, [...firsts, ...(await verdictsAt(plan.axis.values.length - 1))]);
  }
  const answerFor = async (fabric: string): Promise<PlanAnswer> => {
    const places = firstPlaces(plan.axis.values.length, plan.probes);
    const verdictsOfFirst = await Promise.all(places.map((place) => verdictOf(fabric, seeds[0]!, place)));
    const absent = unknownLimits(plan, verdictsOfFirst);
    const brokenAt = async (seed: number, place: number) =>
      brokenOrUnmeasured(await verdictOf(fabric, seed, place), plan.limits, absent);
    return { fabric, absent, ...(await answerOf(plan, seeds, brokenAt)) };
  };
  const answers = fabrics.map(answerFor);
  // one that fails while another is waited for is told of when its turn comes
  for (const answer of answers) answer.catch(() => {});
  for (const answer of answers) yield await answer;
}

/** Values in the order in which limits are kept first and broken then. */
function valueAt({ axis, goal }: PlanSettings, place: number): ParameterValue {
  return axis.values[goal === 'largest' ? place : axis.values.length - 1 - place]!;
}

/** The indices of limits whose metric no verdict knows. */
function unknownLimits({ limits }: PlanSettings, verdicts: readonly Verdict[]): number[] {
  return [...limits.keys()].filter((index) => verdicts.every(({ absent }) => absent.includes(index)));
}

/** Refuses a limit whose metric no fabric has. */
function refuseUnknown(plan: PlanSettings, verdicts: readonly Verdict[]): void {
  const { limits, errorAt } = plan;
  for (const index of unknownLimits(plan, verdicts)) {
    const limit = limits[index]!;
    if (limit.kind === 'hardware') continue;
    const known = [...new Set(verdicts.flatMap(({ metrics }) => metrics))];
    throw errorAt(index, `no fabric has the metric ${unknownMetricWords(limit.metric, known)}`);
  }
}

/** The limits that are not kept at a place, with one seed. */
type BrokenOf = (seed: number, place: number) => Promise<readonly BrokenLimit[]>;

async function answerOf(
  plan: PlanSettings,
  seeds: readonly number[],
  brokenOf: BrokenOf,
): Promise<Omit<PlanAnswer, 'fabric' | 'absent'>> {
  const count = plan.axis.values.length;
  const found: { seed: number; lastHeld: number }[] = [];
  for (const seed of seeds) {
    const holds = async (place: number) => (await brokenOf(seed, place)).length === 0;
    const hint = found[0] === undefined ? {} : { hint: found[0].lastHeld };
    const { lastHeld, contradiction } = await findThreshold({ count, probes: plan.probes, ...hint, holds });
    if (contradiction !== null) {
      const broken = {
        value: valueAt(plan, contradiction.failed),
        limits: await brokenOf(seed, contradiction.failed),
      };
      const kept = valueAt(plan, contradiction.held);
      return { ...NOTHING_FOUND, outcome: 'not-monotone', contradiction: { seed, broken, kept } };
    }
    found.push({ seed, lastHeld });
  }
  const worst = found.reduce((least, one) => (one.lastHeld < least.lastHeld ? one : least));
  const beyond = worst.lastHeld + 1;
  const valueOrNull = (place: number) => (place < 0 ? null : valueAt(plan, place));
  const replications = found.map(({ seed, lastHeld }) => ({ seed, value: valueOrNull(lastHeld) }));
  const bound = beyond >= count ? null : { value: valueAt(plan, beyond), limits: await brokenOf(worst.seed, beyond) };
  return {
    ...NOTHING_FOUND,
    outcome: bound === null ? 'all' : beyond === 0 ? 'none' : 'found',
    value: valueOrNull(worst.lastHeld),
    replications,
    estimate: estimateOf(replications),
    bound,
    next: bound === null ? null : await nextBound(plan, { seed: seeds[0]!, bound, from: beyond }, brokenOf),
  };
}

const NOTHING_FOUND = { value: null, replications: [], estimate: null, bound: null, next: null, contradiction: null };

function estimateOf(replications: PlanAnswer['replications']): Estimate | null {
  const numbers = replications.flatMap(({ value }) => (typeof value === 'number' ? [value] : []));
  return numbers.length === replications.length ? estimateMean(numbers) : null;
}

/** The first place beyond at which other limits than those that bound are broken. */
async function nextBound(
  plan: PlanSettings,
  { seed, bound, from }: { seed: number; bound: BrokenAt; from: number },
  brokenOf: BrokenOf,
): Promise<BrokenAt | null> {
  const ignored = new Set(bound.limits.map(({ name }) => name));
  const othersAt = async (place: number) =>
    (await brokenOf(seed, from + place)).filter(({ name }) => !ignored.has(name));
  const count = plan.axis.values.length - from;
  const { lastHeld } = await findThreshold({
    count,
    probes: 0,
    holds: async (place) => (await othersAt(place)).length === 0,
  });
  const place = lastHeld + 1;
  return place >= count ? null : { value: valueAt(plan, from + place), limits: await othersAt(place) };
}
