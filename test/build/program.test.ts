import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { licenceNotices } from '../../build/notices.ts';
import { ROOT } from '../../build/program.ts';
import { smallScenario } from '../cli/small-scenario.ts';
import { type BuiltProgram, builtProgram } from '../support/built-program.ts';

let folder: string;
let bundle: BuiltProgram['bundle'];
beforeAll(async () => {
  const program = await builtProgram();
  bundle = program.bundle;
  folder = mkdtempSync(join(program.folder, 'test-'));
  writeFileSync(join(folder, 'small.yaml'), smallScenario('2s'));
  writeFileSync(join(folder, 'study.yaml'), 'scenario: small.yaml\nreplications: 3\n');
});

function dcfabric(args: readonly string[], env: Record<string, string> = {}) {
  const options = { cwd: folder, env: { ...process.env, ...env } };
  return promisify(execFile)(process.execPath, ['../dist/cli/main.js', ...args], options);
}

/** The sources that each thread of a command has loaded, its first thread first. V8 counts them for its coverage. */
async function sourcesLoadedBy(...args: string[]): Promise<string[][]> {
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
      .flatMap(({ url }) => {
        const path = fileURLToPath(url);
        return bundle.get(relative(join(folder, '../dist'), path)) ?? [relative(ROOT, path)];
      });
  });
}

function packagesOf(sources: readonly string[]): string[] {
  const names = sources.flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []);
  return [...new Set(names)].sort();
}

const packagesLoadedBy = async (...args: string[]) => (await sourcesLoadedBy(...args)).map(packagesOf);

const COMMAND_LINE = ['commander', 'picocolors'];
const SIMULATOR = ['apache-arrow', 'flatbuffers', 'seedrandom', 'tinyqueue', 'tslib'];

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

  it('names sources in the stack of an error', async () => {
    await expect(dcfabric(['run', 'none.yaml', '--debug'])).rejects.toThrow(/at .*src\/scenario\/read-scenario\.ts:\d/);
  });
});

describe('a bundle', () => {
  it('has its code two folders below the root, from where paths lead to what is beside it', () => {
    const elsewhere = [...bundle].filter(([file]) => !/^[^/]+\/[^/]+$/.test(file));
    expect(elsewhere.flatMap(([, sources]) => sources)).toEqual(['src/index.ts']);
  });

  it('has the licence of each package in it', () => {
    const [, ...notices] = licenceNotices([...bundle.values()].flat()).split(/^-{80}$/m);
    const texts = notices.map((notice) => notice.trim());
    const packages = packagesOf([...bundle.values()].flat());
    expect([...new Set(texts.map((text) => text.slice(0, text.indexOf(' '))))].sort()).toEqual(packages);
    for (const text of texts) expect(text).toMatch(/copyright|licen[cs]e/i);
  });
});
