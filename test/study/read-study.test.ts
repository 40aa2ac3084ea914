import { afterAll, describe, expect, it } from 'vitest';
import { readScenario } from '../../src/scenario/read-scenario.ts';
import { replicationSeeds } from '../../src/scenario/replications.ts';
import { ScenarioError } from '../../src/scenario/scenario-error.ts';
import { readStudy } from '../../src/study/read-study.ts';
import type { Study, StudyCell } from '../../src/study/study.ts';
import { StudyFolder } from './study-file.ts';

const folder = new StudyFolder();
afterAll(() => folder.remove());

const studyOf = (...lines: string[]): Study => readStudy(folder.study('any', ...lines));
const pointsOf = (...lines: string[]) => [...studyOf(...lines).points()];
const cellsOf = (study: Study): StudyCell[] => [...study.cells('1.2.3')];

/** `line:column: path: message` of every problem in the study file. */
function problemsOf(...lines: string[]): string[] {
  const file = folder.study('wrong', ...lines);
  try {
    readStudy(file);
    return [];
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.problems.map(({ file: where, line, column, path, message }) => {
      return `${where === file ? '' : 'elsewhere '}${line}:${column}: ${path}: ${message}`;
    });
  }
}

describe('axes of a study', () => {
  it('are combined each value with each, the last axis fastest', () => {
    expect(pointsOf('axes:', '  topology.leaves: [2, 3]', '  hosts.bootWindow: [100ms, 200ms]')).toEqual([
      { 'topology.leaves': 2, 'hosts.bootWindow': '100ms' },
      { 'topology.leaves': 2, 'hosts.bootWindow': '200ms' },
      { 'topology.leaves': 3, 'hosts.bootWindow': '100ms' },
      { 'topology.leaves': 3, 'hosts.bootWindow': '200ms' },
    ]);
  });

  it('are zipped value by value', () => {
    expect(pointsOf('combine: zipped', 'axes:', '  topology.leaves: [2, 3]', '  traffic.silentVms: [0, 0.5]')).toEqual([
      { 'topology.leaves': 2, 'traffic.silentVms': 0 },
      { 'topology.leaves': 3, 'traffic.silentVms': 0.5 },
    ]);
  });

  it('are left out for a list of points, and for the scenario as it is', () => {
    expect(pointsOf('points: [{topology.leaves: 2}, {topology.leaves: 4}]')).toHaveLength(2);
    expect(pointsOf()).toEqual([{}]);
  });

  it('have a linear scale, by steps or by how much', () => {
    const values = (range: string) =>
      pointsOf('axes:', `  traffic.silentVms: ${range}`).map((point) => point['traffic.silentVms']);
    expect(values('{from: 0, to: 1, steps: 5}')).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(values('{from: 0.1, to: 0.7, by: 0.2}')).toEqual([0.1, 0.3, 0.5, 0.7]);
    expect(values('{from: 0, to: 1, by: 0.4}')).toEqual([0, 0.4, 0.8]);
  });

  it('have a logarithmic scale', () => {
    const range = '{from: 1, to: 64, steps: 7, scale: logarithmic}';
    const points = pointsOf('axes:', `  traffic.flowsPerVmPerSecond: ${range}`);
    expect(points.map((point) => point['traffic.flowsPerVmPerSecond'])).toEqual([1, 2, 4, 8, 16, 32, 64]);
  });

  it('have whole numbers where the scenario takes no others, each once', () => {
    const points = pointsOf('axes:', '  tenants.0.vmsPerSegment: {from: 1, to: 4, steps: 6, scale: logarithmic}');
    expect(points.map((point) => point['tenants.0.vmsPerSegment'])).toEqual([1, 2, 3, 4]);
  });

  it('have quantities with units', () => {
    const points = pointsOf('axes:', '  topology.serverLink.rate: {from: 1Gbps, to: 4Gbps, by: 1500Mbps}');
    expect(points.map((point) => point['topology.serverLink.rate'])).toEqual(['1Gbps', '2.5Gbps', '4Gbps']);
  });

  it('are sampled so that each part of each axis has one point, the same for the same seed', () => {
    const lines = ['axes:', '  traffic.silentVms: {from: 0, to: 1}', '  topology.leaves: [2, 3, 4, 5, 6, 7, 8, 9]'];
    const points = pointsOf('combine: {sampled: 8}', ...lines);
    const shares = points.map((point) => Number(point['traffic.silentVms']));
    expect(shares.map((share) => Math.floor(share * 8)).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(points.map((point) => point['topology.leaves']).sort()).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(pointsOf('combine: {sampled: 8}', ...lines)).toEqual(points);
    expect(pointsOf('seed: 2', 'combine: {sampled: 8}', ...lines)).not.toEqual(points);
    // another axis changes none
    expect(pointsOf('combine: {sampled: 8}', ...lines.slice(0, 2)).map((point) => point['traffic.silentVms'])).toEqual(
      points.map((point) => point['traffic.silentVms']),
    );
  });
});

describe('samples of few values', () => {
  const countsOf = (...lines: string[]) => {
    const counts = new Map<unknown, number>();
    for (const point of pointsOf('combine: {sampled: 1000}', 'axes:', ...lines)) {
      const value = point['topology.leaves'];
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return [...counts].sort(([one], [other]) => Number(one) - Number(other));
  };

  it('have each whole number of a range equally often, if another axis tells points apart', () => {
    const other = '  traffic.silentVms: {from: 0, to: 1}';
    const equal = [2, 3, 4, 5, 6].map((leaves) => [leaves, 200]);
    expect(countsOf('  topology.leaves: {from: 2, to: 6}', other)).toEqual(equal);
    const logarithmic = countsOf('  topology.leaves: {from: 1, to: 7, scale: logarithmic}', other);
    // from 1 to below 2, 2 to below 4, and 4 to below 8 there are as many
    const below = (end: number) =>
      logarithmic.reduce((sum, [leaves, count]) => sum + (Number(leaves) < end ? count : 0), 0);
    expect([below(2), below(4), below(8)]).toEqual([334, 667, 1000].map((count) => expect.closeTo(count, -1)));
  });

  it('are values of the steps where a range has steps', () => {
    const other = '  traffic.silentVms: {from: 0, to: 1}';
    const some = countsOf('  topology.leaves: {from: 2, to: 6, steps: 3}', other);
    expect(some.map(([leaves]) => leaves)).toEqual([2, 4, 6]);
    expect(countsOf('  topology.leaves: {from: 2, to: 8, by: 3}', other)).toEqual([
      [2, 333],
      [5, 334],
      [8, 333],
    ]);
  });

  it('come once each', () => {
    expect(countsOf('  topology.leaves: {from: 2, to: 6}')).toEqual([2, 3, 4, 5, 6].map((leaves) => [leaves, 1]));
  });
});

describe('runs of a study', () => {
  it('are the points on all fabrics with all seeds, each with a name of its own', () => {
    const study = studyOf('seed: 7', 'replications: 3', 'axes: {topology.leaves: [2, 3]}');
    const cells = cellsOf(study);
    expect(cells.map(({ point, run }) => [point, run.fabric.name, run.scenario.seed])).toEqual(
      [0, 1].flatMap((point) =>
        replicationSeeds({ seed: 7, replications: 3 }).flatMap((seed) =>
          ['vlan-no-stp', 'vxlan-flood-learn'].map((fabric) => [point, fabric, seed]),
        ),
      ),
    );
    expect(new Set(cells.map(({ id }) => id)).size).toBe(12);
    expect(cellsOf(study).map(({ id }) => id)).toEqual(cells.map(({ id }) => id));
    expect([...study.cells('1.2.4')].map(({ id }) => id)).not.toEqual(cells.map(({ id }) => id));
  });

  it('keep their names when points, replications and fabrics are added', () => {
    const small = cellsOf(studyOf('fabrics: [vlan-no-stp]', 'axes: {topology.leaves: [2, 3]}'));
    const large = cellsOf(studyOf('replications: 2', 'axes: {topology.leaves: [1, 2, 3]}')).map(({ id }) => id);
    for (const { id } of small) expect(large).toContain(id);
  });

  it('have the seeds that are listed, and the fabrics that are named', () => {
    const cells = cellsOf(studyOf('seeds: [5, 3]', 'fabrics: [vxlan-flood-learn]'));
    expect(cells.map(({ run }) => [run.fabric.name, run.scenario.seed])).toEqual([
      ['vxlan-flood-learn', 5],
      ['vxlan-flood-learn', 3],
    ]);
  });

  it('are made once, however often they are gone through, up to 2,000 of them', () => {
    const study = studyOf('fabrics: [vlan-no-stp]', 'replications: 800', 'axes: {topology.leaves: [2, 3, 4]}');
    const [first, again] = [cellsOf(study), cellsOf(study)];
    expect(again).toEqual(first);
    const isSame = first.map((cell, index) => cell === again[index]);
    expect(isSame.indexOf(false)).toBe(1600);
    expect(cellsOf(study)[0]).toBe(first[0]);
    expect([...study.cells('1.2.4')][0]!.id).not.toBe(first[0]!.id);
  });

  it('say by which command each is simulated alone', () => {
    const study = studyOf('set: {duration: 700ms}', 'axes: {topology.serverLink: [{rate: 10Gbps}]}');
    const [{ command, run }] = cellsOf(study);
    const [, file, ...sets] = command;
    const overrides = sets.filter((word) => word !== '--set');
    expect(overrides).toEqual(['duration=700ms', 'topology.serverLink={"rate":"10Gbps"}']);
    expect(readScenario(file, { overrides })).toEqual(run.scenario);
  });
});

describe('a wrong study', () => {
  it('is told where an axis names no path, and which was meant', () => {
    expect(problemsOf('axes:', '  topology.leavs: [2, 3]')).toEqual([
      "3:3: axes.topology.leavs: unknown key; did you mean 'leaves'?",
    ]);
  });

  it('is told every empty range and list, and every value that does not fit, at once', () => {
    expect(
      problemsOf(
        'axes:',
        '  traffic.silentVms: {from: 1, to: 0, steps: 3}',
        '  hosts.bootWindow: {from: 0s, to: 1s, steps: 2, scale: logarithmic}',
        '  topology.serverLink.rate: {from: 1Gbps, to: 5ms, steps: 2}',
        '  traffic.flowsPerVmPerSecond: {from: 1, to: 9}',
      ),
    ).toEqual([
      '3:36: axes.traffic.silentVms.to: the range is empty: got 1 to 0, expected at least 1',
      '4:28: axes.hosts.bootWindow.from: got 0s, expected more than 0 for a logarithmic scale',
      "5:47: axes.topology.serverLink.rate.to: got '5ms', expected a rate, as in 'from'",
      "6:32: axes.traffic.flowsPerVmPerSecond: expected 'steps', the number of values, or 'by', what each is more than the last",
    ]);
    expect(problemsOf('axes: {topology.leaves: []}')).toEqual([
      '2:25: axes.topology.leaves: got a list of 0, expected at least 1 entry',
    ]);
    expect(problemsOf('axes: {topology.leaves: [2, 0, -1]}')).toEqual([
      '2:29: axes.topology.leaves.1: got 0, expected at least 1',
      '2:32: axes.topology.leaves.2: got -1, expected at least 1',
    ]);
  });

  it('is told at which point the scenario does not fit together', () => {
    expect(problemsOf('axes: {duration: [1s, 50ms], topology.leaves: [2, 3]}')).toEqual([
      'elsewhere 6:21: hosts.bootWindow: got 100ms, expected at most the 50ms of the run (where duration=50ms topology.leaves=2)',
      'elsewhere 8:18: samples.every: got 100ms, expected at most the 50ms of the run (where duration=50ms topology.leaves=2)',
    ]);
  });

  it('is told of unknown keys, fabrics and files', () => {
    expect(problemsOf('axis: {topology.leaves: [2]}')).toEqual(["2:1: axis: unknown key; did you mean 'axes'?"]);
    expect(problemsOf('fabrics: [vxlan]')[0]).toMatch(
      /^2:11: fabrics\.0: no fabric is called 'vxlan', expected one of/,
    );
    const [missing] = problemsOf('scenario: none.yaml').slice(-1);
    expect(missing).toContain('Map keys must be unique');
    const file = folder.write('lost.yaml', 'scenario: none.yaml');
    expect(() => readStudy(file)).toThrow('none.yaml:1:1: cannot be read: there is no such file (ENOENT)');
  });

  it('is told of measures that begin as no number of a run does', () => {
    expect(problemsOf('measures: [floding.floodedBytes, "*.leaf.bridge.fill", flows.started]')).toEqual([
      "2:12: measures.0: no number of a run begins with 'floding'; did you mean 'flooding'?",
    ]);
  });

  it('is told of what says a thing twice', () => {
    expect(problemsOf('axes: {topology: [{leaves: 2}], topology.leaves: [2]}')[0]).toContain(
      "'topology' sets this too",
    );
    expect(problemsOf('axes: {seed: [1, 2]}')[0]).toContain("'seed', 'seeds' and 'replications'");
    expect(problemsOf('axes: {topology.leaves: [2, 2]}')).toEqual(['2:29: axes.topology.leaves.1: 2 is there twice']);
    expect(problemsOf('points: [{topology.leaves: 2}, {topology.leaves: 2}]')).toEqual([
      '2:32: points.1: this is point 1 again',
    ]);
    expect(problemsOf('points: [{topology.leaves: 2}, {topology.spines: 2}]')).toEqual([
      '2:32: points.1: got topology.spines, expected topology.leaves as in the first point',
    ]);
    expect(problemsOf('combine: zipped', 'axes: {topology.leaves: [2, 3], topology.spines: [1]}')).toEqual([
      '3:50: axes.topology.spines: got 1 values, expected 2 as topology.leaves has, to zip them',
    ]);
  });
});
