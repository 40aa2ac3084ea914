import { type Estimate, estimateDifferenceBySeed, estimateMean, replicationsFor } from '../metrics/estimate.ts';
import { percentile } from '../metrics/nearest-rank.ts';
import { warmUpOf } from '../metrics/warm-up.ts';
import type { FoundRun } from '../results/find-runs.ts';
import { labelsOf, type RunLabels } from '../results/run-labels.ts';
import { type RunSeries, type SampledSeries, seriesOf } from '../results/sampled-series.ts';
import { RunOrder } from './run-order.ts';
import { type TellingSettings, tellingSettings } from './telling-settings.ts';

/** How runs are to be looked at. */
export interface SteadyStateOptions {
  /**
   * Simulated time to leave out at the beginning of all runs; null: their scenario's warm-up, or for each point and quantity
   * the longest that MSER-5 finds in a run, so that all fabrics are compared over the same time.
   */
  readonly warmUpNs: number | null;
  /** Half of the interval that is wanted, as a share of the mean. */
  readonly precision: number;
}

/** One quantity on one fabric, after the warm-up. */
export interface SteadyQuantity {
  readonly name: string;
  readonly unit: SampledSeries['unit'];
  /** Left out of all runs of the point, on all fabrics; and those of this fabric that did not settle. */
  readonly warmUpNs: number;
  readonly unsettledRuns: number;
  /** Over the replications: of the mean over time of each, and of the percentiles of its samples. */
  readonly mean: Estimate | null;
  readonly percentiles: Readonly<Record<'p50' | 'p95' | 'p99', Estimate | null>>;
  /** To the fabric of reference in the same replication; null for that one. */
  readonly difference: Estimate | null;
  /** In all, for the precision of the mean; null: not to be told. */
  readonly replicationsNeeded: number | null;
}

/** The replications of one point on one fabric. */
export interface SteadyGroup {
  readonly scenario: string;
  readonly parameters: RunLabels['parameters'];
  /** What tells it from other groups of this scenario and these parameters; empty where there are none. */
  readonly apart: TellingSettings;
  readonly scenarioDigest: string | null;
  readonly version: string | null;
  readonly fabric: string;
  /** The fabric that differences are to, the same at all points of a scenario; null where it is this one. */
  readonly reference: string | null;
  readonly seeds: readonly number[];
  /** Whether MSER-5 found the warm-up of each quantity; else it was given. */
  readonly isWarmUpFound: boolean;
  readonly quantities: readonly SteadyQuantity[];
}

/** What one run sampled, and by quantity how long its warm-up is, which may be found or given. */
interface RunStatistics {
  readonly run: FoundRun;
  readonly labels: RunLabels;
  readonly isWarmUpFound: boolean;
  readonly sampled: RunSeries;
  readonly warmUps: readonly { readonly untilNs: number; readonly isSettled: boolean }[];
}

/** Runs of one scenario and version, as it is with some parameters: by fabric, those of all seeds. */
type Point = Map<string, RunStatistics[]>;

/**
 * Runs in groups that differ in their seed alone, with what their samples say after the warm-up; each run is there once.
 * Points and fabrics are in the order of their study.
 */
export function steadyStates(runs: readonly FoundRun[], options: SteadyStateOptions): SteadyGroup[] {
  const points = pointsOf(runs.flatMap((run) => statisticsOf(run, options) ?? []));
  const all = points.flatMap((point) => [...point.values()].flat());
  const order = new RunOrder(all.map(({ run, labels }) => [run, labels.fabric]));
  const references = referencesOf(all, order.fabrics);
  const apart = apartOf(points);
  const inOrder = points.toSorted((one, other) => {
    const [first, otherFirst] = [firstOf(one), firstOf(other)];
    return order.comparePoints(first.run, otherFirst.run, [first.labels.parameters, otherFirst.labels.parameters]);
  });
  return inOrder.flatMap((point) => {
    const { scenario } = firstOf(point).labels;
    const reference = references.get(scenario)!;
    const warmUpsNs = warmUpsOf(point);
    return order.fabrics.flatMap((fabric): SteadyGroup[] => {
      const group = point.get(fabric);
      if (group === undefined) return [];
      const first = fabric === reference ? null : (point.get(reference) ?? []);
      return [
        groupOf(
          group,
          { apart: apart.get(point)!, reference: first === null ? null : reference, first, warmUpsNs },
          options,
        ),
      ];
    });
  });
}

/** null of a run without samples. */
function statisticsOf(run: FoundRun, options: SteadyStateOptions): RunStatistics | null {
  const series = seriesOf(run);
  if (series === null) return null;
  const warmUpNs = options.warmUpNs ?? (run.record?.warmUpNs || null);
  const warmUps = series.series.map(({ values }) => {
    if (warmUpNs !== null) return { untilNs: warmUpNs, isSettled: true };
    const { samples, isSettled } = warmUpOf(values) ?? { samples: 0, isSettled: false };
    return { untilNs: samples === 0 ? 0 : series.timesNs[samples - 1]!, isSettled };
  });
  return { run, labels: labelsOf(run), isWarmUpFound: warmUpNs === null, sampled: series, warmUps };
}

