import { BROADCAST_MAC, isGroupMac, isReservedMac, type MacAddress, RESERVED_MAC_FIRST } from './mac-address.ts';

/** The id of the broadcast address, in every segment. */
export const BROADCAST_ID = -1;

/** Ids of the reserved addresses are RESERVED_ID_FIRST down to RESERVED_ID_FIRST - 15; further groups lie below. */
export const RESERVED_ID_FIRST = -2;
const GROUP_ID_FIRST = RESERVED_ID_FIRST - 16;

/** The id of the Bridge Group Address 01-80-C2-00-00-00. IEEE 802.1D-2004, 7.12.3. */
export const BRIDGE_GROUP_ID = RESERVED_ID_FIRST;

/** Whether an address id names one of the sixteen reserved group addresses. */
export function isReservedId(id: number): boolean {
  return id <= RESERVED_ID_FIRST && id > GROUP_ID_FIRST;
}

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
  readonly #idsBySegment = new Map<number, Map<MacAddress, number>>();
  readonly #groups: MacAddress[] = [];

  /** How many individual addresses have an id: ids are below this. */
  get size(): number {
    return this.#count;
  }

  /** The id of `mac` in `segment`, new if it was never seen there. */
  idOf(segment: number, mac: MacAddress): number {
    if (isGroupMac(mac) || mac === 0) return this.#groupIdOf(mac);
    let ids = this.#idsBySegment.get(segment);
    if (ids === undefined) {
      ids = new Map();
      this.#idsBySegment.set(segment, ids);
    }
    let id = ids.get(mac);
    if (id === undefined) {
      id = this.#append(segment, mac);
      ids.set(mac, id);
    }
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

  /** The id of the same address in another segment. */
  translate(id: number, segment: number): number {
    return id < 0 ? id : this.idOf(segment, this.#macs[id]);
  }

  #append(segment: number, mac: MacAddress): number {
    const id = this.#count++;
    if (id === this.#macs.length) {
      const macs = new Float64Array(id * 2);
      macs.set(this.#macs);
      this.#macs = macs;
      const segments = new Int32Array(id * 2);
      segments.set(this.#segments);
      this.#segments = segments;
    }
    this.#macs[id] = mac;
    this.#segments[id] = segment;
    return id;
  }

  #groupIdOf(mac: MacAddress): number {
    if (mac === BROADCAST_MAC) return BROADCAST_ID;
    if (isReservedMac(mac)) return RESERVED_ID_FIRST - (mac - RESERVED_MAC_FIRST);
    let index = this.#groups.indexOf(mac);
    if (index < 0) index = this.#groups.push(mac) - 1;
    return GROUP_ID_FIRST - index;
  }
}
