import { estimateRuns, type RunEstimate } from '../scenario/run-estimate.ts';
import type { StudyCell } from './study.ts';

/** One run of a plan, as `--dry-run` prints it. */
export interface PlanLine {
  readonly id: string;
  readonly point: number;
  readonly parameters: StudyCell['parameters'];
  readonly fabric: string;
  readonly seed: number;
  readonly version: string;
  /** What it is reckoned to take. */
  readonly events: number;
  readonly memoryBytes: number;
  /** Words after `dcfabric` that simulate it alone. */
  readonly command: readonly string[];
}

/** What a plan says of one run. */
export function planLine({ id, point, parameters, run, command }: StudyCell, version: string): PlanLine {
  const { fabric, scenario } = run;
  const { events, memoryBytes } = costOf(run);
  const words = [...command, '--fabric', fabric.name, '--seed', String(scenario.seed)];
  return {
    id,
    point,
    parameters,
    fabric: fabric.name,
    seed: scenario.seed,
    version,
    events,
    memoryBytes,
    command: words,
  };
}

/** What runs were reckoned to take before. */
const costs = new WeakMap<StudyCell['run'], RunEstimate>();

/** Roughly what a run will take. */
export function costOf(run: StudyCell['run']): RunEstimate {
  const known = costs.get(run);
  if (known !== undefined) return known;
  const [cost] = estimateRuns({ ...run.scenario, fabrics: [run.fabric] });
  costs.set(run, cost!);
  return cost!;
}
