import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeBenchFile } from '../../src/benchmark/bench-file.ts';
import { runCli } from './run-cli.ts';
import { ScratchFolder, smallScenario } from './small-scenario.ts';

const scratch = new ScratchFolder();
afterAll(() => scratch.remove());

let files = 0;

/** A run that was kept: its cases by name with what each counted, all of them with as many processes. */
function keptRun(
  events: Readonly<Record<string, number>>,
  { processes = 8, factor = 1, machine = 'a machine' } = {},
): string {
  const path = join(scratch.path, `run-${files++}.arrow`);
  const costs = Array.from({ length: processes }, (_, i) => (1_000_000 + i) * factor);
  const cases = Object.entries(events).map(([name, count]) => ({
    case: name,
    level: 'micro' as const,
    counters: { events: count },
    samplesNs: { run: costs.map((cost) => [cost]) },
    peakRssBytes: costs.map(Math.round),
  }));
  const origin = {
    startedAt: '2026-05-01T12:00:00.000Z',
    commit: 'c'.repeat(40),
    isDirty: false,
    version: '1.2.3',
    machine,
  };
  return writeBenchFile(path, origin, cases);
}

const compare = (base: string, head: string, ...words: readonly string[]) =>
  runCli(['bench', 'compare', base, head, ...words]);

describe('dcfabric bench compare of two files', () => {
  it('finds the same work and more time', async () => {
    const { exitCode, stdout } = await compare(keptRun({ a: 1 }), keptRun({ a: 1 }, { factor: 1.2 }));
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/slower[\s\S]*\n\nthe work is the same; 2 of 2 costs rose, 0 fell\n$/);
  });

  it('refuses files that share no case', async () => {
    const { exitCode, stderr, stdout } = await compare(keptRun({ a: 1 }), keptRun({ b: 1 }), '--json');
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toBe('error: there is no case that both have: the base has a; the head has b\n');
  });

  it('takes a case that is gone for a regression unless that is meant', async () => {
    const [base, head] = [keptRun({ a: 1, b: 1 }), keptRun({ b: 1, c: 1 })];
    const refused = await compare(base, head);
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toContain('only in the base, so that nothing is known of it: a\n');
    expect(refused.stdout).toContain('only in the head, with nothing to compare it with: c\n');
    expect(refused.stdout).toContain('1 case is gone: --accept REASON if that is meant');
    const accepted = await compare(base, head, '--accept', 'a was removed');
    expect(accepted.exitCode).toBe(0);
    expect(accepted.stdout).toContain('1 case is gone, accepted: a was removed');
  });

  it('takes no nothing for a reason', async () => {
    const { exitCode, stderr } = await compare(keptRun({ a: 1 }), keptRun({ a: 2 }), '--accept', ' ');
    expect(exitCode).toBe(2);
    expect(stderr).toContain("option '--accept <reason>' argument ' ' is invalid. Expected why the work is another.");
  });

  it('refuses so few processes that it could find nothing, and says how many it takes', async () => {
    const cases = { a: 1, b: 1, c: 1 };
    const [base, head] = [keptRun(cases, { processes: 5 }), keptRun(cases, { processes: 5, factor: 3 })];
    const { exitCode, stdout, stderr } = await compare(base, head);
    // 6 costs at 2 of 252 arrangements are within 0.05; at 2 of 70 they are not
    expect([exitCode, stderr.includes('error')]).toEqual([1, false]);
    expect(stdout).toContain('6 of 6 costs rose');
    const [fewer, few] = [keptRun(cases, { processes: 4 }), keptRun(cases, { processes: 4, factor: 3 })];
    const refused = await compare(fewer, few);
    expect([refused.exitCode, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toBe(
      'error: too few processes: of 6 times and peaks of memory, 6 cannot be told from chance however much they ' +
        'changed; each file needs 5 processes of each case or more, which `bench run --processes` makes, or fewer ' +
        'cases with --only, or --counters-only, which compares the work alone\n',
    );
  });

  it('compares the work alone if it is told to, and says so', async () => {
    const [base, head] = [keptRun({ a: 1 }, { processes: 1 }), keptRun({ a: 1 }, { processes: 1, factor: 3 })];
    const same = await compare(base, head, '--counters-only');
    expect([same.exitCode, same.stdout]).toEqual([0, 'the work is the same; times and memory were not compared\n']);
    const other = await compare(base, keptRun({ a: 2 }, { processes: 1 }), '--counters-only', '--json');
    expect(other.exitCode).toBe(1);
    expect(JSON.parse(other.stdout)).toMatchObject({ isOfCountersOnly: true, isRegression: true, costs: [] });
  });

  it('refuses what only revisions can be measured with', async () => {
    const [base, head] = [keptRun({ a: 1 }), keptRun({ a: 1 })];
    for (const words of [
      ['--processes', '9'],
      ['--scenario', 'x.yaml'],
    ]) {
      const { exitCode, stderr } = await compare(base, head, ...words);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`${words[0]}: ${base} and ${head} were measured before; it is for revisions`);
    }
  });

  it('names the machines if they are not the same', async () => {
    const [base, head] = [keptRun({ a: 1 }, { machine: 'x, Node 20' }), keptRun({ a: 1 }, { machine: 'y, Node 22' })];
    const text = await compare(base, head);
    expect(text.stdout).toContain('measured on different machines or versions of Node: x, Node 20; y, Node 22; times');
    const json = JSON.parse((await compare(base, head, '--json')).stdout) as object;
    expect(json).toMatchObject({
      isSameMachine: false,
      origins: { base: { machine: 'x, Node 20' }, head: { machine: 'y, Node 22' } },
    });
    expect((await compare(base, base)).stdout).not.toContain('measured on different machines');
  });
});

it('dcfabric bench compare and run refuse scenarios that would be one case', async () => {
  for (const name of ['a', 'b']) mkdirSync(join(scratch.path, name));
  const [one, other] = ['a', 'b'].map((name) => scratch.write(join(name, 'x.yaml'), smallScenario('1s')));
  const problem = `error: ${one} and ${other}: both make a case x/vlan-no-stp; expected files of different names\n`;
  for (const words of [
    ['compare', 'HEAD', 'HEAD', '--scenario', one!, other!],
    ['run', one!, other!],
  ]) {
    const { exitCode, stderr } = await runCli(['bench', ...words]);
    expect([exitCode, stderr]).toEqual([2, problem]);
  }
});
