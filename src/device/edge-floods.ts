import { BROADCAST_ID, isReservedId } from '../wire/address-book.ts';
import { FrameKind, VLAN_TAG_BYTES } from '../wire/ethernet.ts';
import { Frame, frameRecord } from '../wire/frame-pool.ts';
import { FloodRow } from './flood-row.ts';
import type { IpStacks } from './ip-stacks.ts';
import { Limit } from './limits.ts';
import { type Network, PortFlag, PortMode } from './network.ts';
import { carriedByFlood, floodCauseOf, Outcome, type Tap } from './observer.ts';
import type { GroupCopy } from './port-groups.ts';
import type { Servers } from './servers.ts';
import { Edge, EdgeGroup, edgeRecord, type MayLeave, NONE, SwitchEdges } from './switch-edges.ts';

/**
 * Floods that cost what they change, not whom they reach: the copies that nobody reacts to are sent together
 * (PortGroups) and a few additions.
 *
 * Each switch on the way gets its copy as an event and learns from it. A copy to a server is an event where somebody
 * reacts: the station that it is for or asks for, stations that know the sender's IP address already. The other servers'
 * copies are counted at once: taken in for nothing, or delivered to stations that drop them. So are copies to ports that
 * the spanning tree blocks at the other end. Their hops are counted by the same rules as if each were an event.
 *
 * Differs from copies that are events of their own in this alone: those that nobody reacts to count as taken in when they
 * leave the switch, the time on the wire too early.
 */
export class EdgeFloods {
  /** The frame that `beginRow` named. */
  readonly row: FloodRow;
  readonly #network: Network;
  readonly #stacks: IpStacks;
  readonly #servers: Servers;
  readonly #edges: SwitchEdges;
  // ports to servers whose copies are events, in order; and the port that the frame came from, if it is one of a group
  readonly #apart: number[] = [];
  #apartCount = 0;
  // all ports whose copies are events
  readonly #leaving: number[] = [];
  #leavingCount = 0;
  readonly #ingress: number[] = [-1];
  // a gateway that gets a copy may answer at once with a frame that floods: that one's copies are events
  #isSending = false;
  // the servers that react to the last frame: to one address, or those below
  #reactors: readonly number[] = [];
  #reactorCount = 0;
  readonly #addressee: number[] = [-1];
  // the servers that react to the last ARP message, and what that depended on
  readonly #concerned: number[] = [];
  #concernedCount = 0;
  readonly #known = { segment: -1, senderIp: 0, targetIp: 0, neighbours: -1, placements: -1 };
  // how stations end what they are not asked
  #stationOutcome: number = Outcome.consumed;
  readonly #copy: GroupCopy = { carried: 0, count: 0, sizeBytes: 0, segment: 0, stationOutcome: -1 };

