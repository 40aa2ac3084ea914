import { grownCopy, roomierLength } from '../grown-copy.ts';

/** What a flow is doing. */
export const FlowState = {
  free: 0,
  /** Waits for the answer to its request. */
  requesting: 1,
  sending: 2,
  /** Has sent everything, of which some is still under way, or lost. */
  draining: 3,
} as const;

const SLOT_BITS = 23;
const SLOTS_MAX = 1 << SLOT_BITS;
const GENERATIONS = 32;
const SLOTS_MIN = 1024;
const NONE = -1;

/**
 * The flows under way, one slot each. A slot that is given back is the last to be used again, and under another
 * generation, so that a late frame of its former flow is told from those of the next.
 */
export class FlowTable {
  /** Flows under way. */
  activeCount = 0;

  // indexed by slot
  states = new Uint8Array(SLOTS_MIN);
  attempts = new Uint8Array(SLOTS_MIN);
  sources = new Int32Array(SLOTS_MIN);
  targets = new Int32Array(SLOTS_MIN);
  /** How many flows there were before this one. */
  numbers = new Float64Array(SLOTS_MIN);
  startNs = new Float64Array(SLOTS_MIN);
  sizesBytes = new Float64Array(SLOTS_MIN);
  unsentBytes = new Float64Array(SLOTS_MIN);
  deliveredBytes = new Float64Array(SLOTS_MIN);
  /** Handles of the flows' events. */
  events = new Float64Array(SLOTS_MIN);
  #generations = new Uint8Array(SLOTS_MIN);
  #nexts = new Int32Array(SLOTS_MIN);

  #freeFirst = NONE;
  #freeLast = NONE;

  constructor() {
    this.#addFree(0);
  }

  /** Takes a slot for a flow that begins; its `attempts`, `deliveredBytes` are 0, the rest is up to the caller. */
  allocate(): number {
    if (this.#freeFirst === NONE) this.#grow();
    const slot = this.#freeFirst;
    this.#freeFirst = this.#nexts[slot];
    if (this.#freeFirst === NONE) this.#freeLast = NONE;
    this.activeCount++;
    this.attempts[slot] = 0;
    this.deliveredBytes[slot] = 0;
    return slot;
  }

  /** Gives back the slot of a flow that ended. */
  release(slot: number): void {
    this.activeCount--;
    this.states[slot] = FlowState.free;
    this.#generations[slot] = (this.#generations[slot] + 1) % GENERATIONS;
    this.#append(slot);
  }

  /** A name for the flow in a slot: 28 bits. */
  nameOf(slot: number): number {
    return this.#generations[slot] * SLOTS_MAX + slot;
  }

  /** The slot of the flow with a name, or -1 if that flow has ended. */
  slotOf(name: number): number {
    const slot = name & (SLOTS_MAX - 1);
    const isCurrent = this.states[slot] !== FlowState.free && this.#generations[slot] === name >>> SLOT_BITS;
    return isCurrent ? slot : -1;
  }

  #append(slot: number): void {
    this.#nexts[slot] = NONE;
    if (this.#freeLast === NONE) this.#freeFirst = slot;
    else this.#nexts[this.#freeLast] = slot;
    this.#freeLast = slot;
  }

  #addFree(firstSlot: number): void {
    for (let slot = firstSlot; slot < this.states.length; slot++) this.#append(slot);
  }

  #grow(): void {
    const before = this.states.length;
    if (before === SLOTS_MAX) throw new RangeError(`more than ${SLOTS_MAX} flows are under way at once`);
    const length = Math.min(SLOTS_MAX, roomierLength(before, before + 1));
    this.states = grownCopy(this.states, length);
    this.attempts = grownCopy(this.attempts, length);
    this.#generations = grownCopy(this.#generations, length);
    this.sources = grownCopy(this.sources, length);
    this.targets = grownCopy(this.targets, length);
    this.#nexts = grownCopy(this.#nexts, length);
    this.numbers = grownCopy(this.numbers, length);
    this.startNs = grownCopy(this.startNs, length);
    this.sizesBytes = grownCopy(this.sizesBytes, length);
    this.unsentBytes = grownCopy(this.unsentBytes, length);
    this.deliveredBytes = grownCopy(this.deliveredBytes, length);
    this.events = grownCopy(this.events, length);
    this.#addFree(before);
  }
}
