import { canonicalText } from './canonical-text.ts';

/** How a simulation compares with a recording. */
export interface Comparison {
  facts: number;
  equal: number;
  /** Every fact that differs, in the recording's order: where, what was recorded, what was simulated. */
  differences: string[];
  /** The same of facts that are known not to be met, each with its reason; they are in no other number but `facts`. */
  known?: string[];
}

/** What a recording says beside facts: the kernel, and counts that depend on when it was stopped. */
const INFORMATIVE = new Set(['kernel', 'bpdusSent', 'tcBpdus', 'snapshotDelay']);

/**
 * Compares what a recording observed with what was simulated, fact by fact: each direction of each port of each frame,
 * each port's state and role, each bridge's root, each table entry, each distinct frame seen in a step and its count.
 */
export function compareObserved(recorded: unknown, simulated: unknown): Comparison {
  const expected = factsOf(recorded);
  const actual = factsOf(simulated);
  const differences: string[] = [];
  for (const [where, value] of expected) {
    const got = actual.get(where);
    if (got !== value) differences.push(`${where}: recorded ${value}, simulated ${got ?? 'nothing'}`);
  }
  for (const [where, value] of actual) {
    if (!expected.has(where)) differences.push(`${where}: recorded nothing, simulated ${value}`);
  }
  const facts = new Set([...expected.keys(), ...actual.keys()]).size;
  return { facts, equal: facts - differences.length, differences };
}

/** Every leaf of `observed` by its path; a seen frame is a fact of its own, whose value is how often it was seen. */
function factsOf(observed: unknown): Map<string, string> {
  const facts = new Map<string, string>();
  collect(observed, '', facts);
  return facts;
}

function collect(value: unknown, path: string, facts: Map<string, string>): void {
  if (typeof value !== 'object' || value === null) {
    facts.set(path, JSON.stringify(value));
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    if (INFORMATIVE.has(key)) continue;
    const where = path === '' ? key : `${path}.${key}`;
    if (key === 'seen' && Array.isArray(member)) collectSeen(member, where, facts);
    else collect(member, where, facts);
  }
}

function collectSeen(frames: unknown[], path: string, facts: Map<string, string>): void {
  for (const [index, seen] of frames.entries()) {
    if (typeof seen !== 'object' || seen === null) {
      facts.set(`${path}.${index}`, JSON.stringify(seen));
      continue;
    }
    const { count, ...frame } = seen as Record<string, unknown>;
    facts.set(`${path} ${canonicalText(frame)}`, JSON.stringify(count));
  }
}
