import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dcfabric-topologies-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('scenarios that are not written by hand', () => {
  it('init asks nobody where nobody is, writes what validate takes, and keeps what is there', async () => {
    const file = join(folder, 'first.yaml');
    const made = await runCli(['init', file, '--question', 'failure', '--leaves', '3']);
    expect(made).toMatchObject({ exitCode: 0, stdout: '' });
    expect(made.stderr).toContain(`dcfabric compare ${file}`);
    expect((await runCli(['validate', file])).stdout).toContain('3 leaves, 2 spines');
    const again = await runCli(['init', file, '--yes']);
    expect(again).toMatchObject({ exitCode: 2 });
    expect(again.stderr).toContain('is there already');
  });

  it('import and topology are each the other’s way back, and say what is lost on stderr', async () => {
    const lab = join(import.meta.dirname, '../exchange/labs/st.clab.yml');
    const file = join(folder, 'st.yaml');
    const imported = await runCli(['import', lab, '--out', file]);
    expect(imported).toMatchObject({ exitCode: 0, stdout: '' });
    expect(imported.stderr).toContain('note: nodes without a link are left out: gnmic, prometheus, grafana');
    const graph = await runCli(['topology', file, '--to', 'csv']);
    expect(graph.stdout.split('\n')[1]).toBe('spine1,leaf1,100Gbps,1us,,spine,leaf');
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('# Note: nodes without a link are left out: gnmic, prometheus, grafana');
  });

  it('a file that does not fit is named, whatever was to be written', async () => {
    const lab = join(import.meta.dirname, '../exchange/labs/st.clab.yml');
    const made = await runCli(['init', '/dev/full', '--yes', '--force']);
    const imported = await runCli(['import', lab, '--out', '/dev/full', '--force', '--quiet']);
    for (const { exitCode, stderr } of [made, imported]) {
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/^error: \/dev\/full: no space left/);
    }
  });

  it('a topology that cannot be taken over is one error', async () => {
    const missing = await runCli(['import', join(folder, 'none.dot')]);
    expect(missing).toMatchObject({ exitCode: 2, stdout: '' });
    expect(missing.stderr).toMatch(/^error: .*none\.dot: cannot be read: there is no such file \(ENOENT\)\n$/);
  });
});
