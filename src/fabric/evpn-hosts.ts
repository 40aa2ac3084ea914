import type { Evpn } from '../device/evpn.ts';
import { NO_ROUTE } from '../protocol/bgp/route-book.ts';
import { RouteKind } from '../protocol/bgp/route-kind.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';
import type { AnycastGateways, AnycastSettings, HostAnnouncer } from './anycast-gateways.ts';
import type { PlannedSegment } from './plan.ts';

/**
 * Tells gateways in leaves what EVPN's MAC/IP routes and prefixes say, once they are in the tables that forward, and EVPN
 * what gateways hear by ARP. RFC 9135; RFC 9136.
 */
export class EvpnHosts implements HostAnnouncer {
  readonly #evpn: Evpn;
  readonly #gateways: AnycastGateways;
  readonly #segments: readonly PlannedSegment[];
  readonly #isSymmetric: boolean;
  // by endpoint: the speaker of its tunnel
  readonly #speakerOfEndpoint = new Map<number, number>();

  /** With symmetric IRB hosts are announced with the label of their routing table. RFC 9135, 5.1. */
  constructor(evpn: Evpn, gateways: AnycastGateways, segments: readonly PlannedSegment[], irb: AnycastSettings['irb']) {
    this.#evpn = evpn;
    this.#gateways = gateways;
    this.#segments = segments;
    this.#isSymmetric = irb === 'symmetric';
    evpn.onStation = (tunnel, address) => this.#sync(tunnel, address);
    evpn.arp.ownsIp = (tunnel, segment, ip) => gateways.ownsIp(tunnel, segment, ip);
    // what a leaf announces is in its own ARP table, which has its own hosts at least: RFC 9135, 4
    evpn.arp.onBinding = (tunnel, address, ip) => gateways.sawOwnHost(tunnel, address, ip >>> 0);
    for (const { tunnel, endpoint } of gateways.leaves) {
      this.#speakerOfEndpoint.set(endpoint, evpn.speakerOf(tunnel));
      if (this.#isSymmetric) evpn.rulesOf(tunnel).routingTableOf = (segment) => gateways.tableOf(segment) + 1;
    }
  }

  hostHeard(tunnel: number, _segment: number, ip: Ipv4Address, address: number): boolean {
    return this.#evpn.stationHasIp(tunnel, address, ip);
  }

  hasFromOthers(tunnel: number, address: number, ip: Ipv4Address): boolean {
    return (
      this.#evpn.multihoming !== null &&
      this.#evpn
        .rulesOf(tunnel)
        .ipsFromOthers(address)
        .includes(ip | 0)
    );
  }

  tableChanged(tunnel: number, table: number, segments: readonly number[], isHere: boolean): void {
    if (!this.#isSymmetric) return;
    const rules = this.#evpn.rulesOf(tunnel);
    if (isHere) rules.joinTable(table, segments);
    else rules.leaveTable(table);
  }

  subnetChanged(tunnel: number, segment: number, isHere: boolean): void {
    const route = this.#prefixOf(this.#evpn.speakerOf(tunnel), segment);
    this.#evpn.announcePrefix(tunnel, route, isHere);
  }

  knowsSubnet(tunnel: number, segment: number, endpoint: number): boolean {
    return this.#evpn.holds(tunnel, this.#prefixOf(this.#speakerOfEndpoint.get(endpoint)!, segment));
  }

  defaultRouteAdded(tunnel: number, table: number): void {
    // asymmetric IRB has no L3 VNI to send into
    if (this.#isSymmetric)
      this.#evpn.announcePrefix(tunnel, this.#defaultRouteOf(this.#evpn.speakerOf(tunnel), table), true);
  }

  knowsDefaultRoute(tunnel: number, table: number, endpoint: number): boolean {
    return this.#evpn.holds(tunnel, this.#defaultRouteOf(this.#speakerOfEndpoint.get(endpoint)!, table));
  }

  #defaultRouteOf(origin: number, table: number): number {
    return this.#evpn.routes.idOf({ origin, kind: RouteKind.ipPrefix, scope: table, address: 0, ip: 0 });
  }

  #prefixOf(speaker: number, segment: number): number {
    const { subnet, prefixLength } = this.#segments[segment];
    return this.#evpn.routes.idOf({
      origin: speaker,
      kind: RouteKind.ipPrefix,
      scope: this.#gateways.tableOf(segment),
      address: prefixLength,
      ip: subnet,
    });
  }

  /** A station that is here is known by ARP alone; of others the best MAC/IP route says where they are. */
  #sync(tunnel: number, address: number): void {
    const rules = this.#evpn.rulesOf(tunnel);
    if (rules.isLocal(address)) {
      this.#gateways.forgetRemote(tunnel, address);
      const [ip] = rules.ipsFromOthers(address);
      if (ip !== undefined) this.#gateways.learnOwnHost(tunnel, address, ip >>> 0);
      return;
    }
    const route = rules.heard.best(address, RouteKind.macIp);
    const { routes } = this.#evpn;
    if (route === NO_ROUTE) this.#gateways.forgetHost(tunnel, address);
    else this.#gateways.learnHost(tunnel, address, routes.ips[route] >>> 0, rules.heard.vtepOf(route));
  }
}
