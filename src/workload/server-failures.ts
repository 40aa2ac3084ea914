import type { Devices } from '../device/devices.ts';
import type { RandomStream } from '../engine/random.ts';
import { WorkloadEvent } from './event-kinds.ts';
import { NEVER_NS, type VmPauses } from './vm-pauses.ts';

/** Multiples of it spread evenly over [0, 1) when only their fractions count. */
const GOLDEN_RATIO = 0.618_033_988_749_894_9;

/** What the failure of servers depends on. */
export interface ServerFailuresParameters {
  devices: Devices;
  pauses: VmPauses;
  vmCount: number;
  /** The network's node of each server. */
  serverNodes: readonly number[];
  /** VMs boot within this time from their server's return. */
  bootWindowNs: number;
  /** Whether a VM that boots announces its address. */
  announces: boolean;
  /** VMs that send nothing of their own accord. */
  isSilent: Uint8Array;
  /** Drawn from once for each server that comes back. */
  stream: RandomStream;
}

/**
 * The VMs of servers that fail: they neither send nor receive, forget their neighbours, and boot again at a random moment
 * after their server has come back.
 */
export class ServerFailures {
  readonly #parameters: ServerFailuresParameters;
  // by VM that is to boot: its pending event
  readonly #boots = new Map<number, number>();
  // by server that is down: when it is to come back
  readonly #duesNs = new Map<number, number>();

  constructor(parameters: ServerFailuresParameters) {
    this.#parameters = parameters;
    parameters.devices.network.simulation.on(WorkloadEvent.reboot, { handle: (_kind, vm) => this.#boot(vm) });
  }

  /**
   * A server went down, or was and fails again, and will be back at `dueNs` for all that is known; Infinity for never.
   * Returns the VMs that went down with it: neither those that have yet to boot nor those that were down already.
   */
  fail(server: number, dueNs: number): number[] {
    const { devices, pauses } = this.#parameters;
    const vms = this.#vmsAt(server);
    const goingDown = vms.filter((vm) => pauses.hasBooted(vm) && !pauses.isDown(vm));
    this.#duesNs.set(server, dueNs);
    for (const vm of vms) {
      devices.network.simulation.cancel(this.#boots.get(vm) ?? 0);
      this.#boots.delete(vm);
      pauses.takeDown(vm, Math.min(dueNs, NEVER_NS));
    }
    for (const vm of vms) devices.stacks.clearNeighbours(vm);
    return goingDown;
  }

  /** A VM came to be at a server, which may be down. */
  arrived(vm: number, server: number): void {
    const dueNs = this.#duesNs.get(server);
    if (dueNs !== undefined) this.#parameters.pauses.takeDown(vm, Math.min(dueNs, NEVER_NS));
  }

  /** A server is back. */
  restore(server: number): void {
    const { devices, pauses, bootWindowNs, stream } = this.#parameters;
    const { simulation } = devices.network;
    // which VMs are here may depend on the fabric; when each of them boots does not
    const draw = stream.next();
    this.#duesNs.delete(server);
    for (const vm of this.#vmsAt(server)) {
      const bootNs = simulation.nowNs + Math.floor(((draw + vm * GOLDEN_RATIO) % 1) * bootWindowNs);
      pauses.takeDown(vm, bootNs);
      this.#boots.set(vm, simulation.schedule(bootNs, WorkloadEvent.reboot, vm, 0));
    }
  }

  #vmsAt(server: number): number[] {
    const { devices, serverNodes, vmCount } = this.#parameters;
    const stations = devices.servers.stationsAt(serverNodes[server]);
    return [...stations].filter((station) => station < vmCount).sort((one, other) => one - other);
  }

  #boot(vm: number): void {
    const { devices, pauses, announces, isSilent } = this.#parameters;
    this.#boots.delete(vm);
    pauses.bringUp(vm);
    if (announces && isSilent[vm] === 0 && !pauses.isPaused(vm)) devices.stacks.announce(vm);
  }
}
