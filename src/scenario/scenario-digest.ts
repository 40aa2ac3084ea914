import { createHash } from 'node:crypto';
import type { Scenario } from './scenario.ts';

/**
 * SHA-256 of a scenario without its name, seed and replications, in hexadecimal: runs that differ only in their seed share it. The first 16
 * digits are enough to name a run. The order of keys does not matter; comments, defaults and spellings of the file
 * do not reach it. What is `more` is digested too.
 */
export function scenarioDigest(scenario: Scenario, more: Readonly<Record<string, unknown>> = {}): string {
  const { name: _name, seed: _seed, replications: _replications, ...rest } = scenario;
  return createHash('sha256')
    .update(canonicalJson({ ...rest, ...more }))
    .digest('hex');
}

/** JSON with the keys of every object in code-unit order. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
