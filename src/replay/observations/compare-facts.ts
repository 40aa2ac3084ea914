import { isRecord } from '../recorded-file.ts';
import { PerRun, type SimulatedFacts } from './simulated-facts.ts';

/** How far beyond what was seen a timed fact may lie, as a part of the least and of the largest that was seen. */
const RANGE_MARGIN = 0.25;

/** Every experiment was repeated so often: what fewer runs have a number of did not happen in the others. */
const RUNS_MIN = 3;

/** What an observation says of a value that was another in each run. */
const VARIES = 'varies';

/** One fact: where it is, whether it agrees, and what both sides say. */
export interface ComparedFact {
  readonly path: string;
  readonly isEqual: boolean;
  /** Of numbers: how far what was simulated lies outside of what was recorded. */
  readonly distance?: number | undefined;
  readonly recorded: string;
  readonly simulated: string;
}

/** What an observation has as facts. */
export interface ObservedFacts {
  readonly exact?: unknown;
  readonly ranges?: unknown;
  readonly per_run?: unknown;
}

/**
 * Compares fact by fact. An exact one must be the same; of one that lists a value per run, what all runs agree in must be the
 * same, and a number that differs from run to run lies in their range; what "varies" is no fact. A range must hold the simulated number when it is widened by a quarter of each of its ends, and
 * where nothing happened nothing may happen.
 */
export function compareFacts(observed: ObservedFacts, simulated: SimulatedFacts): ComparedFact[] {
  const { exact = {}, ranges = {}, per_run: perRun = {} } = observed;
  const facts: ComparedFact[] = [];
  compareExact('exact', exact, simulated.exact, facts);
  compareRanges('ranges', ranges, simulated.ranges, facts);
  compareExact('per_run', perRun, perRunOf(simulated), facts);
  return facts;
}

function compareExact(path: string, recorded: unknown, simulated: unknown, facts: ComparedFact[]): void {
  if (recorded === VARIES) return;
  if (simulated instanceof PerRun) {
    comparePerRun(path, Array.isArray(recorded) ? recorded : [recorded], simulated.value, facts);
    return;
  }
  if (isBranch(recorded) && (simulated === undefined || isBranch(simulated))) {
    for (const [key, member] of Object.entries(recorded)) {
      compareExact(`${path}.${key}`, member, memberOf(simulated, key), facts);
    }
    for (const [key, member] of Object.entries(simulated ?? {})) {
      if (!Object.hasOwn(recorded, key)) compareExact(`${path}.${key}`, undefined, member, facts);
    }
    return;
  }
  if (recorded === undefined && isBranch(simulated)) {
    for (const [key, member] of Object.entries(simulated)) compareExact(`${path}.${key}`, undefined, member, facts);
    return;
  }
  const [one, other] = [recorded, simulated].map((value) => JSON.stringify(value) ?? 'nothing');
  facts.push({ path, isEqual: one === other, recorded: one, simulated: other });
}

/** Leaf by leaf: what all runs agree in is exact, and numbers that differ from run to run make a range. */
function comparePerRun(path: string, runs: readonly unknown[], simulated: unknown, facts: ComparedFact[]): void {
  if (isBranch(simulated) && !Array.isArray(simulated)) {
    const keys = new Set([...runs, simulated].flatMap((run) => (isBranch(run) ? Object.keys(run) : [])));
    for (const key of keys) {
      const members = runs.map((run) => memberOf(run, key));
      comparePerRun(`${path}.${key}`, members, memberOf(simulated, key), facts);
    }
    return;
  }
  const numbers = runs.filter((run) => typeof run === 'number');
  const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
  if (numbers.length > 0 && numbers.length === runs.length && min < max) {
    compareRanges(path, { min, max }, simulated, facts);
    return;
  }
  const text = JSON.stringify(simulated) ?? 'nothing';
  const isEqual = runs.some((run) => (JSON.stringify(run) ?? 'nothing') === text);
  facts.push({ path, isEqual, recorded: JSON.stringify(runs), simulated: text });
}

function compareRanges(path: string, recorded: unknown, simulated: unknown, facts: ComparedFact[]): void {
  if (recorded === VARIES) return;
  const range = asRange(recorded);
  if (range === null && isBranch(recorded)) {
    for (const [key, member] of Object.entries(recorded)) {
      compareRanges(`${path}.${key}`, member, memberOf(simulated, key), facts);
    }
    return;
  }
  // a number beside the ranges, such as what they are about
  if (range === null && recorded !== null) {
    compareExact(path, recorded, simulated, facts);
    return;
  }
  const text = simulated === undefined ? 'nothing' : JSON.stringify(simulated);
  if (range === null) {
    facts.push({ path, isEqual: simulated === null, recorded: 'never', simulated: text });
    return;
  }
  const [least, most] = [
    range.min - Math.abs(range.min) * RANGE_MARGIN,
    range.max + Math.abs(range.max) * RANGE_MARGIN,
  ];
  const isIn = typeof simulated === 'number' && simulated >= least && simulated <= most;
  const isEqual = isIn || (simulated === null && range.n < RUNS_MIN);
  const distance =
    typeof simulated === 'number' ? Math.max(0, range.min - simulated, simulated - range.max) : undefined;
  facts.push({ path, isEqual, distance, recorded: `${range.min} to ${range.max}`, simulated: text });
}

/** The facts that are listed run by run. */
export function perRunOf({ perRun = {} }: SimulatedFacts): Record<string, PerRun> {
  return Object.fromEntries(Object.entries(perRun).map(([key, value]) => [key, new PerRun(value)]));
}

/** The same shape as what was observed, with what was simulated: a value per run as often as there were runs. */
export function inShapeOf(recorded: unknown, simulated: unknown): unknown {
  if (simulated instanceof PerRun) {
    return Array.isArray(recorded) ? recorded.map(() => simulated.value) : [simulated.value];
  }
  if (!isBranch(simulated)) return simulated;
  const entries = Object.entries(simulated).map(([key, member]) => [key, inShapeOf(memberOf(recorded, key), member)]);
  return Array.isArray(simulated) ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}

function asRange(value: unknown): { min: number; max: number; n: number } | null {
  if (!isRecord(value)) return null;
  const { min, max, n } = value;
  if (typeof min !== 'number' || typeof max !== 'number') return null;
  return { min, max, n: typeof n === 'number' ? n : RUNS_MIN };
}

function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof PerRun);
}

function memberOf(value: unknown, key: string): unknown {
  return isBranch(value) && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
