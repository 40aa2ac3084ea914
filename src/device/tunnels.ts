import { ecmpIndex, vxlanEntropy } from '../protocol/ecmp.ts';
import { macHash } from '../protocol/mac-hash.ts';
import { Learned, MacTables, Miss, NEVER_MS } from '../protocol/mac-tables.ts';
import { linuxWheelExpiryNs } from '../protocol/timer-expiry.ts';
import { FrameKind } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import { PairRecords } from '../wire/pair-records.ts';
import { ENTROPY_PORT_COUNT } from '../wire/vxlan.ts';
import { type BridgeParameters, FLOOD_CAUSE_OF_MISS, groupFloodCause } from './bridges.ts';
import { EventKind } from './event-kinds.ts';
import { Limit } from './limits.ts';
import { type Network, PORT_SHIFT, Port, PortMode } from './network.ts';
import { Carried, carriedByFlood, FLOOD_CAUSE_COUNT, floodCauseOf, Outcome } from './observer.ts';
import { RemotePeers } from './remote-peers.ts';
import { Replicators } from './replicators.ts';
import type { Underlay } from './underlay.ts';

const NS_PER_MS = 1e6;

/** Milliseconds between two scans for aged entries. drivers/net/vxlan (FDB_AGE_INTERVAL). */
const LINUX_SCAN_INTERVAL_MS = 10_000;

/** Places of tunnels' tables from here on are sets of endpoints, below it they are endpoints. */
const NEXT_HOPS_FIRST = 2 ** 24;

// values of a record of a segment that is served
const SERVED_WORDS = 2;
const TUNNEL = 0;
const LIST = 1;

/** What a tunnel is like. */
export interface TunnelParameters {
  /** Whose address its packets come from. */
  endpoint: number;
  /** Where it is in the underlay, if that endpoint is another one whose address it shares. */
  ownEndpoint?: number;
  /** Ageing time of remote entries, which RFC 7348 says nothing of. */
  ageingTimeNs: number;
  /** Whether it learns inner source to outer source from what it decapsulates. */
  learns: boolean;
  /** Bytes that encapsulation adds. */
  overheadBytes: number;
  /** `linux-6.18`: aged entries go when a scan every ten seconds finds them. */
  implementation: 'rfc7348' | 'linux-6.18';
  /** What its table holds, and how fast it learns; none where it is part of another table. */
  limits?: Required<Pick<BridgeParameters, 'geometry' | 'learnedPerSecond' | 'seed'>> | null;
  /** Whether frames for unknown stations are dropped instead of flooded; unless set, they are not. */
  dropsUnknown?: boolean;
  /** Remote VTEPs that it knows; null is no limit. */
  peersMax?: number | null;
  /** Hardware that has one table for local and remote stations: what that table refuses is not learned here either. */
  sharesTable?: { tables: MacTables; table: number };
  /** Different source ports that flows are spread over; unless set, all that RFC 7348 has. */
  sourcePortCount?: number;
}

/** What ECMP sees of a packet from one endpoint to another that carries a flow. RFC 7348, section 5 on its source port. */
export function outerFlowHash(packet: {
  endpoint: number;
  destination: number;
  innerFlowHash: number;
  sourcePortCount: number;
}): number {
  const { endpoint, destination, innerFlowHash, sourcePortCount } = packet;
  return hashOfOuter(endpoint, destination, vxlanEntropy(innerFlowHash) % sourcePortCount);
}

/** Routers hash both addresses and the source port. */
function hashOfOuter(endpoint: number, destination: number, sourcePort: number): number {
  return sourcePort ^ Math.imul(endpoint + 1, 0x5bd1e995) ^ Math.imul(destination + 1, 0x1b873593);
}

/** Hears of ARP messages that stations behind a tunnel send into it, and of those that come out of it. */
export interface ArpWatcher {
  /** Returns true if it has taken the frame, with the caller's reference: it goes no further. */
  arpSent(tunnel: number, port: number, frame: number): boolean;
  /** The frame goes on. */
  arpReceived(tunnel: number, frame: number): void;
}

/** Takes frames that left a tunnel. Owns one reference. */
export interface InnerHandler {
  receive(port: number, frame: number): void;
}

