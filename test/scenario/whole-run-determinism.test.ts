import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readArrowFile } from '../../src/metrics/arrow-file.ts';
import { RESULT_TABLES } from '../../src/metrics/tables.ts';
import { compareFabrics, type FabricResult, runFabric } from '../../src/scenario/run-scenario.ts';
import { fabricOf, scenarioOf } from '../support/scenario-of.ts';

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'whole-run-'));
});
afterEach(() => rmSync(out, { recursive: true }));

/** The bytes of every file of a result, by name. */
function filesOf({ folder }: FabricResult): Record<string, string> {
  return Object.fromEntries(readdirSync(folder!).map((name) => [name, readFileSync(join(folder!, name), 'base64')]));
}

/** Everything about a result but where it is. */
function factsOf({ folder: _, ...facts }: FabricResult) {
  return facts;
}

describe('a whole run', () => {
  it('does and writes the same with the same seed, byte for byte, on every fabric', () => {
    const scenario = scenarioOf();
    const [once, again] = ['once', 'again'].map((name) => compareFabrics(scenario, { outDir: join(out, name) }));
    expect(once.map(factsOf)).toEqual(again.map(factsOf));
    for (const [index, result] of once.entries()) {
      const files = filesOf(result);
      expect(Object.keys(files)).toContain('run.arrow');
      expect(files).toEqual(filesOf(again[index]));
    }
    expect(new Set(once.map(({ fingerprint }) => fingerprint)).size).toBe(once.length);
  });

  it('does something else with another seed', () => {
    const [one, other] = [1, 2].map((seed) => compareFabrics(scenarioOf({ seed }), { outDir: null }));
    for (const [index, { fingerprint, summary }] of one.entries()) {
      expect(other[index].fingerprint).not.toBe(fingerprint);
      expect(other[index].summary.flows.deliveredBytes).not.toBe(summary.flows.deliveredBytes);
    }
  });

  it('does the same whichever fabrics were simulated before, and whether or not it writes results', () => {
    const scenario = scenarioOf();
    const backwards = { ...scenario, fabrics: [...scenario.fabrics].reverse() };
    const forth = compareFabrics(scenario, { outDir: null });
    const back = compareFabrics(backwards, { outDir: out }).reverse();
    for (const [index, { fingerprint, events, summary }] of forth.entries()) {
      expect(back[index]).toMatchObject({ fingerprint, events, summary });
    }
  });

  it('does the same however often it reports progress and takes samples', () => {
    const fabricName = 'hypervisor';
    const fingerprints = ['1s', '7s'].map((every) => {
      const scenario = scenarioOf({ samples: { every } });
      return runFabric(scenario, fabricOf(scenario, fabricName), { outDir: null, onProgress: () => true }).fingerprint;
    });
    expect(fingerprints[1]).toBe(fingerprints[0]);
  });

  it('brings the same flows, VMs and migrations to every fabric', () => {
    // a VM that is paused starts no flow, and when it is paused hangs on the links that its memory is copied over
    const migrations = { random: { count: 5, start: '22s', end: '34s' }, memory: '1GiB', copiesOver: 'own-network' };
    const results = compareFabrics(scenarioOf({ migrations }), { outDir: out });
    const plans = results.map(({ folder }) =>
      readArrowFile(join(folder!, 'migrations.arrow'))
        .rows()
        .map(({ vm, from_server, to_server, start_ns }) => ({ vm, from_server, to_server, start_ns })),
    );
    expect(plans[0]).toHaveLength(5);
    for (const [index, { summary }] of results.entries()) {
      expect(plans[index]).toEqual(plans[0]);
      expect(summary.flows.started).toBe(results[0].summary.flows.started);
    }
    expect(results[0].summary.flows.started).toBeGreaterThan(400);
  });

  it('is incomplete when it is stopped, and what it wrote can be read', () => {
    const scenario = scenarioOf();
    let stoppedNs = 0;
    const results = compareFabrics(scenario, {
      outDir: out,
      onProgress: ({ simulatedNs }) => {
        stoppedNs = simulatedNs;
        return false;
      },
    });
    // the fabrics after it are not begun
    expect(results).toHaveLength(1);
    const [{ isComplete, simulatedNs, folder }] = results;
    expect({ isComplete, simulatedNs }).toEqual({ isComplete: false, simulatedNs: stoppedNs });
    expect(stoppedNs).toBeLessThan(scenario.durationNs);
    const tables = readdirSync(folder!).filter((name) => name !== 'run.json');
    expect(tables).toHaveLength(RESULT_TABLES.length);
    for (const file of tables) {
      const table = readArrowFile(join(folder!, file));
      expect(table.isComplete).toBe(true);
      expect(table.metadata.is_complete).toBe('false');
    }
    const [run] = readArrowFile(join(folder!, 'run.arrow')).rows();
    expect(run).toMatchObject({ is_complete: false, simulated_ns: stoppedNs, duration_ns: scenario.durationNs });
    expect(readArrowFile(join(folder!, 'link_samples.arrow')).rowCount).toBeGreaterThan(0);
  });
});
