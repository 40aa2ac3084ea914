import type { BgpSpeaker } from '../protocol/bgp/bgp-speaker.ts';
import type { RouteBook } from '../protocol/bgp/route-book.ts';
import { type EthernetSegmentParameters, EthernetSegments } from '../protocol/evpn/ethernet-segments.ts';
import type { EvpnVtep } from '../protocol/evpn/evpn-vtep.ts';
import { NO_ETHERNET_SEGMENT } from '../protocol/evpn/heard-routes.ts';
import { PairRecords } from '../wire/pair-records.ts';
import type { Bridges, FloodFilter, PortWatcher } from './bridges.ts';
import { DueLists } from './due-lists.ts';
import type { EdgeFloods } from './edge-floods.ts';
import { EventKind } from './event-kinds.ts';
import { type Network, PortMode } from './network.ts';
import type { Tunnels } from './tunnels.ts';

/** How VTEPs go about Ethernet segments. */
export interface MultihomingParameters extends EthernetSegmentParameters {
  /**
   * Whether a segment's next hops are one entry that all of its stations point to, and what is behind a link is sent to the
   * other VTEPs of its segment as soon as it goes down: prefix-independent convergence. Else each station is rewritten.
   */
  readonly isPrefixIndependent: boolean;
}

/** The devices that Ethernet segments are on. */
export interface MultihomedDevices {
  readonly network: Network;
  readonly bridges: Bridges;
  readonly tunnels: Tunnels;
  readonly edgeFloods: EdgeFloods;
}

/** EVPN at the VTEPs, as this needs it. */
export interface MultihomedVteps {
  rulesOf(tunnel: number): EvpnVtep;
  /** Lets BGP send what was changed. */
  wake(tunnel: number): void;
  /** Lets a VTEP enter anew where a station is, when its turn comes. */
  reenter(tunnel: number, address: number): void;
}

/** A link of a VTEP to an Ethernet segment. */
interface Link {
  readonly tunnel: number;
  readonly ethernetSegment: number;
}

/**
 * Ethernet segments on the data plane of VTEPs: links to them, next hops to those of others, what is flooded into them, and
 * what becomes of the stations behind a link that fails. RFC 7432, 8; RFC 8365, 8.
 */
export class EvpnMultihoming implements FloodFilter, PortWatcher {
  readonly #devices: MultihomedDevices;
  readonly #parameters: MultihomingParameters;
  readonly #vteps: MultihomedVteps;
  readonly #routes: RouteBook;
  readonly #installNs: number;
  // by port
  readonly #links = new Map<number, Link>();
  // by tunnel and Ethernet segment: the port of the link plus 1, and the place of the next hops plus 1; 0 where there is none
  readonly #records = new PairRecords(2);
  readonly #due: DueLists;
  // what waits to be entered: tunnels and Ethernet segments; null where it was
  readonly #waiting: (Link | null)[] = [];
  // by what it waits for as text, so that a change waits once
  readonly #isWaiting = new Set<string>();

  constructor(
    devices: MultihomedDevices,
    vteps: MultihomedVteps,
    routes: RouteBook,
    { installNs, ...parameters }: MultihomingParameters & { readonly installNs: number },
  ) {
    this.#devices = devices;
    this.#vteps = vteps;
    this.#routes = routes;
    this.#parameters = parameters;
    this.#installNs = installNs;
    const { network, bridges, edgeFloods } = devices;
    this.#due = new DueLists(network.simulation, EventKind.ethernetSegment, (number) => this.#install(number));
    bridges.floodFilter = this;
    bridges.portWatcher = this;
    edgeFloods.tellApart((a, b) => this.areAlike(a, b));
  }

