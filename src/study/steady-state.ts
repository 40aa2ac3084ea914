import { type Estimate, estimateDifference, estimateMean, replicationsFor } from '../metrics/estimate.ts';
import { percentile } from '../metrics/nearest-rank.ts';
import { warmUpOf } from '../metrics/warm-up.ts';
import type { FoundRun } from '../results/find-runs.ts';
import { labelsOf, type RunLabels } from '../results/run-labels.ts';
import { type RunSeries, type SampledSeries, seriesOf } from '../results/sampled-series.ts';

/** How runs are to be looked at. */
export interface SteadyStateOptions {
  /** Simulated time to leave out at the beginning of all runs; null: their scenario's warm-up, or what MSER-5 says of each. */
  readonly warmUpNs: number | null;
  /** Half of the interval that is wanted, as a share of the mean. */
  readonly precision: number;
}

/** One quantity on one fabric, after the warm-up. */
export interface SteadyQuantity {
  readonly name: string;
  readonly unit: SampledSeries['unit'];
  /** Longest warm-up of the runs, and those of them that did not settle. */
  readonly warmUpNs: number;
  readonly unsettledRuns: number;
  /** Over the replications: of the mean over time of each, and of the percentiles of its samples. */
  readonly mean: Estimate | null;
  readonly percentiles: Readonly<Record<'p50' | 'p95' | 'p99', Estimate | null>>;
  /** To the first fabric in the same replication; null for the first. */
  readonly difference: Estimate | null;
  /** In all, for the precision of the mean; null: not to be told. */
  readonly replicationsNeeded: number | null;
}

/** The replications of one point on one fabric. */
export interface SteadyGroup {
  readonly scenario: string;
  readonly parameters: RunLabels['parameters'];
  readonly fabric: string;
  readonly seeds: readonly number[];
  /** Whether MSER-5 found the warm-up of each quantity; else it was given. */
  readonly isWarmUpFound: boolean;
  readonly quantities: readonly SteadyQuantity[];
}

/** What one run says of one quantity. */
interface RunQuantity {
  readonly name: string;
  readonly unit: SampledSeries['unit'];
  readonly warmUpNs: number;
  readonly isSettled: boolean;
  readonly mean: number | null;
  readonly percentiles: Readonly<Record<'p50' | 'p95' | 'p99', number | null>>;
}

interface RunStatistics {
  readonly labels: RunLabels;
  readonly isWarmUpFound: boolean;
  readonly quantities: readonly RunQuantity[];
}

/** Runs in groups that differ in their seed alone, with what their samples say after the warm-up. */
export function steadyStates(runs: readonly FoundRun[], options: SteadyStateOptions): SteadyGroup[] {
  const points = new Map<string, Map<string, RunStatistics[]>>();
  for (const run of runs) {
    const series = seriesOf(run);
    if (series === null) continue;
    const labels = labelsOf(run);
    const { scenario, parameters, fabric } = labels;
    const key = JSON.stringify([scenario, parameters]);
    const point = points.get(key) ?? new Map<string, RunStatistics[]>();
    points.set(key, point);
    const warmUpNs = options.warmUpNs ?? (run.record?.warmUpNs || null);
    const quantities = series.series.map((one) => quantityOf(one, series.timesNs, warmUpNs));
    const ofRun = { labels, isWarmUpFound: warmUpNs === null, quantities };
    point.set(fabric, [...(point.get(fabric) ?? []), ofRun]);
  }
  return [...points.values()].flatMap((fabrics) => {
    const [first] = fabrics.values();
    return [...fabrics.values()].map((group) => groupOf(group, group === first ? null : first!, options));
  });
}

function quantityOf(
  { name, unit, values }: SampledSeries,
  timesNs: RunSeries['timesNs'],
  warmUpNs: number | null,
): RunQuantity {
  const found = warmUpNs === null ? warmUpOf(values) : null;
  const skipped = warmUpNs === null ? (found?.samples ?? 0) : timesNs.filter((timeNs) => timeNs <= warmUpNs).length;
  const kept = values.subarray(skipped);
  const list = Array.from(kept);
  return {
    name,
    unit,
    warmUpNs: skipped === 0 ? 0 : timesNs[skipped - 1]!,
    isSettled: warmUpNs !== null || (found?.isSettled ?? false),
    mean: timeMean(kept, timesNs.subarray(skipped), skipped === 0 ? 0 : timesNs[skipped - 1]!),
    percentiles: { p50: percentile(list, 50), p95: percentile(list, 95), p99: percentile(list, 99) },
  };
}

/** Over time: an interval counts by its length. */
function timeMean(values: Float64Array, timesNs: Float64Array, startNs: number): number | null {
  if (values.length === 0) return null;
  const sum = values.reduce((total, value, place) => {
    return total + value * (timesNs[place]! - (place === 0 ? startNs : timesNs[place - 1]!));
  }, 0);
  return sum / (timesNs.at(-1)! - startNs);
}

function groupOf(
  group: readonly RunStatistics[],
  first: readonly RunStatistics[] | null,
  { precision }: SteadyStateOptions,
): SteadyGroup {
  const { scenario, parameters, fabric } = group[0]!.labels;
  const quantities = group[0]!.quantities.map(({ name, unit }, index): SteadyQuantity => {
    const ofRuns = group.map((run) => run.quantities[index]!);
    const mean = estimateMean(known(ofRuns.map((one) => one.mean)));
    const spread = (p: 'p50' | 'p95' | 'p99') => estimateMean(known(ofRuns.map(({ percentiles }) => percentiles[p])));
    return {
      name,
      unit,
      warmUpNs: Math.max(...ofRuns.map(({ warmUpNs }) => warmUpNs)),
      unsettledRuns: ofRuns.filter(({ isSettled }) => !isSettled).length,
      mean,
      percentiles: { p50: spread('p50'), p95: spread('p95'), p99: spread('p99') },
      difference: first === null ? null : pairedDifference(first, group, index),
      replicationsNeeded: mean === null ? null : replicationsFor(mean, precision * Math.abs(mean.mean)),
    };
  });
  const isWarmUpFound = group.some((run) => run.isWarmUpFound);
  return { scenario, parameters, fabric, seeds: group.map(({ labels }) => labels.seed), isWarmUpFound, quantities };
}

/** Of runs of one seed: what both owe to chance cancels out. */
function pairedDifference(
  first: readonly RunStatistics[],
  others: readonly RunStatistics[],
  index: number,
): Estimate | null {
  const meanOf = (run: RunStatistics | undefined) => run?.quantities[index]?.mean ?? null;
  const partners = others.map(({ labels }) => first.find((one) => one.labels.seed === labels.seed));
  return estimateDifference(partners.map(meanOf), others.map(meanOf));
}

const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
