import { type Network, PORT_SHIFT, Port, PortFlag, PortMode } from './network.ts';
import type { Servers } from './servers.ts';

/** Fewer ports than these are no group: each sends its copies on its own. */
const GROUP_PORTS_MIN = 2;

/** Ports of one switch that send copies of floods together; all alike in what this says. */
export interface EdgeGroup {
  /** As PortGroups numbers it. */
  readonly group: number;
  readonly size: number;
  /** One of the ports. */
  readonly first: number;
  readonly pvid: number;
  readonly isTrunk: boolean;
}

/** The ports of a switch by who is at the other end. */
export interface SwitchEdge {
  /** Network.portsVersion of the switch when it was found. */
  readonly version: number;
  /** Ports to servers. */
  readonly servers: EdgeGroup | null;
  /** Ports whose other end the spanning tree blocks: it discards all but BPDUs. IEEE 802.1D-1998, 8.4.1. */
  readonly deadEnds: EdgeGroup | null;
  /** All other ports, in the order in which they were added. */
  readonly others: readonly number[];
  /** Servers at these. */
  readonly otherServers: readonly number[];
  /** By segment, those of the others that may send its frames, as far as anybody asked. */
  readonly othersOf: Map<number, readonly number[]>;
}

/** So few ports are looked through faster than they are found by segment. */
const FEW_PORTS = 4;

/** Finds the ports of switches that can send copies of floods together, and finds them anew when ports change. */
export class SwitchEdges {
  readonly #network: Network;
  readonly #servers: Servers;
  /** Whether floods treat two ports alike in what only some fabrics have; null if nothing tells them apart. */
  areAlikeElsewhere: ((a: number, b: number) => boolean) | null = null;
  // indexed by node
  readonly #edges: (SwitchEdge | undefined)[] = [];

  constructor(network: Network, servers: Servers) {
    this.#network = network;
    this.#servers = servers;
  }

  of(node: number): SwitchEdge {
    const known = this.#edges[node];
    if (known !== undefined && known.version === this.#network.portsVersion(node)) return known;
    if (known !== undefined) for (const group of [known.servers, known.deadEnds]) this.#dissolve(group);
    const found = this.#find(node);
    this.#edges[node] = found;
    return found;
  }

  /** The ports in no group to which a frame of a segment may be flooded, and perhaps a few others. */
  othersFor(
    edge: SwitchEdge,
    segment: number,
    mayLeave: (port: number, segment: number, ingress: number) => boolean,
  ): readonly number[] {
    if (edge.others.length <= FEW_PORTS) return edge.others;
    const known = edge.othersOf.get(segment);
    if (known !== undefined) return known;
    const ports = edge.others.filter((port) => mayLeave(port, segment, -1));
    edge.othersOf.set(segment, ports);
    return ports;
  }

  #dissolve(edgeGroup: EdgeGroup | null): void {
    if (edgeGroup === null) return;
    const ports = this.#network.groups.portsOf(edgeGroup.group);
    this.#network.groups.dissolve(edgeGroup.group);
    for (const port of ports) this.#network.setFlag(port, PortFlag.grouped, false);
  }

  #find(node: number): SwitchEdge {
    const network = this.#network;
    const ports = network.nodePorts[node].filter((port) => this.#sends(port));
    const servers = this.#form(ports.filter((port) => this.#leadsToServer(port)));
    const deadEnds = this.#form(ports.filter((port) => this.#isDeadEnd(port)));
    const others = network.nodePorts[node].filter((port) => !network.hasFlag(port, PortFlag.grouped));
    const otherServers = others
      .filter((port) => network.peerOf(port) >= 0 && this.#leadsToServer(port))
      .map((port) => network.nodeOf(network.peerOf(port)));
    return { version: network.portsVersion(node), servers, deadEnds, others, otherServers, othersOf: new Map() };
  }

  /** A group of those of the ports that are like the first. */
  #form(candidates: readonly number[]): EdgeGroup | null {
    const network = this.#network;
    const ports = candidates.filter((port) => this.#areAlike(port, candidates[0]));
    if (ports.length < GROUP_PORTS_MIN) return null;
    for (const port of ports) network.setFlag(port, PortFlag.grouped, true);
    const first = ports[0];
    return {
      group: network.groups.form(ports),
      size: ports.length,
      first,
      pvid: network.portWords[(first << PORT_SHIFT) + Port.pvid],
      isTrunk: network.portWords[(first << PORT_SHIFT) + Port.trunk] >= 0,
    };
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
    const p = a << PORT_SHIFT;
    const q = b << PORT_SHIFT;
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
