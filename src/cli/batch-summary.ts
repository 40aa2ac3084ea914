import Table from 'cli-table3';
import { measuredCount, measuredDuration, measuredRatio, measuredSize, NOTHING } from '../comparison/format.ts';
import type { Estimate } from '../metrics/estimate.ts';
import type { Study } from '../study/study.ts';
import { type Measure, measuresOf, type PointSummary } from '../study/study-summary.ts';

/** Points that are shown; the rest is counted. */
const ROWS_MAX = 100;

const FORMATS: Readonly<Record<Measure['unit'], (value: number) => string>> = {
  count: measuredCount,
  ns: measuredDuration,
  bytes: measuredSize,
  ratio: measuredRatio,
};

/** Means of each point and fabric, with confidence intervals where there are replications. */
export class BatchTable {
  readonly #measures: readonly Measure[];
  readonly #paths: readonly string[];
  readonly #rows: string[][] = [];
  #hidden = 0;

  constructor(study: Study) {
    this.#measures = measuresOf(study);
    this.#paths = study.paths;
  }

  add({ parameters, fabric, cells, estimates }: PointSummary): void {
    if (this.#rows.length === ROWS_MAX) {
      this.#hidden++;
      return;
    }
    const values = this.#paths.map((path) => valueWords(parameters[path]));
    const numbers = estimates.map((estimate, index) => estimateWords(estimate, FORMATS[this.#measures[index]!.unit]));
    this.#rows.push([...values, fabric, String(cells), ...numbers]);
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
