import type { Simulation } from '../engine/simulation.ts';
import { seconds } from '../units.ts';

const PERIOD_NS = seconds(1);

/** BPDUs that each bridge sent and received, and the most in one second of the clock: what its processor has to do. */
export class BpduCounts {
  readonly #simulation: Simulation;
  // indexed by bridge
  readonly #sent: number[] = [];
  readonly #received: number[] = [];
  // the second that is being counted, what was counted in it, and the most so far
  readonly #seconds: number[] = [];
  readonly #inSecond: number[] = [];
  readonly #mostInSecond: number[] = [];

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  sent(bridge: number, count: number): void {
    this.#sent[bridge] = (this.#sent[bridge] ?? 0) + count;
    this.#count(bridge, count);
  }

  received(bridge: number, count: number): void {
    this.#received[bridge] = (this.#received[bridge] ?? 0) + count;
    this.#count(bridge, count);
  }

  sentBy(bridge: number): number {
    return this.#sent[bridge] ?? 0;
  }

  receivedBy(bridge: number): number {
    return this.#received[bridge] ?? 0;
  }

  /** Sent and received together. */
  mostPerSecondAt(bridge: number): number {
    return this.#mostInSecond[bridge] ?? 0;
  }

  #count(bridge: number, count: number): void {
    const second = Math.floor(this.#simulation.nowNs / PERIOD_NS);
    if (second !== this.#seconds[bridge]) {
      this.#seconds[bridge] = second;
      this.#inSecond[bridge] = 0;
    }
    this.#inSecond[bridge] += count;
    if (this.#inSecond[bridge] > (this.#mostInSecond[bridge] ?? 0)) this.#mostInSecond[bridge] = this.#inSecond[bridge];
  }
}
