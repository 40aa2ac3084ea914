import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { filesBelow } from '../study/files-below.ts';
import { StudyFolder } from '../study/study-file.ts';
import { runCli } from './run-cli.ts';
import { filesIn, interruptInCell, killInCell } from './signal-in-cell.ts';

const folder = new StudyFolder();
afterAll(() => folder.remove());

const fitting = (name: string, ...more: string[]) =>
  folder.study(
    name,
    ...more,
    'plan:',
    '  axis: tenants.0.vmsPerSegment',
    '  from: 4',
    '  to: 20',
    '  limits: [{metric: macTables.leaf.bridge.entriesMax, most: 9}]',
  );

describe('dcfabric plan', () => {
  it('goes on after kill -9 at any instant, and ends with the bytes of one go with another number of jobs', async () => {
    const file = fitting('killed', 'fabrics: [vlan-no-stp]');
    const args = ['plan', file, '--no-progress', '--json'];
    const place = (out: string) => join(folder.path, out, 'killed');
    const whole = await runCli([...args, '--jobs', '2', '--out', join(folder.path, 'whole')]);
    const answer = JSON.parse(whole.stdout);
    expect(answer).toMatchObject({
      ...{ answers: [{ value: 9 }], place: place('whole'), simulatedRuns: answer.runs.length },
    });

    const jobs = ['--jobs', '1', '--out', join(folder.path, 'again')];
    // in the middle of a cell, when some are there
    const killed = await runCli([...args, ...jobs], {
      whileStarted: killInCell(place('again')),
    });
    expect(killed.exitCode).toBeNull();
    const there = filesIn(join(place('again'), 'cells')).length;
    const rest = await runCli([...args, ...jobs]);
    expect(JSON.parse(rest.stdout).simulatedRuns).toBe(answer.runs.length - there);
    expect(filesBelow(place('again'))).toEqual(filesBelow(place('whole')));
  });

  it('stops at Ctrl-C, leaves whole cells and no answer, and says how to go on', async () => {
    const file = fitting('endless', 'set: {duration: 20d}');
    const out = join(folder.path, 'interrupted');
    const { exitCode, stdout, stderr } = await runCli(['plan', file, '--out', out, '--jobs', '1'], {
      whileStarted: interruptInCell(join(out, 'endless')),
    });
    expect(exitCode).toBe(130);
    expect(stderr).toContain('The same command goes on where this one stopped.');
    expect(stdout).not.toContain('vlan-no-stp');
    expect(filesIn(join(out, 'endless')).sort()).toEqual(['.work', 'cells', 'study.json']);
    expect(filesIn(join(out, 'endless/cells'))).toEqual([]);
    expect(filesIn(join(out, 'endless/.work'))).toEqual([]);
  });

  it('ends with 2 and loses nothing where the folder holds something else', async () => {
    const path = join(folder.path, 'else/elsewhere');
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'thesis.txt'), 'ten years');
    const { exitCode, stdout, stderr } = await runCli([
      'plan',
      fitting('elsewhere'),
      '--out',
      join(folder.path, 'else'),
    ]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toBe(`error: ${path}: the folder holds something else (thesis.txt), expected a study or nothing\n`);
    expect(readFileSync(join(path, 'thesis.txt'), 'utf8')).toBe('ten years');
  });
});
