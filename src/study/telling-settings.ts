import type { ParameterValue } from '../metrics/run-file.ts';

/** Runs that are called the same, though their scenarios or versions differ. */
export interface Namesake {
  readonly scenarioDigest: string | null;
  readonly version: string | null;
  /** By fabric, the `settings` in its run.json, where there is one. */
  readonly settings: ReadonlyMap<string, object>;
}

/** By its path in the `settings` of run.json, what tells namesakes apart; `version` and `digest` of the scenario too. */
export type TellingSettings = Readonly<Record<string, ParameterValue>>;

/** Digits of a digest that people compare. */
const DIGEST_DIGITS = 8;

/** What tells each of the namesakes from the others; nothing of one that is alone. */
export function tellingSettings(namesakes: readonly Namesake[]): TellingSettings[] {
  const flat = namesakes.map(({ settings }) => flatSettings(settings));
  const paths = [...new Set(flat.flatMap((one) => [...one.keys()]))].filter((path) => {
    const known = flat.flatMap((one) => (one.has(path) ? [JSON.stringify(one.get(path))] : []));
    return known.some((value) => value !== known[0]);
  });
  const told = flat.map((one) => paths.flatMap((path) => (one.has(path) ? [[path, one.get(path)!] as const] : [])));
  const versions = new Set(namesakes.map(({ version }) => version));
  return namesakes.map(({ scenarioDigest, version }, index) => {
    const isTwin = (other: number) =>
      namesakes[other]!.scenarioDigest !== scenarioDigest &&
      JSON.stringify(told[other]) === JSON.stringify(told[index]);
    const needsDigest = namesakes.some((_, other) => isTwin(other));
    return {
      ...(versions.size > 1 ? { version } : {}),
      ...(needsDigest ? { digest: scenarioDigest?.slice(0, DIGEST_DIGITS) ?? null } : {}),
      ...Object.fromEntries(told[index]!),
    };
  });
}

/** What runs of one scenario do not share, or share with all others of its name. */
const OWN_KEYS: readonly string[] = ['name', 'seed', 'replications'];

/** The settings of all fabrics by path; what is of one fabric begins with its name. */
function flatSettings(settings: Namesake['settings']): Map<string, ParameterValue> {
  const flat = new Map<string, ParameterValue>();
  for (const [fabric, ofFabric] of settings) {
    for (const [key, value] of Object.entries(ofFabric)) {
      if (OWN_KEYS.includes(key)) continue;
      if (key !== 'fabrics') flatten(value, key, flat);
      else flatten((value as readonly ParameterValue[])[0]!, `fabrics.${fabric}`, flat);
    }
  }
  return flat;
}

function flatten(value: ParameterValue, path: string, flat: Map<string, ParameterValue>): void {
  if (typeof value !== 'object' || value === null) flat.set(path, value);
  else for (const [key, child] of Object.entries(value)) flatten(child, `${path}.${key}`, flat);
}
