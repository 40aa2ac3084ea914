import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bench } from 'tinybench';
import { type CaseReport, cpuTimeNs, peakRssBytes } from '../src/benchmark/case-report.ts';
import { growthCounters } from '../src/benchmark/growth-counters.ts';
import { slowedDown } from '../src/benchmark/slow-down.ts';
import { MICRO_CASES } from './micro.ts';

const NS_PER_MS = 1e6;

/** Times that a case runs before it is timed, and before its counters are read. */
const WARM_UP_RUNS = 5;

/**
 * Runs a case of `MICRO_CASES` in this process: first to have it compiled, then so often for samples. `slowDownRatio` is
 * the share of its time that each sample spends on nothing: a slow-down that a comparison has to find.
 */
export function runMicroCase(
  name: string,
  { slowDownRatio, samples }: { slowDownRatio: number; samples: number },
): CaseReport {
  const folder = mkdtempSync(join(tmpdir(), 'dcfabric-bench-'));
  try {
    const grown = growthCounters();
    const subject = MICRO_CASES[name]!(folder);
    const work = () => {
      slowedDown(() => subject.run(), slowDownRatio);
    };
    for (let i = 0; i < WARM_UP_RUNS; i++) work();
    const counters = { ...subject.counters(), ...grown() };
    const bench = new Bench({
      ...{ warmup: false, time: 0, iterations: samples, retainSamples: true, throws: true },
      now: () => cpuTimeNs() / NS_PER_MS,
    }).add(name, work);
    const [task] = bench.runSync();
    const result = task!.result;
    if (!('latency' in result)) throw new Error(`${name} ended as ${result.state}`);
    const samplesNs = result.latency.samples!.map((ms) => (ms * NS_PER_MS) / subject.operations);
    const format = 'dcfabric-bench-case/1';
    return {
      format,
      case: name,
      level: 'micro',
      counters,
      timesNs: { operation: samplesNs },
      peakRssBytes: peakRssBytes(),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
