import { BucketRoom } from './bucket-room.ts';
import { CamRoom } from './cam-room.ts';
import { FairRoom } from './fair-room.ts';
import { mix32 } from './mac-hash.ts';
import type { CamOverflowPolicy, OverflowPolicy, RoomEntries, TableRoom } from './table-room.ts';

/** How a table of limited size stores addresses: any entry takes any (a CAM), or a hash names the bucket. */
export type TableGeometry = CamGeometry | BucketGeometry;

export interface CamGeometry {
  readonly kind: 'cam';
  readonly entries: number;
  readonly overflow: CamOverflowPolicy;
}

export interface BucketGeometry {
  readonly kind: 'buckets';
  readonly buckets: number;
  /** Entries of a bucket. */
  readonly ways: number;
  /** An address goes into the least loaded of so many buckets. */
  readonly choices: number;
  /** An address may lie in so many buckets after one another. */
  readonly searchBuckets: number;
  readonly overflow: OverflowPolicy;
  /** Switches hash alike and lose the same addresses, or each has a seed of its own. */
  readonly hash: 'common' | 'per-switch';
}

/** Entries that a table holds. */
export function capacityOfGeometry(geometry: TableGeometry): number {
  return geometry.kind === 'cam' ? geometry.entries : geometry.buckets * geometry.ways;
}

/** The room of one table; null if it keeps the old and counting them is enough. */
export function roomOf(
  geometry: TableGeometry,
  entries: RoomEntries,
  { table, seed, hashOf }: { table: number; seed: number; hashOf: (address: number) => number },
): TableRoom | null {
  const ownSeed = mix32(seed + Math.imul(table + 1, 0x9e37_79b1));
  if (geometry.kind === 'cam') {
    const { entries: capacity, overflow: policy } = geometry;
    if (policy === 'keep-old') return null;
    if (policy === 'evict-fair') return new FairRoom(entries, capacity);
    return new CamRoom(entries, { capacity, policy, seed: ownSeed });
  }
  const { buckets, ways, choices, searchBuckets, hash, overflow: policy } = geometry;
  const hashSeed = hash === 'common' ? 0 : mix32(table + 1);
  return new BucketRoom(entries, { buckets, ways, choices, searchBuckets, policy, hashSeed, seed: ownSeed, hashOf });
}
