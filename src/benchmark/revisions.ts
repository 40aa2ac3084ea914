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

/** Whether a text names a commit of a repository. */
export async function isRevision(repository: string, revision: string): Promise<boolean> {
  return revision === WORKING_TREE || (await resolveRevision(repository, revision)) !== null;
}

/**
 * Builds a revision of dcfabric, sources and benches, in a folder of its own below `folder`, and keeps it there for the
 * next time. Its packages are those that are installed, if its lock file asks for the same, else it gets its own. Throws
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

/** Builds sources and benches as they are shipped, as the revision itself says. */
async function build(sources: string, built: string, label: string): Promise<BenchProgram> {
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
  if (!existsSync(join(sources, 'bench/tsconfig.json'))) throw new BenchError(`${label} has no benches to build`);
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
