import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { CellPool } from '../../src/study/cell-pool.ts';
import { StudyFolder } from './study-file.ts';

const folder = new StudyFolder();
afterAll(() => folder.remove());

/** A pool of one worker that runs a module of those lines. */
function poolOf(...lines: string[]): CellPool {
  const path = folder.write('worker.mjs', lines.join('\n'));
  return new CellPool({ jobs: 1, memoryBytes: 150e6, module: pathToFileURL(path).href });
}

const ORDER = {} as Parameters<CellPool['run']>[0];

describe('a pool of workers', () => {
  it('refuses cells once a worker ended while it was loading, be it the first or another one', async () => {
    const first = poolOf('process.exit(0);');
    const refusal = { kind: 'refused', error: { message: 'no worker can begin: one ended while it was loading' } };
    expect(await first.run(ORDER)).toMatchObject(refusal);
    expect(await first.run(ORDER)).toMatchObject(refusal);

    const mark = JSON.stringify(join(folder.path, 'begun'));
    const another = poolOf(
      "import { existsSync, writeFileSync } from 'node:fs';",
      `if (existsSync(${mark})) process.exit(3);`,
      `writeFileSync(${mark}, '');`,
      'export const simulateCell = () => process.exit(3);',
    );
    expect(await another.run(ORDER)).toMatchObject({ kind: 'failed' });
    expect(await another.run(ORDER)).toMatchObject(refusal);
  });
});
