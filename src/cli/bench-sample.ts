import { runScenarioCase } from '../benchmark/scenario-case.ts';
import { trailCheckpoints, trailDecisions } from '../benchmark/trail.ts';
import { readScenario } from '../scenario/read-scenario.ts';
import { tuneV8 } from '../scenario/tune-v8.ts';
import type { BenchSampleOptions, BenchTrailOptions } from './bench-options.ts';
import { ExitCode } from './exit-code.ts';
import { chooseFabrics } from './job.ts';
import { writeData } from './output.ts';

/** Runs a scenario on one fabric in this process, and prints the report of the case. */
export function benchSample(file: string, { fabric, set, slowDown }: BenchSampleOptions): ExitCode {
  tuneV8();
  const scenario = readScenario(file, { overrides: set });
  const [settings] = chooseFabrics(scenario, [fabric]);
  const options = { level: 'scenario', samples: 1, slowDownRatio: slowDown } as const;
  writeData(JSON.stringify(runScenarioCase(scenario, settings!, options)));
  return ExitCode.ok;
}

/** Prints what the fingerprint of a run went through, as JSON Lines: at intervals, or decision by decision. */
export function benchTrail(file: string, { fabric, set, every, from, to }: BenchTrailOptions): ExitCode {
  const scenario = readScenario(file, { overrides: set });
  const [settings] = chooseFabrics(scenario, [fabric]);
  const emit = (line: object) => writeData(JSON.stringify(line));
  if (every !== undefined) trailCheckpoints(scenario, settings!, every, emit);
  else trailDecisions(scenario, settings!, { from, to }, emit);
  return ExitCode.ok;
}
