import {
  isZeroIfAbsent,
  matchingMetrics,
  metricsOf,
  namesUnmeasured,
  UNSAID_ZEROS,
  unitOfMetric,
} from '../metrics/metric-paths.ts';
import type { FabricSummary } from '../metrics/summary.ts';
import { unknownMetricWords } from './unknown-metric.ts';

/** One number of a run. */
export interface Measure {
  readonly name: string;
  readonly unit: 'count' | 'ns' | 'bytes' | 'ratio' | 'bitsPerSec';
  readonly of: (run: MeasuredRun) => number | null;
}

/** A run with its numbers by path. */
export interface MeasuredRun {
  readonly summary: FabricSummary;
  readonly metrics: ReadonlyMap<string, number>;
}

/** A run, ready to be measured. */
export function measuredRun(summary: FabricSummary): MeasuredRun {
  return { summary, metrics: metricsOf(summary) };
}

/** What is usually asked of a run. */
export const USUAL_MEASURES: readonly Measure[] = [
  {
    name: 'most MACs in a table',
    unit: 'count',
    of: ({ summary: { macTables } }) => macTables.reduce((max, { entriesMax }) => Math.max(max, entriesMax), 0),
  },
  {
    name: 'flooded',
    unit: 'ratio',
    of: ({ summary: { flooding } }) => (flooding.allBytes === 0 ? null : flooding.floodedBytes / flooding.allBytes),
  },
  { name: 'longest outage', unit: 'ns', of: ({ summary }) => summary.migrations.outageNsMax },
  { name: 'flows failed', unit: 'count', of: ({ summary }) => summary.flows.failed },
];

/** Whether it takes all runs to know what measures a path stands for. */
export function isPattern(path: string): boolean {
  return path.includes('*');
}

/** The measures that paths stand for, in their order, and what is wrong with the paths; learnt from runs. */
export class MeasurePaths {
  readonly #paths: readonly string[];
  /** By path, the metrics that it names, in the order in which they were seen. */
  readonly #found: ReadonlyMap<string, Set<string>>;
  /** Paths that name something that no run has measured. */
  readonly #unmeasured = new Set<string>();
  readonly #known = new Set<string>();
  #runs = 0;

  constructor(paths: readonly string[]) {
    this.#paths = paths;
    this.#found = new Map(paths.map((path) => [path, new Set<string>()]));
  }

  learn({ summary, metrics }: MeasuredRun): void {
    this.#runs++;
    for (const path of metrics.keys()) this.#known.add(path);
    for (const [path, found] of this.#found) {
      for (const [name] of matchingMetrics(metrics, path)) found.add(name);
      if (namesUnmeasured(summary, path)) this.#unmeasured.add(path);
    }
  }

  /** One for each metric that a path with `*` names; of what no run has, one of the path itself. */
  measures(): Measure[] {
    const names = this.#paths.flatMap((path) => {
      const found = [...this.#found.get(path)!];
      return isPattern(path) && found.length > 0 ? found : [path];
    });
    return [...new Set(names)].map(pathMeasure);
  }

  /** What is to be said of each path that names nothing of any run; nothing before there are runs. */
  problems(): string[] {
    if (this.#runs === 0) return [];
    const known = [...new Set([...this.#known, ...UNSAID_ZEROS])];
    return this.#paths
      .filter((path) => this.#found.get(path)!.size === 0 && !isZeroIfAbsent(path) && !this.#unmeasured.has(path))
      .map((path) => `no run has the number ${unknownMetricWords(path, known)}`);
  }
}

function pathMeasure(path: string): Measure {
  const absent = isZeroIfAbsent(path) ? 0 : null;
  return { name: path, unit: unitOf(path), of: ({ metrics }) => metrics.get(path) ?? absent };
}

function unitOf(path: string): Measure['unit'] {
  const unit = unitOfMetric(path);
  if (unit === 'share') return 'ratio';
  return unit === null || unit === 'plain' ? 'count' : unit;
}
