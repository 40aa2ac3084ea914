import type { RunLabels } from './run-labels.ts';

/** A column that says something of a whole run. */
export interface RunColumn {
  readonly name: string;
  readonly type: 'utf8' | 'int64' | 'float64' | 'bool';
  /** Run by run. */
  readonly values: readonly (string | number | boolean | null)[];
}

/** What every row is given of its run: `run_id`, `scenario`, `fabric` and `seed`, and a column for each parameter. */
export function runColumns(runs: readonly RunLabels[]): RunColumn[] {
  const paths = [...new Set(runs.flatMap(({ parameters }) => Object.keys(parameters)))];
  return [
    { name: 'run_id', type: 'utf8', values: runs.map(({ runId }) => runId) },
    { name: 'scenario', type: 'utf8', values: runs.map(({ scenario }) => scenario) },
    { name: 'fabric', type: 'utf8', values: runs.map(({ fabric }) => fabric) },
    { name: 'seed', type: 'int64', values: runs.map(({ seed }) => (Number.isNaN(seed) ? null : seed)) },
    ...paths
      .filter((path) => path !== 'seed')
      .map((path) =>
        parameterColumn(
          path,
          runs.map(({ parameters }) => parameters[path] ?? null),
        ),
      ),
  ];
}

/** Numbers where all values are numbers, truth values where all are, and text otherwise: what is no text as JSON. */
function parameterColumn(name: string, values: readonly unknown[]): RunColumn {
  const known = values.filter((value) => value !== null);
  const areAll = (type: string) => known.length > 0 && known.every((value) => typeof value === type);
  if (areAll('boolean')) return { name, type: 'bool', values: values as (boolean | null)[] };
  if (areAll('number')) {
    const type = known.every(Number.isSafeInteger) ? 'int64' : 'float64';
    return { name, type, values: values as (number | null)[] };
  }
  const text = values.map((value) => (typeof value === 'string' || value === null ? value : JSON.stringify(value)));
  return { name, type: 'utf8', values: text };
}
