import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { estimateDifference, estimateMean } from '../../src/metrics/estimate.ts';
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

  it('counts addresses that all tables hold', () => {
    const held = seriesOf(runs[0]!)!.series.find(({ name }) => name === 'learned addresses')!;
    // three switches that know all twelve VMs
    expect(held.values.at(-1)).toBe(3 * 12);
  });
});
