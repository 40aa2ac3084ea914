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
function canonicalJson(value: object): string {
  const parts = Object.entries(value).flatMap(([key, part]) => {
    const text = canonicalPart(part);
    return text === undefined ? [] : [[key, text] as const];
  });
  return `{${parts
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, text]) => `${JSON.stringify(key)}:${text}`)
    .join()}}`;
}

/** By parts of scenarios, which never change: runs of a study have most of them in common. */
const TEXTS = new WeakMap<object, string>();

function canonicalPart(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  let text = TEXTS.get(value);
  if (text === undefined) {
    text = Array.isArray(value)
      ? `[${value.map((element) => canonicalPart(element) ?? 'null').join()}]`
      : canonicalJson(value);
    TEXTS.set(value, text);
  }
  return text;
}
