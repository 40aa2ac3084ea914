import { grownCopy, roomierLength } from '../grown-copy.ts';
import { HashSlots, hashOfTwo } from './hash-slots.ts';
import { BROADCAST_MAC, isGroupMac, isReservedMac, type MacAddress, RESERVED_MAC_FIRST } from './mac-address.ts';

/** The id of the broadcast address, in every segment. */
export const BROADCAST_ID = -1;

/** Ids of the reserved addresses are RESERVED_ID_FIRST down to RESERVED_ID_FIRST - 15; further groups lie below. */
const RESERVED_ID_FIRST = -2;
const GROUP_ID_FIRST = RESERVED_ID_FIRST - 16;

/** The id of the Bridge Group Address 01-80-C2-00-00-00. IEEE 802.1D-2004, 7.12.3. */
export const BRIDGE_GROUP_ID = RESERVED_ID_FIRST;

/** Whether an address id names one of the sixteen reserved group addresses. */
export function isReservedId(id: number): boolean {
  return id <= RESERVED_ID_FIRST && id > GROUP_ID_FIRST;
}

const NONE = -1;

/**
 * Gives every address that enters the model a dense integer id, so that a MAC table is indexed instead of probed.
 *
 * An individual address has one id in each segment, since learning is independent in each (IEEE 802.1Q-2018, 8.8.8);
 * ids count from 0 in order of first sight. A group address has one negative id everywhere,
 * and so has 00:00:00:00:00:00, which no station has either.
 */
export class AddressBook {
  #macs = new Float64Array(256);
  #segments = new Int32Array(256);
  #count = 0;
  // for each id the next one of the same segment; NONE for the last
  #nexts = new Int32Array(256).fill(NONE);
  // ids by segment and address
  readonly #slots = new HashSlots((id) => hashOf(this.#segments[id], this.#macs[id]));
  // for each segment its first and its last id; NONE where there is none
  #ends = new Int32Array(64).fill(NONE);
  readonly #groups: MacAddress[] = [];

  /** How many individual addresses have an id: ids are below this. */
  get size(): number {
    return this.#count;
  }

  /** The id of `mac` in `segment`, new if it was never seen there. */
  idOf(segment: number, mac: MacAddress): number {
    if (isGroupMac(mac) || mac === 0) return this.#groupIdOf(mac);
    const slot = this.#slotOf(segment, mac);
    const known = this.#slots.at(slot);
    if (known !== NONE) return known;
    const id = this.#append(segment, mac);
    this.#slots.add(slot, id);
    return id;
  }

  /** The address behind an id. */
  macOf(id: number): MacAddress {
    if (id >= 0) return this.#macs[id];
    if (id === BROADCAST_ID) return BROADCAST_MAC;
    if (isReservedId(id)) return RESERVED_MAC_FIRST + (RESERVED_ID_FIRST - id);
    return this.#groups[GROUP_ID_FIRST - id];
  }

  /** The segment in which an individual address has this id. */
  segmentOf(id: number): number {
    return this.#segments[id];
  }

  /** The ids of a segment, from the lowest. */
  *idsOf(segment: number): Generator<number> {
    let id = 2 * segment < this.#ends.length ? this.#ends[2 * segment] : NONE;
    for (; id !== NONE; id = this.#nexts[id]) yield id;
  }

  /** The id of the same address in another segment. */
  translate(id: number, segment: number): number {
    return id < 0 ? id : this.idOf(segment, this.#macs[id]);
  }

  /** Makes room for so many more individual addresses at once. */
  reserve(addresses: number): void {
    this.#slots.reserve(addresses);
    const needed = this.#count + addresses;
    if (needed > this.#macs.length) this.#lengthen(needed);
  }

  #lengthen(length: number): void {
    this.#macs = grownCopy(this.#macs, length);
    this.#segments = grownCopy(this.#segments, length, NONE);
    this.#nexts = grownCopy(this.#nexts, length, NONE);
  }

  #append(segment: number, mac: MacAddress): number {
    const id = this.#count++;
    if (id === this.#macs.length) this.#lengthen(roomierLength(id, id + 1));
    if (2 * segment >= this.#ends.length) {
      this.#ends = grownCopy(this.#ends, Math.max(2 * this.#ends.length, 2 * segment + 2), NONE);
    }
    const last = this.#ends[2 * segment + 1];
    if (last === NONE) this.#ends[2 * segment] = id;
    else this.#nexts[last] = id;
    this.#ends[2 * segment + 1] = id;
    this.#macs[id] = mac;
    this.#segments[id] = segment;
    return id;
  }

  /** Where the id of an address in a segment is, or would be. */
  #slotOf(segment: number, mac: MacAddress): number {
    const slots = this.#slots;
    for (let slot = slots.first(hashOf(segment, mac)); ; slot = slots.next(slot)) {
      const id = slots.at(slot);
      if (id === NONE || (this.#macs[id] === mac && this.#segments[id] === segment)) return slot;
    }
  }

  #groupIdOf(mac: MacAddress): number {
    if (mac === BROADCAST_MAC) return BROADCAST_ID;
    if (isReservedMac(mac)) return RESERVED_ID_FIRST - (mac - RESERVED_MAC_FIRST);
    let index = this.#groups.indexOf(mac);
    if (index < 0) index = this.#groups.push(mac) - 1;
    return GROUP_ID_FIRST - index;
  }
}

/** A hash of a segment and both halves of an address. */
function hashOf(segment: number, mac: MacAddress): number {
  return hashOfTwo(segment + Math.floor(mac / 2 ** 32), mac | 0);
}
