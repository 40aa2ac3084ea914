import type { RandomStreams } from '../engine/random.ts';
import { type CountDistribution, countSampler } from './count-distribution.ts';

/** Tenants of one kind. */
export interface TenantKind {
  /** Names the streams of chance that its sizes come from. */
  readonly name: string;
  readonly replicaCount: number;
  readonly segmentsPerReplica: CountDistribution;
  readonly vmsPerSegment: CountDistribution;
  /** Segments of all its replicas, VMs of all its segments; null leaves it to the distributions. */
  readonly totalSegments: number | null;
  readonly totalVms: number | null;
}

/** How large everything is. Segments are numbered by kind of tenant, by replica, by segment; tenants likewise. */
export interface TenantSizes {
  /** Indexed by segment: its tenant. */
  readonly segmentTenants: Int32Array;
  /** Indexed by segment: its VMs, at least one. */
  readonly segmentSizes: Int32Array;
  readonly vmCount: number;
}

/** Segments of all tenants. */
export function countSegments(tenants: readonly TenantKind[], streams: RandomStreams): number {
  let count = 0;
  for (const tenant of tenants) {
    const { replicaCount, segmentsPerReplica, totalSegments } = tenant;
    if (totalSegments !== null) count += totalSegments;
    else if (typeof segmentsPerReplica === 'number') count += replicaCount * segmentsPerReplica;
    else for (const segments of drawSegments(tenant, streams)) count += segments;
  }
  return count;
}

/**
 * Draws the sizes of all tenants, each kind of tenant from streams of its own, so that one that is added changes no other.
 * Where a total is given, the sizes that were drawn are scaled to it: `scaleTo`.
 */
export function drawTenantSizes(tenants: readonly TenantKind[], streams: RandomStreams): TenantSizes {
  const segmentCount = countSegments(tenants, streams);
  const segmentTenants = new Int32Array(segmentCount);
  const segmentSizes = new Int32Array(segmentCount);
  let segment = 0;
  let tenantNumber = 0;
  let vmCount = 0;
  for (const tenant of tenants) {
    const first = segment;
    for (const segments of drawSegments(tenant, streams)) {
      segmentTenants.fill(tenantNumber++, segment, segment + segments);
      segment += segments;
    }
    const sizes = segmentSizes.subarray(first, segment);
    const stream = streams.stream(`VMs per segment of ${tenant.name}`);
    const sample = countSampler(tenant.vmsPerSegment);
    for (let i = 0; i < sizes.length; i++) sizes[i] = sample(stream);
    if (tenant.totalVms !== null) scaleTo(sizes, tenant.totalVms);
    for (const size of sizes) vmCount += size;
  }
  return { segmentTenants, segmentSizes, vmCount };
}

/** The segments of each replica of a tenant. */
function drawSegments(tenant: TenantKind, streams: RandomStreams): Int32Array {
  const { name, replicaCount, segmentsPerReplica, totalSegments } = tenant;
  const segments = new Int32Array(replicaCount);
  const stream = streams.stream(`segments of ${name}`);
  const sample = countSampler(segmentsPerReplica);
  for (let replica = 0; replica < replicaCount; replica++) segments[replica] = sample(stream);
  if (totalSegments !== null) scaleTo(segments, totalSegments);
  return segments;
}

/**
 * Scales counts, in place, so that they add up to `total` exactly and each stays at least 1: what each has beyond 1 is
 * multiplied by one factor (if none has any, they are made as even as possible), and those that were rounded down furthest
 * get the rest, one each. Needs a total of at least as many as there are counts.
 */
export function scaleTo(counts: Int32Array, total: number): void {
  const spare = total - counts.length;
  if (spare < 0) throw new RangeError(`${counts.length} counts of at least 1 cannot add up to ${total}`);
  let weight = 0;
  for (const count of counts) weight += count - 1;
  const isEven = weight === 0;
  const rests = new Float64Array(counts.length);
  let missing = spare;
  for (let i = 0; i < counts.length; i++) {
    const share = isEven ? spare / counts.length : ((counts[i] - 1) / weight) * spare;
    const whole = Math.floor(share);
    rests[i] = share - whole;
    counts[i] = 1 + whole;
    missing -= whole;
  }
  if (missing === 0) return;
  const byRest = Int32Array.from(counts.keys()).sort((one, other) => rests[other] - rests[one] || one - other);
  for (let i = 0; i < missing; i++) counts[byRest[i]]++;
}
