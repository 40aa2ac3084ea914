import { didYouMean } from './did-you-mean.ts';
import type { ScenarioFile } from './schema.ts';
import type { TopologyNodes } from './topology-nodes.ts';

/** Says what is wrong at a place of the file. */
export type Report = (path: readonly (string | number)[], message: string) => void;

/** A rule that ties parts of a scenario together; it is tried once the parts it reads are valid by themselves. */
export interface CrossCheck {
  readonly reads: readonly (keyof ScenarioFile)[];
  readonly check: (file: ScenarioFile, report: Report, nodes: () => TopologyNodes) => void;
}

/** More names than this are not searched for a similar one. */
const SUGGESTIONS_SEARCHED_MAX = 10_000;

/** The message for a name that nothing has. */
export function unknownName(what: string, given: string, known: readonly string[]): string {
  const searched = known.slice(0, SUGGESTIONS_SEARCHED_MAX);
  const some = known.length > 4 ? `${known.slice(0, 3).join(', ')} … ${known.at(-1)}` : known.join(', ');
  const list = known.length === 0 ? 'there is none' : `expected one of ${some}`;
  return `no ${what} is called '${given}', ${list}${didYouMean(given, searched)}`;
}
