import type { ExitCode } from './exit-code.ts';
import type { RunOptions } from './options.ts';
import { chooseFabrics, readForSimulation, simulateAndShow } from './simulate-and-show.ts';

/** Simulates a scenario on one of its fabrics. */
export function run(file: string, options: RunOptions): Promise<ExitCode> {
  const { fabric } = options;
  const scenario = readForSimulation(file, options);
  const fabrics = fabric === undefined ? scenario.fabrics.slice(0, 1) : chooseFabrics(scenario, [fabric]);
  return simulateAndShow({ file, scenario, fabrics }, options);
}
