import type { IpStacks } from '../device/ip-stacks.ts';
import type { Simulation } from '../engine/simulation.ts';
import { WorkloadEvent } from './event-kinds.ts';
import type { Population } from './population.ts';
import type { VmLives } from './vm-lives.ts';
import { NEVER_NS, type VmPauses } from './vm-pauses.ts';

/** How long after now to look again for a VM that may not end yet. */
const LATER_NS = 100e6;

/** What the end of VMs depends on. */
export interface DeparturesParameters {
  simulation: Simulation;
  stacks: IpStacks;
  pauses: VmPauses;
  population: Population;
  lives: Pick<VmLives, 'endNs' | 'endOrder'>;
  /** Whether a VM is on the move: it ends when it has arrived. */
  isMoving(vm: number): boolean;
  /** Takes a VM away from its server. */
  removeVm(vm: number): void;
}

/**
 * Each VM ends at its moment, as if its power went: it says nothing, what it knew is gone and frames for it are
 * undeliverable. Tables elsewhere forget it as they age. An end that is due while the VM migrates waits until it is over.
 */
export class Departures {
  readonly #parameters: DeparturesParameters;
  #nextIndex = 0;

  constructor(parameters: DeparturesParameters) {
    this.#parameters = parameters;
    const { simulation } = parameters;
    simulation.on(WorkloadEvent.departure, {
      handle: (_kind, vm, isPutOff) => {
        this.#end(vm);
        if (isPutOff === 0) this.#scheduleNext();
      },
    });
    this.#scheduleNext();
  }

  #end(vm: number): void {
    const { simulation, stacks, pauses, population, isMoving, removeVm } = this.#parameters;
    if (isMoving(vm)) {
      simulation.scheduleAfter(LATER_NS, WorkloadEvent.departure, vm, 1);
      return;
    }
    population.end(vm);
    pauses.pause(vm, NEVER_NS);
    stacks.clearNeighbours(vm);
    removeVm(vm);
  }

  #scheduleNext(): void {
    const { simulation, lives } = this.#parameters;
    if (this.#nextIndex === lives.endOrder.length) return;
    const vm = lives.endOrder[this.#nextIndex++];
    simulation.schedule(lives.endNs![vm], WorkloadEvent.departure, vm, 0);
  }
}
