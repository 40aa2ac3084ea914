import { RandomStreams } from '../engine/random.ts';
import type { FabricSettings, Scenario } from './scenario.ts';

/** One fabric under one seed, among all that a scenario asks for. */
export interface PlannedRun {
  /** With the seed of the replication. */
  readonly scenario: Scenario;
  readonly fabric: FabricSettings;
  readonly place: RunPlace;
}

/** Where a run stands among the others. */
export interface RunPlace {
  readonly fabricIndex: number;
  readonly fabricCount: number;
  readonly seed: number;
  readonly replicationIndex: number;
  readonly replicationCount: number;
}

/**
 * The seeds of a scenario's replications: its own, then whole numbers below 2^32 from the stream `replications` of that
 * seed, leaving out what was drawn before. More replications go on where fewer end, and `--seed` repeats any one of them.
 */
export function replicationSeeds({ seed, replications }: Pick<Scenario, 'seed' | 'replications'>): number[] {
  const seeds = new Set([seed]);
  const stream = new RandomStreams(seed).stream('replications');
  while (seeds.size < replications) seeds.add(Math.floor(stream.next() * 2 ** 32));
  return [...seeds];
}

/** Everything to simulate, in order: a replication is complete on all fabrics before the next begins. */
export function plannedRuns(scenario: Scenario, fabrics: readonly FabricSettings[]): PlannedRun[] {
  const seeds = replicationSeeds(scenario);
  return seeds.flatMap((seed, replicationIndex) =>
    fabrics.map((fabric, fabricIndex) => ({
      scenario: { ...scenario, seed },
      fabric,
      place: { fabricIndex, fabricCount: fabrics.length, seed, replicationIndex, replicationCount: seeds.length },
    })),
  );
}
