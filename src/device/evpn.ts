import type { BgpSpeaker } from '../protocol/bgp/bgp-speaker.ts';
import type { RouteBook } from '../protocol/bgp/route-book.ts';
import { RouteKind } from '../protocol/bgp/route-kind.ts';
import { EvpnVtep, type EvpnVtepParameters } from '../protocol/evpn/evpn-vtep.ts';
import { NO_ETHERNET_SEGMENT } from '../protocol/evpn/heard-routes.ts';
import { StationMemory } from '../protocol/evpn/local-stations.ts';
import { type GatewaySide, SiteGateway, type SiteGatewayParameters } from '../protocol/evpn/site-gateway.ts';
import { EVERY_PLACE, Miss } from '../protocol/mac-tables.ts';
import { ArpProxy, type ArpProxyParameters } from './arp-proxy.ts';
import type { BgpNetwork } from './bgp-network.ts';
import type { Bridges } from './bridges.ts';
import { DueLists } from './due-lists.ts';
import type { EdgeFloods } from './edge-floods.ts';
import { EventKind } from './event-kinds.ts';
import { EvpnMultihoming, type MultihomingParameters } from './evpn-multihoming.ts';
import type { IpStacks } from './ip-stacks.ts';
import { type Network, PortFlag } from './network.ts';
import { type FloodRoutes, RoutedFloodList } from './routed-flood-list.ts';
import { StationAgeing, type StationAgeingParameters } from './station-ageing.ts';
import type { FloodList, InnerHandler, Tunnels } from './tunnels.ts';

const NS_PER_SECOND = 1e9;

/** Addresses of which only the gateway has to know begin here, among what waits to be entered into tables. */
const HOST_FIRST = 2 ** 30;

/** How VTEPs go about EVPN. */
export interface EvpnParameters
  extends EvpnVtepParameters,
    ArpProxyParameters,
    Pick<StationAgeingParameters, 'refreshesStations'> {
  /** From a route that BGP learned until it is in the tables that forward. */
  readonly installNs: number;
  /** Routes that a VTEP enters into these per second; null is no limit. */
  readonly installsPerSecond: number | null;
  /** How VTEPs go about Ethernet segments; unless given, there are none. */
  readonly multihoming?: MultihomingParameters | null;
}

/** The devices that EVPN works on. */
export interface EvpnDevices {
  readonly network: Network;
  readonly bridges: Bridges;
  readonly tunnels: Tunnels;
  readonly stacks: IpStacks;
  readonly edgeFloods: EdgeFloods;
}

/** Where a VTEP is. */
export interface VtepPlace {
  readonly tunnel: number;
  /** The bridge that the tunnel is a port of, whose local stations it announces; -1 where a hypervisor names them. */
  readonly bridge: number;
  /** Takes what the VTEP itself sends to the stations behind it. */
  readonly inner: InnerHandler;
}

/** A VTEP with what waits to be entered into its tables: addresses, and -1 - segment for a flood list. */
interface Vtep extends VtepPlace, FloodRoutes {
  readonly rules: EvpnVtep;
  readonly speaker: number;
  readonly waiting: { readonly dueNs: number; readonly items: number[] }[];
  readonly floodLists: Map<number, { list: RoutedFloodList; number: number }>;
  /** Segments that it leaves when the last of their stations is gone. */
  readonly leaving: Set<number>;
  /** Stations that are configured here, with their IP addresses. */
  readonly statics: { readonly address: number; readonly ip: number }[];
  nextInstallNs: number;
  /** The border gateway that it is one side of; null for any other VTEP. */
  gateway: { readonly rules: SiteGateway; readonly side: GatewaySide; readonly tunnels: readonly number[] } | null;
}

/**
 * EVPN on the data plane of VTEPs: what their bridges learn is announced, what BGP says is entered into their tables, and
 * nothing is learned from what comes out of tunnels. RFC 7432; RFC 8365, 5.
 *
 * How gateways join in: `onStation` hears of what MAC/IP routes say at a VTEP, `announcePrefix` takes routes of its own, and
 * `routingTableOf` of `rulesOf(tunnel)` says in which routing table hosts are announced.
 */
