import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportResults } from '../../src/cli/export.ts';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { scenarioOf } from '../support/scenario-of.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'dcfabric-readme-'));
const exported = join(folder, 'exported');
let results: string;

beforeAll(async () => {
  const migrations = { random: { count: 4, start: '21s', end: '22s' } };
  const scenario = scenarioOf({ duration: '24s', fabrics: ['vlan-mlag'], failures: [], migrations });
  results = compareFabrics(scenario, { outDir: folder })[0]!.folder!;
  const options = { quiet: true, color: 'never', debug: false, to: 'parquet', out: exported } as const;
  await exportResults([results], options);
});
afterAll(() => rmSync(folder, { recursive: true }));

const readme = readFileSync(join(root, 'results/README.md'), 'utf8');
const [, ...blocks] = readme.split('```js\n');

/** Each with the last words before it that are in bold. */
const snippets = blocks.map((block) => {
  const before = readme.slice(0, readme.indexOf(block));
  return { title: [...before.matchAll(/\*\*([^*]+)\*\*/g)].at(-1)![1]!, code: block.split('```', 1)[0]! };
});

describe('the snippets of results/README.md', () => {
  it('are there for each reader', () => {
    expect(snippets.map(({ title }) => title)).toEqual([
      'Polars, Node.js',
      'DuckDB, Node.js',
      'Arquero',
      'apache-arrow, Node.js',
    ]);
  });

  it.each(snippets)('work: $title', ({ code }) => {
    const input = code
      .replaceAll('results/first-look/vlan-stp-seed1', results)
      .replaceAll("'exported/", `'${exported}/`);
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module'], { input, cwd: root });
    expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' });
    expect(String(stdout)).toMatch(/leaf|broadcast_arp|vm\d|[0-9a-f]{16} \d+n/);
  });
});
