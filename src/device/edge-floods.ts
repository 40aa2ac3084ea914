import { BROADCAST_ID } from '../wire/address-book.ts';
import { FrameKind, VLAN_TAG_BYTES, WIRE_EXTRA_BYTES } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import type { IpStacks } from './ip-stacks.ts';
import { Limit } from './limits.ts';
import { type Network, PORT_SHIFT, Port, PortFlag, PortMode } from './network.ts';
import { carriedByFlood, floodCauseOf, Outcome } from './observer.ts';
import type { GroupCopy } from './port-groups.ts';
import type { Servers } from './servers.ts';

/** A switch with fewer ports to servers sends each copy on its own. */
const GROUP_PORTS_MIN = 4;

/** What a switch's ports were found to be. */
interface Edge {
  /** Network.portsVersion of the switch when it was found. */
  version: number;
  /** The ports to servers that are alike, as PortGroups numbers them; -1 if there are too few. */
  group: number;
  /** How many these are. */
  groupSize: number;
  /** All other ports, in the order in which they were added. */
  others: readonly number[];
  // of each port of the group
  first: number;
  pvid: number;
  isTrunk: boolean;
  nsPerByte: number;
  /** A queue of the group's copies up to which none can overflow. */
  safeBacklogNs: number;
}

/**
 * Floods that cost what they change, not whom they reach: where a switch floods to its servers, the copies that nobody
 * reacts to are one entry in a log (PortGroups) and a few additions.
 *
 * Each switch on the way still gets its copy as an event and learns from it. At the edge, a copy is sent on its own where
 * somebody reacts: the station that it is for or asks for, stations that know the sender's IP address already, the port
 * to everything that is no server. The other servers' copies are counted at once: taken in for nothing, or delivered to
 * stations that drop them. So are their hops, by the same rules as if each copy were an event.
 *
 * Differs from copies that are events of their own in this alone: those that nobody reacts to count as taken in when they
 * leave the switch, the time on the wire too early.
 */
export class EdgeFloods {
  /** False lets every copy be an event of its own. */
  isEnabled = true;
  readonly #network: Network;
  readonly #stacks: IpStacks;
  readonly #servers: Servers;
  // indexed by node
  readonly #edges: (Edge | undefined)[] = [];
  // ports whose copies are events, in order
  readonly #apart: number[] = [];
  #apartCount = 0;
  // how stations that drop what they are not asked end it
  #outcomeOfDelivered: number = Outcome.consumed;
  readonly #copy: GroupCopy = { carried: 0, count: 0, sizeBytes: 0, segment: 0, isForAll: false };

  constructor(network: Network, stacks: IpStacks, servers: Servers) {
    this.#network = network;
    this.#stacks = stacks;
    this.#servers = servers;
    network.groups.onDrop = (port, copy, timeNs) => this.#takeBack(port, copy, timeNs);
  }

