import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RESULT_TABLES } from '../../src/metrics/tables.ts';
import { findRuns } from '../../src/results/find-runs.ts';

const root = mkdtempSync(join(tmpdir(), 'dcfabric-find-runs-'));
afterAll(() => rmSync(root, { recursive: true }));

/** A folder below the root that has these files; they are empty, but for `run.json`. */
function folderWith(name: string, files: readonly string[], record: unknown = { format: 'dcfabric-run/1', id: name }) {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  for (const file of files) writeFileSync(join(folder, file), file === 'run.json' ? JSON.stringify(record) : '');
  return folder;
}

const tableFiles = RESULT_TABLES.map(({ name }) => `${name}.arrow`);

describe('result folders', () => {
  it('are found below a path, in order of their names, each once', () => {
    const second = folderWith('many/b/vxlan-seed1', [...tableFiles, 'run.json']);
    const first = folderWith('many/a/cells/1/vlan-seed1', [...tableFiles, 'run.json']);
    folderWith('many/node_modules/x', tableFiles);
    folderWith('many/.cache', tableFiles);
    const runs = findRuns([join(root, 'many'), second, join(second, 'run.json'), join(second, 'run.arrow')]);
    expect(runs.map(({ folder }) => folder)).toEqual([first, second]);
    expect(runs.map(({ record }) => record?.id)).toEqual(['many/a/cells/1/vlan-seed1', 'many/b/vxlan-seed1']);
  });

  it('come once, by whatever paths they are reached', () => {
    const folder = folderWith('reached/once', [...tableFiles, 'run.json']);
    symlinkSync(join(root, 'reached'), join(root, 'link'));
    const runs = findRuns([folder, relative('.', folder), join(root, 'link')]);
    expect(runs.map((run) => run.folder)).toEqual([folder]);
  });

  it('say whether they are whole', () => {
    folderWith('states/1-whole', [...tableFiles, 'run.json']);
    folderWith('states/2-killed', ['link_samples.arrow', 'switch_samples.arrow.partial']);
    folderWith('states/3-before-run-json', tableFiles);
    folderWith('states/4-of-fewer-tables', tableFiles.slice(1));
    folderWith('states/5-of-nothing', ['notes.txt', 'other.arrow']);
    const runs = findRuns([join(root, 'states')]);
    expect(runs.map(({ state }) => state)).toEqual(['whole', 'incomplete', 'unmarked', 'unmarked']);
    expect([...runs[1]!.tables]).toEqual([
      ['link_samples', join(root, 'states/2-killed/link_samples.arrow')],
      ['switch_samples', join(root, 'states/2-killed/switch_samples.arrow.partial')],
    ]);
    expect([...runs[0]!.tables.keys()].sort()).toEqual(RESULT_TABLES.map(({ name }) => name).sort());
  });

  it('are missed with a clear word', () => {
    const empty = folderWith('empty', []);
    const file = join(folderWith('files', ['a.txt']), 'a.txt');
    expect(() => findRuns([join(root, 'nowhere')])).toThrow(/nowhere: no such file or folder/);
    expect(() => findRuns([empty])).toThrow(/empty: no results there; expected a folder with run\.json/);
    expect(() => findRuns([file])).toThrow(/a\.txt: got a file, expected a folder of results/);
  });

  it('are refused where run.json is of something else', () => {
    const foreign = folderWith('foreign', ['run.json'], { format: 'dcfabric-run/2' });
    expect(() => findRuns([foreign])).toThrow(
      /foreign\/run\.json: got format "dcfabric-run\/2", expected "dcfabric-run\/1"/,
    );
    writeFileSync(join(foreign, 'run.json'), '{');
    expect(() => findRuns([foreign])).toThrow(/run\.json is no JSON/);
  });
});
