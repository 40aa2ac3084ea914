import { grownCopy } from '../../grown-copy.ts';
import { type BgpSpeaker, NEVER_NS } from '../bgp/bgp-speaker.ts';
import { NO_ROUTE, type RouteBook } from '../bgp/route-book.ts';
import { RouteKind } from '../bgp/route-kind.ts';
import { type DuplicateDetection, DuplicateDetector } from './duplicate-detection.ts';
import type { EthernetSegments } from './ethernet-segments.ts';
import { HeardRoutes, NO_ETHERNET_SEGMENT } from './heard-routes.ts';
import { LocalStations, NO_STATION, type StationMemory } from './local-stations.ts';
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
  /** How long a station on an Ethernet segment is kept that no VTEP there hears any more; KEEP_NS unless given. */
  readonly keepNs?: number;
}

/** FRR's MAC hold time for Ethernet segments, and SONiC's: 18 min. zebra/zebra_evpn_mh.h. */
export const KEEP_NS = 1080e9;

/** What a VTEP does to its data plane, and whom it tells. */
export interface EvpnVtepEffects {
  /** What is known of where a station is, a MAC address id, may have changed. */
  stationChanged(address: number): void;
  /** The VTEPs to flood a segment to may have changed. */
  floodListChanged(segment: number): void;
  /** An address is frozen as a duplicate: `recover` is to be called when its time is over. */
  frozen(address: number): void;
  /** A `macIp` or `ipPrefix` route came or went. */
  routeChanged(route: number): void;
  /** Who is attached to an Ethernet segment, or the next hops to it, may have changed. */
  ethernetSegmentChanged?(ethernetSegment: number): void;
  /** A station is to be entered at this VTEP's own link to its Ethernet segment: another VTEP there has heard it. */
  synchronised?(address: number, ethernetSegment: number): void;
  /** No VTEP of its Ethernet segment hears a station any more: `release` is to be called at a time, when it was kept for long enough. */
  unheard?(address: number, untilNs: number): void;
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
  /** The Ethernet segments that it has to do with; null where there are none. */
  ethernetSegments: EthernetSegments | null = null;
  /** What others say. */
  readonly heard: HeardRoutes;
  readonly #speaker: BgpSpeaker;
  readonly #routes: RouteBook;
  readonly #parameters: EvpnVtepParameters;
  readonly #effects: EvpnVtepEffects;
  readonly #stations: LocalStations;
  // segments that it carries
  readonly #segments = new Set<number>();
  // indexed by segment: the same, for routes of which there are millions
  #carries = new Uint8Array(64);
  readonly #tables = new Set<number>();

