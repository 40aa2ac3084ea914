import type { Devices } from '../device/devices.ts';
import type { LinkOutput, OverlayRouter } from '../device/ip-stacks.ts';
import { Limit } from '../device/limits.ts';
import { PortMode } from '../device/network.ts';
import { Carried } from '../device/observer.ts';
import { ecmpIndex } from '../protocol/ecmp.ts';
import { HostRoutes } from '../protocol/host-routes.ts';
import { FrameKind } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';
import { PairRecords } from '../wire/pair-records.ts';
import { GATEWAY_MAC, gatewayIpOf, outsideIpOf, ROUTER_MAC_FIRST } from './addressing.ts';
import { AnnouncedPrefixes, type PrefixAnnouncer } from './announced-prefixes.ts';
import type { DatacenterPlan } from './plan.ts';
import { RoutingTables } from './routing-tables.ts';

const NS_PER_MS = 1e6;

/** How the leaves of a fabric route between its segments. RFC 9135, section 4. */
export interface AnycastSettings {
  /**
   * `asymmetric`: the leaf that a packet enters at routes it and bridges it into the destination's segment, which it has to
   * carry. `symmetric`: it routes, sends the packet through the tenant's L3 VNI, and the leaf of the destination routes
   * again.
   */
  readonly irb: 'asymmetric' | 'symmetric';
  /** Symmetric: whether leaves announce the subnets that they carry, so that hosts nobody has heard of are found. RFC 9136. */
  readonly subnetPrefixes: boolean;
}

/** A leaf that routes. */
export interface GatewayLeaf {
  readonly tunnel: number;
  readonly bridge: number;
  /** Hosts that its table has room for; null is no limit. */
  readonly hostEntries: number | null;
}

/** Hears of what leaves have to tell one another. */
export interface HostAnnouncer extends PrefixAnnouncer {
  /** A leaf heard by ARP of a host at one of its own ports. Returns whether it is to take it for its own. */
  hostHeard(tunnel: number, segment: number, ip: Ipv4Address, address: number): boolean;
  /** A leaf routes for a routing table, which has these segments, from now on or no more. */
  tableChanged?(tunnel: number, table: number, segments: readonly number[], isHere: boolean): void;
  /** Whether another leaf of a host's Ethernet segment says that it has an IP address; unless there, none does. */
  hasFromOthers?(tunnel: number, address: number, ip: Ipv4Address): boolean;
}

interface Leaf extends GatewayLeaf {
  readonly endpoint: number;
  readonly node: number;
  /** The gateway port of its bridge, a trunk whose segments are its own. */
  readonly port: number;
  /** The tunnel of its L3 VNIs, behind a port of its own. */
  readonly l3Tunnel: number;
  readonly l3Port: number;
  readonly tunnelPort: number;
  readonly routerMac: number;
}

/** Of interfaces that have no address of their own. */
const UNNUMBERED_IP: Ipv4Address = 0;

// values of what a leaf has of a routing table
const VRF_WORDS = 3;
const STACK = 0;
const L3_INTERFACE = 1;
/** Segments of the table that the leaf has an interface in. */
const SEGMENTS = 2;

/**
 * A gateway in each leaf, all with the same IP and MAC addresses: distributed anycast gateways with integrated routing and
 * bridging. RFC 9135.
 *
 * A leaf has an interface in each segment that its VTEP carries, behind a virtual port of its bridge, and a stack for each
 * tenant (or one for all). Which hosts are behind which VTEP it is told by `learnHost`, by whatever control plane there
 * is; of its own hosts it hears by ARP, and tells the announcer. It answers ARP only for its own hosts: others are
 * behind a VTEP with the same address.
 *
 * Asymmetric: a packet for a remote host is bridged into the host's segment and leaves by its VNI. A host that nobody has
 * heard of is asked for by ARP in its segment; it answers to the anycast MAC, which is its own leaf, and that one
 * announces it. Symmetric: the packet leaves by the tenant's L3 VNI, from router MAC to router MAC, and is routed once more.
 */
