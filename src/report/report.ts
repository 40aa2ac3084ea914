import type { FoundRun } from '../results/find-runs.ts';
import { ResultsError } from '../results/run-record.ts';
import { readVersion } from '../scenario/version.ts';
import { compareRuns, type ReportedRun } from './compared-runs.ts';
import { comparisonFigures } from './comparison-figures.ts';
import { comparisonBody } from './comparison-page.ts';
import { drawStudy } from './draw-study.ts';
import { createDrawing } from './drawing.ts';
import { elementsOf } from './elements.ts';
import type { Figure } from './figure.ts';
import type { ModelScope } from './model-scope.ts';
import { pageText } from './page.ts';
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

/** Reports on the runs of a study that are there: key figures over the values of its axes. */
export async function createStudyReport(
  { facts, found }: { facts: StudyFacts; found: readonly FoundRun[] },
  { fabrics = [], scope }: ReportOptions,
): Promise<Report> {
  const study = studyRuns(facts, found, fabrics);
  const drawing = await createDrawing();
  const title = facts.title === '' ? facts.name : facts.title;
  return ofThisVersion(study.runs, () => {
    const figures = drawStudy(drawing, study);
    const h = elementsOf(drawing.document);
    const body = studyBody(h, { study, figures, scope });
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
