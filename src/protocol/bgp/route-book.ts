import { grownCopy, roomierLength } from '../../grown-copy.ts';
import { HashSlots, hashOfTwo } from '../../wire/hash-slots.ts';
import { RouteKind } from './route-kind.ts';
import { type AttributeSetShape, announcementHeadBytes, NLRI_BYTES, SECOND_LABEL_BYTES } from './update-size.ts';

/** No route. */
export const NO_ROUTE = -1;

/** A route as its origin announces it: the prefix (all but the last three), and what BGP attributes differ in. */
export interface RouteFields {
  /** The speaker that it comes from; each has a route distinguisher of its own. RFC 7432, 7.9. */
  readonly origin: number;
  readonly kind: number;
  /** A segment, which has a VNI; of an `ipPrefix` the number of the routing table. */
  readonly scope: number;
  /** Id of a MAC address in the segment; of an `ipPrefix` its length; of types 1 and 4 the Ethernet segment. */
  readonly address?: number;
  readonly ip?: number;
  /** MAC mobility sequence number; 0 is not sent. RFC 7432, 7.7. */
  readonly sequence?: number;
  readonly isSticky?: boolean;
  /** Of a type 2: the Ethernet segment that the station is on, plus 1; 0: none. RFC 7432, 7.2. */
  readonly segmentIdentifier?: number;
  /** Of a type 2: whether its origin only has it from another VTEP of the segment, and has not heard the station itself. */
  readonly isProxy?: boolean;
  /** The routing table whose label and router's MAC a `macIp` carries for symmetric IRB (RFC 9135), plus 1; 0: none. */
  readonly routingTable?: number;
}

const STICKY = 1 << 30;
const PROXY = 1 << 29;

/**
 * All routes that anybody ever announced, each once: a route is an integer, and what a speaker holds are sets of such.
 *
 * A route is a prefix with its attributes. One that is announced anew with other attributes, as a higher sequence number,
 * is a route of its own; the routes of one prefix are siblings, and a speaker takes at most one of them from a neighbour.
 */
export class RouteBook {
  /** Indexed by route. */
  origins = new Int32Array(1024);
  kinds = new Uint8Array(1024);
  scopes = new Int32Array(1024);
  addresses = new Int32Array(1024);
  ips = new Int32Array(1024);
  /** Routes with the same attributes share an UPDATE. */
  attributeSets = new Int32Array(1024);
  /** Whether the prefix has other routes. */
  hasSiblings = new Uint8Array(1024);

  // indexed by route: sequence number and sticky flag, routing table
  #mobility = new Int32Array(1024);
  #tables = new Int32Array(1024);
  // next route of the same prefix (a ring), of the same address, IP address, scope; NO_ROUTE ends a list
  #nextSibling = new Int32Array(1024);
  #nextOfAddress = new Int32Array(1024);
  #nextOfIp = new Int32Array(1024);
  #nextOfScope = new Int32Array(1024);
  #count = 0;
  // indexed by address, by segment and by routing table: the first route
  #firstOfAddress = new Int32Array(1024).fill(NO_ROUTE);
  #firstOfSegment = new Int32Array(64).fill(NO_ROUTE);
  #firstOfTable = new Int32Array(64).fill(NO_ROUTE);
  // indexed by Ethernet segment: the first route of types 1 and 4
  #firstOfEthernetSegment = new Int32Array(64).fill(NO_ROUTE);
  // indexed by route, as far as any has one: Ethernet segments of type-2 routes, plus 1
  #identifiers = new Int32Array(0);
  readonly #prefixes = new HashSlots((route) => this.#prefixHash(route));
  readonly #ipHolders = new HashSlots((route) => hashOfTwo(this.scopes[route], this.ips[route]));
  readonly #sets = new Map<string, number>();
  // indexed by attribute set
  readonly #setHeadBytes: number[] = [];
  readonly #isReflected: boolean;

  /** `isReflected`: routes travel by iBGP and route reflectors, which have other attributes. */
  constructor({ isReflected }: { isReflected: boolean }) {
    this.#isReflected = isReflected;
  }

  /** Routes that there ever were: they are numbered from 0. */
  get count(): number {
    return this.#count;
  }

  /** The number of a route, new if nobody announced it before. */
  idOf(fields: RouteFields): number {
    const { origin, kind, scope, address = -1, ip = 0, sequence = 0, isSticky = false, routingTable = 0 } = fields;
    const { segmentIdentifier = 0, isProxy = false } = fields;
    const mobility = sequence | (isSticky ? STICKY : 0) | (isProxy ? PROXY : 0);
    const slot = this.#prefixSlot(origin, kind, scope, address, ip | 0);
    const first = this.#prefixes.at(slot);
    for (let route = first; route >= 0; ) {
      const isSame = this.#mobility[route] === mobility && this.#tables[route] === routingTable;
      if (isSame && this.ethernetSegmentOf(route) === segmentIdentifier - 1) return route;
      route = this.#nextSibling[route];
      if (route === first) break;
    }
    const route = this.#append();
    this.origins[route] = origin;
    this.kinds[route] = kind;
    this.scopes[route] = scope;
    this.addresses[route] = address;
    this.ips[route] = ip | 0;
    this.#mobility[route] = mobility;
    this.#tables[route] = routingTable;
    if (segmentIdentifier > 0) this.#setIdentifier(route, segmentIdentifier);
    this.attributeSets[route] = this.#setOf(route);
    this.#linkSibling(route, slot, first);
    this.#linkOthers(route);
    return route;
  }

