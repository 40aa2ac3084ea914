import type { DuckDBDataChunk } from '@duckdb/node-api';
import { metricsOf } from '../metrics/metric-paths.ts';
import type { FoundRun } from './find-runs.ts';
import { CHUNK_ROWS_MAX } from './table-scan.ts';

/** One pass over the numbers of all summaries: run by run, the index of the run, the path of the number and itself. */
export class SummaryScan {
  readonly #rows: Iterator<readonly [run: number, metric: string, value: number]>;

  constructor(runs: readonly FoundRun[]) {
    this.#rows = rowsOf(runs);
  }

  /** Fills a chunk with the rows that come next; without any, none are left. */
  fill(chunk: DuckDBDataChunk): void {
    const rows: (readonly [number, string, number])[] = [];
    while (rows.length < CHUNK_ROWS_MAX) {
      const next = this.#rows.next();
      if (next.done) break;
      rows.push(next.value);
    }
    chunk.rowCount = rows.length;
    if (rows.length === 0) return;
    for (let column = 0; column < 3; column++) {
      chunk.setColumnValues(
        column,
        rows.map((row) => row[column]!),
      );
    }
  }
}

function* rowsOf(runs: readonly FoundRun[]): Generator<readonly [number, string, number]> {
  for (const [index, { record }] of runs.entries()) {
    if (record === null) continue;
    for (const [metric, value] of metricsOf(record.summary)) yield [index, metric, value];
  }
}
