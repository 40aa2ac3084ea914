import { grownCopy } from '../../grown-copy.ts';
import { type BgpSpeaker, NEVER_NS } from '../bgp/bgp-speaker.ts';
import { NO_ROUTE, type RouteBook } from '../bgp/route-book.ts';
import { RouteKind } from '../bgp/route-kind.ts';
import { type DuplicateDetection, DuplicateDetector } from './duplicate-detection.ts';
import type { EthernetSegments } from './ethernet-segments.ts';
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

/** No Ethernet segment. */
export const NO_ETHERNET_SEGMENT = -1;

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

/** A station that is behind this VTEP. */
interface LocalStation {
  readonly segment: number;
  /** The Ethernet segment that it is on, or NO_ETHERNET_SEGMENT. */
  readonly ethernetSegment: number;
  /** Whether this VTEP heard it itself; if not, it has it from another VTEP of that segment. */
  isHeard: boolean;
  /** Whether it is here as long as others announce it, who have not heard it either: it is not announced then. */
  isFollowed: boolean;
  /** How long it stays although no VTEP of that segment hears it; NEVER_NS while one does. */
  keptUntilNs: number;
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
  /** The Ethernet segments that it has to do with; null where there are none. */
  ethernetSegments: EthernetSegments | null = null;
  /** The other speaker of a pair with one VTEP address, whose stations are here: its routes have this VTEP for next hop; or -1. */
  twinOrigin = -1;
  /** Speakers whose routes say nothing of where stations are, as those of another gateway of the same site. */
  ignoredOrigins: ReadonlySet<number> | null = null;
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
    this.ethernetSegments?.dropSegment(segment, nowNs);
    for (const [address, station] of this.#locals) {
      if (station.segment !== segment) continue;
      this.#withdrawStation(address, nowNs + this.#parameters.learnNs);
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
        if (routes.kinds[route] === RouteKind.macIp && this.#isRemote(route)) this.#effects.routeChanged(route);
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
  stationHeard(
    segment: number,
    address: number,
    nowNs: number,
    { isSticky = false, ethernetSegment = NO_ETHERNET_SEGMENT } = {},
  ): boolean {
    if (!this.#segments.has(segment)) return true;
    const own = this.#locals.get(address);
    if (own !== undefined && (own.ethernetSegment === ethernetSegment || own.isSticky)) {
      if (!own.isHeard) this.#hearMyself(address, own, nowNs);
      return true;
    }
    const known = this.#claimOf(this.bestRemote(address));
    if (known?.isSticky === true && !isSticky) return false;
    const sequence = own === undefined ? this.#sequenceOnArrival(address, ethernetSegment, known) : own.sequence + 1;
    const isMove = known !== null && own === undefined && sequence !== known.sequence;
    if (isMove && this.duplicates.movedHere(address, nowNs)) this.#effects.frozen(address);
    if (own !== undefined) this.#withdrawStation(address, nowNs);
    const station = newStation({ segment, ethernetSegment, sequence, isSticky });
    this.#addLocal(address, station);
    // a frozen one stays where the data plane has it, and nobody is told
    if (this.duplicates.isFrozen(address)) return true;
    this.#announceStation(address, station, 0, nowNs + this.#parameters.learnNs);
    if (ethernetSegment !== NO_ETHERNET_SEGMENT) {
      this.#adoptIps(address, station, nowNs + this.#parameters.learnNs);
    }
    return true;
  }

  /** A station that another VTEP of its Ethernet segment has announced has not moved. RFC 7432, 7.7 and 15. */
  #sequenceOnArrival(address: number, ethernetSegment: number, known: MacClaim | null): number {
    const isOnSame =
      ethernetSegment !== NO_ETHERNET_SEGMENT && this.#ethernetSegmentOf(this.bestRemote(address)) === ethernetSegment;
    return isOnSame && known !== null ? known.sequence : nextSequence(known);
  }

  /** A local station said by ARP that it has an IP address. Returns whether that is so for this VTEP now. */
  bindingHeard(segment: number, address: number, ip: number, nowNs: number): boolean {
    const station = this.#locals.get(address);
    if (station === undefined) return false;
    if (station.ips.includes(ip)) return true;
    if (this.#parameters.implementation === 'frr-8.4' && this.#isBoundElsewhere(segment, address, ip)) return false;
    if (this.duplicates.isFrozen(address)) return false;
    station.ips.push(ip);
    this.#announceStation(address, station, ip, nowNs + this.#parameters.learnNs);
    return true;
  }

  /** A local station aged out, or its port went down: its routes are withdrawn, unless others of its Ethernet segment have it. */
  stationGone(address: number, nowNs: number): void {
    const station = this.#locals.get(address);
    if (station === undefined) return;
    if (this.isUpAt(station.ethernetSegment) && this.#isHeardByOthers(address, station.ethernetSegment)) {
      this.#announceAnew(address, station, false, nowNs + this.#parameters.learnNs);
      this.#effects.synchronised?.(address, station.ethernetSegment);
      return;
    }
    this.#takeBack(address, nowNs);
  }

  /** A local station lost its entry to others: its routes are withdrawn, and it is not entered anew. */
  stationEvicted(address: number, nowNs: number): void {
    this.#withdrawStation(address, nowNs + this.#parameters.learnNs);
  }

  /** This VTEP's link to an Ethernet segment came up: it announces that, and has what others know of the segment's stations. */
  ethernetSegmentUp(ethernetSegment: number, nowNs: number): void {
    this.ethernetSegments!.up(ethernetSegment, nowNs);
    this.#effects.ethernetSegmentChanged?.(ethernetSegment);
    const routes = this.#routes;
    for (const segment of this.#segments) {
      let route = routes.firstOfSegment(segment);
      for (; route !== NO_ROUTE; route = routes.nextOfScope(route)) {
        if (routes.ethernetSegmentOf(route) === ethernetSegment && this.#isRemote(route)) {
          this.#stationRouteChanged(route, nowNs);
        }
      }
    }
  }

  /** It went down: the stations there are reached through the other VTEPs of the segment, if they know them. */
  ethernetSegmentDown(ethernetSegment: number, nowNs: number): void {
    this.ethernetSegments!.down(ethernetSegment, nowNs);
    this.#effects.ethernetSegmentChanged?.(ethernetSegment);
    for (const [address, station] of [...this.#locals]) {
      if (station.ethernetSegment === ethernetSegment) this.#takeBack(address, nowNs);
    }
  }

  /** Whether this VTEP's link to an Ethernet segment is up; not so for NO_ETHERNET_SEGMENT. */
  isUpAt(ethernetSegment: number): boolean {
    return ethernetSegment !== NO_ETHERNET_SEGMENT && this.ethernetSegments?.isUp(ethernetSegment) === true;
  }

  /** A station that nobody hears was kept for long enough: unless somebody has heard it meanwhile, it is withdrawn. */
  release(address: number, nowNs: number): void {
    const station = this.#locals.get(address);
    if (station !== undefined && station.keptUntilNs <= nowNs) this.#takeBack(address, nowNs);
  }

  /** Whether a local station is here only because another VTEP of its Ethernet segment heard it. */
  isSynchronised(address: number): boolean {
    return this.#locals.get(address)?.isHeard === false;
  }

  /** IP addresses of a local station that other VTEPs of its Ethernet segment announced, ascending. */
  ipsFromOthers(address: number): readonly number[] {
    const ethernetSegment = this.ethernetSegmentOfLocal(address);
    return ethernetSegment === NO_ETHERNET_SEGMENT ? [] : this.#ipsAt(address, ethernetSegment);
  }

  /** The Ethernet segment of a local station, or NO_ETHERNET_SEGMENT. */
  ethernetSegmentOfLocal(address: number): number {
    return this.#locals.get(address)?.ethernetSegment ?? NO_ETHERNET_SEGMENT;
  }

  #takeBack(address: number, nowNs: number): void {
    this.#withdrawStation(address, nowNs + this.#parameters.learnNs);
    this.#takeFromOthers(address, this.bestRemote(address), nowNs);
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

  /** What the best of them says; null if nobody says. */
  remoteClaim(address: number): MacClaim | null {
    return this.#claimOf(this.bestRemote(address));
  }

  /** The VTEP behind which a remote station is; -1 if it is here, or nobody says. */
  vtepOfStation(address: number): number {
    if (this.#locals.has(address)) return -1;
    const best = this.bestRemote(address);
    return best === NO_ROUTE ? -1 : this.#vtepOf(this.#routes.origins[best]);
  }

  /** The Ethernet segment that a remote station is on, as the best route says; NO_ETHERNET_SEGMENT if on none. */
  ethernetSegmentOfStation(address: number): number {
    return this.#ethernetSegmentOf(this.bestRemote(address));
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

  /** The VTEPs to flood a segment to, ascending, each once: those whose type-3 routes it holds. RFC 7432, 11.2. */
  floodVteps(segment: number): number[] {
    const vteps = new Set<number>();
    const routes = this.#routes;
    for (let route = routes.firstOfSegment(segment); route !== NO_ROUTE; route = routes.nextOfScope(route)) {
      if (routes.kinds[route] === RouteKind.inclusiveMulticast && this.#isRemote(route)) {
        vteps.add(this.#vtepOf(routes.origins[route]));
      }
    }
    return [...vteps].sort((a, b) => a - b);
  }

  /** Forgets everything, as one whose power went. Its segments have to join again. */
  reset(): void {
    this.#locals.clear();
    this.#localCounts.clear();
    this.#segments.clear();
    this.#carries.fill(0);
    this.duplicates.clear();
    this.ethernetSegments?.reset();
  }

  #heard(route: number, nowNs: number): void {
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
    const station = this.#locals.get(address);
    if (station === undefined && this.ethernetSegments === null) {
      this.#effects.stationChanged(address);
      return;
    }
    const best = this.bestRemote(address);
    const ethernetSegment = this.#ethernetSegmentOf(best);
    if (station === undefined) {
      this.#takeFromOthers(address, best, nowNs);
      return;
    }
    if (station.ethernetSegment !== NO_ETHERNET_SEGMENT) {
      const isOnSame = best === NO_ROUTE || ethernetSegment === station.ethernetSegment;
      if (isOnSame) {
        this.#peersChanged(address, station, best, nowNs);
        return;
      }
    }
    const known = this.#claimOf(best);
    if (known === null) return;
    const own = { ...station, vtepIp: this.#vtepOf(this.#speaker.index) };
    if (!isBetterClaim(known, own)) return;
    if (station.isHeard && this.duplicates.movedAway(address, nowNs)) {
      this.#effects.frozen(address);
      return;
    }
    this.#withdrawStation(address, nowNs);
    this.#takeFromOthers(address, best, nowNs);
  }

  /**
   * Believes others. What is on an Ethernet segment that this VTEP has a link to is here as well. If another VTEP there hears
   * it, this one announces it too, so that nothing is lost when that VTEP goes; the route says that this one has not heard it.
   * As FRR does; RFC 7432 leaves it open.
   */
  #takeFromOthers(address: number, best: number, nowNs: number): void {
    const ethernetSegment = this.#ethernetSegmentOf(best);
    if (!this.isUpAt(ethernetSegment)) {
      this.#effects.stationChanged(address);
      return;
    }
    const routes = this.#routes;
    const station = newStation({
      segment: routes.scopes[best],
      ethernetSegment,
      sequence: routes.sequenceOf(best),
      isSticky: routes.isSticky(best),
      isHeard: false,
      isFollowed: !this.#isHeardByOthers(address, ethernetSegment),
    });
    this.#addLocal(address, station);
    station.ips.push(...this.#ipsAt(address, ethernetSegment));
    this.#announceAll(address, station, nowNs + this.#parameters.learnNs);
    this.#effects.synchronised?.(address, ethernetSegment);
  }

  /** What the other VTEPs of a station's Ethernet segment say of it has changed. */
  #peersChanged(address: number, station: LocalStation, best: number, nowNs: number): void {
    const dueNs = nowNs + this.#parameters.learnNs;
    if (best !== NO_ROUTE && this.#routes.sequenceOf(best) > station.sequence) {
      station.sequence = this.#routes.sequenceOf(best);
      this.#announceAnew(address, station, station.isHeard, dueNs);
    }
    if (station.isHeard) {
      this.#adoptIps(address, station, dueNs);
      return;
    }
    if (station.isFollowed) {
      if (best === NO_ROUTE) {
        this.#withdrawStation(address, dueNs);
        this.#effects.stationChanged(address);
        return;
      }
      station.isFollowed = !this.#isHeardByOthers(address, station.ethernetSegment);
      this.#announceAll(address, station, dueNs);
    }
    if (this.#adoptIps(address, station, dueNs)) this.#effects.synchronised?.(address, station.ethernetSegment);
    if (!station.isFollowed) this.#keepUnlessHeard(address, station, nowNs);
  }

  /** Has the IP addresses of a station that others on its Ethernet segment know, and announces them too. Returns whether some are new. */
  #adoptIps(address: number, station: LocalStation, nowNs: number): boolean {
    const added = this.#ipsAt(address, station.ethernetSegment).filter((ip) => !station.ips.includes(ip));
    station.ips.push(...added);
    const isTold = !station.isFollowed && !this.duplicates.isFrozen(address);
    if (isTold) for (const ip of added) this.#announceStation(address, station, ip, nowNs);
    return added.length > 0;
  }

  #keepUnlessHeard(address: number, station: LocalStation, nowNs: number): void {
    if (this.#isHeardByOthers(address, station.ethernetSegment)) {
      station.keptUntilNs = NEVER_NS;
    } else if (station.keptUntilNs === NEVER_NS) {
      station.keptUntilNs = nowNs + (this.#parameters.keepNs ?? KEEP_NS);
      this.#effects.unheard?.(address, station.keptUntilNs);
    }
  }

  /** This VTEP hears a station that it knew from others only. */
  #hearMyself(address: number, station: LocalStation, nowNs: number): void {
    station.keptUntilNs = NEVER_NS;
    station.isFollowed = false;
    this.#announceAnew(address, station, true, nowNs + this.#parameters.learnNs);
  }

  /** Announces a station with other attributes. */
  #announceAnew(address: number, station: LocalStation, isHeard: boolean, nowNs: number): void {
    station.isHeard = isHeard;
    station.routes.length = 0;
    this.#announceAll(address, station, nowNs);
  }

  #announceAll(address: number, station: LocalStation, nowNs: number): void {
    if (station.isFollowed || this.duplicates.isFrozen(address)) return;
    this.#announceStation(address, station, 0, nowNs);
    for (const ip of station.ips) this.#announceStation(address, station, ip, nowNs);
  }

  /** Whether another VTEP of an Ethernet segment says that it hears a station itself. */
  #isHeardByOthers(address: number, ethernetSegment: number): boolean {
    const routes = this.#routes;
    for (let route = routes.firstOfAddress(address); route !== NO_ROUTE; route = routes.nextOfAddress(route)) {
      if (routes.isProxy(route) || routes.ethernetSegmentOf(route) !== ethernetSegment) continue;
      if (this.#isRemote(route)) return true;
    }
    return false;
  }

  /** IP addresses of a station that others on its Ethernet segment announced. */
  #ipsAt(address: number, ethernetSegment: number): number[] {
    const routes = this.#routes;
    const ips = new Set<number>();
    for (let route = routes.firstOfAddress(address); route !== NO_ROUTE; route = routes.nextOfAddress(route)) {
      if (routes.kinds[route] !== RouteKind.macIp || routes.ethernetSegmentOf(route) !== ethernetSegment) continue;
      if (this.#isRemote(route)) ips.add(routes.ips[route]);
    }
    return [...ips].sort((a, b) => a - b);
  }

  #ethernetSegmentOf(route: number): number {
    return route === NO_ROUTE ? NO_ETHERNET_SEGMENT : this.#routes.ethernetSegmentOf(route);
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
    const { segment, ethernetSegment, isSticky } = station;
    this.#withdrawStation(address, nowNs);
    const again = newStation({ segment, ethernetSegment, sequence: nextSequence(known), isSticky });
    this.#addLocal(address, again);
    this.#announceStation(address, again, 0, nowNs);
  }

  #addLocal(address: number, station: LocalStation): void {
    this.#locals.set(address, station);
    this.#localCounts.set(station.segment, this.localCount(station.segment) + 1);
  }

  #announceStation(address: number, station: LocalStation, ip: number, nowNs: number): void {
    const { segment, ethernetSegment, sequence, isSticky, isHeard } = station;
    const kind = ip === 0 ? RouteKind.macOnly : RouteKind.macIp;
    const route = this.#routes.idOf({
      origin: this.#speaker.index,
      kind,
      scope: segment,
      address,
      ip,
      sequence,
      isSticky,
      segmentIdentifier: ethernetSegment + 1,
      isProxy: !isHeard,
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
    const origin = this.#routes.origins[route];
    if (origin === this.#speaker.index || origin === this.twinOrigin || !this.#speaker.holds(route)) return false;
    return this.ignoredOrigins?.has(origin) !== true;
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

function newStation(
  fields: Pick<LocalStation, 'segment' | 'ethernetSegment' | 'sequence' | 'isSticky'> &
    Partial<Pick<LocalStation, 'isHeard' | 'isFollowed'>>,
): LocalStation {
  return { isHeard: true, isFollowed: false, keptUntilNs: NEVER_NS, routes: [], ips: [], ...fields };
}