/**
 * Where a segment's broadcast, unknown unicast and multicast go: endpoints, each with a copy of its own, or a group. All
 * members may share one list that names them all, and change it: an endpoint sends no copy to itself. Among endpoints a
 * group, which is below 0, counts as one more remote. With `replicators` the copy goes to one of these, as long as there is
 * a way to one, and that one sends it to the endpoints.
 */
export type FloodList =
  | { kind: 'ingress'; endpoints: readonly number[]; replicators?: readonly number[] }
  | { kind: 'group'; group: number };

/**
 * VXLAN tunnels: encapsulation, decapsulation, learning where remote stations are, and replication. RFC 7348, section 4.
 *
 * A tunnel is a virtual port of a bridge, or of a server's own switch, at an endpoint of the underlay; the bridge floods
 * into it and learns behind it as on any port. What came out of a tunnel never returns to it, because no bridge sends a
 * frame out of the port it came in on.
 */
export class Tunnels {
  /** Where remote stations are: table = tunnel, place = endpoint. */
  readonly tables = new MacTables();
  /** Copies made by ingress replication beyond the first. */
  replicatedFrames = 0;
  /** Frames that were flooded to remote endpoints one by one; their copies are these and `replicatedFrames`. */
  headEndFrames = 0;
  /** The packets that were made of these. */
  headEndPackets = 0;
  // indexed by FloodCause
  readonly #floodPackets = new Float64Array(FLOOD_CAUSE_COUNT);
  /** Hears of every station that a tunnel learned anew or behind another endpoint. */
  onLearned: ((tunnel: number, station: number) => void) | null = null;
  /** Looks at ARP messages before they are encapsulated. */
  arpWatcher: ArpWatcher | null = null;
  /** Hears of frames that reached an endpoint, at a node, that does not carry their segment. */
  onUnknownVni: ((node: number, inner: number) => void) | null = null;

  readonly #network: Network;
  readonly #underlay: Underlay;
  readonly #parameters: TunnelParameters[] = [];
  readonly #ports: number[] = [];
  readonly #innerHandlers: InnerHandler[] = [];
  // the remote VTEPs of a tunnel that cannot know all
  readonly #peers: (RemotePeers | null)[] = [];
  // by endpoint and segment: the tunnel that serves the segment there, and the number of its flood list
  readonly #served = new PairRecords(SERVED_WORDS);
  readonly #floodLists: FloodList[] = [];
  // sets of endpoints, indexed by place less NEXT_HOPS_FIRST
  readonly #nextHops: (readonly number[])[] = [];
  #sourceEndpoint = -1;
  #replicators: Replicators | null = null;

  constructor(network: Network, underlay: Underlay) {
    this.#network = network;
    this.#underlay = underlay;
    network.handle(PortMode.tunnel, this);
    underlay.deliverTo(this);
    network.simulation.on(EventKind.tunnelSweep, { handle: (_kind, tunnel) => this.#sweep(tunnel) });
  }

  /** Adds a tunnel behind a virtual port of mode `tunnel`; `inner` takes what it decapsulates. */
  addTunnel(port: number, parameters: TunnelParameters, inner: InnerHandler): number {
    const { addresses, simulation, limits: limitHits } = this.#network;
    const node = this.#network.nodeOf(port);
    const { limits = null, peersMax = null } = parameters;
    const tunnel = this.tables.addTable({
      holdMs: Math.ceil(parameters.ageingTimeNs / NS_PER_MS),
      ...limits,
      hashOf: (address) => macHash(addresses.macOf(address), addresses.segmentOf(address)),
    });
    this.#peers.push(
      peersMax === null
        ? null
        : new RemotePeers(peersMax, () => limitHits.hit(Limit.vtepPeers, node, simulation.nowNs, 1)),
    );
    this.#network.portWords[(port << PORT_SHIFT) + Port.owner] = tunnel;
    this.#parameters.push(parameters);
    this.#ports.push(port);
    this.#innerHandlers.push(inner);
    if (parameters.implementation === 'linux-6.18') {
      this.tables.ageOnlyBySweep(tunnel);
      this.#network.simulation.scheduleAfter(LINUX_SCAN_INTERVAL_MS * NS_PER_MS, EventKind.tunnelSweep, tunnel, 0);
    }
    return tunnel;
  }

  /** Packets that carry floods for a FloodCause: a copy to each remote endpoint, or one to a group. */
  floodPackets(cause: number): number {
    return this.#floodPackets[cause];
  }

  get tunnelCount(): number {
    return this.#parameters.length;
  }

  portOf(tunnel: number): number {
    return this.#ports[tunnel];
  }

  endpointOf(tunnel: number): number {
    return this.#parameters[tunnel].endpoint;
  }

  #ownEndpointOf(tunnel: number): number {
    const { endpoint, ownEndpoint = endpoint } = this.#parameters[tunnel];
    return ownEndpoint;
  }

