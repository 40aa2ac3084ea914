import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { estimatedDifference, measuredSize } from '../../src/comparison/format.ts';
import { estimateDifference, estimateMean } from '../../src/metrics/estimate.ts';
import { createStudyReport, type Report } from '../../src/report/report.ts';
import { readStudyFacts, type StudyFacts } from '../../src/report/study-runs.ts';
import { findRuns } from '../../src/results/find-runs.ts';
import type { FabricResult } from '../../src/scenario/fabric-result.ts';
import { plannedRuns } from '../../src/scenario/replications.ts';
import { runInto } from '../../src/scenario/run-scenario.ts';
import { scenarioOf } from '../support/scenario-of.ts';

const root = mkdtempSync(join(tmpdir(), 'dcfabric-study-report-'));
afterAll(() => rmSync(root, { recursive: true }));

const LEAVES = [3, 10, 2];
const FABRICS = ['leaf', 'tree'];
const SEEDS = [1, 5];

/** Cells of a study by point, fabric and seed. */
const cells: { leaves: number; result: FabricResult }[] = [];
let facts: StudyFacts;
let report: Report;

/** By seed. */
function floodedBytes(leaves: number, fabric: string): number[] {
  return cells
    .filter((cell) => cell.leaves === leaves && cell.result.fabric === fabric)
    .map(({ result }) => result.summary.flooding.floodedBytes);
}

const scope = { modelled: [], notModelled: [] };

beforeAll(async () => {
  for (const leaves of LEAVES) {
    for (const seed of SEEDS) {
      const scenario = scenarioOf({
        seed,
        duration: '2s',
        topology: { leaves, spines: 1, serversPerLeaf: 2 },
        fabrics: [
          { name: 'leaf', kind: 'vxlan-flood-learn' },
          { name: 'tree', kind: 'vlan-no-stp' },
        ],
        hosts: { bootWindow: '1s' },
        migrations: undefined,
        failures: undefined,
      });
      for (const run of plannedRuns(scenario, scenario.fabrics)) {
        const folder = join(root, 'cells', `${leaves}-${run.fabric.name}-${seed}`);
        const origin = { command: ['run', 'x.yaml'], parameters: { 'topology.leaves': leaves } };
        cells.push({ leaves, result: runInto(folder, run, { origin }) });
      }
    }
  }
  const record = {
    format: 'dcfabric-study/1',
    name: 'racks',
    title: 'More racks',
    question: 'What do racks cost?',
    version: cells[0]!.result.version,
    keptVersions: [],
    design: 'cartesian',
    axes: [{ path: 'topology.leaves', values: LEAVES }],
    points: LEAVES.length,
    fabrics: FABRICS,
    seeds: SEEDS,
    cells: cells.length,
  };
  writeFileSync(join(root, 'study.json'), JSON.stringify(record));
  facts = readStudyFacts(root)!;
  report = await createStudyReport({ facts, found: findRuns([root]) }, { scope });
});

