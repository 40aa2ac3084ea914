import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { CaseReport } from '../src/benchmark/case-report.ts';
import { differentCounters } from '../src/benchmark/measure-cases.ts';
import { runScenarioCase } from '../src/benchmark/scenario-case.ts';
import { runMicroCase } from './micro-process.ts';
import { SCENARIO_CASES, SMALL_SUITE } from './suite.ts';

const EXPECTED_FILE = fileURLToPath(new URL('expected-counters.json', import.meta.url));

/** What the small suite counts, and why it last came to count something else. */
interface ExpectedCounters {
  readonly reason: string;
  readonly cases: Readonly<Record<string, CaseReport['counters']>>;
}

function countSmallSuite(): ExpectedCounters['cases'] {
  const counted = SMALL_SUITE.map(({ name }) => {
    process.stderr.write(`counting ${name}\n`);
    const found = SCENARIO_CASES.get(name);
    const { counters } =
      found === undefined
        ? runMicroCase(name, { slowDownRatio: 0, samples: 1 })
        : runScenarioCase(found.scenario, found.fabric, { ...found, samples: 1, slowDownRatio: 0 });
    return [name, counters] as const;
  });
  return Object.fromEntries(counted);
}

// Counts the work of the small suite and compares it with what is expected; `--accept REASON` makes it what is expected.
const { values } = parseArgs({ options: { accept: { type: 'string' } } });
const cases = countSmallSuite();
if (values.accept !== undefined) {
  if (values.accept.trim() === '') throw new Error('--accept: expected why the counters changed');
  const accepted: ExpectedCounters = { reason: values.accept, cases };
  writeFileSync(EXPECTED_FILE, `${JSON.stringify(accepted, null, 2)}\n`);
} else {
  const expected = JSON.parse(readFileSync(EXPECTED_FILE, 'utf8')) as ExpectedCounters;
  const names = new Set([...Object.keys(expected.cases), ...Object.keys(cases)]);
  const changes = [...names].flatMap((name) => {
    const [before, now] = [expected.cases[name] ?? {}, cases[name] ?? {}];
    return differentCounters(before, now).map((counter) => `${name}: ${counter} ${before[counter]} -> ${now[counter]}`);
  });
  if (changes.length > 0) {
    console.error(
      `${changes.join('\n')}\n${changes.length} counters changed. If that is meant: npm run bench:counters -- --accept REASON`,
    );
    process.exitCode = 1;
  } else {
    console.log(`${Object.keys(cases).length} cases do the work that is expected`);
  }
}