export class Evpn {
  /** Hears that a VTEP may know something else of a station, and of its IP address, now that its tables do. */
  onStation: ((tunnel: number, address: number) => void) | null = null;
  /** Hears that a VTEP has nothing of a segment any more that it was to leave: `mayLeave` said false. */
  onMayLeave: ((tunnel: number, segment: number) => void) | null = null;
  /** How often VTEPs took an address for a duplicate. */
  get duplicateCount(): number {
    return this.#vteps.reduce((sum, vtep) => sum + (vtep?.rules.duplicates.detectedCount ?? 0), 0);
  }

  readonly routes: RouteBook;
  readonly bgp: BgpNetwork;
  /** What becomes of ARP at VTEPs. */
  readonly arp: ArpProxy;
  /** Ethernet segments; null where there are none. */
  readonly multihoming: EvpnMultihoming | null;
  readonly #devices: EvpnDevices;
  readonly #parameters: EvpnParameters;
  readonly #stations = new StationMemory();
  // indexed by tunnel; by bridge, by speaker: the tunnel
  readonly #vteps: (Vtep | undefined)[] = [];
  readonly #tunnelOfBridge = new Map<number, number>();
  readonly #endpointOfSpeaker: number[] = [];
  readonly #due: DueLists;
  readonly #ageing: StationAgeing;
  readonly #floodLists: (readonly number[] | undefined)[] = [];

  constructor(devices: EvpnDevices, bgp: BgpNetwork, routes: RouteBook, parameters: EvpnParameters) {
    this.#devices = devices;
    this.bgp = bgp;
    this.routes = routes;
    this.#parameters = parameters;
    const { network, tunnels, bridges, stacks } = devices;
    network.checksMembers = true;
    this.#due = new DueLists(network.simulation, EventKind.evpnInstall, (tunnel) =>
      this.#install(this.#vteps[tunnel]!),
    );
    const { multihoming = null, installNs } = parameters;
    this.multihoming =
      multihoming &&
      new EvpnMultihoming(
        devices,
        {
          rulesOf: (tunnel) => this.rulesOf(tunnel),
          wake: (tunnel) => bgp.wake(this.#vteps[tunnel]!.speaker),
          reenter: (tunnel, address) => this.#wait(this.#vteps[tunnel]!, address),
        },
        routes,
        { ...multihoming, installNs },
      );
    this.#ageing = new StationAgeing(
      devices,
      {
        wake: (tunnel) => bgp.wake(this.#vteps[tunnel]!.speaker),
        stationIsHere: (tunnel, address, at) => this.stationIsHere(tunnel, address, at),
        stationAgedOut: (tunnel, address) => this.#tryToLeave(this.#vteps[tunnel]!, address),
      },
      { refreshesStations: parameters.refreshesStations, hasEthernetSegments: multihoming !== null },
    );
    this.arp = new ArpProxy(
      network,
      stacks,
      {
        proxyAt: (tunnel) => this.#proxyAt(tunnel),
        stationHasIp: (tunnel, address, ip) => this.stationHasIp(tunnel, address, ip),
      },
      parameters,
    );
    tunnels.arpWatcher = this.arp;
    bridges.onFlushed = (bridge) => this.#flushed(bridge);
  }

