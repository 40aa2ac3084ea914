import { grownCopy } from '../../grown-copy.ts';
import type { BgpSpeaker } from '../bgp/bgp-speaker.ts';
import { NO_ROUTE, type RouteBook } from '../bgp/route-book.ts';
import { RouteKind } from '../bgp/route-kind.ts';
import { type DuplicateDetection, DuplicateDetector } from './duplicate-detection.ts';
import { isBetterClaim, type MacClaim, nextSequence } from './mac-mobility.ts';

/** How a VTEP goes about EVPN where implementations differ. */
export interface EvpnVtepParameters {
  /**
   * `frr-8.4`: an IP address that another VTEP announced with the same MAC address is not learned here, whatever the
   * station says (FRR's issue 14156), so that a binding does not follow every move. `rfc-7432`: it is.
   */
  readonly implementation: 'frr-8.4' | 'rfc-7432';
  readonly duplicates: DuplicateDetection;
  /** From what the data plane hears until BGP has a route of it. */
  readonly learnNs: number;
}

/** What a VTEP does to its data plane, and whom it tells. */
export interface EvpnVtepEffects {
  /** What is known of where a station is, a MAC address id, may have changed. */
  stationChanged(address: number): void;
  /** The VTEPs to flood a segment to may have changed. */
  floodListChanged(segment: number): void;
  /** An address is frozen as a duplicate: `recover` is to be called when its time is over. */
  frozen(address: number): void;
  /** A `macIp`, `ipPrefix`, type-1 or type-4 route came or went. */
  routeChanged(route: number): void;
}

/** A station that is behind this VTEP. */
interface LocalStation {
  readonly segment: number;
  /** Number of its type-2 routes. */
  sequence: number;
  isSticky: boolean;
  /** Its routes that are announced; none while it is frozen. */
  readonly routes: number[];
  readonly ips: number[];
}

/**
 * EVPN at one VTEP: which stations it says are here, and where it believes the others to be. RFC 7432, 7, 9 and 15; RFC
 * 8365. The data plane tells it what it hears, BGP what others say; time is an argument.
 *
 * A station with an IP address has two routes, one with the MAC address alone and one with both (RFC 7432, 7.2), which
 * need not converge together: what announces a station that moved may know no IP address.
 */
export class EvpnVtep {
  readonly duplicates: DuplicateDetector;
  readonly #speaker: BgpSpeaker;
  readonly #routes: RouteBook;
  readonly #parameters: EvpnVtepParameters;
  readonly #effects: EvpnVtepEffects;
  // indexed by origin: the VTEP's number, in the order of IP addresses
  readonly #vtepOf: (origin: number) => number;
  // by address
  readonly #locals = new Map<number, LocalStation>();
  // by segment: stations of it that are here
  readonly #localCounts = new Map<number, number>();
  // segments that it carries
  readonly #segments = new Set<number>();
  // indexed by segment: the same, for routes of which there are millions
  #carries = new Uint8Array(64);
  readonly #tables = new Set<number>();

  constructor(
    speaker: BgpSpeaker,
    routes: RouteBook,
    parameters: EvpnVtepParameters,
    effects: EvpnVtepEffects,
    vtepOf: (origin: number) => number,
  ) {
    this.#speaker = speaker;
    this.#routes = routes;
    this.#parameters = parameters;
    this.#effects = effects;
    this.#vtepOf = vtepOf;
    this.duplicates = new DuplicateDetector(parameters.duplicates);
    speaker.onChanged = (route, nowNs) => this.#heard(route, nowNs);
  }

