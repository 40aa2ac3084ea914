import { isRecord } from '../recorded-file.ts';
import { PerRun, type SimulatedFacts } from './simulated-facts.ts';

/** Where a fact is, as a family that tells it from the words of its names sees it. */
export interface NamedFact {
  /** The names on the way to it, in lower case: keys, and numbers of members of lists. */
  readonly path: string;
  /** The first number on the way to it, of a member of a list or in a name; -1 if there is none. */
  readonly index: number;
  /** What kind of value is asked for. */
  readonly kind: 'number' | 'text' | 'truth' | 'object' | 'nothing';
  /** How many of them, where a list is asked for as a whole; -1 where one is. */
  readonly length: number;
}

/** Tells what was simulated for a fact from its names; undefined if they say nothing that is known. */
export type Meaning = (fact: NamedFact) => unknown;

/**
 * The facts of an experiment of which no file was at hand when it was written: for each fact that an observation has, what
 * its names ask for. Values are not looked at, only of what kind they are. Where there are no facts, `defaults`.
 */
export function factsByMeaning(facts: unknown, meaning: Meaning, defaults: SimulatedFacts): SimulatedFacts {
  if (!isRecord(facts)) return defaults;
  const { exact, ranges, per_run: perRun } = facts;
  const told = (recorded: unknown, isRange: boolean) =>
    isRecord(recorded) ? (answer(recorded, [], meaning, isRange) as Record<string, unknown>) : {};
  return { exact: told(exact, false), ranges: told(ranges, true), perRun: told(perRun, false) };
}

function answer(recorded: unknown, names: readonly string[], meaning: Meaning, isRange: boolean): unknown {
  if (isRange && isRecord(recorded) && typeof recorded.min === 'number') return meaning(named(names, 'number')) ?? null;
  if (isRecord(recorded)) {
    const whole = meaning(named(names, 'object'));
    if (isRecord(whole)) return whole;
    const members = Object.entries(recorded).map(([name, member]) => {
      return [name, answer(member, [...names, name], meaning, isRange)] as const;
    });
    return Object.fromEntries(members.filter(([, member]) => member !== undefined));
  }
  if (!Array.isArray(recorded)) return meaning(named(names, kindOf(recorded)));
  const list = meaning(named(names, kindOf(recorded[0]), recorded.length));
  if (list !== undefined) return list;
  const members = recorded.map((member, index) => {
    const told = answer(member, [...names, String(index)], meaning, isRange);
    return told instanceof PerRun ? [told.value] : told;
  });
  const areAlike = members.every((member) => JSON.stringify(member) === JSON.stringify(members[0]));
  // one value for each repeat
  return areAlike && members.length > 0 && !isRange ? new PerRun(members[0]) : members;
}

function named(names: readonly string[], kind: NamedFact['kind'], length = -1): NamedFact {
  const path = names.join('.').toLowerCase();
  const number = /(?:^|[._])(\d+)(?:[._]|$)/.exec(path);
  return { path, index: number === null ? -1 : Number(number[1]), kind, length };
}

function kindOf(value: unknown): NamedFact['kind'] {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'truth';
  if (typeof value === 'string') return 'text';
  return isRecord(value) ? 'object' : 'nothing';
}
