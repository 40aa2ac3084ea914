import { readdirSync, readFileSync } from 'node:fs';
import type { HardwareLimits } from '../fabric/hardware.ts';
import { type HardwareProfileFile, hardwareProfileSchema } from './hardware-schema.ts';
import { SourceDocument } from './source-document.ts';

/** The same from `src/scenario` and from `dist/scenario`. */
const FOLDER = new URL('../../scenarios/hardware/', import.meta.url);

const EXTENSION = '.yaml';

/** Names of the profiles that come with the simulator, in order. */
export function hardwareProfileNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => file.slice(0, -EXTENSION.length))
    .sort();
}

/** A profile that comes with the simulator, by its name. */
export function readHardwareProfile(name: string) {
  const { data } = new SourceDocument(readFileSync(new URL(`${name}${EXTENSION}`, FOLDER), 'utf8'));
  return hardwareProfileSchema.parse(data);
}

/** The limits that a profile, or the name of one, sets. */
export function resolveHardware(given: string | HardwareProfileFile): HardwareLimits {
  const profile = typeof given === 'string' ? readHardwareProfile(given) : given;
  const {
    learnedPerSecond = null,
    hostEntries = null,
    vtepPeers = null,
    vnis = null,
    mroutes = null,
    multicastGroups = null,
    stpLogicalPorts = null,
  } = profile;
  return {
    macTable: resolveMacTable(profile.macTable),
    learnedPerSecond,
    hostEntries,
    vtepPeers,
    vnis,
    mroutes,
    multicastGroups,
    stpLogicalPorts,
  };
}

function resolveMacTable(table: HardwareProfileFile['macTable']): HardwareLimits['macTable'] {
  if (table === undefined) return null;
  const { entries, buckets, ways, choices, searchBuckets, hash, overflow } = table;
  if (entries !== undefined) return { kind: 'cam', entries, overflow };
  // the schema lets no table of buckets have it
  if (overflow === 'evict-fair') throw new Error('evict-fair needs entries, not buckets');
  return { kind: 'buckets', buckets: buckets!, ways: ways!, choices, searchBuckets, hash, overflow };
}
