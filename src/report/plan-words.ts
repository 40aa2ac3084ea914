import { LIMIT_WORDS } from '../comparison/comparison-rows.ts';
import { FORMATS_BY_UNIT, measuredCount, measuredDuration, NOTHING } from '../comparison/format.ts';
import { listed } from '../comparison/words.ts';
import { LIMITS } from '../metrics/column-values.ts';
import { CONFIDENCE } from '../metrics/estimate.ts';
import { unitOfMetric } from '../metrics/metric-paths.ts';
import type { BrokenAt, PlanAnswer } from '../study/answer-plan.ts';
import type { BrokenLimit } from '../study/plan-limits.ts';
import type { PlanQuestion } from '../study/plan-record.ts';

/** An answer, as it is told and as it is kept. */
export type ToldAnswer = Omit<PlanAnswer, 'absent'>;

/** The value in a word, or why there is none. */
export function valueWords({ outcome, value }: ToldAnswer, question: PlanQuestion): string {
  switch (outcome) {
    case 'found':
      return String(value);
    case 'all':
      return `every value keeps the limits, ${value} too`;
    case 'none':
      return `no value keeps the limits, not even ${firstValue(question)}`;
    case 'not-monotone':
      return 'no answer: limits are broken at a value and kept again beyond it';
  }
}

/** How far chance moves the value; empty where there is none. */
export function intervalWords({ outcome, estimate, replications }: ToldAnswer): string {
  if (outcome !== 'found') return '';
  if (replications.length === 1) return 'one replication: how far chance moves it is not known';
  const values = [...new Set(replications.map(({ value }) => value ?? NOTHING))];
  const shown = `in ${replications.length} replications ${values.join(', ')}`;
  if (estimate === null || estimate.halfWidth === null) return shown;
  return `${shown}; mean ${plain(estimate.mean)} ± ${plain(estimate.halfWidth)} (${CONFIDENCE * 100} %)`;
}

const plain = (value: number) => String(Number(value.toPrecision(6)));

/** What was measured where a limit was broken. */
export function brokenWords({ name, value, relation, bound, device, firstNs }: BrokenLimit): string {
  const limit = hardwareLimit(name);
  const where = device === null ? '' : ` at ${device}`;
  const when = firstNs === null ? '' : `, first after ${measuredDuration(firstNs)}${where}`;
  if (value === null) return `${name} was not measured, and is to be at ${relation} ${measuredMetric(name, bound)}`;
  if (limit !== null && bound === 0) return `${LIMITS[limit]} (${limit}): ${measuredCount(value)} times${when}`;
  return `${name} is ${measuredMetric(name, value)}, at ${relation} ${measuredMetric(name, bound)}${when}`;
}

/** The limits that were broken, in few words. */
export function limitNames({ limits }: BrokenAt): string {
  return listed(
    limits.map(({ name, bound }) => {
      const limit = hardwareLimit(name);
      return limit !== null && bound === 0 ? LIMIT_WORDS[limit] : name;
    }),
  );
}

/** The limit of hardware or design of which a metric counts how often it bound; null of any other metric. */
export function hardwareLimit(metric: string): keyof typeof LIMITS | null {
  const [, limit] = /^limits\.(\w+)\.count$/.exec(metric) ?? [];
  return limit !== undefined && limit in LIMITS ? (limit as keyof typeof LIMITS) : null;
}

/** A number in the unit that the name of its metric tells. */
export function measuredMetric(name: string, value: number): string {
  const unit = unitOfMetric(name);
  if (unit === 'share') return `${Number((100 * value).toPrecision(4))}%`;
  return unit === null || unit === 'plain' ? plain(value) : FORMATS_BY_UNIT[unit](value);
}

/** `, with tenants.0.vmsPerSegment 40 times that,`; empty where nothing grows with the axis. */
export function proportionalWords({ proportional }: Pick<PlanQuestion, 'proportional'>): string {
  const parts = Object.entries(proportional).map(([path, factor]) => `${path} ${factor} times that`);
  return parts.length === 0 ? '' : `, with ${listed(parts)},`;
}

/** The values of the axis in the order in which limits are kept first and broken then: the first, … */
export function firstValue({ goal, from, to }: PlanQuestion) {
  return goal === 'largest' ? from : to;
}

/** … and up or down to which: `up to 5000`. */
export function lastWords({ goal, from, to }: PlanQuestion): string {
  return goal === 'largest' ? `up to ${to}` : `down to ${from}`;
}