function pointsOf(all: readonly RunStatistics[]): Point[] {
  const points = new Map<string, Point>();
  for (const one of all) {
    const { scenario, parameters, scenarioDigest, version, fabric } = one.labels;
    const key = JSON.stringify([scenario, parameters, scenarioDigest, version]);
    const point = points.get(key) ?? new Map<string, RunStatistics[]>();
    points.set(key, point);
    point.set(fabric, [...(point.get(fabric) ?? []), one]);
  }
  return [...points.values()];
}

/** By quantity, the longest warm-up of any run of a point. */
function warmUpsOf(point: Point): number[] {
  const runs = [...point.values()].flat();
  return firstOf(point).warmUps.map((_, index) => Math.max(...runs.map(({ warmUps }) => warmUps[index]!.untilNs)));
}

function firstOf(point: Point): RunStatistics {
  const [[first]] = point.values() as unknown as [[RunStatistics]];
  return first;
}

/** By scenario, the first fabric that it has at any point: of all scenarios the same, if they have it. */
function referencesOf(all: readonly RunStatistics[], fabrics: readonly string[]): ReadonlyMap<string, string> {
  const byScenario = new Map<string, Set<string>>();
  for (const { labels } of all) {
    const known = byScenario.get(labels.scenario) ?? new Set();
    byScenario.set(labels.scenario, known.add(labels.fabric));
  }
  return new Map([...byScenario].map(([scenario, known]) => [scenario, fabrics.find((name) => known.has(name))!]));
}

/** What tells points of one scenario and the same parameters from one another. */
function apartOf(points: readonly Point[]): ReadonlyMap<Point, TellingSettings> {
  const namesakes = new Map<string, Point[]>();
  for (const point of points) {
    const { scenario, parameters } = firstOf(point).labels;
    const key = JSON.stringify([scenario, parameters]);
    namesakes.set(key, [...(namesakes.get(key) ?? []), point]);
  }
  return new Map(
    [...namesakes.values()].flatMap((ofName) => {
      const told = tellingSettings(ofName.map(namesakeOf));
      return ofName.map((point, index) => [point, told[index]!] as const);
    }),
  );
}

function namesakeOf(point: Point) {
  const { scenarioDigest, version } = firstOf(point).labels;
  const settings = new Map(
    [...point].flatMap(([fabric, [first]]) => {
      const ofRun = first!.run.record?.settings;
      return ofRun === undefined ? [] : [[fabric, ofRun] as const];
    }),
  );
  return { scenarioDigest, version, settings };
}

/** Samples of one quantity, the first of an interval from `startNs` on. */
interface Samples {
  readonly values: Float64Array;
  readonly timesNs: Float64Array;
  readonly startNs: number;
}

function samplesAfter(warmUpNs: number, { series, timesNs }: RunSeries, index: number): Samples {
  const skipped = timesNs.filter((timeNs) => timeNs <= warmUpNs).length;
  return {
    values: series[index]!.values.subarray(skipped),
    timesNs: timesNs.subarray(skipped),
    startNs: skipped === 0 ? 0 : timesNs[skipped - 1]!,
  };
}

/** Over time: an interval counts by its length. */
function timeMean({ values, timesNs, startNs }: Samples): number | null {
  if (values.length === 0) return null;
  const sum = values.reduce((total, value, place) => {
    return total + value * (timesNs[place]! - (place === 0 ? startNs : timesNs[place - 1]!));
  }, 0);
  return sum / (timesNs.at(-1)! - startNs);
}

function groupOf(
  group: readonly RunStatistics[],
  {
    apart,
    reference,
    first,
    warmUpsNs,
  }: Pick<SteadyGroup, 'apart' | 'reference'> & {
    first: readonly RunStatistics[] | null;
    warmUpsNs: readonly number[];
  },
  { precision }: SteadyStateOptions,
): SteadyGroup {
  const { scenario, parameters, scenarioDigest, version, fabric } = group[0]!.labels;
  const quantities = group[0]!.sampled.series.map(({ name, unit }, index): SteadyQuantity => {
    const warmUpNs = warmUpsNs[index]!;
    const samplesOf = (runs: readonly RunStatistics[]) =>
      runs.map(({ labels, sampled }) => [labels.seed, samplesAfter(warmUpNs, sampled, index)] as const);
    const meansOf = (samples: ReturnType<typeof samplesOf>) =>
      samples.map(([seed, ofRun]) => [seed, timeMean(ofRun)] as const);
    const samples = samplesOf(group);
    const means = meansOf(samples);
    const mean = estimateMean(known(means.map(([, value]) => value)));
    const lists = samples.map(([, { values }]) => Array.from(values));
    const spread = (percent: number) => estimateMean(known(lists.map((list) => percentile(list, percent))));
    return {
      name,
      unit,
      warmUpNs,
      unsettledRuns: group.filter(({ warmUps }) => !warmUps[index]!.isSettled).length,
      mean,
      percentiles: { p50: spread(50), p95: spread(95), p99: spread(99) },
      difference: first === null ? null : estimateDifferenceBySeed(new Map(meansOf(samplesOf(first))), means),
      replicationsNeeded: mean === null ? null : replicationsFor(mean, precision * Math.abs(mean.mean)),
    };
  });
  const isWarmUpFound = group.some((run) => run.isWarmUpFound);
  const seeds = group.map(({ labels }) => labels.seed);
  const named = { scenario, parameters, apart, scenarioDigest, version, fabric, reference };
  return { ...named, seeds, isWarmUpFound, quantities };
}

const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
