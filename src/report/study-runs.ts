import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { type Estimate, estimateDifferenceBySeed, estimateMean } from '../metrics/estimate.ts';
import { estimatePercentile, type PercentileEstimate } from '../metrics/estimate-percentile.ts';
import type { ParameterValue } from '../metrics/run-file.ts';
import type { FoundRun } from '../results/find-runs.ts';
import { ResultsError } from '../results/run-record.ts';
import type { PlanQuestion } from '../study/plan-record.ts';
import { type ReportedRun, reportedRun } from './compared-runs.ts';

/** What `study.json` says of a study, as far as a report looks at it. */
export interface StudyFacts {
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly version: string;
  readonly axes: readonly { readonly path: string; readonly values: readonly ParameterValue[] | null }[];
  readonly fabrics: readonly string[];
  readonly seeds: readonly number[];
  /** Runs that it is made of. */
  readonly cells: number;
  readonly design?: string;
  /** What the study asks of each run, beside key figures; results of older versions say nothing of it. */
  readonly measures?: readonly string[] | null;
  /** What `dcfabric plan` looks for; results of older versions say nothing of it. */
  readonly plan?: PlanQuestion | null;
}

/** One point of a study: the values of its axes, and the runs there. */
export interface StudyPoint {
  /** By axis, in the order of the axes. */
  readonly values: readonly ParameterValue[];
  /** By fabric; of each the runs of all seeds that are there. */
  readonly runs: readonly (readonly ReportedRun[])[];
}

/** A study with the runs of it that are there. */
export interface StudyRuns {
  readonly facts: StudyFacts;
  readonly axes: readonly string[];
  readonly fabrics: readonly string[];
  /** In the order of the axes' values. */
  readonly points: readonly StudyPoint[];
  readonly runs: readonly ReportedRun[];
}

const STUDY_FILE = 'study.json';
const STUDY_FORMAT = 'dcfabric-study/1';

/** What `study.json` in a folder says; null where there is none. */
export function readStudyFacts(folder: string): StudyFacts | null {
  const path = join(folder, STUDY_FILE);
  if (!existsSync(path)) return null;
  const record = parsed(readFileSync(path, 'utf8'), path);
  if (record?.format !== STUDY_FORMAT) {
    throw new ResultsError(`${path}: got format ${JSON.stringify(record?.format)}, expected "${STUDY_FORMAT}"`);
  }
  return record;
}

/** A study, and the folder that it is in. */
export interface FoundStudy {
  readonly folder: string;
  readonly facts: StudyFacts;
}

/** The study at a folder, or the one below it that has all runs that were found: `--out` of a batch is the folder above. */
export function findStudy(folder: string, found: readonly FoundRun[]): FoundStudy | null {
  const facts = readStudyFacts(folder);
  if (facts !== null) return { folder, facts };
  const folders = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((below) => existsSync(join(below, STUDY_FILE)));
  const isOfStudy = (run: FoundRun) => folders.some((below) => run.folder.startsWith(`${below}${sep}`));
  const [only, ...others] = folders;
  if (only === undefined || !found.every(isOfStudy)) return null;
  if (others.length > 0)
    throw new ResultsError(`${folder}: got ${folders.length} studies, expected one: ${folders.join(', ')}`);
  return { folder: only, facts: readStudyFacts(only)! };
}

function parsed(text: string, path: string): (StudyFacts & { readonly format?: unknown }) | null {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ResultsError(`${path} is no JSON: ${(error as Error).message}`);
  }
}

/** Puts the cells of a study in order. `fabrics` chooses some, in this order. */
export function studyRuns(facts: StudyFacts, found: readonly FoundRun[], fabrics: readonly string[] = []): StudyRuns {
  const shown = chosenFabrics(facts, fabrics);
  const axes = facts.axes.map(({ path }) => path);
  const runs = onceEach(reportedRuns(found), facts.version).filter(
    ({ record }) => shown.includes(record.fabric.name) && isOfPoint(facts, record.parameters),
  );
  const byPoint = new Map<string, ReportedRun[]>();
  for (const run of runs) {
    const key = pointKey(run, axes);
    byPoint.set(key, [...(byPoint.get(key) ?? []), run]);
  }
  const points = [...byPoint.values()].map(
    (ofPoint): StudyPoint => ({
      values: axes.map((path) => ofPoint[0]!.record.parameters[path] ?? null),
      runs: shown.map((name) =>
        ofPoint
          .filter(({ record }) => record.fabric.name === name)
          .toSorted((one, other) => one.record.seed - other.record.seed),
      ),
    }),
  );
  return { facts, axes, fabrics: shown, points: points.toSorted(inOrderOf(facts)), runs };
}

