import type { CostDifference } from '../src/benchmark/compare-cases.ts';

/** How a comparison did of two versions that differ in nothing but a slow-down. */
export interface Trial {
  /** Cases that were slowed down and whose time was found slower. */
  readonly found: readonly string[];
  /** Times and memory that were found larger though nothing made them so: these fail a comparison. */
  readonly falseAlarms: readonly CostDifference[];
  /** Those that were found smaller: these fail nothing, but are as wrong. */
  readonly falseGains: readonly CostDifference[];
}

/** Judges the verdicts of a comparison in which these cases were slowed down: none, of versions that are the same. */
export function judgeTrial(costs: readonly CostDifference[], slowedCases: ReadonlySet<string>): Trial {
  const isSlowed = ({ case: name, measure }: CostDifference) => slowedCases.has(name) && measure !== 'peak_rss';
  const found = costs.filter((cost) => isSlowed(cost) && cost.verdict === 'slower');
  return {
    found: [...new Set(found.map((cost) => cost.case))],
    falseAlarms: costs.filter((cost) => (cost.verdict === 'slower' && !isSlowed(cost)) || cost.verdict === 'more'),
    falseGains: costs.filter(({ verdict }) => verdict === 'faster' || verdict === 'less'),
  };
}
