import { afterAll, describe, expect, it } from 'vitest';
import { BatchTable } from '../../src/cli/batch-summary.ts';
import { estimateMean, replicationsFor } from '../../src/metrics/estimate.ts';
import { readStudy } from '../../src/study/read-study.ts';
import { StudyFolder } from '../study/study-file.ts';

const folder = new StudyFolder();
afterAll(() => folder.remove());

const study = readStudy(
  folder.study('any', 'axes: {topology.leaves: [2, 3]}', 'measures: [flows.started, flows.failed]'),
);

/** A table of two points, with the values of each replication by measure. */
function tableOf(...points: (readonly (readonly number[])[])[]): BatchTable {
  const table = new BatchTable(study, 0.05);
  for (const [point, values] of points.entries()) {
    const estimates = values.map(estimateMean);
    const replicationsNeeded = estimates.map((estimate) => replicationsFor(estimate!, 0.05 * estimate!.mean));
    const parameters = { 'topology.leaves': point + 2 };
    table.add({ point, parameters, fabric: 'tree', cells: values[0]!.length, estimates, replicationsNeeded });
  }
  return table;
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
});
