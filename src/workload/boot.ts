import type { IpStacks } from '../device/ip-stacks.ts';
import type { Simulation } from '../engine/simulation.ts';
import { WorkloadEvent } from './event-kinds.ts';
import type { Population } from './population.ts';
import type { VmLives } from './vm-lives.ts';
import type { VmPauses } from './vm-pauses.ts';

/** What booting depends on. */
export interface BootParameters {
  simulation: Simulation;
  stacks: IpStacks;
  pauses: VmPauses;
  population: Population;
  lives: Pick<VmLives, 'bootNs' | 'bootOrder' | 'reachableDraws'>;
  /** Whether a VM that boots announces its address. RFC 5227, 2.3. */
  announces: boolean;
  /** VMs that send nothing of their own accord, not even this: drawSilentVms. */
  isSilent: Uint8Array;
  /** Puts a VM on its first server, if it is not there yet. */
  addVm(vm: number): void;
}

/**
 * Each VM boots at its moment; until then it neither sends nor receives. Its IP interface has a time of its own for which it takes a
 * neighbour for reachable (RFC 4861, 6.3.2).
 *
 * Differs from the standard: Linux draws that time anew every five minutes.
 */
export class Boot {
  readonly #parameters: BootParameters;
  #bootedCount = 0;

  constructor(parameters: BootParameters) {
    const { simulation, stacks, pauses, lives } = parameters;
    this.#parameters = parameters;
    let vm = 0;
    for (const draw of lives.reachableDraws()) stacks.neighbours.setReachableTime(vm++, draw);
    pauses.pauseUntilBoot(lives.bootNs);
    simulation.on(WorkloadEvent.boot, { handle: () => this.#bootNext() });
    this.#scheduleNext();
  }

  /** VMs that have booted so far. */
  get bootedCount(): number {
    return this.#bootedCount;
  }

  #bootNext(): void {
    const { stacks, pauses, population, lives, announces, isSilent, addVm } = this.#parameters;
    const vm = lives.bootOrder[this.#bootedCount++];
    addVm(vm);
    population.arrive(vm);
    pauses.resume(vm);
    // its server may be down
    if (announces && isSilent[vm] === 0 && !pauses.isPaused(vm)) stacks.announce(vm);
    this.#scheduleNext();
  }

  /** One boot is pending at a time, however many VMs there are. */
  #scheduleNext(): void {
    const { simulation, lives } = this.#parameters;
    if (this.#bootedCount === lives.bootOrder.length) return;
    const timeNs = lives.bootNs[lives.bootOrder[this.#bootedCount]];
    simulation.schedule(timeNs, WorkloadEvent.boot, 0, 0);
  }
}
