import { fileURLToPath } from 'node:url';
import { writeBenchRun } from '../src/benchmark/bench-history.ts';
import type { MeasuredCase } from '../src/benchmark/measure-cases.ts';
import { originOf } from '../src/benchmark/program-origin.ts';
import { buildRevision, WORKING_TREE } from '../src/benchmark/revisions.ts';
import { measureShown } from '../src/cli/bench-progress.ts';
import { benchOrigin, measuredTable, remarkOnProcesses } from '../src/cli/bench-run.ts';
import { suiteSubject } from '../src/cli/bench-subjects.ts';
import { reportError } from '../src/cli/report-error.ts';
import { readVersion } from '../src/scenario/version.ts';
import { suiteOptions } from './suite-options.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HISTORY = `${ROOT}/results/bench`;

async function benchSuite(words: readonly string[]): Promise<void> {
  const { names, processes } = suiteOptions(words);
  const program = await originOf(ROOT, readVersion());
  const { subject } = await suiteSubject(await buildRevision(ROOT, WORKING_TREE, `${HISTORY}/builds`));
  const origin = benchOrigin(program);
  const [measured] = (await measureShown([subject], names, { processes, isAtOnce: false, quiet: false })) as [
    MeasuredCase[],
  ];
  const path = writeBenchRun(HISTORY, origin, measured);
  console.log(measuredTable(measured));
  const remark = remarkOnProcesses(measured);
  if (remark !== null) console.log(remark);
  console.log(`kept as ${path}`);
}

// The suite on the files as they are: `npm run bench`, or `npm run bench -- --only micro --processes 3`.
try {
  await benchSuite(process.argv.slice(2));
} catch (error) {
  process.exitCode = reportError(error, { isDebug: false });
}
