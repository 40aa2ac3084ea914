import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESULT_TABLES } from '../../src/metrics/tables.ts';
import { type FoundRun, findRuns } from '../../src/results/find-runs.ts';
import { loadDuckDb } from '../../src/results/load-duckdb.ts';
import type { Cell } from '../../src/results/parse-table.ts';
import { readTable } from '../../src/results/read-table.ts';
import { type QueryResult, ResultDatabase, SqlError } from '../../src/results/result-database.ts';
import { runFabric } from '../../src/scenario/run-scenario.ts';
import { scenarioOf } from '../support/scenario-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'dcfabric-database-'));
let runs: FoundRun[];
let database: ResultDatabase;

beforeAll(async () => {
  for (const serversPerLeaf of [1, 2]) {
    const scenario = scenarioOf({
      duration: '3s',
      topology: { leaves: 2, spines: 1, serversPerLeaf },
      hosts: { bootWindow: '1s' },
      migrations: {},
      failures: [],
      samples: { every: '500ms' },
      fabrics: ['vlan-no-stp', 'vxlan-flood-learn'],
    });
    const parameters = { 'topology.serversPerLeaf': serversPerLeaf, duration: '3s', 'two kinds': serversPerLeaf === 1 };
    for (const fabric of scenario.fabrics) {
      const origin = { command: null, parameters };
      runFabric(scenario, fabric, { outDir: join(folder, String(serversPerLeaf)), origin });
    }
  }
  runs = findRuns([folder]);
  database = await ResultDatabase.open(runs);
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

async function rowsOf({ batches }: QueryResult) {
  const rows = [];
  for await (const batch of batches) rows.push(...batch);
  return rows;
}

const ask = async (sql: string, of = database) => rowsOf(await of.query(sql));

describe('a database of results', () => {
  it.each(RESULT_TABLES.map(({ name, columns }) => ({ name, columns })))('has every row of $name', async (table) => {
    const names = table.columns.map(({ name }) => name);
    const expected = runs.flatMap((run): Cell[][] => {
      const read = readTable(run.tables.get(table.name)!);
      return read.rows().map((row) => names.map((name) => row[name] ?? null));
    });
    const rows = await ask(`select ${names.map((name) => `"${name}"`).join(', ')} from ${table.name}`);
    const sorted = (all: readonly unknown[]) => all.map((row) => JSON.stringify(row)).sort();
    expect(sorted(rows)).toEqual(sorted(expected));
  });

  it('gives each row its run and the parameters of its study', async () => {
    const rows = await ask(
      'select distinct run_id, scenario, fabric, seed, "topology.serversPerLeaf", duration, "two kinds" from switch_samples order by all',
    );
    const expected = runs.map(({ record }) => {
      const { id, scenario, fabric, seed, parameters } = record!;
      return [id, scenario.name, fabric.name, seed, ...Object.values(parameters)];
    });
    expect(rows).toEqual(expected.sort(([one], [other]) => (one! < other! ? -1 : 1)));
    expect(await ask('select folder, is_complete from runs')).toEqual(runs.map((run) => [run.folder, true]));
    expect(await ask("select count(*) from run where fabric = 'vlan-no-stp' and seed = 1")).toEqual([[2]]);
  });

  it('has the numbers of summaries by their path', async () => {
    const rows = await ask("select run_id, value from summary where metric = 'flooding.floodedBytes'");
    expect(rows).toEqual(runs.map(({ record }) => [record!.id, record!.summary.flooding.floodedBytes]));
    const tables = await ask(
      "select run_id, value from summary where metric = 'macTables.leaf.bridge.entriesMax' and fabric = 'vlan-no-stp'",
    );
    const trees = runs.filter(({ record }) => record!.fabric.name === 'vlan-no-stp');
    expect(tables).toEqual(
      trees.map(({ record }) => {
        const { macTables } = record!.summary;
        return [record!.id, macTables.find(({ tier, kind }) => tier === 'leaf' && kind === 'bridge')!.entriesMax];
      }),
    );
  });

  it('reads files that were cut off as far as they are complete, and runs without a table', async () => {
    const [cut, other] = runs as [FoundRun, FoundRun];
    const path = join(folder, 'cut.arrow');
    const original = cut.tables.get('link_samples')!;
    writeFileSync(path, readFileSync(original).subarray(0, -100));
    const tables = new Map([['link_samples', path]]);
    const partial = await ResultDatabase.open([{ folder, record: null, state: 'incomplete', tables }, other]);
    const [[rows]] = (await ask('select count(*) from link_samples where run_id is null', partial)) as [[number]];
    expect(rows).toBe(readTable(original).rowCount);
    expect(await ask('select count(*) from run', partial)).toEqual([[1]]);
    expect(await ask('select folder, is_complete from runs', partial)).toContainEqual([folder, false]);
    partial.close();
  });

  it('keeps numbers beyond 2^53 and gives lists as JSON has them', async () => {
    const result = await database.query(
      "select 9007199254740993::bigint a, [1, 2] b, 1.5 c, true d, date '2020-01-02' e, {'x': 1::bigint} f, null g",
    );
    expect(result.columns.map(({ type }) => type)).toEqual([
      'int64',
      'utf8',
      'float64',
      'bool',
      'utf8',
      'utf8',
      'int64',
    ]);
    expect(await rowsOf(result)).toEqual([[9007199254740993n, [1, 2], 1.5, true, '2020-01-02', { x: '1' }, null]]);
  });

  it('answers with the last of several statements', async () => {
    expect(await ask('create table t as select 7 as a; from t')).toEqual([[7]]);
  });

  it('cannot be made to write or read files, or to load anything', async () => {
    const path = join(folder, 'written.csv');
    for (const sql of [
      `copy (select 1) to '${path}'`,
      `export database '${path}'`,
      `attach '${path}'`,
      "from read_csv('/etc/hostname')",
      "from 'https://example.org/x.parquet'",
      'install httpfs',
      'load httpfs',
      'set enable_external_access = true',
      "set temp_directory = '/tmp'",
    ]) {
      await expect(ask(sql), sql).rejects.toThrow(SqlError);
    }
    expect(existsSync(path)).toBe(false);
  });

  it('says which tables and columns there are where SQL names others', async () => {
    const error = await ask('select nope from link_floods').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(SqlError);
    expect(error.named).toEqual(['link_floods']);
    expect(error.tables.get('link_floods')).toEqual([
      ...['run_id', 'scenario', 'fabric', 'seed', 'topology.serversPerLeaf', 'duration', 'two kinds'],
      ...['link', 'tier', 'direction', 'cause', 'frames', 'bytes'],
    ]);
    await expect(ask(' ')).rejects.toThrow('the SQL holds no statement');
  });

  it('says how to get DuckDB where it is missing', async () => {
    const missing = () => Promise.reject(new Error("Cannot find package '@duckdb/node-api' imported from x"));
    await expect(loadDuckDb(missing)).rejects.toThrow(
      /DuckDB cannot be loaded \(Cannot find package.*npm install @duckdb\/node-api/,
    );
  });
});
