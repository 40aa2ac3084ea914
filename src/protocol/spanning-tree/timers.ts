import { exactExpiryNs, type TimerExpiry } from '../timer-expiry.ts';

/** The timers a bridge has once. IEEE 802.1D-1998, 8.5.4. */
export const BridgeTimer = { hello: 0, topologyChangeNotification: 1, topologyChange: 2 } as const;

/** The timers that each port has. IEEE 802.1D-1998, 8.5.6. */
export const PortTimer = { messageAge: 0, forwardDelay: 1, hold: 2 } as const;

const BRIDGE_TIMER_COUNT = 3;
const PORT_TIMER_COUNT = 3;

/** The slot of a port's timer. Slots of the bridge's own timers are their `BridgeTimer` numbers. */
export function portTimerSlot(portIndex: number, timer: number): number {
  return BRIDGE_TIMER_COUNT + portIndex * PORT_TIMER_COUNT + timer;
}

/** The port a slot belongs to; negative for the bridge's own. */
export function portIndexOfSlot(slot: number): number {
  return Math.floor((slot - BRIDGE_TIMER_COUNT) / PORT_TIMER_COUNT);
}

/** Which `PortTimer` a port's slot is. */
export function portTimerOfSlot(slot: number): number {
  return (slot - BRIDGE_TIMER_COUNT) % PORT_TIMER_COUNT;
}

/** All timers of one bridge. Of timers due at the same instant, the one in the lowest slot comes first. */
export class Timers {
  // the instant at which each slot's timer expires, Infinity while it is stopped
  #deadlinesNs: Float64Array;
  #earliestSlot = 0;
  #earliestIsStale = false;
  readonly #expiryNs: TimerExpiry;

  constructor(expiryNs: TimerExpiry = exactExpiryNs) {
    this.#expiryNs = expiryNs;
    this.#deadlinesNs = new Float64Array(BRIDGE_TIMER_COUNT).fill(Number.POSITIVE_INFINITY);
  }

  /** Makes room for the timers of one more port. */
  addPort(): void {
    const grown = new Float64Array(this.#deadlinesNs.length + PORT_TIMER_COUNT).fill(Number.POSITIVE_INFINITY);
    grown.set(this.#deadlinesNs);
    this.#deadlinesNs = grown;
  }

  /** Starts a timer, or starts it again, for this long and as late as the profile's timers are. */
  start(slot: number, nowNs: number, durationNs: number): void {
    this.startUntil(slot, this.#expiryNs(nowNs, durationNs));
  }

  /** Starts a timer, or starts it again, to expire at this instant. */
  startUntil(slot: number, deadlineNs: number): void {
    const deadlinesNs = this.#deadlinesNs;
    const earliestNs = deadlinesNs[this.#earliestSlot];
    deadlinesNs[slot] = deadlineNs;
    if (this.#earliestIsStale) return;
    if (slot === this.#earliestSlot) {
      this.#earliestIsStale = deadlineNs >= earliestNs;
    } else if (deadlineNs < earliestNs || (deadlineNs === earliestNs && slot < this.#earliestSlot)) {
      this.#earliestSlot = slot;
    }
  }

  stop(slot: number): void {
    this.#deadlinesNs[slot] = Number.POSITIVE_INFINITY;
    if (slot === this.#earliestSlot) this.#earliestIsStale = true;
  }

  isRunning(slot: number): boolean {
    return this.#deadlinesNs[slot] !== Number.POSITIVE_INFINITY;
  }

  /** The slot that is due first; meaningless if no timer runs. */
  get earliestSlot(): number {
    if (this.#earliestIsStale) this.#findEarliest();
    return this.#earliestSlot;
  }

  /** The instant at which the first timer is due, or Infinity. */
  get nextDeadlineNs(): number {
    return this.#deadlinesNs[this.earliestSlot];
  }

  #findEarliest(): void {
    const deadlinesNs = this.#deadlinesNs;
    let earliest = 0;
    for (let slot = 1; slot < deadlinesNs.length; slot++) {
      if (deadlinesNs[slot] < deadlinesNs[earliest]) earliest = slot;
    }
    this.#earliestSlot = earliest;
    this.#earliestIsStale = false;
  }
}
