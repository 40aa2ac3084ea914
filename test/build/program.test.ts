import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { keepCompiled } from '../../build/compiled.ts';
import { licenceNotices } from '../../build/notices.ts';
import { ROOT } from '../../build/program.ts';
import { compiledPath } from '../../src/cli/load-script.ts';
import { smallScenario } from '../cli/small-scenario.ts';
import { type BuiltProgram, builtProgram } from '../support/built-program.ts';

let folder: string;
let bundle: BuiltProgram['bundle'];
beforeAll(async () => {
  const program = await builtProgram();
  bundle = program.bundle;
  await keepCompiled(join(program.folder, 'dist'));
  folder = mkdtempSync(join(program.folder, 'test-'));
  writeFileSync(join(folder, 'small.yaml'), smallScenario('2s'));
  writeFileSync(join(folder, 'study.yaml'), 'scenario: small.yaml\nreplications: 3\n');
});

function dcfabric(args: readonly string[], env: Record<string, string> = {}) {
  const options = { cwd: folder, env: { ...process.env, ...env } };
  return promisify(execFile)(process.execPath, ['../dist/cli/main.js', ...args], options);
}

/** The files below `dist` that each thread of a command has loaded, its first thread first. V8 counts them for its coverage. */
async function filesLoadedBy(...args: string[]): Promise<string[][]> {
  const coverage = mkdtempSync(join(folder, 'coverage-'));
  await dcfabric(args, { NODE_V8_COVERAGE: coverage });
  // coverage-<process>-<time>-<thread>.json
  const threads = readdirSync(coverage).sort(
    (a, b) => Number(/\d+(?=\.json)/.exec(a)) - Number(/\d+(?=\.json)/.exec(b)),
  );
  return threads.map((file) => {
    const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as { result: { url: string }[] };
    return result
      .filter(({ url }) => url.startsWith('file:'))
      .map(({ url }) => relative(join(folder, '../dist'), fileURLToPath(url)));
  });
}

/** The sources in those files, and the files that are made of none. */
async function sourcesLoadedBy(...args: string[]): Promise<string[][]> {
  const threads = await filesLoadedBy(...args);
  return threads.map((files) => files.flatMap((file) => bundle.get(file) ?? [relative(ROOT, file)]));
}

function packagesOf(sources: readonly string[]): string[] {
  const names = sources.flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []);
  return [...new Set(names)].sort();
}

const packagesLoadedBy = async (...args: string[]) => (await sourcesLoadedBy(...args)).map(packagesOf);

const COMMAND_LINE = ['commander', 'picocolors'];
const SIMULATOR = ['apache-arrow', 'flatbuffers', 'seedrandom', 'tinyqueue', 'tslib'];

/** What of the fabrics a scenario is described by: their words and limits, and no device. */
const DESCRIBED_BY = [
  'src/device/multicast-protocol.ts',
  'src/device/port-violation.ts',
  'src/fabric/addressing.ts',
  'src/fabric/multicast-groups.ts',
  'src/fabric/switch-pairs.ts',
  'src/fabric/switch-tiers.ts',
];

