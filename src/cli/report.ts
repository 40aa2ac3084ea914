import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exportPng, exportSvg } from '../report/export-figures.ts';
import { modelScope } from '../report/model-scope.ts';
import { readPlanRecord } from '../report/plan-runs.ts';
import { createReport, createStudyReport } from '../report/report.ts';
import type { ReportProgress } from '../report/report-progress.ts';
import { findStudy } from '../report/study-runs.ts';
import { findRuns } from '../results/find-runs.ts';
import { ExitCode } from './exit-code.ts';
import type { ReportOptions } from './options.ts';
import { makeWritable } from './output.ts';
import { createStepProgress } from './step-progress.ts';
import { writeFigures, writePage } from './write-report.ts';

/** Makes a page of the results at and below the paths, and pictures of its figures if they are wanted. */
export async function report(paths: readonly string[], options: ReportOptions): Promise<ExitCode> {
  const { fabric = [], svg, png, quiet } = options;
  const found = findRuns(paths);
  const page = options.out ?? join(folderOf(paths[0]!), 'report.html');
  for (const folder of [dirname(page), svg, png]) if (folder !== undefined) makeWritable(folder);
  const progress = createStepProgress(process.stderr, {
    isShown: options.progress && !quiet,
    nowMs: () => performance.now(),
  });
  try {
    const reportOptions = {
      fabrics: fabric,
      scope: modelScope(readFileSync(new URL('../../docs/scope.md', import.meta.url), 'utf8')),
      onProgress: (step: ReportProgress) => progress.step(step),
    };
    const study = paths.length === 1 ? findStudy(folderOf(paths[0]!), found) : null;
    const made = await (study === null
      ? createReport(found, reportOptions)
      : createStudyReport({ facts: study.facts, found, answer: readPlanRecord(study.folder) }, reportOptions));
    await writePage(page, made, { quiet });
    if (svg !== undefined) await writeFigures(svg, await exportSvg(made.figures), { quiet });
    if (png !== undefined) await writeFigures(png, await exportPng(made.figures), { quiet });
  } finally {
    progress.stop();
  }
  return ExitCode.ok;
}

function folderOf(path: string): string {
  return statSync(path).isDirectory() ? path : dirname(path);
}
