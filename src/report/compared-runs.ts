import type { ComparedResult } from '../comparison/compared-result.ts';
import type { RunFile } from '../metrics/run-file.ts';
import type { FoundRun } from '../results/find-runs.ts';
import { fabricPlace, ResultsError } from '../results/run-record.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** A run that a report tells of. */
export interface ReportedRun {
  readonly found: FoundRun;
  readonly record: RunFile;
  /** The scenario with this fabric alone. */
  readonly settings: Scenario;
  readonly result: ComparedResult;
}

/** Runs of one scenario on its fabrics, each with the same seeds. */
export interface ComparedRuns {
  readonly title: string;
  readonly question: string;
  readonly scenarioName: string;
  readonly digest: string;
  readonly durationNs: number;
  /** Time between two samples. */
  readonly everyNs: number;
  /** In the order in which they are shown; the first is what the others are compared with. */
  readonly fabrics: readonly string[];
  readonly seeds: readonly number[];
  /** Runs of these fabrics that are not shown: not all fabrics were simulated with their seed. */
  readonly leftOut: number;
  /** By seed, and in each by fabric in the order of `fabrics`. */
  readonly runs: readonly ReportedRun[];
}

/**
 * Lays found runs side by side. Throws a `ResultsError` that says what to do where they are none that can be compared:
 * runs without `run.json`, or of several scenarios. `fabrics` chooses some, in this order.
 */
export function compareRuns(found: readonly FoundRun[], fabrics: readonly string[] = []): ComparedRuns {
  const runs = found.map(reportedRun);
  const first = runs[0]!.record;
  for (const { found: other, record } of runs) {
    if (record.scenario.digest === first.scenario.digest) continue;
    const isNamesake = record.scenario.name === first.scenario.name;
    const what = isNamesake ? 'a run with other settings' : `a run of another scenario, ${record.scenario.name},`;
    throw new ResultsError(
      `${other.folder}: ${what} than ${runs[0]!.found.folder}; name a folder with runs of one scenario or of a study, or repeat them all`,
    );
  }
  const known = [...new Set(runs.map(({ record }) => record.fabric.name))].sort(
    (one, other) => fabricPlace(first, one) - fabricPlace(first, other),
  );
  const unknown = fabrics.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ResultsError(`--fabric: no run of ${JSON.stringify(unknown)} there; there are ${known.join(', ')}`);
  }
  const shown = fabrics.length > 0 ? [...new Set(fabrics)] : known;
  const seeds = sharedSeeds(runs, shown);
  const { scenario, durationNs } = first;
  const { question, samples } = runs[0]!.settings;
  return {
    title: scenario.title === '' ? scenario.name : scenario.title,
    question,
    scenarioName: scenario.name,
    digest: scenario.digest,
    durationNs,
    everyNs: samples.everyNs,
    fabrics: shown,
    seeds,
    leftOut: runs.filter(({ record: { fabric, seed } }) => shown.includes(fabric.name) && !seeds.includes(seed)).length,
    runs: seeds.flatMap((seed) =>
      shown.map((name) => runs.find(({ record }) => record.seed === seed && record.fabric.name === name)!),
    ),
  };
}

/** A found run as a report sees it; throws a `ResultsError` where it has no `run.json`. */
export function reportedRun(found: FoundRun): ReportedRun {
  const { folder, record } = found;
  if (record === null) {
    throw new ResultsError(`${folder}: no run.json there: the run was killed, is going on or is of an older version`);
  }
  const { fabric, seed, version, isComplete, durationNs, warmUpNs = 0, simulatedNs, summary } = record;
  const { events, frameHops, hops, groupedHops } = record;
  const counts = { events, frameHops, hops, groupedHops };
  const result = {
    fabric: fabric.name,
    kind: fabric.kind,
    seed,
    version,
    isComplete,
    durationNs,
    warmUpNs,
    simulatedNs,
    summary,
  };
  return { found, record, settings: record.settings as Scenario, result: { ...result, ...counts } };
}

/** The seeds under which all fabrics were simulated, lowest folder first. */
function sharedSeeds(runs: readonly ReportedRun[], fabrics: readonly string[]): number[] {
  const seeds = [...new Set(runs.map(({ record }) => record.seed))];
  const shared = seeds.filter((seed) =>
    fabrics.every((name) => runs.some(({ record }) => record.seed === seed && record.fabric.name === name)),
  );
  if (shared.length > 0) return shared;
  throw new ResultsError(`no seed under which all of ${fabrics.join(', ')} were simulated; choose some by --fabric`);
}
