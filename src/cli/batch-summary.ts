import Table from 'cli-table3';
import { measuredCount, measuredDuration, measuredRatio, measuredSize, NOTHING } from '../comparison/format.ts';
import type { Estimate } from '../metrics/estimate.ts';
import type { Study } from '../study/study.ts';
import { type Measure, measuresOf, type PointSummary } from '../study/study-summary.ts';
import { formatCount } from '../units.ts';

/** Points that are shown; the rest is counted. */
const ROWS_MAX = 100;

const FORMATS: Readonly<Record<Measure['unit'], (value: number) => string>> = {
  count: measuredCount,
  ns: measuredDuration,
  bytes: measuredSize,
  ratio: measuredRatio,
};

/** A number that is not as precise as is wanted. */
interface Wanting {
  /** Replications in all, and beyond those that there are. */
  readonly needed: number;
  readonly more: number;
  readonly what: string;
}

/** Means of each point and fabric, with confidence intervals where there are replications. */
export class BatchTable {
  readonly #measures: readonly Measure[];
  readonly #paths: readonly string[];
  readonly #rows: string[][] = [];
  readonly #precision: number;
  readonly #wanting: Wanting[] = [];
  /** Numbers with replications, and those of them that no number of replications makes as precise. */
  #estimated = 0;
  #hopeless = 0;
  #hidden = 0;

  constructor(study: Study, precision: number) {
    this.#measures = measuresOf(study);
    this.#paths = study.paths;
    this.#precision = precision;
  }

  add({ parameters, fabric, cells, estimates, replicationsNeeded }: PointSummary): void {
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
    if (this.#rows.length === ROWS_MAX) {
      this.#hidden++;
      return;
    }
    const values = this.#paths.map((path) => valueWords(parameters[path]));
    const numbers = estimates.map((estimate, index) => estimateWords(estimate, FORMATS[this.#measures[index]!.unit]));
    this.#rows.push([...values, fabric, String(cells), ...numbers]);
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
