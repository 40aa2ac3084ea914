import type { IpStacks } from '../device/ip-stacks.ts';
import type { RandomStream } from '../engine/random.ts';
import type { Simulation } from '../engine/simulation.ts';
import { WorkloadEvent } from './event-kinds.ts';
import type { VmPauses } from './vm-pauses.ts';

/** What booting depends on. */
export interface BootParameters {
  simulation: Simulation;
  stacks: IpStacks;
  pauses: VmPauses;
  vmCount: number;
  /** From now until the first VM may boot. */
  bootStartNs: number;
  /** VMs boot within this time from then. */
  bootWindowNs: number;
  /** Whether a VM that boots announces its address. RFC 5227, section 3. */
  announces: boolean;
  /** VMs that send nothing of their own accord, not even this: drawSilentVms. */
  isSilent: Uint8Array;
  /** Drawn from twice for each VM, in the order of VMs. */
  stream: RandomStream;
}

/**
 * Each VM boots at a random moment of the boot window; until then it neither sends nor receives. Its IP interface draws
 * how long it takes a neighbour for reachable (RFC 4861, 6.3.2).
 *
 * Differs from the standard: Linux draws that time anew every five minutes.
 */
export class Boot {
  readonly #parameters: BootParameters;
  // indexed by VM; and VMs in the order in which they boot
  readonly #bootNs: Float64Array;
  readonly #order: Int32Array;
  #bootedCount = 0;

  constructor(parameters: BootParameters) {
    const { simulation, stacks, pauses, vmCount, bootStartNs, bootWindowNs, stream } = parameters;
    this.#parameters = parameters;
    this.#bootNs = new Float64Array(vmCount);
    for (let vm = 0; vm < vmCount; vm++) {
      this.#bootNs[vm] = simulation.nowNs + bootStartNs + Math.floor(stream.uniform(0, bootWindowNs));
      stacks.neighbours.setReachableTime(vm, stream.next());
      pauses.pause(vm, this.#bootNs[vm]);
    }
    this.#order = Int32Array.from(this.#bootNs, (_, vm) => vm).sort(
      (one, other) => this.#bootNs[one] - this.#bootNs[other] || one - other,
    );
    simulation.on(WorkloadEvent.boot, { handle: () => this.#bootNext() });
    this.#scheduleNext();
  }

  /** VMs that have booted so far. */
  get bootedCount(): number {
    return this.#bootedCount;
  }

  /** When a VM boots. */
  bootNs(vm: number): number {
    return this.#bootNs[vm];
  }

  #bootNext(): void {
    const { stacks, pauses, announces, isSilent } = this.#parameters;
    const vm = this.#order[this.#bootedCount++];
    pauses.resume(vm);
    // its server may be down
    if (announces && isSilent[vm] === 0 && !pauses.isPaused(vm)) stacks.announce(vm);
    this.#scheduleNext();
  }

  #scheduleNext(): void {
    if (this.#bootedCount === this.#order.length) return;
    const timeNs = this.#bootNs[this.#order[this.#bootedCount]];
    this.#parameters.simulation.schedule(timeNs, WorkloadEvent.boot, 0, 0);
  }
}
