import type { Devices } from '../device/devices.ts';
import { WorkloadEvent } from './event-kinds.ts';

const NS_PER_MS = 1e6;

/** Tables are looked at this often, and more often at first, for entries that went without anybody learning anything. */
const LOOK_EVERY_NS = 1000 * NS_PER_MS;
const LOOK_EVERY_NS_AT_FIRST = 100 * NS_PER_MS;
const AT_FIRST_NS = 2000 * NS_PER_MS;

/** A table of learned addresses: a bridge's or a tunnel's. */
export interface AddressTable {
  readonly kind: 'bridge' | 'tunnel';
  readonly table: number;
}

/** What catching up is watched with. */
export interface CatchingUpParameters<T extends AddressTable> {
  devices: Devices;
  tables: readonly T[];
  /**
   * What an entry of a table for an address of this segment says if it leads to a server: of several that do, `place` if it
   * is one; -1 if none can.
   */
  placeOfServer(table: T, server: number, segment: number, place: number): number;
  /** Hears which tables point elsewhere as a VM resumes, by their indices, and of each when it does so no more. */
  watcher?: CatchUpWatcher | null;
}

/** Hears of single tables. */
export interface CatchUpWatcher {
  pointElsewhere(vm: number, tables: readonly number[]): void;
  right(vm: number, table: number): void;
}

/** How the tables caught up with one migration. Durations count from its resumption. */
export interface CatchUp {
  readonly vm: number;
  /** Tables that pointed elsewhere at first, and of these those that still do. */
  readonly wrongTables: number;
  stillWrongTables: number;
  halfRightNs: number | null;
  allRightNs: number | null;
  floodedCopies: number;
}

/** A migration that is being watched. */
interface Watch {
  readonly catchUp: CatchUp;
  readonly server: number;
  readonly sinceNs: number;
  /** Indices of the tables that are wrong. */
  wrong: number[];
}

/**
 * Watches how the tables of learned addresses catch up with migrated VMs: which of them pointed elsewhere at the moment
 * when the VM resumed, and when each first pointed to its new place or held it no more.
 *
 * What is learned is noticed at that instant; entries that age out or are flushed are noticed within a second, within
 * 100 ms at first. VMs that are not watched cost a look-up for each address that is learned anew.
 */
export class CatchingUp<T extends AddressTable> {
  readonly #parameters: CatchingUpParameters<T>;
  // indexed by table: the node that has it
  readonly #nodes: readonly number[];
  readonly #watches: Watch[] = [];
  // by address: its watch
  readonly #watchOfAddress = new Map<number, Watch>();

  constructor(parameters: CatchingUpParameters<T>) {
    this.#parameters = parameters;
    const { devices, tables } = parameters;
    const { network, bridges, tunnels } = devices;
    this.#nodes = tables.map(({ kind, table }) =>
      kind === 'bridge' ? bridges.nodeOf(table) : network.nodeOf(tunnels.portOf(table)),
    );
    const before = bridges.onLearned;
    bridges.onLearned = (bridge, address, port) => {
      before?.(bridge, address, port);
      if (this.#watchOfAddress.size > 0) this.#learned(address, bridges.nodeOf(bridge));
    };
    const tunnelBefore = tunnels.onLearned;
    tunnels.onLearned = (tunnel, address) => {
      tunnelBefore?.(tunnel, address);
      if (this.#watchOfAddress.size > 0) this.#learned(address, network.nodeOf(tunnels.portOf(tunnel)));
    };
    network.simulation.on(WorkloadEvent.catchingUp, { handle: (_kind, index) => this.#lookAgain(index) });
  }

  /** A VM that resumed at a server just now is watched until all tables point there; ends what was watched of it. */
  begin(vm: number, server: number): CatchUp {
    const { devices, tables } = this.#parameters;
    const { network, servers, tunnels } = devices;
    const address = servers.addressOf(vm);
    const segment = servers.segmentOf(vm);
    this.#watchOfAddress.delete(address);
    const wrong: number[] = [];
    for (let index = 0; index < tables.length; index++) {
      const { kind, table } = tables[index];
      if (kind === 'tunnel' && !tunnels.serves(table, segment)) continue;
      if (this.#isWrong(index, address, server)) wrong.push(index);
    }
    const catchUp: CatchUp = {
      vm,
      wrongTables: wrong.length,
      stillWrongTables: wrong.length,
      halfRightNs: wrong.length === 0 ? 0 : null,
      allRightNs: wrong.length === 0 ? 0 : null,
      floodedCopies: 0,
    };
    this.#parameters.watcher?.pointElsewhere(vm, wrong);
    const watch = { catchUp, server, sinceNs: network.simulation.nowNs, wrong };
    const index = this.#watches.push(watch) - 1;
    if (wrong.length === 0) return catchUp;
    this.#watchOfAddress.set(address, watch);
    network.simulation.scheduleAfter(LOOK_EVERY_NS_AT_FIRST, WorkloadEvent.catchingUp, index, 0);
    return catchUp;
  }

  /** A switch made copies of a unicast frame because it doesn't know this address. */
  countFlood(address: number, copies: number): void {
    if (this.#watchOfAddress.size === 0) return;
    const watch = this.#watchOfAddress.get(address);
    if (watch !== undefined) watch.catchUp.floodedCopies += copies;
  }

  #learned(address: number, node: number): void {
    const watch = this.#watchOfAddress.get(address);
    // what a switch learns may empty another table of the same switch
    if (watch !== undefined) this.#look(watch, address, (index) => this.#nodes[index] === node);
  }

  #lookAgain(index: number): void {
    const { devices } = this.#parameters;
    const { simulation } = devices.network;
    const watch = this.#watches[index];
    const address = devices.servers.addressOf(watch.catchUp.vm);
    if (this.#watchOfAddress.get(address) !== watch) return;
    this.#look(watch, address, () => true);
    if (watch.wrong.length === 0) return;
    const isAtFirst = simulation.nowNs - watch.sinceNs < AT_FIRST_NS;
    const everyNs = isAtFirst ? LOOK_EVERY_NS_AT_FIRST : LOOK_EVERY_NS;
    simulation.scheduleAfter(everyNs, WorkloadEvent.catchingUp, index, 0);
  }

  /** Looks at those wrong tables of a watch that may have changed. */
  #look(watch: Watch, address: number, mayHaveChanged: (index: number) => boolean): void {
    const { catchUp, server, sinceNs } = watch;
    watch.wrong = watch.wrong.filter((index) => {
      if (!mayHaveChanged(index) || this.#isWrong(index, address, server)) return true;
      this.#parameters.watcher?.right(catchUp.vm, index);
      return false;
    });
    catchUp.stillWrongTables = watch.wrong.length;
    const elapsedNs = this.#parameters.devices.network.simulation.nowNs - sinceNs;
    if (watch.wrong.length * 2 <= catchUp.wrongTables) catchUp.halfRightNs ??= elapsedNs;
    if (watch.wrong.length > 0) return;
    catchUp.allRightNs ??= elapsedNs;
    this.#watchOfAddress.delete(address);
  }

  #isWrong(index: number, address: number, server: number): boolean {
    const { devices, tables, placeOfServer } = this.#parameters;
    const { kind, table } = tables[index];
    const { tables: entries } = kind === 'bridge' ? devices.bridges : devices.tunnels;
    const place = entries.lookUp(table, address, devices.network.nowMs);
    if (place < 0) return false;
    return place !== placeOfServer(tables[index], server, devices.network.addresses.segmentOf(address), place);
  }
}
