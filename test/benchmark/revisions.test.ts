import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BenchError } from '../../src/benchmark/case-report.ts';
import { buildRevision, cloneRoot, isRevision, WORKING_TREE } from '../../src/benchmark/revisions.ts';

const folder = mkdtempSync(join(tmpdir(), 'dcfabric-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The least that looks like dcfabric to who builds it. */
const repository = join(folder, 'repository');
const builds = join(folder, 'builds');

function write(path: string, text: string): void {
  mkdirSync(dirname(join(repository, path)), { recursive: true });
  writeFileSync(join(repository, path), text);
}

function git(...args: readonly string[]): void {
  execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], { cwd: repository });
}

function commit(message: string): void {
  git('add', '--all');
  git('commit', '--quiet', '--message', message);
}

/** What a built program says. */
function said([program, ...args]: readonly string[]): string {
  return execFileSync(program!, args, { encoding: 'utf8' }).trim();
}

beforeAll(() => {
  write('.gitignore', 'node_modules\n');
  write('package.json', '{"name":"dcfabric","type":"module","version":"1.2.3"}');
  write('package-lock.json', '{}');
  write('scenarios/hardware/x.yaml', '');
  // syntax alone, which is quick
  const compilerOptions = {
    rootDir: '..',
    module: 'nodenext',
    target: 'es2022',
    types: [],
    lib: ['es5'],
    noCheck: true,
  };
  write('bench/tsconfig.json', JSON.stringify({ compilerOptions, include: ['../src', '.'] }));
  write('src/cli/main.ts', "console.log('the first version');");
  git('init', '--quiet');
  symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(repository, 'node_modules'));
  write('bench/figures.ts', '');
  commit('before benches of versions');
  write('bench/scenarios/x.yaml', '');
  write('bench/case-process.ts', "console.log('a case');");
  commit('first');
  write('src/cli/main.ts', "const words = 'does not compile");
  commit('second');
  write('src/cli/main.ts', "console.log('not committed');");
});

/** A script that makes bundles of nothing. */
const BUNDLE = `
import { mkdirSync, writeFileSync } from 'node:fs';
const [folder]: string[] = process.argv.slice(2);
for (const place of ['cli', 'bench']) mkdirSync(folder + '/dist/' + place, { recursive: true });
writeFileSync(folder + '/dist/cli/main.js', "console.log('a bundle')");
writeFileSync(folder + '/dist/bench/case-process.js', "console.log('a case of a bundle')");
`;

describe('a revision', () => {
  it('is named as git names it, or is the working tree', async () => {
    const names = ['HEAD', 'HEAD~1', WORKING_TREE, 'HEAD~3', 'nothing'];
    expect(await Promise.all(names.map((name) => isRevision(repository, name)))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('is built with its own sources and runs', async () => {
    const { label, command, suite } = await buildRevision(repository, 'HEAD~1', builds);
    expect([label, said(command), said(suite!)]).toEqual(['HEAD~1', 'the first version', 'a case']);
  });

  it('is built once', async () => {
    const { command } = await buildRevision(repository, 'HEAD~1', builds);
    writeFileSync(command.at(-1)!, "console.log('kept')");
    expect(said((await buildRevision(repository, 'HEAD~1', builds)).command)).toBe('kept');
  });

  it('of the working tree is the files as they are, each time', async () => {
    expect(said((await buildRevision(repository, WORKING_TREE, builds)).command)).toBe('not committed');
    write('src/cli/main.ts', "console.log('changed');");
    expect(said((await buildRevision(repository, WORKING_TREE, builds)).command)).toBe('changed');
  });

  it('is built as it says itself, if it does', async () => {
    write('build/benches.ts', BUNDLE);
    const { command, suite } = await buildRevision(repository, WORKING_TREE, builds);
    expect([said(command), said(suite!)]).toEqual(['a bundle', 'a case of a bundle']);
    rmSync(join(repository, 'build'), { recursive: true });
  });

  it('that is unknown or does not compile is refused', async () => {
    await expect(buildRevision(repository, 'nothing', builds)).rejects.toThrow(
      new BenchError(`nothing names no commit of ${repository} and is no file`),
    );
    await expect(buildRevision(repository, 'HEAD', builds)).rejects.toThrow(
      /^HEAD does not compile: .*main\.ts.*Unterminated string literal/,
    );
  });

  it('from before there were benches is refused, and nothing of it is left behind', async () => {
    const elsewhere = join(folder, 'elsewhere');
    await expect(buildRevision(repository, 'HEAD~2', elsewhere)).rejects.toThrow(
      new BenchError('HEAD~2 has no benches to build: it has no bench/case-process.ts'),
    );
    expect(existsSync(elsewhere)).toBe(false);
  });

  it('without benches is refused', async () => {
    rmSync(join(repository, 'bench'), { recursive: true });
    await expect(buildRevision(repository, WORKING_TREE, builds)).rejects.toThrow(
      'the working tree has no benches to build',
    );
  });
});

describe('the root of a clone', () => {
  const root = () => realpathSync(repository);

  it('is found from a folder below it', async () => {
    mkdirSync(join(repository, 'scenarios/deep'), { recursive: true });
    expect(await cloneRoot(join(repository, 'scenarios/deep'))).toBe(root());
    expect(await cloneRoot(repository)).toBe(root());
  });

  it('is in no folder outside, and in no repository of something else', async () => {
    await expect(cloneRoot(folder)).rejects.toThrow(
      new BenchError(`${folder}: expected a clone of dcfabric, to build revisions of`),
    );
    write('package.json', '{"name":"another"}');
    await expect(cloneRoot(repository)).rejects.toThrow(
      new BenchError(
        `${repository}: expected a clone of dcfabric, to build revisions of, got the repository ${root()}`,
      ),
    );
  });
});
