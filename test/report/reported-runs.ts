import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReport, type Report } from '../../src/report/report.ts';
import { findRuns } from '../../src/results/find-runs.ts';
import { compareFabrics, type FabricResult } from '../../src/scenario/run-scenario.ts';
import { FABRICS, scenarioOf } from '../support/scenario-of.ts';

/** Results of three fabrics with tables that are too small, migrations and a failure, in a folder of their own. */
export class ReportedRuns {
  readonly #root = mkdtempSync(join(tmpdir(), 'dcfabric-report-'));
  readonly path = join(this.#root, 'results');
  readonly results: readonly FabricResult[];

  constructor(changes: Record<string, unknown> = {}) {
    const fabrics = FABRICS.filter(({ name }) => ['hypervisor', 'leaf', 'tree'].includes(name));
    const scenario = scenarioOf({
      title: 'Three racks',
      question: 'What is to be seen?',
      samples: { every: '250ms' },
      fabrics: fabrics.map((fabric) => ({ ...fabric, macTableSize: 10 })),
      ...changes,
    });
    this.results = compareFabrics(scenario, { outDir: this.path });
  }

  report(fabrics: readonly string[] = []): Promise<Report> {
    return reportOf(this.path, fabrics);
  }

  /** The path of a copy, after a change of what `run.json` of each run says. */
  rewritten(change: (record: Record<string, unknown>) => Record<string, unknown>): string {
    const path = mkdtempSync(join(this.#root, 'copy-'));
    cpSync(this.path, path, { recursive: true });
    for (const { record, folder } of findRuns([path])) {
      writeFileSync(join(folder, 'run.json'), JSON.stringify(change({ ...record })));
    }
    return path;
  }

  /** A place for what a test writes. */
  file(name: string): string {
    return join(this.#root, name);
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** The report of the results below a path. */
export function reportOf(path: string, fabrics: readonly string[] = []): Promise<Report> {
  return createReport(findRuns([path]), { fabrics, scope: { modelled: ['bridges'], notModelled: ['people'] } });
}

/** `1,234` as a number. */
export function numberIn(text: string): number {
  return Number(text.replaceAll(',', ''));
}
