import { LIMIT_WORDS } from '../comparison/comparison-rows.ts';
import { matchingMetrics, metricsOf } from '../metrics/metric-paths.ts';
import type { FabricSummary } from '../metrics/summary.ts';
import { judge } from '../study/plan-limits.ts';
import type { PlanLimit } from '../study/plan-settings.ts';
import type { PlanPoint, PlanRuns } from './plan-runs.ts';
import { hardwareLimit, measuredMetric } from './plan-words.ts';

/** What one limit measures over all runs of a search. */
export interface LimitCurve {
  /** What is measured. */
  readonly name: string;
  readonly relation: 'most' | 'least';
  readonly bound: number;
  readonly format: (value: number) => string;
  /** Run by run; null where a fabric has nothing that the limit names. */
  readonly values: readonly (LimitValue | null)[];
  /** It is among what bound, or would bind next, on some fabric. */
  readonly binds: boolean;
}

/** What a limit measures in one run: of several metrics that it names, the one that is worst. */
export interface LimitValue {
  readonly value: number;
  readonly metric: string;
  readonly isBroken: boolean;
}

/** How a limit is measured. */
interface Gauge {
  readonly name: string;
  /** Of metrics, of which those that a run has are looked at. */
  readonly patterns: readonly string[];
  readonly relation: 'most' | 'least';
  readonly bound: number;
  readonly isBroken: (summary: FabricSummary) => boolean;
  readonly binds: boolean;
}

/** The limits of a search, each with what it measures; those first that bind. Without those that no run has anything of. */
export function limitCurves({ question, record, runs }: PlanRuns): LimitCurve[] {
  const metrics = runs.map(({ run }) => metricsOf(run.result.summary));
  const known = new Set(metrics.flatMap((ofRun) => [...ofRun.keys()]));
  const answers = record?.answers ?? [];
  const bound = new Set(
    answers.flatMap((answer) =>
      [answer.bound, answer.next].flatMap((one) => one?.limits.map(({ name }) => name) ?? []),
    ),
  );
  const brokenSomewhere = new Set(
    runs.flatMap(({ run }) => judge(run.result.summary, question.limits).broken.map(({ name }) => name)),
  );
  const gauges = question.limits.flatMap((limit) =>
    limit.kind === 'hardware'
      ? hardwareGauges(bound.size > 0 ? bound : brokenSomewhere, known)
      : [metricGauge(limit, bound)],
  );
  return gauges
    .map(
      ({ patterns, isBroken, ...gauge }): LimitCurve => ({
        ...gauge,
        format: (value) => measuredMetric(patterns[0]!, value),
        values: runs.map((point, index) =>
          worst(point, metrics[index]!, { patterns, isBroken, relation: gauge.relation }),
        ),
      }),
    )
    .filter(({ values }) => values.some((value) => value !== null))
    .toSorted((one, other) => Number(other.binds) - Number(one.binds));
}

function metricGauge(limit: Exclude<PlanLimit, { kind: 'hardware' }>, bound: ReadonlySet<string>): Gauge {
  const { kind, metric } = limit;
  const names = new Map([...bound].map((name) => [name, 0]));
  return {
    name: metric,
    patterns: [metric],
    relation: kind,
    bound: limit.bound,
    isBroken: (summary) => judge(summary, [limit]).broken.length > 0,
    binds: metric.includes('*') ? matchingMetrics(names, metric).length > 0 : bound.has(metric),
  };
}

/** One for each limit of hardware or design that was broken: how much of it is used, or how often it bound. */
function hardwareGauges(broken: ReadonlySet<string>, known: ReadonlySet<string>): Gauge[] {
  const limits = [...broken].flatMap((name) => hardwareLimit(name) ?? []);
  if (limits.length === 0) {
    const patterns = ['macTables.*.*.fill', 'hardware.*.*.fill'];
    return [{ name: 'fullest table or other limit', patterns, ...FULL, isBroken: () => false, binds: false }];
  }
  return limits.map((limit): Gauge => {
    const isBroken = (summary: FabricSummary) => summary.limits.some((one) => one.limit === limit);
    const fill = FILLS[limit] ?? `hardware.*.${limit}.fill`;
    const isFilled = matchingMetrics(new Map([...known].map((path) => [path, 0])), fill).length > 0;
    return isFilled
      ? { name: `${LIMIT_WORDS[limit]}: used`, patterns: [fill], ...FULL, isBroken, binds: true }
      : {
          name: `${LIMIT_WORDS[limit]}: found no room`,
          ...{ patterns: [`limits.${limit}.count`], relation: 'most', bound: 0, isBroken, binds: true },
        };
  });
}

const FULL = { relation: 'most', bound: 1 } as const;

/** Where what is used of a limit goes by another name than the limit. */
const FILLS: Partial<Record<string, string>> = {
  mac_table: 'macTables.*.*.fill',
  stp_ports: 'hardware.*.stp_logical_ports.fill',
};

function worst(
  { run }: PlanPoint,
  metrics: ReadonlyMap<string, number>,
  { patterns, relation, isBroken }: Pick<Gauge, 'patterns' | 'relation' | 'isBroken'>,
): LimitValue | null {
  const found = patterns.flatMap((pattern) => matchingMetrics(metrics, pattern));
  if (found.length === 0) return null;
  const [metric, value] = found.reduce((one, other) => {
    return (relation === 'most' ? other[1] > one[1] : other[1] < one[1]) ? other : one;
  });
  return { metric, value, isBroken: isBroken(run.result.summary) };
}