  parametersOf(tunnel: number): TunnelParameters {
    return this.#parameters[tunnel];
  }

  /** The remote VTEPs of a tunnel that cannot know all; null if it can. */
  peersOf(tunnel: number): RemotePeers | null {
    return this.#peers[tunnel];
  }

  /** The endpoint that the last packet which a tunnel took came from. */
  get sourceEndpoint(): number {
    return this.#sourceEndpoint;
  }

  /** Adds a set of endpoints behind all of which a station can be, and returns its number as a place of any tunnel's table. */
  addNextHops(endpoints: readonly number[]): number {
    return NEXT_HOPS_FIRST + this.#nextHops.push(endpoints) - 1;
  }

  /** Changes such a set, and with it the ways to all stations there. */
  setNextHops(place: number, endpoints: readonly number[]): void {
    this.#nextHops[place - NEXT_HOPS_FIRST] = endpoints;
  }

  /** The endpoints that a place stands for: a set's, or itself. */
  endpointsAt(place: number): readonly number[] {
    return place < NEXT_HOPS_FIRST ? [place] : this.#nextHops[place - NEXT_HOPS_FIRST];
  }

  /** Adds a flood list, for any number of tunnels, and returns its number. */
  addFloodList(list: FloodList): number {
    return this.#floodLists.push(list) - 1;
  }

  /** Lets a tunnel carry a segment, flooded to a list that was added. Of the tunnels at an endpoint one carries it: the last to be told. */
  serve(tunnel: number, segment: number, listNumber: number): void {
    const endpoint = this.#ownEndpointOf(tunnel);
    const o = this.#served.add(endpoint, segment);
    this.#served.words[o + TUNNEL] = tunnel;
    this.#served.words[o + LIST] = listNumber;
    const list = this.#floodLists[listNumber];
    if (list.kind === 'group') this.#underlay.join(list.group, endpoint);
  }

  /** Lets a tunnel carry a segment no more: it forgets the segment's stations and drops what still comes for them. */
  unserve(tunnel: number, segment: number): void {
    const o = this.#recordOf(tunnel, segment);
    if (o < 0) return;
    const endpoint = this.#ownEndpointOf(tunnel);
    const list = this.#floodLists[this.#served.words[o + LIST]];
    this.#served.remove(endpoint, segment);
    if (list.kind === 'group') this.#underlay.leave(list.group, endpoint);
    this.tables.forgetAddresses(tunnel, this.#network.addresses.idsOf(segment), this.#network.nowMs);
  }

  /** Where a tunnel floods a segment that it carries; null if it does not. */
  floodListOf(tunnel: number, segment: number): FloodList | null {
    const o = this.#recordOf(tunnel, segment);
    return o < 0 ? null : this.#floodLists[this.#served.words[o + LIST]];
  }

  /** Whether a tunnel carries a segment. */
  serves(tunnel: number, segment: number): boolean {
    return this.#recordOf(tunnel, segment) >= 0;
  }

  #recordOf(tunnel: number, segment: number): number {
    const o = this.#served.find(this.#ownEndpointOf(tunnel), segment);
    return o >= 0 && this.#served.words[o + TUNNEL] === tunnel ? o : -1;
  }