  /** Makes a tunnel one whose stations EVPN announces and names. */
  addVtep(speaker: BgpSpeaker, place: VtepPlace): void {
    const { tunnel, bridge } = place;
    const { routes } = this;
    const { tunnels, bridges, network } = this.#devices;
    const waiting: Vtep['waiting'] = [];
    const vtepOf = (origin: number) => this.#endpointOfSpeaker[origin];
    const rules = new EvpnVtep(
      speaker,
      this.routes,
      this.#stations,
      this.#parameters,
      {
        stationChanged: (address) => {
          if (vtep.gateway === null) this.#wait(vtep, address);
          else this.#stationChangedAtGateway(vtep.gateway, address);
        },
        floodListChanged: (segment) => this.#wait(vtep, -1 - segment),
        frozen: (address) => {
          const { recoveryNs } = this.#parameters.duplicates;
          if (recoveryNs !== null) this.#ageing.frozen(tunnel, address, recoveryNs);
        },
        routeChanged: (route) => {
          if (this.onStation === null) return;
          if (routes.kinds[route] === RouteKind.macIp) this.#wait(vtep, HOST_FIRST + routes.addresses[route]);
        },
        ethernetSegmentChanged: (ethernetSegment) => this.multihoming?.changed(tunnel, ethernetSegment),
        synchronised: (address) => this.#wait(vtep, address),
        unheard: (address, untilNs) => this.#ageing.unheard(tunnel, address, untilNs),
      },
      vtepOf,
    );
    rules.ethernetSegments = this.multihoming?.rulesFor(speaker, vtepOf) ?? null;
    const vtep: Vtep = {
      ...place,
      rules,
      speaker: speaker.index,
      endpoint: tunnels.endpointOf(tunnel),
      waiting,
      floodLists: new Map(),
      leaving: new Set(),
      statics: [],
      nextInstallNs: 0,
      gateway: null,
      floodEndpoints: (segment) =>
        vtep.gateway?.rules.isDesignated(segment) === false ? null : rules.heard.floodVteps(segment),
    };
    this.#vteps[tunnel] = vtep;
    this.#ageing.add(tunnel, bridge, rules);
    this.#endpointOfSpeaker[speaker.index] = tunnels.endpointOf(tunnel);
    tunnels.tables.keepPlace(tunnel, EVERY_PLACE);
    if (bridge < 0) return;
    this.#tunnelOfBridge.set(bridge, tunnel);
    bridges.tables.keepPlace(bridge, tunnels.portOf(tunnel));
    network.setFlag(tunnels.portOf(tunnel), PortFlag.learnsNothing, true);
  }

  /** Makes two VTEPs at one bridge a border gateway: the tunnel into the site and the one to other sites. */
  joinSides(siteTunnel: number, dciTunnel: number, parameters: SiteGatewayParameters): void {
    const tunnels = [siteTunnel, dciTunnel];
    const [site, dci] = tunnels.map((tunnel) => {
      const { rules, speaker } = this.#vteps[tunnel]!;
      return { rules, speaker: this.bgp.speakers[speaker] };
    });
    const rules = new SiteGateway(this.routes, site, dci, parameters);
    const sides: readonly GatewaySide[] = ['site', 'dci'];
    sides.forEach((side, index) => {
      this.#vteps[tunnels[index]]!.gateway = { rules, side, tunnels };
    });
    this.#devices.bridges.tables.keepPlace(this.#vteps[siteTunnel]!.bridge, EVERY_PLACE);
    rules.onDesignation = (segment) => {
      for (const tunnel of tunnels) this.#wait(this.#vteps[tunnel]!, -1 - segment);
      this.#wakeGateway(tunnels);
    };
  }

  /** Whether the border gateway that a tunnel belongs to is the designated forwarder of a segment in its site. */
  isDesignated(tunnel: number, segment: number): boolean {
    return this.#vteps[tunnel]!.gateway?.rules.isDesignated(segment) === true;
  }

  /** EVPN at a tunnel. */
  rulesOf(tunnel: number): EvpnVtep {
    return this.#vteps[tunnel]!.rules;
  }

  /** The number of a tunnel's BGP speaker, the origin of its routes. */
  speakerOf(tunnel: number): number {
    return this.#vteps[tunnel]!.speaker;
  }

