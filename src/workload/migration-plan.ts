import type { RandomStream } from '../engine/random.ts';
import { Groups } from './groups.ts';

/** A VM that is to migrate. */
export interface PlannedMigration {
  vm: number;
  /** When copying begins. */
  startNs: number;
  /** Index of the server it goes to; null: one is drawn when copying begins. */
  toServer: number | null;
}

/** Migrations by chance: each of another VM, starting at any moment from `startNs` to `endNs`. */
export interface RandomMigrations {
  count: number;
  startNs: number;
  endNs: number;
}

/** All migrations of a run in the order in which they start: those listed and those drawn. */
export function planMigrations({
  list,
  random,
  vmCount,
  isThere = null,
  stream,
}: {
  list: readonly PlannedMigration[];
  random: RandomMigrations | null;
  vmCount: number;
  /** Whether a VM is there at a time; if VMs come and end, those that are there are preferred. */
  isThere?: ((vm: number, timeNs: number) => boolean) | null;
  /** Drawn from for `random` alone. */
  stream: RandomStream;
}): PlannedMigration[] {
  const drawn =
    isThere === null ? drawMigrations(random, vmCount, stream) : drawWhoIsThere(random, { vmCount, isThere, stream });
  return [...list, ...drawn].sort((one, other) => one.startNs - other.startNs);
}

function drawMigrations(random: RandomMigrations | null, vmCount: number, stream: RandomStream): PlannedMigration[] {
  if (random === null) return [];
  if (random.count > vmCount) throw new RangeError(`${random.count} of ${vmCount} VMs cannot migrate once each`);
  const vms = new Set<number>();
  while (vms.size < random.count) vms.add(stream.integer(vmCount));
  return Array.from(vms, (vm) => ({
    vm,
    startNs: Math.floor(stream.uniform(random.startNs, random.endNs)),
    toServer: null,
  }));
}

/** VMs drawn for a migration before one is taken that is not there. */
const VMS_DRAWN_MAX = 1000;

/** Each at a time, of a VM that is there then and has no other migration. */
function drawWhoIsThere(
  random: RandomMigrations | null,
  {
    vmCount,
    isThere,
    stream,
  }: { vmCount: number; isThere: (vm: number, timeNs: number) => boolean; stream: RandomStream },
): PlannedMigration[] {
  if (random === null) return [];
  const taken = new Set<number>();
  return Array.from({ length: random.count }, () => {
    const startNs = Math.floor(stream.uniform(random.startNs, random.endNs));
    let vm = stream.integer(vmCount);
    for (let draw = 1; draw < VMS_DRAWN_MAX && (taken.has(vm) || !isThere(vm, startNs)); draw++)
      vm = stream.integer(vmCount);
    taken.add(vm);
    return { vm, startNs, toServer: null };
  });
}

/** Where random migrations may go. */
export type DestinationPolicy = 'any' | 'same-rack' | 'other-rack';

/** What destinations depend on. */
export interface DestinationsParameters {
  /** The server that each VM is at; -1 for one that is nowhere. */
  vmServers: Int32Array;
  /** The rack of each server. */
  serverRacks: Int32Array;
  /** null is no limit. */
  vmsPerServerMax: number | null;
  policy: DestinationPolicy;
  stream: RandomStream;
}

const NOWHERE = -1;

/** Servers drawn at random before the first with room is taken instead. */
const DRAWS_MAX = 100;

/**
 * Where VMs are, which servers have room, and where a VM may go. Servers are indices.
 *
 * Destinations are drawn as if each migration were over as soon as it begins, so that they do not depend on how long
 * copies take, nor on which fabric carries them out. Whether a server has room is asked of things as they are.
 */
export class Destinations {
  readonly #vmServers: Int32Array;
  readonly #serverRacks: Int32Array;
  readonly #racks: Groups;
  readonly #vmsPerServerMax: number;
  readonly #policy: DestinationPolicy;
  readonly #stream: RandomStream;
  // indexed by server: its VMs and those on their way to it
  readonly #counts: Int32Array;
  // the same if migrations took no time, and where each VM were then that is elsewhere now
  readonly #plannedCounts: Int32Array;
  readonly #plannedServers = new Map<number, number>();

