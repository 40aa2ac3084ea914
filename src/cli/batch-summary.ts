import Table from 'cli-table3';
import { estimatedDifference, estimatedPercentile, FORMATS_BY_UNIT, NOTHING } from '../comparison/format.ts';
import type { Estimate } from '../metrics/estimate.ts';
import type { Measure } from '../study/measures.ts';
import type { PercentileEstimates, PointSummary } from '../study/study-summary.ts';
import { formatCount } from '../units.ts';

/** Points that are shown; the rest is counted. */
const ROWS_MAX = 100;

/** A number that is not as precise as is wanted. */
interface Wanting {
  /** Replications in all, and beyond those that there are. */
  readonly needed: number;
  readonly more: number;
  readonly what: string;
}

/** What a table is of. */
export interface BatchTableOptions {
  readonly measures: readonly Measure[];
  /** The paths of the study's axes. */
  readonly paths: readonly string[];
  /** The fabric that others are compared with. */
  readonly reference: string;
  readonly precision: number;
  /** Whether percentiles over the replications are shown as well. */
  readonly hasPercentiles: boolean;
}

/**
 * Means of each point and fabric with confidence intervals where there are replications, and below them how they differ
 * from those of the fabric of reference.
 */
export class BatchTable {
  readonly #options: BatchTableOptions;
  readonly #measures: readonly Measure[];
  readonly #paths: readonly string[];
  readonly #rows: string[][] = [];
  readonly #precision: number;
  readonly #wanting: Wanting[] = [];
  /** Numbers with replications, and those of them that no number of replications makes as precise. */
  #estimated = 0;
  #hopeless = 0;
  /** Points and fabrics that are shown, and those that are not. */
  #shown = 0;
  #hidden = 0;

  constructor(options: BatchTableOptions) {
    this.#options = options;
    this.#measures = options.measures;
    this.#paths = options.paths;
    this.#precision = options.precision;
  }

  add(point: PointSummary): void {
    const { parameters, fabric, cells, estimates, replicationsNeeded } = point;
    for (const [index, estimate] of estimates.entries()) {
      if (estimate === null || estimate.halfWidth === null) continue;
      this.#estimated++;
      const needed = replicationsNeeded[index]!;
      if (needed === null) this.#hopeless++;
      else if (needed > estimate.count) {
        const place = [...this.#paths.map((path) => `${path}=${valueWords(parameters[path])}`), fabric].join(' ');
        this.#wanting.push({ needed, more: needed - estimate.count, what: `${this.#measures[index]!.name}, ${place}` });
      }
    }
    if (this.#shown === ROWS_MAX) {
      this.#hidden++;
      return;
    }
    this.#shown++;
    const values = this.#paths.map((path) => valueWords(parameters[path]));
    this.#rows.push([...values, fabric, String(cells), ...this.#words(estimates, estimateWords)]);
    this.#addDifferences(point);
    if (this.#options.hasPercentiles) this.#addPercentiles(point);
  }

  /** How a fabric differs from the one of reference, where there are replications of both. */
  #addDifferences({ differences }: PointSummary): void {
    const counts = (differences ?? []).flatMap((difference) => difference?.count ?? []);
    const count = Math.max(0, ...counts);
    if (differences === null || count < 2) return;
    const words = this.#words(differences, (difference, format) => estimatedDifference(difference, format) || NOTHING);
    this.#rows.push([...this.#paths.map(() => ''), `  to ${this.#options.reference}`, String(count), ...words]);
  }

  #addPercentiles({ percentiles, cells }: PointSummary): void {
    if (cells < 2) return;
    const rows = [
      ['  median', 'p50'],
      ['  p90', 'p90'],
    ] as const;
    for (const [name, key] of rows) {
      const ofMeasures = percentiles.map((ofMeasure: PercentileEstimates) => ofMeasure[key]);
      this.#rows.push([...this.#paths.map(() => ''), name, '', ...this.#words(ofMeasures, estimatedPercentile)]);
    }
  }

  /** Numbers in the order of the measures, in words of their units. */
  #words<T>(numbers: readonly T[], wordsOf: (number: T, format: (value: number) => string) => string): string[] {
    return numbers.map((number, index) => wordsOf(number, FORMATS_BY_UNIT[this.#measures[index]!.unit]));
  }

  /** How many more replications the wanted precision needs. */
  precisionWords(): string {
    const wanted = `±${Number((100 * this.#precision).toPrecision(4))} %`;
    if (this.#estimated === 0) return 'Without replications, how sure these numbers are is not known.';
    const hopeless =
      this.#hopeless === 0
        ? ''
        : ` ${this.#hopeless} of the numbers scatter so much that replications do not get there.`;
    if (this.#wanting.length === 0) {
      return this.#hopeless === 0
        ? `The replications are enough for ${wanted} of each mean.`
        : `For ${wanted} of each mean:${hopeless}`;
    }
    const most = this.#wanting.reduce((one, other) => (other.needed > one.needed ? other : one));
    return (
      `For ${wanted} of each mean: ${formatCount(most.needed)} replications, ${formatCount(most.more)} more (${most.what}); ` +
      `${this.#wanting.length} of ${this.#estimated} numbers need more than there are.${hopeless}`
    );
  }

  toString(): string {
    const head = [...this.#paths, 'fabric', 'runs', ...this.#measures.map(({ name }) => name)];
    const table = new Table({
      head,
      chars: {
        ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
        ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
        ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
      },
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
      colAligns: head.map((_, index) => (index === this.#paths.length ? 'left' : 'right')),
    });
    table.push(...this.#rows);
    const more = this.#hidden > 0 ? `\n… and ${this.#hidden} rows more` : '';
    return `${table.toString().replaceAll(/ +$/gm, '')}${more}`;
  }
}

function valueWords(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function estimateWords(estimate: Estimate | null, format: (value: number) => string): string {
  if (estimate === null) return NOTHING;
  const { mean, halfWidth } = estimate;
  return halfWidth === null || halfWidth === 0 ? format(mean) : `${format(mean)} ± ${format(halfWidth)}`;
}
