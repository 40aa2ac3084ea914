import type { ParameterValue } from '../metrics/run-file.ts';
import { type PlanQuestion, questionOf } from './plan-record.ts';
import type { Study } from './study.ts';

/** Version of what `study.json` holds. */
export const STUDY_FORMAT = 'dcfabric-study/1';

/** The file that makes a folder that of a study. */
export const STUDY_FILE_NAME = 'study.json';

/** What `study.json` says, beside the cells of a study. */
export interface StudyRecord {
  readonly format: typeof STUDY_FORMAT;
  readonly name: string;
  readonly title: string;
  readonly question: string;
  /** That simulates the cells… */
  readonly version: string;
  /** … and those whose cells were kept. */
  readonly keptVersions: readonly string[];
  readonly design: Study['design']['kind'];
  /** The paths that differ between points, each with its values; of a sampled range the two ends, of a list of points null. */
  readonly axes: readonly { readonly path: string; readonly values: readonly ParameterValue[] | null }[];
  readonly points: number;
  readonly fabrics: readonly string[];
  readonly seeds: readonly number[];
  readonly cells: number;
  /** What the study asks of each run; null for what is usual. */
  readonly measures: readonly string[] | null;
  /** What the numbers of its runs leave out as warm-up; null where points differ in it. */
  readonly warmUpNs: number | null;
  /** What `dcfabric plan` looks for; null if nothing. */
  readonly plan: PlanQuestion | null;
}

/** How many there are of each, counted while the plan is made. */
export interface PlanCounts {
  readonly points: number;
  readonly cells: number;
  readonly fabrics: readonly string[];
  readonly seeds: readonly number[];
}

/** What `study.json` is to say. */
export function recordOf(
  study: Study,
  counts: PlanCounts,
  version: string,
  keptVersions: readonly string[],
): StudyRecord {
  const { name, title, question, design, paths, plan } = study;
  const axes = design.kind === 'listed' ? paths.map((path) => ({ path, values: null })) : design.axes;
  return {
    format: STUDY_FORMAT,
    name,
    title,
    question,
    version,
    keptVersions,
    design: design.kind,
    axes: axes.map(({ path, values }) => ({ path, values })),
    points: counts.points,
    fabrics: counts.fabrics,
    seeds: counts.seeds,
    cells: counts.cells,
    measures: study.measures,
    warmUpNs: study.warmUpNs,
    plan: plan === null ? null : questionOf(plan),
  };
}
