import type { FabricSummary } from './summary.ts';

/** What tells the elements of a list from one another: their path goes by these, in this order. */
const IDENTITIES = ['tier', 'kind', 'resource', 'cause', 'limit', 'outcome', 'protocol', 'reason'] as const;

/** Lists that leave out what never occurred: a number that is not there is 0. */
const OCCURRENCES = [
  'flooding.byCause',
  'stormDrops',
  'limits',
  'drops',
  'migrations.refusals',
  'controlPlane.messages',
];

/** Peaks that are not there where nothing was flooded. */
const PEAKS: readonly string[] = ['floodPeak.rateBitsPerSec'].concat(
  ['fabricFloodPeak', 'fabricArpPeak'].flatMap((peak) => [`${peak}.rateBitsPerSec`, `${peak}.share`]),
);

/**
 * The numbers of a summary by their path: `flooding.floodedBytes`, and with the elements of lists by what they are of,
 * `macTables.leaf.bridge.entriesMax`, `hardware.leaf.vnis.usedMax`, `drops.drop_queue_full.frames`. Where there is a
 * limit to what is held, `fill` is the share of it that is used, 0 to 1: `macTables.leaf.bridge.fill`.
 */
export function metricsOf(summary: FabricSummary): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  collect(summary, '', numbers);
  for (const { tier, kind, capacity, entriesMax } of summary.macTables) {
    if (capacity !== null) numbers.set(`macTables.${tier}.${kind}.fill`, entriesMax / capacity);
  }
  for (const { tier, resource, usedMax, limit } of summary.hardware) {
    numbers.set(`hardware.${tier}.${resource}.fill`, usedMax / limit);
  }
  return numbers;
}

function collect(value: unknown, path: string, numbers: Map<string, number>): void {
  if (typeof value === 'number') numbers.set(path, value);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    const name = Array.isArray(value) ? identityOf(child) : key;
    if (name !== null) collect(child, path === '' ? name : `${path}.${name}`, numbers);
  }
}

/** null for what is only a name in a list. */
function identityOf(element: unknown): string | null {
  if (typeof element !== 'object' || element === null) return null;
  const parts = IDENTITIES.flatMap((key) => {
    const part = (element as Record<string, unknown>)[key];
    return typeof part === 'string' ? [part] : [];
  });
  return parts.length === 0 ? null : parts.join('.');
}

/** Whether a number of that path is 0 where a summary has none. */
export function isZeroIfAbsent(path: string): boolean {
  return PEAKS.includes(path) || OCCURRENCES.some((list) => path.startsWith(`${list}.`));
}

/** The metrics that a path names; `*` stands for any one part of it: `macTables.*.*.fill`. */
export function matchingMetrics(
  metrics: ReadonlyMap<string, number>,
  pattern: string,
): [path: string, value: number][] {
  if (!pattern.includes('*')) {
    const value = metrics.get(pattern) ?? (isZeroIfAbsent(pattern) ? 0 : undefined);
    return value === undefined ? [] : [[pattern, value]];
  }
  const parts = pattern.split('.');
  return [...metrics].filter(([path]) => {
    const found = path.split('.');
    return found.length === parts.length && parts.every((part, index) => part === '*' || part === found[index]);
  });
}
