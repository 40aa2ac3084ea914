// The whole file of a process: it runs one case of the suite and prints its report, or prints the list of cases.
import { parseArgs } from 'node:util';
import { runScenarioCase } from '../src/benchmark/scenario-case.ts';
import { tuneV8 } from '../src/scenario/tune-v8.ts';
import { runMicroCase } from './micro-process.ts';
import { SCENARIO_CASES, SUITE } from './suite.ts';

/** Samples of a micro case; a scenario is simulated once. */
const MICRO_SAMPLES = 10;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: 'boolean', default: false }, 'slow-down': { type: 'string', default: '0' } },
});
if (values.list) {
  console.log(JSON.stringify(SUITE));
} else {
  tuneV8();
  const [name] = positionals as [string];
  const slowDownRatio = Number(values['slow-down']);
  const scenarioCase = SCENARIO_CASES.get(name);
  const report =
    scenarioCase === undefined
      ? runMicroCase(name, { slowDownRatio, samples: MICRO_SAMPLES })
      : runScenarioCase(scenarioCase.scenario, scenarioCase.fabric, { ...scenarioCase, samples: 1, slowDownRatio });
  console.log(JSON.stringify(report));
}