  sequenceOf(route: number): number {
    return this.#mobility[route] & ~(STICKY | PROXY);
  }

  isSticky(route: number): boolean {
    return (this.#mobility[route] & STICKY) !== 0;
  }

  /** Whether the origin of a type-2 route has it from another VTEP of its Ethernet segment only. */
  isProxy(route: number): boolean {
    return (this.#mobility[route] & PROXY) !== 0;
  }

  /** The Ethernet segment that the station of a type-2 route is on; -1 if it is on none. */
  ethernetSegmentOf(route: number): number {
    return route < this.#identifiers.length ? this.#identifiers[route] - 1 : -1;
  }

  /** The routing table of a `macIp` for symmetric IRB, plus 1; or 0. */
  routingTableOf(route: number): number {
    return this.#tables[route];
  }

  /** The next route of the same prefix, in a ring. */
  nextSibling(route: number): number {
    return this.#nextSibling[route];
  }

  /** The first type-2 route of a MAC address, whoever announced it, and so on by `nextOfAddress`. */
  firstOfAddress(address: number): number {
    return address < this.#firstOfAddress.length ? this.#firstOfAddress[address] : NO_ROUTE;
  }

  nextOfAddress(route: number): number {
    return this.#nextOfAddress[route];
  }

  /** The first `macIp` route of an IP address in a segment, and so on by `nextOfIp`. */
  firstOfIp(segment: number, ip: number): number {
    return this.#ipHolders.at(this.#ipSlot(segment, ip | 0));
  }

  nextOfIp(route: number): number {
    return this.#nextOfIp[route];
  }

  /** The first route of a segment (types 1 to 4), and so on by `nextOfScope`. */
  firstOfSegment(segment: number): number {
    return segment < this.#firstOfSegment.length ? this.#firstOfSegment[segment] : NO_ROUTE;
  }

  /** The first `ipPrefix` route of a routing table, and so on by `nextOfScope`. */
  firstOfTable(table: number): number {
    return table < this.#firstOfTable.length ? this.#firstOfTable[table] : NO_ROUTE;
  }

  nextOfScope(route: number): number {
    return this.#nextOfScope[route];
  }

  /** The first route of types 1 and 4 of an Ethernet segment, and so on by `nextOfEthernetSegment`. */
  firstOfEthernetSegment(ethernetSegment: number): number {
    const firsts = this.#firstOfEthernetSegment;
    return ethernetSegment < firsts.length ? firsts[ethernetSegment] : NO_ROUTE;
  }

  nextOfEthernetSegment(route: number): number {
    return this.#nextOfAddress[route];
  }

  /** Bytes of a route in an UPDATE. */
  nlriBytesOf(route: number): number {
    return NLRI_BYTES[this.kinds[route]] + (this.#tables[route] > 0 ? SECOND_LABEL_BYTES : 0);
  }

  /** Bytes of an UPDATE with these attributes before its NLRI, with an empty path. */
  headBytesOf(attributeSet: number): number {
    return this.#setHeadBytes[attributeSet];
  }

  #setOf(route: number): number {
    const kind = this.kinds[route];
    if (kind === RouteKind.inclusiveMulticast) {
      // there is one for each VTEP and segment, with a set of its own that nobody looks for again
      const shape = { kind, hasMobility: false, hasRouterMac: false };
      return this.#setHeadBytes.push(announcementHeadBytes(shape, this.#isReflected)) - 1;
    }
    const isMac = kind === RouteKind.macOnly || kind === RouteKind.macIp;
    const shape: AttributeSetShape = {
      kind,
      isOfWholeSegment: kind === RouteKind.autoDiscovery && this.scopes[route] < 0,
      hasMobility: (this.#mobility[route] & ~PROXY) !== 0,
      isProxy: this.isProxy(route),
      hasRouterMac: this.#tables[route] > 0 || kind === RouteKind.ipPrefix,
    };
    // both routes of a station have the same attributes
    const family = isMac ? 'mac' : kind;
    // an Ethernet segment's routes of type 4 have a route target of its own. RFC 7432, 7.6
    const target = kind === RouteKind.ethernetSegment ? this.addresses[route] : 0;
    const key = `${this.origins[route]} ${family} ${target} ${this.scopes[route]} ${this.#mobility[route]} ${this.#tables[route]}`;
    let set = this.#sets.get(key);
    if (set === undefined) {
      set = this.#setHeadBytes.push(announcementHeadBytes(shape, this.#isReflected)) - 1;
      this.#sets.set(key, set);
    }
    return set;
  }

  #setIdentifier(route: number, identifier: number): void {
    if (route >= this.#identifiers.length) this.#identifiers = grownCopy(this.#identifiers, this.origins.length);
    this.#identifiers[route] = identifier;
  }

  #linkSibling(route: number, slot: number, first: number): void {
    if (first < 0) {
      this.#nextSibling[route] = route;
      this.#prefixes.add(slot, route);
      return;
    }
    this.#nextSibling[route] = this.#nextSibling[first];
    this.#nextSibling[first] = route;
    this.hasSiblings[route] = 1;
    this.hasSiblings[first] = 1;
  }

  #linkOthers(route: number): void {
    const kind = this.kinds[route];
    const scope = this.scopes[route];
    if (kind === RouteKind.ipv4) return;
    if (kind === RouteKind.ipPrefix) {
      this.#firstOfTable = withRoom(this.#firstOfTable, scope);
      this.#nextOfScope[route] = this.#firstOfTable[scope];
      this.#firstOfTable[scope] = route;
      return;
    }
    if (scope >= 0) {
      this.#firstOfSegment = withRoom(this.#firstOfSegment, scope);
      this.#nextOfScope[route] = this.#firstOfSegment[scope];
      this.#firstOfSegment[scope] = route;
    }
    const address = this.addresses[route];
    if (kind === RouteKind.autoDiscovery || kind === RouteKind.ethernetSegment) {
      this.#firstOfEthernetSegment = withRoom(this.#firstOfEthernetSegment, address);
      this.#nextOfAddress[route] = this.#firstOfEthernetSegment[address];
      this.#firstOfEthernetSegment[address] = route;
      return;
    }
    if (kind !== RouteKind.macOnly && kind !== RouteKind.macIp) return;
    this.#firstOfAddress = withRoom(this.#firstOfAddress, address);
    this.#nextOfAddress[route] = this.#firstOfAddress[address];
    this.#firstOfAddress[address] = route;
    if (kind !== RouteKind.macIp) return;
    const slot = this.#ipSlot(scope, this.ips[route]);
    const holder = this.#ipHolders.at(slot);
    this.#nextOfIp[route] = holder;
    if (holder < 0) this.#ipHolders.add(slot, route);
    else this.#ipHolders.replace(slot, route);
  }

  #append(): number {
    const route = this.#count++;
    if (route === this.origins.length) {
      const length = roomierLength(route, route + 1);
      this.origins = grownCopy(this.origins, length);
      this.kinds = grownCopy(this.kinds, length);
      this.scopes = grownCopy(this.scopes, length);
      this.addresses = grownCopy(this.addresses, length);
      this.ips = grownCopy(this.ips, length);
      this.attributeSets = grownCopy(this.attributeSets, length);
      this.hasSiblings = grownCopy(this.hasSiblings, length);
      this.#mobility = grownCopy(this.#mobility, length);
      this.#tables = grownCopy(this.#tables, length);
      this.#nextSibling = grownCopy(this.#nextSibling, length);
      this.#nextOfAddress = grownCopy(this.#nextOfAddress, length);
      this.#nextOfIp = grownCopy(this.#nextOfIp, length);
      this.#nextOfScope = grownCopy(this.#nextOfScope, length);
    }
    for (const next of [this.#nextOfAddress, this.#nextOfIp, this.#nextOfScope]) next[route] = NO_ROUTE;
    return route;
  }

  #prefixHash(route: number): number {
    return hashOfPrefix(
      this.origins[route],
      this.kinds[route],
      this.scopes[route],
      this.addresses[route],
      this.ips[route],
    );
  }

  #prefixSlot(origin: number, kind: number, scope: number, address: number, ip: number): number {
    const slots = this.#prefixes;
    for (let slot = slots.first(hashOfPrefix(origin, kind, scope, address, ip)); ; slot = slots.next(slot)) {
      const route = slots.at(slot);
      if (route < 0) return slot;
      const isSame =
        this.addresses[route] === address &&
        this.ips[route] === ip &&
        this.origins[route] === origin &&
        this.kinds[route] === kind &&
        this.scopes[route] === scope;
      if (isSame) return slot;
    }
  }

  #ipSlot(segment: number, ip: number): number {
    const slots = this.#ipHolders;
    for (let slot = slots.first(hashOfTwo(segment, ip)); ; slot = slots.next(slot)) {
      const route = slots.at(slot);
      if (route < 0 || (this.scopes[route] === segment && this.ips[route] === ip)) return slot;
    }
  }
}

function hashOfPrefix(origin: number, kind: number, scope: number, address: number, ip: number): number {
  return hashOfTwo(hashOfTwo(origin * 8 + kind, scope), hashOfTwo(address, ip));
}

function withRoom(firsts: Int32Array<ArrayBuffer>, index: number): Int32Array<ArrayBuffer> {
  return index < firsts.length ? firsts : grownCopy(firsts, Math.max(index + 1, firsts.length * 2), NO_ROUTE);
}
