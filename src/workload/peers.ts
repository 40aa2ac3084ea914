import type { RandomStream } from '../engine/random.ts';
import { type CountDistribution, countSampler } from './count-distribution.ts';
import { Groups } from './groups.ts';
import type { Population } from './population.ts';
import { RackNeighbours } from './rack-neighbours.ts';

/** Who there is to talk to. */
export interface PeersParameters {
  /** The segment of each VM. */
  vmSegments: Int32Array;
  /** The tenant of each segment. */
  segmentTenants: Int32Array;
  /** Different VMs that a VM talks to in its segment, and as many in other segments, as far as there are so many. */
  peersPerVm: CountDistribution;
  /** Peers are VMs that are there at the time; null: all VMs are. */
  population?: Population | null;
  /** How many of a VM's peers in its segment are in its rack, where there are any; by default racks do not matter. */
  locality?: { inRackRatio: number; vmRacks: Int32Array } | null;
  /** Drawn from once, for what all choices start from; then once for each VM, unless `peersPerVm` is fixed. */
  stream: RandomStream;
}

/**
 * Who talks to whom: the peers of each VM, all different and never itself.
 *
 * They are worked out when asked for, from a hash of the VM's number: the k-th peer is offset + k * stride in the list of
 * candidates, and a stride that shares no factor with the list's length repeats none. Nothing is stored for a VM, and
 * nobody's peers depend on who was asked for before. Candidates that are not there are passed over, so a VM keeps its
 * peers while others come and go, and takes the next when one ends.
 */
export class Peers {
  readonly segments: Groups;
  readonly #vmSegments: Int32Array;
  readonly #segmentTenants: Int32Array;
  readonly #tenants: Groups;
  // the place of a segment's first VM in the line of all VMs, segment by segment, tenant by tenant
  readonly #placesInTenant: Int32Array;
  readonly #tenantSizes: Int32Array;
  // the place of a tenant's first VM in that line
  readonly #tenantFirsts: Int32Array;
  readonly #peersPerVm: number;
  // indexed by VM; null: `#peersPerVm` for all
  readonly #peersOfVm: Int32Array | null;
  readonly #population: Population | null;
  readonly #inRackRatio: number;
  // null: racks do not matter
  readonly #neighbours: RackNeighbours | null;
  readonly #seed: number;

  constructor(parameters: PeersParameters) {
    const { vmSegments, segmentTenants, peersPerVm, stream, population = null, locality = null } = parameters;
    this.segments = new Groups(vmSegments, segmentTenants.length);
    this.#vmSegments = vmSegments;
    this.#segmentTenants = segmentTenants;
    const tenantCount = segmentTenants.reduce((largest, tenant) => Math.max(largest, tenant), -1) + 1;
    this.#tenants = new Groups(segmentTenants, tenantCount);
    this.#population = population;
    this.#seed = stream.integer(2 ** 31);
    const sample = countSampler(peersPerVm);
    const isFixed = typeof peersPerVm === 'number';
    this.#peersPerVm = isFixed ? peersPerVm : 0;
    this.#peersOfVm = isFixed ? null : Int32Array.from({ length: vmSegments.length }, () => sample(stream));
    this.#placesInTenant = new Int32Array(segmentTenants.length);
    this.#tenantSizes = new Int32Array(tenantCount);
    for (let segment = 0; segment < segmentTenants.length; segment++) {
      const tenant = segmentTenants[segment];
      this.#placesInTenant[segment] = this.#tenantSizes[tenant];
      this.#tenantSizes[tenant] += this.segments.sizeOf(segment);
    }
    this.#tenantFirsts = new Int32Array(tenantCount);
    for (let tenant = 1; tenant < tenantCount; tenant++) {
      this.#tenantFirsts[tenant] = this.#tenantFirsts[tenant - 1] + this.#tenantSizes[tenant - 1];
    }
    this.#inRackRatio = locality?.inRackRatio ?? 0;
    const heedsRacks = locality !== null && locality.inRackRatio > 0;
    this.#neighbours = heedsRacks ? new RackNeighbours(vmSegments, segmentTenants.length, locality.vmRacks) : null;
  }

  segmentOf(vm: number): number {
    return this.#vmSegments[vm];
  }

