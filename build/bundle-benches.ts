import { copyFileSync, cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { keepCompiled } from './compiled.ts';
import { bundleProgram, type Entries, ROOT } from './program.ts';

/** Processes of benches, beside the program. */
const PROCESSES: Entries = {
  'bench/case-process': 'bench/case-process.ts',
  'bench/figures-process': 'bench/figures-process.ts',
  'bench/our-process': 'bench/peers/our-process.ts',
};

/**
 * Makes a folder in which program and benches run as they are shipped, in `dist`: what tsx makes of the sources is slower,
 * and what tsc makes of them is too.
 */
export async function bundleBenches(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await bundleProgram(join(folder, 'dist'), PROCESSES);
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  cpSync(join(ROOT, 'scenarios/hardware'), join(folder, 'scenarios/hardware'), { recursive: true });
  cpSync(join(ROOT, 'bench/scenarios'), join(folder, 'dist/bench/scenarios'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await keepCompiled(join(folder, 'dist'));
}
