import type { Devices } from '../device/devices.ts';
import type { AddressTable } from './catching-up.ts';
import { WorkloadEvent } from './event-kinds.ts';

/** The first look is when something fails; the next ones come after this, and ever later by this share of what has passed. */
const LOOK_AFTER_NS = 10e6;
const LATER_BY_RATIO = 1 / 20;

/** Entries that are looked at each time, at most, but a few VMs at all tables in any case. */
const ENTRIES_MAX = 4000;
const VMS_MIN = 4;
const VMS_MAX = 256;

/** What tables are watched with. */
export interface FailureWatchParameters<T extends AddressTable> {
  readonly devices: Devices;
  readonly tables: readonly T[];
  readonly vmCount: number;
  /** The server where a VM is and a link leads to; -1 if none does, or it is nowhere. */
  serverOf(vm: number): number;
  /** As CatchingUp has it. */
  placeOfServer(table: T, server: number, segment: number, place: number): number;
  /** Hears of each look, whether an entry pointed elsewhere than to where its VM can be reached. */
  onLooked(isRight: boolean): void;
}

/**
 * Looks at the tables of learned addresses after something failed or came back: at once, after 10 ms, and ever later, so that
 * how long entries point the wrong way is known to 10 ms or a twentieth. It looks at all tables, and at 256 VMs spread evenly
 * over all, or fewer where there are many tables; not at those that a migration moved meanwhile, or whose move tables
 * had still to learn when something failed: the table of migrations has that.
 */
export class FailureWatch<T extends AddressTable> {
  readonly #parameters: FailureWatchParameters<T>;
  readonly #vms: readonly number[];
  // grows with each failure and repair, so that earlier looks are void
  #era = 0;
  #sinceNs = 0;
  // those that migrated, of which tables may point to where they were
  readonly #moved = new Set<number>();

  constructor(parameters: FailureWatchParameters<T>) {
    this.#parameters = parameters;
    const { devices, tables, vmCount } = parameters;
    const fitting = Math.max(VMS_MIN, Math.floor(ENTRIES_MAX / Math.max(1, tables.length)));
    const count = Math.min(vmCount, VMS_MAX, fitting);
    this.#vms = spreadOver(vmCount, count);
    devices.network.simulation.on(WorkloadEvent.failureWatch, { handle: (_kind, era) => this.#look(era) });
  }

  /** Something fails or comes back at this moment: tables are watched from when it has. */
  begin(): void {
    const { simulation } = this.#parameters.devices.network;
    for (const vm of this.#moved) if (!this.#isWrongSomewhere(vm)) this.#moved.delete(vm);
    this.#era++;
    this.#sinceNs = simulation.nowNs;
    simulation.scheduleAfter(0, WorkloadEvent.failureWatch, this.#era, 0);
  }

  /** A VM runs at another server from now on. */
  moved(vm: number): void {
    if (this.#vms.includes(vm)) this.#moved.add(vm);
  }

  #look(era: number): void {
    if (era !== this.#era) return;
    const { devices, onLooked } = this.#parameters;
    const { simulation } = devices.network;
    onLooked(!this.#vms.some((vm) => !this.#moved.has(vm) && this.#isWrongSomewhere(vm)));
    const elapsedNs = simulation.nowNs - this.#sinceNs;
    const delayNs = Math.max(LOOK_AFTER_NS, Math.ceil(elapsedNs * LATER_BY_RATIO));
    simulation.scheduleAfter(delayNs, WorkloadEvent.failureWatch, era, 0);
  }

  #isWrongSomewhere(vm: number): boolean {
    const { devices, tables, serverOf, placeOfServer } = this.#parameters;
    const server = serverOf(vm);
    if (server < 0) return false;
    const { bridges, network, servers, tunnels } = devices;
    const address = servers.addressOf(vm);
    const segment = servers.segmentOf(vm);
    const { nowMs } = network;
    return tables.some((owner) => {
      const { kind, table } = owner;
      if (kind === 'tunnel' && !tunnels.serves(table, segment)) return false;
      const place = (kind === 'bridge' ? bridges : tunnels).tables.lookUp(table, address, nowMs);
      return place >= 0 && place !== placeOfServer(owner, server, segment, place);
    });
  }
}

/** About as many numbers below a limit, each once, in steps that no placement of VMs has: multiples of the golden ratio. */
function spreadOver(limit: number, count: number): number[] {
  if (count >= limit) return Array.from({ length: limit }, (_, index) => index);
  const spread = (index: number) => Math.floor(((Math.imul(index, 0x9e37_79b1) >>> 0) / 2 ** 32) * limit);
  return [...new Set(Array.from({ length: count }, (_, index) => spread(index)))];
}
