import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Fingerprint } from '../engine/fingerprint.ts';
import { writeRunMark } from '../metrics/run-mark.ts';
import { Datacenter } from './datacenter.ts';
import { describeRun, NO_ORIGIN, type RunOrigin } from './describe-run.ts';
import type { FabricResult } from './fabric-result.ts';
import { type PlannedRun, plannedRuns, type RunPlace } from './replications.ts';
import type { FabricSettings, Scenario } from './scenario.ts';
import { scenarioDigest } from './scenario-digest.ts';
import { readVersion } from './version.ts';

export type { FabricResult } from './fabric-result.ts';

/** Events between two looks at whether to go on. */
const PROGRESS_INTERVAL_EVENTS = 16_384;

export interface RunOptions {
  /** Results go to `<scenario>/<fabric>-seed<seed>` in this folder; null writes nothing. */
  readonly outDir: string | null;
  /** Called now and then; false stops the run, which is then incomplete. */
  readonly onProgress?: (progress: RunProgress) => boolean;
  /** For `run.json`. */
  readonly origin?: RunOrigin;
  /** Takes in what happens instead of a new one. */
  readonly fingerprint?: Fingerprint;
  /** What results call the version that simulated them, instead of this one's. */
  readonly version?: string;
  /** Is given the datacenter once it is built: its counters can be read whenever the run has come to a stop. */
  readonly onBuilt?: (datacenter: Datacenter) => void;
}

export interface RunProgress extends RunPlace {
  readonly fabric: string;
  readonly simulatedNs: number;
  readonly durationNs: number;
  readonly events: number;
}

/**
 * Simulates a scenario on each of its fabrics, one after the other, and all of them again in each further replication;
 * ends after the run that was stopped.
 */
export function compareFabrics(scenario: Scenario, options: RunOptions): FabricResult[] {
  const results: FabricResult[] = [];
  for (const run of plannedRuns(scenario, scenario.fabrics)) {
    const result = runPlanned(run, options);
    results.push(result);
    if (!result.isComplete) break;
  }
  return results;
}

/** Simulates a scenario on one fabric, once. */
export function runFabric(scenario: Scenario, fabric: FabricSettings, options: RunOptions): FabricResult {
  return runPlanned(plannedRuns({ ...scenario, replications: 1 }, [fabric])[0]!, options);
}

/** Carries out one of `plannedRuns`. */
export function runPlanned(run: PlannedRun, { outDir, ...options }: RunOptions): FabricResult {
  const { scenario, fabric, place } = run;
  const folder = outDir === null ? null : join(outDir, scenario.name, `${fabric.name}-seed${place.seed}`);
  return runInto(folder, run, options);
}

/** How results go right into a folder. */
export interface IntoOptions extends Omit<RunOptions, 'outDir'> {
  /** Whether there are tables beside `run.json`, which are most of the bytes. */
  readonly writesTables?: boolean;
  /** Whether they are on the disk afterwards, all before `run.json`; otherwise that is up to who keeps the folder. */
  readonly awaitsDisk?: boolean;
}

/** Carries out a run whose results go right into a folder; null writes nothing. */
export function runInto(
  folder: string | null,
  run: PlannedRun,
  { origin = NO_ORIGIN, writesTables = true, awaitsDisk = true, ...options }: IntoOptions = {},
): FabricResult {
  try {
    const result = simulate(writesTables ? folder : null, run, options);
    if (folder !== null) {
      if (!writesTables) mkdirSync(folder, { recursive: true });
      writeRunMark(folder, describeRun(run, result, origin), { awaitsDisk });
    }
    return result;
  } catch (error) {
    throw error instanceof Error && folder !== null ? withPlace(error, folder) : error;
  }
}

function simulate(
  folder: string | null,
  { scenario, fabric, place }: PlannedRun,
  { onProgress = () => true, fingerprint, version = readVersion(), onBuilt }: Omit<RunOptions, 'outDir' | 'origin'>,
): FabricResult {
  const { seed, durationNs, warmUpNs, samples } = scenario;
  const digest = scenarioDigest(scenario);
  const datacenter = new Datacenter(scenario, fabric, { folder, version, digest }, fingerprint);
  onBuilt?.(datacenter);
  const { simulation, recorder } = datacenter;
  let isStopped = false;
  const goOn = () => {
    const { nowNs: simulatedNs, eventCount: events } = simulation;
    isStopped = !onProgress({ ...place, fabric: fabric.name, simulatedNs, durationNs, events });
    return !isStopped;
  };
  simulation.onProgress(goOn, PROGRESS_INTERVAL_EVENTS);
  try {
    datacenter.start();
    for (let atNs = 0; !isStopped && simulation.nowNs < durationNs; ) {
      atNs = Math.min(atNs + samples.everyNs, durationNs);
      if (simulation.nowNs < warmUpNs && warmUpNs <= atNs) {
        // what happens at its end is after it
        simulation.run(warmUpNs - 1);
        if (!isStopped) datacenter.endWarmUp();
      }
      if (!isStopped) simulation.run(atNs);
      recorder.sample(simulation.nowNs);
      // a quiet datacenter has few events, but any number of samples
      if (!isStopped && simulation.nowNs < durationNs) goOn();
    }
    return {
      fabric: fabric.name,
      kind: fabric.kind,
      seed,
      scenarioDigest: digest,
      version,
      folder,
      durationNs,
      warmUpNs,
      ...datacenter.finish({ isComplete: !isStopped }),
    };
  } catch (error) {
    recorder.abandon();
    throw error;
  }
}

/** Adds where results go to an error that says what the system refused, but not where: a full disk. */
function withPlace(error: Error, folder: string): Error {
  return 'syscall' in error && !('path' in error) ? Object.assign(error, { path: folder }) : error;
}