  /** How many peers a VM has in its segment. */
  countInSegment(vm: number): number {
    return Math.min(this.#peersOf(vm), this.#othersInSegment(vm));
  }

  /** A VM's peer in its segment, `index` from 0 to `countInSegment` - 1. */
  peerInSegment(vm: number, index: number): number {
    if (this.#neighbours !== null) return this.#peerByRack(this.#neighbours, vm, index);
    const segment = this.#vmSegments[vm];
    const own = this.segments.positionOf(segment, vm);
    return this.#choose(vm, 0, index, this.segments.sizeOf(segment) - 1, (position) =>
      this.segments.memberOf(segment, position < own ? position : position + 1),
    );
  }

  /** How many peers a VM has in other segments of its tenant. */
  countBeyondSegment(vm: number): number {
    const segment = this.#vmSegments[vm];
    const population = this.#population;
    const others =
      population === null
        ? this.#candidatesBeyond(segment)
        : population.aliveInTenant(this.#segmentTenants[segment]) - population.aliveInSegment(segment);
    return Math.min(this.#peersOf(vm), others);
  }

  /** A VM's peer in another segment of its tenant, `index` from 0 to `countBeyondSegment` - 1. */
  peerBeyondSegment(vm: number, index: number): number {
    const segment = this.#vmSegments[vm];
    const tenant = this.#segmentTenants[segment];
    const own = this.#placesInTenant[segment];
    return this.#choose(vm, 1, index, this.#candidatesBeyond(segment), (place) =>
      this.#vmAtPlace(tenant, place < own ? place : place + this.segments.sizeOf(segment)),
    );
  }

  /** How many peers a VM has among those of other tenants. */
  countBeyondTenant(vm: number): number {
    const tenant = this.#segmentTenants[this.#vmSegments[vm]];
    const population = this.#population;
    const others =
      population === null
        ? this.#vmSegments.length - this.#tenantSizes[tenant]
        : population.aliveCount - population.aliveInTenant(tenant);
    return Math.min(this.#peersOf(vm), others);
  }

  /** A VM's peer of another tenant, `index` from 0 to `countBeyondTenant` - 1. */
  peerBeyondTenant(vm: number, index: number): number {
    const own = this.#segmentTenants[this.#vmSegments[vm]];
    const size = this.#tenantSizes[own];
    return this.#choose(vm, 4, index, this.#vmSegments.length - size, (place) =>
      this.#vmInLine(place < this.#tenantFirsts[own] ? place : place + size),
    );
  }

  /** The peers in the VM's rack come first, as many as their ratio says and there are; then those in other racks. */
  #peerByRack(neighbours: RackNeighbours, vm: number, index: number): number {
    const count = this.countInSegment(vm);
    neighbours.find(vm);
    const { insideCount, outsideCount } = neighbours;
    const inside = this.#countThere(insideCount, (place) => neighbours.inside(place));
    const outside = this.#othersInSegment(vm) - inside;
    // rounded up or down by chance, so that one peer of each VM gives the ratio too
    const wanted = Math.floor(count * this.#inRackRatio + mix(this.#seed ^ 12, vm) / 2 ** 32);
    const inRack = Math.min(inside, Math.max(wanted, count - outside));
    return index < inRack
      ? this.#choose(vm, 8, index, insideCount, (place) => neighbours.inside(place))
      : this.#choose(vm, 9, index - inRack, outsideCount, (place) => neighbours.outside(place));
  }

  #othersInSegment(vm: number): number {
    const segment = this.#vmSegments[vm];
    const population = this.#population;
    if (population === null) return this.segments.sizeOf(segment) - 1;
    return population.aliveInSegment(segment) - (population.isAlive(vm) ? 1 : 0);
  }

  /** How many of some VMs are there. */
  #countThere(count: number, vmAt: (place: number) => number): number {
    const population = this.#population;
    if (population === null) return count;
    let alive = 0;
    for (let place = 0; place < count; place++) if (population.isAlive(vmAt(place))) alive++;
    return alive;
  }

  #peersOf(vm: number): number {
    return this.#peersOfVm?.[vm] ?? this.#peersPerVm;
  }

  #candidatesBeyond(segment: number): number {
    return this.#tenantSizes[this.#segmentTenants[segment]] - this.segments.sizeOf(segment);
  }

  /** The VM at a place in the line of all VMs, tenant by tenant. */
  #vmInLine(place: number): number {
    let low = 0;
    let high = this.#tenantFirsts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#tenantFirsts[middle] <= place) low = middle;
      else high = middle - 1;
    }
    return this.#vmAtPlace(low, place - this.#tenantFirsts[low]);
  }

  /** The VM at a place in the line of a tenant's VMs, segment by segment. */
  #vmAtPlace(tenant: number, place: number): number {
    let low = 0;
    let high = this.#tenants.sizeOf(tenant) - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#placesInTenant[this.#tenants.memberOf(tenant, middle)] <= place) low = middle;
      else high = middle - 1;
    }
    const segment = this.#tenants.memberOf(tenant, low);
    return this.segments.memberOf(segment, place - this.#placesInTenant[segment]);
  }

  /** The peer at an index, counting only those that are there; -1 if there are not so many. */
  #choose(vm: number, purpose: number, index: number, candidates: number, peerAt: (place: number) => number): number {
    const offset = mix(this.#seed ^ purpose, vm) % candidates;
    let stride = 1 + (mix(this.#seed ^ (purpose + 2), vm) % candidates);
    while (greatestCommonDivisor(stride, candidates) !== 1) stride++;
    const population = this.#population;
    if (population === null) return peerAt((offset + index * stride) % candidates);
    let left = index;
    for (let step = 0; step < candidates; step++) {
      const peer = peerAt((offset + step * stride) % candidates);
      if (population.isAlive(peer) && left-- === 0) return peer;
    }
    return -1;
  }
}

/** A well-mixed unsigned 32-bit hash of two integers. */
function mix(a: number, b: number): number {
  let h = Math.imul(a ^ Math.imul(b + 1, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13) ^ b, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x27d4eb2f);
  return (h ^ (h >>> 15)) >>> 0;
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}
