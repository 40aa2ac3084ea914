import { join } from 'node:path';
import { Datacenter } from './datacenter.ts';
import type { FabricResult } from './fabric-result.ts';
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
}

export interface RunProgress {
  readonly fabric: string;
  readonly fabricIndex: number;
  readonly fabricCount: number;
  readonly simulatedNs: number;
  readonly durationNs: number;
  readonly events: number;
}

/** Simulates a scenario on each of its fabrics, one after the other; ends after the one that was stopped. */
export function compareFabrics(scenario: Scenario, options: RunOptions): FabricResult[] {
  const results: FabricResult[] = [];
  const fabricCount = scenario.fabrics.length;
  for (const [fabricIndex, fabric] of scenario.fabrics.entries()) {
    const onProgress = (progress: RunProgress) =>
      options.onProgress?.({ ...progress, fabricIndex, fabricCount }) ?? true;
    const result = runFabric(scenario, fabric, { ...options, onProgress });
    results.push(result);
    if (!result.isComplete) break;
  }
  return results;
}

/** Simulates a scenario on one fabric. */
export function runFabric(scenario: Scenario, fabric: FabricSettings, options: RunOptions): FabricResult {
  const { outDir } = options;
  const folder = outDir === null ? null : join(outDir, scenario.name, `${fabric.name}-seed${scenario.seed}`);
  try {
    return runInto(folder, { scenario, fabric, onProgress: options.onProgress ?? (() => true) });
  } catch (error) {
    throw error instanceof Error && folder !== null ? withPlace(error, folder) : error;
  }
}

interface Run extends Required<Pick<RunOptions, 'onProgress'>> {
  readonly scenario: Scenario;
  readonly fabric: FabricSettings;
}

function runInto(folder: string | null, { scenario, fabric, onProgress }: Run): FabricResult {
  const { seed, durationNs, samples } = scenario;
  const version = readVersion();
  const digest = scenarioDigest(scenario);
  const datacenter = new Datacenter(scenario, fabric, { folder, version, digest });
  const { simulation, recorder } = datacenter;
  let isStopped = false;
  const goOn = () => {
    const { nowNs: simulatedNs, eventCount: events } = simulation;
    const progress = { fabric: fabric.name, fabricIndex: 0, fabricCount: 1, simulatedNs, durationNs, events };
    isStopped = !onProgress(progress);
    return !isStopped;
  };
  simulation.onProgress(goOn, PROGRESS_INTERVAL_EVENTS);
  try {
    datacenter.start();
    for (let atNs = 0; !isStopped && simulation.nowNs < durationNs; ) {
      atNs = Math.min(atNs + samples.everyNs, durationNs);
      simulation.run(atNs);
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
