import { grownCopy } from '../grown-copy.ts';
import { ALL_SEGMENTS, type Network, Port, PortFlag, PortMode, portRecord } from './network.ts';
import type { Servers } from './servers.ts';

/** Fewer ports than these are no group: each sends its copies on its own. */
const GROUP_PORTS_MIN = 2;

/** So few ports are looked through faster than they are found by segment. */
const FEW_PORTS = 4;

/** Instead of a group, a port, or where a record starts. */
export const NONE = -1;
const SEVERAL = -2;

/** Whether a port may send a frame of a segment that came in by another port. */
export type MayLeave = (port: number, segment: number, ingress: number) => boolean;

/** The words of ports of one switch that send copies of floods together; all alike in what these say. */
export const EdgeGroup = {
  /** As PortGroups numbers it, or NONE. */
  group: 0,
  size: 1,
  /** One of the ports. */
  first: 2,
  /** What they carry: as Port.pvid and Port.trunk. */
  pvid: 3,
  trunk: 4,
  /** 1 if more than that decides by which ports a flood may leave. */
  asks: 5,
} as const;

/** The words of a switch's record, a cache line: the ports by who is at the other end. */
export const EDGE_SHIFT = 4;
export const Edge = {
  /** The group of ports to servers. */
  servers: 0,
  /** That of ports whose other end the spanning tree blocks: it discards all but BPDUs. IEEE 802.1D-1998, 8.4.1. */
  deadEnds: 6,
  /** The one other port that forwards, or NONE, or SEVERAL. */
  other: 12,
  /** How many other ports lead to servers. */
  otherServers: 13,
} as const;
const EDGES_MAX = 2 ** 26;

/** Where the record of an edge starts. The mask changes nothing, but tells V8 that the number of each word is from 0. */
export const edgeRecord = (edge: number): number => (edge & (EDGES_MAX - 1)) << EDGE_SHIFT;

/** Ports of a switch that are in no group. */
interface OtherPorts {
  /** Those that forward, in the order in which they were added. */
  readonly ports: readonly number[];
  /** Servers at any of them. */
  readonly servers: readonly number[];
  /** By segment, those of the ports that may send its frames, as far as anybody asked. */
  readonly bySegment: Map<number, readonly number[]>;
}

const NOBODY: readonly number[] = [];

/** Finds the ports of switches that can send copies of floods together, and finds them anew when ports change. */
export class SwitchEdges {
  /** Records of switches, by edge: the number that a switch got when it first flooded. */
  words: Int32Array = new Int32Array(16 << EDGE_SHIFT);
  /** Whether floods treat two ports alike in what only some fabrics have; null if nothing tells them apart. */
  areAlikeElsewhere: ((a: number, b: number) => boolean) | null = null;
  readonly #network: Network;
  readonly #servers: Servers;
  // by node, its edge
  readonly #edgeOfNode = new Map<number, number>();
  // indexed by edge
  readonly #others: OtherPorts[] = [];

  constructor(network: Network, servers: Servers) {
    this.#network = network;
    this.#servers = servers;
  }

  /** The edge of a switch. */
  of(node: number): number {
    const known = this.#network.edges[node];
    return known >= 0 ? known : this.#find(node);
  }

  /** Where the words of a group are by whose ports a flood may leave: `group`, or NONE. */
  groupFor(group: number, segment: number, ingress: number, mayLeave: MayLeave): number {
    const words = this.words;
    if (words[group + EdgeGroup.group] < 0) return NONE;
    const leaves =
      words[group + EdgeGroup.asks] !== 0
        ? mayLeave(words[group + EdgeGroup.first], segment, ingress)
        : this.carries(group, segment);
    return leaves ? group : NONE;
  }

  /** `Network.isMember` of the ports of a group. */
  carries(group: number, segment: number): boolean {
    const trunk = this.words[group + EdgeGroup.trunk];
    if (trunk === ALL_SEGMENTS || this.words[group + EdgeGroup.pvid] === segment) return true;
    return trunk >= 0 && this.#network.trunks.has(trunk, segment);
  }

  /** `Network.isTagged` of the ports of a group. */
  isTagged(group: number, segment: number): boolean {
    return this.words[group + EdgeGroup.trunk] >= 0 && this.words[group + EdgeGroup.pvid] !== segment;
  }

  /** The ports in no group to which a frame of a segment from a port may be flooded, and perhaps a few others. */
  othersFor(edge: number, segment: number, ingress: number, mayLeave: MayLeave): readonly number[] {
    const other = this.words[edgeRecord(edge) + Edge.other];
    if (other === ingress || other === NONE) return NOBODY;
    const { ports, bySegment } = this.#others[edge];
    if (ports.length <= FEW_PORTS) return ports;
    const known = bySegment.get(segment);
    if (known !== undefined) return known;
    const ofSegment = ports.filter((port) => mayLeave(port, segment, NONE));
    bySegment.set(segment, ofSegment);
    return ofSegment;
  }

