import { comparableResults, estimatedRows } from '../comparison/replicated-results.ts';
import { CONFIDENCE } from '../metrics/estimate.ts';
import { readVersion } from '../scenario/version.ts';
import type { Job } from './job.ts';
import { writeJson } from './output.ts';
import type { TimedResult } from './simulation-worker.ts';
import type { SimulationEnd } from './simulator.ts';

/** Shows other programs what was simulated. */
export function showResults({ file, scenario, fabrics }: Job, { results, interruption }: SimulationEnd): void {
  const { title, question, seed, replications, warmUpNs } = scenario;
  const names = fabrics.map(({ name }) => name);
  writeJson({
    version: readVersion(),
    scenario: { file, title, question, seed, replications, warmUpNs },
    fabrics: names,
    isInterrupted: interruption !== null,
    results,
    ...(replications > 1 && { statistics: statisticsOf(results, names) }),
  });
}

/** What the replications that all fabrics completed say together. */
function statisticsOf(results: readonly TimedResult[], fabrics: readonly string[]) {
  const compared = comparableResults(results, fabrics);
  return { confidence: CONFIDENCE, seeds: compared.seeds, quantities: estimatedRows(compared) };
}
