import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleBenches } from '../build/bundle-benches.ts';
import { ROOT } from '../build/program.ts';

export { ROOT };

const BUILT = join(ROOT, 'results/bench/built');

/** Where the processes of benches are as plain Node runs them. */
export const BENCH_PROCESSES = join(BUILT, 'dist/bench');

/** Builds sources and benches as they are shipped. */
export async function buildBenches(): Promise<void> {
  rmSync(BUILT, { recursive: true, force: true });
  await bundleBenches(BUILT);
}
