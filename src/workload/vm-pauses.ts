import type { Servers } from '../device/servers.ts';

const NOT_PAUSED = -1;

/** How long after now, if a VM that is due has not been resumed yet. */
const LATE_NS = 1_000;

/** When a VM is due to run that never will. */
export const NEVER_NS = Number.MAX_SAFE_INTEGER;

/**
 * Which VMs do not run: those that have yet to boot, those stopped for the last round of a migration, and those whose
 * server is down, whatever else they are.
 */
export class VmPauses {
  readonly #servers: Servers;
  // indexed by VM: when it runs again, or NOT_PAUSED
  readonly #untilNs: Float64Array;
  // by VM whose server is down: when it boots again
  readonly #downUntilNs = new Map<number, number>();

  constructor(servers: Servers, vmCount: number) {
    this.#servers = servers;
    this.#untilNs = new Float64Array(vmCount).fill(NOT_PAUSED);
  }

  /** Stops a VM: it receives nothing until `resume`, which is due at `untilNs`. */
  pause(vm: number, untilNs: number): void {
    this.#untilNs[vm] = untilNs;
    this.#servers.setPaused(vm, true);
  }

  /** Lets a VM run, unless its server is down. */
  resume(vm: number): void {
    this.#untilNs[vm] = NOT_PAUSED;
    this.#servers.setPaused(vm, this.isPaused(vm));
  }

  /** A VM's server went down; `bringUp` is due at `untilNs`. */
  takeDown(vm: number, untilNs: number): void {
    this.#downUntilNs.set(vm, untilNs);
    this.#servers.setPaused(vm, true);
  }

  /** A VM's server is back and the VM runs, unless it was stopped for another reason too. */
  bringUp(vm: number): void {
    this.#downUntilNs.delete(vm);
    this.#servers.setPaused(vm, this.isPaused(vm));
  }

  isDown(vm: number): boolean {
    return this.#downUntilNs.has(vm);
  }

  isPaused(vm: number): boolean {
    return this.#untilNs[vm] !== NOT_PAUSED || (this.#downUntilNs.size > 0 && this.#downUntilNs.has(vm));
  }

  /** When to look again for a VM that is paused: as it is due to run, but never at once, whoever is late. */
  lookAgainNs(vm: number, nowNs: number): number {
    return Math.max(this.#untilNs[vm], this.#downUntilNs.get(vm) ?? NOT_PAUSED, nowNs + LATE_NS);
  }
}
