import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { BenchProgram } from './bench-program.ts';
import { BenchError } from './case-report.ts';

const run = promisify(execFile);

/** What stands for the files as they are now, committed or not. */
export const WORKING_TREE = 'worktree';

/** The top folder of the clone of dcfabric that a folder is in; throws a BenchError where it is in none. */
export async function cloneRoot(folder: string): Promise<string> {
  const root = await topFolder(folder);
  if (root === null) throw new BenchError(`${folder}: expected a clone of dcfabric, to build revisions of`);
  const manifest = join(root, 'package.json');
  const { name } = existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }) : {};
  if (name !== 'dcfabric')
    throw new BenchError(`${folder}: expected a clone of dcfabric, to build revisions of, got the repository ${root}`);
  return root;
}

async function topFolder(folder: string): Promise<string | null> {
  try {
    return (await run('git', ['rev-parse', '--show-toplevel'], { cwd: folder })).stdout.trim();
  } catch {
    return null;
  }
}

/** Whether a text names a commit of a repository. */
export async function isRevision(repository: string, revision: string): Promise<boolean> {
  return revision === WORKING_TREE || (await resolveRevision(repository, revision)) !== null;
}

/**
 * Builds a revision of dcfabric, sources and benches, in a folder of its own below `folder`, and keeps it there for the
 * next time. `repository` is the top folder of a clone. Its packages are those that are installed, if its lock file asks for the same, else it gets its own. Throws
 * a BenchError when the revision is unknown or does not build.
 */
export async function buildRevision(repository: string, revision: string, folder: string): Promise<BenchProgram> {
  // compilers run in the folder of what they compile
  const builds = resolve(folder);
  if (revision === WORKING_TREE) return build(repository, join(builds, WORKING_TREE, 'built'), 'the working tree');
  const commit = await resolveRevision(repository, revision);
  if (commit === null) throw new BenchError(`${revision} names no commit of ${repository} and is no file`);
  const sources = join(builds, commit);
  const built = join(sources, 'built');
  if (existsSync(built)) return programIn(built, revision);
  if (!(await hasFile(repository, commit, CASE_PROCESS))) throw withoutBenches(revision);
  rmSync(sources, { recursive: true, force: true });
  mkdirSync(sources, { recursive: true });
  await orRefuse(`${revision} cannot be taken out of the repository`, 'sh', [
    ...['-c', 'git -C "$1" archive "$2" | tar -x -C "$3"', 'sh', repository, commit, sources],
  ]);
  if (digestOf(join(sources, 'package-lock.json')) === digestOf(join(repository, 'package-lock.json'))) {
    symlinkSync(join(repository, 'node_modules'), join(sources, 'node_modules'));
  } else {
    await orRefuse(`the packages of ${revision} cannot be installed`, 'npm', ['ci', '--ignore-scripts'], sources);
  }
  return build(sources, built, revision);
}

async function resolveRevision(repository: string, revision: string): Promise<string | null> {
  try {
    const { stdout } = await run('git', ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`], {
      cwd: repository,
    });
    return stdout.trim();
  } catch {
    return null;
  }
}

/** What runs a case of a version, as long as there have been benches of versions. */
const CASE_PROCESS = 'bench/case-process.ts';

async function hasFile(repository: string, commit: string, path: string): Promise<boolean> {
  const { stdout } = await run('git', ['ls-tree', '--name-only', commit, path], { cwd: repository });
  return stdout.trim() !== '';
}

function withoutBenches(label: string): BenchError {
  return new BenchError(`${label} has no benches to build: it has no ${CASE_PROCESS}`);
}

/** Builds sources and benches as they are shipped, as the revision itself says. */
async function build(sources: string, built: string, label: string): Promise<BenchProgram> {
  if (!existsSync(join(sources, CASE_PROCESS))) throw withoutBenches(label);
  const unfinished = `${built}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const bundles = join(sources, 'build/benches.ts');
  if (existsSync(bundles)) {
    const args = ['--import', 'tsx', bundles, unfinished];
    await orRefuse(`${label} does not build`, process.execPath, args, sources);
  } else await compile(sources, unfinished, label);
  rmSync(built, { recursive: true, force: true });
  renameSync(unfinished, built);
  return programIn(built, label);
}

/** Compiles a revision that was shipped as compiled files, before bundles. */
async function compile(sources: string, unfinished: string, label: string): Promise<void> {
  const tsc = join(sources, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', join(sources, 'bench'), '--outDir', unfinished];
  await orRefuse(`${label} does not compile`, process.execPath, args, sources);
  // the version is read from two folders above its module, and so are the profiles of hardware
  cpSync(join(sources, 'package.json'), join(unfinished, 'package.json'));
  cpSync(join(sources, 'scenarios/hardware'), join(unfinished, 'scenarios/hardware'), { recursive: true });
  cpSync(join(sources, 'bench/scenarios'), join(unfinished, 'bench/scenarios'), { recursive: true });
  symlinkSync(join(sources, 'node_modules'), join(unfinished, 'node_modules'));
}

function programIn(built: string, label: string): BenchProgram {
  const isBundled = existsSync(join(built, 'dist'));
  return {
    label,
    command: [process.execPath, join(built, isBundled ? 'dist/cli/main.js' : 'src/cli/main.js')],
    suite: [process.execPath, '--expose-gc', join(built, isBundled ? 'dist' : '.', 'bench/case-process.js')],
  };
}

async function orRefuse(problem: string, command: string, args: readonly string[], cwd?: string): Promise<void> {
  try {
    await run(command, args, { cwd, maxBuffer: 1 << 26 });
  } catch (error) {
    const { stdout, stderr, message } = error as Error & { stdout?: string; stderr?: string };
    throw new BenchError(`${problem}: ${(stderr || stdout || message).trim().slice(0, 2_000)}`);
  }
}

function digestOf(path: string): string {
  return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
}
