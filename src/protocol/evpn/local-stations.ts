import { type BgpSpeaker, NEVER_NS } from '../bgp/bgp-speaker.ts';
import type { RouteBook } from '../bgp/route-book.ts';
import { RouteKind } from '../bgp/route-kind.ts';

/** No routes, or no IP addresses, of a station. */
export const NONE: readonly number[] = [];

/** A station that is behind a VTEP. Its lists are replaced when they change: `appended`. */
export interface LocalStation {
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
  routes: readonly number[];
  ips: readonly number[];
}

/**
 * A list with room for what it holds: one or two numbers. One that is pushed to has room for seventeen, and so, once a library
 * has made a class of arrays, has what `concat` returns.
 */
export function appended(list: readonly number[], ...added: readonly number[]): readonly number[] {
  const longer = new Array<number>(list.length + added.length);
  for (let i = 0; i < longer.length; i++) longer[i] = i < list.length ? list[i] : added[i - list.length];
  return longer;
}

/** The stations behind a VTEP, by MAC address id, and their routes. */
export class LocalStations {
  /** In which routing table, plus 1, hosts of a segment are announced for symmetric IRB; 0: in none. RFC 9135, 5.1. */
  routingTableOf: (segment: number) => number = () => 0;
  readonly #speaker: BgpSpeaker;
  readonly #routes: RouteBook;
  readonly #stations = new Map<number, LocalStation>();
  // by segment: stations of it that are here
  readonly #counts = new Map<number, number>();

  constructor(speaker: BgpSpeaker, routes: RouteBook) {
    this.#speaker = speaker;
    this.#routes = routes;
  }

  get(address: number): LocalStation | undefined {
    return this.#stations.get(address);
  }

  has(address: number): boolean {
    return this.#stations.has(address);
  }

  /** Those that are here now, in the order in which they came; they may be withdrawn meanwhile. */
  all(): [address: number, station: LocalStation][] {
    return [...this.#stations];
  }

  /** Those that are here as long as they are heard, in the order in which they came. */
  ageing(): number[] {
    const addresses: number[] = [];
    for (const [address, { isSticky }] of this.#stations) if (!isSticky) addresses.push(address);
    return addresses;
  }

  /** Stations of a segment. */
  count(segment: number): number {
    return this.#counts.get(segment) ?? 0;
  }

  /** Adds one that is not announced yet. */
  add(
    address: number,
    fields: Pick<LocalStation, 'segment' | 'ethernetSegment' | 'sequence' | 'isSticky'> &
      Partial<Pick<LocalStation, 'isHeard' | 'isFollowed'>>,
  ): LocalStation {
    const station = { isHeard: true, isFollowed: false, keptUntilNs: NEVER_NS, routes: NONE, ips: NONE, ...fields };
    this.#stations.set(address, station);
    this.#counts.set(station.segment, this.count(station.segment) + 1);
    return station;
  }

  /** Announces a station, with its MAC address alone (`ip` is 0) or with both. RFC 7432, 7.2. */
  announce(address: number, station: LocalStation, ip: number, nowNs: number): void {
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
    station.routes = appended(station.routes, route);
    this.#speaker.originate(route, nowNs);
  }

  /** Takes a station out, with its routes. */
  withdraw(address: number, nowNs: number): void {
    const station = this.#stations.get(address);
    if (station === undefined) return;
    for (const route of station.routes) this.#speaker.withdraw(route, nowNs);
    this.#stations.delete(address);
    this.#counts.set(station.segment, this.count(station.segment) - 1);
  }

  clear(): void {
    this.#stations.clear();
    this.#counts.clear();
  }
}
