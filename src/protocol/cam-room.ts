import { HashSlots, hashOfTwo } from '../wire/hash-slots.ts';
import { SlotHeap } from './slot-heap.ts';
import { Admission, Eviction, type OverflowPolicy, type RoomEntries, TableDice, type TableRoom } from './table-room.ts';

export interface CamRoomOptions {
  readonly capacity: number;
  readonly policy: OverflowPolicy;
  /** Of the chance by which `evict-random` chooses. */
  readonly seed?: number;
}

/**
 * Room in a content-addressable memory: any entry takes any address, so only a full table refuses or evicts.
 *
 * What has waited longest is found in a heap by the time at which each entry was learned. A refresh leaves the heap alone;
 * an entry that comes up first is put back if its table says that it was heard since. So the first that stays is the one
 * heard least recently, and it has cost at most one step for each time that an entry was heard.
 */
export class CamRoom implements TableRoom {
  readonly capacity: number;
  evictedFor: number = Eviction.expired;
  readonly #policy: OverflowPolicy;
  readonly #entries: RoomEntries;
  readonly #dice: TableDice;
  // the slots in use, by address
  readonly #slots = new HashSlots((slot) => hashOf(this.#addresses[slot]));
  // indexed by slot; slots below `#usedSlots` that are not in use are in `#freeSlots`
  readonly #addresses: number[] = [];
  readonly #freeSlots: number[] = [];
  readonly #byUpdate = new SlotHeap();
  readonly #byArrival: SlotHeap | null;

  constructor(entries: RoomEntries, { capacity, policy, seed = 0 }: CamRoomOptions) {
    this.capacity = capacity;
    this.#entries = entries;
    this.#policy = policy;
    this.#dice = new TableDice(seed);
    this.#byArrival = policy === 'evict-oldest' ? new SlotHeap() : null;
  }

  admit(address: number, nowMs: number, holdMs: number): number {
    let slot = this.#freeSlots.pop() ?? -1;
    let answer: number = Admission.free;
    if (slot < 0 && this.#addresses.length < this.capacity) slot = this.#addresses.push(address) - 1;
    if (slot < 0) {
      slot = this.#victim(nowMs, holdMs);
      if (slot < 0) return Admission.full;
      answer = this.#addresses[slot];
      this.release(answer);
      this.#freeSlots.pop();
    }
    const place = this.#find(address);
    this.#addresses[slot] = address;
    this.#slots.add(place, slot);
    this.#byUpdate.add(slot, nowMs);
    this.#byArrival?.add(slot, 0);
    return answer;
  }

  refusal(_address: number, nowMs: number, holdMs: number): number {
    const hasRoom = this.#freeSlots.length > 0 || this.#addresses.length < this.capacity;
    if (hasRoom || this.#policy !== 'keep-old') return Admission.free;
    return this.#isExpired(this.#leastRecentlyUpdated(nowMs), nowMs, holdMs) ? Admission.free : Admission.full;
  }

  release(address: number): void {
    const found = this.#find(address);
    const slot = this.#slots.at(found);
    if (slot < 0) return;
    this.#slots.remove(found);
    this.#byUpdate.remove(slot);
    this.#byArrival?.remove(slot);
    this.#freeSlots.push(slot);
  }

  /** Addresses that have an entry. */
  get count(): number {
    return this.#addresses.length - this.#freeSlots.length;
  }

  /** The address heard least recently; there must be one. */
  leastRecent(nowMs: number): number {
    return this.#addresses[this.#leastRecentlyUpdated(nowMs)];
  }

  /** Where the slot of an address is in the hash table, or would be. */
  #find(address: number): number {
    const slots = this.#slots;
    for (let place = slots.first(hashOf(address)); ; place = slots.next(place)) {
      const slot = slots.at(place);
      if (slot < 0 || this.#addresses[slot] === address) return place;
    }
  }

  /** The slot to give away when all are taken, or -1. */
  #victim(nowMs: number, holdMs: number): number {
    const leastRecent = this.#leastRecentlyUpdated(nowMs);
    this.evictedFor = Eviction.expired;
    if (this.#isExpired(leastRecent, nowMs, holdMs)) return leastRecent;
    this.evictedFor = Eviction.overflow;
    switch (this.#policy) {
      case 'keep-old':
        return -1;
      case 'evict-oldest':
        return this.#byArrival!.first;
      case 'evict-random':
        return this.#dice.integer(this.capacity);
      case 'evict-lru':
        return leastRecent;
    }
  }

  #leastRecentlyUpdated(nowMs: number): number {
    const heap = this.#byUpdate;
    for (;;) {
      const slot = heap.first;
      const updatedMs = nowMs - this.#entries.ageMs(this.#addresses[slot], nowMs);
      if (updatedMs <= heap.keyOf(slot)) return slot;
      heap.raise(slot, updatedMs);
    }
  }

  #isExpired(slot: number, nowMs: number, holdMs: number): boolean {
    return this.#entries.ageMs(this.#addresses[slot], nowMs) >= holdMs;
  }
}

function hashOf(address: number): number {
  return hashOfTwo(address, 0);
}
