import { END, NumberLists } from '../../wire/number-lists.ts';
import { PairRecords } from '../../wire/pair-records.ts';
import { type BgpSpeaker, NEVER_NS } from '../bgp/bgp-speaker.ts';
import type { RouteBook } from '../bgp/route-book.ts';
import { RouteKind } from '../bgp/route-kind.ts';

/** No station. */
export const NO_STATION = -1;

/** What a VTEP says of a station when it enters it. */
export interface NewStation {
  readonly segment: number;
  /** The Ethernet segment that it is on, or NO_ETHERNET_SEGMENT. */
  readonly ethernetSegment: number;
  /** Number of its type-2 routes. */
  readonly sequence: number;
  readonly isSticky: boolean;
  readonly isHeard?: boolean;
  readonly isFollowed?: boolean;
}

// the record of a VTEP and an address: words behind its keys
const ADDRESS = -1;
const SEGMENT = 0;
const ETHERNET_SEGMENT = 1;
// sequence number and flags
const STATE = 2;
const ROUTES = 3;
const IPS = 4;
const PREVIOUS = 5;
const NEXT = 6;
const RECORD_WORDS = 7;

const STICKY = 1 << 30;
const UNHEARD = 1 << 29;
const FOLLOWED = 1 << 28;
const FLAGS = STICKY | UNHEARD | FOLLOWED;

/** Where the stations of all VTEPs of a fabric are: some 70 bytes each, and nothing for a VTEP that has none. */
export class StationMemory {
  readonly records = new PairRecords(RECORD_WORDS);
  /** Routes and IP addresses of stations. */
  readonly numbers = new NumberLists();
  /** By station: how long it is kept, of those that no VTEP of their Ethernet segment hears. */
  readonly keptUntilNs = new Map<number, number>();
}

/** The stations behind a VTEP, and their routes. A station is a number, which is another one's when it is gone. */
export class LocalStations {
  /** In which routing table, plus 1, hosts of a segment are announced for symmetric IRB; 0: in none. RFC 9135, 5.1. */
  routingTableOf: (segment: number) => number = () => 0;
  readonly #speaker: BgpSpeaker;
  readonly #routes: RouteBook;
  readonly #memory: StationMemory;
  readonly #records: PairRecords;
  readonly #numbers: NumberLists;
  // the list of all, in the order in which they came
  #first = NO_STATION;
  #last = NO_STATION;
  // by segment: stations of it that are here
  readonly #counts = new Map<number, number>();

  constructor(speaker: BgpSpeaker, routes: RouteBook, memory: StationMemory) {
    this.#speaker = speaker;
    this.#routes = routes;
    this.#memory = memory;
    this.#records = memory.records;
    this.#numbers = memory.numbers;
  }

  /** The station that has a MAC address, an id, or NO_STATION. */
  find(address: number): number {
    return this.#records.find(this.#speaker.index, address);
  }

  has(address: number): boolean {
    return this.find(address) !== NO_STATION;
  }

