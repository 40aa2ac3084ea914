import type { BgpNetwork } from '../../device/bgp-network.ts';
import { Devices } from '../../device/devices.ts';
import { PORT_SHIFT, Port } from '../../device/network.ts';
import { Fingerprint } from '../../engine/fingerprint.ts';
import { Simulation } from '../../engine/simulation.ts';
import type { AnycastSettings } from '../../fabric/anycast-gateways.ts';
import type { EvpnSettings } from '../../fabric/evpn-control-plane.ts';
import type { DatacenterPlan } from '../../fabric/plan.ts';
import { VxlanFabric } from '../../fabric/vxlan-fabric.ts';
import type { BgpSpeaker } from '../../protocol/bgp/bgp-speaker.ts';
import { RouteKind } from '../../protocol/bgp/route-kind.ts';
import { DEFAULT_DUPLICATE_DETECTION } from '../../protocol/evpn/duplicate-detection.ts';
import { milliseconds, seconds } from '../../units.ts';
import { BROADCAST_ID } from '../../wire/address-book.ts';
import { FrameKind } from '../../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../../wire/frame-pool.ts';
import { networkOf, parseIpv4 } from '../../wire/ipv4-address.ts';
import { formatMac, parseMac } from '../../wire/mac-address.ts';
import { ENTROPY_PORT_COUNT } from '../../wire/vxlan.ts';
import { DEFAULT_FRAME_BYTES, REPLAY_WIRE } from '../test-frame.ts';
import type { EvpnTopology } from './evpn-observation.ts';

/** Where a leaf has a station: at a port of its own, or behind another leaf. */
export type StationPlace = readonly ['port' | 'vtep', string];

/** A frame that crossed a wire, by the names of the nodes at its ends. */
export interface SeenFrame {
  readonly timeNs: number;
  readonly from: string;
  readonly to: string;
  /** Of the frame itself, or of the one inside a VXLAN packet. */
  readonly kind: number;
  readonly tag: number;
  readonly src: number;
  readonly dst: number;
  readonly isVxlan: boolean;
  /** Of an IP packet, inside the VXLAN packet if it is one. */
  readonly ttl: number;
  readonly segment: number;
  /** Of the frame, and of the one inside it (the same where there is none), without FCS. */
  readonly sizeBytes: number;
  readonly innerBytes: number;
}

/** How the laboratory differs from the default, an FRR fabric over eBGP. */
export interface EvpnLabOptions {
  readonly isReflected?: boolean;
  readonly learnsIpAddresses?: boolean;
  readonly suppressesArp?: boolean;
  readonly ageingNs?: number;
  readonly duplicates?: Partial<EvpnSettings['duplicates']>;
  /** How leaves route between the segments of hosts, each a /24; unless given, they do not. */
  readonly irb?: AnycastSettings['irb'];
  /** The station that moves from one `vm-port` to another. */
  readonly mover?: Station | null;
  /** Stations at the port of a host, beside the host itself. */
  readonly guests?: readonly Guest[];
}

export interface Station {
  readonly mac: string;
  readonly ip: string;
}

/** A station that shares a host's port. */
export interface Guest extends Station {
  readonly host: string;
}

/** Of hosts for which none is given. */
const DEFAULT_VNI = 10;

/** Of all segments, where they are not routed between. */
const SUBNET = parseIpv4('192.168.0.0');
const SUBNET_LENGTH = 16;

/** Of each, where they are. */
const ROUTED_LENGTH = 24;

/** That of Arista EOS. */
const ARP_TIMEOUT_NS = seconds(14_400);

/** KEEPALIVE and hold time of FRR's datacenter profile. bgpd/bgpd.h, BGP_DEFAULT_HOLDTIME */
const SESSION_TIMERS = { holdTimeNs: seconds(9), keepaliveNs: seconds(3) };

/** Measured from links that come up to flood lists that are complete: 1.3 to 1.4 s, and 10.1 to 12.4 s. */
const CONNECT_NS = { ebgp: seconds(1.2), ibgp: seconds(10) };

