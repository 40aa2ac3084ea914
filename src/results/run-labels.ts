import { basename, dirname } from 'node:path';
import type { ParameterValue } from '../metrics/run-file.ts';
import type { FoundRun } from './find-runs.ts';
import { readTable } from './read-table.ts';

/** What tells the rows of a run from those of others. */
export interface RunLabels {
  /** null where no `run.json` says. */
  readonly runId: string | null;
  readonly scenario: string;
  /** Shared by runs that differ in their seed and fabric alone; null where nothing says. */
  readonly scenarioDigest: string | null;
  /** That simulated it; null where nothing says. */
  readonly version: string | null;
  readonly fabric: string;
  readonly seed: number;
  /** Whether all that was to be simulated is there: the folder is whole, and the run reached its end. */
  readonly isComplete: boolean;
  /** By path of the scenario, what the axes of a study set. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

/** The labels of a run: from `run.json`, or else from the metadata that every table carries. */
export function labelsOf({ folder, record, state, tables }: FoundRun): RunLabels {
  if (record !== null) {
    const { id, scenario, version, fabric, seed, isComplete, parameters } = record;
    return {
      runId: id,
      scenario: scenario.name,
      scenarioDigest: scenario.digest,
      version,
      fabric: fabric.name,
      seed,
      isComplete,
      parameters,
    };
  }
  const { fabric = basename(folder), seed, is_complete, scenario_digest, version } = metadataOf([...tables.values()]);
  return {
    runId: null,
    scenario: basename(dirname(folder)),
    scenarioDigest: scenario_digest ?? null,
    version: version ?? null,
    fabric,
    seed: Number(seed ?? Number.NaN),
    isComplete: state === 'unmarked' && is_complete === 'true',
    parameters: {},
  };
}

/** The metadata of the first table that can be read. */
function metadataOf(paths: readonly string[]): Readonly<Record<string, string>> {
  for (const path of paths) {
    try {
      return readTable(path).metadata;
    } catch {
      // cut off before its schema: another may not be
    }
  }
  return {};
}
