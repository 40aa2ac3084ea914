import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { COMPARE_DEFAULTS, compareCases, processesNeeded } from '../src/benchmark/compare-cases.ts';
import {
  type BenchSubject,
  CAN_MEASURE_AT_ONCE,
  type MeasuredCase,
  measureCases,
} from '../src/benchmark/measure-cases.ts';
import { buildRevision, WORKING_TREE } from '../src/benchmark/revisions.ts';
import { chooseCases, suiteSubject } from '../src/cli/bench-subjects.ts';
import { formatTable } from './support.ts';
import { judgeTrial, type Trial } from './trial.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const OPTIONS = { ...COMPARE_DEFAULTS, isInterleaved: true } as const;

// How often a comparison alarms when nothing changed, and how often it finds a slow-down that is there:
// npm run bench:detection -- --trials 30 --only mac-hash
// npm run bench:detection -- --trials 10 --only micro --slow-down 0.1 --slow mac-hash
const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '30' },
    processes: { type: 'string', default: '24' },
    'slow-down': { type: 'string', default: '0' },
    // one version after the other, never both at the same time
    'in-turns': { type: 'boolean', default: false },
    // which cases are slowed down: all, unless said otherwise
    slow: { type: 'string', multiple: true },
    only: {
      type: 'string',
      multiple: true,
      default: ['mac-hash', 'event-queue-10k', 'flood-100x40', 'small/vxlan-flood-learn'],
    },
  },
});
const [trials, processes, slowDown] = [values.trials, values.processes, values['slow-down']].map(Number) as [
  number,
  number,
  number,
];
if (!(trials >= 1 && processes >= 1)) throw new Error('--trials and --processes: expected whole numbers from 1');
if (!(slowDown >= 0)) throw new Error(`--slow-down ${values['slow-down']}: expected a share such as 0.1`);
if (values.slow !== undefined && slowDown === 0) throw new Error('--slow: expected --slow-down with it, such as 0.1');

const program = await buildRevision(ROOT, WORKING_TREE, `${ROOT}/results/bench/builds`);
const { cases } = await suiteSubject(program);
const names = chooseCases(cases, values.only);
const unknown = values.slow?.find((name) => !names.includes(name));
if (unknown !== undefined) throw new Error(`--slow ${unknown}: expected a case that is measured: ${names.join(', ')}`);
const needed = processesNeeded(2 * names.length, OPTIONS);
if (needed === null || processes < needed)
  throw new Error(`--processes ${processes}: expected ${needed} or more, or nothing is found in ${names.length} cases`);

const slowed = new Set(slowDown === 0 ? [] : (values.slow ?? names));
const subject = (label: string, slowDownOf: (name: string) => number): BenchSubject => {
  return { label, commandFor: (name) => [...program.suite!, name, '--slow-down', String(slowDownOf(name))] };
};
const subjects = [subject('as it is', () => 0), subject('under test', (name) => (slowed.has(name) ? slowDown : 0))];
const isAtOnce = CAN_MEASURE_AT_ONCE && !values['in-turns'];
const judged: Trial[] = [];
const rows: (string | number)[][] = [];
for (let trial = 1; trial <= trials; trial++) {
  const measured = await measureCases(subjects, names, { processes, isAtOnce });
  const [base, head] = measured as [MeasuredCase[], MeasuredCase[]];
  const { costs } = compareCases(base, head, OPTIONS);
  judged.push(judgeTrial(costs, slowed));
  const times = costs.filter(({ measure }) => measure !== 'peak_rss');
  const memory = costs.filter(({ measure, verdict }) => measure === 'peak_rss' && verdict !== 'same');
  rows.push([
    trial,
    ...times.map(({ ratio, verdict }) => `${ratio.toFixed(3)} ${verdict}`),
    memory.map(({ case: name, ratio, verdict }) => `${name} ${ratio.toFixed(3)} ${verdict}`).join(', '),
  ]);
  process.stderr.write(`trial ${trial}: ${rows.at(-1)!.slice(1).join(', ')}\n`);
}
console.log(formatTable(['trial', ...names, 'memory'], rows));
for (const name of slowed) {
  const found = judged.filter((trial) => trial.found.includes(name));
  console.log(`${name}, slowed down by ${slowDown}: found in ${found.length} of ${trials} comparisons`);
}
const alarmed = judged.filter(({ falseAlarms }) => falseAlarms.length > 0);
const gained = judged.filter(({ falseGains }) => falseGains.length > 0);
console.log(`${alarmed.length} of ${trials} comparisons alarmed falsely, ${gained.length} found gains that are none`);