  /**
   * Floods a frame from a switch as Bridges does, to the ports for which `mayLeave` is true, and takes over the caller's
   * reference. Returns false, with nothing done, if every copy has to be an event of its own.
   */
  flood(
    node: number,
    ingress: number,
    frame: number,
    cause: number,
    mayLeave: (port: number, segment: number) => boolean,
  ): boolean {
    const network = this.#network;
    if (!this.isEnabled || network.tap !== null) return false;
    const edge = this.#edgeOf(node);
    if (edge.group < 0) return false;
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    const segment = words[f + Frame.segment];
    if (words[f + Frame.inner] >= 0 || !mayLeave(edge.first, segment)) return false;
    // a queue that might overflow has to be looked at copy by copy
    if (network.groups.backlogNs(edge.group, network.simulation.nowNs) > edge.safeBacklogNs) return false;
    if (!this.#findApart(edge.group, node, ingress, frame)) return false;

    const ingressIsOurs = network.groups.has(edge.group, ingress);
    const apartCount = this.#apartCount;
    const together = edge.groupSize - apartCount;
    const sentApart = ingressIsOurs ? apartCount - 1 : apartCount;
    let wireCopies = together + sentApart;
    let copies = wireCopies;
    for (let i = 0; i < edge.others.length; i++) {
      const port = edge.others[i];
      if (port === ingress || !mayLeave(port, segment)) continue;
      copies++;
      if (network.peerOf(port) >= 0) wireCopies++;
    }
    network.countFlood(node, cause, frame, wireCopies);
    if (copies === 0) {
      network.end(ingress, frame, Outcome.dropNoEgress);
      return true;
    }
    network.note(ingress, Outcome.flooded);
    const count = words[f + Frame.count];
    network.createdFrames += (copies - 1) * count;
    this.#sendTogether(node, edge, frame, cause, together);
    const events = copies - together;
    if (events === 0) {
      network.frames.release(frame);
      return true;
    }
    network.frames.retain(frame, events - 1);
    this.#sendApart(edge.others, ingress, frame, carriedByFlood(cause), segment, mayLeave);
    return true;
  }

  /** Sends the copies that are events, in the order of the ports. */
  #sendApart(
    others: readonly number[],
    ingress: number,
    frame: number,
    carried: number,
    segment: number,
    mayLeave: (port: number, segment: number) => boolean,
  ): void {
    const apart = this.#apart;
    let i = 0;
    for (let k = 0; k < others.length; k++) {
      const port = others[k];
      for (; i < this.#apartCount && apart[i] < port; i++) {
        if (apart[i] !== ingress) this.#network.send(apart[i], frame, carried);
      }
      if (port !== ingress && mayLeave(port, segment)) this.#network.send(port, frame, carried);
    }
    for (; i < this.#apartCount; i++) if (apart[i] !== ingress) this.#network.send(apart[i], frame, carried);
  }

  /** Counts the copies that nobody reacts to. */
  #sendTogether(node: number, edge: Edge, frame: number, cause: number, together: number): void {
    const network = this.#network;
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    const segment = words[f + Frame.segment];
    const count = words[f + Frame.count];
    const tagBytes = edge.isTrunk && edge.pvid !== segment ? VLAN_TAG_BYTES : 0;
    const sizeBytes = words[f + Frame.sizeBytes] + tagBytes;
    const frameNs = (sizeBytes + WIRE_EXTRA_BYTES) * edge.nsPerByte;
    const durationNs = count === 1 ? Math.ceil(frameNs) : Math.ceil(frameNs * count);
    const copy = this.#copy;
    copy.carried = carriedByFlood(cause);
    copy.count = count;
    copy.sizeBytes = sizeBytes;
    copy.segment = segment;
    copy.isForAll = words[f + Frame.dst] < 0;
    network.groups.send(edge.group, copy, network.simulation.nowNs, durationNs, this.#apart, this.#apartCount);
    network.hops += together;
    network.groupedHops += together;
    network.hopFrames += together * count;
    network.addSegmentFlood(segment, cause, together * count, together * count * sizeBytes);
    if (!copy.isForAll) {
      this.#takeIn(together, 0, 0, count);
      return;
    }
    const audience = this.#servers.audience;
    audience.find(node, segment);
    let { servers: ports, stations, paused } = audience;
    for (let i = 0; i < this.#apartCount; i++) {
      const port = this.#apart[i];
      const server = network.nodeOf(network.peerOf(port));
      const here = this.#servers.countStationsAt(server, segment);
      if (here === 0) continue;
      ports--;
      stations -= here;
      paused -= this.#servers.countPausedAt(server, segment);
    }
    this.#takeIn(together - ports, stations - paused, paused, count);
    network.createdFrames += (stations - ports) * count;
  }

  #takeIn(useless: number, delivered: number, paused: number, count: number): void {
    const { outcomeFrames } = this.#network;
    this.#servers.uselessFrames += useless * count;
    outcomeFrames[Outcome.notForHere] += (useless + paused) * count;
    // whoever looked at it and dropped it
    outcomeFrames[this.#outcomeOfDelivered] += delivered * count;
  }

  /** A port dropped a copy that was counted as taken in by the server behind it. */
  #takeBack(port: number, { carried, segment, count, sizeBytes, isForAll }: GroupCopy, timeNs: number): void {
    const network = this.#network;
    const server = network.nodeOf(network.peerOf(port));
    const stations = isForAll ? this.#servers.countStationsAt(server, segment) : 0;
    const paused = isForAll ? this.#servers.countPausedAt(server, segment) : 0;
    this.#takeIn(stations === 0 ? -1 : 0, paused - stations, -paused, count);
    if (stations > 0) network.createdFrames -= (stations - 1) * count;
    network.outcomeFrames[Outcome.dropQueueFull] += count;
    network.addDrops(port, count);
    network.limits.hit(Limit.portQueue, network.nodeOf(port), timeNs, count);
    network.addSegmentFlood(segment, floodCauseOf(carried), -count, -count * sizeBytes);
    network.hops--;
    network.groupedHops--;
    network.hopFrames -= count;
  }

