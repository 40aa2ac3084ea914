import { EventQueue } from './event-queue.ts';

/**
 * What happens at an event. Events of kind 0 are taken for the most frequent ones: their handler, which must be known
 * when a run begins, is called without a look-up, and those of the other kinds if they are of up to four classes.
 */
export interface EventHandler {
  handle(kind: number, a: number, b: number): void;
}

/** Called now and then during a run; returning false stops it. */
export type ProgressHook = (simulation: Simulation) => boolean;

const TIME_NS_MAX = Number.MAX_SAFE_INTEGER;
const NEVER = Number.MAX_SAFE_INTEGER;
const KINDS = 256;

const UNHANDLED: EventHandler = {
  handle(kind) {
    throw new Error(`nothing handles events of kind ${kind}`);
  },
};

/** The clock and the loop: events happen in order of time and, at one time, in the order of scheduling. */
export class Simulation {
  /** The present, in whole nanoseconds since the start. */
  nowNs = 0;
  /** Events that have happened. */
  eventCount = 0;

  readonly #queue = new EventQueue();
  readonly #handlers: EventHandler[] = new Array<EventHandler>(KINDS).fill(UNHANDLED);
  #isStopped = false;
  #progressHook: ProgressHook = () => true;
  #progressIntervalEvents = NEVER;
  #progressAtEvent = NEVER;

  /** How many events are scheduled and have not happened. */
  get pendingCount(): number {
    return this.#queue.size;
  }

  /** Names the handler of all events of one kind. Kinds are integers from 0 to 255. */
  on(kind: number, handler: EventHandler): void {
    if (!(kind in this.#handlers)) throw new RangeError(`an event kind is an integer from 0 to 255, got ${kind}`);
    if (this.#handlers[kind] !== UNHANDLED) throw new Error(`event kind ${kind} has a handler already`);
    this.#handlers[kind] = handler;
  }

  /** Lets `handle(kind, a, b)` happen at `timeNs`, a whole number not in the past. Returns a handle for `cancel`. */
  schedule(timeNs: number, kind: number, a: number, b: number): number {
    if (!(timeNs >= this.nowNs && timeNs <= TIME_NS_MAX) || Math.floor(timeNs) !== timeNs) this.#refuse(timeNs);
    return this.#queue.push(timeNs, kind, a, b);
  }

  /** `schedule` of a time that is known to be whole and not in the past, as when it was computed of such parts. */
  scheduleKnown(timeNs: number, kind: number, a: number, b: number): number {
    return this.#queue.push(timeNs, kind, a, b);
  }

  /** `schedule`, `delayNs` from now. */
  scheduleAfter(delayNs: number, kind: number, a: number, b: number): number {
    return this.schedule(this.nowNs + delayNs, kind, a, b);
  }

  /** Takes an event back. Returns false if it has happened or was cancelled before; 0 is the handle of no event. */
  cancel(handle: number): boolean {
    return this.#queue.cancel(handle);
  }

  /**
   * Lets all events up to and including `untilNs` happen, and leaves the clock there. If `untilNs` is Infinity, or the
   * run was stopped, the clock stays at the last event.
   */
  run(untilNs: number): void {
    if (!(untilNs >= this.nowNs))
      throw new RangeError(`cannot run until ${untilNs} ns: it is ${this.nowNs} ns already`);
    const queue = this.#queue;
    const handlers = this.#handlers;
    const first = handlers[0]!;
    this.#isStopped = false;
    for (;;) {
      const event = queue.pop(untilNs);
      if (event === 0) break;
      this.nowNs = queue.timeNs;
      const kind = queue.kindOf(event);
      if (kind === 0) first.handle(kind, queue.aOf(event), queue.bOf(event));
      else handlers[kind]!.handle(kind, queue.aOf(event), queue.bOf(event));
      if (++this.eventCount >= this.#progressAtEvent) this.#reportProgress();
      if (this.#isStopped) return;
    }
    if (untilNs !== Infinity) this.nowNs = untilNs;
  }

  /** Makes `run` return after the current event. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Calls `hook` after every `intervalEvents` events; the run stops when it returns false. */
  onProgress(hook: ProgressHook, intervalEvents = 65_536): void {
    this.#progressHook = hook;
    this.#progressIntervalEvents = intervalEvents;
    this.#progressAtEvent = this.eventCount + intervalEvents;
  }

  #reportProgress(): void {
    this.#progressAtEvent = this.eventCount + this.#progressIntervalEvents;
    if (!this.#progressHook(this)) this.#isStopped = true;
  }

  #refuse(timeNs: number): never {
    throw new RangeError(`an event needs a whole time from now (${this.nowNs} ns) on, got ${timeNs} ns`);
  }
}