/** Of one bgpd that comes back, measured of FRR 8.4.4: 2.4 s where it was let go on, 2.8 s where it was started again. */
const RECONNECT_NS = seconds(2.4);

/** Where OSPF routes the underlay: measured from a link that fails to the last change of a route, 71 to 98 ms. */
const OSPF_NS = milliseconds(85);

/** A leaf that lost a neighbour: 20 ms, 50 ms in bgpd, 10 ms in zebra; and one that hears of it from a spine. */
const REROUTE_NS = milliseconds(80);
const UNDERLAY_NS = milliseconds(130);

/** How often the tables are looked at while a change is awaited. */
const LOOK_NS = 100_000;

/** FRR 8.4 with the datacenter profile, as the recorded routers ran it: 50 ms of hold in each bgpd, 10 ms in zebra. */
function frrSettings(options: EvpnLabOptions): EvpnSettings {
  const { isReflected = false, learnsIpAddresses = true, suppressesArp = true, duplicates = {} } = options;
  return {
    sessions: isReflected ? 'route-reflectors' : 'ebgp',
    implementation: 'frr-8.4',
    learnsIpAddresses,
    suppressesArp,
    unknownUnicast: 'flood',
    // nothing in the recorded leaves asks a silent station whether it is still there
    refreshesStations: false,
    holdNs: milliseconds(50),
    mraiNs: 0,
    // with these, a new station is in the last table 112 ms after it spoke, as measured (median of 36 runs)
    learnNs: milliseconds(2),
    installNs: milliseconds(10),
    // 500 stations in a burst are in the last table 45 to 200 ms later than one is
    installsPerSecond: 5000,
    connectNs: isReflected ? CONNECT_NS.ibgp : CONNECT_NS.ebgp,
    // measured from a link that comes up to all routes: 1.5 s or 2.4 s for one session, 2.3 s for the last of several
    retryNs: isReflected ? 0 : seconds(1),
    announceNs: milliseconds(100),
    sessionLossNs: milliseconds(20),
    duplicates: { ...DEFAULT_DUPLICATE_DETECTION, action: 'warn', ...duplicates },
  };
}

/**
 * The fabric of an observation of FRR: leaves that are VTEPs, spines, and hosts with an IP stack at ports of the leaves. A
 * station that moves is attached where a node of kind `vm-port` is, one at a time.
 */
export class EvpnLab {
  readonly simulation = new Simulation();
  readonly devices = new Devices(this.simulation, new Fingerprint());
  readonly fabric: VxlanFabric;
  readonly leaves: readonly string[];
  readonly spines: readonly string[];
  /** Hosts that stay where they are: their names by VM number. */
  readonly hosts: readonly string[];
  /** The number of the VM that moves, and of the first guest. */
  readonly movingVm: number;
  readonly firstGuest: number;
  /** Frames seen on wires since `watch`. */
  readonly seen: SeenFrame[] = [];

  readonly #topology: EvpnTopology;
  readonly #mover: Station | null;
  readonly #guests: readonly Guest[];
  readonly #isRouted: boolean;
  readonly #switches: readonly string[];
  readonly #servers: readonly string[];
  // by segment: its VNI
  readonly #vnis: readonly number[];
  // with reflectors OSPF does
  readonly #routesUnderlay: boolean;
  readonly #linkOfId: ReadonlyMap<string, number>;
  // by node of the network: its name; by port: the name that the observation gives it
  readonly #nameOfNode: readonly string[];
  readonly #portNames = new Map<number, string>();
  #isWatching = false;
  #formerPlace: string | null = null;

