import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../build/program.ts';
import { readBenchRun } from '../../src/benchmark/bench-file.ts';
import { BUILD_FILE, originOf } from '../../src/benchmark/program-origin.ts';
import { readVersion } from '../../src/scenario/version.ts';
import { builtProgram } from '../support/built-program.ts';
import { type Finished, runCli } from './run-cli.ts';
import { ScratchFolder, smallScenario } from './small-scenario.ts';

const scratch = new ScratchFolder();
afterAll(() => scratch.remove());
const scenario = join(scratch.path, 'small.yaml');
const fabric = ['--fabric', 'vlan-no-stp', '--processes', '1'];

/** Another project than dcfabric. */
const elsewhere = join(scratch.path, 'elsewhere');

function git(folder: string, ...words: readonly string[]): string {
  const author = ['-c', 'user.name=x', '-c', 'user.email=x@example.org'];
  return execFileSync('git', [...author, ...words], { cwd: folder, encoding: 'utf8' }).trim();
}

function makeRepository(folder: string): void {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '--quiet');
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'first');
}

/** Measures with a built program, called from a folder. */
function benchRun(main: string, cwd: string, output: string): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const words = [main, 'bench', 'run', scenario, ...fabric, '--output', output];
    const child = spawn(process.execPath, words, { cwd, timeout: 50_000 });
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => (said.stdout += chunk));
    child.stderr.on('data', (chunk) => (said.stderr += chunk));
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, ...said }));
  });
}

beforeAll(() => {
  writeFileSync(scenario, smallScenario('2s'));
  makeRepository(elsewhere);
});

describe('dcfabric bench run', () => {
  it('keeps what was measured with the commit and the version of the program, wherever it is called', async () => {
    const output = join(scratch.path, 'here', 'run.arrow');
    const { main } = await builtProgram();
    const { exitCode, stderr } = await benchRun(main, elsewhere, output);
    expect(exitCode).toBe(0);
    const { commit, isDirty, version, cases } = readBenchRun(output);
    expect({ commit, isDirty, version }).toEqual(await originOf(ROOT, readVersion()));
    expect(cases).toHaveLength(1);
    expect(stderr).toBe(
      'With 1 process of each case, two such runs can be compared by counters only: for times and memory it takes --processes 5.\n' +
        `kept as ${output}\n`,
    );
  });

  it('warns of a program that is not of the commit that its sources have checked out, and keeps that of the program', async () => {
    const { folder } = await builtProgram();
    const clone = join(scratch.path, 'clone');
    makeRepository(clone);
    for (const name of ['package.json', 'scenarios'])
      cpSync(join(folder, name), join(clone, name), { recursive: true });
    symlinkSync(join(folder, 'node_modules'), join(clone, 'node_modules'));
    cpSync(join(folder, 'dist'), join(clone, 'dist'), { recursive: true });
    git(clone, 'add', 'package.json');
    git(clone, 'commit', '--quiet', '--message', 'second');
    const built = { commit: git(clone, 'rev-parse', 'HEAD~1'), isDirty: false, version: '1.2.3' };
    writeFileSync(join(clone, 'dist', BUILD_FILE), JSON.stringify(built));
    const output = join(scratch.path, 'clone.arrow');
    const { exitCode, stderr } = await benchRun(join(clone, 'dist/cli/main.js'), clone, output);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      new RegExp(`^warning: this program was built of ${built.commit.slice(0, 9)}, and [0-9a-f]{9} .*npm run build`),
    );
    expect(readBenchRun(output)).toMatchObject(built);
  });

  it.each([
    ['a file in the way', () => join(scenario, 'x.arrow'), /small\.yaml: a file is where a folder is wanted/],
    [
      'a place where nothing can be made',
      () => '/proc/foo/x.arrow',
      /\/proc\/foo: no file or folder can be made there/,
    ],
    ['a folder', () => scratch.path, /--output .*: got a folder, expected a file/],
    ['nothing', () => '', /--output: got nothing, expected a file/],
  ])('refuses %s as --output before it measures', async (_, output, problem) => {
    const began = performance.now();
    const { exitCode, stdout, stderr } = await runCli([
      'bench',
      'run',
      scenario,
      '--processes',
      '999',
      '--output',
      output(),
    ]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(problem);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it('adds to the history', async () => {
    const history = join(scratch.path, 'history');
    expect(existsSync(history)).toBe(false);
    const { exitCode } = await runCli(['bench', 'run', scenario, ...fabric, '--history', history, '--json']);
    expect(exitCode).toBe(0);
    expect(readdirSync(history)).toHaveLength(1);
    expect(
      readFileSync(join(history, readdirSync(history)[0]!))
        .subarray(0, 6)
        .toString(),
    ).toBe('ARROW1');
  });
});
