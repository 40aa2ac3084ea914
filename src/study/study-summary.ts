import { type Estimate, estimateMean, replicationsFor } from '../metrics/estimate.ts';
import { matchingMetrics, metricsOf } from '../metrics/metric-paths.ts';
import type { FabricSummary } from '../metrics/summary.ts';
import type { CellStore } from './cell-store.ts';
import { idsOf } from './open-study.ts';
import { inRounds } from './rounds.ts';
import type { Study, StudyCell } from './study.ts';
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
  /** For each, in all, so that its interval reaches as near to the mean as is wanted; null: not to be told. */
  readonly replicationsNeeded: readonly (number | null)[];
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

/** What is summed up, and how. */
export interface SummaryOptions {
  readonly store: CellStore;
  readonly versions: readonly string[];
  /** Half of the interval that is wanted, as a share of the mean. */
  readonly precision: number;
}

/** A store in a bucket answers after some hundredths of a second. */
const CELLS_READ_AT_A_TIME = 16;

/** Sums up the cells of a study that are there, point by point, with one point in memory. */
export async function* summarizeStudy(
  study: Study,
  { store, versions, precision }: SummaryOptions,
): AsyncGenerator<PointSummary> {
  const measures = measuresOf(study);
  const summed = (row: PointRow) => sumUp(row, measures, precision);
  let rows = new Map<string, PointRow>();
  let point = 0;
  for await (const [cell, summary] of readCells(study, store, versions)) {
    if (cell.point !== point) {
      yield* [...rows.values()].map(summed);
      rows = new Map();
      point = cell.point;
    }
    const { parameters, run } = cell;
    const fabric = run.fabric.name;
    const row = rows.get(fabric) ?? { head: { point, parameters, fabric }, summaries: [] };
    rows.set(fabric, row);
    if (summary !== null) row.summaries.push(summary);
  }
  yield* [...rows.values()].map(summed);
}

/** Every cell in order with its summary, null where it is not there. */
async function* readCells(
  study: Study,
  store: CellStore,
  versions: readonly string[],
): AsyncGenerator<readonly [StudyCell, FabricSummary | null]> {
  const read = async (cell: StudyCell) => {
    for (const id of idsOf(cell, versions)) {
      if (await store.has(id, 'summary')) return [cell, (await store.readRun(id)).summary] as const;
    }
    return [cell, null] as const;
  };
  for (const round of inRounds(study.cells(versions[0]!), CELLS_READ_AT_A_TIME)) {
    yield* await Promise.all(round.map(read));
  }
}

/** The cells of a point on a fabric. */
interface PointRow {
  readonly head: Pick<PointSummary, 'point' | 'parameters' | 'fabric'>;
  readonly summaries: FabricSummary[];
}

function sumUp({ head, summaries }: PointRow, measures: readonly Measure[], precision: number): PointSummary {
  const estimates = measures.map(({ of }) =>
    estimateMean(summaries.map(of).filter((value) => typeof value === 'number')),
  );
  const replicationsNeeded = estimates.map((estimate) =>
    estimate === null ? null : replicationsFor(estimate, precision * Math.abs(estimate.mean)),
  );
  return { ...head, cells: summaries.length, estimates, replicationsNeeded };
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