  constructor(topology: EvpnTopology, options: EvpnLabOptions = {}) {
    this.#topology = topology;
    this.#routesUnderlay = options.isReflected !== true;
    this.#mover = options.mover ?? null;
    this.#guests = options.guests ?? [];
    this.#isRouted = options.irb !== undefined;
    const { nodes, links } = topology;
    const named = (kind: string) => nodes.filter((node) => node.kind === kind).map(({ name }) => name);
    this.leaves = named('leaf');
    this.spines = named('spine');
    this.hosts = named('host');
    this.movingVm = this.hosts.length;
    this.firstGuest = this.hosts.length + (this.#mover === null ? 0 : 1);
    this.#switches = [...this.leaves, ...this.spines];
    this.#servers = [...this.hosts, ...named('vm-port')];
    const vnis = nodes.filter(({ kind }) => kind === 'host').map(({ vni = DEFAULT_VNI }) => vni);
    this.#vnis = [...new Set(vnis)].sort((a, b) => a - b);
    const underlay = links.filter(({ kind }) => kind === 'underlay');
    this.#linkOfId = new Map(underlay.map(({ id }, index) => [id, index]));
    this.fabric = new VxlanFabric(this.devices, this.#plan(), {
      kind: 'vxlan-evpn',
      name: 'frr',
      macAgeingNs: options.ageingNs ?? seconds(300),
      macTableSize: null,
      vteps: 'leaf',
      replication: 'ingress',
      underlay: 'ipv4',
      vniBase: this.#vnis[0],
      sourcePortCount: ENTROPY_PORT_COUNT,
      convergenceNs: UNDERLAY_NS,
      evpn: frrSettings(options),
      anycast: options.irb === undefined ? null : { irb: options.irb, subnetPrefixes: false },
    });
    this.#makeAccessPorts();
    const { network } = this.devices;
    this.#nameOfNode = network.nodeNames;
    for (const { a, aif, b, bif } of links) this.#namePort({ server: a, leaf: b, aif, bif });
    network.tap = { sent: (port, frame) => this.#note(port, frame), received: () => {} };
    for (const vm of this.hosts.keys()) this.fabric.addVm(vm, vm);
    for (const guest of this.#guests.keys()) this.bringGuest(guest, this.#guests[guest].host);
  }

  get nowNs(): number {
    return this.simulation.nowNs;
  }

  get bgp(): BgpNetwork {
    return this.fabric.controlPlane!.bgp;
  }

  /** UPDATEs that all speakers have sent so far. */
  get updates(): number {
    return this.bgp.totalMessages;
  }

  /** Lets time pass. */
  wait(durationNs: number): void {
    this.simulation.run(this.nowNs + durationNs);
  }

  /** Lets time pass until this instant, if it has not come yet. */
  waitUntil(timeNs: number): void {
    if (timeNs > this.nowNs) this.simulation.run(timeNs);
  }

  /** Lets time pass until something is so, and returns how long that took; null if it is not so in time. */
  waitFor(isSo: () => boolean, atMostNs: number): number | null {
    const startNs = this.nowNs;
    while (!isSo()) {
      if (this.nowNs - startNs >= atMostNs) return null;
      this.wait(LOOK_NS);
    }
    return this.nowNs - startNs;
  }

  /** Notes from now on what crosses wires. */
  watch(): void {
    this.#isWatching = true;
    this.seen.length = 0;
  }

  /** The VM that a host is, by its name. */
  vmOf(host: string): number {
    return this.hosts.indexOf(host);
  }

  /** The hosts at a leaf, by name. */
  hostsAt(leaf: string): string[] {
    const { nodes } = this.#topology;
    return nodes.filter((node) => node.kind === 'host' && node.leaf === leaf).map(({ name }) => name);
  }

  /** The leaf that a host is at. */
  leafOf(host: string): string {
    return this.#topology.nodes.find(({ name }) => name === host)?.leaf ?? '';
  }

  get guestCount(): number {
    return this.#guests.length;
  }

  /** The VNI of a segment; undefined for one that is not of hosts, as that of a routing table. */
  vniOf(segment: number): number | undefined {
    return this.#vnis[segment];
  }

  isSwitch(name: string): boolean {
    return this.#switches.includes(name);
  }

  /** The node below a leaf at which a VM is. */
  serverNameOf(vm: number): string {
    return this.#nameOfNode[this.devices.servers.serverOf(vm)];
  }

  /** Where the VM that moves was before it came to where it is. */
  get formerPlace(): string | null {
    return this.#formerPlace;
  }

  addressOf(vm: number): number {
    return this.devices.servers.addressOf(vm);
  }

  /** Puts the VM that moves at the `vm-port` of a leaf, whether it was anywhere before or not. */
  attach(leaf: string): void {
    const place = this.#topology.nodes.find((node) => node.kind === 'vm-port' && node.leaf === leaf)!;
    const server = this.#servers.indexOf(place.name);
    if (this.devices.servers.serverOf(this.movingVm) < 0) {
      this.fabric.addVm(this.movingVm, server);
      return;
    }
    this.#formerPlace = this.serverNameOf(this.movingVm);
    this.fabric.moveVm(this.movingVm, server);
  }

  /** Puts a guest at the port of a host, or at a `vm-port`. */
  bringGuest(guest: number, place: string): void {
    const vm = this.firstGuest + guest;
    if (this.devices.servers.serverOf(vm) < 0) this.fabric.addVm(vm, this.#servers.indexOf(place));
    else this.fabric.moveVm(vm, this.#servers.indexOf(place));
  }

  /** A station is configured at a port of a leaf: it is there for good. RFC 7432, 15.2; `bridge fdb add … sticky static`. */
  makeSticky(vm: number): void {
    const { bridges, network } = this.devices;
    const address = this.addressOf(vm);
    const server = this.devices.servers.serverOf(vm);
    const [port] = this.fabric.serverPorts[this.#servers.indexOf(this.#nameOfNode[server])];
    const leaf = this.#nameOfNode[network.nodeOf(port)];
    bridges.tables.setStatic(bridges.bridgeOf(network.nodeOf(port)), address, port);
    this.fabric.controlPlane!.evpn.stationIsHere(this.#tunnelOf(leaf), address, { isSticky: true });
  }

  /** A gratuitous ARP request of a VM. */
  garp(vm: number): void {
    const ip = this.ipOf(vm);
    this.arp(vm, { kind: FrameKind.arpRequest, senderIp: ip, targetIp: ip });
  }

  /** An ARP message of a VM, to everybody unless `dst` says otherwise. */
  arp(
    vm: number,
    {
      kind,
      senderIp,
      targetIp,
      dst = BROADCAST_ID,
      tag = -1,
    }: { kind: number; senderIp: number; targetIp: number; dst?: number; tag?: number },
  ): void {
    this.transmit(vm, { kind, dst, tag, senderIp, targetIp });
  }

  /** A frame of opaque data from one VM to another. */
  send(vm: number, to: number, tag = -1): void {
    this.transmit(vm, { dst: this.addressOf(to), tag });
  }

  /** The VTEPs that a leaf floods to, by name. */
  floodList(leaf: string): string[] {
    const { tunnels } = this.devices;
    const tunnel = this.#tunnelOf(leaf);
    const list = tunnels.floodListOf(tunnel, 0);
    if (list?.kind !== 'ingress') return [];
    const remote = list.endpoints.filter((endpoint) => endpoint !== tunnels.endpointOf(tunnel));
    return remote.map((endpoint) => this.#leafOfEndpoint(endpoint)).sort();
  }

  /** Where a leaf has a station; null if it does not know. */
  placeOf(leaf: string, address: number): StationPlace | null {
    const { bridges, tunnels, network } = this.devices;
    const tunnel = this.#tunnelOf(leaf);
    const bridge = bridges.bridgeOf(network.nodeOf(tunnels.portOf(tunnel)));
    const port = bridges.tables.lookUp(bridge, address, network.nowMs);
    const endpoint = tunnels.tables.lookUp(tunnel, address, network.nowMs);
    if (port >= 0 && port !== tunnels.portOf(tunnel)) return ['port', this.#portNames.get(port)!];
    return endpoint >= 0 ? ['vtep', this.#leafOfEndpoint(endpoint)] : null;
  }

  /** All stations that a leaf knows, by MAC address. */
  macTable(leaf: string): Record<string, StationPlace> {
    const { addresses } = this.devices.network;
    const table: Record<string, StationPlace> = {};
    for (const address of addresses.idsOf(0)) {
      const place = this.placeOf(leaf, address);
      if (place !== null) table[formatMac(addresses.macOf(address))] = place;
    }
    return table;
  }

  /** The BGP speaker of a switch. */
  speakerOf(name: string): BgpSpeaker {
    return this.bgp.speakers[this.#speakerIndexOf(name)];
  }

  /** What a speaker holds of EVPN: prefixes, their paths, and how many are of types 2 and 3. */
  tableSizes(name: string): { paths: number; prefixes: number; type2: number; type3: number } {
    const { routes } = this.fabric.controlPlane!;
    const speaker = this.speakerOf(name);
    const sizes = { paths: 0, prefixes: 0, type2: 0, type3: 0 };
    for (let route = 0; route < routes.count; route++) {
      const kind = routes.kinds[route];
      if (kind === RouteKind.ipv4 || !speaker.holds(route)) continue;
      sizes.prefixes++;
      sizes.paths += speaker.pathCountOf(route);
      if (kind === RouteKind.macOnly || kind === RouteKind.macIp) sizes.type2++;
      if (kind === RouteKind.inclusiveMulticast) sizes.type3++;
    }
    return sizes;
  }

  /** All paths to all routes that a speaker has, those to loopbacks among them. */
  pathCount(name: string): number {
    const { routes } = this.fabric.controlPlane!;
    const speaker = this.speakerOf(name);
    let count = 0;
    for (let route = 0; route < routes.count; route++) count += speaker.pathCountOf(route);
    return count;
  }

  /** The sequence number with which a leaf announces a station; null if it announces none, or without one. */
  sequenceOf(leaf: string, address: number): number | null {
    const route = this.#announcedRouteOf(leaf, address);
    // a route without the community has the number 0
    return (route < 0 ? 0 : this.fabric.controlPlane!.routes.sequenceOf(route)) || null;
  }

  /** Whether a leaf announces a station as one that does not move. */
  isSticky(leaf: string, address: number): boolean {
    const route = this.#announcedRouteOf(leaf, address);
    return route >= 0 && this.fabric.controlPlane!.routes.isSticky(route);
  }

  /** Whether a leaf announces a station. */
  announces(leaf: string, address: number): boolean {
    return this.#announcedRouteOf(leaf, address) >= 0;
  }

  #announcedRouteOf(leaf: string, address: number): number {
    const { routes } = this.fabric.controlPlane!;
    const speaker = this.speakerOf(leaf);
    let route = routes.firstOfAddress(address);
    while (route >= 0 && (routes.origins[route] !== speaker.index || !speaker.holds(route))) {
      route = routes.nextOfAddress(route);
    }
    return route;
  }

  /** Sets a link of the underlay up or down, by its name. */
  setLinkUp(id: string, isUp: boolean): void {
    this.fabric.setLinkUp(this.#linkOfId.get(id)!, isUp);
  }

  /**
   * How long routing takes from now on: where the leaves themselves see what fails, or hear of it from a spine; and whether a
   * router uses a link that is dead until it has new routes, as Linux does without nexthop groups that prune it.
   */
  setRouting({ isSeenByLeaves, prunesDeadLinks }: { isSeenByLeaves: boolean; prunesDeadLinks: boolean }): void {
    const bgpNs = isSeenByLeaves ? REROUTE_NS : UNDERLAY_NS;
    const convergenceNs = this.#routesUnderlay ? bgpNs : OSPF_NS;
    this.devices.underlay.setConvergenceTime(convergenceNs, prunesDeadLinks ? 0 : REROUTE_NS);
  }

  /** The bgpd of a switch is killed: its sessions end, and where BGP routes the underlay, its routes go. */
  killBgp(name: string): void {
    this.bgp.stop(this.#speakerIndexOf(name));
    if (this.#routesUnderlay)
      this.devices.underlay.haltRouting(this.#nodeOf(name), { keepsRoutes: false, noticedNs: 0 });
  }

  /** The bgpd of a switch stands still, and the switch forwards as before. */
  freezeBgp(name: string): void {
    const noticedNs = this.bgp.freeze(this.#speakerIndexOf(name), SESSION_TIMERS);
    if (this.#routesUnderlay) this.devices.underlay.haltRouting(this.#nodeOf(name), { keepsRoutes: true, noticedNs });
  }

  /** A bgpd that was killed runs again, or one that stood still goes on. */
  resumeBgp(name: string): void {
    const hasLostSessions = this.bgp.resume(this.#speakerIndexOf(name), RECONNECT_NS);
    if (!this.#routesUnderlay) return;
    const noticedNs = hasLostSessions ? RECONNECT_NS + UNDERLAY_NS : 0;
    this.devices.underlay.resumeRouting(this.#nodeOf(name), { hasLostSessions, noticedNs });
  }

  /** The links of the underlay at a switch, by name. */
  linksAt(name: string): string[] {
    const { links } = this.#topology;
    return links.filter(({ kind, a, b }) => kind === 'underlay' && (a === name || b === name)).map(({ id }) => id);
  }

  /** The port of a leaf at which a host is goes down or up. */
  setHostUp(host: string, isUp: boolean): void {
    this.fabric.setServerUp(this.#servers.indexOf(host), isUp);
  }

  /** A host's port is in the host's segment and no other, at both ends of its cable. */
  #makeAccessPorts(): void {
    const { portWords } = this.devices.network;
    for (const [server, ports] of this.fabric.serverPorts.entries()) {
      for (const port of ports) {
        portWords[(port << PORT_SHIFT) + Port.trunk] = -1;
        portWords[(port << PORT_SHIFT) + Port.pvid] = this.#segmentOf(server);
      }
    }
  }

  /** Guests and the VM that moves are in the first segment. */
  #segmentOf(vm: number): number {
    const vni = this.#topology.nodes.find(({ name }) => name === this.hosts[vm])?.vni;
    return vni === undefined ? 0 : this.#vnis.indexOf(vni);
  }

  #speakerIndexOf(name: string): number {
    return this.#switches.indexOf(name);
  }

  #nodeOf(name: string): number {
    return this.fabric.switchNodes[this.#switches.indexOf(name)];
  }

  #tunnelOf(leaf: string): number {
    const { network, tunnels } = this.devices;
    const node = this.#nodeOf(leaf);
    for (let tunnel = 0; tunnel < tunnels.tunnelCount; tunnel++) {
      if (network.nodeOf(tunnels.portOf(tunnel)) === node) return tunnel;
    }
    throw new Error(`${leaf} is no VTEP`);
  }

  #leafOfEndpoint(endpoint: number): string {
    return this.#nameOfNode[this.devices.underlay.nodeOf(endpoint)];
  }

  /** The IP address of a VM. */
  ipOf(vm: number): number {
    return parseIpv4(this.#stationOf(vm).ip);
  }

  /** The subnet that the hosts of a segment are in. */
  #subnetOf(segment: number): number {
    return networkOf(this.ipOf(this.hosts.findIndex((_, vm) => this.#segmentOf(vm) === segment)), ROUTED_LENGTH);
  }

  /** The addresses of a VM. */
  #stationOf(vm: number): Station {
    if (vm >= this.firstGuest) return this.#guests[vm - this.firstGuest];
    if (vm === this.movingVm && this.#mover !== null) return this.#mover;
    const { mac = '', ip = '' } = this.#topology.nodes.find(({ name }) => name === this.hosts[vm]) ?? {};
    return { mac, ip };
  }

  /** Any frame of a VM, as small as they are. */
  transmit(
    vm: number,
    {
      kind = FrameKind.data,
      dst,
      tag = -1,
      flowHash = vm,
      senderIp = 0,
      targetIp = 0,
    }: { kind?: number; dst: number; tag?: number; flowHash?: number; senderIp?: number; targetIp?: number },
  ): void {
    const { network, servers } = this.devices;
    const frame = network.createFrame(kind, DEFAULT_FRAME_BYTES);
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    words[f + Frame.segment] = servers.segmentOf(vm);
    words[f + Frame.src] = servers.addressOf(vm);
    words[f + Frame.dst] = dst;
    words[f + Frame.flowHash] = flowHash;
    words[f + Frame.tag] = tag;
    words[f + Frame.senderIp] = senderIp;
    words[f + Frame.targetIp] = targetIp;
    servers.transmit(vm, frame);
  }

  #note(port: number, frame: number): void {
    if (!this.#isWatching) return;
    const { network } = this.devices;
    const { words } = network.frames;
    const inner = words[(frame << FRAME_SHIFT) + Frame.inner];
    const f = (inner >= 0 ? inner : frame) << FRAME_SHIFT;
    this.seen.push({
      timeNs: this.nowNs,
      from: this.#nameOfNode[network.nodeOf(port)],
      to: this.#nameOfNode[network.nodeOf(network.peerOf(port))],
      kind: words[f + Frame.kind],
      tag: words[f + Frame.tag],
      src: words[f + Frame.src],
      dst: words[f + Frame.dst],
      isVxlan: inner >= 0,
      ttl: words[f + Frame.ttl],
      segment: words[f + Frame.segment],
      sizeBytes: words[(frame << FRAME_SHIFT) + Frame.sizeBytes],
      innerBytes: words[f + Frame.sizeBytes],
    });
  }

  #namePort({ server, leaf, bif }: { server: string; leaf: string; aif: string; bif: string }): void {
    const index = this.#servers.indexOf(server);
    if (index >= 0 && this.leaves.includes(leaf)) this.#portNames.set(this.fabric.serverPorts[index][0], bif);
  }

  #plan(): DatacenterPlan {
    const { nodes, links } = this.#topology;
    const nodeOf = new Map(nodes.map((node) => [node.name, node]));
    const wire = { rateBitsPerSec: REPLAY_WIRE.rateBitsPerSec, delayNs: REPLAY_WIRE.delayNs };
    const switches = this.#switches;
    const vmCount = this.firstGuest + this.#guests.length;
    return {
      switches: switches.map((id) => {
        const isLeaf = this.leaves.includes(id);
        return { id, tier: isLeaf ? 'leaf' : 'spine', pod: 0, holdsVtep: isLeaf, mac: null, stpPriority: null };
      }),
      links: links
        .filter(({ kind }) => kind === 'underlay')
        .map(({ id, a, b }) => ({ id, a: switches.indexOf(a), b: switches.indexOf(b), ...wire, pathCost: null })),
      servers: this.#servers.map((id) => ({
        id,
        switchIndex: switches.indexOf(nodeOf.get(id)!.leaf!),
        secondSwitchIndex: null,
        ...wire,
      })),
      switchDelayNs: 0,
      bufferBytes: REPLAY_WIRE.bufferBytes,
      bondMiimonNs: milliseconds(100),
      segments: this.#vnis.map((_, segment) =>
        this.#isRouted
          ? { subnet: this.#subnetOf(segment), prefixLength: ROUTED_LENGTH, tenant: 0 }
          : { subnet: SUBNET, prefixLength: SUBNET_LENGTH, tenant: segment },
      ),
      vmServer: Int32Array.from({ length: vmCount }, (_, vm) => (vm < this.hosts.length ? vm : -1)),
      vmSegment: Int32Array.from({ length: vmCount }, (_, vm) => this.#segmentOf(vm)),
      vmIp: (vm) => this.ipOf(vm),
      vmMac: (vm) => parseMac(this.#stationOf(vm).mac),
      gateway: this.#isRouted ? { switchIndex: 0, ...wire, betweenTenants: true, arpTimeoutNs: ARP_TIMEOUT_NS } : null,
    };
  }
}
