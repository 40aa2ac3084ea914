import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BENCH_MEASURES, readBenchRun, writeBenchFile } from '../../src/benchmark/bench-file.ts';
import { readBenchHistory, writeBenchRun } from '../../src/benchmark/bench-history.ts';
import { BenchError } from '../../src/benchmark/case-report.ts';
import type { MeasuredCase } from '../../src/benchmark/measure-cases.ts';
import { trackerJson } from '../../src/benchmark/tracker-formats.ts';
import { caseSpansOf, trendsOf } from '../../src/benchmark/trends.ts';
import { ArrowTableWriter } from '../../src/metrics/arrow-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'dcfabric-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MACHINE = 'a processor, 2 cores, Node 20.0.0';

function origin(day: number, machine = MACHINE) {
  const startedAt = `2026-05-${String(day).padStart(2, '0')}T12:00:00.000Z`;
  return { startedAt, commit: `${day}`.repeat(40).slice(0, 40), isDirty: day === 2, version: '1.2.3', machine };
}

function cases(timeNs: number, events = 5): MeasuredCase[] {
  const samplesNs = { run: [[timeNs, timeNs + 2], [timeNs + 4]] };
  return [
    { case: 'a/b', level: 'scenario', counters: { events, fingerprint: 'cafe' }, samplesNs, peakRssBytes: [10, 12] },
  ];
}

/** A file like that of a run, with one row; what is given stands in it instead. */
function fileWith(name: string, row: Partial<Record<string, string | number | null>>, metadata = {}): string {
  const path = join(folder, `${name}.arrow`);
  const written: Record<string, string | number | null> = {
    ...{ case: 'a/b', level: 'macro', measure: 'peak_rss', kind: 'memory', unit: 'bytes', value: 1, text: null },
    ...{ samples: '[[1]]', ...row },
  };
  const writer = new ArrowTableWriter(path, BENCH_MEASURES, {
    metadata: { started_at: origin(1).startedAt, ...metadata },
  });
  writer.row(...BENCH_MEASURES.columns.map((column) => written[column.name]!));
  writer.finish();
  return path;
}

describe('a run of benches', () => {
  it('is read as it was written', () => {
    const path = writeBenchFile(join(folder, 'new', 'run.arrow'), origin(2), cases(200));
    expect(readBenchRun(path)).toEqual({ path, ...origin(2), cases: cases(200) });
    const ofNoCommit = { ...origin(2), commit: null };
    expect(readBenchRun(writeBenchFile(path, ofNoCommit, cases(200)))).toEqual({
      path,
      ...ofNoCommit,
      cases: cases(200),
    });
  });

  it('is refused when it is something else', () => {
    const path = join(folder, 'other.arrow');
    writeFileSync(path, 'text');
    expect(() => readBenchRun(path)).toThrow(BenchError);
    expect(() => readBenchRun(join(folder, 'missing.arrow'))).toThrow(/no such file/);
  });

  it('is refused when it was cut off, wherever', () => {
    const bytes = readFileSync(writeBenchFile(join(folder, 'whole.arrow'), origin(1), cases(100)));
    const path = join(folder, 'cut.arrow');
    for (let length = 0; length < bytes.length; length += 61) {
      writeFileSync(path, bytes.subarray(0, length));
      expect(() => readBenchRun(path), `${length} of ${bytes.length} bytes`).toThrow(BenchError);
    }
    writeFileSync(path, bytes.subarray(0, -6));
    expect(() => readBenchRun(path)).toThrow(
      `${path}: it was cut off; the file is damaged: delete it and measure again`,
    );
  });

  it('is refused when nothing is in it', () => {
    const path = writeBenchFile(join(folder, 'empty.arrow'), origin(1), []);
    expect(() => readBenchRun(path)).toThrow(`${path}: there is no measure in it; the file is damaged`);
  });

  it.each([
    ['samples that are no JSON', { samples: '[[1' }, 'row 1: samples: expected JSON, got "[[1"'],
    ['samples that are no lists', { samples: '[1]' }, 'row 1: samples.0: '],
    ['no samples', { samples: '[]' }, 'row 1: samples: '],
    ['a process without samples', { samples: '[[]]' }, 'row 1: samples.0: '],
    ['a sample that is no time', { kind: 'time', samples: '[[-1]]' }, 'row 1: samples.0.0: '],
    ['an unknown kind', { kind: 'other' }, 'row 1: kind: '],
    ['an unknown level', { level: 'other' }, 'row 1: level: '],
    ['a counter that says nothing', { kind: 'counter', value: null }, 'row 1: expected either a value or a text'],
    ['no memory', { kind: 'counter' }, 'a/b has no peak_rss'],
  ])('is refused with %s, by row', (name, row, problem) => {
    const path = fileWith(name, row);
    expect(() => readBenchRun(path)).toThrow(BenchError);
    expect(() => readBenchRun(path)).toThrow(`${path}: ${problem}`);
  });

  it('is refused without the time when it began', () => {
    expect(() => readBenchRun(fileWith('timeless', {}, { started_at: 'now' }))).toThrow(/started_at: got 'now'/);
  });

  it('is refused with values of another type', () => {
    const path = join(folder, 'types.arrow');
    const columns = BENCH_MEASURES.columns.filter(({ name }) => name !== 'samples');
    const writer = new ArrowTableWriter(
      path,
      { ...BENCH_MEASURES, columns },
      { metadata: { started_at: '2026-05-01' } },
    );
    writer.row('a/b', 'macro', 'peak_rss', 'memory', 'bytes', 1, null);
    writer.finish();
    expect(() => readBenchRun(path)).toThrow(/row 1: samples: /);
  });
});

