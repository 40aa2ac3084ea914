import { RUN_INVARIANTS } from '../metrics/column-values.ts';
import { formatCount } from '../units.ts';
import type { TimedResult } from './simulation-worker.ts';

type Checked = Pick<TimedResult, 'fabric' | 'seed' | 'invariants'>;

const RELATIONS = { equal: 'should be', at_least: 'should be at least', at_most: 'should be at most' } as const;

/**
 * What is wrong with the bookkeeping of runs, a sentence for each count that does not agree with another; none if all
 * do, as they should.
 */
export function violationsOf(results: readonly Checked[]): string[] {
  return results.flatMap(({ fabric, seed, invariants }) =>
    invariants
      .filter(({ holds }) => !holds)
      .map(({ name, cause, left, relation, right }) => {
        const numbers = `${formatCount(left)} ${RELATIONS[relation]} ${formatCount(right)}`;
        return `${fabric} with seed ${seed}: ${name}${cause === null ? '' : ` of ${cause}`}: ${numbers} (${RUN_INVARIANTS[name]})`;
      }),
  );
}