  /** MAC addresses of the stations of a kind that are here now, in the order in which they came; they may be withdrawn meanwhile. */
  addresses(isWanted: (station: number) => boolean): number[] {
    const addresses: number[] = [];
    for (let station = this.#first; station !== NO_STATION; station = this.#word(station, NEXT)) {
      if (isWanted(station)) addresses.push(this.#word(station, ADDRESS));
    }
    return addresses;
  }

  /** Stations of a segment. */
  count(segment: number): number {
    return this.#counts.get(segment) ?? 0;
  }

  segmentOf(station: number): number {
    return this.#word(station, SEGMENT);
  }

  /** The Ethernet segment that a station is on, or NO_ETHERNET_SEGMENT. */
  ethernetSegmentOf(station: number): number {
    return this.#word(station, ETHERNET_SEGMENT);
  }

  /** Number of its type-2 routes. */
  sequenceOf(station: number): number {
    return this.#word(station, STATE) & ~FLAGS;
  }

  setSequence(station: number, sequence: number): void {
    this.#records.words[station + STATE] = (this.#word(station, STATE) & FLAGS) | sequence;
  }

  isSticky(station: number): boolean {
    return (this.#word(station, STATE) & STICKY) !== 0;
  }

  /** Whether this VTEP heard it itself; if not, it has it from another VTEP of its Ethernet segment. */
  isHeard(station: number): boolean {
    return (this.#word(station, STATE) & UNHEARD) === 0;
  }

  setHeard(station: number, isHeard: boolean): void {
    this.#setFlag(station, UNHEARD, !isHeard);
  }

  /** Whether it is here as long as others announce it, who have not heard it either: it is not announced then. */
  isFollowed(station: number): boolean {
    return (this.#word(station, STATE) & FOLLOWED) !== 0;
  }

  setFollowed(station: number, isFollowed: boolean): void {
    this.#setFlag(station, FOLLOWED, isFollowed);
  }

  /** How long it stays although no VTEP of its Ethernet segment hears it; NEVER_NS while one does. */
  keptUntilNs(station: number): number {
    return this.#memory.keptUntilNs.get(station) ?? NEVER_NS;
  }

  keepUntil(station: number, untilNs: number): void {
    if (untilNs === NEVER_NS) this.#memory.keptUntilNs.delete(station);
    else this.#memory.keptUntilNs.set(station, untilNs);
  }

  /** The first IP address that it said it has; 0 if it said none. */
  firstIpOf(station: number): number {
    const list = this.#word(station, IPS);
    return list === END ? 0 : this.#numbers.valueOf(list);
  }

  hasIp(station: number, ip: number): boolean {
    return this.#numbers.has(this.#word(station, IPS), ip);
  }

  addIp(station: number, ip: number): void {
    this.#append(station, IPS, ip);
  }

  /** Adds one that is not announced yet, and is not here. */
  add(
    address: number,
    { segment, ethernetSegment, sequence, isSticky, isHeard = true, isFollowed = false }: NewStation,
  ): number {
    const station = this.#records.add(this.#speaker.index, address);
    const { words } = this.#records;
    words[station + SEGMENT] = segment;
    words[station + ETHERNET_SEGMENT] = ethernetSegment;
    words[station + STATE] = sequence | (isSticky ? STICKY : 0) | (isHeard ? 0 : UNHEARD) | (isFollowed ? FOLLOWED : 0);
    words[station + ROUTES] = END;
    words[station + IPS] = END;
    words[station + PREVIOUS] = this.#last;
    words[station + NEXT] = NO_STATION;
    if (this.#last === NO_STATION) this.#first = station;
    else words[this.#last + NEXT] = station;
    this.#last = station;
    this.#counts.set(segment, this.count(segment) + 1);
    return station;
  }

  /** Announces a station with its MAC address alone, and with each of its IP addresses. RFC 7432, 7.2. */
  announceAll(station: number, nowNs: number): void {
    this.announce(station, 0, nowNs);
    for (let ip = this.#word(station, IPS); ip !== END; ip = this.#numbers.next(ip)) {
      this.announce(station, this.#numbers.valueOf(ip), nowNs);
    }
  }

  /** Announces a station, with its MAC address alone (`ip` is 0) or with both. RFC 7432, 7.2. */
  announce(station: number, ip: number, nowNs: number): void {
    const segment = this.segmentOf(station);
    const kind = ip === 0 ? RouteKind.macOnly : RouteKind.macIp;
    const route = this.#routes.idOf({
      origin: this.#speaker.index,
      kind,
      scope: segment,
      address: this.#word(station, ADDRESS),
      ip,
      sequence: this.sequenceOf(station),
      isSticky: this.isSticky(station),
      segmentIdentifier: this.ethernetSegmentOf(station) + 1,
      isProxy: !this.isHeard(station),
      routingTable: kind === RouteKind.macIp ? this.routingTableOf(segment) : 0,
    });
    this.#append(station, ROUTES, route);
    this.#speaker.originate(route, nowNs);
  }

  /** Forgets what was announced of a station: the same prefixes are announced anew, and the routes of then take their place. */
  forgetRoutes(station: number): void {
    this.#numbers.free(this.#word(station, ROUTES));
    this.#records.words[station + ROUTES] = END;
  }

  /** Takes a station out, with its routes. */
  withdraw(address: number, nowNs: number): void {
    const station = this.find(address);
    if (station === NO_STATION) return;
    for (let route = this.#word(station, ROUTES); route !== END; route = this.#numbers.next(route)) {
      this.#speaker.withdraw(this.#numbers.valueOf(route), nowNs);
    }
    this.#remove(station);
  }

  /** Forgets all of them; routes stay as they are. */
  clear(): void {
    while (this.#first !== NO_STATION) this.#remove(this.#first);
  }

  #remove(station: number): void {
    const segment = this.segmentOf(station);
    this.#counts.set(segment, this.count(segment) - 1);
    this.#numbers.free(this.#word(station, ROUTES));
    this.#numbers.free(this.#word(station, IPS));
    this.#memory.keptUntilNs.delete(station);
    const previous = this.#word(station, PREVIOUS);
    const next = this.#word(station, NEXT);
    if (previous === NO_STATION) this.#first = next;
    else this.#records.words[previous + NEXT] = next;
    if (next === NO_STATION) this.#last = previous;
    else this.#records.words[next + PREVIOUS] = previous;
    this.#records.remove(this.#speaker.index, this.#word(station, ADDRESS));
  }

  #append(station: number, list: number, value: number): void {
    this.#records.words[station + list] = this.#numbers.append(this.#word(station, list), value);
  }

  #setFlag(station: number, flag: number, isSet: boolean): void {
    const state = this.#word(station, STATE);
    this.#records.words[station + STATE] = isSet ? state | flag : state & ~flag;
  }

  #word(station: number, field: number): number {
    return this.#records.words[station + field];
  }
}
