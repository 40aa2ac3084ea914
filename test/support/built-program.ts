import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { type BundledSources, bundleProgram, ROOT } from '../../build/program.ts';

export interface BuiltProgram {
  /** Stands for the root of the project. */
  readonly folder: string;
  readonly main: string;
  /** What each file below its `dist` was made of. */
  readonly bundle: BundledSources;
}

let built: Promise<BuiltProgram> | undefined;

/** The program as it is shipped, of the sources as they are now. Built once by each process that tests. */
export function builtProgram(): Promise<BuiltProgram> {
  built ??= buildProgram(join(inject('scratch'), `program-${process.pid}`));
  return built;
}

async function buildProgram(folder: string): Promise<BuiltProgram> {
  mkdirSync(folder);
  for (const name of ['package.json', 'node_modules', 'scenarios', 'docs']) {
    symlinkSync(join(ROOT, name), join(folder, name));
  }
  const bundle = await bundleProgram(join(folder, 'dist'));
  return { folder, main: join(folder, 'dist/cli/main.js'), bundle };
}
