import { readScenario } from '../scenario/read-scenario.ts';
import type { ExitCode } from './exit-code.ts';
import type { RunOptions } from './options.ts';
import { chooseFabrics, simulateAndShow } from './simulate-and-show.ts';

/** Simulates a scenario on one of its fabrics. */
export function run(file: string, options: RunOptions): Promise<ExitCode> {
  const { set, seed, fabric } = options;
  const scenario = readScenario(file, { overrides: set, ...(seed === undefined ? {} : { seed }) });
  const fabrics = fabric === undefined ? scenario.fabrics.slice(0, 1) : chooseFabrics(scenario, [fabric]);
  return simulateAndShow({ file, scenario, fabrics }, options);
}