/** The fabrics to show; throws a `ResultsError` for one that the study has not. */
export function chosenFabrics(facts: StudyFacts, fabrics: readonly string[]): readonly string[] {
  const unknown = fabrics.find((name) => !facts.fabrics.includes(name));
  if (unknown !== undefined) {
    throw new ResultsError(
      `--fabric: the study has no fabric ${JSON.stringify(unknown)}; it has ${facts.fabrics.join(', ')}`,
    );
  }
  return fabrics.length > 0 ? [...new Set(fabrics)] : facts.fabrics;
}

/** The runs that have ended: a cell that is being simulated has no run.json yet. */
export function reportedRuns(found: readonly FoundRun[]): ReportedRun[] {
  return found.filter(({ record }) => record !== null).map(reportedRun);
}

/** Whether a run is at a point of the study, not only at a value that its plan looked at. */
function isOfPoint(
  { axes, design, plan = null }: StudyFacts,
  parameters: ReportedRun['record']['parameters'],
): boolean {
  if (plan === null) return true;
  const own = new Set(Object.keys(parameters));
  if (own.size !== axes.length || !axes.every(({ path }) => own.has(path))) return false;
  // the values of a sample are not known
  if (design === 'sampled') return true;
  return axes.every(({ path, values }) => {
    return values === null || values.some((value) => JSON.stringify(value) === JSON.stringify(parameters[path]));
  });
}

function pointKey({ record }: ReportedRun, axes: readonly string[]): string {
  return JSON.stringify(axes.map((path) => record.parameters[path] ?? null));
}

/** Of cells that were simulated by several versions, those of the study's. */
export function onceEach(runs: readonly ReportedRun[], version: string): ReportedRun[] {
  const chosen = new Map<string, ReportedRun>();
  for (const run of runs) {
    const { parameters, fabric, seed } = run.record;
    const key = JSON.stringify([parameters, fabric.name, seed]);
    if (!chosen.has(key) || run.record.version === version) chosen.set(key, run);
  }
  return [...chosen.values()];
}

/** By the place of values in the study's axes; numbers that are in none by size. */
function inOrderOf({ axes }: StudyFacts): (one: StudyPoint, other: StudyPoint) => number {
  const places = axes.map(({ values }) => new Map(values?.map((value, place) => [JSON.stringify(value), place])));
  const rank = (axis: number, value: ParameterValue) =>
    places[axis]!.get(JSON.stringify(value)) ?? (typeof value === 'number' ? value : 0);
  return (one, other) => {
    for (let axis = 0; axis < axes.length; axis++) {
      const difference = rank(axis, one.values[axis]!) - rank(axis, other.values[axis]!);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

/** What the runs of a point on a fabric say about the mean of a quantity; null where none has it. */
export function estimateAt(
  { runs }: StudyPoint,
  fabric: number,
  value: (run: ReportedRun['result']) => number | null,
): Estimate | null {
  return estimateMean(runs[fabric]!.map(({ result }) => value(result)).filter((one) => one !== null));
}

/** The p-th percentile over the runs of a fabric at a point; null where none has the quantity. */
export function percentileAt(
  { runs }: StudyPoint,
  fabric: number,
  { value, p }: { value: (run: ReportedRun['result']) => number | null; p: number },
): PercentileEstimate | null {
  return estimatePercentile(
    runs[fabric]!.map(({ result }) => value(result)).filter((one) => one !== null),
    p,
  );
}

/** How a fabric differs from the first one that is shown, from runs of one seed at a point; null where none can be compared. */
export function differenceAt(
  { runs }: StudyPoint,
  fabric: number,
  value: (run: ReportedRun['result']) => number | null,
): Estimate | null {
  const bySeed = (ofFabric: number) =>
    runs[ofFabric]!.map(({ record, result }) => [record.seed, value(result)] as const);
  return estimateDifferenceBySeed(new Map(bySeed(0)), bySeed(fabric));
}