describe('a history of benches', () => {
  it('has its runs by their times, whatever their files are called', () => {
    const history = join(folder, 'history');
    const [second, first] = [2, 1].map((day) => writeBenchRun(history, origin(day), cases(100 * day)));
    const between = writeBenchFile(
      join(history, 'zero.arrow'),
      { ...origin(1), startedAt: '2026-05-01T18:00:00.000Z' },
      cases(5),
    );
    expect(readBenchHistory(history).runs.map(({ path }) => path)).toEqual([first, between, second]);
    expect(readBenchHistory(join(folder, 'none'))).toEqual({ runs: [], refused: [] });
  });

  it('keeps runs apart that began at the same time', () => {
    const history = join(folder, 'same-time');
    const ofNoCommit = { ...origin(1), commit: null };
    const written = [origin(1), origin(1), origin(1), ofNoCommit].map((one) => writeBenchRun(history, one, cases(100)));
    expect(readdirSync(history).sort()).toEqual([
      '20260501T120000.000Z-111111111-2.arrow',
      '20260501T120000.000Z-111111111-3.arrow',
      '20260501T120000.000Z-111111111.arrow',
      '20260501T120000.000Z-v1.2.3.arrow',
    ]);
    expect(
      readBenchHistory(history)
        .runs.map(({ path }) => path)
        .sort(),
    ).toEqual(written.sort());
  });

  it('leaves out what is no run, and says what', () => {
    const history = join(folder, 'mixed');
    const run = writeBenchRun(history, origin(1), cases(100));
    writeFileSync(join(history, 'other.arrow'), 'text');
    mkdirSync(join(history, 'folder.arrow'));
    const { runs, refused } = readBenchHistory(history);
    expect(runs.map(({ path }) => path)).toEqual([run]);
    expect(refused).toEqual([
      `${join(history, 'folder.arrow')}: there is no such file`,
      `${join(history, 'other.arrow')} is not an Arrow file`,
    ]);
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
    expect(events.changes).toEqual([{ kind: 'level', run: 9, ratio: 6 / 5 }]);
  });

  it('are of every case of every run, those of the newest first', () => {
    const [one, two, three] = [1, 2, 3].map((day) => runOf(day, 1000));
    const [x, y] = ['x', 'y'].map((name) => ({ ...one!.cases[0]!, case: name }));
    const another = { ...two!, machine: 'another', cases: [y!] };
    const runs = [{ ...one!, cases: [x!, y!] }, another, { ...three!, cases: [y!] }];
    const times = trendsOf(runs).filter(({ kind }) => kind === 'time');
    expect(times.map((trend) => [trend.case, trend.runs])).toEqual([
      ['y', [0, 2]],
      ['x', [0]],
    ]);
    expect(caseSpansOf(runs)).toEqual([
      { case: 'y', first: 0, last: 2 },
      { case: 'x', first: 0, last: 0 },
    ]);
    expect(trendsOf([])).toEqual([]);
  });

  it('mark where a measure of a case comes and goes', () => {
    const runs = [1, 2, 3, 4].map((day) => {
      const run = runOf(day, 1000);
      const { case: name, counters, ...about } = run.cases[0]!;
      const counted = { ...(day < 3 && { old: 1 }), ...(day !== 2 && { events: day }), ...(day === 4 && { young: 2 }) };
      return { ...run, cases: [{ case: name, ...about, counters: counted }] };
    });
    const counters = trendsOf(runs).filter(({ kind }) => kind === 'counter');
    expect(
      counters.map(({ measure, runs: of, changes }) => [measure, of, changes.map(({ kind, run }) => `${kind} ${run}`)]),
    ).toEqual([
      ['events', [0, 2, 3], ['vanished 1', 'appeared 2', 'level 3']],
      ['young', [3], ['appeared 3']],
      ['old', [0, 1], ['vanished 2']],
    ]);
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