  constructor(network: Network, stacks: IpStacks, servers: Servers) {
    this.#network = network;
    this.#stacks = stacks;
    this.#servers = servers;
    this.#edges = new SwitchEdges(network, servers);
    this.row = new FloodRow(network, servers, this.#edges);
    network.groups.onDrop = (port, copy) => this.#takeBack(port, copy);
  }

  /** Names who tells ports apart that floods do not treat alike. */
  tellApart(areAlike: (a: number, b: number) => boolean): void {
    this.#edges.areAlikeElsewhere = areAlike;
  }

  /**
   * Floods a frame from a switch as Bridges does, to the ports for which `mayLeave` is true, and takes over the caller's
   * reference. Returns false, with nothing done, if every copy has to be an event of its own.
   */
  flood(node: number, ingress: number, frame: number, cause: number, mayLeave: MayLeave): boolean {
    const network = this.#network;
    if (!network.countsUnheededAtOnce || network.isTapped || this.#isSending) return false;
    const words = network.frames.words;
    const f = frameRecord(frame);
    const segment = words[f + Frame.segment];
    if (words[f + Frame.inner] >= 0 || isReservedId(words[f + Frame.dst])) return false;
    const edges = this.#edges;
    const edge = edges.of(node);
    const e = edgeRecord(edge);
    const servers = edges.groupFor(e + Edge.servers, segment, ingress, mayLeave);
    const deadEnds = edges.groupFor(e + Edge.deadEnds, segment, ingress, mayLeave);
    if (this.#mightOverflow(servers) || this.#mightOverflow(deadEnds)) return false;
    this.#apartCount = 0;
    if (servers !== NONE) {
      if (!this.#findReactors(frame)) return false;
      this.#findApart(servers, node, ingress);
    }

    const isFromDeadEnd = this.#isIn(deadEnds, ingress);
    const toServers = servers === NONE ? 0 : edges.words[servers + EdgeGroup.size] - this.#apartCount;
    const toDeadEnds = deadEnds === NONE ? 0 : edges.words[deadEnds + EdgeGroup.size] - (isFromDeadEnd ? 1 : 0);
    const together = toServers + toDeadEnds;
    const others = edges.othersFor(edge, segment, ingress, mayLeave);
    const wireCopies = together + this.#gatherApart(others, ingress, segment, mayLeave);
    const copies = together + this.#leavingCount;
    network.countFlood(node, cause, frame, wireCopies);
    if (copies === 0) {
      network.end(ingress, frame, Outcome.dropNoEgress);
      return true;
    }
    network.note(ingress, Outcome.flooded);
    const count = words[f + Frame.count];
    network.createdFrames += (copies - 1) * count;
    if (servers !== NONE) {
      this.#sendTogether(servers, frame, cause, toServers, this.#apart, this.#apartCount);
      this.#deliver(node, frame, toServers, edges.otherServersOf(edge));
    }
    if (deadEnds !== NONE) {
      this.#ingress[0] = ingress;
      this.#sendTogether(deadEnds, frame, cause, toDeadEnds, this.#ingress, isFromDeadEnd ? 1 : 0);
      network.outcomeFrames[Outcome.dropPortBlocked] += toDeadEnds * count;
    }
    if (network.tap !== null) this.#tell(network.tap, ingress, frame, servers, toServers, deadEnds);
    const events = this.#leavingCount;
    if (events === 0) {
      network.frames.release(frame);
      return true;
    }
    network.frames.retain(frame, events - 1);
    this.#isSending = true;
    network.sendCopies(this.#leaving, events, frame, carriedByFlood(cause));
    this.#isSending = false;
    return true;
  }

  /** Begins a row of floods of one frame. Returns false if each has to be looked at alone. */
  beginRow(frame: number): boolean {
    const network = this.#network;
    const words = network.frames.words;
    const f = frameRecord(frame);
    if (!network.countsUnheededAtOnce || network.tap !== null || words[f + Frame.inner] >= 0) return false;
    if ((words[f + Frame.src] | words[f + Frame.segment]) < 0 || !this.#findReactors(frame)) return false;
    this.row.begin(frame, this.#stationOutcome, this.#reactors, this.#reactorCount);
    return true;
  }

  /** Tells a tap of the copies that are no events. */
  #tell(tap: Tap, ingress: number, frame: number, servers: number, toServers: number, deadEnds: number): void {
    const { words } = this.#edges;
    if (servers !== NONE) tap.sentToServers?.(words[servers + EdgeGroup.first], frame, toServers);
    if (deadEnds === NONE || tap.sentToDeadEnd === undefined) return;
    for (const port of this.#network.groups.portsOf(words[deadEnds + EdgeGroup.group])) {
      if (port !== ingress) tap.sentToDeadEnd(port, frame);
    }
  }

  /** Whether a queue is so long that it has to be looked at copy by copy. */
  #mightOverflow(group: number): boolean {
    if (group === NONE) return false;
    const { groups, simulation } = this.#network;
    return groups.mightOverflow(this.#edges.words[group + EdgeGroup.group], simulation.nowNs);
  }

  /** Whether a port is one of a group. */
  #isIn(group: number, port: number): boolean {
    if (group === NONE || !this.#network.hasFlag(port, PortFlag.grouped)) return false;
    return this.#network.groups.has(this.#edges.words[group + EdgeGroup.group], port);
  }

  /** Gathers, in order, the ports whose copies are events. Returns how many of them lead to a wire. */
  #gatherApart(others: readonly number[], ingress: number, segment: number, mayLeave: MayLeave): number {
    const network = this.#network;
    const apart = this.#apart;
    const leaving = this.#leaving;
    let count = 0;
    let virtual = 0;
    let i = 0;
    for (let k = 0; k < others.length; k++) {
      const port = others[k];
      if (port === ingress || !mayLeave(port, segment, ingress)) continue;
      for (; i < this.#apartCount && apart[i] < port; i++) if (apart[i] !== ingress) leaving[count++] = apart[i];
      leaving[count++] = port;
      if (!network.leadsToWire(port)) virtual++;
    }
    for (; i < this.#apartCount; i++) if (apart[i] !== ingress) leaving[count++] = apart[i];
    this.#leavingCount = count;
    return count - virtual;
  }

  /** Lets the ports of a group, but for those apart, send a copy each, `together` of them. */
  #sendTogether(
    group: number,
    frame: number,
    cause: number,
    together: number,
    apart: readonly number[],
    apartCount: number,
  ): void {
    const network = this.#network;
    const words = network.frames.words;
    const f = frameRecord(frame);
    const edges = this.#edges;
    const segment = words[f + Frame.segment];
    const count = words[f + Frame.count];
    const sizeBytes = words[f + Frame.sizeBytes] + (edges.isTagged(group, segment) ? VLAN_TAG_BYTES : 0);
    const copy = this.#copy;
    copy.carried = carriedByFlood(cause);
    copy.count = count;
    copy.sizeBytes = sizeBytes;
    copy.segment = segment;
    copy.stationOutcome = words[f + Frame.dst] < 0 ? this.#stationOutcome : -1;
    network.groups.send(edges.words[group + EdgeGroup.group], copy, network.simulation.nowNs, apart, apartCount);
    network.hops += together;
    network.groupedHops += together;
    network.followingHopFrames += together * (count - 1);
    network.addSegmentFlood(segment, cause, together * count, together * count * sizeBytes);
  }

  /** Counts at servers, and their stations, the copies that nobody reacts to. */
  #deliver(node: number, frame: number, toServers: number, otherServers: readonly number[]): void {
    const network = this.#network;
    const words = network.frames.words;
    const f = frameRecord(frame);
    const segment = words[f + Frame.segment];
    const count = words[f + Frame.count];
    if (words[f + Frame.dst] >= 0) {
      this.#servers.takeIn(segment, toServers * count, 0, 0, -1);
      return;
    }
    const audience = this.#servers.audience;
    audience.find(node, segment);
    let { servers, stations, paused } = audience;
    // their copies, if they get one, are events
    for (let i = 0; i < this.#apartCount + otherServers.length; i++) {
      const server =
        i < this.#apartCount ? network.nodeOf(network.peerOf(this.#apart[i])) : otherServers[i - this.#apartCount];
      const here = this.#servers.countStationsAt(server, segment);
      if (here === 0) continue;
      servers--;
      stations -= here;
      paused -= this.#servers.countPausedAt(server, segment);
    }
    network.reach.addReached(segment, toServers * count);
    this.#servers.takeIn(
      segment,
      (toServers - servers) * count,
      (stations - paused) * count,
      paused * count,
      this.#stationOutcome,
    );
    network.createdFrames += (stations - servers) * count;
  }

  /** A port dropped a copy that was counted as taken in at its other end. */
  #takeBack(port: number, { carried, segment, count, sizeBytes, stationOutcome }: Readonly<GroupCopy>): void {
    const network = this.#network;
    const peer = network.peerOf(port);
    if (network.modeOf(peer) === PortMode.nic) {
      const server = network.nodeOf(peer);
      const isForAll = stationOutcome >= 0;
      const stations = isForAll ? this.#servers.countStationsAt(server, segment) : 0;
      const paused = isForAll ? this.#servers.countPausedAt(server, segment) : 0;
      const useless = stations === 0 ? count : 0;
      this.#servers.takeIn(segment, -useless, (paused - stations) * count, -paused * count, stationOutcome);
      if (isForAll) network.reach.addReached(segment, -count);
      if (stations > 0) network.createdFrames -= (stations - 1) * count;
    } else {
      network.outcomeFrames[Outcome.dropPortBlocked] -= count;
    }
    network.outcomeFrames[Outcome.dropQueueFull] += count;
    network.addDrops(port, carried, count);
    network.limits.hit(Limit.portQueue, network.nodeOf(port), network.simulation.nowNs, count);
    network.addSegmentFlood(segment, floodCauseOf(carried), -count, -count * sizeBytes);
    network.hops--;
    network.groupedHops--;
    network.followingHopFrames -= count - 1;
  }

  /** Collects, in order, the ports of the group whose servers react to the frame, and the port that it came from. */
  #findApart(group: number, node: number, ingress: number): void {
    if (this.#isIn(group, ingress)) this.#apart[this.#apartCount++] = ingress;
    for (let i = 0; i < this.#reactorCount; i++) this.#addServer(group, node, this.#reactors[i]);
  }

  /** Finds the servers that react to a frame. Returns false if it is of a kind to which anybody might react. */
  #findReactors(frame: number): boolean {
    const words = this.#network.frames.words;
    const f = frameRecord(frame);
    const destination = words[f + Frame.dst];
    const kind = words[f + Frame.kind];
    this.#reactorCount = 0;
    if (destination >= 0) {
      const server = this.#servers.serverOfAddress(destination);
      this.#reactors = this.#addressee;
      this.#addressee[0] = server;
      this.#reactorCount = server < 0 ? 0 : 1;
      return true;
    }
    if (destination !== BROADCAST_ID) return false;
    if (kind === FrameKind.rarp) {
      this.#stationOutcome = Outcome.delivered;
      return this.#servers.dropsUnasked;
    }
    if (kind === FrameKind.data && this.#servers.countsOnly) {
      this.#stationOutcome = Outcome.delivered;
      return true;
    }
    if (kind !== FrameKind.arpRequest && kind !== FrameKind.arpReply) return false;
    if (!this.#servers.dropsUnasked) return false;
    this.#stationOutcome = Outcome.consumed;
    this.#findConcerned(frame);
    this.#reactors = this.#concerned;
    this.#reactorCount = this.#concernedCount;
    return true;
  }

  /** The servers with stations that react to an ARP message, found once for the many switches that flood it. */
  #findConcerned(frame: number): void {
    const words = this.#network.frames.words;
    const f = frameRecord(frame);
    const segment = words[f + Frame.segment];
    const senderIp = words[f + Frame.senderIp];
    const targetIp = words[f + Frame.targetIp];
    const known = this.#known;
    const neighbours = this.#stacks.neighbours.version;
    const placements = this.#servers.placementVersion;
    if (
      known.segment === segment &&
      known.senderIp === senderIp &&
      known.targetIp === targetIp &&
      known.neighbours === neighbours &&
      known.placements === placements
    )
      return;
    known.segment = segment;
    known.senderIp = senderIp;
    known.targetIp = targetIp;
    known.neighbours = neighbours;
    known.placements = placements;
    this.#concernedCount = 0;
    const add = (ipInterface: number) => {
      if (this.#stacks.segmentOf(ipInterface) !== segment) return;
      const station = this.#stacks.placeOf(ipInterface, this.#servers);
      if (station >= 0) this.#concerned[this.#concernedCount++] = this.#servers.serverOf(station);
    };
    this.#stacks.forEachInterfaceOf(targetIp >>> 0, add);
    this.#stacks.neighbours.forEachHolder(senderIp >>> 0, add);
  }

  #addServer(group: number, node: number, server: number): void {
    if (server < 0) return;
    const port = this.#servers.portTo(server, node);
    if (port < 0 || !this.#isIn(group, port)) return;
    const apart = this.#apart;
    let at = this.#apartCount;
    while (at > 0 && apart[at - 1] > port) at--;
    if (at > 0 && apart[at - 1] === port) return;
    for (let i = this.#apartCount++; i > at; i--) apart[i] = apart[i - 1];
    apart[at] = port;
  }
}
