import { fileURLToPath } from 'node:url';
import type { CaseLevel } from '../src/benchmark/case-report.ts';
import { scenarioCaseName } from '../src/benchmark/scenario-case.ts';
import { readScenario } from '../src/scenario/read-scenario.ts';
import type { FabricSettings, Scenario } from '../src/scenario/scenario.ts';
import { MICRO_CASES } from './micro.ts';

/** A scenario of the suite on one of its fabrics. */
export interface SuiteScenario {
  readonly level: CaseLevel;
  readonly scenario: Scenario;
  readonly fabric: FabricSettings;
}

/** One design each in the middle of the suite; both of the simple pair in three sizes at its end. */
const SCENARIO_FILES = [
  { file: 'every-design.yaml', level: 'meso' },
  { file: 'small.yaml', level: 'macro' },
  { file: 'middle.yaml', level: 'macro' },
  { file: 'large.yaml', level: 'macro' },
] as const;

/** The suite's scenarios by the names of their cases. */
export const SCENARIO_CASES: ReadonlyMap<string, SuiteScenario> = new Map(
  SCENARIO_FILES.flatMap(({ file, level }) => {
    const scenario = readScenario(fileURLToPath(new URL(`../bench/scenarios/${file}`, import.meta.url)));
    return scenario.fabrics.map((fabric) => [scenarioCaseName(scenario, fabric), { level, scenario, fabric }] as const);
  }),
);

/** All cases, from the smallest piece of the program to the whole of it. */
export const SUITE: readonly { readonly name: string; readonly level: CaseLevel }[] = [
  ...Object.keys(MICRO_CASES).map((name) => ({ name, level: 'micro' as const })),
  ...[...SCENARIO_CASES].map(([name, { level }]) => ({ name, level })),
];

/** What is quick enough to be counted at every change: pieces that need no large memory, every design, the least of the sizes. */
const LARGE_CASES = ['event-queue-1M', 'mac-tables-100k', 'frame-hops-M'];

export const SMALL_SUITE = SUITE.filter(
  ({ name, level }) => (level !== 'macro' && !LARGE_CASES.includes(name)) || name.startsWith('small/'),
);
