import { describe, expect, it } from 'vitest';
import { plannedRuns, replicationSeeds } from '../../src/scenario/replications.ts';
import { compareFabrics, runFabric } from '../../src/scenario/run-scenario.ts';
import { scenarioDigest } from '../../src/scenario/scenario-digest.ts';
import { FABRICS, scenarioOf } from '../support/scenario-of.ts';

describe('seeds of replications', () => {
  it("begin with the scenario's own, are all different, and go on where fewer end", () => {
    const many = replicationSeeds({ seed: 7, replications: 100 });
    expect(many[0]).toBe(7);
    expect(new Set(many).size).toBe(100);
    for (const seed of many) expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32).toBe(true);
    expect(replicationSeeds({ seed: 7, replications: 3 })).toEqual(many.slice(0, 3));
    expect(replicationSeeds({ seed: 7, replications: 1 })).toEqual([7]);
  });

  it('have nothing in common with those of the next seed', () => {
    const [one, other] = [1, 2].map((seed) => replicationSeeds({ seed, replications: 50 }));
    expect(one!.filter((seed) => other!.includes(seed))).toEqual([]);
  });
});

describe('replications of a scenario', () => {
  const scenario = scenarioOf({
    replications: 3,
    duration: '23s',
    migrations: {},
    failures: [],
    fabrics: FABRICS.slice(0, 2),
  });

  it('are complete on all fabrics one after the other', () => {
    const seeds = replicationSeeds(scenario);
    const names = scenario.fabrics.map(({ name }) => name);
    const planned = plannedRuns(scenario, scenario.fabrics).map(({ fabric, place }) => [place.seed, fabric.name]);
    expect(planned).toEqual(seeds.flatMap((seed) => names.map((name) => [seed, name])));
  });

  it('are the same as runs with their seeds', () => {
    const results = compareFabrics(scenario, { outDir: null });
    expect(results).toHaveLength(6);
    const [third] = results.slice(4);
    const alone = runFabric({ ...scenario, seed: third!.seed, replications: 1 }, scenario.fabrics[0]!, {
      outDir: null,
    });
    expect(alone).toEqual(third);
    expect(new Set(results.map(({ fingerprint }) => fingerprint)).size).toBe(6);
  });

  it('carry the digest of a single run', () => {
    expect(scenarioDigest(scenario)).toBe(scenarioDigest({ ...scenario, replications: 1 }));
  });
});