export class AnycastGateways implements OverlayRouter {
  /** What leaves know of hosts: the table of a leaf has its number, places are endpoints. */
  readonly hosts = new HostRoutes();
  announcer: HostAnnouncer | null = null;

  readonly #devices: Devices;
  readonly #plan: DatacenterPlan;
  readonly #settings: AnycastSettings;
  readonly #leaves: Leaf[] = [];
  readonly #leafOfTunnel = new Map<number, number>();
  // indexed by gateway port
  readonly #leafOfPort: (number | undefined)[] = [];
  readonly #routerMacOfEndpoint = new Map<number, number>();
  readonly #noFloodList: number;
  readonly #l3Output: LinkOutput;
  readonly #tables: RoutingTables;
  readonly #prefixes = new AnnouncedPrefixes(() => this.announcer);
  // indexed by segment: its gateway's MAC
  readonly #gatewayMacs: Int32Array;
  // by leaf and routing table
  readonly #vrfs = new PairRecords(VRF_WORDS);
  // by leaf, indexed by segment: 1 + the leaf's interface there, or below 0 the same of one that is not in use; or 0
  readonly #interfaces: Int32Array[] = [];
  // leaves with a router to the outside, for which table, and that router's address
  readonly #borders: { readonly number: number; readonly table: number; readonly ip: Ipv4Address }[] = [];
  // by tunnel and routing table: VMs behind the tunnel
  readonly #vmCounts = new PairRecords(1);
  // of stacks from the first
  #firstStack = -1;
  readonly #leafOfStack: number[] = [];
  readonly #tableOfStack: number[] = [];
  constructor(devices: Devices, plan: DatacenterPlan, settings: AnycastSettings, leaves: readonly GatewayLeaf[]) {
    this.#devices = devices;
    this.#plan = plan;
    this.#settings = settings;
    const { stacks, network, tunnels } = devices;
    stacks.overlayRouter = this;
    this.#l3Output = { transmit: (port, packet) => network.send(port, packet, Carried.knownUnicast) };
    this.#noFloodList = tunnels.addFloodList({ kind: 'ingress', endpoints: [] });
    this.#tables = new RoutingTables(plan);
    this.#gatewayMacs = new Int32Array(plan.segments.length).fill(-1);
    for (const segment of this.#tables.allSegments()) {
      this.#gatewayMacs[segment] = network.addresses.idOf(segment, GATEWAY_MAC);
    }
    for (const leaf of leaves) this.#addLeaf(leaf);
  }

