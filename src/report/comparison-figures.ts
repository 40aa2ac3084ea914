import type { FoundRun } from '../results/find-runs.ts';
import type { ComparedRuns } from './compared-runs.ts';
import { drawControlPlane } from './draw-control-plane.ts';
import { drawFailures } from './draw-failures.ts';
import { drawFloods } from './draw-floods.ts';
import { drawLinkHeat } from './draw-link-heat.ts';
import { drawMacGrowth } from './draw-mac-growth.ts';
import { drawOutages } from './draw-outages.ts';
import { drawWorstMigrations } from './draw-worst-migrations.ts';
import type { Drawing } from './drawing.ts';
import type { Figure } from './figure.ts';
import type { ReportProgress } from './report-progress.ts';
import { readRows, readRunSeries, SERIES_TABLES } from './run-series.ts';
import { timeGrid } from './time-grid.ts';

/** The figures of a comparison, without those that have nothing to show. What happens over time is of the first seed. */
export function comparisonFigures(
  drawing: Drawing,
  compared: ComparedRuns,
  onProgress: (progress: ReportProgress) => void,
): Figure[] {
  const { fabrics, seeds, runs, everyNs } = compared;
  const firsts = runs.slice(0, fabrics.length);
  const total = firsts.length * SERIES_TABLES.length + runs.length;
  let done = 0;
  const step = (what: string) => onProgress({ done: done++, total, what });
  const untilNs = Math.max(...firsts.map(({ record }) => record.simulatedNs));
  const { warmUpNs } = firsts[0]!.result;
  const grid = { ...timeGrid(everyNs, untilNs), warmUpNs };
  const controlGrid = { ...timeGrid(everyNs, untilNs, CONTROL_POINTS_MAX), warmUpNs };
  const series = firsts.map(({ found, record }) =>
    readRunSeries(found, { grid, controlGrid }, (table) => step(`${record.fabric.name}: ${table}`)),
  );
  // as in summaries, those of the warm-up are left out
  const migrationsOf = (found: FoundRun) =>
    readRows(found, 'migrations').filter(({ start_ns }) => Number(start_ns) >= warmUpNs);
  const migrations = fabrics.map((fabric) => {
    step(`${fabric}: migrations`);
    return runs.filter(({ record }) => record.fabric.name === fabric).flatMap(({ found }) => migrationsOf(found));
  });
  const failures = firsts.map(({ found }) =>
    readRows(found, 'failures').filter(({ fail_ns }) => Number(fail_ns) >= warmUpNs),
  );
  const results = firsts.map(({ result }) => result);
  const links = series.map((one, fabric) => ({
    links: one.links,
    idle: idleLinks(one.links, results[fabric]!.summary.links.total),
  }));
  const figures = [
    drawMacGrowth(drawing, { fabrics, grid, growths: series.map((one) => one.growths) }),
    drawFloods(drawing, { fabrics, grid, floods: series.map((one) => one.floods) }),
    drawLinkHeat(drawing, { fabrics, links }),
    drawOutages(drawing, { fabrics, migrations, seedCount: seeds.length }),
    drawWorstMigrations(drawing, { fabrics, migrations }),
    drawFailures(drawing, { fabrics, failures }),
    drawControlPlane(drawing, {
      fabrics,
      grid: controlGrid,
      controlRates: series.map((one) => one.controlRates),
      results,
    }),
  ].filter((figure) => figure !== null);
  if (seeds.length === 1) return figures;
  const note = `What is over time or by link is of seed ${seeds[0]}, one of ${seeds.length}.`;
  return figures.map((figure) => (POOLED.has(figure.name) ? figure : { ...figure, notes: [...figure.notes, note] }));
}

/** Messages that come every 2 s would make a comb of finer points. */
const CONTROL_POINTS_MAX = 45;

/** Figures about the migrations of all seeds. */
const POOLED: ReadonlySet<string> = new Set(['outages', 'worst-migrations']);

/** Links between switches that carried nothing have no row. */
function idleLinks(links: readonly { readonly tier: string }[], total: number): number {
  return Math.max(0, total - links.filter(({ tier }) => tier === 'fabric').length);
}
