import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { COMPARE_DEFAULTS, compareCases } from '../src/benchmark/compare-cases.ts';
import { type BenchSubject, type MeasuredCase, measureCases } from '../src/benchmark/measure-cases.ts';
import { buildRevision, WORKING_TREE } from '../src/benchmark/revisions.ts';
import { formatTable } from './support.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

// How often a comparison alarms when nothing changed, and how often it finds a slow-down that is there:
// npm run bench:detection -- --trials 30 --slow-down 0 --only mac-hash
const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '30' },
    processes: { type: 'string', default: '12' },
    'slow-down': { type: 'string', default: '0' },
    only: {
      type: 'string',
      multiple: true,
      default: ['mac-hash', 'event-queue-10k', 'flood-100x40', 'small/vxlan-flood-learn'],
    },
  },
});
const { suite } = await buildRevision(ROOT, WORKING_TREE, `${ROOT}/results/bench/builds`);
const subject = (label: string, slowDown: string): BenchSubject => {
  return { label, commandFor: (name) => [...suite!, name, '--slow-down', slowDown] };
};
const subjects = [subject('as it is', '0'), subject('under test', values['slow-down'])];
const rows: (string | number)[][] = [];
let alarms = 0;
for (let trial = 1; trial <= Number(values.trials); trial++) {
  const [base, head] = (await measureCases(subjects, values.only, { processes: Number(values.processes) })) as [
    MeasuredCase[],
    MeasuredCase[],
  ];
  const { costs } = compareCases(base, head, { ...COMPARE_DEFAULTS, isInterleaved: true });
  const times = costs.filter(({ measure }) => measure !== 'peak_rss');
  if (costs.some(({ verdict }) => verdict !== 'same')) alarms++;
  rows.push([trial, ...times.map(({ ratio, verdict }) => `${ratio.toFixed(3)} ${verdict}`)]);
  process.stderr.write(`trial ${trial}: ${rows.at(-1)!.slice(1).join(', ')}\n`);
}
console.log(formatTable(['trial', ...values.only], rows));
console.log(`${alarms} of ${values.trials} comparisons alarmed`);
