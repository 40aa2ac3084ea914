import type { ExitCode } from './exit-code.ts';
import { chooseFabrics, readForSimulation } from './job.ts';
import type { RunOptions } from './options.ts';
import { simulateAndShow } from './simulate-and-show.ts';
import type { Simulator } from './simulator.ts';

/** Simulates a scenario on one of its fabrics. */
export function run(simulator: Simulator, file: string, options: RunOptions): Promise<ExitCode> {
  const { fabric } = options;
  const scenario = readForSimulation(file, options);
  const fabrics = fabric === undefined ? scenario.fabrics.slice(0, 1) : chooseFabrics(scenario, [fabric]);
  return simulateAndShow(simulator, { file, scenario, fabrics }, options);
}