  constructor({ vmServers, serverRacks, vmsPerServerMax, policy, stream }: DestinationsParameters) {
    this.#vmServers = vmServers.slice();
    this.#serverRacks = serverRacks;
    this.#racks = new Groups(serverRacks, serverRacks.reduce((largest, rack) => Math.max(largest, rack), -1) + 1);
    this.#vmsPerServerMax = vmsPerServerMax ?? Infinity;
    this.#policy = policy;
    this.#stream = stream;
    this.#counts = new Int32Array(serverRacks.length);
    for (const server of vmServers) if (server !== NOWHERE) this.#counts[server]++;
    this.#plannedCounts = this.#counts.slice();
  }

  /** A VM comes to be at a server: the planned one, or if migrations filled that, the next with room. */
  enter(vm: number, planned: number): number {
    const count = this.#counts.length;
    let server = planned;
    for (let step = 0; step < count && this.#counts[server] >= this.#vmsPerServerMax; step++) {
      server = (server + 1) % count;
    }
    this.#vmServers[vm] = server;
    this.#counts[server]++;
    this.#setPlanned(vm, planned);
    this.#plannedCounts[planned]++;
    return server;
  }

  /** A VM is no more. */
  leave(vm: number): void {
    this.#counts[this.#vmServers[vm]]--;
    this.#plannedCounts[this.#plannedOf(vm)]--;
    this.#vmServers[vm] = NOWHERE;
    this.#setPlanned(vm, NOWHERE);
  }

  /** Where a VM is; -1 for one that is nowhere. */
  serverOf(vm: number): number {
    return this.#vmServers[vm];
  }

  /** Whether a VM can go to a server: another one than its own, with room. */
  accepts(vm: number, server: number): boolean {
    return server !== this.#vmServers[vm] && this.#counts[server] < this.#vmsPerServerMax;
  }

  /** Draws a server for a VM by the policy, all that are to have room equally likely; -1 if there is none. */
  choose(vm: number): number {
    const planned = this.#plannedOf(vm);
    if (planned === NOWHERE) return NOWHERE;
    const rack = this.#serverRacks[planned];
    const isWithinRack = this.#policy === 'same-rack';
    const count = isWithinRack ? this.#racks.sizeOf(rack) : this.#serverRacks.length;
    const candidateAt = (index: number) => (isWithinRack ? this.#racks.memberOf(rack, index) : index);
    const fits = (server: number) =>
      server !== planned &&
      this.#plannedCounts[server] < this.#vmsPerServerMax &&
      !(this.#policy === 'other-rack' && this.#serverRacks[server] === rack);
    for (let draw = 0; draw < DRAWS_MAX; draw++) {
      const server = candidateAt(this.#stream.integer(count));
      if (fits(server)) return server;
    }
    for (let index = 0; index < count; index++) if (fits(candidateAt(index))) return candidateAt(index);
    return -1;
  }

  /** A VM is meant to be at a server from now on. */
  plan(vm: number, server: number): void {
    const before = this.#plannedOf(vm);
    if (before === NOWHERE) return;
    this.#plannedCounts[before]--;
    this.#setPlanned(vm, server);
    this.#plannedCounts[server]++;
  }

  /** A VM that was being copied to a server does not come. */
  release(server: number): void {
    this.#counts[server]--;
  }

  /** Keeps a place at a server for a VM that is being copied there. */
  reserve(server: number): void {
    this.#counts[server]++;
  }

  /** A VM is now at a server where a place was kept for it. */
  arrive(vm: number, server: number): void {
    const planned = this.#plannedOf(vm);
    this.#counts[this.#vmServers[vm]]--;
    this.#vmServers[vm] = server;
    this.#setPlanned(vm, planned);
  }

  #plannedOf(vm: number): number {
    return this.#plannedServers.get(vm) ?? this.#vmServers[vm];
  }

  #setPlanned(vm: number, server: number): void {
    if (server === this.#vmServers[vm]) this.#plannedServers.delete(vm);
    else this.#plannedServers.set(vm, server);
  }
}
