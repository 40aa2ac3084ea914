import type { Servers } from '../device/servers.ts';

const NOT_PAUSED = -1;

/** How long after now, if a VM that is due has not been resumed yet. */
const LATE_NS = 1_000;

/** When a VM is due to run that never will. */
export const NEVER_NS = Number.MAX_SAFE_INTEGER;

// what a VM is paused for, if it is
const RUNS = 0;
const BOOTS_LATER = 1;
const STOPPED = 2;

/**
 * Which VMs do not run: those that have yet to boot, those stopped for the last round of a migration, and those whose
 * server is down, whatever else they are.
 */
export class VmPauses {
  readonly #servers: Servers;
  // indexed by VM
  readonly #states: Uint8Array;
  // by VM that is stopped: when it runs again, unless that is never
  readonly #untilNs = new Map<number, number>();
  // indexed by VM: when it boots, if it has yet to
  #bootNs: Float64Array = new Float64Array(0);
  // by VM whose server is down: when it boots again
  readonly #downUntilNs = new Map<number, number>();

  constructor(servers: Servers, vmCount: number) {
    this.#servers = servers;
    this.#states = new Uint8Array(vmCount);
  }

  /** No VM runs before its boot: each is due to `resume` then. The times are kept as they are, indexed by VM. */
  pauseUntilBoot(bootNs: Float64Array): void {
    this.#bootNs = bootNs;
    for (let vm = 0; vm < bootNs.length; vm++) {
      this.#states[vm] = BOOTS_LATER;
      this.#servers.setPaused(vm, true);
    }
  }

  /** Stops a VM: it receives nothing until `resume`, which is due at `untilNs`. */
  pause(vm: number, untilNs: number): void {
    this.#states[vm] = STOPPED;
    if (untilNs === NEVER_NS) this.#untilNs.delete(vm);
    else this.#untilNs.set(vm, untilNs);
    this.#servers.setPaused(vm, true);
  }

  /** Lets a VM run, unless its server is down. */
  resume(vm: number): void {
    this.#states[vm] = RUNS;
    this.#untilNs.delete(vm);
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

  /** Whether it has booted once, whatever became of it since. */
  hasBooted(vm: number): boolean {
    return this.#states[vm] !== BOOTS_LATER;
  }

  isDown(vm: number): boolean {
    return this.#downUntilNs.has(vm);
  }

  isPaused(vm: number): boolean {
    return this.#states[vm] !== RUNS || (this.#downUntilNs.size > 0 && this.#downUntilNs.has(vm));
  }

  /** When to look again for a VM that is paused: as it is due to run, but never at once, whoever is late. */
  lookAgainNs(vm: number, nowNs: number): number {
    return Math.max(this.#dueNs(vm), this.#downUntilNs.get(vm) ?? NOT_PAUSED, nowNs + LATE_NS);
  }

  #dueNs(vm: number): number {
    const state = this.#states[vm];
    if (state === RUNS) return NOT_PAUSED;
    return state === BOOTS_LATER ? this.#bootNs[vm] : (this.#untilNs.get(vm) ?? NEVER_NS);
  }
}
