import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeBenchRun } from '../../src/benchmark/bench-history.ts';
import { runCli } from './run-cli.ts';
import { ScratchFolder } from './small-scenario.ts';

const scratch = new ScratchFolder();
afterAll(() => scratch.remove());
const history = join(scratch.path, 'history');

beforeAll(() => {
  for (const day of [1, 2]) {
    const startedAt = `2026-05-0${day}T12:00:00.000Z`;
    writeBenchRun(
      history,
      { startedAt, commit: 'c'.repeat(40), isDirty: false, version: '1.2.3', machine: 'a machine' },
      [{ case: 'a/b', level: 'macro', counters: { events: day }, samplesNs: { run: [[1e6]] }, peakRssBytes: [1e6] }],
    );
  }
});

it('dcfabric bench report draws the history as a page and as pictures', async () => {
  const [page, pictures] = [join(scratch.path, 'new', 'trends.html'), join(scratch.path, 'pictures')];
  const made = await runCli(['bench', 'report', '--history', history, '--html', page, '--svg', pictures]);
  expect({ exitCode: made.exitCode, stdout: made.stdout }).toEqual({ exitCode: 0, stdout: '' });
  expect(made.stderr).toMatch(/trends\.html: 1 figure, \d+ KB\n.*pictures: case-a-b\.svg\n$/);
  expect(readFileSync(page, 'utf8')).toContain('<title>Benches over 2 runs</title>');
  expect(readdirSync(pictures)).toEqual(['case-a-b.svg']);
});

it('dcfabric bench report knows no case that the newest run lacks', async () => {
  const refused = await runCli(['bench', 'report', '--history', history, '--only', 'a/c']);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toBe('error: --only a/c: the newest run has no such case; it has a/b\n');
});
