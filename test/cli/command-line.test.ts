import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readArrowFile } from '../../src/metrics/arrow-file.ts';
import { runCli } from './run-cli.ts';
import { ScratchFolder, smallScenario } from './small-scenario.ts';

const scratch = new ScratchFolder();
afterAll(() => scratch.remove());

const valid = scratch.write('valid.yaml', smallScenario('2s'));
const endless = scratch.write('endless.yaml', smallScenario('20d'));
const invalid = scratch.write('invalid.yaml', smallScenario('2s').replace('leaves: 2', 'leaves: 0'));

describe.concurrent('command line', () => {
  it('prints help when it is told nothing', async () => {
    const { exitCode, stdout } = await runCli([]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Usage: dcfabric .*\n/);
  });

  it('explains a command with examples', async () => {
    const { exitCode, stdout } = await runCli(['help', 'compare']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Examples:\n {2}\$ dcfabric compare /);
  });

  it('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await runCli(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('suggests the command that was meant', async () => {
    const { exitCode, stdout, stderr } = await runCli(['comprae', valid]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('Did you mean compare?');
  });

  it('suggests the option that was meant', async () => {
    const { exitCode, stderr } = await runCli(['compare', valid, '--jsn']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Did you mean --json?');
  });

  it('names the fabrics there are when asked for another', async () => {
    const { exitCode, stderr } = await runCli(['run', valid, '--fabric', 'vxlan']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("no fabric is called 'vxlan', expected one of vlan-no-stp, vxlan-flood-learn");
  });

  it('says where a scenario is wrong, without a stack', async () => {
    const { exitCode, stdout, stderr } = await runCli(['run', invalid]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(`${invalid}:3:20: topology.leaves: got 0, expected at least 1`);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('says that a folder cannot be written to before it simulates', async () => {
    const { exitCode, stdout, stderr } = await runCli(['run', endless, '--out', join(valid, 'results')]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('ENOTDIR');
  });

  it.runIf(process.platform === 'linux')('gives up on a place where nothing can be made', async () => {
    const { exitCode, stdout, stderr } = await runCli(['run', valid, '--out', '/proc/results']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('/proc/results: no file or folder can be made there (ENOENT)');
  });

  it('stops between samples when hardly anything happens', async () => {
    const quiet = ['--set', 'traffic.flowsPerVmPerSecond=0', '--set', 'samples.every=20ms'];
    let isInterrupted = false;
    const { exitCode, stdout } = await runCli(['run', endless, '--no-out', ...quiet], {
      whileRunning: (child, stderr) => {
        if (isInterrupted || !stderr.includes('simulating')) return;
        isInterrupted = true;
        child.kill('SIGINT');
      },
    });
    expect(exitCode).toBe(130);
    expect(stdout).toContain('Interrupted: the numbers are those of the time that was simulated.');
  });

  it('validates scenarios and reports all that are wrong', async () => {
    const { exitCode, stdout, stderr } = await runCli(['validate', invalid, valid, '--set', 'tenants.0.count=3']);
    expect(exitCode).toBe(2);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe(
      `${valid}: valid, 2s of 2 leaves, 1 spine, 4 servers, 12 VMs in 3 segments, oversubscription 0.5:1 at the leaves, on vlan-no-stp, vxlan-flood-learn`,
    );
    expect(lines[1]).toMatch(/^ {2}vlan-no-stp: roughly [\d,]+ events, [\d,]+ frame-hops and \d+MB$/);
    expect(stderr).toContain('topology.leaves');
  });

  it('reads a scenario from stdin', async () => {
    const whileStarted = ({ stdin }: ChildProcess) => stdin!.end(smallScenario('2s'));
    const out = join(scratch.path, 'piped');
    const { exitCode, stdout } = await runCli(['run', '-', '--set', "title=''", '--out', out], { whileStarted });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^stdin \(seed 1\)$/m);
    expect(readdirSync(join(out, 'stdin'))).toEqual(['vlan-no-stp-seed1']);
  });

  it('prints a JSON Schema', async () => {
    const { exitCode, stdout } = await runCli(['schema']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ $schema: expect.stringContaining('json-schema.org'), type: 'object' });
  });

  it('compares the fabrics of a scenario and names the folders of the results', async () => {
    const out = join(scratch.path, 'compared');
    const { exitCode, stdout, stderr } = await runCli(['compare', valid, '--out', out]);
    expect(stderr).toContain('vlan-no-stp: 2s simulated in');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ +vlan-no-stp +vxlan-flood-learn$/m);
    const groups = ['MAC tables', 'Flooding', 'Migration', 'Fabric', 'Run'];
    expect(stdout.split('\n').filter((line) => groups.includes(line))).toEqual(groups);
    const folders = stderr.split('\n').flatMap((line) => /^ {2}(\S+)$/.exec(line)?.[1] ?? []);
    expect(folders).toHaveLength(2);
    for (const folder of folders) expect(readdirSync(folder)).toContain('run.arrow');
  });

  it('writes down the command that repeats a run', async () => {
    const out = join(scratch.path, 'repeated');
    const changes = ['--set', 'traffic.flowsPerVmPerSecond=4', '--set', 'replications=2'];
    await runCli(['compare', valid, '--out', join(out, 'once'), ...changes]);
    const [last] = readdirSync(join(out, 'once/valid')).filter((name) => !name.endsWith('seed1'));
    const once = JSON.parse(readFileSync(join(out, 'once/valid', last, 'run.json'), 'utf8'));
    await runCli([...once.command, '--out', join(out, 'again')]);
    expect(JSON.parse(readFileSync(join(out, 'again/valid', last, 'run.json'), 'utf8'))).toMatchObject({
      id: once.id,
      fingerprint: once.fingerprint,
    });
  });

  it('prints results as JSON, in the order in which the fabrics were named', async () => {
    const fabrics = ['vxlan-flood-learn', 'vlan-no-stp'];
    const args = ['compare', valid, '--fabric', ...fabrics, '--seed', '7', '--no-out', '--json', '-q'];
    const { exitCode, stdout, stderr } = await runCli(args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      scenario: { seed: 7 },
      isInterrupted: false,
      results: fabrics.map((fabric) => ({ fabric, seed: 7, isComplete: true, folder: null, summary: {} })),
    });
  });

  it('says what it leaves out as warm-up, and what would not leave anything', async () => {
    const compare = (warmUp: string) => runCli(['compare', valid, '--no-out', '-q', '--set', `warmup=${warmUp}`]);
    const [{ stdout }, wrong] = await Promise.all([compare('1.5s'), compare('2s')]);
    expect(stdout).toMatch(/^Two racks \(seed 1, after a warm-up of 1\.5s\)$/m);
    expect(stdout).toMatch(/^ +of it left out as warm-up +1\.5s +1\.5s$/m);
    expect(stdout).toContain('All numbers are those after a warm-up of 1.5s');
    // all four booted and were learned at the beginning
    expect(stdout).toMatch(/^ +VMs arrived +4 +4$/m);
    expect(stdout).not.toMatch(/^ +learned /m);
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain('warmup: got 2s, which leaves nothing of the run of 2s to count');
  });

  it('colours only what it is asked to', async () => {
    const plain = await runCli(['validate', valid], { env: { NO_COLOR: '1' } });
    expect(plain.stdout).not.toContain('\u001b');
    const forced = await runCli(['validate', valid, '--color', 'always'], { env: { NO_COLOR: '1' } });
    expect(forced.stdout).toContain('\u001b[32mvalid');
  });

  it('finishes its files when it is interrupted, and marks them incomplete', async () => {
    const out = join(scratch.path, 'interrupted');
    let isInterrupted = false;
    const { exitCode, stdout } = await runCli(['compare', endless, '--out', out], {
      whileRunning: (child, stderr) => {
        if (isInterrupted || !stderr.includes('vlan-no-stp: simulating 20d')) return;
        isInterrupted = true;
        child.kill('SIGINT');
      },
    });
    expect(exitCode).toBe(130);
    expect(stdout).toContain('Interrupted: the numbers are those of the time that was simulated.');
    const files = readdirSync(out, { recursive: true, encoding: 'utf8' });
    const tables = files.filter((name) => name.endsWith('.arrow'));
    expect(tables.length).toBeGreaterThan(0);
    expect(files.filter((name) => name.endsWith('.partial'))).toEqual([]);
    for (const table of tables)
      expect(readArrowFile(join(out, table)).metadata).toMatchObject({ is_complete: 'false' });
    const [run] = files.filter((name) => name.endsWith('run.json'));
    expect(JSON.parse(readFileSync(join(out, run), 'utf8'))).toMatchObject({
      isComplete: false,
      durationNs: 20 * 86_400e9,
    });
  });

  it('ends at once when it is interrupted twice', async () => {
    let signals = 0;
    const { exitCode, stdout } = await runCli(['run', endless, '--no-out'], {
      whileRunning: (child, stderr) => {
        const wanted = stderr.includes('Interrupted') ? 2 : stderr.includes('simulating') ? 1 : 0;
        if (signals < wanted) child.kill('SIGINT');
        signals = Math.max(signals, wanted);
      },
    });
    expect(exitCode).toBe(130);
    // the second signal may come when the first has done its work
    if (stdout !== '') expect(stdout).toContain('Interrupted');
  });
});
