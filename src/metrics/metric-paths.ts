import { FLOOD_CAUSE_ORDER, LIMITS, OUTCOMES, REFUSALS } from './column-values.ts';
import type { FabricSummary } from './summary.ts';

/** What tells the elements of a list from one another: their path goes by these, in this order. */
const IDENTITIES = ['tier', 'kind', 'resource', 'cause', 'limit', 'outcome', 'protocol', 'reason'] as const;

/** Paths of numbers in a list that leaves out what never occurred: a number that is not there is 0. */
function occurrences<List extends readonly object[]>(
  list: string,
  names: readonly string[],
  numbers: readonly (keyof List[number] & string)[],
): string[] {
  return names.flatMap((name) => numbers.map((number) => `${list}.${name}.${number}`));
}

const DROPS = Object.values(OUTCOMES).flatMap(({ name }) => (name.startsWith('drop_') ? [name] : []));

/** Numbers that are 0 where a summary has none: of what never occurred, and peaks where nothing was flooded. */
const ZERO_IF_ABSENT: ReadonlySet<string> = new Set([
  ...occurrences<FabricSummary['flooding']['byCause']>('flooding.byCause', FLOOD_CAUSE_ORDER, [
    ...(['frames', 'copies', 'bytes', 'linkFrames', 'linkBytes'] as const),
  ]),
  ...occurrences<FabricSummary['stormDrops']>('stormDrops', FLOOD_CAUSE_ORDER, ['frames']),
  ...occurrences<FabricSummary['limits']>('limits', Object.keys(LIMITS), ['count']),
  ...occurrences<FabricSummary['drops']>('drops', DROPS, ['frames']),
  ...occurrences<FabricSummary['migrations']['refusals']>('migrations.refusals', Object.keys(REFUSALS), ['count']),
  ...occurrences<FabricSummary['controlPlane']['messages']>(
    'controlPlane.messages',
    ['bpdu', 'bgp'],
    [...(['sent', 'received', 'perSecondMax'] as const)],
  ),
  'controlPlane.messages.bgp.sentBytes',
  'floodPeak.rateBitsPerSec',
  ...['fabricFloodPeak', 'fabricArpPeak'].flatMap((peak) => [`${peak}.rateBitsPerSec`, `${peak}.share`]),
]);

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

/**
 * Whether a path, which may have `*` in it, names what a summary has no number of, because there was nothing to measure: the
 * longest outage where there was none.
 */
export function namesUnmeasured(summary: FabricSummary, pattern: string): boolean {
  let values: unknown[] = [summary];
  for (const part of pattern.split('.')) {
    values = values.flatMap((value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
      const children = value as Record<string, unknown>;
      if (part === '*') return Object.values(children);
      return Object.hasOwn(children, part) ? [children[part]] : [];
    });
    if (values.includes(null)) return true;
  }
  return false;
}

/** What all paths of metrics begin with. */
export const METRIC_HEADS: readonly string[] = Object.keys({
  ...{ macTables: 0, hardware: 0, shutPorts: 0, stormDrops: 0, flooding: 0, multicast: 0, migrations: 0, limits: 0 },
  ...{ floodPeak: 0, fabricFloodPeak: 0, fabricArpPeak: 0, refused: 0, failures: 0, links: 0, gateways: 0 },
  ...{ controlPlane: 0, unicast: 0, betweenSites: 0, outside: 0, vms: 0, flows: 0, drops: 0 },
} satisfies Record<keyof FabricSummary, 0>);

/** null for what is only a name in a list. */
function identityOf(element: unknown): string | null {
  if (typeof element !== 'object' || element === null) return null;
  const parts = IDENTITIES.flatMap((key) => {
    const part = (element as Record<string, unknown>)[key];
    return typeof part === 'string' ? [part] : [];
  });
  return parts.length === 0 ? null : parts.join('.');
}

/** Numbers that any summary has although it may not say so, as they are 0 then. */
export const UNSAID_ZEROS: readonly string[] = [...ZERO_IF_ABSENT];

/** Whether a path, which may have `*` in it, names numbers that are 0 where a summary has none. */
export function isZeroIfAbsent(pattern: string): boolean {
  return pattern.includes('*') ? UNSAID_ZEROS.some(matcherOf(pattern)) : ZERO_IF_ABSENT.has(pattern);
}

/** What a metric is measured in, as its name says. */
export type MetricUnit = 'share' | 'ns' | 'bitsPerSec' | 'bytes' | 'plain';

/** Parts of a path that say which of many values a number is, not what it is measured in. */
const STATISTICS: readonly string[] = ['p50', 'p99', 'max', 'mean'];

/** The unit of a metric; null if its path, which may have `*` in it, does not say. */
export function unitOfMetric(path: string): MetricUnit | null {
  const name = path.split('.').findLast((part) => !STATISTICS.includes(part)) ?? '*';
  if (name === '*') return null;
  if (/^(fill|share)$|[rR]atio$/.test(name)) return 'share';
  if (/Ns($|[A-Z])/.test(name)) return 'ns';
  if (/BitsPerSec$/.test(name)) return 'bitsPerSec';
  return /[bB]ytes$/.test(name) ? 'bytes' : 'plain';
}

/** The metrics that a path names; `*` stands for any one part of it: `macTables.*.*.fill`. */
export function matchingMetrics(
  metrics: ReadonlyMap<string, number>,
  pattern: string,
): [path: string, value: number][] {
  if (!pattern.includes('*')) {
    const value = metrics.get(pattern) ?? (ZERO_IF_ABSENT.has(pattern) ? 0 : undefined);
    return value === undefined ? [] : [[pattern, value]];
  }
  const matches = matcherOf(pattern);
  return [...metrics].filter(([path]) => matches(path));
}

function matcherOf(pattern: string): (path: string) => boolean {
  const parts = pattern.split('.');
  return (path) => {
    const found = path.split('.');
    return found.length === parts.length && parts.every((part, index) => part === '*' || part === found[index]);
  };
}
