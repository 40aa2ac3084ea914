import type { Servers } from '../device/servers.ts';

const NOT_PAUSED = -1;

/** How long after now, if a VM that is due has not been resumed yet. */
const LATE_NS = 1_000;

/** Which VMs do not run: those that have yet to boot, and those stopped for the last round of a migration. */
export class VmPauses {
  readonly #servers: Servers;
  // indexed by VM: when it runs again, or NOT_PAUSED
  readonly #untilNs: Float64Array;

  constructor(servers: Servers, vmCount: number) {
    this.#servers = servers;
    this.#untilNs = new Float64Array(vmCount).fill(NOT_PAUSED);
  }

  /** Stops a VM: it receives nothing until `resume`, which is due at `untilNs`. */
  pause(vm: number, untilNs: number): void {
    this.#untilNs[vm] = untilNs;
    this.#servers.setPaused(vm, true);
  }

  resume(vm: number): void {
    this.#untilNs[vm] = NOT_PAUSED;
    this.#servers.setPaused(vm, false);
  }

  isPaused(vm: number): boolean {
    return this.#untilNs[vm] !== NOT_PAUSED;
  }

  /** When to look again for a VM that is paused: as it is due to run, but never at once, whoever is late. */
  lookAgainNs(vm: number, nowNs: number): number {
    return Math.max(this.#untilNs[vm], nowNs + LATE_NS);
  }
}