  /** Whether a VTEP holds a route. */
  holds(tunnel: number, route: number): boolean {
    return this.bgp.speakers[this.#vteps[tunnel]!.speaker].holds(route);
  }

  /** The number, at `Tunnels`, of the flood list that type-3 routes make for a VTEP and segment. */
  floodListOf(tunnel: number, segment: number): number {
    const vtep = this.#vteps[tunnel]!;
    let known = vtep.floodLists.get(segment);
    if (known === undefined) {
      const list = new RoutedFloodList(vtep, segment, this.#floodLists);
      const asFloodList: FloodList = list;
      known = { list, number: this.#devices.tunnels.addFloodList(asFloodList) };
      vtep.floodLists.set(segment, known);
    }
    return known.number;
  }

  /** A VTEP carries a segment from now on. */
  join(tunnel: number, segment: number): void {
    const vtep = this.#vteps[tunnel]!;
    vtep.leaving.delete(segment);
    vtep.rules.join(segment, this.#nowNs);
    this.bgp.wake(vtep.speaker);
  }

  /**
   * A VTEP is to carry a segment no more. Returns false if it still announces stations of it: it does not know yet that
   * they have gone, and `onMayLeave` is called when it does.
   */
  mayLeave(tunnel: number, segment: number): boolean {
    const vtep = this.#vteps[tunnel]!;
    if (vtep.rules.localCount(segment) === 0) return true;
    vtep.leaving.add(segment);
    return false;
  }

  /** It is to carry it after all. */
  stay(tunnel: number, segment: number): void {
    this.#vteps[tunnel]!.leaving.delete(segment);
  }

  /** A VTEP carries a segment no more. */
  left(tunnel: number, segment: number): void {
    const vtep = this.#vteps[tunnel]!;
    vtep.leaving.delete(segment);
    vtep.rules.leave(segment, this.#nowNs);
    this.bgp.wake(vtep.speaker);
    if (vtep.gateway === null) return;
    vtep.gateway.rules.left(segment, this.#nowNs);
    this.#wakeGateway(vtep.gateway.tunnels);
  }

  /**
   * A bridge learned an address at a port. Returns whether the station is a local one now: if it is at a port of the
   * bridge's own, and no other VTEP has it for good.
   */
  bridgeLearned(bridge: number, address: number, port: number): boolean {
    const tunnel = this.#tunnelOfBridge.get(bridge);
    const { tunnels, bridges, network } = this.#devices;
    if (tunnel === undefined || tunnels.portOf(tunnel) === port) return false;
    const vtep = this.#vteps[tunnel]!;
    // the last frame of a station that left with its segment
    if (!vtep.rules.carries(network.addresses.segmentOf(address))) {
      bridges.tables.forget(bridge, address, Miss.moved);
      return false;
    }
    const ethernetSegment = this.multihoming?.ethernetSegmentAt(port) ?? NO_ETHERNET_SEGMENT;
    if (this.stationIsHere(tunnel, address, { ethernetSegment })) {
      this.#ageing.heard(tunnel, address);
      return true;
    }
    bridges.tables.learn(bridge, address, tunnels.portOf(tunnel), network.nowMs);
    return false;
  }

  /** A station is behind a VTEP, as its bridge or its hypervisor says. Returns false if it is taken for remote all the same. */
  stationIsHere(
    tunnel: number,
    address: number,
    { isSticky = false, ethernetSegment = NO_ETHERNET_SEGMENT } = {},
  ): boolean {
    const vtep = this.#vteps[tunnel]!;
    const segment = this.#devices.network.addresses.segmentOf(address);
    const isLocal = vtep.rules.stationHeard(segment, address, this.#nowNs, { isSticky, ethernetSegment });
    this.bgp.wake(vtep.speaker);
    return isLocal;
  }

  /** It has an IP address, as its hypervisor, its gateway, or who configured it, says. Returns whether the VTEP takes it so. */
  stationHasIp(tunnel: number, address: number, ip: number): boolean {
    const vtep = this.#vteps[tunnel]!;
    const segment = this.#devices.network.addresses.segmentOf(address);
    const isTaken = vtep.rules.bindingHeard(segment, address, ip, this.#nowNs);
    this.bgp.wake(vtep.speaker);
    return isTaken;
  }

  /** A VTEP announces a prefix, or withdraws it. RFC 9136. */
  announcePrefix(tunnel: number, route: number, isHere: boolean): void {
    const { rules, speaker } = this.#vteps[tunnel]!;
    if (isHere) rules.announce(route, this.#nowNs);
    else rules.withdraw(route, this.#nowNs);
    this.bgp.wake(speaker);
  }

  /** A station is behind a VTEP no more. */
  stationIsGone(tunnel: number, address: number): void {
    const vtep = this.#vteps[tunnel]!;
    vtep.rules.stationGone(address, this.#nowNs);
    this.bgp.wake(vtep.speaker);
  }

  /** A station that is behind a VTEP lost its entry in the table to others. */
  stationIsEvicted(tunnel: number, address: number): void {
    const vtep = this.#vteps[tunnel]!;
    vtep.rules.stationEvicted(address, this.#nowNs);
    this.bgp.wake(vtep.speaker);
  }

  /** A station that is configured at a VTEP, such as a gateway. RFC 7432, 15.2. */
  addStaticStation(tunnel: number, address: number, ip: number): void {
    const vtep = this.#vteps[tunnel]!;
    vtep.statics.push({ address, ip });
    this.#announceStatic(vtep, address, ip);
  }

  /** A VTEP lost its power: it forgets all but its configuration. */
  reset(tunnel: number): void {
    const vtep = this.#vteps[tunnel]!;
    const segments = vtep.rules.segments();
    vtep.rules.reset();
    this.bgp.reset(vtep.speaker);
    vtep.gateway?.rules.reset();
    vtep.waiting.length = 0;
    this.#ageing.reset(tunnel);
    for (const { list } of vtep.floodLists.values()) list.changed();
    for (const segment of segments) vtep.rules.join(segment, this.#nowNs);
    for (const { address, ip } of vtep.statics) this.#announceStatic(vtep, address, ip);
    for (const segment of [...vtep.leaving]) this.#leaveIfEmpty(vtep, segment);
    this.bgp.wake(vtep.speaker);
  }

  get #nowNs(): number {
    return this.#devices.network.simulation.nowNs;
  }

  /** Lets a change wait until it is entered into the tables. */
  #wait(vtep: Vtep, item: number): void {
    const { installNs, installsPerSecond } = this.#parameters;
    let dueNs = this.#nowNs + installNs;
    // a gateway may have to know all the same
    const isEntered = this.#isEntered(vtep, item);
    if (isEntered && this.onStation === null) return;
    const waiting = isEntered ? HOST_FIRST + item : item;
    if (installsPerSecond !== null && item >= 0 && !isEntered) {
      dueNs = Math.max(dueNs, vtep.nextInstallNs);
      vtep.nextInstallNs = dueNs + Math.ceil(NS_PER_SECOND / installsPerSecond);
    }
    const last = vtep.waiting.at(-1);
    if (last !== undefined && last.dueNs >= dueNs) {
      const { items } = last;
      const before = items[items.length - 1];
      // both routes of a station come together, and what is entered for the first holds for the second
      if (before !== waiting && before !== waiting - HOST_FIRST) items.push(waiting);
      return;
    }
    vtep.waiting.push({ dueNs, items: [waiting] });
    this.#due.add(dueNs, vtep.tunnel);
  }

  /** Whether the tables say of an address on an Ethernet segment already what routes say: nothing has to be written. */
  #isEntered({ tunnel, rules }: Vtep, address: number): boolean {
    if (this.multihoming === null || address < 0 || address >= HOST_FIRST || rules.isLocal(address)) return false;
    if (rules.heard.ethernetSegmentOfStation(address) === NO_ETHERNET_SEGMENT) return false;
    const place = this.#placeOfRemote(tunnel, address);
    return place >= 0 && this.#devices.tunnels.tables.lookUp(tunnel, address, this.#devices.network.nowMs) === place;
  }

  /** Where a station that is not here is: an endpoint, or the next hops of its Ethernet segment; -1 if nobody says. */
  #placeOfRemote(tunnel: number, address: number): number {
    const { rules, gateway } = this.#vteps[tunnel]!;
    if (gateway !== null) return gateway.rules.vtepOn(gateway.side, address);
    const ethernetSegment =
      this.multihoming === null ? NO_ETHERNET_SEGMENT : rules.heard.ethernetSegmentOfStation(address);
    if (ethernetSegment === NO_ETHERNET_SEGMENT) return rules.vtepOfStation(address);
    return this.multihoming!.placeOf(tunnel, ethernetSegment);
  }

  #install(vtep: Vtep): void {
    const first = vtep.waiting[0];
    // a VTEP that lost its power has nothing to do any more
    if (first === undefined || first.dueNs > this.#nowNs) return;
    vtep.waiting.shift();
    const { tunnels, network } = this.#devices;
    const { addresses } = network;
    const { tunnel, rules } = vtep;
    for (const item of first.items) {
      if (item < 0) {
        vtep.floodLists.get(-1 - item)?.list.changed();
        continue;
      }
      const address = item < HOST_FIRST ? item : item - HOST_FIRST;
      // it may have come here, or its segment may have been left, while this waited
      if (item < HOST_FIRST && !rules.isLocal(item) && rules.carries(addresses.segmentOf(item))) {
        const place = this.#placeOfRemote(tunnel, item);
        if (place >= 0) tunnels.enter(tunnel, item, place);
        else tunnels.remove(tunnel, item);
        this.#tryToLeave(vtep, item);
      } else if (item < HOST_FIRST && rules.isSynchronised(item)) {
        this.#enterSynchronised(vtep, item);
      }
      this.onStation?.(tunnel, address);
    }
  }

  /** What one side of a border gateway says of a station tells the other side, and is for the tables of both. */
  #stationChangedAtGateway({ rules, tunnels }: NonNullable<Vtep['gateway']>, address: number): void {
    rules.stationChanged(this.#devices.network.addresses.segmentOf(address), address, this.#nowNs);
    for (const tunnel of tunnels) this.#wait(this.#vteps[tunnel]!, address);
    this.#wakeGateway(tunnels);
  }

  #wakeGateway(tunnels: readonly number[]): void {
    for (const tunnel of tunnels) this.bgp.wake(this.#vteps[tunnel]!.speaker);
  }

  /** Enters a station that another VTEP of its Ethernet segment heard at the own link there. */
  #enterSynchronised(vtep: Vtep, address: number): void {
    const { bridges, tunnels, network } = this.#devices;
    const port = this.multihoming!.portTo(vtep.tunnel, vtep.rules.ethernetSegmentOfLocal(address));
    const { nowMs } = network;
    if (bridges.tables.lookUp(vtep.bridge, address, nowMs) === port) return;
    bridges.tables.learn(vtep.bridge, address, port, nowMs);
    tunnels.forget(vtep.tunnel, address, Miss.moved);
    tunnels.onLearned?.(vtep.tunnel, address);
    this.#ageing.synchronised(vtep.tunnel, address);
  }

  #announceStatic({ tunnel }: Vtep, address: number, ip: number): void {
    this.stationIsHere(tunnel, address, { isSticky: true });
    this.stationHasIp(tunnel, address, ip);
  }

  #tryToLeave(vtep: Vtep, address: number): void {
    if (vtep.leaving.size > 0) this.#leaveIfEmpty(vtep, this.#devices.network.addresses.segmentOf(address));
  }

  #leaveIfEmpty(vtep: Vtep, segment: number): void {
    if (!vtep.leaving.has(segment) || vtep.rules.localCount(segment) > 0) return;
    vtep.leaving.delete(segment);
    this.onMayLeave?.(vtep.tunnel, segment);
  }

  #flushed(bridge: number): void {
    const tunnel = this.#tunnelOfBridge.get(bridge);
    if (tunnel !== undefined) this.#ageing.withdrawForgotten(tunnel);
  }

  /** A border gateway has no stations to answer for. */
  #proxyAt(tunnel: number): Vtep | null {
    const vtep = this.#vteps[tunnel];
    return vtep === undefined || vtep.gateway !== null ? null : vtep;
  }
}