  /**
   * A VM of a segment came to a VTEP, or (-1) left it. Returns the segments that the VTEP carries for the sake of routing
   * from now on, or no more: in asymmetric IRB all that the routing table has, from the first such VM to the last.
   */
  vmsChanged(tunnel: number, segment: number, change: 1 | -1): readonly number[] {
    const table = this.#tables.of(segment);
    if (table < 0 || this.#settings.irb === 'symmetric') return [];
    const o = this.#vmCounts.add(tunnel, table);
    this.#vmCounts.words[o] += change;
    const isFirst = change > 0 && this.#vmCounts.words[o] === 1;
    return isFirst || this.#vmCounts.words[o] === 0 ? this.#tables.segmentsOf(table) : [];
  }

  /** A VTEP carries a segment from now on: its leaf gets an interface there. */
  join(tunnel: number, segment: number): void {
    const number = this.#leafOfTunnel.get(tunnel);
    if (number === undefined || this.#tables.of(segment) < 0) return;
    const { network, bridges, stacks } = this.#devices;
    const leaf = this.#leaves[number];
    const v = this.#vrfOf(number, this.#tables.of(segment));
    const interfaces = this.#interfaces[number];
    if (interfaces[segment] > 0) return;
    if (interfaces[segment] === 0) {
      interfaces[segment] = 1 + this.#addInterface(number, segment, this.#vrfs.words[v + STACK]);
      bridges.tables.setStatic(leaf.bridge, this.#gatewayMacs[segment], leaf.port);
    } else {
      interfaces[segment] = -interfaces[segment];
      stacks.restoreInterface(interfaces[segment] - 1);
    }
    network.setCarried(leaf.port, segment, true);
    this.#devices.addGatewayInterface(leaf.port, segment, interfaces[segment] - 1);
    if (this.#vrfs.words[v + SEGMENTS]++ === 0) {
      this.#serveL3(number, segment);
      const table = this.#tables.of(segment);
      this.announcer?.tableChanged?.(tunnel, table, this.#tables.segmentsOf(table), true);
    }
    if (this.#settings.subnetPrefixes) this.#prefixes.addSubnet(leaf, segment);
  }

  /** A VTEP carries a segment no more. */
  leave(tunnel: number, segment: number): void {
    const number = this.#leafOfTunnel.get(tunnel);
    if (number === undefined || this.#interfaceOf(number, segment) < 0) return;
    const { network, stacks, tunnels } = this.#devices;
    const leaf = this.#leaves[number];
    stacks.removeInterface(this.#interfaceOf(number, segment));
    this.#interfaces[number][segment] = -this.#interfaces[number][segment];
    this.#devices.removeGatewayInterface(leaf.port, segment);
    network.setCarried(leaf.port, segment, false);
    const table = this.#tables.of(segment);
    const isLast = --this.#vrfs.words[this.#vrfs.find(number, table) + SEGMENTS] === 0;
    const segments = this.#tables.segmentsOf(table);
    const isRouted = this.#settings.irb === 'symmetric';
    if (isLast && isRouted) tunnels.unserve(leaf.l3Tunnel, this.l3SegmentOf(segment));
    if (isLast) this.announcer?.tableChanged?.(tunnel, table, segments, false);
    for (const left of isLast ? segments : [segment]) this.#forgetHosts(number, left, !isRouted || isLast);
    if (this.#settings.subnetPrefixes) this.#prefixes.removeSubnet(leaf, segment);
  }

  /**
   * A router to the outside is at a leaf's own port, in the transit segment of a routing table: the leaf is a border. It
   * routes there what it has no other route for, and says so. Leaves with asymmetric IRB carry the transit segment themselves
   * and share the borders among tables.
   */
  addOutside(tunnel: number, segment: number, address: number, ip: Ipv4Address): void {
    const number = this.#leafOfTunnel.get(tunnel);
    if (number === undefined) return;
    const leaf = this.#leaves[number];
    const table = this.#tables.of(segment);
    this.hosts.bind(ip, address);
    this.#setHost(number, address, leaf.endpoint);
    this.#borders.push({ number, table, ip });
    this.#devices.stacks.setDefaultRoute(this.#vrfs.words[this.#vrfOf(number, table) + STACK], ip);
    this.#prefixes.addDefaultRoute(leaf, table);
  }

  /** The routing table of a segment, or -1. */
  tableOf(segment: number): number {
    return this.#tables.of(segment);
  }

  /** The leaves that route. */
  get leaves(): readonly { readonly tunnel: number; readonly endpoint: number }[] {
    return this.#leaves;
  }

  /** Whether an IP address is the gateway's at a leaf that carries a segment. */
  ownsIp(tunnel: number, segment: number, ip: Ipv4Address): boolean {
    const number = this.#leafOfTunnel.get(tunnel);
    if (number === undefined || this.#interfaceOf(number, segment) < 0) return false;
    return (gatewayIpOf(this.#plan.segments[segment]) | 0) === (ip | 0);
  }

  /** The L3 VNI of a segment's tenant, numbered after all segments. */
  l3SegmentOf(segment: number): number {
    return this.#tables.l3SegmentOf(this.#tables.of(segment));
  }

  /**
   * A leaf hears from the others that a host is behind an endpoint: a MAC/IP route. It replaces what it knew itself. Ignored
   * by leaves that have no use for it.
   */
  learnHost(tunnel: number, address: number, ip: Ipv4Address, endpoint: number): void {
    const number = this.#leafOfTunnel.get(tunnel);
    const segment = this.#devices.network.addresses.segmentOf(address);
    if (number === undefined || !this.imports(tunnel, segment)) return;
    // told by its MAC route and its MAC/IP route alike
    if (this.hosts.placeOf(number, address) === endpoint && this.hosts.ipOf(address) === ip >>> 0) return;
    this.hosts.bind(ip, address);
    if (!this.#setHost(number, address, endpoint)) return;
    const ipInterface = this.#interfaceOf(number, segment);
    if (ipInterface >= 0) this.#devices.stacks.neighbours.forget(ipInterface, ip, address);
  }

  /** A leaf saw an ARP message of a host at its own port to others, and does not have to ask for the host. */
  sawOwnHost(tunnel: number, address: number, ip: Ipv4Address): void {
    const number = this.#leafOfTunnel.get(tunnel);
    if (number === undefined) return;
    const { network, stacks } = this.#devices;
    const ipInterface = this.#interfaceOf(number, network.addresses.segmentOf(address));
    if (ipInterface < 0) return;
    const how = { isReplyToUs: false, mayCreate: true, isGratuitous: false };
    stacks.neighbours.learn(ipInterface, ip, address, network.nowMs, how);
    this.learnOwnHost(tunnel, address, ip);
  }

  /** A leaf is told by another one of a host's Ethernet segment which IP address the host has that is at its own port. */
  learnOwnHost(tunnel: number, address: number, ip: Ipv4Address): void {
    const number = this.#leafOfTunnel.get(tunnel);
    if (number === undefined || this.#interfaceOf(number, this.#devices.network.addresses.segmentOf(address)) < 0)
      return;
    const { endpoint } = this.#leaves[number];
    if (this.hosts.placeOf(number, address) === endpoint && this.hosts.ipOf(address) === ip >>> 0) return;
    this.hosts.bind(ip, address);
    this.#setHost(number, address, endpoint);
  }

  /** A leaf is told that a host is no more where it was: its MAC/IP route was withdrawn, or its MAC has aged out. */
  forgetHost(tunnel: number, address: number): void {
    const number = this.#leafOfTunnel.get(tunnel);
    if (number === undefined) return;
    const isOwn = this.hosts.placeOf(number, address) === this.#leaves[number].endpoint;
    this.hosts.remove(number, address);
    if (!isOwn) return;
    const ipInterface = this.#interfaceOf(number, this.#devices.network.addresses.segmentOf(address));
    if (ipInterface >= 0) this.#devices.stacks.neighbours.forget(ipInterface, this.hosts.ipOf(address));
  }

  /** A host that is at a leaf's own port now is behind no other VTEP: the leaf forgets that, until it hears the host's ARP. */
  forgetRemote(tunnel: number, address: number): void {
    const number = this.#leafOfTunnel.get(tunnel);
    if (number === undefined || this.hosts.placeOf(number, address) === this.#leaves[number].endpoint) return;
    this.hosts.remove(number, address);
  }

  /** Whether a VTEP has a use for the hosts of a segment: it carries the segment or, symmetric, routes for its tenant. */
  imports(tunnel: number, segment: number): boolean {
    const number = this.#leafOfTunnel.get(tunnel);
    const table = this.#tables.of(segment);
    if (number === undefined || table < 0) return false;
    if (this.#interfaceOf(number, segment) >= 0) return true;
    const v = this.#vrfs.find(number, table);
    return this.#settings.irb === 'symmetric' && v >= 0 && this.#vrfs.words[v + SEGMENTS] > 0;
  }

  /** A leaf lost all that it knew. */
  clear(tunnel: number): void {
    const number = this.#leafOfTunnel.get(tunnel);
    if (number === undefined) return;
    this.hosts.clear(number);
    for (const segment of this.#plan.segments.keys()) {
      const ipInterface = this.#interfaceOf(number, segment);
      if (ipInterface < 0) continue;
      this.#devices.stacks.clearNeighbours(ipInterface);
      if (this.#settings.subnetPrefixes) this.#prefixes.addSubnet(this.#leaves[number], segment);
    }
    // a border that lost all still has its configuration
    const own = this.#borders.filter((border) => border.number === number).sort((a, b) => a.table - b.table);
    for (const { table, ip } of own) {
      this.#setHost(number, this.hosts.addressOf(ip), this.#leaves[number].endpoint);
      this.#prefixes.addDefaultRoute(this.#leaves[number], table);
    }
  }

  /** L3 VNIs that a VTEP carries. */
  l3VniCount(tunnel: number): number {
    const number = this.#leafOfTunnel.get(tunnel);
    if (number === undefined || this.#settings.irb === 'asymmetric') return 0;
    return this.#tablesOf(number).length;
  }

  /** What each leaf holds. */
  uses() {
    return this.#leaves.map((leaf, number) => {
      const { tunnel, endpoint } = leaf;
      const tables = this.#tablesOf(number);
      const segments = tables.flatMap((table) => this.#tables.segmentsOf(table));
      const own = this.hosts.countAt(number, endpoint);
      const isRouted = this.#settings.irb === 'symmetric';
      return {
        tunnel,
        segments: segments.filter((segment) => this.#interfaceOf(number, segment) >= 0).length,
        arpEntries: isRouted ? own : this.hosts.entryCounts[number],
        hostRoutes: isRouted ? this.hosts.entryCounts[number] - own : 0,
        prefixes:
          segments.filter((segment) => this.#prefixes.subnetEndpoints(leaf, segment).length > 0).length +
          (isRouted
            ? tables.filter((table) => this.#prefixes.defaultRouteEndpoints(leaf, table).length > 0).length
            : 0),
        l3Vnis: this.l3VniCount(tunnel),
      };
    });
  }

  /** Routing tables that a leaf has an interface in. */
  #tablesOf(number: number): number[] {
    return Array.from({ length: this.#tables.count }, (_, table) => table).filter((table) => {
      const v = this.#vrfs.find(number, table);
      return v >= 0 && this.#vrfs.words[v + SEGMENTS] > 0;
    });
  }

  /** Says where a host is, as far as the leaf has room. Returns whether it has. */
  #setHost(number: number, address: number, endpoint: number): boolean {
    if (this.hosts.set(number, address, endpoint)) return true;
    const { limits, simulation } = this.#devices.network;
    limits.hit(Limit.hostEntries, this.#leaves[number].node, simulation.nowNs, 1);
    return false;
  }

  // what routers ask

  remoteTowards(stack: number, ip: Ipv4Address, ipInterface: number, flowHash: number): number {
    if (this.#settings.irb === 'asymmetric') return -1;
    const number = this.#leafOfStack[stack - this.#firstStack];
    const table = this.#tableOfStack[stack - this.#firstStack];
    const leaf = this.#leaves[number];
    const address = this.hosts.addressOf(ip);
    const place = this.hosts.placeOf(number, address);
    if (place >= 0 && this.#tables.of(this.#devices.network.addresses.segmentOf(address)) === table) {
      return place === leaf.endpoint ? -1 : place;
    }
    if (ipInterface >= 0) return -1;
    const segment = this.#tables.segmentWith(ip);
    if (segment >= 0 && this.#tables.of(segment) !== table) return -1;
    const endpoints =
      segment < 0 ? this.#prefixes.defaultRouteEndpoints(leaf, table) : this.#prefixes.subnetEndpoints(leaf, segment);
    return endpoints.length === 0 ? -1 : endpoints[ecmpIndex(flowHash, leaf.node, endpoints.length)];
  }

  sendTo(stack: number, remote: number, packet: number): void {
    const { network, tunnels } = this.#devices;
    const leaf = this.#leaves[this.#leafOfStack[stack - this.#firstStack]];
    const destination = this.#routerMacOfEndpoint.get(remote)!;
    if (tunnels.tables.lookUp(leaf.l3Tunnel, destination, network.nowMs) < 0) {
      tunnels.tables.setStatic(leaf.l3Tunnel, destination, remote);
    }
    const { words } = network.frames;
    const f = packet << FRAME_SHIFT;
    words[f + Frame.src] = leaf.routerMac;
    words[f + Frame.dst] = destination;
    words[f + Frame.segment] = this.#tables.l3SegmentOf(this.#tableOfStack[stack - this.#firstStack]);
    network.send(leaf.l3Port, packet, Carried.knownUnicast);
  }

  remoteNeighbour(ipInterface: number, ip: Ipv4Address): number {
    const { stacks, network } = this.#devices;
    const number = this.#leafOfStack[stacks.stackOf(ipInterface) - this.#firstStack];
    const address = this.hosts.addressOf(ip);
    const place = this.hosts.placeOf(number, address);
    const { endpoint, tunnel } = this.#leaves[number];
    if (place < 0) return -1;
    // what another leaf of the host's Ethernet segment has heard need not be asked for
    if (place === endpoint && this.announcer?.hasFromOthers?.(tunnel, address, ip) !== true) return -1;
    return network.addresses.segmentOf(address) === stacks.segmentOf(ipInterface) ? address : -1;
  }

  isOwn(ipInterface: number, address: number): boolean {
    const { stacks } = this.#devices;
    return this.#isAt(this.#leafOfStack[stacks.stackOf(ipInterface) - this.#firstStack], address);
  }

  ignores(port: number, frame: number): boolean {
    const { words } = this.#devices.network.frames;
    const f = frame << FRAME_SHIFT;
    const kind = words[f + Frame.kind];
    if (words[f + Frame.dst] >= 0 || (kind !== FrameKind.arpRequest && kind !== FrameKind.arpReply)) return false;
    const number = this.#leafOfPort[port];
    return number !== undefined && !this.#isAt(number, words[f + Frame.src]);
  }

  /** Whether a station is at a port of a leaf's own. */
  #isAt(number: number, address: number): boolean {
    const { bridges, network } = this.#devices;
    const { bridge, port, tunnelPort } = this.#leaves[number];
    const place = bridges.tables.lookUp(bridge, address, network.nowMs);
    return place >= 0 && place !== port && place !== tunnelPort;
  }

  heard(ipInterface: number, ip: Ipv4Address, address: number): void {
    const { stacks } = this.#devices;
    const number = this.#leafOfStack[stacks.stackOf(ipInterface) - this.#firstStack];
    const { endpoint } = this.#leaves[number];
    const isKnown = this.hosts.addressOf(ip) === address && this.hosts.placeOf(number, address) === endpoint;
    if (isKnown) return;
    const isOwn = this.announcer?.hostHeard(this.#leaves[number].tunnel, stacks.segmentOf(ipInterface), ip, address);
    if (isOwn === false) return;
    this.hosts.bind(ip, address);
    // a host that hardware has no room for is routed to by the CPU
    this.#setHost(number, address, endpoint);
  }

  #addLeaf(given: GatewayLeaf): void {
    const { network, tunnels } = this.#devices;
    const { tunnel, hostEntries } = given;
    const number = this.hosts.addTable(hostEntries ?? Number.POSITIVE_INFINITY);
    const endpoint = tunnels.endpointOf(tunnel);
    const node = network.nodeOf(tunnels.portOf(tunnel));
    const name = network.nodeNames[node];
    const served = this.#tables.allSegments();
    const trunk = network.trunks.add(served);
    for (const segment of served) network.trunks.put(trunk, segment, false);
    const port = this.#devices.addVirtualPort(node, `${name} gateway`, PortMode.gateway, { trunk });
    const l3Port = this.#devices.addVirtualPort(node, `${name} l3 vtep`, PortMode.tunnel, {});
    const l3Tunnel = tunnels.addTunnel(
      l3Port,
      { ...tunnels.parametersOf(tunnel), learns: false, limits: null, peersMax: null },
      { receive: (_port, frame) => this.#receiveRouted(number, frame) },
    );
    const tunnelPort = tunnels.portOf(tunnel);
    const routerMac = network.addresses.idOf(this.#plan.segments.length, ROUTER_MAC_FIRST + number);
    this.#routerMacOfEndpoint.set(endpoint, routerMac);
    this.#leafOfTunnel.set(tunnel, number);
    this.#leafOfPort[port] = number;
    this.#interfaces.push(new Int32Array(this.#plan.segments.length));
    this.#leaves.push({ ...given, endpoint, node, port, l3Tunnel, l3Port, routerMac, tunnelPort });
  }

  /** What a leaf has of a routing table, new if need be: an index in `#vrfs.words`. */
  #vrfOf(number: number, table: number): number {
    const known = this.#vrfs.find(number, table);
    if (known >= 0) return known;
    const { stacks } = this.#devices;
    const { l3Port, routerMac } = this.#leaves[number];
    const stack = stacks.addStack({ forwards: true, listens: false, overlay: true });
    if (this.#firstStack < 0) this.#firstStack = stack;
    this.#leafOfStack[stack - this.#firstStack] = number;
    this.#tableOfStack[stack - this.#firstStack] = table;
    const v = this.#vrfs.add(number, table);
    this.#vrfs.words[v + STACK] = stack;
    if (this.#settings.irb === 'asymmetric') {
      const via = this.#outsideIpFor(number, table);
      if (via !== null) stacks.setDefaultRoute(stack, via);
      return v;
    }
    this.#vrfs.words[v + L3_INTERFACE] = stacks.addInterface({
      stack,
      ip: UNNUMBERED_IP,
      prefixLength: 32,
      address: routerMac,
      segment: this.#tables.l3SegmentOf(table),
      output: this.#l3Output,
      place: l3Port,
    });
    return v;
  }

  /** The router to the outside to which a leaf sends by a static route. */
  #outsideIpFor(number: number, table: number): Ipv4Address | null {
    const { switchIndices = [], transitSegments = [] } = this.#plan.outside ?? {};
    const segment = transitSegments.find((transit) => this.#tables.of(transit) === table);
    return segment === undefined
      ? null
      : outsideIpOf(this.#plan.segments[segment], (number + table) % switchIndices.length);
  }

  #addInterface(number: number, segment: number, stack: number): number {
    const { stacks, bridges } = this.#devices;
    const ipInterface = stacks.addInterface({
      stack,
      ip: gatewayIpOf(this.#plan.segments[segment]),
      prefixLength: this.#plan.segments[segment].prefixLength,
      address: this.#gatewayMacs[segment],
      segment,
      output: bridges,
      place: this.#leaves[number].port,
    });
    const arpTimeoutMs = Math.ceil((this.#plan.gateway?.arpTimeoutNs ?? 0) / NS_PER_MS);
    stacks.neighbours.setFixedReachableTime(ipInterface, arpTimeoutMs);
    return ipInterface;
  }

  #serveL3(number: number, segment: number): void {
    if (this.#settings.irb === 'asymmetric') return;
    this.#devices.tunnels.serve(this.#leaves[number].l3Tunnel, this.l3SegmentOf(segment), this.#noFloodList);
  }

  /** A packet out of an L3 VNI: up to layer 3, and on from there. */
  #receiveRouted(number: number, frame: number): void {
    const { network, stacks } = this.#devices;
    const table = network.frames.words[(frame << FRAME_SHIFT) + Frame.segment] - this.#tables.l3SegmentOf(0);
    stacks.receive(this.#vrfs.words[this.#vrfs.find(number, table) + L3_INTERFACE], frame);
  }

  /** The interface of a leaf in a segment that it carries, or -1. */
  #interfaceOf(number: number, segment: number): number {
    const interfaces = this.#interfaces[number];
    // the L3 VNIs of tenants are numbered after all segments
    return segment < interfaces.length && interfaces[segment] > 0 ? interfaces[segment] - 1 : -1;
  }

  /** A leaf forgets the hosts of a segment: all, or only those at its own ports. */
  #forgetHosts(number: number, segment: number, withRemote: boolean): void {
    const { endpoint } = this.#leaves[number];
    for (const address of this.#devices.network.addresses.idsOf(segment)) {
      const place = this.hosts.placeOf(number, address);
      if (place === endpoint || (withRemote && place >= 0)) this.hosts.remove(number, address);
    }
  }
}
