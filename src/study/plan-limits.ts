import { LIMITS } from '../metrics/column-values.ts';
import { isZeroIfAbsent, matchingMetrics, metricsOf, UNSAID_ZEROS } from '../metrics/metric-paths.ts';
import type { FabricSummary } from '../metrics/summary.ts';
import type { PlanLimit } from './plan-settings.ts';

/** A limit that a run did not keep. */
export interface BrokenLimit {
  /** What tells it from others: the path of the metric, and of hardware the name of the limit. */
  readonly name: string;
  /** null: the run has no such number, as where no VM had an outage yet; nobody knows whether the limit would be kept. */
  readonly value: number | null;
  /** What it should have been. */
  readonly relation: 'most' | 'least';
  readonly bound: number;
  /** Where, if it is known; and when, in simulated time. */
  readonly device: string | null;
  readonly firstNs: number | null;
}

/** What a run says to the limits of a plan. */
export interface Verdict {
  readonly broken: readonly BrokenLimit[];
  /** The index of each limit that names nothing that this run has. */
  readonly absent: readonly number[];
  /** The paths that there are, for who names others. */
  readonly metrics: readonly string[];
}

/**
 * The limits that `hardware` stands for: all of tables, identifiers and ports. A full queue of a port is left out: it
 * drops frames of a burst at any size of a datacenter.
 */
const HARDWARE_LIMITS: readonly string[] = Object.keys(LIMITS).filter((limit) => limit !== 'port_queue');

/** Judges a run. A limit of what is not there is neither broken nor kept: `absent`. */
export function judge(summary: FabricSummary, limits: readonly PlanLimit[]): Verdict {
  const metrics = metricsOf(summary);
  const broken: BrokenLimit[] = [];
  const absent: number[] = [];
  for (const [index, limit] of limits.entries()) {
    if (limit.kind === 'hardware') {
      broken.push(...brokenHardware(summary));
      continue;
    }
    const { kind, metric, bound } = limit;
    const there = matchingMetrics(metrics, metric);
    const found = there.length === 0 && isZeroIfAbsent(metric) ? [[metric, 0] as const] : there;
    if (found.length === 0) absent.push(index);
    for (const [name, value] of found) {
      const isKept = kind === 'most' ? value <= bound : value >= bound;
      if (!isKept) broken.push({ name, value, relation: kind, bound, device: null, firstNs: null });
    }
  }
  return { broken, absent, metrics: [...new Set([...metrics.keys(), ...UNSAID_ZEROS])] };
}

/**
 * What a run breaks, and with a value of null what it should have said and did not: all that is absent but for the limits
 * at `ignored`, which its fabric never has.
 */
export function brokenOrUnmeasured(
  { broken, absent }: Verdict,
  limits: readonly PlanLimit[],
  ignored: readonly number[],
): BrokenLimit[] {
  const unmeasured = absent.flatMap((index): BrokenLimit[] => {
    const limit = limits[index]!;
    if (limit.kind === 'hardware' || ignored.includes(index)) return [];
    const { metric, kind, bound } = limit;
    return [{ name: metric, value: null, relation: kind, bound, device: null, firstNs: null }];
  });
  return [...broken, ...unmeasured];
}

/** What bound, the first to do so first. */
function brokenHardware({ limits }: FabricSummary): BrokenLimit[] {
  return limits
    .filter(({ limit }) => HARDWARE_LIMITS.includes(limit))
    .map(({ limit, count, device, firstNs }) => ({
      name: `limits.${limit}.count`,
      value: count,
      relation: 'most',
      bound: 0,
      device,
      firstNs,
    }));
}
