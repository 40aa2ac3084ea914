import { type Estimate, estimateDifference, estimateMean } from '../metrics/estimate.ts';
import type { ComparedResult } from './compared-result.ts';
import { type ComparisonRow, comparisonGroups } from './comparison-rows.ts';

/** Results that can be laid side by side: all of one seed, or of several. */
export interface ReplicatedResults {
  readonly fabrics: readonly string[];
  readonly seeds: readonly number[];
  /** By replication, and in each by fabric in the order of `fabrics`. */
  readonly results: readonly ComparedResult[];
}

/** One quantity: what its replications say, fabric by fabric. */
export interface EstimatedRow {
  /** What it is called in the table, below the rows that it is part of. */
  readonly path: readonly string[];
  readonly fabrics: readonly EstimatedValue[];
}

export interface EstimatedValue {
  readonly fabric: string;
  /** Over the replications in which the fabric has the quantity. */
  readonly mean: number | null;
  /** Of the differences to the first fabric in the same replication; null for the first fabric. */
  readonly difference: { mean: number; low: number | null; high: number | null; replications: number } | null;
}

/**
 * What of the results can be compared: the replications that all fabrics completed, and if there are none, the first as
 * far as it came.
 */
export function comparableResults(results: readonly ComparedResult[], fabrics: readonly string[]): ReplicatedResults {
  const bySeed = new Map<number, ComparedResult[]>();
  for (const result of results) bySeed.set(result.seed, [...(bySeed.get(result.seed) ?? []), result]);
  const whole = [...bySeed.values()].filter(
    (ofSeed) => ofSeed.length === fabrics.length && ofSeed.every(({ isComplete }) => isComplete),
  );
  const shown = whole.length > 0 ? whole : [...bySeed.values()].slice(0, 1);
  return {
    fabrics: (shown[0] ?? []).map(({ fabric }) => fabric),
    seeds: shown.map(([first]) => first!.seed),
    results: shown.flat(),
  };
}

/** The values of a row that belong to one fabric, replication by replication. */
export function valuesOfFabric<T>(values: readonly T[], fabric: number, fabricCount: number): T[] {
  return values.filter((_, index) => index % fabricCount === fabric);
}

/** Mean of a row for one fabric. */
export function meanOf(row: ComparisonRow, fabric: number, fabricCount: number): Estimate | null {
  const values = valuesOfFabric(row.values, fabric, fabricCount);
  return estimateMean(values.filter((value) => typeof value === 'number'));
}

/** Difference of a fabric to the first one. */
export function differenceOf(row: ComparisonRow, fabric: number, fabricCount: number): Estimate | null {
  const [firsts, others] = [0, fabric].map((index) =>
    valuesOfFabric(row.values, index, fabricCount).map((value) => (typeof value === 'number' ? value : null)),
  );
  return estimateDifference(firsts!, others!);
}

/** What the machine took for a run, which is no quantity of a datacenter. */
const RUN_GROUP = 'Run';

/** The mean of every quantity of the datacenter on every fabric, with what it is called. */
export function estimatedMeans({ fabrics, results }: ReplicatedResults): { name: string; estimate: Estimate }[] {
  const ofDatacenter = quantitiesOf(results).filter(({ path }) => path[0] !== RUN_GROUP);
  return ofDatacenter.flatMap(({ path, row }) =>
    fabrics.flatMap((fabric, index) => {
      const estimate = meanOf(row, index, fabrics.length);
      return estimate === null ? [] : [{ name: `${path.slice(1).join(', ')} of ${fabric}`, estimate }];
    }),
  );
}

/** Every quantity of a comparison that is a number, for programs. */
export function estimatedRows({ fabrics, results }: ReplicatedResults): EstimatedRow[] {
  return quantitiesOf(results).map(({ path, row }) => {
    return { path, fabrics: fabrics.map((fabric, index) => estimatedValue(row, fabric, index, fabrics.length)) };
  });
}

/** The rows of a comparison that are numbers, each with what it is called: its group, the row above a part, itself. */
function quantitiesOf(results: readonly ComparedResult[]): { path: readonly string[]; row: ComparisonRow }[] {
  return comparisonGroups(results).flatMap(({ title, rows }) => {
    let above = '';
    return rows.flatMap((row) => {
      const isPart = row.label.startsWith(' ');
      if (!isPart) above = row.label;
      if (!row.values.some((value) => typeof value === 'number')) return [];
      return [{ path: isPart ? [title, above, row.label.trim()] : [title, row.label], row }];
    });
  });
}

function estimatedValue(row: ComparisonRow, fabric: string, index: number, fabricCount: number): EstimatedValue {
  const mean = meanOf(row, index, fabricCount)?.mean ?? null;
  const difference = index === 0 ? null : differenceOf(row, index, fabricCount);
  if (difference === null) return { fabric, mean, difference: null };
  const { halfWidth, count } = difference;
  const low = halfWidth === null ? null : difference.mean - halfWidth;
  const high = halfWidth === null ? null : difference.mean + halfWidth;
  return { fabric, mean, difference: { mean: difference.mean, low, high, replications: count } };
}
