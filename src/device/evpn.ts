import type { BgpSpeaker } from '../protocol/bgp/bgp-speaker.ts';
import type { RouteBook } from '../protocol/bgp/route-book.ts';
import { RouteKind } from '../protocol/bgp/route-kind.ts';
import { EvpnVtep, type EvpnVtepParameters, NO_ETHERNET_SEGMENT } from '../protocol/evpn/evpn-vtep.ts';
import { type GatewaySide, SiteGateway, type SiteGatewayParameters } from '../protocol/evpn/site-gateway.ts';
import { EVERY_PLACE, Miss } from '../protocol/mac-tables.ts';
import { ARP_FRAME_BYTES, FrameKind } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import type { BgpNetwork } from './bgp-network.ts';
import type { Bridges } from './bridges.ts';
import { DueLists } from './due-lists.ts';
import type { EdgeFloods } from './edge-floods.ts';
import { EventKind } from './event-kinds.ts';
import { EvpnMultihoming, type MultihomingParameters } from './evpn-multihoming.ts';
import { hashOfPair, type IpStacks } from './ip-stacks.ts';
import { type Network, PortFlag, PortMode } from './network.ts';
import { Carried, Outcome } from './observer.ts';
import type { ArpWatcher, FloodList, InnerHandler, Tunnels } from './tunnels.ts';

const NS_PER_MS = 1e6;
const NS_PER_SECOND = 1e9;

/** Addresses of which only the gateway has to know begin here, among what waits to be entered into tables. */
const HOST_FIRST = 2 ** 30;

/** How VTEPs go about EVPN. */
export interface EvpnParameters extends EvpnVtepParameters {
  /** From a route that BGP learned until it is in the tables that forward. */
  readonly installNs: number;
  /** Routes that a VTEP enters into these per second; null is no limit. */
  readonly installsPerSecond: number | null;
  /**
   * Whether VTEPs learn the IP addresses of their stations from ARP, and announce them. RFC 7432, 10. With `frr-8.4` from
   * gratuitous ARP alone, and from what comes out of tunnels too: Linux with arp_accept on the bridge.
   */
  readonly learnsIpAddresses: boolean;
  /**
   * Whether VTEPs answer requests for addresses that they know, in place of flooding them: RFC 9161. With `frr-8.4`
   * gratuitous ARP and probes end there too, whatever is known.
   */
  readonly suppressesArp: boolean;
  /**
   * Whether a VTEP asks local stations whose IP address it knows by unicast before they age out, so that silent ones stay
   * known. RFC 9161, 3.5 (send-refresh).
   */
  readonly refreshesStations: boolean;
  /** How VTEPs go about Ethernet segments; unless given, there are none. */
  readonly multihoming?: MultihomingParameters | null;
}

/** Source address of what VTEPs ask local stations: locally administered, each VTEP's own on its side of the tunnel. */
const VTEP_MAC = 0x0e00_0000_0010;

/**
 * Of the ageing time: the age at which a station is asked, and the least time between two looks at a VTEP's stations.
 *
 * Differs from the standard: RFC 9161, 3.5 recommends to ask at a third or at half of it. Here no question is lost, so that
 * one is enough, and it comes as late as leaves time for an answer.
 */
const REFRESH_AT_RATIO = 3 / 4;
const LOOK_EVERY_RATIO = 1 / 15;

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

/** What a VTEP that knows nobody of a segment floods to. */
const NOBODY: readonly number[] = [];

/** The flood list of one VTEP for one segment, worked out when it is needed. */
class RoutedFloodList {
  readonly kind = 'ingress';
  readonly #vtep: Vtep;
  readonly #segment: number;
  // by segment: a list that some VTEP has; one that has the same takes that
  readonly #lists: (readonly number[] | undefined)[];
  #endpoints = NOBODY;
  #isStale = false;