describe.concurrent('the program as it is shipped', () => {
  it('loads no more than the words of the command line for help', async () => {
    expect(await packagesLoadedBy('--help')).toEqual([COMMAND_LINE]);
    expect(await packagesLoadedBy('run', '--help')).toEqual([COMMAND_LINE]);
    expect(await packagesLoadedBy('--version')).toEqual([COMMAND_LINE]);
  });

  it('loads what simulates into the thread that simulates, and nothing of the command line', async () => {
    const [main, simulator, ...others] = await packagesLoadedBy('run', 'small.yaml', '--no-out');
    expect(others).toEqual([]);
    expect(simulator).toEqual(SIMULATOR);
    expect(main).toEqual(expect.arrayContaining([...COMMAND_LINE, 'yaml', 'zod']));
    expect(main).not.toContain('apache-arrow');
  });

  it('loads no device to read a scenario and show results, nor what reads tables that were not written', async () => {
    const [main] = await sourcesLoadedBy('run', 'small.yaml', '--no-out');
    expect(main).toContain('src/cli/comparison-table.ts');
    expect(main!.filter((source) => /^src\/(device|fabric)\//.test(source)).sort()).toEqual(DESCRIBED_BY);
    expect(packagesOf(main!)).not.toContain('cli-table3');
    expect(packagesOf(main!)).not.toContain('@uwdata/flechette');
  });

  it.each([
    ['--help'],
    ['run', 'small.yaml', '--out', 'run'],
    ['batch', 'study.yaml', '--jobs', '2', '--out', 'taken'],
  ])('takes the code that V8 made of all its scripts when it was built: %s', async (...args) => {
    const loaded = (await filesLoadedBy(...args)).flat();
    const scripts = loaded.filter((file) => file.endsWith('.cjs') && file !== 'cli/load-script.cjs');
    expect(scripts.length).toBeGreaterThan(1);
    // what a batch finds there it does not simulate again
    rmSync(join(folder, args.at(-1)!), { recursive: true, force: true });
    // V8 itself says what it takes, in all threads: that many bytes
    const toldToSay = "require('v8').setFlagsFromString('--profile-deserialization')";
    writeFileSync(join(folder, 'say-what-is-taken.cjs'), toldToSay);
    const { stdout } = await dcfabric(args, { NODE_OPTIONS: '--require ./say-what-is-taken.cjs' });
    const taken = [...stdout.matchAll(/Deserializing from (\d+) bytes/g)].map(([, bytes]) => Number(bytes));
    const sizeOf = (file: string) => statSync(join(folder, '../dist', compiledPath(file))).size;
    const takes = (file: string) => taken.filter((bytes) => bytes === sizeOf(file)).length;
    // two threads of a pool load the same one
    const loads = (file: string) => scripts.filter((script) => script === file).length;
    expect(scripts.filter((file) => takes(file) < loads(file))).toEqual([]);
  });

  it('loads schemas without the languages that zod speaks', async () => {
    const [main] = await sourcesLoadedBy('validate', 'small.yaml');
    const ofZod = main!.filter((source) => source.includes('/zod/'));
    expect(ofZod.length).toBeGreaterThan(5);
    expect(ofZod.filter((source) => /\/locales\/(?!en\.)/.test(source))).toEqual([]);
  });

  it('simulates in a pool of threads, which load nothing else', async () => {
    const [, ...threads] = await packagesLoadedBy('batch', 'study.yaml', '--jobs', '2', '--out', 'batch');
    const ofPool = [...SIMULATOR, 'piscina'].sort();
    expect(threads).toEqual([ofPool, ofPool]);
    const files = readdirSync(join(folder, 'batch'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.endsWith('run.json'))).toHaveLength(6);
  });

  it('simulates under options of V8', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--max-old-space-size=500', '../dist/cli/main.js', 'run', 'small.yaml', '--no-out', '--json'],
      { cwd: folder },
    );
    expect(JSON.parse(stdout)).toHaveProperty('results');
  });

  it('names sources in the stack of an error', async () => {
    await expect(dcfabric(['run', 'none.yaml', '--debug'])).rejects.toThrow(/at .*src\/scenario\/read-scenario\.ts:\d/);
  });
});

describe('a bundle', () => {
  it('has its code two folders below the root, from where paths lead to what is beside it', () => {
    const elsewhere = [...bundle].filter(([file]) => !/^[^/]+\/[^/]+$/.test(file));
    expect(elsewhere).toEqual([]);
  });

  it('has scripts of ASCII alone, which are read as Latin-1', () => {
    const scripts = [...bundle.keys()].filter((file) => file.endsWith('.cjs'));
    expect(scripts.length).toBeGreaterThan(10);
    const read = (file: string) => readFileSync(join(folder, '../dist', file), 'latin1');
    expect(scripts.filter((file) => /[^\0-\x7f]/.test(read(file)))).toEqual([]);
  });

  it('has the licence of each package in it', () => {
    const [, ...notices] = licenceNotices([...bundle.values()].flat()).split(/^-{80}$/m);
    const texts = notices.map((notice) => notice.trim());
    const packages = packagesOf([...bundle.values()].flat());
    expect([...new Set(texts.map((text) => text.slice(0, text.indexOf(' '))))].sort()).toEqual(packages);
    for (const text of texts) expect(text).toMatch(/copyright|licen[cs]e/i);
  });
});
