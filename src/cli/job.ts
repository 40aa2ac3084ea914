import { unknownName } from '../scenario/cross-check.ts';
import { readScenario } from '../scenario/read-scenario.ts';
import type { FabricSettings, Scenario } from '../scenario/scenario.ts';
import { UsageError } from './exit-code.ts';
import type { SimulateOptions } from './options.ts';

/** What is to be simulated. */
export interface Job {
  readonly file: string;
  readonly scenario: Scenario;
  readonly fabrics: readonly FabricSettings[];
}

/** A scenario as the file says it, with what the command line says instead. */
export function readForSimulation(file: string, { set, seed, replications }: SimulateOptions): Scenario {
  const scenario = readScenario(file, { overrides: set, ...(seed === undefined ? {} : { seed }) });
  return replications === undefined ? scenario : { ...scenario, replications };
}

/** The fabrics of a scenario that have these names, in the order of the names. */
export function chooseFabrics({ fabrics }: Scenario, names: readonly string[]): FabricSettings[] {
  return [...new Set(names)].map((name) => {
    const fabric = fabrics.find((one) => one.name === name);
    if (fabric !== undefined) return fabric;
    const known = fabrics.map((one) => one.name);
    throw new UsageError(`--fabric: ${unknownName('fabric', name, known)}`);
  });
}
