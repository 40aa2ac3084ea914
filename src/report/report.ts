import type { FoundRun } from '../results/find-runs.ts';
import { compareRuns } from './compared-runs.ts';
import { comparisonFigures } from './comparison-figures.ts';
import { comparisonBody } from './comparison-page.ts';
import { createDrawing } from './drawing.ts';
import { elementsOf } from './elements.ts';
import type { Figure } from './figure.ts';
import type { ModelScope } from './model-scope.ts';
import { pageText } from './page.ts';
import type { ReportProgress } from './report-progress.ts';

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
  const figures = comparisonFigures(drawing, compared, onProgress);
  const h = elementsOf(drawing.document);
  const body = comparisonBody(h, { compared, figures, scope });
  const html = pageText(h, { title: compared.title, fabricCount: compared.fabrics.length, body });
  return { title: compared.title, html, figures };
}
