import type { ExitCode } from './exit-code.ts';
import { chooseFabrics, readForSimulation } from './job.ts';
import type { CompareOptions } from './options.ts';
import { simulateAndShow } from './simulate-and-show.ts';
import type { Simulator } from './simulator.ts';

/** Simulates a scenario on several of its fabrics, one after the other, and shows them side by side. */
export function compare(simulator: Simulator, file: string, options: CompareOptions): Promise<ExitCode> {
  const { fabric } = options;
  const scenario = readForSimulation(file, options);
  const fabrics = fabric === undefined ? scenario.fabrics : chooseFabrics(scenario, fabric);
  return simulateAndShow(simulator, { file, scenario, fabrics }, options);
}