  constructor(vtep: Vtep, segment: number, lists: (readonly number[] | undefined)[]) {
    this.#vtep = vtep;
    this.#segment = segment;
    this.#lists = lists;
  }

  get endpoints(): readonly number[] {
    if (this.#isStale) this.#endpoints = this.#workedOut();
    this.#isStale = false;
    return this.#endpoints;
  }

  changed(): void {
    this.#isStale = true;
  }

  /** With the VTEP itself, which sends no copy to itself, so that all members of a segment have the same list. */
  #workedOut(): readonly number[] {
    const { rules, gateway, endpoint } = this.#vtep;
    const segment = this.#segment;
    if (gateway?.rules.isDesignated(segment) === false) return NOBODY;
    const endpoints = rules.floodVteps(segment);
    endpoints.push(endpoint);
    endpoints.sort((a, b) => a - b);
    const known = this.#lists[segment];
    if (known?.length === endpoints.length && known.every((one, i) => one === endpoints[i])) return known;
    this.#lists[segment] = endpoints;
    return endpoints;
  }
}

/** A VTEP with what waits to be entered into its tables: addresses, and -1 - segment for a flood list. */
interface Vtep extends VtepPlace {
  readonly rules: EvpnVtep;
  readonly speaker: number;
  /** Its address, as others see it. */
  readonly endpoint: number;
  readonly waiting: { readonly dueNs: number; readonly items: number[] }[];
  readonly floodLists: Map<number, { list: RoutedFloodList; number: number }>;
  /** Segments that it leaves when the last of their stations is gone. */
  readonly leaving: Set<number>;
  /** Stations that are configured here, with their IP addresses. */
  readonly statics: { readonly address: number; readonly ip: number }[];
  /** When stations were entered here, in ms, that another VTEP of their Ethernet segment heard. */
  readonly synchronisedMs: Map<number, number>;
  nextInstallNs: number;
  isAgeingPlanned: boolean;
  /** The bridge's port for what is for itself; -1 until it asks a station something. */
  selfPort: number;
  /** The border gateway that it is one side of; null for any other VTEP. */
  gateway: { readonly rules: SiteGateway; readonly side: GatewaySide; readonly tunnels: readonly number[] } | null;
}

/**
 * EVPN on the data plane of VTEPs: what their bridges learn is announced, what BGP says is entered into their tables, and
 * nothing is learned from what comes out of tunnels. RFC 7432; RFC 8365, 5.
 *
 * How gateways join in: `onStation` hears of what MAC/IP routes say at a VTEP, `rulesOf(tunnel)` takes
 * routes of its own (`announce`, with `routes.idOf` of kind `ipPrefix`), and `routingTableOf` of these rules says in which
 * routing table hosts are announced.
 */
export class Evpn implements ArpWatcher {
  /** Hears that a VTEP may know something else of a station, and of its IP address, now that its tables do. */
  onStation: ((tunnel: number, address: number) => void) | null = null;
  /** Whether an IP address is the VTEP's own in a segment, as a gateway's: it is asked for at no other VTEP. */
  ownsIp: ((tunnel: number, segment: number, ip: number) => boolean) | null = null;
  /** Hears that a VTEP has nothing of a segment any more that it was to leave: `leave` said false. */
  onMayLeave: ((tunnel: number, segment: number) => void) | null = null;
  /** How often VTEPs took an address for a duplicate. */
  get duplicateCount(): number {
    return this.#vteps.reduce((sum, vtep) => sum + (vtep?.rules.duplicates.detectedCount ?? 0), 0);
  }

  /** ARP messages that VTEPs answered themselves, and that they took and did not flood. */
  answeredRequests = 0;
  suppressedMessages = 0;

  readonly routes: RouteBook;
  readonly bgp: BgpNetwork;
  /** Ethernet segments; null where there are none. */
  readonly multihoming: EvpnMultihoming | null;
  readonly #devices: EvpnDevices;
  readonly #parameters: EvpnParameters;
  // indexed by tunnel; by bridge, by speaker: the tunnel
  readonly #vteps: (Vtep | undefined)[] = [];
  readonly #tunnelOfBridge = new Map<number, number>();
  readonly #endpointOfSpeaker: number[] = [];
  readonly #due: DueLists;
  readonly #floodLists: (readonly number[] | undefined)[] = [];

