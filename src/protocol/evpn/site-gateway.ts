import type { BgpSpeaker } from '../bgp/bgp-speaker.ts';
import { NO_ROUTE, type RouteBook } from '../bgp/route-book.ts';
import { RouteKind } from '../bgp/route-kind.ts';
import { designatedForwarder } from './designated-forwarder.ts';
import type { EvpnVtep } from './evpn-vtep.ts';
import { isBetterClaim } from './mac-mobility.ts';

/** The sides of a border gateway: its site, and the network between the sites. */
export type GatewaySide = 'site' | 'dci';

/** What a border gateway has on one side: EVPN there, and a speaker that the other side's hears nothing of. */
export interface GatewayEnd {
  readonly rules: EvpnVtep;
  readonly speaker: BgpSpeaker;
}

/** What border gateways of one site have to agree on. */
export interface SiteGatewayParameters {
  /** The Ethernet segment that stands for the site. */
  readonly ethernetSegment: number;
  /** Speakers of all gateways of the site on its side, in the order of their VTEPs' addresses. */
  readonly gateways: readonly number[];
  /** The VNI of a segment. */
  readonly vniOf: (segment: number) => number;
}

/**
 * A border gateway: the site and what is between sites are EVPN domains of their own, and it announces in each, as its own
 * and with itself as next hop, what it takes from the other: where stations are, with their sequence numbers, and one
 * type-3 route for all of the other side. RFC 9014, 4.4.1 and 4.6; draft-sharma-bess-multi-site-evpn.
 *
 * Gateways of one site have an Ethernet segment in common (type-4 routes in the site). The designated forwarder of a VNI,
 * number VNI mod N of N (RFC 7432, 8.5), is the one that announces and floods across; the others hear all, and stand by
 * for it: the single-active mode of RFC 9014, 4.4.3. A gateway that hears of no other site is no candidate, so that another
 * stands in for one that is cut off. What one gateway of a site announces in it, the others take for nothing new: that, and
 * bridges that never return a frame to the tunnel that it came from, is the split horizon.
 *
 * Differs from the standard: there is no wait before an election, in which two gateways could flood the same frame. A move
 * within a site is told to the others, with its sequence number, where RFC 9014 has gateways keep it to themselves (4.4.4)
 * and tell the site by its Ethernet segment (4.4.1): a station's number is one and the same everywhere, and each such move
 * costs messages between sites.
 */
export class SiteGateway {
  readonly site: GatewayEnd;
  readonly dci: GatewayEnd;
  /** Hears that it became the designated forwarder of a segment, or is no more. */
  onDesignation: ((segment: number) => void) | null = null;

  readonly #routes: RouteBook;
  readonly #parameters: SiteGatewayParameters;
  // by address: the routes that it announced on either side because it heard of the address on the other
  readonly #announced = new Map<number, { readonly side: GatewaySide; readonly routes: readonly number[] }>();
  // type-3 routes of other sites that it holds
  #farRoutes = 0;
  // the gateways that announce the site's Ethernet segment, as #gateways has them
  #candidates: readonly number[] = [];

  constructor(routes: RouteBook, site: GatewayEnd, dci: GatewayEnd, parameters: SiteGatewayParameters) {
    this.site = site;
    this.dci = dci;
    this.#routes = routes;
    this.#parameters = parameters;
    const siblings = new Set(parameters.gateways);
    site.rules.heard.ignoredOrigins = siblings;
    const { speaker } = site;
    const hear = speaker.onChanged;
    speaker.onChanged = (route, nowNs) => {
      if (routes.kinds[route] === RouteKind.ethernetSegment) this.#elect(nowNs);
      hear?.(route, nowNs);
    };
    const hearFar = dci.speaker.onChanged;
    dci.speaker.onChanged = (route, nowNs) => {
      if (routes.kinds[route] === RouteKind.inclusiveMulticast) this.#farChanged(route, nowNs);
      hearFar?.(route, nowNs);
    };
  }

