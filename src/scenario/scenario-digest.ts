import { createHash } from 'node:crypto';
import type { Scenario } from './scenario.ts';

/**
 * SHA-256 of a scenario without its name, seed and replications, in hexadecimal: runs that differ only in their seed share it. The first 16
 * digits are enough to name a run. The order of keys does not matter; comments, defaults and spellings of the file
 * do not reach it. What is `more` is digested too.
 */
export function scenarioDigest(scenario: Scenario, more: Readonly<Record<string, unknown>> = {}): string {
  return digestBytes(scenario, more).toString('hex');
}

/** The bytes of a scenario's digest. */
export function digestBytes(scenario: Scenario, more: Readonly<Record<string, unknown>>): Buffer {
  const { name: _name, seed: _seed, replications: _replications, ...rest } = scenario;
  const parts = [...lastPartsOf(rest).filter(({ key }) => !Object.hasOwn(more, key)), ...partsOf(more)];
  return createHash('sha256').update(joined(parts)).digest();
}

/** A key with its value, as they are in canonical JSON. */
interface Part {
  readonly key: string;
  readonly text: string;
}

/** Those of the last scenario, and its JSON: runs that come one after the other mostly differ in their seed alone. */
let last: { readonly json: string; readonly parts: readonly Part[] } = { json: '{}', parts: [] };

function lastPartsOf(scenario: object): readonly Part[] {
  const json = JSON.stringify(scenario);
  if (json !== last.json) last = { json, parts: partsOf(scenario) };
  return last.parts;
}

function partsOf(value: object): Part[] {
  return Object.entries(value).flatMap(([key, part]) => {
    const text = canonicalJson(part);
    return text === undefined ? [] : [{ key, text: `${JSON.stringify(key)}:${text}` }];
  });
}

/** JSON with the keys of every object in code-unit order; undefined where JSON has no word for it. */
export function canonicalJson(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((element) => canonicalJson(element) ?? 'null').join()}]`;
  return joined(partsOf(value));
}

function joined(parts: readonly Part[]): string {
  const inOrder = parts.toSorted((one, other) => (one.key < other.key ? -1 : 1));
  return `{${inOrder.map(({ text }) => text).join()}}`;
}
