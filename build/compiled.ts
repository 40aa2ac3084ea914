import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KEEP_COMPILED_VARIABLE } from '../src/scenario/tune-v8.ts';
import { ROOT } from './program.ts';

const SMALL = join(ROOT, 'bench/scenarios/two-racks.yaml');
const EVERY_DESIGN = join(ROOT, 'bench/scenarios/every-design.yaml');
const CELLS = join(ROOT, 'build/simulate-cells.ts');

/**
 * Leaves V8's code beside each script of a built program, from short commands that call what most commands do. It is code
 * for the Node that runs this; another one compiles the scripts itself.
 */
export async function keepCompiled(dist: string): Promise<void> {
  const results = mkdtempSync(join(tmpdir(), 'dcfabric-build-'));
  const main = join(dist, 'cli/main.js');
  const study = join(results, 'study.yaml');
  writeFileSync(study, `scenario: ${SMALL}\n`);
  const node = (...words: string[]) => {
    return promisify(execFile)(process.execPath, words, { env: { ...process.env, [KEEP_COMPILED_VARIABLE]: '1' } });
  };
  try {
    await node(main, '--help');
    await node(main, 'validate', SMALL);
    await node(main, 'run', EVERY_DESIGN, '--out', join(results, 'run'));
    await node(main, 'batch', study, '--out', join(results, 'batch'));
    const cells = [CELLS, join(dist, 'study/simulate-cell.js'), EVERY_DESIGN, results];
    await node('--import', import.meta.resolve('tsx'), ...cells);
  } finally {
    rmSync(results, { recursive: true });
  }
}
