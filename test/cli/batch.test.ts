import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { filesBelow } from '../study/files-below.ts';
import { StudyFolder } from '../study/study-file.ts';
import { builtProgram } from '../support/built-program.ts';
import { runCli } from './run-cli.ts';
import { filesIn, interruptInCell, killInCell } from './signal-in-cell.ts';

const folder = new StudyFolder();
afterAll(() => folder.remove());

const HAS_PARALLEL = spawnSync('parallel', ['--version']).status === 0;

/** Runs the command line in two shards at a time by GNU parallel, as docs/batches.md says; or else one after the other. */
async function inShards(args: readonly string[]): Promise<void> {
  if (!HAS_PARALLEL) {
    for (const shard of ['1/2', '2/2']) await runCli([...args, '--shard', shard]);
    return;
  }
  const { main } = await builtProgram();
  const command = [process.execPath, main, ...args, '--shard', '{}/2'];
  await promisify(execFile)('parallel', ['--will-cite', '--jobs', '2', ...command, ':::', '1', '2']);
}

describe('dcfabric batch', () => {
  it('goes on after kill -9 at any instant, and ends with the bytes of two shards by GNU parallel', async () => {
    const file = folder.study('killed', 'replications: 3', 'axes: {traffic.flowsPerVmPerSecond: [5, 6]}');
    const args = ['batch', file, '--jobs', '1', '--no-progress', '--json'];
    const place = (out: string) => join(folder.path, out, 'killed');
    await inShards([...args, '--out', join(folder.path, 'whole')]);
    // in the middle of a cell, when some are there
    const killed = await runCli([...args, '--out', join(folder.path, 'again')], {
      whileStarted: killInCell(place('again')),
    });
    expect(killed.exitCode).toBeNull();
    const there = filesIn(join(place('again'), 'cells')).length;
    expect(there).toBeLessThan(12);
    // in another order: what was under way comes last, and two at a time
    const rest = await runCli([...args, '--jobs', '2', '--out', join(folder.path, 'again')]);
    expect(JSON.parse(rest.stdout)).toMatchObject({ cells: 12, done: 12 - there, skipped: there });
    expect(filesBelow(place('again'))).toEqual(filesBelow(place('whole')));
  });

  it('says what another process did that was at the same meanwhile', async () => {
    const file = folder.study('both', 'replications: 12', 'axes: {traffic.flowsPerVmPerSecond: [5, 6]}');
    const out = join(folder.path, 'both');
    const args = ['batch', file, '--jobs', '1', '--no-progress', '--out', out];
    const [{ stdout }, { stderr }] = await Promise.all([runCli([...args, '--json']), runCli(args)]);
    const { cells, skipped, done, byOthers, left } = JSON.parse(stdout);
    expect({ cells, left, told: skipped + done + byOthers }).toEqual({ cells: 48, left: 0, told: 48 });
    expect(stderr).toMatch(/^48 runs: \d+ simulated(, \d+ there before)?(, \d+ by others)?\. /m);
  });

  it('stops at Ctrl-C, leaves whole cells only, and says how to go on', async () => {
    const file = folder.study('endless', 'set: {duration: 20d}');
    const out = join(folder.path, 'interrupted');
    const { exitCode, stderr } = await runCli(['batch', file, '--out', out, '--jobs', '1'], {
      whileStarted: interruptInCell(join(out, 'endless')),
    });
    expect(exitCode).toBe(130);
    expect(stderr).toContain('The same command goes on where this one stopped.');
    expect(filesIn(join(out, 'endless/cells'))).toEqual([]);
    expect(filesIn(join(out, 'endless/.work'))).toEqual([]);
  });

  it('ends with 2 for a measure that no run has, and keeps the runs', async () => {
    const file = folder.study('misspelt', 'fabrics: [vlan-no-stp]', 'measures: [flows.startd]');
    const args = ['batch', file, '--out', join(folder.path, 'misspelt')];
    const { exitCode, stderr } = await runCli(args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      "misspelt.yaml: measures: no run has the number 'flows.startd'; did you mean 'flows.started'?",
    );
    folder.study('misspelt', 'fabrics: [vlan-no-stp]', 'measures: [flows.started]');
    const mended = await runCli([...args, '--json']);
    expect([mended.exitCode, JSON.parse(mended.stdout).skipped]).toEqual([0, 1]);
  });

  it('prints the plan of a shard as JSON Lines', async () => {
    const file = folder.study('planned', 'axes: {topology.leaves: [2, 3]}');
    const { exitCode, stdout } = await runCli(['batch', file, '--dry-run'], {
      env: { SLURM_ARRAY_TASK_ID: '4', SLURM_ARRAY_TASK_MIN: '4', SLURM_ARRAY_TASK_COUNT: '2' },
    });
    expect(exitCode).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(lines.map(({ parameters, fabric, seed }) => [parameters, fabric, seed])).toEqual([
      [{ 'topology.leaves': 2 }, 'vlan-no-stp', 1],
      [{ 'topology.leaves': 3 }, 'vlan-no-stp', 1],
    ]);
    expect(lines[0]).toMatchObject({ id: expect.stringMatching(/^[\da-f]{16}$/), version });
    expect(existsSync('results/planned')).toBe(false);
  });
});
