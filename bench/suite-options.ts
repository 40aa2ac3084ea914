import { parseArgs } from 'node:util';
import { chooseCases } from '../src/cli/bench-subjects.ts';
import { UsageError } from '../src/cli/exit-code.ts';
import { SUITE } from './suite.ts';

/** Two runs of the whole suite can be compared by times and memory from 7 processes on; one more leaves room for noise. */
const PROCESSES_DEFAULT = 8;

/** Which cases of the suite are measured, and in how many processes each. */
export interface SuiteOptions {
  readonly names: readonly string[];
  readonly processes: number;
}

/** The words behind `npm run bench --`; throws a UsageError for what cannot be measured. */
export function suiteOptions(words: readonly string[]): SuiteOptions {
  const { only, processes } = parseWords(words);
  const count = processes === undefined ? PROCESSES_DEFAULT : Number(processes);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new UsageError(`--processes: got '${processes}', expected a whole number from 1 on`);
  return { names: chooseCases(SUITE, only), processes: count };
}

function parseWords(words: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: { only: { type: 'string', multiple: true }, processes: { type: 'string' } },
    });
    return values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
