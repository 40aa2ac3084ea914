import { type ParameterValue, RUN_FORMAT, type RunFile } from '../metrics/run-file.ts';
import type { FabricResult } from './fabric-result.ts';
import type { FabricSettings, Scenario } from './scenario.ts';
import { digestBytes } from './scenario-digest.ts';

/** What a run does not know of itself: where it comes from. */
export interface RunOrigin {
  /** Words after `dcfabric` that read the scenario as it is simulated; those that choose fabric and seed follow them. */
  readonly command: readonly string[] | null;
  /** By path of the scenario, what the axes of a study set. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

/** A run without a story. */
export const NO_ORIGIN: RunOrigin = { command: null, parameters: {} };

/** What `run.json` says about a run that ended; `scenario` has the seed of its replication. */
export function describeRun(
  { scenario, fabric }: { scenario: Scenario; fabric: FabricSettings },
  result: FabricResult,
  { command, parameters }: RunOrigin,
): RunFile {
  const { seed, version, fingerprint, isComplete, durationNs, warmUpNs, simulatedNs } = result;
  const { events, frameHops, hops, groupedHops, invariants, summary } = result;
  return {
    format: RUN_FORMAT,
    id: runId({ scenario, fabric, parameters }, version),
    scenario: {
      name: scenario.name,
      title: scenario.title,
      digest: result.scenarioDigest,
      fabrics: scenario.fabrics.map(({ name }) => name),
    },
    fabric: { name: fabric.name, kind: fabric.kind },
    seed,
    version,
    fingerprint,
    isComplete,
    durationNs,
    warmUpNs,
    simulatedNs,
    settings: { ...scenario, replications: 1, fabrics: [fabric] },
    parameters,
    command: command === null ? null : [...command, ...wordsOf(scenario, fabric)],
    events,
    frameHops,
    hops,
    groupedHops,
    invariants,
    summary,
  };
}

/** Bytes of a digest that name a run: two of 10 million runs share them with a probability of 3 in a million. */
const ID_BYTES = 8;

/** What decides a run, beside the version that simulates it. */
export interface RunDefinition {
  /** With the seed of the run. */
  readonly scenario: Scenario;
  readonly fabric: FabricSettings;
  readonly parameters: RunOrigin['parameters'];
}

/** The name of a run: a digest of all that decides what its folder holds. */
export function runId({ scenario, fabric, parameters }: RunDefinition, version: string): string {
  const more = { seed: scenario.seed, fabric: fabric.name, parameters, version };
  // not cut from the whole digest, which V8 would keep as long as the name
  return digestBytes(scenario, more).toString('hex', 0, ID_BYTES);
}

function wordsOf({ seed, replications }: Scenario, { name }: FabricSettings): string[] {
  return ['--fabric', name, '--seed', String(seed), ...(replications > 1 ? ['--replications', '1'] : [])];
}
