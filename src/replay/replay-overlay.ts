import { Devices } from '../device/devices.ts';
import { PORT_SHIFT, Port, PortMode } from '../device/network.ts';
import { Carried } from '../device/observer.ts';
import type { FloodList } from '../device/tunnels.ts';
import { Fingerprint } from '../engine/fingerprint.ts';
import { Simulation } from '../engine/simulation.ts';
import { LINUX_ARP_ON_TIMER_WHEEL } from '../protocol/neighbour-cache.ts';
import { ETHERNET_HEADER_BYTES, FrameKind, IPV4_HEADER_BYTES, IpProtocol, UDP_HEADER_BYTES } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import { formatIpv4, parseIpv4, parseIpv4Prefix } from '../wire/ipv4-address.ts';
import { formatMac, multicastMacOf, parseMac } from '../wire/mac-address.ts';
import { VXLAN_OVERHEAD_IPV4_BYTES } from '../wire/vxlan.ts';
import { canonicalText } from './canonical-text.ts';
import { isGroupIp, type OverlayCase } from './recording-schema.ts';
import { createTestFrame, DEFAULT_FRAME_BYTES, REPLAY_WIRE, SECOND_NS } from './test-frame.ts';

/** What every step of an overlay showed. */
export interface OverlayObservations {
  steps: OverlayObservedStep[];
}

interface OverlayObservedStep {
  at: number;
  frames?: number[];
  snapshotDelay: number;
  seen: (SeenFrame & { count: number })[];
  fdb?: Record<string, Record<string, Record<string, string>>>;
}

/** A distinct frame at a port, with the keys that its kind has. */
type SeenFrame = Record<string, unknown>;

type Host = OverlayCase['hosts'][number];
type Step = OverlayCase['steps'][number];

/** Segments: the underlay's is 0, then one per VNI, then one per host on a routed port. */
const UNDERLAY_SEGMENT = 0;

/** When recorded, creating each VNI's devices, attaching each host, and waiting before the first step took this long. */
const VNI_SETUP_NS = 30e6;
const HOST_SETUP_NS = 25e6;
const SETTLE_BEFORE_START_NS = 1e9;

/** How long a step is watched after its last frame, unless it says otherwise. */
const DEFAULT_SETTLE_S = 0.3;

/** Interval between the frames or datagrams of one step. */
const SEND_INTERVAL_NS = 5e6;

/** UDP payload of a step that gives no size. */
const DEFAULT_DATAGRAM_BYTES = 100;

/** First of the addresses of VTEPs' uplinks, which no recording reports. */
const UPLINK_MAC_FIRST = 0x06ff_0000_0000;

/** Rebuilds a recorded overlay from our own devices, performs its steps, and returns what was seen. */
export function replayOverlay(recording: OverlayCase): OverlayObservations {
  return new OverlayReplay(recording).run();
}

/** One VTEP's bridge and VXLAN device for one VNI. */
interface VtepSegment {
  vtep: string;
  vni: number;
  node: number;
  bridge: number;
  tunnel: number;
}

class OverlayReplay {
  readonly #case: OverlayCase;
  readonly #simulation = new Simulation();
  readonly #devices = new Devices(this.#simulation, new Fingerprint(), LINUX_ARP_ON_TIMER_WHEEL);
  readonly #segmentOfVni = new Map<number, number>();
  #nextSegment = UNDERLAY_SEGMENT + 1;
  readonly #vtepSegments: VtepSegment[] = [];
  readonly #vteps = new Map<string, { node: number; stack: number }>();
  readonly #groups = new Map<string, number>();
  readonly #hosts = new Map<string, { host: Host; station: number; stack: number; port: number; uplink: number }>();
  // ports that a recording watches, and their names
  readonly #watched = new Map<number, string>();
  #seen = new Map<string, { frame: SeenFrame; count: number }>();
  #nextFrameId = 0;
  #startNs = 0;

