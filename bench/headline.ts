import { readScenario } from '../src/scenario/read-scenario.ts';
import { runFabric } from '../src/scenario/run-scenario.ts';
import type { Measurement } from './measurement.ts';
import { cpuTimeNs } from './support.ts';

/** A large scenario, all its fabrics one after the other in this process as `compare` runs them, tables included. */
export function benchHeadline(outDir: string, path: string): Measurement[] {
  const scenario = readScenario(path);
  const bench = 'headline';
  const begin = process.hrtime.bigint();
  const rows: Measurement[] = [];
  for (const fabric of scenario.fabrics) {
    const startNs = cpuTimeNs();
    const start = process.hrtime.bigint();
    const { events, hops, groupedHops } = runFabric(scenario, fabric, { outDir });
    const elapsedNs = cpuTimeNs() - startNs;
    const subject = `${scenario.name}, ${fabric.name}`;
    rows.push(
      { bench, subject: `${subject}: wall time`, unit: 'ns', value: Number(process.hrtime.bigint() - start) },
      { bench, subject: `${subject}: CPU time`, unit: 'ns', value: elapsedNs },
      { bench, subject: `${subject}: one event`, unit: 'ns', value: elapsedNs / events },
      { bench, subject: `${subject}: hops that were events`, unit: 'count', value: hops - groupedHops },
    );
  }
  rows.push(
    { bench, subject: `${scenario.name}: wall time`, unit: 'ns', value: Number(process.hrtime.bigint() - begin) },
    {
      bench,
      subject: `${scenario.name}: most memory of the process`,
      unit: 'bytes',
      value: process.resourceUsage().maxRSS * 1024,
    },
  );
  return rows;
}
