import { type ParameterValue, RUN_FORMAT, type RunFile } from '../metrics/run-file.ts';
import type { FabricResult } from './fabric-result.ts';
import type { FabricSettings, Scenario } from './scenario.ts';
import { scenarioDigest } from './scenario-digest.ts';

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
  const { seed, version, fingerprint, isComplete, durationNs, simulatedNs } = result;
  const { events, frameHops, hops, groupedHops, invariants, summary } = result;
  const settings = settingsOf(scenario, fabric);
  return {
    format: RUN_FORMAT,
    id: runId(settings, version),
    scenario: { name: scenario.name, title: scenario.title, digest: result.scenarioDigest },
    fabric: { name: fabric.name, kind: fabric.kind },
    seed,
    version,
    fingerprint,
    isComplete,
    durationNs,
    simulatedNs,
    settings,
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

/** A scenario with one fabric alone, simulated once: other fabrics change nothing of a run. */
export function settingsOf(scenario: Scenario, fabric: FabricSettings): Scenario {
  return { ...scenario, replications: 1, fabrics: [fabric] };
}

/** Hexadecimal digits that name a run: two of 10 million runs share them with a probability of 3 in a million. */
const ID_DIGITS = 16;

/** The name of a run, from its settings with its seed, and the version that simulates them. */
export function runId(settings: Scenario, version: string): string {
  return scenarioDigest(settings, { seed: settings.seed, version }).slice(0, ID_DIGITS);
}

function wordsOf({ seed, replications }: Scenario, { name }: FabricSettings): string[] {
  return ['--fabric', name, '--seed', String(seed), ...(replications > 1 ? ['--replications', '1'] : [])];
}