  /** Carries a segment from now on: announces a type-3 route, and takes what others have announced. RFC 7432, 7.3. */
  join(segment: number, nowNs: number): void {
    this.#segments.add(segment);
    if (segment >= this.#carries.length) {
      this.#carries = grownCopy(this.#carries, Math.max(segment + 1, this.#carries.length * 2));
    }
    this.#carries[segment] = 1;
    this.#speaker.originate(this.#floodRouteOf(segment), nowNs);
    this.#effects.floodListChanged(segment);
    for (
      let route = this.#routes.firstOfSegment(segment);
      route !== NO_ROUTE;
      route = this.#routes.nextOfScope(route)
    ) {
      if (this.#isRemote(route)) this.#imported(route, nowNs);
    }
  }

  /** Carries it no more. */
  leave(segment: number, nowNs: number): void {
    if (!this.#segments.delete(segment)) return;
    this.#carries[segment] = 0;
    this.#speaker.withdraw(this.#floodRouteOf(segment), nowNs);
    for (const [address, station] of this.#locals) {
      if (station.segment === segment) this.stationGone(address, nowNs);
    }
  }

  carries(segment: number): boolean {
    return this.#segments.has(segment);
  }

  /** The segments that it carries. */
  segments(): number[] {
    return [...this.#segments];
  }

  /**
   * Takes the routes of a routing table too, and what is there of them already: its prefixes (RFC 9136), and hosts in
   * `segments` that it does not carry itself (RFC 9135, 5). `routeChanged` reports them.
   */
  joinTable(table: number, segments: readonly number[] = []): void {
    this.#tables.add(table);
    for (const segment of segments) {
      if (this.#segments.has(segment)) continue;
      const routes = this.#routes;
      for (let route = routes.firstOfSegment(segment); route !== NO_ROUTE; route = routes.nextOfScope(route)) {
        if (routes.kinds[route] === RouteKind.macIp && this.#isRemote(route)) this.#effects.routeChanged(route);
      }
    }
  }

  leaveTable(table: number): void {
    this.#tables.delete(table);
  }

  /** Announces any other route of its own, as a type-5 prefix or a type 1 or 4. */
  announce(route: number, nowNs: number): void {
    this.#speaker.originate(route, nowNs);
  }

  /** Takes it back. */
  withdraw(route: number, nowNs: number): void {
    this.#speaker.withdraw(route, nowNs);
  }

  isLocal(address: number): boolean {
    return this.#locals.has(address);
  }

  /** An IP address that a local station said it has; 0 if it said nothing. */
  ipOf(address: number): number {
    return this.#locals.get(address)?.ips[0] ?? 0;
  }

  /** Stations of a segment that are here. */
  localCount(segment: number): number {
    return this.#localCounts.get(segment) ?? 0;
  }

  /** Stations that are here as long as they are heard, in the order in which they came. */
  ageingStations(): number[] {
    const stations: number[] = [];
    for (const [address, { isSticky }] of this.#locals) if (!isSticky) stations.push(address);
    return stations;
  }

  /**
   * The data plane heard a station at a port of this VTEP. Returns false if the station is not taken for local: another
   * VTEP has it for good (RFC 7432, 15.2), and the data plane has to go on as before.
   */
  stationHeard(segment: number, address: number, nowNs: number, isSticky = false): boolean {
    if (!this.#segments.has(segment) || this.#locals.has(address)) return true;
    const known = this.#claimOf(this.bestRemote(address));
    if (known?.isSticky === true && !isSticky) return false;
    if (known !== null && this.duplicates.movedHere(address, nowNs)) this.#effects.frozen(address);
    const station: LocalStation = { segment, sequence: nextSequence(known), isSticky, routes: [], ips: [] };
    this.#addLocal(address, station);
    // a frozen one stays where the data plane has it, and nobody is told
    if (this.duplicates.isFrozen(address)) return true;
    this.#announceStation(segment, address, station, 0, nowNs + this.#parameters.learnNs);
    return true;
  }

  /** A local station said by ARP that it has an IP address. Returns whether that is so for this VTEP now. */
  bindingHeard(segment: number, address: number, ip: number, nowNs: number): boolean {
    const station = this.#locals.get(address);
    if (station === undefined) return false;
    if (station.ips.includes(ip)) return true;
    if (this.#parameters.implementation === 'frr-8.4' && this.#isBoundElsewhere(segment, address, ip)) return false;
    if (this.duplicates.isFrozen(address)) return false;
    station.ips.push(ip);
    this.#announceStation(segment, address, station, ip, nowNs + this.#parameters.learnNs);
    return true;
  }

  /** A local station aged out, or its port went down: its routes are withdrawn. */
  stationGone(address: number, nowNs: number): void {
    if (!this.#locals.has(address)) return;
    this.#withdrawStation(address, nowNs + this.#parameters.learnNs);
    this.#effects.stationChanged(address);
  }

  /** The route, of any type-2 kind or of one, that says where a station is that is not here; NO_ROUTE if nobody says. */
  bestRemote(address: number, kind: number | null = null): number {
    const routes = this.#routes;
    let best = NO_ROUTE;
    for (let route = routes.firstOfAddress(address); route !== NO_ROUTE; route = routes.nextOfAddress(route)) {
      if ((kind !== null && routes.kinds[route] !== kind) || !this.#isRemote(route)) continue;
      if (best === NO_ROUTE || isBetterClaim(this.#claim(route), this.#claim(best))) best = route;
    }
    return best;
  }

  /** The VTEP behind which a remote station is; -1 if it is here, or nobody says. */
  vtepOfStation(address: number): number {
    if (this.#locals.has(address)) return -1;
    const best = this.bestRemote(address);
    return best === NO_ROUTE ? -1 : this.#vtepOf(this.#routes.origins[best]);
  }

  /** The number of the VTEP that a route comes from. */
  vtepOfOrigin(origin: number): number {
    return this.#vtepOf(origin);
  }

  /** The MAC address id that has an IP address in a segment, as far as this VTEP knows; -1 if it does not. RFC 9161, 3. */
  addressOfIp(segment: number, ip: number): number {
    const routes = this.#routes;
    let best = NO_ROUTE;
    for (let route = routes.firstOfIp(segment, ip); route !== NO_ROUTE; route = routes.nextOfIp(route)) {
      if (!this.#speaker.holds(route)) continue;
      if (best === NO_ROUTE || isBetterClaim(this.#claim(route), this.#claim(best))) best = route;
    }
    return best === NO_ROUTE ? -1 : routes.addresses[best];
  }

  /** The VTEPs to flood a segment to, ascending: those whose type-3 routes it holds. RFC 7432, 11.2. */
  floodVteps(segment: number): number[] {
    const vteps: number[] = [];
    const routes = this.#routes;
    for (let route = routes.firstOfSegment(segment); route !== NO_ROUTE; route = routes.nextOfScope(route)) {
      if (routes.kinds[route] === RouteKind.inclusiveMulticast && this.#isRemote(route)) {
        vteps.push(this.#vtepOf(routes.origins[route]));
      }
    }
    return vteps.sort((a, b) => a - b);
  }

  /** Forgets everything, as one whose power went. Its segments have to join again. */
  reset(): void {
    this.#locals.clear();
    this.#localCounts.clear();
    this.#segments.clear();
    this.#carries.fill(0);
    this.duplicates.clear();
  }

  #heard(route: number, nowNs: number): void {
    const routes = this.#routes;
    const kind = routes.kinds[route];
    const scope = routes.scopes[route];
    if (kind === RouteKind.ipv4) return;
    if (kind === RouteKind.ipPrefix ? this.#tables.has(scope) : this.#carries[scope] === 1) {
      this.#imported(route, nowNs);
    } else if (
      kind === RouteKind.macIp &&
      this.#tables.size > 0 &&
      this.#tables.has(routes.routingTableOf(route) - 1)
    ) {
      this.#effects.routeChanged(route);
    }
  }

  #imported(route: number, nowNs: number): void {
    const kind = this.#routes.kinds[route];
    if (kind === RouteKind.inclusiveMulticast) {
      this.#effects.floodListChanged(this.#routes.scopes[route]);
      return;
    }
    if (kind === RouteKind.macOnly || kind === RouteKind.macIp) this.#stationRouteChanged(route, nowNs);
    if (kind !== RouteKind.macOnly) this.#effects.routeChanged(route);
  }

  #stationRouteChanged(route: number, nowNs: number): void {
    const address = this.#routes.addresses[route];
    if (this.duplicates.isFrozen(address)) return;
    const station = this.#locals.get(address);
    if (station !== undefined) {
      const known = this.#claimOf(this.bestRemote(address));
      if (known === null) return;
      const own = { ...station, vtepIp: this.#vtepOf(this.#speaker.index) };
      if (!isBetterClaim(known, own)) return;
      if (this.duplicates.movedAway(address, nowNs)) {
        this.#effects.frozen(address);
        return;
      }
      this.#withdrawStation(address, nowNs);
    }
    this.#effects.stationChanged(address);
  }

  /** A duplicate is taken for a station again: announced if it is here, else believed to be where others say. */
  recover(address: number, nowNs: number): void {
    this.duplicates.recover(address);
    const station = this.#locals.get(address);
    if (station === undefined) {
      this.#effects.stationChanged(address);
      return;
    }
    const known = this.#claimOf(this.bestRemote(address));
    const { segment, isSticky } = station;
    this.#withdrawStation(address, nowNs);
    const again: LocalStation = { segment, sequence: nextSequence(known), isSticky, routes: [], ips: [] };
    this.#addLocal(address, again);
    this.#announceStation(segment, address, again, 0, nowNs);
  }

  #addLocal(address: number, station: LocalStation): void {
    this.#locals.set(address, station);
    this.#localCounts.set(station.segment, this.localCount(station.segment) + 1);
  }

  #announceStation(segment: number, address: number, station: LocalStation, ip: number, nowNs: number): void {
    const { sequence, isSticky } = station;
    const kind = ip === 0 ? RouteKind.macOnly : RouteKind.macIp;
    const route = this.#routes.idOf({
      origin: this.#speaker.index,
      kind,
      scope: segment,
      address,
      ip,
      sequence,
      isSticky,
      routingTable: kind === RouteKind.macIp ? this.routingTableOf(segment) : 0,
    });
    station.routes.push(route);
    this.#speaker.originate(route, nowNs);
  }

  /** Says in which routing table, plus 1, hosts of a segment are announced for symmetric IRB; 0: in none. RFC 9135. */
  routingTableOf: (segment: number) => number = () => 0;

  #withdrawStation(address: number, nowNs: number): void {
    const station = this.#locals.get(address);
    if (station === undefined) return;
    for (const route of station.routes) this.#speaker.withdraw(route, nowNs);
    this.#locals.delete(address);
    this.#localCounts.set(station.segment, this.localCount(station.segment) - 1);
  }

  #isBoundElsewhere(segment: number, address: number, ip: number): boolean {
    const routes = this.#routes;
    for (let route = routes.firstOfIp(segment, ip); route !== NO_ROUTE; route = routes.nextOfIp(route)) {
      if (routes.addresses[route] === address && this.#isRemote(route)) return true;
    }
    return false;
  }

  #isRemote(route: number): boolean {
    return this.#routes.origins[route] !== this.#speaker.index && this.#speaker.holds(route);
  }

  #claimOf(route: number): MacClaim | null {
    return route === NO_ROUTE ? null : this.#claim(route);
  }

  #claim(route: number): MacClaim {
    const routes = this.#routes;
    const vtepIp = this.#vtepOf(routes.origins[route]);
    return { sequence: routes.sequenceOf(route), isSticky: routes.isSticky(route), vtepIp };
  }

  #floodRouteOf(segment: number): number {
    return this.#routes.idOf({ origin: this.#speaker.index, kind: RouteKind.inclusiveMulticast, scope: segment });
  }
}
