import { type Estimate, estimateMean } from '../metrics/estimate.ts';
import { matchingMetrics, metricsOf } from '../metrics/metric-paths.ts';
import type { FabricSummary } from '../metrics/summary.ts';
import type { CellStore } from './cell-store.ts';
import { idsOf } from './open-study.ts';
import type { Study } from './study.ts';
import type { Parameters } from './study-points.ts';

/** One number of a run. */
export interface Measure {
  readonly name: string;
  readonly unit: 'count' | 'ns' | 'bytes' | 'ratio';
  readonly of: (summary: FabricSummary) => number | null;
}

/** What the replications of one point on one fabric say. */
export interface PointSummary {
  readonly point: number;
  readonly parameters: Parameters;
  readonly fabric: string;
  /** Cells that are there. */
  readonly cells: number;
  /** In the order of the measures; null where no cell has the number. */
  readonly estimates: readonly (Estimate | null)[];
}

/** What is usually asked of a run. */
const USUAL_MEASURES: readonly Measure[] = [
  {
    name: 'most MACs in a table',
    unit: 'count',
    of: ({ macTables }) => macTables.reduce((max, { entriesMax }) => Math.max(max, entriesMax), 0),
  },
  {
    name: 'flooded',
    unit: 'ratio',
    of: ({ flooding }) => (flooding.allBytes === 0 ? null : flooding.floodedBytes / flooding.allBytes),
  },
  { name: 'longest outage', unit: 'ns', of: ({ migrations }) => migrations.outageNsMax },
  { name: 'flows failed', unit: 'count', of: ({ flows }) => flows.failed },
];

/** What a study asks of each run. */
export function measuresOf({ measures }: Study): readonly Measure[] {
  return measures?.map(pathMeasure) ?? USUAL_MEASURES;
}

/** Sums up the cells of a study that are there, point by point, with one point in memory. */
export async function* summarizeStudy(
  study: Study,
  store: CellStore,
  versions: readonly string[],
): AsyncGenerator<PointSummary> {
  const measures = measuresOf(study);
  let rows = new Map<string, { head: Omit<PointSummary, 'cells' | 'estimates'>; summaries: FabricSummary[] }>();
  let point = 0;
  for (const cell of study.cells(versions[0]!)) {
    if (cell.point !== point) {
      yield* [...rows.values()].map((row) => summed(row, measures));
      rows = new Map();
      point = cell.point;
    }
    const { parameters, run } = cell;
    const fabric = run.fabric.name;
    const row = rows.get(fabric) ?? { head: { point, parameters, fabric }, summaries: [] };
    rows.set(fabric, row);
    for (const id of idsOf(cell, versions)) {
      if (!(await store.has(id, 'summary'))) continue;
      row.summaries.push((await store.readRun(id)).summary);
      break;
    }
  }
  yield* [...rows.values()].map((row) => summed(row, measures));
}

function summed(
  { head, summaries }: { head: Omit<PointSummary, 'cells' | 'estimates'>; summaries: readonly FabricSummary[] },
  measures: readonly Measure[],
): PointSummary {
  const estimates = measures.map(({ of }) =>
    estimateMean(summaries.map(of).filter((value) => typeof value === 'number')),
  );
  return { ...head, cells: summaries.length, estimates };
}

function pathMeasure(path: string): Measure {
  const of = (summary: FabricSummary) => matchingMetrics(metricsOf(summary), path)[0]?.[1] ?? null;
  return { name: path, unit: unitOf(path.split('.').at(-1)!), of };
}

function unitOf(name: string): Measure['unit'] {
  if (/Ns($|[A-Z])/.test(name)) return 'ns';
  if (/[bB]ytes$/.test(name)) return 'bytes';
  return /[rR]atio$|^(fill|share)$/.test(name) ? 'ratio' : 'count';
}
