import { describe, expect, it } from 'vitest';
import { BatchTable } from '../../src/cli/batch-summary.ts';
import { estimateDifference, estimateMean, replicationsFor } from '../../src/metrics/estimate.ts';
import { estimatePercentile } from '../../src/metrics/estimate-percentile.ts';
import { MeasurePaths } from '../../src/study/measures.ts';
import type { PointSummary } from '../../src/study/study-summary.ts';

const measures = new MeasurePaths(['flows.started', 'flows.failed']).measures();

/** A table of two points, with the values of each replication by measure; the first point is of the fabric of reference. */
function tableOf(...points: (readonly (readonly number[])[])[]): BatchTable {
  const options = { measures, paths: ['topology.leaves'], reference: 'tree', precision: 0.05, hasPercentiles: false };
  const table = new BatchTable(options);
  for (const [point, values] of points.entries()) table.add(summaryOf({ point, fabric: 'tree', values, firsts: null }));
  return table;
}

/** What a batch says of values, and of their differences to others. */
function summaryOf({
  point,
  fabric,
  values,
  firsts,
}: {
  point: number;
  fabric: string;
  values: readonly (readonly number[])[];
  firsts: readonly (readonly number[])[] | null;
}): PointSummary {
  const estimates = values.map(estimateMean);
  return {
    ...{ point, parameters: { 'topology.leaves': point + 2 }, fabric, cells: values[0]!.length, estimates },
    replicationsNeeded: estimates.map((estimate) => replicationsFor(estimate!, 0.05 * estimate!.mean)),
    differences: firsts === null ? null : firsts.map((first, index) => estimateDifference(first, values[index]!)),
    percentiles: values.map((ofMeasure) => ({
      p50: estimatePercentile(ofMeasure, 50),
      p90: estimatePercentile(ofMeasure, 90),
    })),
  };
}

describe('the table of a batch', () => {
  it('says how many more replications a precision needs, and of which number', () => {
    const scattered = [100, 120, 110, 90, 100];
    const table = tableOf(
      [scattered, [5, 5, 5, 5, 5]],
      [[100, 101, 99, 100, 100], scattered.map((value) => value / 10)],
    );
    const needed = replicationsFor(estimateMean(scattered)!, 0.05 * 104)!;
    expect(needed).toBeGreaterThan(5);
    expect(table.precisionWords()).toBe(
      `For ±5 % of each mean: ${needed} replications, ${needed - 5} more (flows.started, topology.leaves=2 tree); ` +
        '2 of 4 numbers need more than there are.',
    );
  });

  it('says where there are enough, where no number of them will do, and where there are none', () => {
    expect(
      tableOf([
        [10, 10, 10],
        [0, 0, 0],
      ]).precisionWords(),
    ).toBe('The replications are enough for ±5 % of each mean.');
    expect(
      tableOf([
        [10, 10, 10],
        [1e6, 0, -1e6],
      ]).precisionWords(),
    ).toBe('For ±5 % of each mean: 1 of the numbers scatter so much that replications do not get there.');
    expect(tableOf([[10], [0]]).precisionWords()).toBe(
      'Without replications, how sure these numbers are is not known.',
    );
  });

  it('says below a fabric how it differs from the first in the same replications, and what their percentiles are', () => {
    const options = { measures, paths: ['topology.leaves'], reference: 'tree', precision: 0.05, hasPercentiles: true };
    const table = new BatchTable(options);
    const firsts = [
      [100, 200, 300, 400, 500, 600],
      [0, 0, 0, 0, 0, 0],
    ];
    const values = [
      [110, 210, 310, 410, 510, 610],
      [0, 0, 0, 0, 0, 0],
    ];
    table.add(summaryOf({ point: 0, fabric: 'tree', values: firsts, firsts: null }));
    table.add(summaryOf({ point: 0, fabric: 'overlay', values, firsts }));
    const lines = String(table).split('\n').slice(-7);
    expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['2', 'tree', '6', '350 ± 196', '0'],
      ['median', '300 [100, 600]', '0'],
      ['p90', '600', '0'],
      ['2', 'overlay', '6', '360 ± 196', '0'],
      // what they share of chance is not in it
      ['to tree', '6', '+10 ± 0', '='],
      ['median', '310 [110, 610]', '0'],
      ['p90', '610', '0'],
    ]);
  });
});