  /**
   * Collects, in order, the ports of the group whose servers react to the frame, and the port that it came from. Returns
   * false if it is of a kind to which anybody might react.
   */
  #findApart(group: number, node: number, ingress: number, frame: number): boolean {
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    const destination = words[f + Frame.dst];
    const kind = words[f + Frame.kind];
    this.#apartCount = 0;
    if (this.#network.groups.has(group, ingress)) this.#apart[this.#apartCount++] = ingress;
    if (destination >= 0) {
      this.#addServer(group, node, this.#servers.serverOfAddress(destination));
      return true;
    }
    if (destination !== BROADCAST_ID) return false;
    if (kind === FrameKind.rarp) {
      this.#outcomeOfDelivered = Outcome.delivered;
      return this.#servers.dropsUnasked;
    }
    if (kind === FrameKind.data && this.#servers.countsOnly) {
      this.#outcomeOfDelivered = Outcome.delivered;
      return true;
    }
    if (kind !== FrameKind.arpRequest && kind !== FrameKind.arpReply) return false;
    if (!this.#servers.dropsUnasked) return false;
    this.#outcomeOfDelivered = Outcome.consumed;
    const segment = words[f + Frame.segment];
    const add = (ipInterface: number) => {
      if (this.#stacks.segmentOf(ipInterface) !== segment) return;
      const station = this.#stacks.placeOf(ipInterface, this.#servers);
      if (station >= 0) this.#addServer(group, node, this.#servers.serverOf(station));
    };
    this.#stacks.forEachInterfaceOf(words[f + Frame.targetIp] >>> 0, add);
    this.#stacks.neighbours.forEachHolder(words[f + Frame.senderIp] >>> 0, add);
    return true;
  }

  #addServer(group: number, node: number, server: number): void {
    if (server < 0) return;
    const uplink = this.#servers.uplinkOf(server);
    const port = this.#network.peerOf(uplink);
    if (port < 0 || this.#network.nodeOf(port) !== node || !this.#network.groups.has(group, port)) return;
    const apart = this.#apart;
    let at = this.#apartCount;
    while (at > 0 && apart[at - 1] > port) at--;
    if (at > 0 && apart[at - 1] === port) return;
    for (let i = this.#apartCount++; i > at; i--) apart[i] = apart[i - 1];
    apart[at] = port;
  }

  #edgeOf(node: number): Edge {
    const version = this.#network.portsVersion(node);
    const known = this.#edges[node];
    if (known !== undefined && known.version === version) return known;
    if (known !== undefined && known.group >= 0) this.#dissolve(known.group);
    const found = this.#find(node);
    this.#edges[node] = found;
    return found;
  }

  #dissolve(group: number): void {
    const ports = this.#network.groups.portsOf(group);
    this.#network.groups.dissolve(group);
    for (const port of ports) this.#network.setFlag(port, PortFlag.grouped, false);
  }

  #find(node: number): Edge {
    const network = this.#network;
    const ports = network.nodePorts[node];
    const candidates = ports.filter((port) => this.#leadsToServer(port));
    const alike = candidates.filter((port) => this.#areAlike(port, candidates[0]));
    const isGroup = alike.length >= GROUP_PORTS_MIN;
    if (isGroup) for (const port of alike) network.setFlag(port, PortFlag.grouped, true);
    const group = isGroup ? network.groups.form(alike) : -1;
    const others = isGroup ? ports.filter((port) => !alike.includes(port)) : ports;
    const first = isGroup ? alike[0] : -1;
    return {
      version: network.portsVersion(node),
      group,
      groupSize: alike.length,
      others,
      first,
      pvid: isGroup ? network.portWords[(first << PORT_SHIFT) + Port.pvid] : -1,
      isTrunk: isGroup && network.portWords[(first << PORT_SHIFT) + Port.trunk] >= 0,
      nsPerByte: isGroup ? network.nsPerByteOf(first) : 0,
      safeBacklogNs: isGroup ? network.backlogNsMax(first) / 2 : 0,
    };
  }

  #leadsToServer(port: number): boolean {
    const network = this.#network;
    const peer = network.peerOf(port);
    if (peer < 0 || network.modeOf(port) !== PortMode.bridged || network.modeOf(peer) !== PortMode.nic) return false;
    if (this.#servers.uplinkOf(network.nodeOf(peer)) !== peer) return false;
    const isUp = network.hasFlag(port, PortFlag.linkUp) && network.hasFlag(port, PortFlag.forwarding);
    return isUp && !network.hasFlag(port, PortFlag.translates);
  }

  #areAlike(a: number, b: number): boolean {
    const { portWords } = this.#network;
    const p = a << PORT_SHIFT;
    const q = b << PORT_SHIFT;
    return (
      portWords[p + Port.pvid] === portWords[q + Port.pvid] &&
      portWords[p + Port.trunk] === portWords[q + Port.trunk] &&
      this.#network.nsPerByteOf(a) === this.#network.nsPerByteOf(b) &&
      this.#network.backlogNsMax(a) === this.#network.backlogNsMax(b)
    );
  }
}
