import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeBenchRun } from '../src/benchmark/bench-file.ts';
import type { MeasuredCase } from '../src/benchmark/measure-cases.ts';
import { buildRevision, WORKING_TREE } from '../src/benchmark/revisions.ts';
import { measureShown } from '../src/cli/bench-progress.ts';
import { benchOrigin, measuredTable } from '../src/cli/bench-run.ts';
import { chooseCases, suiteSubject } from '../src/cli/bench-subjects.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HISTORY = `${ROOT}/results/bench`;

// The suite on the files as they are: `npm run bench`, or `npm run bench -- --only micro --processes 3`.
const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, processes: { type: 'string', default: '3' } },
});
const program = await buildRevision(ROOT, WORKING_TREE, `${HISTORY}/builds`);
const { subject, cases } = await suiteSubject(program);
const names = chooseCases(cases, values.only);
const [measured] = (await measureShown([subject], names, {
  processes: Number(values.processes),
  quiet: false,
})) as [MeasuredCase[]];
const path = writeBenchRun(HISTORY, await benchOrigin(), measured);
console.log(measuredTable(measured));
console.log(`kept as ${path}`);
