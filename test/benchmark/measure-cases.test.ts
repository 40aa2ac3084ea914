import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { type BenchSubject, measureCases } from '../../src/benchmark/measure-cases.ts';

const folder = mkdtempSync(join(inject('scratch'), 'measure-cases-'));

/**
 * A version whose processes write to a log when they begin and end, and report; with `waitsFor`, one ends only when the
 * process of that version has begun, and fails after a minute without it.
 */
function loggingSubject(label: string, log: string, { waitsFor = '', exitCode = 0 } = {}): BenchSubject {
  const program = `
    const { appendFileSync, readFileSync } = require('node:fs');
    const say = (what) => appendFileSync(${JSON.stringify(log)}, what + ' ${label}\\n');
    say('begin');
    const end = () => {
      say('end');
      console.log(JSON.stringify({
        format: 'dcfabric-bench-case/1', case: 'work', level: 'micro', counters: { events: 1 },
        timesNs: { run: [1] }, peakRssBytes: 1,
      }));
      process.exit(${exitCode});
    };
    const startedMs = Date.now();
    const wait = () => {
      if (Date.now() - startedMs > 60_000) process.exit(1);
      const others = readFileSync(${JSON.stringify(log)}, 'utf8').includes('begin ${waitsFor}');
      if (others) end();
      else setTimeout(wait, 5);
    };
    wait();`;
  return { label, commandFor: () => [process.execPath, '-e', program] };
}

const linesOf = (log: string) => readFileSync(log, 'utf8').trim().split('\n');

it('measures two versions at the same time, whoever begins', async () => {
  const log = join(folder, 'at-once');
  const subjects = [loggingSubject('a', log, { waitsFor: 'b' }), loggingSubject('b', log, { waitsFor: 'a' })];
  const measured = await measureCases(subjects, ['work'], { processes: 1, isAtOnce: true });
  expect(measured.map(([one]) => one?.samplesNs)).toEqual([{ run: [[1]] }, { run: [[1]] }]);
  expect(linesOf(log).slice(2).sort()).toEqual(['end a', 'end b']);
});

it('measures in turns, and lets the other begin in every second round', async () => {
  const log = join(folder, 'in-turns');
  const subjects = [loggingSubject('a', log), loggingSubject('b', log)];
  await measureCases(subjects, ['work'], { processes: 2, isAtOnce: false });
  const turns = ['begin a', 'end a', 'begin b', 'end b', 'begin b', 'end b', 'begin a', 'end a'];
  expect(linesOf(log)).toEqual(turns);
});

it('waits for the other when one fails', async () => {
  const log = join(folder, 'failing');
  const subjects = [loggingSubject('a', log, { exitCode: 3 }), loggingSubject('b', log, { waitsFor: 'a' })];
  const measuring = measureCases(subjects, ['work'], { processes: 1, isAtOnce: true });
  await expect(measuring).rejects.toThrow('work of a ended with 3');
  expect(linesOf(log)).toContain('end b');
});
