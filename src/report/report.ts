import type { FoundRun } from '../results/find-runs.ts';
import { ResultsError } from '../results/run-record.ts';
import { readVersion } from '../scenario/version.ts';
import type { PlanRecord } from '../study/plan-record.ts';
import { compareRuns, type ReportedRun } from './compared-runs.ts';
import { comparisonFigures } from './comparison-figures.ts';
import { comparisonBody } from './comparison-page.ts';
import { drawPlan } from './draw-plan.ts';
import { drawStudy } from './draw-study.ts';
import { createDrawing } from './drawing.ts';
import { elementsOf } from './elements.ts';
import type { Figure } from './figure.ts';
import type { ModelScope } from './model-scope.ts';
import { pageText } from './page.ts';
import { planBody } from './plan-page.ts';
import { planRuns } from './plan-runs.ts';
import type { ReportProgress } from './report-progress.ts';
import { studyBody } from './study-page.ts';
import { type StudyFacts, studyRuns } from './study-runs.ts';

/** A report: one page, and the figures in it. */
export interface Report {
  readonly title: string;
  readonly html: string;
  readonly figures: readonly Figure[];
}

export interface ReportOptions {
  /** Fabrics to show, in this order; none: all of them. */
  readonly fabrics?: readonly string[];
  readonly scope: ModelScope;
  /** Told of each table before it is read: which one of how many. */
  readonly onProgress?: (progress: ReportProgress) => void;
}

/** Reports on runs of one scenario. The same results make the same bytes. */
export async function createReport(found: readonly FoundRun[], options: ReportOptions): Promise<Report> {
  const { fabrics = [], scope, onProgress = () => {} } = options;
  const compared = compareRuns(found, fabrics);
  const drawing = await createDrawing();
  const { title } = compared;
  return ofThisVersion(compared.runs, () => {
    const figures = comparisonFigures(drawing, compared, onProgress);
    const h = elementsOf(drawing.document);
    const body = comparisonBody(h, { compared, figures, scope });
    return { title, html: pageText(h, { title, fabricCount: compared.fabrics.length, body }), figures };
  });
}

/** A study's folder: what `study.json` and `answer.json` say, and the runs that are there. */
export interface ReportedStudy {
  readonly facts: StudyFacts;
  readonly found: readonly FoundRun[];
  /** null: no search has ended there. */
  readonly answer?: PlanRecord | null;
}

/**
 * Reports on the runs of a study that are there: what its search found, where there was one, and key figures over the
 * values of its axes.
 */
export async function createStudyReport(
  { facts, found, answer = null }: ReportedStudy,
  options: ReportOptions,
): Promise<Report> {
  const { fabrics = [], scope } = options;
  const plan = planRuns(facts, { found, answer, fabrics });
  const study = studyRuns(facts, found, fabrics);
  // of one point alone there is nothing to draw over values
  if (plan === null && study.axes.length === 0) {
    return createReport(
      study.runs.map((run) => run.found),
      options,
    );
  }
  const drawing = await createDrawing();
  const title = facts.title === '' ? facts.name : facts.title;
  const runs = plan === null ? study.runs : plan.runs.map(({ run }) => run);
  return ofThisVersion(runs, () => {
    const h = elementsOf(drawing.document);
    // runs of a batch beside a search are shown after it
    const points = study.runs.length > 0 && study.axes.length > 0 ? drawStudy(drawing, study) : [];
    const limits = plan === null ? null : drawPlan(drawing, plan);
    const figures = limits === null ? points : [limits, ...points];
    const body = plan === null ? studyBody(h, { study, figures, scope }) : planBody(h, { plan, figures, scope });
    return { title, html: pageText(h, { title, fabricCount: study.fabrics.length, body }), figures };
  });
}

/** Where results of another version lack what this one shows, that is no mistake of the program. */
function ofThisVersion<T>(runs: readonly ReportedRun[], make: () => T): T {
  try {
    return make();
  } catch (error) {
    const version = readVersion();
    const other = runs.find(({ record }) => record.version !== version);
    if (!(error instanceof TypeError) || other === undefined) throw error;
    const { found, record } = other;
    throw new ResultsError(
      `${found.folder}: results of version ${record.version}, which lack what ${version} shows; repeat the run`,
    );
  }
}
