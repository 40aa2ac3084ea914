import { CamRoom } from './cam-room.ts';
import type { LearningRate } from './learning-rate.ts';
import type { RoomEntries, TableRoom } from './table-room.ts';

/** What keeps one table from learning an address: a port's limit, the pace of learning, room. */
export class TableGate {
  /** null: counting entries is enough. */
  readonly room: TableRoom | null;
  /** null: as fast as frames come. */
  readonly rate: LearningRate | null;
  readonly #entries: RoomEntries;
  readonly #placeRooms = new Map<number, CamRoom>();

  constructor(entries: RoomEntries, { room, rate }: { room: TableRoom | null; rate: LearningRate | null }) {
    this.#entries = entries;
    this.room = room;
    this.rate = rate;
  }

  /** Lets at most `count` addresses be learned at a place. */
  limitPlace(place: number, count: number): void {
    this.#placeRooms.set(place, new CamRoom(this.#entries, { capacity: count, policy: 'keep-old' }));
  }

  /** The addresses of a place that has a limit. */
  roomAt(place: number): CamRoom | undefined {
    return this.#placeRooms.get(place);
  }

  /** An entry that pointed at `place` is gone. */
  release(address: number, place: number): void {
    this.room?.release(address, place);
    this.#placeRooms.get(place)?.release(address);
  }
}
