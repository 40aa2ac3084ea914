import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KEEP_COMPILED_VARIABLE } from '../src/scenario/tune-v8.ts';
import { ROOT } from './program.ts';

const SCENARIO = join(ROOT, 'bench/scenarios/two-racks.yaml');

/**
 * Leaves V8's code beside each script of a built program, from short commands that call what most commands do. It is code
 * for the Node that runs this; another one compiles the scripts itself.
 */
export async function keepCompiled(dist: string): Promise<void> {
  const results = mkdtempSync(join(tmpdir(), 'dcfabric-build-'));
  try {
    for (const words of [['--help'], ['validate', SCENARIO], ['run', SCENARIO, '--out', results]]) {
      const env = { ...process.env, [KEEP_COMPILED_VARIABLE]: '1' };
      await promisify(execFile)(process.execPath, [join(dist, 'cli/main.js'), ...words], { env });
    }
  } finally {
    rmSync(results, { recursive: true });
  }
}
