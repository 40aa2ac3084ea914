import type { RandomStream } from '../engine/random.ts';
import { LoadTree } from './load-tree.ts';

/** VMs that `pack` and `tenant-affinity` put on a server when no limit is given, unless they would not all fit then. */
export const PACKED_VMS_PER_SERVER = 20;

/** What decides where VMs start. */
export interface PlacementParameters {
  /** The rack (its leaf) of each server. */
  serverRacks: Int32Array;
  /**
   * `spread`: the server with the fewest VMs, and of these the next in a turn that goes from rack to rack, so that a
   * segment, whose VMs have consecutive numbers, is spread over as many racks as it can be. `pack`: the first server that
   * is not full. `random`: any server that has room, all equally likely. `tenant-affinity`: the rack that the tenant is
   * in, and if that is full the one with the most room; there the server with the fewest VMs.
   */
  policy: 'spread' | 'random' | 'pack' | 'tenant-affinity';
  /** null is no limit; see PACKED_VMS_PER_SERVER. */
  vmsPerServerMax: number | null;
  /** VMs of one segment that may be on one server, and in one rack; null is no limit. */
  segmentVmsPerServerMax: number | null;
  segmentVmsPerRackMax: number | null;
  /** Indexed by VM: its segment. */
  vmSegments: Int32Array;
  /** Indexed by segment: its tenant. */
  segmentTenants: Int32Array;
  /** Drawn from by `random` alone, once for each VM. */
  stream: RandomStream;
}

/**
 * Finds a server for one VM after the other, and takes back the room of those that end. Each takes O(log servers).
 *
 * A server that may not take a VM, for its segment's sake, is passed over: the next one with room does that may, in the
 * order of the policy. A segment passes over no more servers than hold as many of its VMs as they may.
 */
export class Placement {
  readonly #parameters: PlacementParameters;
  readonly #full: number;
  // servers in the order of the policy, and the place of each server in it
  readonly #order: Int32Array;
  readonly #places: Int32Array;
  // by place: VMs there
  readonly #loads: LoadTree;
  readonly #open: OpenServers | null = null;
  readonly #racks: TenantRacks | null = null;
  // VMs of a segment by server and by rack; null without a limit
  readonly #onServers: GroupCounts | null;
  readonly #inRacks: GroupCounts | null;

