import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readVersion } from '../scenario/version.ts';

/** What a program was made of. */
export interface ProgramOrigin {
  /** The commit's full id; null where there was no repository. */
  readonly commit: string | null;
  /** Whether files had changed since the commit. */
  readonly isDirty: boolean;
  /** The version of dcfabric. */
  readonly version: string;
}

/** The file of a build that says what it was made of, in `dist`. */
export const BUILD_FILE = 'build.json';

/** The commit that a folder has checked out, and whether its files have changed since. */
export interface Checkout {
  readonly commit: string;
  readonly isDirty: boolean;
}

const run = promisify(execFile);

/**
 * What a folder has checked out; null where it is no repository, or only a folder in one: a package is not of the commit of
 * the project that it is installed in.
 */
export async function checkoutOf(folder: string): Promise<Checkout | null> {
  const git = async (...words: readonly string[]) => (await run('git', words, { cwd: folder })).stdout.trim();
  try {
    if ((await git('rev-parse', '--show-prefix')) !== '') return null;
    return { commit: await git('rev-parse', 'HEAD'), isDirty: (await git('status', '--porcelain')) !== '' };
  } catch {
    return null;
  }
}

/** What the files of a folder are, to be kept in what is built of them. */
export async function originOf(folder: string, version: string): Promise<ProgramOrigin> {
  return { ...((await checkoutOf(folder)) ?? { commit: null, isDirty: false }), version };
}

/** What the program that runs now was made of, and how what is checked out where it was built differs, if it does. */
export async function thisOrigin(): Promise<{ origin: ProgramOrigin; difference: string | null }> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const file = new URL(`../${BUILD_FILE}`, import.meta.url);
  const version = readVersion();
  // sources are what is checked out
  if (import.meta.url.endsWith('.ts')) return { origin: await originOf(root, version), difference: null };
  // a build that does not say what it was made of
  if (!existsSync(file)) return { origin: { commit: null, isDirty: false, version }, difference: null };
  const origin = JSON.parse(readFileSync(file, 'utf8')) as ProgramOrigin;
  const checkout = await checkoutOf(root);
  return { origin, difference: checkout === null ? null : differenceOf(origin, checkout) };
}

/** How a build differs from what is checked out where it was built; null if it does not, as far as can be told. */
export function differenceOf(origin: ProgramOrigin, checkout: Checkout): string | null {
  if (origin.commit === checkout.commit && origin.isDirty === checkout.isDirty) return null;
  return `this program was built of ${buildName(origin)}, and ${buildName({ ...checkout, version: '' })} is checked out`;
}

/** `0123abcde and changes`; `v1.2.3` of a program that is of no repository. */
export function buildName({ commit, isDirty, version }: ProgramOrigin): string {
  return `${commit?.slice(0, 9) ?? `v${version}`}${isDirty ? ' and changes' : ''}`;
}
