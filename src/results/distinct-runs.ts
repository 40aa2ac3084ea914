import type { FoundRun } from './find-runs.ts';
import { labelsOf } from './run-labels.ts';

/** A run whose results are in two folders. */
export interface RepeatedRun {
  readonly folder: string;
  /** Where it is too. */
  readonly otherFolder: string;
}

/** Runs, each once. */
export interface DistinctRuns {
  readonly runs: readonly FoundRun[];
  /** What was left out. */
  readonly repeated: readonly RepeatedRun[];
}

/**
 * Runs without those that are there a second time, as in a copy of their folder: the same scenario, parameters, fabric, seed and
 * version do the same. The first stays, unless it is incomplete and the other is not.
 */
export function distinctRuns(found: readonly FoundRun[]): DistinctRuns {
  const chosen = new Map<string, FoundRun>();
  const repeated: RepeatedRun[] = [];
  for (const run of found) {
    const key = identityOf(run);
    const first = chosen.get(key);
    if (first === undefined) {
      chosen.set(key, run);
      continue;
    }
    const isBetter = labelsOf(run).isComplete && !labelsOf(first).isComplete;
    const [kept, left] = isBetter ? [run, first] : [first, run];
    chosen.set(key, kept);
    repeated.push({ folder: left.folder, otherFolder: kept.folder });
  }
  return { runs: [...chosen.values()], repeated };
}

/** Equal for runs that are the same; of one that says too little of itself, its folder. */
function identityOf(run: FoundRun): string {
  const { runId, scenarioDigest, version, fabric, seed } = labelsOf(run);
  if (runId !== null) return runId;
  return scenarioDigest === null ? run.folder : JSON.stringify([scenarioDigest, version, fabric, seed]);
}
