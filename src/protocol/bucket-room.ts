import { mix32 } from './mac-hash.ts';
import { Admission, Eviction, type OverflowPolicy, type RoomEntries, TableDice, type TableRoom } from './table-room.ts';

export interface BucketRoomOptions {
  readonly buckets: number;
  /** Entries of a bucket. */
  readonly ways: number;
  /** Hash functions: an address goes into the least loaded of as many buckets. */
  readonly choices?: number;
  /** Buckets after one another, from the one that the hash names, in which an address may lie; the first with room. */
  readonly searchBuckets?: number;
  readonly policy: OverflowPolicy;
  /** Of the hash: tables with the same seed lose the same addresses. */
  readonly hashSeed?: number;
  /** Of the chance by which `evict-random` chooses. */
  readonly seed?: number;
  /** The hash of an address with its segment: 32 bits. */
  readonly hashOf: (address: number) => number;
}

/**
 * Room in a hash table of buckets: an address fits only where its hash says, so the table loses addresses long before it
 * is full. Insert-only, n addresses in B buckets of w entries lose n - B E[min(X, w)] of them, X ~ Bin(n, 1/B).
 */
export class BucketRoom implements TableRoom {
  readonly capacity: number;
  evictedFor: number = Eviction.expired;
  readonly #entries: RoomEntries;
  readonly #options: Required<BucketRoomOptions>;
  readonly #dice: TableDice;
  // indexed by bucket * ways + way, the first `#loads[bucket]` of which are taken; made when the first address comes
  #addresses = new Int32Array(0);
  #sequences = new Float64Array(0);
  #loads = new Uint16Array(0);
  #count = 0;
  #admitted = 0;
  // the buckets in which the address in question may lie, all different
  readonly #candidates: number[] = [];

  constructor(entries: RoomEntries, options: BucketRoomOptions) {
    this.#entries = entries;
    this.#options = { choices: 1, searchBuckets: 1, hashSeed: 0, seed: 0, ...options };
    this.#dice = new TableDice(this.#options.seed);
    this.capacity = options.buckets * options.ways;
  }

  admit(address: number, nowMs: number, holdMs: number): number {
    if (this.#loads.length === 0) this.#allocate();
    this.#findCandidates(address);
    const bucket = this.#bucketWithRoom();
    if (bucket >= 0) {
      this.#put(bucket * this.#options.ways + this.#loads[bucket]++, address);
      this.#count++;
      return Admission.free;
    }
    const isFull = this.#count === this.capacity;
    let slot = this.#expiredSlot(nowMs, holdMs);
    this.evictedFor = Eviction.expired;
    if (slot < 0) {
      if (this.#options.policy === 'keep-old') return isFull ? Admission.full : Admission.collision;
      this.evictedFor = isFull ? Eviction.overflow : Eviction.collision;
      slot = this.#victim(nowMs);
    }
    const evicted = this.#addresses[slot];
    this.#put(slot, address);
    return evicted;
  }

  refusal(address: number, nowMs: number, holdMs: number): number {
    if (this.#options.policy !== 'keep-old' || this.#loads.length === 0) return Admission.free;
    this.#findCandidates(address);
    if (this.#bucketWithRoom() >= 0 || this.#expiredSlot(nowMs, holdMs) >= 0) return Admission.free;
    return this.#count === this.capacity ? Admission.full : Admission.collision;
  }

  release(address: number): void {
    if (this.#loads.length === 0) return;
    this.#findCandidates(address);
    for (const bucket of this.#candidates) {
      const first = bucket * this.#options.ways;
      const last = first + this.#loads[bucket] - 1;
      for (let slot = first; slot <= last; slot++) {
        if (this.#addresses[slot] !== address) continue;
        this.#addresses[slot] = this.#addresses[last];
        if (this.#sequences.length > 0) this.#sequences[slot] = this.#sequences[last];
        this.#loads[bucket]--;
        this.#count--;
        return;
      }
    }
  }

  #put(slot: number, address: number): void {
    this.#addresses[slot] = address;
    if (this.#sequences.length > 0) this.#sequences[slot] = this.#admitted++;
  }

  #findCandidates(address: number): void {
    const { buckets, choices, searchBuckets, hashSeed, hashOf } = this.#options;
    const hash = hashOf(address) ^ hashSeed;
    this.#candidates.length = 0;
    for (let choice = 0; choice < choices; choice++) {
      const home = (mix32(hash + Math.imul(choice, 0x9e37_79b1)) >>> 0) % buckets;
      for (let step = 0; step < searchBuckets; step++) {
        const bucket = (home + step) % buckets;
        if (!this.#candidates.includes(bucket)) this.#candidates.push(bucket);
      }
    }
  }

  /** The least loaded of several choices, or the first of adjacent buckets that has room; -1 if none has. */
  #bucketWithRoom(): number {
    const { ways, choices } = this.#options;
    let best = -1;
    let bestLoad = ways;
    for (const bucket of this.#candidates) {
      if (this.#loads[bucket] >= bestLoad) continue;
      if (choices === 1) return bucket;
      best = bucket;
      bestLoad = this.#loads[bucket];
    }
    return best;
  }

  #expiredSlot(nowMs: number, holdMs: number): number {
    const { ways } = this.#options;
    for (const bucket of this.#candidates) {
      for (let slot = bucket * ways; slot < (bucket + 1) * ways; slot++) {
        if (this.#entries.ageMs(this.#addresses[slot], nowMs) >= holdMs) return slot;
      }
    }
    return -1;
  }

  /** The slot to give away among candidates that are all taken. */
  #victim(nowMs: number): number {
    const { ways, policy } = this.#options;
    if (policy === 'evict-random') {
      const drawn = this.#dice.integer(this.#candidates.length * ways);
      return this.#candidates[Math.floor(drawn / ways)] * ways + (drawn % ways);
    }
    let victim = -1;
    let victimAgeMs = 0;
    for (const bucket of this.#candidates) {
      for (let slot = bucket * ways; slot < (bucket + 1) * ways; slot++) {
        const ageMs = policy === 'evict-lru' ? this.#entries.ageMs(this.#addresses[slot], nowMs) : 0;
        const isSooner = ageMs === victimAgeMs ? this.#sequences[slot] < this.#sequences[victim] : ageMs > victimAgeMs;
        if (victim >= 0 && !isSooner) continue;
        victim = slot;
        victimAgeMs = ageMs;
      }
    }
    return victim;
  }

  #allocate(): void {
    const { buckets, policy } = this.#options;
    this.#loads = new Uint16Array(buckets);
    this.#addresses = new Int32Array(this.capacity);
    const ordersEntries = policy === 'evict-oldest' || policy === 'evict-lru';
    if (ordersEntries) this.#sequences = new Float64Array(this.capacity);
  }
}
