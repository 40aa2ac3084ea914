import { max, median, min } from 'simple-statistics';
import type { BenchRun } from './bench-file.ts';
import { processMedians } from './measure-cases.ts';
import type { TrackerFormat } from './tracker-names.ts';

/** A run of benches as JSON that a tracker reads. */
export function trackerJson(run: BenchRun, format: TrackerFormat): unknown {
  return format === 'bmf' ? bencherMetrics(run) : githubActionBenchmark(run);
}

interface Cost {
  readonly case: string;
  readonly measure: string;
  readonly unit: 'ns' | 'bytes';
  /** Of each process. */
  readonly values: readonly number[];
}

function costsOf({ cases }: BenchRun): Cost[] {
  return cases.flatMap(({ case: name, samplesNs, peakRssBytes }) => [
    ...Object.entries(samplesNs).map(([measure, samples]) => {
      return { case: name, measure, unit: 'ns' as const, values: processMedians(samples) };
    }),
    { case: name, measure: 'peak_rss', unit: 'bytes' as const, values: peakRssBytes },
  ]);
}

/** Bencher Metric Format: by benchmark and measure; https://bencher.dev/docs/reference/bencher-metric-format/. */
function bencherMetrics(run: BenchRun): unknown {
  const byCase: Record<string, Record<string, object>> = {};
  for (const { case: name, measure, unit, values } of costsOf(run)) {
    const metric = { value: median([...values]), lower_value: min([...values]), upper_value: max([...values]) };
    // `latency` is the tracker's own measure for nanoseconds
    byCase[name] = { ...byCase[name], [unit === 'ns' ? 'latency' : measure]: metric };
  }
  for (const { case: name, counters } of run.cases) {
    const numbers = Object.entries(counters).filter(([, value]) => typeof value === 'number');
    byCase[name] = { ...byCase[name], ...Object.fromEntries(numbers.map(([key, value]) => [key, { value }])) };
  }
  return byCase;
}

/** The list of `customSmallerIsBetter`; https://github.com/benchmark-action/github-action-benchmark. */
function githubActionBenchmark(run: BenchRun): unknown {
  return costsOf(run).map(({ case: name, measure, unit, values }) => {
    const range = `${min([...values])}..${max([...values])}`;
    return { name: `${name} ${measure}`, unit, value: median([...values]), range, extra: `${values.length} processes` };
  });
}