  /** The rules of a VTEP's Ethernet segments. */
  rulesFor(speaker: BgpSpeaker, vtepOf: (origin: number) => number): EthernetSegments {
    return new EthernetSegments(speaker, this.#routes, this.#parameters, vtepOf);
  }

  /** Makes a port, which is down, the link of a VTEP to an Ethernet segment. */
  addLink(port: number, link: Link): void {
    this.#links.set(port, link);
    const o = this.#records.add(link.tunnel, link.ethernetSegment);
    this.#records.words[o + PORT] = port + 1;
  }

  /** The Ethernet segment that a port leads to, or NO_ETHERNET_SEGMENT. */
  ethernetSegmentAt(port: number): number {
    return this.#links.get(port)?.ethernetSegment ?? NO_ETHERNET_SEGMENT;
  }

  /** The port of a VTEP to an Ethernet segment, or -1. */
  portTo(tunnel: number, ethernetSegment: number): number {
    const o = this.#records.find(tunnel, ethernetSegment);
    return o < 0 ? -1 : this.#records.words[o + PORT] - 1;
  }

  /** There is something of a segment of the overlay on an Ethernet segment. */
  addSegment({ tunnel, ethernetSegment }: Link, segment: number): void {
    const rules = this.#vteps.rulesOf(tunnel);
    if (!rules.carries(segment)) return;
    rules.ethernetSegments!.addSegment(ethernetSegment, segment, this.#nowNs);
    this.#vteps.wake(tunnel);
  }

  /** The place, in a tunnel's table, of what is on an Ethernet segment that is reached through others, if there are any. */
  placeOf(tunnel: number, ethernetSegment: number): number {
    const o = this.#records.add(tunnel, ethernetSegment);
    const { words } = this.#records;
    if (words[o + PLACE] === 0) {
      const endpoints = this.#vteps.rulesOf(tunnel).ethernetSegments!.nextHopsOf(ethernetSegment);
      words[o + PLACE] = this.#devices.tunnels.addNextHops(endpoints) + 1;
    }
    return words[o + PLACE] - 1;
  }

  /** What a VTEP knows of an Ethernet segment changed: its tables follow. */
  changed(tunnel: number, ethernetSegment: number): void {
    if (this.#records.find(tunnel, ethernetSegment) < 0) return;
    // stations are rewritten as their turn comes, in place of the segment
    if (!this.#parameters.isPrefixIndependent) this.#rewrite(tunnel, ethernetSegment);
    const key = `${tunnel} ${ethernetSegment}`;
    if (this.#isWaiting.has(key)) return;
    this.#isWaiting.add(key);
    const number = this.#waiting.push({ tunnel, ethernetSegment }) - 1;
    this.#due.add(this.#nowNs + this.#installNs, number);
  }

  /** What came from the overlay is flooded by the designated forwarder, and not to where its own VTEP has flooded it. */
  allows(port: number, segment: number, ingress: number): boolean {
    const link = this.#links.get(port);
    if (link === undefined || this.#devices.network.modeOf(ingress) !== PortMode.tunnel) return true;
    const segments = this.#vteps.rulesOf(link.tunnel).ethernetSegments!;
    return segments.mayFlood(link.ethernetSegment, segment, this.#devices.tunnels.sourceEndpoint, this.#nowNs);
  }

  /** Two ports are flooded to alike if they lead to segments of the same VTEPs, and neither waits for its election. */
  areAlike(a: number, b: number): boolean {
    return this.#likenessOf(a) === this.#likenessOf(b);
  }

  portGoesDown(port: number): boolean {
    const link = this.#links.get(port);
    if (link === undefined) return false;
    const { tunnel, ethernetSegment } = link;
    if (this.#parameters.isPrefixIndependent) this.#redirect(port, link);
    this.#vteps.rulesOf(tunnel).ethernetSegmentDown(ethernetSegment, this.#nowNs);
    this.#vteps.wake(tunnel);
    this.#devices.network.portsChanged(this.#devices.network.nodeOf(port));
    return false;
  }

  portCameUp(port: number): void {
    const link = this.#links.get(port);
    if (link === undefined) return;
    this.#vteps.rulesOf(link.tunnel).ethernetSegmentUp(link.ethernetSegment, this.#nowNs);
    this.#vteps.wake(link.tunnel);
    this.#devices.network.portsChanged(this.#devices.network.nodeOf(port));
  }

  /** What was learned at a port is from now on behind the other VTEPs of its segment, as far as they have announced it. */
  #redirect(port: number, { tunnel, ethernetSegment }: Link): void {
    const { bridges, network, tunnels } = this.#devices;
    const bridge = bridges.bridgeOf(network.nodeOf(port));
    const place = this.placeOf(tunnel, ethernetSegment);
    this.#refresh(tunnel, ethernetSegment);
    if (tunnels.endpointsAt(place).length === 0) return;
    const rules = this.#vteps.rulesOf(tunnel);
    const moved: number[] = [];
    bridges.tables.forEachEntry(bridge, (address, at) => {
      if (at === port && rules.heard.ethernetSegmentOfStation(address) === ethernetSegment) moved.push(address);
    });
    for (const address of moved) tunnels.enter(tunnel, address, place);
  }

  #install(number: number): void {
    const { tunnel, ethernetSegment } = this.#waiting[number]!;
    this.#waiting[number] = null;
    this.#isWaiting.delete(`${tunnel} ${ethernetSegment}`);
    const { network } = this.#devices;
    const port = this.portTo(tunnel, ethernetSegment);
    // who floods into it may be another one now
    if (port >= 0) network.portsChanged(network.nodeOf(port));
    if (this.#parameters.isPrefixIndependent) this.#refresh(tunnel, ethernetSegment);
  }

  /** Makes the next hops of an Ethernet segment those that routes say. */
  #refresh(tunnel: number, ethernetSegment: number): void {
    const before = this.#placeBefore(tunnel, ethernetSegment);
    if (before < 0) return;
    const endpoints = this.#vteps.rulesOf(tunnel).ethernetSegments!.nextHopsOf(ethernetSegment);
    this.#devices.tunnels.setNextHops(before, endpoints);
  }

  /** Gives an Ethernet segment new next hops, and lets each station that points to the old ones wait until it is rewritten. */
  #rewrite(tunnel: number, ethernetSegment: number): void {
    const { tunnels } = this.#devices;
    const before = this.#placeBefore(tunnel, ethernetSegment);
    if (before < 0) return;
    const endpoints = this.#vteps.rulesOf(tunnel).ethernetSegments!.nextHopsOf(ethernetSegment);
    if (endpoints.join() === tunnels.endpointsAt(before).join()) return;
    const o = this.#records.find(tunnel, ethernetSegment);
    this.#records.words[o + PLACE] = tunnels.addNextHops(endpoints) + 1;
    const old: number[] = [];
    tunnels.tables.forEachEntry(tunnel, (address, place) => {
      if (place === before) old.push(address);
    });
    for (const address of old) this.#vteps.reenter(tunnel, address);
  }

  #placeBefore(tunnel: number, ethernetSegment: number): number {
    const o = this.#records.find(tunnel, ethernetSegment);
    return o < 0 ? -1 : this.#records.words[o + PLACE] - 1;
  }

  #likenessOf(port: number): string {
    const link = this.#links.get(port);
    if (link === undefined) return '';
    const segments = this.#vteps.rulesOf(link.tunnel).ethernetSegments!;
    const electionNs = segments.electionNsOf(link.ethernetSegment);
    const waits = electionNs > this.#nowNs ? electionNs : 0;
    return `${segments.vtepsOf(link.ethernetSegment).join()} ${waits}`;
  }

  get #nowNs(): number {
    return this.#devices.network.simulation.nowNs;
  }
}

const PORT = 0;
const PLACE = 1;