  constructor(parameters: PlacementParameters) {
    this.#parameters = parameters;
    const { serverRacks, policy, vmsPerServerMax, vmSegments, segmentTenants } = parameters;
    const serverCount = serverRacks.length;
    const isDense = policy === 'pack' || policy === 'tenant-affinity';
    const packed = Math.max(PACKED_VMS_PER_SERVER, Math.ceil(vmSegments.length / serverCount));
    this.#full = vmsPerServerMax ?? (isDense ? packed : Infinity);
    this.#order = orderOf(parameters);
    this.#places = new Int32Array(serverCount);
    this.#order.forEach((server, place) => {
      this.#places[server] = place;
    });
    this.#loads = new LoadTree(serverCount);
    if (policy === 'random') this.#open = new OpenServers(serverCount);
    if (policy === 'tenant-affinity') {
      const racks = Int32Array.from(this.#order, (server) => serverRacks[server]);
      this.#racks = new TenantRacks(
        racks,
        this.#full,
        segmentTenants.reduce((most, one) => Math.max(most, one), -1) + 1,
      );
    }
    this.#onServers = parameters.segmentVmsPerServerMax === null ? null : new GroupCounts(serverCount);
    const rackCount = serverRacks.reduce((most, rack) => Math.max(most, rack), -1) + 1;
    this.#inRacks = parameters.segmentVmsPerRackMax === null ? null : new GroupCounts(rackCount);
  }

  /** The server, by index, that takes a VM; -1 if none may. */
  place(vm: number): number {
    const { vmSegments, serverRacks } = this.#parameters;
    const place = this.#firstThatMay(vm, this.#preferred(vm));
    if (place < 0) return -1;
    const server = this.#order[place];
    const load = this.#loads.add(place, 1);
    if (load >= this.#full) this.#open?.close(server);
    this.#racks?.enter(this.#tenantOf(vm), place);
    this.#onServers?.add(vmSegments[vm], server, 1);
    this.#inRacks?.add(vmSegments[vm], serverRacks[server], 1);
    return server;
  }

  /** A VM ended that `place` had put on a server. */
  remove(vm: number, server: number): void {
    const { vmSegments, serverRacks } = this.#parameters;
    const place = this.#places[server];
    const load = this.#loads.add(place, -1);
    if (load === this.#full - 1) this.#open?.open(server);
    this.#racks?.leave(this.#tenantOf(vm), place);
    this.#onServers?.add(vmSegments[vm], server, -1);
    this.#inRacks?.add(vmSegments[vm], serverRacks[server], -1);
  }

  /** Where the policy would have a VM; -1 if everything is full. */
  #preferred(vm: number): number {
    const loads = this.#loads;
    if (this.#open !== null) {
      const server = this.#open.draw(this.#parameters.stream);
      return server < 0 ? -1 : this.#places[server];
    }
    if (this.#racks !== null) {
      const range = this.#racks.rangeFor(this.#tenantOf(vm));
      const least = loads.leastIn(range.first, range.end);
      return least >= this.#full ? -1 : loads.firstAtMost(range.first, least);
    }
    if (this.#parameters.policy === 'pack') return loads.firstAtMost(0, this.#full - 1);
    const least = loads.leastIn(0, this.#order.length);
    return least >= this.#full ? -1 : loads.firstAtMost(0, least);
  }

  /** The first place from one on, and then from the beginning, with room and without too many of the VM's segment. */
  #firstThatMay(vm: number, preferred: number): number {
    if (preferred < 0 || this.#mayTake(vm, preferred)) return preferred;
    const loads = this.#loads;
    for (let place = loads.firstAtMost(preferred + 1, this.#full - 1); place >= 0; ) {
      if (this.#mayTake(vm, place)) return place;
      place = loads.firstAtMost(place + 1, this.#full - 1);
    }
    for (let place = loads.firstAtMost(0, this.#full - 1); place < preferred; ) {
      if (this.#mayTake(vm, place)) return place;
      place = loads.firstAtMost(place + 1, this.#full - 1);
    }
    return -1;
  }

  #mayTake(vm: number, place: number): boolean {
    const { vmSegments, serverRacks, segmentVmsPerServerMax, segmentVmsPerRackMax } = this.#parameters;
    const server = this.#order[place];
    const segment = vmSegments[vm];
    if (this.#onServers !== null && this.#onServers.of(segment, server) >= segmentVmsPerServerMax!) return false;
    return this.#inRacks === null || this.#inRacks.of(segment, serverRacks[server]) < segmentVmsPerRackMax!;
  }

  #tenantOf(vm: number): number {
    const { vmSegments, segmentTenants } = this.#parameters;
    return segmentTenants[vmSegments[vm]];
  }
}

/** Servers in the order in which a policy goes through them. */
function orderOf({ policy, serverRacks }: PlacementParameters): Int32Array {
  const servers = Int32Array.from(serverRacks.keys());
  if (policy === 'tenant-affinity') return servers.sort((a, b) => serverRacks[a] - serverRacks[b] || a - b);
  if (policy !== 'spread') return servers;
  // the first server of every rack, then the second of every rack, and so on
  const ranks = new Int32Array(serverRacks.length);
  const sizes = new Map<number, number>();
  for (const [server, rack] of serverRacks.entries()) {
    ranks[server] = sizes.get(rack) ?? 0;
    sizes.set(rack, ranks[server] + 1);
  }
  return servers.sort((a, b) => ranks[a] - ranks[b] || a - b);
}

/** The servers that have room, to draw from. */
class OpenServers {
  readonly #servers: Int32Array;
  // indexed by server: where it is in the list
  readonly #indices: Int32Array;
  #count: number;

  constructor(serverCount: number) {
    this.#servers = Int32Array.from({ length: serverCount }, (_, server) => server);
    this.#indices = this.#servers.slice();
    this.#count = serverCount;
  }

  draw(stream: RandomStream): number {
    const draw = stream.next();
    return this.#count === 0 ? -1 : this.#servers[Math.floor(draw * this.#count)];
  }

  close(server: number): void {
    this.#put(this.#servers[--this.#count], this.#indices[server]);
  }

  open(server: number): void {
    this.#put(server, this.#count++);
  }

  #put(server: number, index: number): void {
    this.#servers[index] = server;
    this.#indices[server] = index;
  }
}

/** Which rack each tenant goes to. Racks are ranges of places. */
class TenantRacks {
  readonly #firsts: number[] = [];
  readonly #rackOfPlace: Int32Array;
  // by rack: VMs there less those that fit, so that the least has the most room
  readonly #loads: LoadTree;
  readonly #ofTenant: Int32Array;

  constructor(racks: Int32Array, full: number, tenantCount: number) {
    this.#rackOfPlace = new Int32Array(racks.length);
    for (const [place, rack] of racks.entries()) {
      if (place === 0 || rack !== racks[place - 1]) this.#firsts.push(place);
      this.#rackOfPlace[place] = this.#firsts.length - 1;
    }
    this.#firsts.push(racks.length);
    const rackCount = this.#firsts.length - 1;
    this.#loads = new LoadTree(rackCount);
    for (let rack = 0; rack < rackCount; rack++) {
      this.#loads.add(rack, -(this.#firsts[rack + 1] - this.#firsts[rack]) * full);
    }
    this.#ofTenant = new Int32Array(tenantCount).fill(-1);
  }

  /** The places of the rack where a VM of the tenant should go. */
  rangeFor(tenant: number): { first: number; end: number } {
    let rack = this.#ofTenant[tenant];
    if (rack < 0 || this.#loads.leastIn(rack, rack + 1) >= 0) {
      rack = this.#loads.firstAtMost(0, this.#loads.leastIn(0, this.#firsts.length - 1));
    }
    return { first: this.#firsts[rack], end: this.#firsts[rack + 1] };
  }

  enter(tenant: number, place: number): void {
    this.#loads.add(this.#rackOfPlace[place], 1);
    this.#ofTenant[tenant] = this.#rackOfPlace[place];
  }

  /** There is room again where the tenant is already. */
  leave(tenant: number, place: number): void {
    this.#loads.add(this.#rackOfPlace[place], -1);
    this.#ofTenant[tenant] = this.#rackOfPlace[place];
  }
}

/** How many of each segment there are in each group. */
class GroupCounts {
  readonly #counts = new Map<number, number>();
  readonly #groupCount: number;

  constructor(groupCount: number) {
    this.#groupCount = groupCount;
  }

  of(segment: number, group: number): number {
    return this.#counts.get(segment * this.#groupCount + group) ?? 0;
  }

  add(segment: number, group: number, change: number): void {
    const key = segment * this.#groupCount + group;
    const count = (this.#counts.get(key) ?? 0) + change;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}
