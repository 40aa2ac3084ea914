import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { estimateDifference, estimateMean } from '../../src/metrics/estimate.ts';
import type { RunFile } from '../../src/metrics/run-file.ts';
import { type FoundRun, findRuns } from '../../src/results/find-runs.ts';
import { seriesOf } from '../../src/results/sampled-series.ts';
import { compareFabrics, type FabricResult, runFabric } from '../../src/scenario/run-scenario.ts';
import { steadyStates } from '../../src/study/steady-state.ts';
import { fabricOf, scenarioOf } from '../support/scenario-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'dcfabric-steady-'));
/** Nothing happens to the VMs, which boot in the first second. */
const QUIET = { migrations: {}, failures: [], hosts: { bootWindow: '1s' } };
let results: FabricResult[];
let runs: FoundRun[];

beforeAll(() => {
  const scenario = scenarioOf({
    duration: '5s',
    topology: { leaves: 2, spines: 1, serversPerLeaf: 2 },
    ...QUIET,
    ...{ samples: { every: '100ms' }, replications: 3 },
    fabrics: ['vlan-no-stp', 'vxlan-flood-learn'],
  });
  results = compareFabrics(scenario, { outDir: folder });
  runs = findRuns([folder]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const ofFabric = (fabric: string) => results.filter((result) => result.fabric === fabric);

describe('what runs settle at', () => {
  it('is what they carried over the whole time where no warm-up is left out', () => {
    const groups = steadyStates(runs, { warmUpNs: 0, precision: 0.05 });
    expect(groups.map(({ fabric }) => fabric)).toEqual(['vlan-no-stp', 'vxlan-flood-learn']);
    for (const { fabric, quantities, seeds } of groups) {
      const ofSeed = seeds.map((seed) => ofFabric(fabric).find((result) => result.seed === seed)!.summary.flooding);
      const [flooded, carried] = quantities;
      const rate = (bytes: number) => (bytes * 8) / 5;
      expect(flooded!.mean!.mean).toBeCloseTo(estimateMean(ofSeed.map((one) => rate(one.floodedBytes)))!.mean, 3);
      expect(carried!.mean!.mean).toBeCloseTo(estimateMean(ofSeed.map((one) => rate(one.allBytes)))!.mean, 3);
      expect(carried!.mean!.halfWidth).toBeCloseTo(
        estimateMean(ofSeed.map((one) => rate(one.allBytes)))!.halfWidth!,
        3,
      );
    }
  });

  it('differs from the first fabric by the differences of runs of one seed', () => {
    const [tree, overlay] = steadyStates(runs, { warmUpNs: 0, precision: 0.05 });
    const bits = (fabric: string) =>
      tree!.seeds.map((seed) => {
        return (ofFabric(fabric).find((result) => result.seed === seed)!.summary.flooding.allBytes * 8) / 5;
      });
    const expected = estimateDifference(bits('vlan-no-stp'), bits('vxlan-flood-learn'))!;
    const { mean, halfWidth, count } = overlay!.quantities[1]!.difference!;
    expect([mean, halfWidth, count]).toEqual([
      expect.closeTo(expected.mean, 3),
      expect.closeTo(expected.halfWidth!, 3),
      3,
    ]);
    expect(tree!.quantities[1]!.difference).toBeNull();
  });

  it('leaves out the beginning that is asked for, and tells of what is left', () => {
    const { timesNs, series } = seriesOf(runs[0]!)!;
    const [, carried] = series;
    expect([...timesNs.slice(0, 2)]).toEqual([1e8, 2e8]);
    const kept = [...carried!.values].filter((_, place) => timesNs[place]! > 3e9);
    expect(kept).toHaveLength(20);
    const [group] = steadyStates([runs[0]!], { warmUpNs: 3e9, precision: 0.05 });
    expect(group!.quantities[1]).toMatchObject({ warmUpNs: 3e9, unsettledRuns: 0, replicationsNeeded: null });
    const { mean, percentiles } = group!.quantities[1]!;
    expect(mean!.mean).toBeCloseTo(kept.reduce((sum, value) => sum + value) / 20, 3);
    const sorted = kept.toSorted((one, other) => one - other);
    expect(percentiles.p50!.mean).toBe(sorted[9]);
    expect(percentiles.p95!.mean).toBe(sorted[18]);
  });

  it('leaves out the warm-up of the scenario, as its summary does', () => {
    const scenario = { ...scenarioOf({ duration: '3s', samples: { every: '100ms' }, ...QUIET }), warmUpNs: 2e9 };
    const { folder: place, summary } = runFabric(scenario, fabricOf(scenario, 'leaf'), {
      outDir: join(folder, 'warm'),
    });
    const [group] = steadyStates(findRuns([place!]), { warmUpNs: null, precision: 0.05 });
    expect(group!.isWarmUpFound).toBe(false);
    const [flooded, carried] = group!.quantities;
    expect(carried).toMatchObject({ warmUpNs: 2e9, unsettledRuns: 0 });
    expect(carried!.mean!.mean).toBeCloseTo(summary.flooding.allBytes * 8, 3);
    expect(flooded!.mean!.mean).toBeCloseTo(summary.flooding.floodedBytes * 8, 3);
    const found = steadyStates([runs[0]!], { warmUpNs: null, precision: 0.05 });
    expect(found[0]!.isWarmUpFound).toBe(true);
  });

  it('is told of all fabrics over the same time, by quantity', () => {
    const alone = runs.map((run) => steadyStates([run], { warmUpNs: null, precision: 0.05 })[0]!);
    const [tree, overlay] = steadyStates(runs, { warmUpNs: null, precision: 0.05 });
    for (const index of [0, 1, 2, 3]) {
      const longest = Math.max(...alone.map(({ quantities }) => quantities[index]!.warmUpNs));
      expect([tree, overlay].map((group) => group!.quantities[index]!.warmUpNs)).toEqual([longest, longest]);
      const [one, other] = [tree!.quantities[index]!.mean!.mean, overlay!.quantities[index]!.mean!.mean];
      expect(overlay!.quantities[index]!.difference!.mean).toBeCloseTo(other - one, 3);
    }
    // runs by themselves settle at different times
    expect(new Set(alone.map(({ quantities }) => quantities[0]!.warmUpNs)).size).toBeGreaterThan(1);
  });

  it('is told of scenarios and versions apart, and by what differs', () => {
    const changed = (change: Partial<RunFile>, { flowsPerVmPerSecond = 3 } = {}) =>
      runs.map((run) => {
        const settings = run.record!.settings as { traffic: object };
        const busier = { ...settings, traffic: { ...settings.traffic, flowsPerVmPerSecond } };
        return { ...run, record: { ...run.record!, settings: busier, ...change } as RunFile };
      });
    const { scenario, version } = runs[0]!.record!;
    const busier = changed({ scenario: { ...scenario, digest: '0123456789' } }, { flowsPerVmPerSecond: 99 });
    const told = (others: readonly FoundRun[]) =>
      steadyStates([...runs, ...others], { warmUpNs: 0, precision: 0.05 }).map((group) => [
        ...[group.fabric, group.seeds.length, group.quantities[1]!.difference?.count ?? null],
        group.apart,
      ]);
    const path = 'traffic.flowsPerVmPerSecond';
    expect(told(busier)).toEqual([
      ['vlan-no-stp', 3, null, { [path]: 3 }],
      ['vxlan-flood-learn', 3, 3, { [path]: 3 }],
      ['vlan-no-stp', 3, null, { [path]: 99 }],
      ['vxlan-flood-learn', 3, 3, { [path]: 99 }],
    ]);
    expect(told(changed({ version: '0.0.1' })).map(([, count, , apart]) => [count, apart])).toEqual([
      ...[version, version, '0.0.1', '0.0.1'].map((one) => [3, { version: one }]),
    ]);
    const unlike = changed({ scenario: { ...scenario, digest: '0123456789' } });
    expect(told(unlike).map(([, , , apart]) => apart)).toEqual([
      ...[scenario.digest.slice(0, 8), scenario.digest.slice(0, 8), '01234567', '01234567'].map((digest) => ({
        digest,
      })),
    ]);
  });

  it('is in the order of the study, with one fabric that all others are compared with', () => {
    const study = join(folder, 'ordered');
    mkdirSync(study);
    const fabrics = ['vxlan-flood-learn', 'vlan-no-stp'];
    writeFileSync(join(study, 'study.json'), JSON.stringify({ format: 'dcfabric-study/1', fabrics }));
    const points = [{ leaves: 10 }, { leaves: 2 }];
    const lines = points.map((parameters, point) => JSON.stringify({ point, parameters }));
    writeFileSync(join(study, 'plan.jsonl'), `${lines.join('\n')}\n`);
    // the third point is of a search, and each has its fabrics in another order
    const cells = [{ leaves: 2 }, { leaves: 30 }, { leaves: 4 }, { leaves: 10 }].flatMap((parameters, place) =>
      (place % 2 === 0 ? runs : runs.toReversed()).map((run, index) => ({
        ...run,
        folder: join(study, 'cells', `${place}${index}`),
        record: { ...run.record!, parameters } as RunFile,
      })),
    );
    const groups = steadyStates(cells, { warmUpNs: 0, precision: 0.05 });
    expect(groups.map(({ parameters, fabric, reference }) => [parameters.leaves, fabric, reference])).toEqual(
      [10, 2, 4, 30].flatMap((leaves) => [
        [leaves, 'vxlan-flood-learn', null],
        [leaves, 'vlan-no-stp', 'vxlan-flood-learn'],
      ]),
    );
    // where the fabric of reference is not there, no other takes its place
    const lone = steadyStates(
      cells.filter(({ record }) => record.parameters.leaves !== 2 || record.fabric.name === 'vlan-no-stp'),
      { warmUpNs: 0, precision: 0.05 },
    );
    const [, , group] = lone;
    expect(group).toMatchObject({ parameters: { leaves: 2 }, fabric: 'vlan-no-stp', reference: 'vxlan-flood-learn' });
    expect(group!.quantities[1]!.difference).toBeNull();
  });

  it('counts addresses that all tables hold', () => {
    const held = seriesOf(runs[0]!)!.series.find(({ name }) => name === 'learned addresses')!;
    // three switches that know all twelve VMs
    expect(held.values.at(-1)).toBe(3 * 12);
  });
});
