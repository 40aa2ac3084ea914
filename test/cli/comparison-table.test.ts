import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { comparisonTable } from '../../src/cli/comparison-table.ts';
import type { TimedResult } from '../../src/cli/simulation-worker.ts';
import { comparableResults } from '../../src/comparison/replicated-results.ts';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { FABRICS, scenarioOf } from '../support/scenario-of.ts';

const plain = picocolors.createColors(false);
const coloured = picocolors.createColors(true);
const fabrics = FABRICS.map((fabric, index) => ({ ...fabric, macTableSize: 4 + index }));
const names = fabrics.map(({ name }) => name);

function resultsOf(replications: number): TimedResult[] {
  return compareFabrics(scenarioOf({ fabrics, replications }), { outDir: null }).map((result, index) => {
    return { ...result, wallNs: 1e9 + index * 1e7, peakRssBytes: 2e8 };
  });
}

describe.each([1, 2])('the table of %d replications', (replications) => {
  const compared = comparableResults(resultsOf(replications), names);
  const table = comparisonTable(compared, plain);

  it('has every fabric beside the first, in lines of at most 100 columns', () => {
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    for (const name of names) expect(table).toContain(name);
    for (const one of table.split('\n\n')) expect(one.split('\n')[0]).toContain(names[0]);
  });

  it('says what was full, when, and what bound first', () => {
    expect(table).toMatch(/^ {4}tables that were full +\d/m);
    expect(table).toMatch(/^ {4}the first was full after +\S+/m);
    expect(table).toMatch(/^ {2}bound first +MAC table/m);
    expect(table).toMatch(/^ {2}segments refused +0/m);
  });

  it('is the same without its colours', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is how colours begin
    const bare = comparisonTable(compared, coloured).replaceAll(/\u001b\[\d+m/g, '');
    expect(bare.split('\n').map((line) => line.trimEnd())).toEqual(table.split('\n'));
  });
});

describe('results that can be compared', () => {
  const results = resultsOf(2);

  it('are the replications that every fabric completed', () => {
    const { seeds } = comparableResults(results.slice(0, -1), names);
    expect(seeds).toEqual([results[0]!.seed]);
    const stopped = results.map((result, index) => ({ ...result, isComplete: index !== 0 }));
    expect(comparableResults(stopped, names).seeds).toEqual([results.at(-1)!.seed]);
  });

  it('are the first replication as far as it came when none is complete', () => {
    const { fabrics: shown, results: first } = comparableResults(results.slice(0, 1), names);
    expect(shown).toEqual(names.slice(0, 1));
    expect(first).toEqual(results.slice(0, 1));
    expect(comparableResults([], names).results).toEqual([]);
  });
});
