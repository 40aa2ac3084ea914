import { ResultsError } from './run-record.ts';

export type DuckDb = typeof import('@duckdb/node-api');

/** DuckDB, which is an optional package; throws a `ResultsError` that says how to get it where it is missing. */
export async function loadDuckDb(load: () => Promise<DuckDb> = () => import('@duckdb/node-api')): Promise<DuckDb> {
  try {
    return await load();
  } catch (error) {
    throw new ResultsError(
      `DuckDB cannot be loaded (${(error as Error).message.split('\n')[0]}). It is an optional package, built for this ` +
        'machine: `npm install @duckdb/node-api` adds it. `dcfabric export` and results/README.md do without it.',
    );
  }
}
