import { expect, it } from 'vitest';
import { judgeTrial } from '../../bench/trial.ts';
import type { CostDifference } from '../../src/benchmark/compare-cases.ts';

function cost(name: string, measure: string, verdict: CostDifference['verdict']): CostDifference {
  return { case: name, measure, verdict, base: 1, head: 1, ratio: 1, p: 1, adjustedP: 1, leastP: 0 };
}

const COSTS = [
  cost('a', 'operation', 'slower'),
  cost('a', 'peak_rss', 'more'),
  cost('b', 'operation', 'faster'),
  cost('b', 'peak_rss', 'less'),
  cost('c', 'run', 'slower'),
];

it('a trial finds a slow-down by more time of the case that was slowed down, and by nothing else', () => {
  const { found, falseAlarms, falseGains } = judgeTrial(COSTS, new Set(['a', 'b']));
  expect(found).toEqual(['a']);
  expect(falseAlarms.map((one) => `${one.case} ${one.measure}`)).toEqual(['a peak_rss', 'c run']);
  expect(falseGains.map((one) => `${one.case} ${one.measure}`)).toEqual(['b operation', 'b peak_rss']);
});

it('a trial of a version with itself finds nothing: what rose is a false alarm', () => {
  const { found, falseAlarms } = judgeTrial(COSTS, new Set());
  expect([found, falseAlarms.length]).toEqual([[], 3]);
});
