import type { Simulation } from '../engine/simulation.ts';

/** Members that wait for moments, one event for all that wait for the same. A member may be visited before its time. */
export class DueLists {
  readonly #simulation: Simulation;
  readonly #eventKind: number;
  // by moment: the number of the list that waits for it
  readonly #numbers = new Map<number, number>();
  // indexed by number; null where it is free
  readonly #lists: (number[] | null)[] = [];
  readonly #free: number[] = [];

  constructor(simulation: Simulation, eventKind: number, visit: (member: number) => void) {
    this.#simulation = simulation;
    this.#eventKind = eventKind;
    simulation.on(eventKind, {
      handle: (_kind, number) => {
        const list = this.#lists[number] ?? [];
        this.#numbers.delete(simulation.nowNs);
        this.#lists[number] = null;
        this.#free.push(number);
        for (const member of list) visit(member);
      },
    });
  }

  /** Lets a member be visited at a moment, in the order of calls. */
  add(timeNs: number, member: number): void {
    let number = this.#numbers.get(timeNs);
    if (number === undefined) {
      number = this.#free.pop() ?? this.#lists.length;
      this.#lists[number] = [];
      this.#numbers.set(timeNs, number);
      this.#simulation.schedule(timeNs, this.#eventKind, number, 0);
    }
    this.#lists[number]!.push(member);
  }
}