  constructor(devices: EvpnDevices, bgp: BgpNetwork, routes: RouteBook, parameters: EvpnParameters) {
    this.#devices = devices;
    this.bgp = bgp;
    this.routes = routes;
    this.#parameters = parameters;
    const { network, tunnels, bridges } = devices;
    const { simulation } = network;
    this.#due = new DueLists(simulation, EventKind.evpnInstall, (tunnel) => this.#install(this.#vteps[tunnel]!));
    simulation.on(EventKind.evpnAgeing, {
      handle: (_kind, tunnel, recovered) => {
        if (recovered > 0) this.#recover(this.#vteps[tunnel]!, recovered - 1);
        else if (recovered < 0) this.#release(this.#vteps[tunnel]!, -1 - recovered);
        else this.#age(this.#vteps[tunnel]!);
      },
    });
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
    tunnels.arpWatcher = this;
    bridges.onFlushed = (bridge) => this.#flushed(bridge);
  }

  /** Makes a tunnel one whose stations EVPN announces and names. */
  addVtep(speaker: BgpSpeaker, place: VtepPlace): void {
    const { tunnel, bridge } = place;
    const { routes } = this;
    const { tunnels, bridges, network } = this.#devices;
    const { simulation } = network;
    const waiting: Vtep['waiting'] = [];
    const vtepOf = (origin: number) => this.#endpointOfSpeaker[origin];
    const rules = new EvpnVtep(
      speaker,
      this.routes,
      this.#parameters,
      {
        stationChanged: (address) => {
          if (vtep.gateway === null) this.#wait(vtep, address);
          else this.#stationChangedAtGateway(vtep.gateway, address);
        },
        floodListChanged: (segment) => this.#wait(vtep, -1 - segment),
        frozen: (address) => {
          const { recoveryNs } = this.#parameters.duplicates;
          if (recoveryNs !== null) simulation.scheduleAfter(recoveryNs, EventKind.evpnAgeing, tunnel, address + 1);
        },
        routeChanged: (route) => {
          if (this.onStation === null) return;
          if (routes.kinds[route] === RouteKind.macIp) this.#wait(vtep, HOST_FIRST + routes.addresses[route]);
        },
        ethernetSegmentChanged: (ethernetSegment) => this.multihoming?.changed(tunnel, ethernetSegment),
        synchronised: (address) => this.#wait(vtep, address),
        unheard: (address, untilNs) => this.#unheard(vtep, address, untilNs),
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
      synchronisedMs: new Map(),
      nextInstallNs: 0,
      isAgeingPlanned: false,
      selfPort: -1,
      gateway: null,
    };
    this.#vteps[tunnel] = vtep;
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
      vtep.synchronisedMs.delete(address);
      this.#planAgeing(vtep);
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
    vtep.synchronisedMs.clear();
    for (const { list } of vtep.floodLists.values()) list.changed();
    for (const segment of segments) vtep.rules.join(segment, this.#nowNs);
    for (const { address, ip } of vtep.statics) this.#announceStatic(vtep, address, ip);
    for (const segment of [...vtep.leaving]) this.#leaveIfEmpty(vtep, segment);
    this.bgp.wake(vtep.speaker);
  }

  /** An ARP message of a station behind a tunnel, which the tunnel was to carry. */
  arpSent(tunnel: number, port: number, frame: number): boolean {
    const vtep = this.#vteps[tunnel];
    const { suppressesArp, learnsIpAddresses } = this.#parameters;
    // a border gateway has no stations to answer for
    if (vtep === undefined || vtep.gateway !== null || !(suppressesArp || learnsIpAddresses)) return false;
    const { network } = this.#devices;
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    const sender = words[f + Frame.src];
    const senderIp = words[f + Frame.senderIp];
    const isGratuitous = senderIp === words[f + Frame.targetIp];
    const isFrr = this.#parameters.implementation === 'frr-8.4';
    const isForAll = words[f + Frame.dst] < 0;
    if (learnsIpAddresses && senderIp !== 0 && sender >= 0 && (isGratuitous || !isFrr)) {
      this.stationHasIp(tunnel, sender, senderIp);
    }
    if (!suppressesArp || !isForAll || (isGratuitous && !isFrr)) return false;
    const isRequest = words[f + Frame.kind] === FrameKind.arpRequest;
    if (isFrr && (isGratuitous || senderIp === 0)) return this.#suppress(port, frame);
    if (!isRequest || isGratuitous) return false;
    const [segment, targetIp] = [words[f + Frame.segment], words[f + Frame.targetIp]];
    if (this.ownsIp?.(tunnel, segment, targetIp) === true) return this.#suppress(port, frame);
    const target = vtep.rules.addressOfIp(segment, targetIp);
    if (target < 0) return false;
    if (!vtep.rules.isLocal(target)) this.#answer(vtep, port, frame, target);
    return this.#suppress(port, frame);
  }

  /**
   * An ARP message that came out of a tunnel. A station that this VTEP still has for its own may have said it elsewhere:
   * Linux takes gratuitous ARP from whatever port, and FRR announces what it says.
   */
  arpReceived(tunnel: number, frame: number): void {
    const { implementation, learnsIpAddresses } = this.#parameters;
    if (!learnsIpAddresses || implementation !== 'frr-8.4' || this.#vteps[tunnel]?.gateway !== null) return;
    const words = this.#devices.network.frames.words;
    const f = frame << FRAME_SHIFT;
    const [sender, senderIp] = [words[f + Frame.src], words[f + Frame.senderIp]];
    if (senderIp !== 0 && sender >= 0 && senderIp === words[f + Frame.targetIp]) {
      this.stationHasIp(tunnel, sender, senderIp);
    }
  }

  get #nowNs(): number {
    return this.#devices.network.simulation.nowNs;
  }

  #suppress(port: number, frame: number): boolean {
    this.suppressedMessages++;
    this.#devices.network.end(port, frame, Outcome.consumed);
    return true;
  }

  /** Answers a request in the name of a station that is behind another VTEP. RFC 9161, 3.3. */
  #answer({ inner }: Vtep, port: number, request: number, address: number): void {
    const { network, stacks } = this.#devices;
    const reply = network.createFrame(FrameKind.arpReply, Math.max(stacks.minFrameBytes, ARP_FRAME_BYTES));
    const words = network.frames.words;
    const f = reply << FRAME_SHIFT;
    const q = request << FRAME_SHIFT;
    words[f + Frame.segment] = words[q + Frame.segment];
    words[f + Frame.src] = address;
    words[f + Frame.dst] = words[q + Frame.src];
    words[f + Frame.senderIp] = words[q + Frame.targetIp];
    words[f + Frame.targetIp] = words[q + Frame.senderIp];
    words[f + Frame.flowHash] = hashOfPair(address, words[q + Frame.senderIp]);
    this.answeredRequests++;
    inner.receive(port, reply);
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
    if (rules.ethernetSegmentOfStation(address) === NO_ETHERNET_SEGMENT) return false;
    const place = this.#placeOfRemote(tunnel, address);
    return place >= 0 && this.#devices.tunnels.tables.lookUp(tunnel, address, this.#devices.network.nowMs) === place;
  }

