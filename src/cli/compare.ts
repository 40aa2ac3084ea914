import type { ExitCode } from './exit-code.ts';
import type { CompareOptions } from './options.ts';
import { chooseFabrics, readForSimulation, simulateAndShow } from './simulate-and-show.ts';

/** Simulates a scenario on several of its fabrics, one after the other, and shows them side by side. */
export function compare(file: string, options: CompareOptions): Promise<ExitCode> {
  const { fabric } = options;
  const scenario = readForSimulation(file, options);
  const fabrics = fabric === undefined ? scenario.fabrics : chooseFabrics(scenario, fabric);
  return simulateAndShow({ file, scenario, fabrics }, options);
}