  /** `stations` is the same for all VTEPs that share the routes. */
  constructor(
    speaker: BgpSpeaker,
    routes: RouteBook,
    stations: StationMemory,
    parameters: EvpnVtepParameters,
    effects: EvpnVtepEffects,
    vtepOf: (origin: number) => number,
  ) {
    this.#speaker = speaker;
    this.#routes = routes;
    this.#parameters = parameters;
    this.#effects = effects;
    this.heard = new HeardRoutes(speaker, routes, vtepOf);
    this.#stations = new LocalStations(speaker, routes, stations);
    this.duplicates = new DuplicateDetector(parameters.duplicates);
    speaker.onChanged = (route, nowNs) => this.#routeHeard(route, nowNs);
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
      if (this.heard.isRemote(route)) this.#imported(route, nowNs);
    }
  }

  /** Carries it no more. */
  leave(segment: number, nowNs: number): void {
    if (!this.#segments.delete(segment)) return;
    this.#carries[segment] = 0;
    this.#speaker.withdraw(this.#floodRouteOf(segment), nowNs);
    this.ethernetSegments?.dropSegment(segment, nowNs);
    const stations = this.#stations;
    for (const address of stations.addresses((station) => stations.segmentOf(station) === segment)) {
      stations.withdraw(address, nowNs + this.#parameters.learnNs);
      this.#effects.stationChanged(address);
    }
  }

  carries(segment: number): boolean {
    return this.#carries[segment] === 1;
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
        if (routes.kinds[route] === RouteKind.macIp && this.heard.isRemote(route)) this.#effects.routeChanged(route);
      }
    }
  }

  leaveTable(table: number): void {
    this.#tables.delete(table);
  }

  /** Announces any other route of its own, as a type-5 prefix. */
  announce(route: number, nowNs: number): void {
    this.#speaker.originate(route, nowNs);
  }

  /** Takes it back. */
  withdraw(route: number, nowNs: number): void {
    this.#speaker.withdraw(route, nowNs);
  }

  /** In which routing table, plus 1, hosts of a segment are announced for symmetric IRB; 0: in none. RFC 9135, 5.1. */
  set routingTableOf(routingTableOf: (segment: number) => number) {
    this.#stations.routingTableOf = routingTableOf;
  }

  isLocal(address: number): boolean {
    return this.#stations.has(address);
  }

  /** An IP address that a local station said it has; 0 if it said nothing. */
  ipOf(address: number): number {
    const station = this.#stations.find(address);
    return station === NO_STATION ? 0 : this.#stations.firstIpOf(station);
  }

  /** Stations of a segment that are here. */
  localCount(segment: number): number {
    return this.#stations.count(segment);
  }

  /** Stations that are here as long as they are heard, in the order in which they came. */
  ageingStations(): number[] {
    return this.#stations.addresses((station) => !this.#stations.isSticky(station));
  }

  /**
   * The data plane heard a station at a port of this VTEP. Returns false if the station is not taken for local: another
   * VTEP has it for good (RFC 7432, 15.2), and the data plane has to go on as before.
   */
  stationHeard(
    segment: number,
    address: number,
    nowNs: number,
    { isSticky = false, ethernetSegment = NO_ETHERNET_SEGMENT } = {},
  ): boolean {
    if (!this.#segments.has(segment)) return true;
    const stations = this.#stations;
    const own = stations.find(address);
    const isHere = own !== NO_STATION;
    if (isHere && (stations.ethernetSegmentOf(own) === ethernetSegment || stations.isSticky(own))) {
      if (!stations.isHeard(own)) this.#hearMyself(address, own, nowNs);
      return true;
    }
    const known = this.heard.claimOfStation(address);
    if (known?.isSticky === true && !isSticky) return false;
    const sequence = isHere ? stations.sequenceOf(own) + 1 : this.#sequenceOnArrival(address, ethernetSegment, known);
    const isMove = known !== null && !isHere && sequence !== known.sequence;
    if (isMove && this.duplicates.movedHere(address, nowNs)) this.#effects.frozen(address);
    if (isHere) stations.withdraw(address, nowNs);
    const station = stations.add(address, { segment, ethernetSegment, sequence, isSticky });
    // a frozen one stays where the data plane has it, and nobody is told
    if (this.duplicates.isFrozen(address)) return true;
    stations.announce(station, 0, nowNs + this.#parameters.learnNs);
    if (ethernetSegment !== NO_ETHERNET_SEGMENT) {
      this.#adoptIps(address, station, nowNs + this.#parameters.learnNs);
    }
    return true;
  }

  /** A station that another VTEP of its Ethernet segment has announced has not moved. RFC 7432, 7.7 and 15. */
  #sequenceOnArrival(address: number, ethernetSegment: number, known: MacClaim | null): number {
    const isOnSame =
      ethernetSegment !== NO_ETHERNET_SEGMENT && this.heard.ethernetSegmentOfStation(address) === ethernetSegment;
    return isOnSame && known !== null ? known.sequence : nextSequence(known);
  }

  /** A local station said by ARP that it has an IP address. Returns whether that is so for this VTEP now. */
  bindingHeard(segment: number, address: number, ip: number, nowNs: number): boolean {
    const station = this.#stations.find(address);
    if (station === NO_STATION) return false;
    if (this.#stations.hasIp(station, ip)) return true;
    if (this.#parameters.implementation === 'frr-8.4' && this.heard.isBound(segment, address, ip)) return false;
    if (this.duplicates.isFrozen(address)) return false;
    this.#stations.addIp(station, ip);
    this.#stations.announce(station, ip, nowNs + this.#parameters.learnNs);
    return true;
  }

  /** A local station aged out, or its port went down: its routes are withdrawn, unless others of its Ethernet segment have it. */
  stationGone(address: number, nowNs: number): void {
    const station = this.#stations.find(address);
    if (station === NO_STATION) return;
    const ethernetSegment = this.#stations.ethernetSegmentOf(station);
    if (this.isUpAt(ethernetSegment) && this.heard.isHeardAt(address, ethernetSegment)) {
      this.#announceAnew(address, station, false, nowNs + this.#parameters.learnNs);
      this.#effects.synchronised?.(address, ethernetSegment);
      return;
    }
    this.#takeBack(address, nowNs);
  }

  /** A local station lost its entry to others: its routes are withdrawn, and it is not entered anew. */
  stationEvicted(address: number, nowNs: number): void {
    this.#stations.withdraw(address, nowNs + this.#parameters.learnNs);
  }

  /** This VTEP's link to an Ethernet segment came up: it announces that, and has what others know of the segment's stations. */
  ethernetSegmentUp(ethernetSegment: number, nowNs: number): void {
    this.ethernetSegments!.up(ethernetSegment, nowNs);
    this.#effects.ethernetSegmentChanged?.(ethernetSegment);
    const routes = this.#routes;
    for (const segment of this.#segments) {
      let route = routes.firstOfSegment(segment);
      for (; route !== NO_ROUTE; route = routes.nextOfScope(route)) {
        if (routes.ethernetSegmentOf(route) === ethernetSegment && this.heard.isRemote(route)) {
          this.#stationRouteChanged(route, nowNs);
        }
      }
    }
  }

  /** It went down: the stations there are reached through the other VTEPs of the segment, if they know them. */
  ethernetSegmentDown(ethernetSegment: number, nowNs: number): void {
    this.ethernetSegments!.down(ethernetSegment, nowNs);
    this.#effects.ethernetSegmentChanged?.(ethernetSegment);
    const stations = this.#stations;
    for (const address of stations.addresses((station) => stations.ethernetSegmentOf(station) === ethernetSegment)) {
      this.#takeBack(address, nowNs);
    }
  }

  /** Whether this VTEP's link to an Ethernet segment is up; not so for NO_ETHERNET_SEGMENT. */
  isUpAt(ethernetSegment: number): boolean {
    return ethernetSegment !== NO_ETHERNET_SEGMENT && this.ethernetSegments?.isUp(ethernetSegment) === true;
  }

  /** A station that nobody hears was kept for long enough: unless somebody has heard it meanwhile, it is withdrawn. */
  release(address: number, nowNs: number): void {
    const station = this.#stations.find(address);
    if (station !== NO_STATION && this.#stations.keptUntilNs(station) <= nowNs) this.#takeBack(address, nowNs);
  }

  /** Whether a local station is here only because another VTEP of its Ethernet segment heard it. */
  isSynchronised(address: number): boolean {
    const station = this.#stations.find(address);
    return station !== NO_STATION && !this.#stations.isHeard(station);
  }

  /** IP addresses of a local station that other VTEPs of its Ethernet segment announced, ascending. */
  ipsFromOthers(address: number): readonly number[] {
    const ethernetSegment = this.ethernetSegmentOfLocal(address);
    return ethernetSegment === NO_ETHERNET_SEGMENT ? [] : this.heard.ipsAt(address, ethernetSegment);
  }

  /** The Ethernet segment of a local station, or NO_ETHERNET_SEGMENT. */
  ethernetSegmentOfLocal(address: number): number {
    const station = this.#stations.find(address);
    return station === NO_STATION ? NO_ETHERNET_SEGMENT : this.#stations.ethernetSegmentOf(station);
  }

  #takeBack(address: number, nowNs: number): void {
    this.#stations.withdraw(address, nowNs + this.#parameters.learnNs);
    this.#takeFromOthers(address, this.heard.best(address), nowNs);
  }

  /** The VTEP behind which a remote station is; -1 if it is here, or nobody says. */
  vtepOfStation(address: number): number {
    if (this.#stations.has(address)) return -1;
    const best = this.heard.best(address);
    return best === NO_ROUTE ? -1 : this.heard.vtepOf(best);
  }

  /** Forgets everything, as one whose power went. Its segments have to join again. */
  reset(): void {
    this.#stations.clear();
    this.#segments.clear();
    this.#carries.fill(0);
    this.duplicates.clear();
    this.ethernetSegments?.reset();
  }

  #routeHeard(route: number, nowNs: number): void {
    const routes = this.#routes;
    const kind = routes.kinds[route];
    const scope = routes.scopes[route];
    if (kind === RouteKind.ipv4) return;
    if (kind === RouteKind.autoDiscovery || kind === RouteKind.ethernetSegment) {
      const ethernetSegment = routes.addresses[route];
      if (kind === RouteKind.ethernetSegment) this.ethernetSegments?.vtepsChanged(ethernetSegment);
      this.#effects.ethernetSegmentChanged?.(ethernetSegment);
      return;
    }
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
    if (kind === RouteKind.autoDiscovery) return;
    if (kind === RouteKind.macOnly || kind === RouteKind.macIp) this.#stationRouteChanged(route, nowNs);
    if (kind !== RouteKind.macOnly) this.#effects.routeChanged(route);
  }

  #stationRouteChanged(route: number, nowNs: number): void {
    const address = this.#routes.addresses[route];
    if (this.duplicates.isFrozen(address)) return;
    const stations = this.#stations;
    const station = stations.find(address);
    if (station === NO_STATION && this.ethernetSegments === null) {
      this.#effects.stationChanged(address);
      return;
    }
    const best = this.heard.best(address);
    const ethernetSegment = this.heard.ethernetSegmentOf(best);
    if (station === NO_STATION) {
      this.#takeFromOthers(address, best, nowNs);
      return;
    }
    const ownEthernetSegment = stations.ethernetSegmentOf(station);
    if (ownEthernetSegment !== NO_ETHERNET_SEGMENT) {
      const isOnSame = best === NO_ROUTE || ethernetSegment === ownEthernetSegment;
      if (isOnSame) {
        this.#peersChanged(address, station, best, nowNs);
        return;
      }
    }
    const known = this.heard.claimOf(best);
    if (known === null) return;
    const own = {
      sequence: stations.sequenceOf(station),
      isSticky: stations.isSticky(station),
      vtepIp: this.heard.ownVtep,
    };
    if (!isBetterClaim(known, own)) return;
    if (stations.isHeard(station) && this.duplicates.movedAway(address, nowNs)) {
      this.#effects.frozen(address);
      return;
    }
    stations.withdraw(address, nowNs);
    this.#takeFromOthers(address, best, nowNs);
  }

  /**
   * Believes others. What is on an Ethernet segment that this VTEP has a link to is here as well. If another VTEP there hears
   * it, this one announces it too, so that nothing is lost when that VTEP goes; the route says that this one has not heard it.
   * As FRR does; RFC 7432 leaves it open.
   */
  #takeFromOthers(address: number, best: number, nowNs: number): void {
    const ethernetSegment = this.heard.ethernetSegmentOf(best);
    if (!this.isUpAt(ethernetSegment)) {
      this.#effects.stationChanged(address);
      return;
    }
    const routes = this.#routes;
    const station = this.#stations.add(address, {
      segment: routes.scopes[best],
      ethernetSegment,
      sequence: routes.sequenceOf(best),
      isSticky: routes.isSticky(best),
      isHeard: false,
      isFollowed: !this.heard.isHeardAt(address, ethernetSegment),
    });
    for (const ip of this.heard.ipsAt(address, ethernetSegment)) this.#stations.addIp(station, ip);
    this.#announceAll(address, station, nowNs + this.#parameters.learnNs);
    this.#effects.synchronised?.(address, ethernetSegment);
  }

  /** What the other VTEPs of a station's Ethernet segment say of it has changed. */
  #peersChanged(address: number, station: number, best: number, nowNs: number): void {
    const stations = this.#stations;
    const dueNs = nowNs + this.#parameters.learnNs;
    const ethernetSegment = stations.ethernetSegmentOf(station);
    if (best !== NO_ROUTE && this.#routes.sequenceOf(best) > stations.sequenceOf(station)) {
      stations.setSequence(station, this.#routes.sequenceOf(best));
      this.#announceAnew(address, station, stations.isHeard(station), dueNs);
    }
    if (stations.isHeard(station)) {
      this.#adoptIps(address, station, dueNs);
      return;
    }
    if (stations.isFollowed(station)) {
      if (best === NO_ROUTE) {
        stations.withdraw(address, dueNs);
        this.#effects.stationChanged(address);
        return;
      }
      stations.setFollowed(station, !this.heard.isHeardAt(address, ethernetSegment));
      this.#announceAll(address, station, dueNs);
    }
    if (this.#adoptIps(address, station, dueNs)) this.#effects.synchronised?.(address, ethernetSegment);
    if (!stations.isFollowed(station)) this.#keepUnlessHeard(address, station, nowNs);
  }

  /** Has the IP addresses of a station that others on its Ethernet segment know, and announces them too. Returns whether some are new. */
  #adoptIps(address: number, station: number, nowNs: number): boolean {
    const stations = this.#stations;
    const known = this.heard.ipsAt(address, stations.ethernetSegmentOf(station));
    const added = known.filter((ip) => !stations.hasIp(station, ip));
    for (const ip of added) stations.addIp(station, ip);
    const isTold = !stations.isFollowed(station) && !this.duplicates.isFrozen(address);
    if (isTold) for (const ip of added) stations.announce(station, ip, nowNs);
    return added.length > 0;
  }

  #keepUnlessHeard(address: number, station: number, nowNs: number): void {
    const stations = this.#stations;
    if (this.heard.isHeardAt(address, stations.ethernetSegmentOf(station))) {
      stations.keepUntil(station, NEVER_NS);
    } else if (stations.keptUntilNs(station) === NEVER_NS) {
      const untilNs = nowNs + (this.#parameters.keepNs ?? KEEP_NS);
      stations.keepUntil(station, untilNs);
      this.#effects.unheard?.(address, untilNs);
    }
  }

  /** This VTEP hears a station that it knew from others only. */
  #hearMyself(address: number, station: number, nowNs: number): void {
    this.#stations.keepUntil(station, NEVER_NS);
    this.#stations.setFollowed(station, false);
    this.#announceAnew(address, station, true, nowNs + this.#parameters.learnNs);
  }

  /** Announces a station with other attributes. */
  #announceAnew(address: number, station: number, isHeard: boolean, nowNs: number): void {
    this.#stations.setHeard(station, isHeard);
    this.#stations.forgetRoutes(station);
    this.#announceAll(address, station, nowNs);
  }

  #announceAll(address: number, station: number, nowNs: number): void {
    if (this.#stations.isFollowed(station) || this.duplicates.isFrozen(address)) return;
    this.#stations.announceAll(station, nowNs);
  }

  /** A duplicate is taken for a station again: announced if it is here, else believed to be where others say. */
  recover(address: number, nowNs: number): void {
    this.duplicates.recover(address);
    const stations = this.#stations;
    const station = stations.find(address);
    if (station === NO_STATION) {
      this.#effects.stationChanged(address);
      return;
    }
    const again = {
      segment: stations.segmentOf(station),
      ethernetSegment: stations.ethernetSegmentOf(station),
      sequence: nextSequence(this.heard.claimOfStation(address)),
      isSticky: stations.isSticky(station),
    };
    stations.withdraw(address, nowNs);
    stations.announce(stations.add(address, again), 0, nowNs);
  }

  #floodRouteOf(segment: number): number {
    return this.#routes.idOf({ origin: this.#speaker.index, kind: RouteKind.inclusiveMulticast, scope: segment });
  }
}
