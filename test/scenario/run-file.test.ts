import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunFile } from '../../src/metrics/run-file.ts';
import { plannedRuns } from '../../src/scenario/replications.ts';
import { type FabricResult, runFabric, runInto } from '../../src/scenario/run-scenario.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { fabricOf, scenarioOf } from '../support/scenario-of.ts';

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'run-file-'));
});
afterEach(() => rmSync(out, { recursive: true }));

const read = (folder: string): RunFile => JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));

/** Three seconds of a small datacenter, with some of its values changed. */
function shortScenario(changes: Record<string, unknown> = {}): Scenario {
  const hosts = { bootStart: '0s', bootWindow: '1s' };
  return scenarioOf({ duration: '3s', hosts, migrations: {}, failures: [], ...changes });
}

/** A short run of the leaf fabric into a folder. */
function runOf(changes: Record<string, unknown> = {}, folder = 'results'): FabricResult & { folder: string } {
  const scenario = shortScenario(changes);
  const result = runFabric(scenario, fabricOf(scenario, 'leaf'), { outDir: join(out, folder) });
  return { ...result, folder: result.folder! };
}

describe('run.json', () => {
  it('says what was simulated, and what came of it', () => {
    const result = runOf();
    const { fingerprint, version, scenarioDigest, events, summary } = result;
    expect(read(result.folder)).toMatchObject({
      format: 'dcfabric-run/1',
      scenario: { digest: scenarioDigest },
      fabric: { name: 'leaf', kind: 'vxlan-flood-learn' },
      seed: 1,
      version,
      fingerprint,
      isComplete: true,
      durationNs: 3e9,
      simulatedNs: 3e9,
      parameters: {},
      command: null,
      events,
      summary,
    });
  });

  it('holds all that is needed to simulate the run again, to the byte', () => {
    const first = runOf();
    const settings = read(first.folder).settings as Scenario;
    const [planned] = plannedRuns(settings, settings.fabrics);
    const again = join(out, 'again');
    runInto(again, planned);
    // both count the fabrics that the scenario names
    const ofRun = (folder: string) => ({ ...read(folder), id: '', scenario: null });
    expect(ofRun(again)).toEqual(ofRun(first.folder));
  });

  it('names runs by their scenario, seed and fabric, however many there are', () => {
    const { id } = read(runOf().folder);
    expect(id).toMatch(/^[\da-f]{16}$/);
    const others = [{ seed: 2 }, { duration: '4s' }].map((changes) => read(runOf(changes).folder).id);
    expect(new Set([id, ...others]).size).toBe(3);
    expect(read(runOf({ replications: 5 }).folder).id).toBe(id);
  });

  it('is not there while its folder is written', () => {
    const { folder } = runOf();
    const scenario = shortScenario();
    const seen = new Set<string>();
    const onProgress = () => {
      for (const name of readdirSync(folder)) seen.add(name);
      return true;
    };
    runFabric(scenario, fabricOf(scenario, 'leaf'), { outDir: join(out, 'results'), onProgress });
    expect(seen).toContain('run.arrow.partial');
    expect(seen).not.toContain('run.json');
    expect(read(folder).isComplete).toBe(true);
  });

  it('says that an interrupted run is not complete, and how far it came', () => {
    const scenario = shortScenario();
    const { folder, simulatedNs } = runFabric(scenario, fabricOf(scenario, 'leaf'), {
      outDir: out,
      onProgress: () => false,
    });
    expect(simulatedNs).toBeLessThan(3e9);
    expect(read(folder!)).toMatchObject({ isComplete: false, simulatedNs, durationNs: 3e9 });
  });
});
