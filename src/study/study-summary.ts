import { type Estimate, estimateDifferenceBySeed, estimateMean, replicationsFor } from '../metrics/estimate.ts';
import { estimatePercentile, type PercentileEstimate } from '../metrics/estimate-percentile.ts';
import type { FabricSummary } from '../metrics/summary.ts';
import type { CellStore } from './cell-store.ts';
import { isPattern, type Measure, type MeasuredRun, MeasurePaths, measuredRun, USUAL_MEASURES } from './measures.ts';
import { idsOf } from './open-study.ts';
import { inRounds } from './rounds.ts';
import type { Study, StudyCell } from './study.ts';
import type { Parameters } from './study-points.ts';

/** What the replications of one point on one fabric say; lists are in the order of the measures. */
export interface PointSummary {
  readonly point: number;
  readonly parameters: Parameters;
  readonly fabric: string;
  /** Cells that are there. */
  readonly cells: number;
  /** Of the means; null where no cell has the number. */
  readonly estimates: readonly (Estimate | null)[];
  /** For each, in all, so that its interval reaches as near to the mean as is wanted; null: not to be told. */
  readonly replicationsNeeded: readonly (number | null)[];
  /** To the fabric of reference at the same point, from cells of one seed; null for that fabric itself. */
  readonly differences: readonly (Estimate | null)[] | null;
  /** Of the values of all cells. */
  readonly percentiles: readonly PercentileEstimates[];
}

export type PercentileEstimates = Readonly<Record<'p50' | 'p90', PercentileEstimate | null>>;

/** What is summed up, and how. */
export interface SummaryOptions {
  readonly store: CellStore;
  readonly versions: readonly string[];
  /** Half of the interval that is wanted, as a share of the mean. */
  readonly precision: number;
}

/** A store in a bucket answers after some hundredths of a second. */
const CELLS_READ_AT_A_TIME = 16;

/** What the cells of a study that are there say. */
export class StudySummary {
  readonly measures: readonly Measure[];
  /** The fabric that differences are to, at all points: the first one of the study. */
  readonly reference: string;
  readonly #study: Study;
  readonly #options: SummaryOptions;
  readonly #paths: MeasurePaths;

  private constructor(study: Study, options: SummaryOptions, paths: MeasurePaths) {
    this.#study = study;
    this.#options = options;
    this.#paths = paths;
    this.measures = study.measures === null ? USUAL_MEASURES : paths.measures();
    const [first] = study.cells(options.versions[0]!);
    this.reference = first!.run.fabric.name;
  }

  /** Reads the cells where it takes them to know what is measured. */
  static async of(study: Study, options: SummaryOptions): Promise<StudySummary> {
    const patterns = study.measures ?? [];
    const paths = new MeasurePaths(patterns);
    if (patterns.some(isPattern))
      for await (const [, run] of readCells(study, options)) if (run !== null) paths.learn(run);
    return new StudySummary(study, options, paths);
  }

  /** Point by point and fabric by fabric, with one point in memory. */
  async *points(): AsyncGenerator<PointSummary> {
    let rows = new Map<string, PointRow>();
    let point = 0;
    for await (const [cell, run] of readCells(this.#study, this.#options)) {
      if (cell.point !== point) {
        yield* this.#sumUp(rows);
        rows = new Map();
        point = cell.point;
      }
      const { parameters } = cell;
      const { fabric, scenario } = cell.run;
      const row = rows.get(fabric.name) ?? { head: { point, parameters, fabric: fabric.name }, values: new Map() };
      rows.set(fabric.name, row);
      if (run === null) continue;
      this.#paths.learn(run);
      row.values.set(
        scenario.seed,
        this.measures.map(({ of }) => of(run)),
      );
    }
    yield* this.#sumUp(rows);
  }

  /** What is wrong with the measures of the study, after all points. */
  problems(): string[] {
    return this.#paths.problems();
  }

  #sumUp(rows: ReadonlyMap<string, PointRow>): PointSummary[] {
    const { precision } = this.#options;
    const reference: PointRow['values'] = rows.get(this.reference)?.values ?? new Map();
    const firsts = this.measures.map((_, index) => new Map(valuesBySeed(reference, index)));
    return [...rows.values()].map(({ head, values }): PointSummary => {
      const bySeed = this.measures.map((_, index) => valuesBySeed(values, index));
      const numbers = bySeed.map((ofMeasure) => ofMeasure.map(([, value]) => value).filter((value) => value !== null));
      const estimates = numbers.map(estimateMean);
      return {
        ...head,
        cells: values.size,
        estimates,
        replicationsNeeded: estimates.map((estimate) =>
          estimate === null ? null : replicationsFor(estimate, precision * Math.abs(estimate.mean)),
        ),
        differences:
          head.fabric === this.reference
            ? null
            : bySeed.map((ofMeasure, index) => estimateDifferenceBySeed(firsts[index]!, ofMeasure)),
        percentiles: numbers.map((ofMeasure) => ({
          p50: estimatePercentile(ofMeasure, 50),
          p90: estimatePercentile(ofMeasure, 90),
        })),
      };
    });
  }
}

/** The cells of a point on a fabric: by seed, the value of each measure. */
interface PointRow {
  readonly head: Pick<PointSummary, 'point' | 'parameters' | 'fabric'>;
  readonly values: Map<number, readonly (number | null)[]>;
}

function valuesBySeed(values: PointRow['values'], index: number): (readonly [seed: number, value: number | null])[] {
  return [...values].map(([seed, row]) => [seed, row[index] ?? null]);
}

/** Every cell in order with what it measured, null where it is not there. */
async function* readCells(
  study: Study,
  { store, versions }: Pick<SummaryOptions, 'store' | 'versions'>,
): AsyncGenerator<readonly [StudyCell, MeasuredRun | null]> {
  const read = async (cell: StudyCell): Promise<FabricSummary | null> => {
    for (const id of idsOf(cell, versions)) {
      if (await store.has(id, 'summary')) return (await store.readRun(id)).summary;
    }
    return null;
  };
  for (const round of inRounds(study.cells(versions[0]!), CELLS_READ_AT_A_TIME)) {
    const summaries = await Promise.all(round.map(read));
    for (const [index, cell] of round.entries()) {
      const summary = summaries[index]!;
      yield [cell, summary === null ? null : measuredRun(summary)];
    }
  }
}
