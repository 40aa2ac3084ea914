import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Datacenter } from '../scenario/datacenter.ts';
import { runFabric } from '../scenario/run-scenario.ts';
import type { FabricSettings, Scenario } from '../scenario/scenario.ts';
import { type CaseLevel, type CaseReport, peakRssBytes } from './case-report.ts';
import { growthCounters } from './growth-counters.ts';
import { runCounters } from './run-counters.ts';
import { slowedDown } from './slow-down.ts';

export interface ScenarioCaseOptions {
  readonly level: CaseLevel;
  /** Times that the run is repeated in this process; the first is what a user waits for, the later ones find code compiled. */
  readonly samples: number;
  /** Each sample spends this share of its time on nothing: a slow-down that a comparison has to find. */
  readonly slowDownRatio: number;
}

/** What results call the version: bytes that are written would depend on how long its name is. */
const VERSION = '0.0.0';

/** Simulates a scenario on one fabric as `run` does, tables written, and says what it did and what it cost. */
export function runScenarioCase(
  scenario: Scenario,
  fabric: FabricSettings,
  { level, samples, slowDownRatio }: ScenarioCaseOptions,
): CaseReport {
  const cpuNs: number[] = [];
  let counters: CaseReport['counters'] = {};
  for (let sample = 0; sample < samples; sample++) {
    const outDir = mkdtempSync(join(tmpdir(), 'dcfabric-bench-'));
    try {
      let datacenter: Datacenter | null = null;
      const onBuilt = (built: Datacenter) => {
        datacenter = built;
      };
      const grown = growthCounters();
      const run = slowedDown(() => runFabric(scenario, fabric, { outDir, onBuilt, version: VERSION }), slowDownRatio);
      cpuNs.push(run.cpuNs);
      counters = { ...runCounters(run.result, datacenter!, run.result.folder!), ...grown() };
    } finally {
      rmSync(outDir, { recursive: true, force: true });
    }
  }
  return {
    format: 'dcfabric-bench-case/1',
    case: scenarioCaseName(scenario, fabric),
    level,
    counters,
    timesNs: { run: cpuNs },
    peakRssBytes: peakRssBytes(),
  };
}

/** What the case of a scenario on a fabric is called. */
export function scenarioCaseName(scenario: Scenario, fabric: FabricSettings): string {
  return `${scenario.name}/${fabric.name}`;
}
