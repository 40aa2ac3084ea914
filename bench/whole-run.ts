import { readScenario } from '../src/scenario/read-scenario.ts';
import { runFabric } from '../src/scenario/run-scenario.ts';
import type { Measurement } from './measurement.ts';
import { cpuTimeNs } from './support.ts';

/** A scenario on each of its fabrics as `compare` runs it, result tables included. Relative to the working folder. */
export function benchWholeRun(outDir: string, path = 'scenarios/first-look.yaml'): Measurement[] {
  const scenario = readScenario(path);
  return scenario.fabrics.flatMap((fabric) => {
    const startNs = cpuTimeNs();
    const start = process.hrtime.bigint();
    const { events, frameHops } = runFabric(scenario, fabric, { outDir });
    const elapsedNs = cpuTimeNs() - startNs;
    const bench = 'whole-run';
    return [
      { bench, subject: `${fabric.name}, wall time`, unit: 'ns', value: Number(process.hrtime.bigint() - start) },
      { bench, subject: `${fabric.name}, one event`, unit: 'ns', value: elapsedNs / events },
      { bench, subject: `${fabric.name}, events`, unit: 'per_second', value: (events / elapsedNs) * 1e9 },
      { bench, subject: `${fabric.name}, frame-hops`, unit: 'per_second', value: (frameHops / elapsedNs) * 1e9 },
    ] satisfies Measurement[];
  });
}
