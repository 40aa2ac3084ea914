import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

it('dcfabric bench report knows no case that no run has', async () => {
  const refused = await runCli(['bench', 'report', '--history', history, '--only', 'a/c']);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toBe('error: --only a/c: no run has such a case; there are a/b\n');
});

describe('dcfabric bench report of runs of different cases', () => {
  const mixed = join(scratch.path, 'mixed');
  const report = (...words: readonly string[]) => runCli(['bench', 'report', '--history', mixed, ...words]);

  beforeAll(() => {
    const caseOf = (name: string, events: number) => {
      return {
        ...{ case: name, level: 'macro' as const, counters: { events } },
        samplesNs: { run: [[1e6]] },
        peakRssBytes: [1e6],
      };
    };
    const runs = [[caseOf('x', 1), caseOf('y', 1000)], [caseOf('y', 1000)], [caseOf('y', 1005), caseOf('z', 1)]];
    for (const [day, cases] of runs.entries()) {
      const startedAt = `2026-05-0${day + 1}T12:00:00.000Z`;
      const origin = {
        startedAt,
        commit: `${day}`.repeat(40),
        isDirty: day === 2,
        version: '1.2.3',
        machine: 'a machine',
      };
      writeBenchRun(mixed, origin, cases);
    }
    writeFileSync(join(mixed, 'other.arrow'), 'text');
  });

  it('shows all cases, small changes, and of which commit and changes they are', async () => {
    const { exitCode, stdout, stderr } = await report();
    expect(exitCode).toBe(0);
    expect(stderr).toBe(`warning: left out: ${join(mixed, 'other.arrow')} is not an Arrow file\n`);
    expect(stdout).toMatch(/^3 runs, the newest of 2026-05-03T12:00:00.000Z, 222222222 and changes, on a machine\n/);
    expect(stdout).toMatch(/y +│ events +│ 3 +│ ▁▁█ +│ 1,005 +│ 2026-05-03 222222222 and changes \+0\.5%/);
    expect(stdout).toMatch(/│ x +│ run/);
    expect(stdout).toMatch(/\nz: New with run 3, 2026-05-03 222222222 and changes\n/);
    expect(stdout).toMatch(/\nx: Not in the newest run, last in run 1, 2026-05-01 000000000\n$/);
  });

  it('shows a case that the newest run lacks when it is asked for', async () => {
    const { exitCode, stdout } = await report('--only', 'x');
    expect([exitCode, stdout.includes('│ y')]).toEqual([0, false]);
    expect(stdout).toMatch(/│ x +│ run/);
  });

  it('prints for a tracker what is asked for', async () => {
    const { stdout } = await report('--to', 'bmf', '--only', 'y');
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual(['y']);
    const refused = await report('--to', 'bmf', '--only', 'x');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('error: --only x: the newest run, which --to bmf prints, has no such case\n');
  });
});