describe('the report of a study', () => {
  it('shows means with intervals over the values of an axis, in their order', () => {
    const { table, panels } = report.figures.find(({ name }) => name === 'flooded-bytes')!;
    const percentiles = FABRICS.flatMap((fabric) => [`${fabric}, median`, `${fabric}, 90th percentile`]);
    expect(table.head).toEqual(['topology.leaves', ...FABRICS, 'tree to leaf', ...percentiles]);
    const expected = LEAVES.map((leaves) => [
      String(leaves),
      ...FABRICS.map((fabric) => {
        const { mean, halfWidth } = estimateMean(floodedBytes(leaves, fabric))!;
        return `${measuredSize(mean)} ± ${measuredSize(halfWidth!)}`;
      }),
      // cells are in the order of seeds
      estimatedDifference(estimateDifference(floodedBytes(leaves, 'leaf'), floodedBytes(leaves, 'tree')), measuredSize),
      // by nearest rank, of two: the less is the median
      ...FABRICS.flatMap((fabric) => {
        const values = floodedBytes(leaves, fabric);
        return [Math.min(...values), Math.max(...values)].map(measuredSize);
      }),
    ]);
    expect(table.rows).toEqual(expected);
    // by size on the axis, whatever the order of the list
    const [panel] = panels;
    const marks = [...panel!.draw(500).querySelectorAll('.marks.fabric-0 title')].map(({ textContent }) => textContent);
    expect(marks.map((text) => text.split('\n')[1])).toEqual(LEAVES.map((leaves) => `topology.leaves ${leaves}`));
  });

  it('says how fabrics differ from the first, and at how many points that is sure', () => {
    const rows = [...parseHTML(report.html).document.querySelectorAll('#differences tbody tr')].map((row) =>
      [...row.children].map(({ textContent }) => textContent),
    );
    const differences = LEAVES.map(
      (leaves) => estimateDifference(floodedBytes(leaves, 'leaf'), floodedBytes(leaves, 'tree'))!,
    );
    const words = differences
      .toSorted((one, other) => one.mean - other.mean)
      .map(({ mean }) => estimatedDifference({ mean, halfWidth: null, count: 2 }, measuredSize));
    const sure = differences.filter(({ mean, halfWidth }) => Math.abs(mean) > halfWidth!).length;
    expect(rows).toContainEqual(['flooded on the links', `${words[0]} to ${words[2]}, sure at ${sure} of 3`]);
    // the fullest table is as full under both
    expect(rows.map(([label]) => label)).not.toContain('most addresses in one table');
  });

  it('shows what the study asks of its runs, but no key figure twice', async () => {
    const asked = { ...facts, measures: ['flows.*', 'flooding.floodedBytes'] };
    const { figures } = await createStudyReport({ facts: asked, found: findRuns([root]) }, { scope });
    const names = figures.map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(['flows-started', 'flows-finished', 'flows-delivered-bytes']);
    expect(names).toContain('flooded-bytes');
    expect(names).not.toContain('flooding-flooded-bytes');
    expect(figures[0]!.title).toBe('flows.started');
  });

  it('answers in two sentences and a table of ranges', () => {
    const { document } = parseHTML(report.html);
    expect(document.querySelector('h1')!.textContent).toBe('More racks');
    const [answer, troubles] = [...document.querySelectorAll('.answer > p')].map(({ textContent }) => textContent);
    expect(answer).toMatch(
      /^Over 3 points of topology\.leaves, the fullest MAC table held 12 addresses; floods put .* to .* under leaf and .* under tree on the links\.$/,
    );
    expect(troubles).toBe('In none of 12 runs did anything run out or a flow fail.');
    expect(document.querySelectorAll('.warning').length).toBe(0);
    expect(document.querySelector('#repeat')!.textContent).toContain('dcfabric run x.yaml --fabric leaf --seed 1');
  });

  it('says which runs are not there yet, and shows the fabrics that are asked for', async () => {
    const found = findRuns([root]).filter(({ folder }) => !folder.endsWith('2-tree-5'));
    const { html, figures } = await createStudyReport({ facts, found }, { scope, fabrics: ['tree'] });
    expect(parseHTML(html).document.querySelector('.warning')!.textContent).toBe(
      'One run of the study is not there yet.',
    );
    expect(figures[0]!.table.head).toEqual(['topology.leaves', 'tree', 'tree, median', 'tree, 90th percentile']);
    await expect(createStudyReport({ facts, found }, { scope, fabrics: ['trees'] })).rejects.toThrow(
      /the study has no fabric "trees"; it has leaf, tree/,
    );
  });

  it('is the same to the byte', async () => {
    const again = await createStudyReport({ facts, found: findRuns([root]) }, { scope });
    expect(again.html).toBe(report.html);
  });
});

describe('study.json', () => {
  it('is refused where it is something else, and missed without a word', () => {
    writeFileSync(join(root, 'cells', 'study.json'), '{"format": "other"}');
    expect(() => readStudyFacts(join(root, 'cells'))).toThrow(/got format "other", expected "dcfabric-study\/1"/);
    expect(readStudyFacts(join(root, 'cells', '2-leaf-1'))).toBe(null);
  });
});