  /** Where a station that is not here is: an endpoint, or the next hops of its Ethernet segment; -1 if nobody says. */
  #placeOfRemote(tunnel: number, address: number): number {
    const { rules, gateway } = this.#vteps[tunnel]!;
    if (gateway !== null) return gateway.rules.vtepOn(gateway.side, address);
    const ethernetSegment = this.multihoming === null ? NO_ETHERNET_SEGMENT : rules.ethernetSegmentOfStation(address);
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
        if (vtep.leaving.size > 0) this.#tryToLeave(vtep, item);
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
    vtep.synchronisedMs.set(address, nowMs);
    tunnels.onLearned?.(vtep.tunnel, address);
    this.#planAgeing(vtep);
  }

  /** No other VTEP of its Ethernet segment hears a station any more. If this one has heard it meanwhile, it says so. */
  #unheard(vtep: Vtep, address: number, untilNs: number): void {
    if (this.#hasSpoken(vtep, address)) {
      const ethernetSegment = vtep.rules.ethernetSegmentOfLocal(address);
      this.stationIsHere(vtep.tunnel, address, { ethernetSegment });
      return;
    }
    this.#devices.network.simulation.schedule(untilNs, EventKind.evpnAgeing, vtep.tunnel, -1 - address);
  }

  /** Whether a station that was entered because another VTEP heard it was seen at the own link since, to some 1/64 of its hold time. */
  #hasSpoken({ bridge, synchronisedMs }: Vtep, address: number): boolean {
    const { tables } = this.#devices.bridges;
    const { nowMs } = this.#devices.network;
    const enteredMs = synchronisedMs.get(address);
    if (enteredMs === undefined || tables.lookUp(bridge, address, nowMs) < 0) return false;
    return nowMs - tables.ageMs(bridge, address, nowMs) > enteredMs + Math.ceil(tables.holdMs(bridge) / 64);
  }

  #release(vtep: Vtep, address: number): void {
    vtep.rules.release(address, this.#nowNs);
    this.bgp.wake(vtep.speaker);
  }

  #announceStatic({ tunnel }: Vtep, address: number, ip: number): void {
    this.stationIsHere(tunnel, address, { isSticky: true });
    this.stationHasIp(tunnel, address, ip);
  }

  #tryToLeave(vtep: Vtep, address: number): void {
    this.#leaveIfEmpty(vtep, this.#devices.network.addresses.segmentOf(address));
  }

  #leaveIfEmpty(vtep: Vtep, segment: number): void {
    if (!vtep.leaving.has(segment) || vtep.rules.localCount(segment) > 0) return;
    vtep.leaving.delete(segment);
    this.onMayLeave?.(vtep.tunnel, segment);
  }

  #flushed(bridge: number): void {
    const tunnel = this.#tunnelOfBridge.get(bridge);
    if (tunnel !== undefined) this.#withdrawForgotten(this.#vteps[tunnel]!);
  }

  /**
   * Withdraws what the bridge has forgotten, and asks those that it is about to forget. Returns how long until the next
   * station has to be looked at; -1 if there is none.
   */
  #withdrawForgotten(vtep: Vtep): number {
    const { bridges, tunnels, network } = this.#devices;
    const { tables } = bridges;
    const { nowMs } = network;
    const holdMs = tables.holdMs(vtep.bridge);
    const own = tunnels.portOf(vtep.tunnel);
    const askAtMs = this.#parameters.refreshesStations ? Math.floor(holdMs * REFRESH_AT_RATIO) : holdMs;
    const lookEveryMs = Math.ceil(holdMs * LOOK_EVERY_RATIO);
    let nextMs = -1;
    let gone = false;
    for (const address of vtep.rules.ageingStations()) {
      const place = tables.lookUp(vtep.bridge, address, nowMs);
      if (place < 0 || place === own) {
        vtep.rules.stationGone(address, this.#nowNs);
        gone = true;
        if (vtep.leaving.size > 0) this.#tryToLeave(vtep, address);
        continue;
      }
      if (vtep.rules.isSynchronised(address)) {
        this.#keepSynchronised(vtep, address, place);
        const keepMs = Math.floor(holdMs * REFRESH_AT_RATIO) - tables.ageMs(vtep.bridge, address, nowMs);
        if (nextMs < 0 || keepMs < nextMs) nextMs = keepMs;
        continue;
      }
      const ageMs = tables.ageMs(vtep.bridge, address, nowMs);
      if (ageMs >= askAtMs) this.#ask(vtep, address, place);
      const dueMs = Math.min(holdMs - ageMs, Math.max(askAtMs - ageMs, lookEveryMs));
      if (nextMs < 0 || dueMs < nextMs) nextMs = dueMs;
    }
    if (gone) this.bgp.wake(vtep.speaker);
    return nextMs;
  }

  /** Keeps a station that another VTEP of its Ethernet segment hears; one that has spoken here is heard here from now on. */
  #keepSynchronised(vtep: Vtep, address: number, place: number): void {
    const { tables } = this.#devices.bridges;
    const { nowMs } = this.#devices.network;
    if (this.#hasSpoken(vtep, address)) {
      vtep.synchronisedMs.delete(address);
      this.stationIsHere(vtep.tunnel, address, { ethernetSegment: vtep.rules.ethernetSegmentOfLocal(address) });
    } else if (tables.ageMs(vtep.bridge, address, nowMs) >= Math.floor(tables.holdMs(vtep.bridge) * REFRESH_AT_RATIO)) {
      tables.learn(vtep.bridge, address, place, nowMs);
      vtep.synchronisedMs.set(address, nowMs);
    }
  }

  /** Asks a local station whether it is still there. */
  #ask(vtep: Vtep, address: number, place: number): void {
    const ip = vtep.rules.ipOf(address);
    if (ip === 0) return;
    const { network, stacks, bridges, tunnels } = this.#devices;
    const segment = network.addresses.segmentOf(address);
    const own = network.addresses.idOf(segment, VTEP_MAC);
    if (vtep.selfPort < 0) {
      const node = network.nodeOf(tunnels.portOf(vtep.tunnel));
      vtep.selfPort = network.addPort(node, `${network.nodeNames[node]} self`, PortMode.self);
    }
    bridges.tables.setStatic(vtep.bridge, own, vtep.selfPort);
    const request = network.createFrame(FrameKind.arpRequest, Math.max(stacks.minFrameBytes, ARP_FRAME_BYTES));
    const words = network.frames.words;
    const f = request << FRAME_SHIFT;
    words[f + Frame.segment] = segment;
    words[f + Frame.src] = own;
    words[f + Frame.dst] = address;
    words[f + Frame.senderIp] = 0;
    words[f + Frame.targetIp] = ip;
    words[f + Frame.flowHash] = hashOfPair(own, ip);
    network.send(place, request, Carried.knownUnicast);
  }

  #recover(vtep: Vtep, address: number): void {
    vtep.rules.recover(address, this.#nowNs);
    this.bgp.wake(vtep.speaker);
  }

  /** Looks at a VTEP's stations when the first can be due: later ones are found due later then. */
  #planAgeing(vtep: Vtep): void {
    if (vtep.isAgeingPlanned) return;
    const holdMs = this.#devices.bridges.tables.holdMs(vtep.bridge);
    const looksEarly = this.#parameters.refreshesStations || this.multihoming !== null;
    this.#planLook(vtep, looksEarly ? Math.floor(holdMs * REFRESH_AT_RATIO) : holdMs);
  }

  #planLook(vtep: Vtep, delayMs: number): void {
    const { network } = this.#devices;
    vtep.isAgeingPlanned = true;
    const dueNs = (network.nowMs + Math.max(1, delayMs)) * NS_PER_MS;
    network.simulation.schedule(dueNs, EventKind.evpnAgeing, vtep.tunnel, 0);
  }

  #age(vtep: Vtep): void {
    vtep.isAgeingPlanned = false;
    const nextMs = this.#withdrawForgotten(vtep);
    if (nextMs >= 0) this.#planLook(vtep, nextMs);
  }
}
