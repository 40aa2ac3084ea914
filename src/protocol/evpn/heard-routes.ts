import type { BgpSpeaker } from '../bgp/bgp-speaker.ts';
import { NO_ROUTE, type RouteBook } from '../bgp/route-book.ts';
import { RouteKind } from '../bgp/route-kind.ts';
import { isBetterClaim, type MacClaim } from './mac-mobility.ts';

/** No Ethernet segment. */
export const NO_ETHERNET_SEGMENT = -1;

/** What a VTEP has heard from others, read from the routes that its speaker holds: nothing is kept beside them. */
export class HeardRoutes {
  /** The other speaker of a pair with one VTEP address, whose stations are here: its routes have this VTEP for next hop; or -1. */
  twinOrigin = -1;
  /** Speakers whose routes say nothing of where stations are, as those of another gateway of the same site. */
  ignoredOrigins: ReadonlySet<number> | null = null;
  readonly #speaker: BgpSpeaker;
  readonly #routes: RouteBook;
  // indexed by origin: the VTEP's number, in the order of IP addresses
  readonly #vtepOf: (origin: number) => number;

  constructor(speaker: BgpSpeaker, routes: RouteBook, vtepOf: (origin: number) => number) {
    this.#speaker = speaker;
    this.#routes = routes;
    this.#vtepOf = vtepOf;
  }

  /** Whether a route is held, and is neither the VTEP's own nor its twin's. */
  isRemote(route: number): boolean {
    const origin = this.#routes.origins[route];
    if (origin === this.#speaker.index || origin === this.twinOrigin || !this.#speaker.holds(route)) return false;
    return this.ignoredOrigins?.has(origin) !== true;
  }

  /** The route, of any type-2 kind or of one, that says where a station is that is not here; NO_ROUTE if nobody says. */
  best(address: number, kind: number | null = null): number {
    const routes = this.#routes;
    let best = NO_ROUTE;
    for (let route = routes.firstOfAddress(address); route !== NO_ROUTE; route = routes.nextOfAddress(route)) {
      if ((kind !== null && routes.kinds[route] !== kind) || !this.isRemote(route)) continue;
      if (best === NO_ROUTE || isBetterClaim(this.#claim(route), this.#claim(best))) best = route;
    }
    return best;
  }

  /** What a route says of a station; null of NO_ROUTE. */
  claimOf(route: number): MacClaim | null {
    return route === NO_ROUTE ? null : this.#claim(route);
  }

  /** What the best route says of a station that is not here; null if nobody says. */
  claimOfStation(address: number): MacClaim | null {
    return this.claimOf(this.best(address));
  }

  /** The number of this VTEP. */
  get ownVtep(): number {
    return this.#vtepOf(this.#speaker.index);
  }

  /** The number of the VTEP that a route comes from. */
  vtepOf(route: number): number {
    return this.#vtepOf(this.#routes.origins[route]);
  }

  /** The Ethernet segment that a route says a station is on, or NO_ETHERNET_SEGMENT. */
  ethernetSegmentOf(route: number): number {
    return route === NO_ROUTE ? NO_ETHERNET_SEGMENT : this.#routes.ethernetSegmentOf(route);
  }

  /** The Ethernet segment that a remote station is on, as the best route says. */
  ethernetSegmentOfStation(address: number): number {
    return this.ethernetSegmentOf(this.best(address));
  }

  /** Whether another VTEP of an Ethernet segment says that it hears a station itself. */
  isHeardAt(address: number, ethernetSegment: number): boolean {
    const routes = this.#routes;
    for (let route = routes.firstOfAddress(address); route !== NO_ROUTE; route = routes.nextOfAddress(route)) {
      if (routes.isProxy(route) || routes.ethernetSegmentOf(route) !== ethernetSegment) continue;
      if (this.isRemote(route)) return true;
    }
    return false;
  }

  /** IP addresses of a station that others on its Ethernet segment announced, ascending. */
  ipsAt(address: number, ethernetSegment: number): number[] {
    const routes = this.#routes;
    const ips = new Set<number>();
    for (let route = routes.firstOfAddress(address); route !== NO_ROUTE; route = routes.nextOfAddress(route)) {
      if (routes.kinds[route] !== RouteKind.macIp || routes.ethernetSegmentOf(route) !== ethernetSegment) continue;
      if (this.isRemote(route)) ips.add(routes.ips[route]);
    }
    return [...ips].sort((a, b) => a - b);
  }

  /** Whether another VTEP announced an IP address with this MAC address. */
  isBound(segment: number, address: number, ip: number): boolean {
    const routes = this.#routes;
    for (let route = routes.firstOfIp(segment, ip); route !== NO_ROUTE; route = routes.nextOfIp(route)) {
      if (routes.addresses[route] === address && this.isRemote(route)) return true;
    }
    return false;
  }

  /** The MAC address id that has an IP address in a segment, by routes of its own too; -1 if none has. RFC 9161, 3.2. */
  addressOfIp(segment: number, ip: number): number {
    const routes = this.#routes;
    let best = NO_ROUTE;
    for (let route = routes.firstOfIp(segment, ip); route !== NO_ROUTE; route = routes.nextOfIp(route)) {
      if (!this.#speaker.holds(route)) continue;
      if (best === NO_ROUTE || isBetterClaim(this.#claim(route), this.#claim(best))) best = route;
    }
    return best === NO_ROUTE ? -1 : routes.addresses[best];
  }

  /** The VTEPs to flood a segment to, ascending, each once: those whose type-3 routes it holds. RFC 7432, 11.2. */
  floodVteps(segment: number): number[] {
    const vteps = new Set<number>();
    const routes = this.#routes;
    for (let route = routes.firstOfSegment(segment); route !== NO_ROUTE; route = routes.nextOfScope(route)) {
      if (routes.kinds[route] === RouteKind.inclusiveMulticast && this.isRemote(route)) vteps.add(this.vtepOf(route));
    }
    return [...vteps].sort((a, b) => a - b);
  }

  #claim(route: number): MacClaim {
    const routes = this.#routes;
    return { sequence: routes.sequenceOf(route), isSticky: routes.isSticky(route), vtepIp: this.vtepOf(route) };
  }
}