  /** Whether it is the one gateway of its site that lets floods of a segment across, and announces its stations. */
  isDesignated(segment: number): boolean {
    const vni = this.#parameters.vniOf(segment);
    return designatedForwarder(this.#candidates, vni, 'modulo') === this.site.speaker.index;
  }

  /** The side on which a station is, by what each says of it; null if nobody says. */
  sideOf(address: number): GatewaySide | null {
    const here = this.site.rules.heard.claimOfStation(address);
    const there = this.dci.rules.heard.claimOfStation(address);
    if (here === null || there === null) return here !== null ? 'site' : there !== null ? 'dci' : null;
    // of two alike the one in the site, whose path is shorter
    return isBetterClaim({ ...there, vtepIp: 1 }, { ...here, vtepIp: 0 }) ? 'dci' : 'site';
  }

  /** The VTEP of one side behind which a station is; -1 if it is on the other side, or nobody says. */
  vtepOn(side: GatewaySide, address: number): number {
    return this.sideOf(address) === side ? this[side].rules.vtepOfStation(address) : -1;
  }

  /** What one side says of a station may have changed: the other side is told. */
  stationChanged(segment: number, address: number, nowNs: number): void {
    const before = this.#announced.get(address);
    const side = this.#carries(segment) && this.isDesignated(segment) ? this.sideOf(address) : null;
    const toSide: GatewaySide = side === 'site' ? 'dci' : 'site';
    const routes = side === null ? [] : this.#copiesOf(side, address);
    if (before !== undefined) {
      for (const route of before.routes) {
        const isKept = before.side === toSide && routes.includes(route);
        if (!isKept) this[before.side].rules.withdraw(route, nowNs);
      }
    }
    for (const route of routes) this[toSide].rules.announce(route, nowNs);
    if (routes.length > 0) this.#announced.set(address, { side: toSide, routes });
    else this.#announced.delete(address);
  }

  /** It carries a segment on one side no more. */
  left(segment: number, nowNs: number): void {
    for (const [address, { routes }] of this.#announced) {
      if (this.#routes.scopes[routes[0]] === segment) this.stationChanged(segment, address, nowNs);
    }
  }

  /** It lost its power, and both speakers have forgotten all. */
  reset(): void {
    this.#announced.clear();
    this.#farRoutes = 0;
    this.#candidates = [];
  }

  /** What it says on the other side of a station on this one: the routes of the VTEP that is believed, as its own. */
  #copiesOf(side: GatewaySide, address: number): number[] {
    const { rules, speaker } = this[side];
    const other = this[side === 'site' ? 'dci' : 'site'].speaker.index;
    const routes = this.#routes;
    const origin = routes.origins[rules.heard.best(address)];
    const copies: number[] = [];
    for (let route = routes.firstOfAddress(address); route !== NO_ROUTE; route = routes.nextOfAddress(route)) {
      if (routes.origins[route] !== origin || !speaker.holds(route)) continue;
      copies.push(
        routes.idOf({
          origin: other,
          kind: routes.kinds[route],
          scope: routes.scopes[route],
          address,
          ip: routes.ips[route],
          sequence: routes.sequenceOf(route),
          isSticky: routes.isSticky(route),
        }),
      );
    }
    return copies;
  }

  #carries(segment: number): boolean {
    return this.site.rules.carries(segment) && this.dci.rules.carries(segment);
  }

  #farChanged(route: number, nowNs: number): void {
    const had = this.#farRoutes > 0;
    this.#farRoutes += this.dci.speaker.holds(route) ? 1 : -1;
    const has = this.#farRoutes > 0;
    if (has === had) return;
    const own = this.#segmentRouteOf(this.site.speaker.index);
    if (has) this.site.rules.announce(own, nowNs);
    else this.site.rules.withdraw(own, nowNs);
    this.#elect(nowNs);
  }

  #elect(nowNs: number): void {
    const { speaker, rules } = this.site;
    const before = rules.segments().filter((segment) => this.isDesignated(segment));
    this.#candidates = this.#parameters.gateways.filter((index) => speaker.holds(this.#segmentRouteOf(index)));
    for (const segment of rules.segments()) {
      if (this.isDesignated(segment) === before.includes(segment)) continue;
      for (const address of this.#addressesOf(segment)) this.stationChanged(segment, address, nowNs);
      this.onDesignation?.(segment);
    }
  }

  /** Stations of a segment that anybody ever announced. */
  #addressesOf(segment: number): Set<number> {
    const routes = this.#routes;
    const addresses = new Set<number>();
    for (let route = routes.firstOfSegment(segment); route !== NO_ROUTE; route = routes.nextOfScope(route)) {
      const kind = routes.kinds[route];
      if (kind === RouteKind.macOnly || kind === RouteKind.macIp) addresses.add(routes.addresses[route]);
    }
    return addresses;
  }

  #segmentRouteOf(origin: number): number {
    const { ethernetSegment } = this.#parameters;
    return this.#routes.idOf({ origin, kind: RouteKind.ethernetSegment, scope: -1, address: ethernetSegment });
  }
}