  constructor(recording: OverlayCase) {
    this.#case = recording;
    this.#buildVteps();
    for (const host of recording.hosts) {
      this.#addHost(host);
      this.#attach(host.id, host.at);
      this.#wait(HOST_SETUP_NS);
    }
    this.#wait(SETTLE_BEFORE_START_NS);
    this.#startNs = this.#simulation.nowNs;
  }

  run(): OverlayObservations {
    this.#devices.network.tap = {
      sent: (port, frame) => this.#see(port, frame, 'tx'),
      received: (port, frame) => this.#see(port, frame, 'rx'),
    };
    return { steps: this.#case.steps.map((step) => this.#perform(step)) };
  }

  #buildVteps(): void {
    const { network, bridges, underlay, stacks } = this.#devices;
    const core = network.addNode('underlay');
    bridges.addBridge(core, { ageingTimeNs: 300 * SECOND_NS, implementation: 'linux-6.18' });
    const endpoints = new Map<string, number>();
    this.#case.vteps.forEach((vtep, index) => {
      const node = network.addNode(vtep.id);
      const port = network.addPort(node, `${vtep.id}>underlay`, PortMode.routed, { pvid: UNDERLAY_SEGMENT });
      const corePort = network.addPort(core, `underlay>${vtep.id}`, PortMode.bridged, { pvid: UNDERLAY_SEGMENT });
      network.connect(port, corePort, REPLAY_WIRE);
      this.#watched.set(port, `${vtep.id}>underlay`);
      const stack = stacks.addStack({ forwards: vtep.forwarding === true, listens: false });
      const ipInterface = stacks.addInterface({
        stack,
        ip: parseIpv4(vtep.ip),
        prefixLength: 24,
        address: network.addresses.idOf(UNDERLAY_SEGMENT, UPLINK_MAC_FIRST + index),
        segment: UNDERLAY_SEGMENT,
        output: this.#wireOutput(),
        place: port,
      });
      network.portWords[(port << PORT_SHIFT) + Port.ipInterface] = ipInterface;
      this.#vteps.set(vtep.id, { node, stack });
      endpoints.set(vtep.ip, underlay.addEndpoint(node, parseIpv4(vtep.ip), { kind: 'segment', ipInterface }));
      this.#devices.setAdminUp(port, true);
    });
    for (const vtep of this.#case.vteps) {
      for (const settings of vtep.vnis) this.#addVni(vtep.id, settings, endpoints, endpoints.get(vtep.ip) ?? -1);
    }
  }

  #addVni(
    vtep: string,
    settings: OverlayCase['vteps'][number]['vnis'][number],
    endpoints: Map<string, number>,
    endpoint: number,
  ): void {
    const { network, bridges, tunnels, underlay, stacks } = this.#devices;
    const { vni, gateway } = settings;
    const segment = this.#segmentOf(vni);
    const ageingTimeNs = (settings.ageing ?? 300) * SECOND_NS;
    const node = network.addNode(`${vtep} br${vni}`);
    const bridge = bridges.addBridge(node, { ageingTimeNs, implementation: 'linux-6.18' });
    const tunnelPort = this.#devices.addVirtualPort(node, `${vtep} vx${vni}`, PortMode.tunnel, { pvid: segment });
    const tunnel = tunnels.addTunnel(
      tunnelPort,
      {
        endpoint,
        ageingTimeNs,
        learns: settings.learning ?? true,
        overheadBytes: VXLAN_OVERHEAD_IPV4_BYTES,
        implementation: 'linux-6.18',
      },
      bridges,
    );
    tunnels.serve(tunnel, segment, tunnels.addFloodList(this.#floodList(settings, endpoints)));
    if (settings.group !== undefined) underlay.join(this.#groupAt(settings.group), endpoint);
    this.#vtepSegments.push({ vtep, vni, node, bridge, tunnel });
    if (gateway !== undefined) {
      const { address: ip, prefixLength } = parseIpv4Prefix(gateway.ip);
      const address = network.addresses.idOf(segment, parseMac(gateway.mac));
      const port = this.#devices.addVirtualPort(node, `${vtep} gateway ${vni}`, PortMode.gateway, { pvid: segment });
      const stack = this.#vteps.get(vtep)?.stack ?? -1;
      const output = { transmit: (place: number, frame: number) => bridges.transmit(place, frame) };
      network.portWords[(port << PORT_SHIFT) + Port.ipInterface] = stacks.addInterface({
        stack,
        ip,
        prefixLength,
        address,
        segment,
        output,
        place: port,
      });
      bridges.tables.setStatic(bridge, address, port);
    }
    bridges.startSweeping(bridge);
    this.#wait(VNI_SETUP_NS);
  }

  #floodList(
    { group, flood = [] }: OverlayCase['vteps'][number]['vnis'][number],
    endpoints: Map<string, number>,
  ): FloodList {
    const remotes = flood.map((ip) => this.#endpointAt(ip, endpoints));
    // with both, Linux sends to the group as to one more remote
    return { kind: 'ingress', endpoints: group === undefined ? remotes : [this.#groupAt(group), ...remotes] };
  }

  #groupAt(ip: string): number {
    let group = this.#groups.get(ip);
    if (group === undefined) {
      group = this.#devices.underlay.addGroup(parseIpv4(ip), -1);
      this.#groups.set(ip, group);
    }
    return group;
  }

  /** The endpoint with this address; one that no VTEP has is an endpoint that never answers. */
  #endpointAt(ip: string, endpoints: Map<string, number>): number {
    let endpoint = endpoints.get(ip);
    if (endpoint === undefined) {
      endpoint = this.#devices.underlay.addEndpoint(-1, parseIpv4(ip), { kind: 'segment', ipInterface: -1 });
      endpoints.set(ip, endpoint);
    }
    return endpoint;
  }

  #addHost(host: Host): void {
    const { network, servers, stacks } = this.#devices;
    const segment = host.vni === undefined ? this.#nextSegment++ : this.#segmentOf(host.vni);
    const server = network.addNode(host.id);
    servers.setUplink(server, -1);
    const address = network.addresses.idOf(segment, parseMac(host.mac));
    const station = servers.addStation({ server, segment, address });
    let stack = -1;
    if (host.ip !== undefined) {
      const { address: ip, prefixLength } = parseIpv4Prefix(host.ip);
      stack = stacks.addStack();
      const output = servers;
      servers.setInterface(
        station,
        stacks.addInterface({ stack, ip, prefixLength, address, segment, output, place: station }),
      );
      if (host.via !== undefined) stacks.setDefaultRoute(stack, parseIpv4(host.via));
    }
    this.#hosts.set(host.id, { host, station, stack, port: -1, uplink: -1 });
  }

  /** Plugs a host into a VTEP: into the bridge of its VNI, or into a routed port of its own. */
  #attach(id: string, vtep: string): void {
    const { network, servers, stacks } = this.#devices;
    const attached = this.#hosts.get(id);
    if (attached === undefined) return;
    const { host, station } = attached;
    const segment = servers.segmentOf(station);
    const server = servers.serverOf(station);
    const name = `${vtep}>${id}`;
    const uplink = network.addPort(server, `${id}>${vtep}`, PortMode.nic, { pvid: segment });
    let port: number;
    if (host.vni === undefined) {
      const place = this.#vteps.get(vtep) ?? { node: -1, stack: -1 };
      port = network.addPort(place.node, name, PortMode.routed, { pvid: segment });
      const { address: ip, prefixLength } = parseIpv4Prefix(host.routerIp ?? '');
      network.portWords[(port << PORT_SHIFT) + Port.ipInterface] = stacks.addInterface({
        stack: place.stack,
        ip,
        prefixLength,
        address: network.addresses.idOf(segment, parseMac(host.routerMac ?? '')),
        segment,
        output: this.#wireOutput(),
        place: port,
      });
    } else {
      const bridge = this.#vtepSegments.find((candidate) => candidate.vtep === vtep && candidate.vni === host.vni);
      // a VTEP without the VNI has no bridge for it: the host is plugged into nothing
      port = network.addPort(bridge?.node ?? network.addNode(name), name, PortMode.bridged, { pvid: segment });
    }
    network.connect(port, uplink, REPLAY_WIRE);
    servers.setUplink(server, uplink);
    this.#watched.set(port, name);
    this.#devices.setAdminUp(port, true);
    attached.port = port;
    attached.uplink = uplink;
  }

  /** Unplugs a host: its port goes, with what was learned on it and what the host itself had learned. */
  #detach(id: string): void {
    const { servers, stacks } = this.#devices;
    const attached = this.#hosts.get(id);
    if (attached === undefined) return;
    this.#devices.setAdminUp(attached.port, false);
    this.#watched.delete(attached.port);
    const ipInterface = servers.interfaceOf(attached.station);
    if (ipInterface >= 0) stacks.clearNeighbours(ipInterface);
    const routedInterface = this.#devices.network.portWords[(attached.port << PORT_SHIFT) + Port.ipInterface];
    if (routedInterface >= 0) stacks.removeInterface(routedInterface);
  }

  #perform(step: Step): OverlayObservedStep {
    this.#runUntil(this.#startNs + Math.round(step.at * SECOND_NS));
    this.#seen = new Map();
    const observed: OverlayObservedStep = { at: step.at, snapshotDelay: step.settle ?? DEFAULT_SETTLE_S, seen: [] };
    if (step.send !== undefined) observed.frames = this.#send(step.send);
    else if (step.udp !== undefined) this.#sendDatagrams(step.udp);
    else if (step.move !== undefined) {
      this.#detach(step.move.host);
      this.#attach(step.move.host, step.move.to);
    }
    this.#wait(Math.round(observed.snapshotDelay * SECOND_NS));
    observed.seen = [...this.#seen]
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([, { frame, count }]) => ({ ...frame, count }));
    if (step.fdb === true) observed.fdb = this.#fdb();
    return observed;
  }

  #send(step: NonNullable<Step['send']>): number[] {
    const { network, servers } = this.#devices;
    const sender = this.#hosts.get(step.host);
    const ids: number[] = [];
    if (sender === undefined) return ids;
    const dst = this.#hosts.get(step.dst)?.host.mac ?? step.dst;
    for (let i = 0; i < (step.count ?? 1); i++) {
      const id = this.#nextFrameId++;
      ids.push(id);
      const frame = createTestFrame(network, {
        id,
        segment: servers.segmentOf(sender.station),
        src: step.src ?? sender.host.mac,
        dst,
        sizeBytes: step.size ?? DEFAULT_FRAME_BYTES,
      });
      servers.transmitOnUplink(servers.serverOf(sender.station), frame, Carried.knownUnicast);
      this.#wait(SEND_INTERVAL_NS);
    }
    return ids;
  }

  #sendDatagrams(step: NonNullable<Step['udp']>): void {
    const { stacks } = this.#devices;
    const sender = this.#hosts.get(step.from);
    if (sender === undefined || sender.stack < 0) return;
    const sizeBytes =
      ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES + UDP_HEADER_BYTES + (step.size ?? DEFAULT_DATAGRAM_BYTES);
    const to = parseIpv4(step.to);
    // to oneself is not to the wire
    const isToItself = parseIpv4Prefix(sender.host.ip ?? '').address === to;
    for (let i = 0; i < (step.count ?? 1); i++) {
      const frame = isToItself ? -1 : stacks.createDatagram(sender.stack, to, IpProtocol.udp, sizeBytes);
      if (frame >= 0 && isGroupIp(to)) this.#sendToGroup(sender.station, frame, to);
      else if (frame >= 0) stacks.send(sender.stack, frame);
      this.#wait(SEND_INTERVAL_NS);
    }
  }

  /** To a group there is no neighbour to ask for, and no router to pass on the way unless asked for. RFC 1112, 6.1, 6.4. */
  #sendToGroup(station: number, frame: number, group: number): void {
    const { network, servers, stacks } = this.#devices;
    network.frames.words[(frame << FRAME_SHIFT) + Frame.ttl] = 1;
    const address = network.addresses.idOf(servers.segmentOf(station), multicastMacOf(group));
    stacks.sendToGroup(servers.interfaceOf(station), frame, address);
  }

  #see(port: number, frame: number, direction: 'tx' | 'rx'): void {
    const name = this.#watched.get(port);
    if (name === undefined) return;
    const decoded = this.#decode(frame);
    if (decoded === null || (name.endsWith('>underlay') && decoded.kind !== 'vxlan')) return;
    const seen = { port: name, dir: direction, ...decoded };
    const key = canonicalText(seen);
    const known = this.#seen.get(key);
    if (known === undefined) this.#seen.set(key, { frame: seen, count: 1 });
    else known.count++;
  }

  #decode(frame: number): SeenFrame | null {
    const { network, underlay } = this.#devices;
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    const src = formatMac(network.addresses.macOf(words[f + Frame.src]));
    const dst = formatMac(network.addresses.macOf(words[f + Frame.dst]));
    const sip = formatIpv4(words[f + Frame.senderIp]);
    const tip = formatIpv4(words[f + Frame.targetIp]);
    const bytes = words[f + Frame.sizeBytes];
    switch (words[f + Frame.kind]) {
      case FrameKind.data:
        return { kind: 'frame', src, dst, id: words[f + Frame.tag], bytes };
      case FrameKind.arpRequest:
        return { kind: 'arp-request', src, dst, sip, tip };
      case FrameKind.arpReply:
        return { kind: 'arp-reply', src, dst, sip, tip };
      case FrameKind.ip: {
        const ttl = words[f + Frame.ttl];
        return { kind: 'ip', src, dst, sip, dip: tip, ttl, proto: words[f + Frame.protocol], bytes };
      }
      case FrameKind.vxlan: {
        const inner = words[f + Frame.inner];
        return {
          kind: 'vxlan',
          vni: this.#vniOf(words[(inner << FRAME_SHIFT) + Frame.segment]),
          outerSrc: underlay.formatAddress(words[f + Frame.senderIp]),
          outerDst: underlay.formatAddress(words[f + Frame.targetIp]),
          outerBytes: bytes,
          inner: this.#decode(inner),
        };
      }
      default:
        return null;
    }
  }

  /** Where each station is, by VTEP and VNI: a remote VTEP's address, or (which counts more) a local port. */
  #fdb(): NonNullable<OverlayObservedStep['fdb']> {
    const { network, bridges, tunnels, underlay } = this.#devices;
    const fdb: NonNullable<OverlayObservedStep['fdb']> = {};
    for (const { vtep, vni, bridge, tunnel } of this.#vtepSegments) {
      const entries: Record<string, string> = {};
      tunnels.tables.forEachEntry(tunnel, (address, endpoint) => {
        entries[formatMac(network.addresses.macOf(address))] = underlay.formatAddress(endpoint);
      });
      bridges.tables.forEachEntry(bridge, (address, port) => {
        const name = this.#watched.get(port);
        if (name !== undefined) entries[formatMac(network.addresses.macOf(address))] = name;
      });
      if (Object.keys(entries).length === 0) continue;
      fdb[vtep] ??= {};
      fdb[vtep][String(vni)] = entries;
    }
    return fdb;
  }

  #segmentOf(vni: number): number {
    let segment = this.#segmentOfVni.get(vni);
    if (segment === undefined) {
      segment = this.#nextSegment++;
      this.#segmentOfVni.set(vni, segment);
    }
    return segment;
  }

  #vniOf(segment: number): number {
    for (const [vni, candidate] of this.#segmentOfVni) if (candidate === segment) return vni;
    return -1;
  }

  #wireOutput() {
    const { network } = this.#devices;
    return {
      transmit: (port: number, frame: number) => network.send(port, frame, Carried.knownUnicast),
    };
  }

  #wait(ns: number): void {
    this.#simulation.run(this.#simulation.nowNs + ns);
  }

  #runUntil(timeNs: number): void {
    if (timeNs > this.#simulation.nowNs) this.#simulation.run(timeNs);
  }
}
