import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readBenchHistory, readBenchRun, writeBenchRun } from '../../src/benchmark/bench-file.ts';
import { BenchError } from '../../src/benchmark/case-report.ts';
import type { MeasuredCase } from '../../src/benchmark/measure-cases.ts';
import { trackerJson } from '../../src/benchmark/tracker-formats.ts';
import { trendsOf } from '../../src/benchmark/trends.ts';

const folder = mkdtempSync(join(tmpdir(), 'dcfabric-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MACHINE = 'a processor, 2 cores, Node 20.0.0';

function origin(day: number, machine = MACHINE) {
  const startedAt = `2026-05-${String(day).padStart(2, '0')}T12:00:00.000Z`;
  return { startedAt, commit: `${day}`.repeat(40).slice(0, 40), isDirty: day === 2, machine };
}

function cases(timeNs: number, events = 5): MeasuredCase[] {
  const samplesNs = { run: [[timeNs, timeNs + 2], [timeNs + 4]] };
  return [
    { case: 'a/b', level: 'scenario', counters: { events, fingerprint: 'cafe' }, samplesNs, peakRssBytes: [10, 12] },
  ];
}

describe('runs of benches', () => {
  it('are read as they were written, the oldest first', () => {
    const history = join(folder, 'history');
    const [second, first] = [2, 1].map((day) => writeBenchRun(history, origin(day), cases(100 * day)));
    const runs = readBenchHistory(history);
    expect(runs.map(({ path }) => path)).toEqual([first, second]);
    expect(runs[1]).toEqual({ path: second, ...origin(2), cases: cases(200) });
    expect(readBenchHistory(join(folder, 'none'))).toEqual([]);
  });

  it('are refused when they are something else', () => {
    const path = join(folder, 'other.arrow');
    writeFileSync(path, 'text');
    expect(() => readBenchRun(path)).toThrow(BenchError);
    expect(() => readBenchRun(join(folder, 'missing.arrow'))).toThrow(/no such file/);
  });
});

describe('trends', () => {
  const runOf = (day: number, timeNs: number, events = 5, machine = MACHINE) => {
    return { path: '', ...origin(day, machine), cases: cases(timeNs, events) };
  };

  it('mark where a level changes, on this machine only, and each change of a counter', () => {
    const days = Array.from({ length: 10 }, (_, i) => runOf(i + 1, i < 5 ? 1000 + i : 1500 + i, i < 8 ? 5 : 6));
    const runs = [runOf(1, 9_000, 5, 'another'), ...days];
    const trends = trendsOf(runs);
    const time = trends.find(({ measure }) => measure === 'run')!;
    expect(time.values).toHaveLength(10);
    expect(time.changes.map(({ run }) => run)).toEqual([6]);
    expect(time.changes[0]!.ratio).toBeCloseTo(1.5, 1);
    const events = trends.find(({ measure }) => measure === 'events')!;
    expect(events.changes).toEqual([{ run: 9, ratio: 6 / 5 }]);
  });
});

describe('formats of trackers', () => {
  const run = { path: '', ...origin(1), cases: cases(100) };

  it('have medians of processes with their range', () => {
    expect(trackerJson(run, 'bmf')).toEqual({
      'a/b': {
        latency: { value: 102.5, lower_value: 101, upper_value: 104 },
        peak_rss: { value: 11, lower_value: 10, upper_value: 12 },
        events: { value: 5 },
      },
    });
    expect(trackerJson(run, 'github-action-benchmark')).toContainEqual({
      ...{ name: 'a/b run', unit: 'ns', value: 102.5, range: '101..104', extra: '2 processes' },
    });
  });
});