  /** Removes what a tunnel knows of a station that is local now: hardware has one table for both. */
  forget(tunnel: number, address: number, reason: number): void {
    // an entry that reached its hold time has aged out, whether or not anyone looked
    this.tables.lookUp(tunnel, address, this.#network.nowMs);
    this.tables.forget(tunnel, address, reason);
  }

  /** Enters where a station is, an endpoint or a set of them, as a control plane says. Returns false if there is no room for it. */
  enter(tunnel: number, address: number, endpoint: number): boolean {
    const { nowMs } = this.#network;
    if (this.tables.lookUp(tunnel, address, nowMs) === endpoint) return true;
    const { sharesTable } = this.#parameters[tunnel];
    const peers = this.#peers[tunnel];
    const isKnownPeer = peers === null || this.endpointsAt(endpoint).every((each) => peers.admits(each));
    if (sharesTable !== undefined && isKnownPeer) {
      const { tables, table } = sharesTable;
      this.#network.checksMembers = true;
      const learned = tables.learn(table, address, this.#ports[tunnel], nowMs);
      if (learned !== Learned.refreshed && learned !== Learned.added && learned !== Learned.moved) {
        this.tables.refuse(tunnel, address, tables.lookUp(table, address, nowMs), nowMs);
        return false;
      }
    }
    const learned = isKnownPeer ? this.tables.learn(tunnel, address, endpoint, nowMs) : Learned.refused;
    this.onLearned?.(tunnel, address);
    return learned === Learned.refreshed || learned === Learned.added || learned === Learned.moved;
  }

  /** Learns a station because another tunnel has it, whose ageing time is the same: as old as it is there. */
  learnFrom(tunnel: number, other: number, station: number): void {
    const { nowMs } = this.#network;
    const endpoint = this.tables.lookUp(other, station, nowMs);
    if (endpoint < 0 || this.#peers[tunnel]?.admits(endpoint) === false) return;
    const learned = this.tables.learnFrom(tunnel, other, station, endpoint, nowMs);
    if (learned === Learned.added || learned === Learned.moved) this.onLearned?.(tunnel, station);
  }

  /** Takes an entry back that a control plane had made, and what the shared table says of it. */
  remove(tunnel: number, address: number): void {
    const { sharesTable } = this.#parameters[tunnel];
    const { nowMs } = this.#network;
    if (sharesTable?.tables.lookUp(sharesTable.table, address, nowMs) === this.#ports[tunnel]) {
      sharesTable.tables.forget(sharesTable.table, address, Miss.withdrawn);
    }
    if (this.tables.forget(tunnel, address, Miss.withdrawn)) this.onLearned?.(tunnel, address);
  }

  /** A frame sent into a tunnel port: encapsulated. Owns one reference. */
  receive(port: number, frame: number): void {
    const network = this.#network;
    const tunnel = network.portWords[(port << PORT_SHIFT) + Port.owner];
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    const destination = words[f + Frame.dst];
    let cause: number;
    if (this.arpWatcher !== null && isArp(words[f + Frame.kind]) && this.arpWatcher.arpSent(tunnel, port, frame))
      return;
    if (destination >= 0) {
      let place = this.tables.lookUp(tunnel, destination, network.nowMs);
      if (place >= NEXT_HOPS_FIRST) place = this.#chosenOf(place, port, words[f + Frame.flowHash]);
      if (place >= 0) {
        this.#encapsulate(tunnel, frame, place, Carried.knownUnicast);
        return;
      }
      cause = FLOOD_CAUSE_OF_MISS[-place];
      if (this.#parameters[tunnel].dropsUnknown === true) {
        network.end(port, frame, Outcome.dropNoEgress);
        return;
      }
    } else {
      cause = groupFloodCause(destination, words[f + Frame.kind]);
    }
    this.#flood(tunnel, port, frame, cause);
  }

  /** One endpoint of a set, by the flow's hash; if there is none, why: a Miss. */
  #chosenOf(place: number, port: number, flowHash: number): number {
    const endpoints = this.#nextHops[place - NEXT_HOPS_FIRST];
    if (endpoints.length === 0) return Miss.withdrawn;
    return endpoints[ecmpIndex(flowHash, this.#network.nodeOf(port), endpoints.length)];
  }

  /** A VXLAN packet that reached its endpoint: decapsulated. Owns one reference. */
  receivePacket(endpoint: number, arrivalPort: number, packet: number): void {
    if (this.#replicators?.has(endpoint) === true) {
      this.#replicators.receive(endpoint, arrivalPort, packet);
      return;
    }
    const network = this.#network;
    const words = network.frames.words;
    const k = packet << FRAME_SHIFT;
    const inner = words[k + Frame.inner];
    const source = words[k + Frame.senderIp];
    const carried = words[k + Frame.carried];
    const i = inner << FRAME_SHIFT;
    const served = this.#served.find(endpoint, words[i + Frame.segment]);
    if (served < 0) {
      this.onUnknownVni?.(this.#underlay.nodeOf(endpoint), inner);
      network.end(arrivalPort, packet, Outcome.dropUnknownVni);
      return;
    }
    const tunnel = this.#served.words[served + TUNNEL];
    const station = words[i + Frame.src];
    if (this.#parameters[tunnel].learns && station >= 0) this.#learn(tunnel, station, source);
    this.#sourceEndpoint = source;
    if (this.arpWatcher !== null && isArp(words[i + Frame.kind])) this.arpWatcher.arpReceived(tunnel, inner);
    network.note(arrivalPort, Outcome.forwarded);
    network.frames.retain(inner, 1);
    network.frames.release(packet);
    this.#innerHandlers[tunnel].receive(this.#ports[tunnel], network.carriedAs(carried, inner));
  }

  /** Replicates to the segment's flood list: one packet to a group (RFC 7348, 4.2), or ingress replication (RFC 8365, 9). */
  #flood(tunnel: number, port: number, given: number, cause: number): void {
    const network = this.#network;
    const node = network.nodeOf(port);
    const carried = carriedByFlood(cause);
    // who sent it into the tunnel may not have known that it floods
    const frame = network.carriedAs(carried, given);
    const served = this.#recordOf(tunnel, network.frames.words[(frame << FRAME_SHIFT) + Frame.segment]);
    const list = served < 0 ? undefined : this.#floodLists[this.#served.words[served + LIST]];
    if (list?.kind === 'group') {
      network.countFlood(node, cause, frame, 1);
      this.#encapsulate(tunnel, frame, list.group, carried);
      return;
    }
    const { endpoint } = this.#parameters[tunnel];
    const peers = this.#peers[tunnel];
    const all = list?.endpoints ?? [];
    const endpoints = peers === null ? all : all.filter((remote) => remote !== endpoint && peers.admits(remote));
    const copies = endpoints.length - (endpoints.includes(endpoint) ? 1 : 0);
    if (copies === 0) {
      network.end(port, frame, Outcome.dropNoEgress);
      return;
    }
    const count = network.frames.words[(frame << FRAME_SHIFT) + Frame.count];
    const replicator = this.#replicatorFor(endpoint, frame, list?.replicators);
    if (replicator >= 0) {
      network.countFlood(node, cause, frame, 1);
      this.headEndFrames += count;
      this.#encapsulate(tunnel, frame, replicator, carried);
      return;
    }
    network.countFlood(node, cause, frame, copies);
    network.frames.retain(frame, copies - 1);
    network.createdFrames += (copies - 1) * count;
    this.replicatedFrames += (copies - 1) * count;
    this.headEndFrames += count;
    for (const remote of endpoints) {
      if (remote !== endpoint) this.#encapsulate(tunnel, frame, remote, carried);
    }
  }

  /** The replicator that a VTEP leaves a flood to, or -1. Unknown unicast is never left to one: RFC 9574, 5. */
  #replicatorFor(endpoint: number, frame: number, replicators: readonly number[] | undefined): number {
    if (replicators === undefined || this.#replicators === null) return -1;
    const { words } = this.#network.frames;
    const f = frame << FRAME_SHIFT;
    if (words[f + Frame.dst] >= 0) return -1;
    const segment = words[f + Frame.segment];
    return this.#replicators.chosenBy(endpoint, segment, replicators);
  }

  /** Makes an endpoint a replicator, for flood lists that name it. RFC 9574. */
  addReplicator(endpoint: number): void {
    this.#replicators ??= new Replicators(this.#network, this.#underlay, {
      membersFor: (source, segment) => {
        const served = this.#served.find(source, segment);
        const list = served < 0 ? undefined : this.#floodLists[this.#served.words[served + LIST]];
        return list?.kind === 'ingress' ? list.endpoints : null;
      },
      receivePacket: (vtep, port, packet) => this.receivePacket(vtep, port, packet),
      outerHash: (source, destination, inner) => {
        const { words } = this.#network.frames;
        const served = this.#served.find(source, words[(inner << FRAME_SHIFT) + Frame.segment]);
        const { sourcePortCount = ENTROPY_PORT_COUNT } = this.#parameters[this.#served.words[served + TUNNEL]];
        const innerFlowHash = words[(inner << FRAME_SHIFT) + Frame.flowHash];
        return outerFlowHash({ endpoint: source, destination, innerFlowHash, sourcePortCount });
      },
      countReplicated: (packet, copies) => {
        const { words } = this.#network.frames;
        const k = packet << FRAME_SHIFT;
        const count = words[k + Frame.count];
        this.#floodPackets[floodCauseOf(words[k + Frame.carried])] += copies * count;
        this.headEndFrames += count;
        this.headEndPackets += copies * count;
        this.replicatedFrames += (copies - 1) * count;
      },
    });
    this.#replicators.add(endpoint);
  }

  /** Learns where a station is, unless the table that the tunnel shares has neither it nor room for it. */
  #learn(tunnel: number, station: number, source: number): void {
    const nowMs = this.#network.nowMs;
    const shared = this.#parameters[tunnel].sharesTable;
    // behind a VTEP that it cannot know it learns nothing, whatever room its table has
    if (source >= 0 && this.#peers[tunnel]?.admits(source) === false) {
      this.tables.remember(tunnel, station, Miss.refused);
      return;
    }
    const obstacle = shared === undefined ? 0 : shared.tables.obstacleTo(shared.table, station, nowMs);
    if (obstacle !== 0) {
      this.tables.refuse(tunnel, station, obstacle, nowMs);
      return;
    }
    const learned = this.tables.learn(tunnel, station, source, nowMs);
    if (learned === Learned.added || learned === Learned.moved) this.onLearned?.(tunnel, station);
  }

  #encapsulate(tunnel: number, frame: number, destination: number, carried: number): void {
    const { endpoint, overheadBytes, sourcePortCount = ENTROPY_PORT_COUNT } = this.#parameters[tunnel];
    const frames = this.#network.frames;
    const packet = frames.allocate();
    const words = frames.words;
    const k = packet << FRAME_SHIFT;
    const f = frame << FRAME_SHIFT;
    words[k + Frame.kind] = FrameKind.vxlan;
    words[k + Frame.sizeBytes] = words[f + Frame.sizeBytes] + overheadBytes;
    words[k + Frame.count] = words[f + Frame.count];
    words[k + Frame.segment] = -1;
    words[k + Frame.src] = 0;
    words[k + Frame.dst] = 0;
    const sourcePort = vxlanEntropy(words[f + Frame.flowHash]) % sourcePortCount;
    words[k + Frame.flowHash] = hashOfOuter(endpoint, destination, sourcePort);
    words[k + Frame.tag] = -1;
    words[k + Frame.senderIp] = endpoint;
    words[k + Frame.targetIp] = destination;
    words[k + Frame.inner] = frame;
    words[k + Frame.carried] = carried;
    const cause = floodCauseOf(carried);
    if (cause >= 0) {
      this.#floodPackets[cause] += words[k + Frame.count];
      if (destination >= 0) this.headEndPackets += words[k + Frame.count];
    }
    this.#underlay.send(this.#ownEndpointOf(tunnel), packet);
  }

  /** vxlan_cleanup (drivers/net/vxlan/vxlan_core.c): a scan comes with the next entry's end, ten seconds on at the latest. */
  #sweep(tunnel: number): void {
    const { simulation } = this.#network;
    const { nowMs } = this.#network;
    const nextMs = this.tables.sweep(tunnel, nowMs);
    const delayMs = nextMs === NEVER_MS ? LINUX_SCAN_INTERVAL_MS : Math.min(LINUX_SCAN_INTERVAL_MS, nextMs - nowMs);
    const expiryNs = linuxWheelExpiryNs(simulation.nowNs, delayMs * NS_PER_MS);
    simulation.schedule(expiryNs, EventKind.tunnelSweep, tunnel, 0);
  }
}

function isArp(kind: number): boolean {
  return kind === FrameKind.arpRequest || kind === FrameKind.arpReply;
}
