import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import pl from 'nodejs-polars';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportResults } from '../../src/cli/export.ts';
import { query } from '../../src/cli/query.ts';
import { findRuns } from '../../src/results/find-runs.ts';
import { parseTable } from '../../src/results/parse-table.ts';
import { readTable } from '../../src/results/read-table.ts';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { scenarioOf } from '../support/scenario-of.ts';
import { runCli } from './run-cli.ts';
import { ScratchFolder } from './small-scenario.ts';

const scratch = new ScratchFolder();
const results = join(scratch.path, 'results');
let tree: string;

const QUIET = { quiet: true, color: 'never', debug: false } as const;

beforeAll(() => {
  const scenario = scenarioOf({
    duration: '3s',
    topology: { leaves: 2, spines: 1, serversPerLeaf: 2 },
    hosts: { bootWindow: '1s' },
    ...{ migrations: {}, failures: [], samples: { every: '500ms' } },
    fabrics: ['vlan-no-stp', 'vxlan-flood-learn'],
  });
  tree = compareFabrics(scenario, { outDir: results })[0]!.folder!;
});
afterAll(() => scratch.remove());

describe.concurrent('query', () => {
  it('answers in a table, and in files by their suffix', async () => {
    const sql = 'select fabric, count(*)::int as samples from link_samples group by fabric order by fabric';
    const output = join(scratch.path, 'samples.arrow');
    const shown = await runCli(['query', sql, results]);
    await query(sql, [results], { ...QUIET, output });
    const counts = findRuns([results]).map((run) => readTable(run.tables.get('link_samples')!).rowCount);
    expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
    expect(shown.stdout.split('\n').slice(2, 4)).toEqual([
      `vlan-no-stp        ${String(counts[0]).padStart(7)}`,
      `vxlan-flood-learn  ${String(counts[1]).padStart(7)}`,
    ]);
    const rows = [
      { fabric: 'vlan-no-stp', samples: counts[0] },
      { fabric: 'vxlan-flood-learn', samples: counts[1] },
    ];
    expect(readTable(output).rows()).toEqual(rows);
    expect(pl.readIPC(readFileSync(output)).toRecords()).toEqual(rows);
  });

  it('says what was meant, and what there is', async () => {
    const { exitCode, stdout, stderr } = await runCli(['query', 'select fabrik from link_flood', results]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^error: Catalog Error: .*link_flood does not exist; did you mean 'link_floods'\?$/m);
    expect(stderr).toMatch(/^ {2}tables: runs, .*link_floods/m);
  });

  it('leaves the file that was there as it is, unless all of the new one is written', async () => {
    const output = scratch.write('kept.parquet', 'ten years of work');
    const other = join(scratch.path, 'other-name.parquet');
    symlinkSync(output, other);
    const sql = 'select 170141183460469231731687303715884105727::hugeint as too_large';
    await expect(query(sql, [results], { ...QUIET, output })).rejects.toThrow();
    expect(readFileSync(output, 'utf8')).toBe('ten years of work');
    await query('select 7 as seven', [results], { ...QUIET, output: other });
    expect(readFileSync(output).subarray(0, 4).toString()).toBe('PAR1');
    expect(lstatSync(other).isSymbolicLink()).toBe(true);
    // other tests have their files here meanwhile
    const left = readdirSync(scratch.path).filter((name) => /^(kept|other-name)\.parquet./.test(name));
    expect(left).toEqual([]);
  });

  it('writes to devices too, and names the one that is full', async () => {
    const said = await runCli(['query', 'select 7 as seven', results, '--output', '/dev/full', '--format', 'csv']);
    expect(said).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^error: \/dev\/full: no space left/) });
  });

  it('leaves out runs that are incomplete, unless they are asked for', async () => {
    const some = join(scratch.path, 'some');
    mkdirSync(join(some, 'two-racks'), { recursive: true });
    for (const { folder, tables } of findRuns([results])) {
      const copy = join(some, 'two-racks', folder.split('/').at(-1)!);
      mkdirSync(copy);
      for (const path of tables.values()) writeFileSync(path.replace(folder, copy), readFileSync(path));
      writeFileSync(join(copy, 'run.json'), readFileSync(join(folder, 'run.json')));
    }
    const killed = join(some, 'two-racks', tree.split('/').at(-1)!);
    rmSync(join(killed, 'run.json'));
    renameSync(join(killed, 'run.arrow'), join(killed, 'run.arrow.partial'));
    const sql = 'select fabric, is_complete from runs order by 1';
    const asked = async (name: string, options: object) => {
      const output = join(scratch.path, name);
      await query(sql, [some], { ...QUIET, ...options, output });
      return readFileSync(output, 'utf8');
    };
    expect(await asked('without.csv', {})).toBe('fabric,is_complete\nvxlan-flood-learn,true\n');
    expect(await asked('with.jsonl', { incomplete: true })).toBe(
      '{"fabric":"vlan-no-stp","is_complete":false}\n{"fabric":"vxlan-flood-learn","is_complete":true}\n',
    );
    expect(await asked('with.json', { incomplete: true })).toBe(
      '[\n  {"fabric":"vlan-no-stp","is_complete":false},\n  {"fabric":"vxlan-flood-learn","is_complete":true}\n]\n',
    );
    await expect(query(sql, [killed], QUIET)).rejects.toThrow(
      /every run there is incomplete.*--incomplete takes them in/,
    );
  });
});

