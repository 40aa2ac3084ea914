import type { Simulation } from '../engine/simulation.ts';
import { seconds } from '../units.ts';

const PERIOD_NS = seconds(1);

/**
 * Messages of a control protocol that each speaker sent and received, and the most in one second of the clock: what its
 * processor has to do. Speakers are numbered by who counts.
 */
export class MessageCounts {
  readonly #simulation: Simulation;
  // indexed by speaker
  readonly #sent: number[] = [];
  readonly #received: number[] = [];
  // the second that is being counted, what was counted in it, and the most so far
  readonly #seconds: number[] = [];
  readonly #inSecond: number[] = [];
  readonly #mostInSecond: number[] = [];

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  sent(speaker: number, count: number): void {
    this.#sent[speaker] = (this.#sent[speaker] ?? 0) + count;
    this.#count(speaker, count);
  }

  received(speaker: number, count: number): void {
    this.#received[speaker] = (this.#received[speaker] ?? 0) + count;
    this.#count(speaker, count);
  }

  sentBy(speaker: number): number {
    return this.#sent[speaker] ?? 0;
  }

  receivedBy(speaker: number): number {
    return this.#received[speaker] ?? 0;
  }

  /** Sent and received together. */
  mostPerSecondAt(speaker: number): number {
    return this.#mostInSecond[speaker] ?? 0;
  }

  /** Looks for the most in a second from now on; what this second has seen so far is not in it. */
  restartPeaks(): void {
    this.#inSecond.fill(0);
    this.#mostInSecond.fill(0);
  }

  #count(speaker: number, count: number): void {
    const second = Math.floor(this.#simulation.nowNs / PERIOD_NS);
    if (second !== this.#seconds[speaker]) {
      this.#seconds[speaker] = second;
      this.#inSecond[speaker] = 0;
    }
    this.#inSecond[speaker] += count;
    if (this.#inSecond[speaker] > (this.#mostInSecond[speaker] ?? 0))
      this.#mostInSecond[speaker] = this.#inSecond[speaker];
  }
}
