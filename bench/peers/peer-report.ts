import type { Counts } from './work.ts';

/** What a peer says of its work. */
export interface PeerReport {
  /** CPU nanoseconds for one frame-hop, or for one event popped and one pushed. */
  readonly cpuNs: number;
  /** The same by the clock, where the peer says so. */
  readonly wallNs: number | null;
  readonly counts: Counts;
}

/** Reads the JSON object that a peer printed; `peer` names it in the error. */
export function parsePeerReport(text: string, peer: string): PeerReport {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    data = null;
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new Error(`${peer}: expected one JSON object, got ${JSON.stringify(text.slice(0, 80))}`);
  const { cpu, wall = null, ...counts } = data as Record<string, unknown>;
  if (!isTime(cpu)) throw new Error(`${peer}: cpu: expected nanoseconds, got ${JSON.stringify(cpu)}`);
  if (wall !== null && !isTime(wall))
    throw new Error(`${peer}: wall: expected nanoseconds, got ${JSON.stringify(wall)}`);
  for (const [name, value] of Object.entries(counts)) {
    if (typeof value !== 'string' && !Number.isSafeInteger(value))
      throw new Error(`${peer}: ${name}: expected a count, got ${JSON.stringify(value)}`);
  }
  return { cpuNs: cpu, wallNs: wall, counts: counts as Counts };
}

/** Where two peers that did the same work counted it differently: of the counts that both have, a line for each. */
export function differentCounts(expected: Counts, counted: Counts): string[] {
  const common = Object.keys(expected).filter((name) => name in counted);
  if (common.length === 0) return ['there is no count to compare'];
  return common
    .filter((name) => expected[name] !== counted[name])
    .map((name) => `${name}: expected ${expected[name]}, got ${counted[name]}`);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value);
}