describe.concurrent('export', () => {
  it('writes each table of each run, with the same rows', async () => {
    const out = join(scratch.path, 'exported');
    await exportResults([results], { ...QUIET, to: 'parquet', out });
    const runs = findRuns([results]);
    for (const { folder, tables } of runs) {
      const exported = join(out, folder.split('/').at(-1)!);
      expect(readdirSync(exported)).toHaveLength(tables.size + 1);
      for (const [name, path] of tables) {
        const read = pl.readParquet(readFileSync(join(exported, `${name}.parquet`)));
        const original = readTable(path);
        expect(read.columns).toEqual(original.columns.map((column) => column.name));
        expect(read.height).toBe(original.rowCount);
        if (name !== 'link_samples') continue;
        const times = original.column('time_ns').values as Float64Array;
        expect(read.getColumn('time_ns').toArray().map(Number)).toEqual([...times]);
        expect(read.getColumn('link').toArray().map(String)).toEqual(original.column('link').values);
      }
    }
  });

  it('does not write into results', async () => {
    const into = exportResults([results], { ...QUIET, to: 'csv', out: join(tree, '..') });
    await expect(into).rejects.toThrow(/--out .*: results lie in .*; expected a folder of its own, outside of results/);
    expect(existsSync(join(tree, 'run.csv'))).toBe(false);
    const beside = exportResults([results], { ...QUIET, to: 'csv', out: results });
    await expect(beside).rejects.toThrow(`results lie in ${results};`);
    const study = join(scratch.path, 'study');
    mkdirSync(study);
    writeFileSync(join(study, 'study.json'), '{}');
    const below = exportResults([results], { ...QUIET, to: 'csv', out: join(study, 'cells/csv') });
    await expect(below).rejects.toThrow(`results lie in ${study};`);
    expect(readdirSync(study)).toEqual(['study.json']);
  });

  it('writes an empty file of lines for a table without rows', async () => {
    const out = join(scratch.path, 'lines');
    await exportResults([tree], { ...QUIET, to: 'jsonl', out, table: ['migrations', 'link_samples'] });
    const lines = (table: string) => readFileSync(join(out, 'vlan-no-stp-seed1', `${table}.jsonl`), 'utf8');
    expect(readTable(join(tree, 'migrations.arrow')).rowCount).toBe(0);
    expect(lines('migrations')).toBe('');
    const { rowCount } = readTable(join(tree, 'link_samples.arrow'));
    expect(lines('link_samples').split('\n')).toHaveLength(rowCount + 1);
  });
});

describe.concurrent('inspect', () => {
  it('shows columns with their range, and the first rows, of a file that was cut off too', async () => {
    const cut = join(scratch.path, 'link_floods.arrow.partial');
    const whole = join(tree, 'link_floods.arrow');
    writeFileSync(cut, readFileSync(whole).subarray(0, -200));
    const { exitCode, stdout } = await runCli(['inspect', cut, '--rows', '1']);
    const table = parseTable(readFileSync(whole), whole);
    const bytes = [...(table.column('bytes').values as Float64Array)];
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`link_floods.arrow.partial: ${table.rowCount} rows, 6 columns`);
    expect(stdout).toContain('This file was cut off');
    expect(stdout).toMatch(
      new RegExp(`^bytes +int64 +bytes +0 +– +${Math.min(...bytes)} +${Math.max(...bytes)}$`, 'm'),
    );
    expect(stdout).toMatch(new RegExp(`^link +${table.rows(0, 1)[0]!.link}$`, 'm'));
  });

  it('names a file that is not there, and a folder', async () => {
    const none = join(scratch.path, 'none.arrow');
    const missing = await runCli(['inspect', none]);
    expect(missing).toMatchObject({ exitCode: 2, stdout: '', stderr: `error: ${none}: there is no such file\n` });
    const folder = await runCli(['inspect', tree]);
    const stderr = `error: ${tree}: got a folder, expected .arrow files, such as those in it\n`;
    expect(folder).toMatchObject({ exitCode: 2, stdout: '', stderr });
  });
});