  /** Servers at ports in no group. */
  otherServersOf(edge: number): readonly number[] {
    return this.words[edgeRecord(edge) + Edge.otherServers] === 0 ? NOBODY : this.#others[edge].servers;
  }

  #find(node: number): number {
    const network = this.#network;
    const edge = this.#edgeOfNode.get(node) ?? this.#add(node);
    const e = edgeRecord(edge);
    this.#dissolve(e + Edge.servers);
    this.#dissolve(e + Edge.deadEnds);
    const ports = network.nodePorts[node].filter((port) => this.#sends(port));
    const toServers = ports.filter((port) => this.#leadsToServer(port));
    const toDeadEnds = ports.filter((port) => this.#isDeadEnd(port));
    this.#form(e + Edge.servers, toServers);
    this.#form(e + Edge.deadEnds, toDeadEnds);
    const others = network.nodePorts[node].filter((port) => !network.hasFlag(port, PortFlag.grouped));
    const forwarding = others.filter(
      (port) => network.hasFlag(port, PortFlag.forwarding) && !network.hasFlag(port, PortFlag.aggregated),
    );
    const servers = others
      .filter((port) => network.peerOf(port) >= 0 && this.#leadsToServer(port))
      .map((port) => network.nodeOf(network.peerOf(port)));
    this.words[e + Edge.other] = forwarding.length > 1 ? SEVERAL : (forwarding[0] ?? NONE);
    this.words[e + Edge.otherServers] = servers.length;
    this.#others[edge] = { ports: forwarding, servers, bySegment: new Map() };
    network.edges[node] = edge;
    return edge;
  }

  #add(node: number): number {
    const edge = this.#edgeOfNode.size;
    this.#edgeOfNode.set(node, edge);
    if ((edge + 1) << EDGE_SHIFT > this.words.length) this.words = grownCopy(this.words, this.words.length * 2);
    this.words[edgeRecord(edge) + Edge.servers + EdgeGroup.group] = NONE;
    this.words[edgeRecord(edge) + Edge.deadEnds + EdgeGroup.group] = NONE;
    return edge;
  }

  #dissolve(at: number): void {
    const { groups } = this.#network;
    const group = this.words[at + EdgeGroup.group];
    if (group === NONE) return;
    const ports = groups.portsOf(group);
    groups.dissolve(group);
    for (const port of ports) this.#network.setGrouped(port, false);
  }

  /** Writes the words of a group of those of the ports that are like the first. */
  #form(at: number, candidates: readonly number[]): void {
    const network = this.#network;
    const words = this.words;
    const ports = candidates.filter((port) => this.#areAlike(port, candidates[0]));
    words[at + EdgeGroup.group] = NONE;
    if (ports.length < GROUP_PORTS_MIN) return;
    for (const port of ports) network.setGrouped(port, true);
    const first = ports[0];
    const asks = this.areAlikeElsewhere !== null || network.hasFlag(first, PortFlag.twinned);
    words[at + EdgeGroup.group] = network.groups.form(ports);
    words[at + EdgeGroup.size] = ports.length;
    words[at + EdgeGroup.first] = first;
    words[at + EdgeGroup.pvid] = network.portWords[portRecord(first) + Port.pvid];
    words[at + EdgeGroup.trunk] = network.portWords[portRecord(first) + Port.trunk];
    words[at + EdgeGroup.asks] = asks ? 1 : 0;
  }

  #sends(port: number): boolean {
    const network = this.#network;
    if (network.peerOf(port) < 0 || network.modeOf(port) !== PortMode.bridged) return false;
    if (network.hasFlag(port, PortFlag.translates | PortFlag.aggregated | PortFlag.byInstance)) return false;
    return network.hasFlag(port, PortFlag.linkUp) && network.hasFlag(port, PortFlag.forwarding);
  }

  #leadsToServer(port: number): boolean {
    const network = this.#network;
    const peer = network.peerOf(port);
    return network.modeOf(peer) === PortMode.nic && this.#servers.listensAt(peer);
  }

  #isDeadEnd(port: number): boolean {
    const network = this.#network;
    const peer = network.peerOf(port);
    return network.modeOf(peer) === PortMode.bridged && !network.hasFlag(peer, PortFlag.learning | PortFlag.forwarding);
  }

  #areAlike(a: number, b: number): boolean {
    const { portWords } = this.#network;
    const p = portRecord(a);
    const q = portRecord(b);
    return (
      portWords[p + Port.pvid] === portWords[q + Port.pvid] &&
      portWords[p + Port.trunk] === portWords[q + Port.trunk] &&
      this.#network.hasFlag(a, PortFlag.twinned) === this.#network.hasFlag(b, PortFlag.twinned) &&
      this.#network.nsPerByteOf(a) === this.#network.nsPerByteOf(b) &&
      this.#network.backlogNsMax(a) === this.#network.backlogNsMax(b) &&
      this.areAlikeElsewhere?.(a, b) !== false
    );
  }
}
