import { Admission, type RoomEntries, type TableRoom } from '../../src/protocol/table-room.ts';

/** Where all of its addresses are. */
const PLACE = 0;

/** A table that does nothing but keep times, around a room: what it holds must be what its room has admitted. */
export class RoomedTable implements RoomEntries {
  readonly room: TableRoom;
  readonly holdMs: number;
  // in the order of learning
  readonly updates = new Map<number, number>();

  constructor(makeRoom: (entries: RoomEntries) => TableRoom, holdMs = Number.POSITIVE_INFINITY) {
    this.room = makeRoom(this);
    this.holdMs = holdMs;
  }

  ageMs(address: number, nowMs: number): number {
    const updatedMs = this.updates.get(address);
    if (updatedMs === undefined) throw new Error(`the room asks for ${address}, which has no entry`);
    return nowMs - updatedMs;
  }

  /** Returns what the room said of a new address, or null for one that is known. */
  learn(address: number, nowMs: number): number | null {
    if (this.updates.has(address) && this.ageMs(address, nowMs) >= this.holdMs) this.forget(address);
    if (this.updates.has(address)) {
      this.updates.set(address, nowMs);
      return null;
    }
    const answer = this.room.admit(address, nowMs, this.holdMs, PLACE);
    if (answer >= 0 && !this.updates.delete(answer)) throw new Error(`the room evicts ${answer}, which has no entry`);
    if (answer >= Admission.free) this.updates.set(address, nowMs);
    return answer;
  }

  forget(address: number): void {
    if (this.updates.delete(address)) this.room.release(address, PLACE);
  }

  has(address: number): boolean {
    return this.updates.has(address);
  }
}
