import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Where benches are as plain Node runs them. */
export const COMPILED = join(ROOT, 'results/bench/compiled');

/** Compiles sources and benches as they are shipped: what tsx makes of private members is slower and not what users run. */
export function compileBenches(): void {
  mkdirSync(COMPILED, { recursive: true });
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', join(ROOT, 'bench')], {
    stdio: 'inherit',
  });
  // the version is read from two folders above its module
  copyFileSync(join(ROOT, 'package.json'), join(COMPILED, 'package.json'));
  // so are the profiles of hardware
  cpSync(join(ROOT, 'scenarios/hardware'), join(COMPILED, 'scenarios/hardware'), { recursive: true });
}
