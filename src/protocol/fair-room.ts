import { CamRoom } from './cam-room.ts';
import { Admission, Eviction, type RoomEntries, type TableRoom } from './table-room.ts';

/**
 * Room in a content-addressable memory that is shared fairly among places: without room, the place that has most entries
 * loses the one heard least recently there. A station that floods addresses evicts its own, and leaves alone whoever is
 * at a place with fewer. Open vSwitch 3.1, lib/mac-learning.c (evict_mac_entry_fairly).
 *
 * Of several places with as many entries the one that learned first loses; Open vSwitch leaves that to its heap.
 */
export class FairRoom implements TableRoom {
  readonly capacity: number;
  evictedFor: number = Eviction.expired;
  readonly #entries: RoomEntries;
  // the addresses at each place, in the order in which places learned their first
  readonly #rooms = new Map<number, CamRoom>();
  #count = 0;

  constructor(entries: RoomEntries, capacity: number) {
    this.#entries = entries;
    this.capacity = capacity;
  }

  admit(address: number, nowMs: number, holdMs: number, place: number): number {
    let answer: number = Admission.free;
    if (this.#count === this.capacity) {
      const room = this.#roomThatLoses(nowMs, holdMs);
      answer = room.leastRecent(nowMs);
      room.release(answer);
    } else {
      this.#count++;
    }
    this.#roomAt(place).admit(address, nowMs, holdMs);
    return answer;
  }

  refusal(): number {
    return Admission.free;
  }

  release(address: number, place: number): void {
    const room = this.#rooms.get(place);
    const before = room?.count ?? 0;
    room?.release(address);
    this.#count -= before - (room?.count ?? 0);
  }

  moved(address: number, from: number, to: number): void {
    this.#rooms.get(from)?.release(address);
    // when it was heard is looked up before it is compared
    this.#roomAt(to).admit(address, 0, Number.POSITIVE_INFINITY);
  }

  /** Where the entry is that is given away: an expired one if there is any, else one of those of the fullest place. */
  #roomThatLoses(nowMs: number, holdMs: number): CamRoom {
    let fullest: CamRoom | null = null;
    for (const room of this.#rooms.values()) {
      if (room.count === 0) continue;
      if (this.#entries.ageMs(room.leastRecent(nowMs), nowMs) >= holdMs) {
        this.evictedFor = Eviction.expired;
        return room;
      }
      if (fullest === null || room.count > fullest.count) fullest = room;
    }
    this.evictedFor = Eviction.overflow;
    return fullest!;
  }

  #roomAt(place: number): CamRoom {
    let room = this.#rooms.get(place);
    if (room === undefined) {
      room = new CamRoom(this.#entries, { capacity: Number.POSITIVE_INFINITY, policy: 'evict-lru' });
      this.#rooms.set(place, room);
    }
    return room;
  }
}
