import { grownCopy, roomierLength } from '../grown-copy.ts';
import { BROADCAST_ID } from '../wire/address-book.ts';
import { FrameKind, isBpdu, MIN_FRAME_BYTES } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import { Audience } from './audience.ts';
import { EventKind } from './event-kinds.ts';
import type { IpStacks, LinkOutput } from './ip-stacks.ts';
import { type Network, PORT_SHIFT, Port, PortFlag, PortMode } from './network.ts';
import { Carried, Outcome } from './observer.ts';
import { StationLists } from './station-lists.ts';

/** How long a frame takes between two stations of one server. */
const LOCAL_DELIVERY_NS = 2_000;

/** 32-bit words of a station's record: what a frame to or from it needs, in 16 bytes. */
const STATION_SHIFT = 2;
const Station = {
  server: 0,
  segment: 1,
  address: 2,
  /** One more than its IP interface, or 0, in all bits but the lowest, which says that it is paused. */
  receiver: 3,
} as const;
const PAUSED = 1;

/**
 * 32-bit words of an address's record: the station that owns it, where that is, and its word `receiver`, so that a frame
 * for it finds in one cache line all that it needs.
 */
const OWNER_SHIFT = 2;
const Owner = { server: 0, station: 1, receiver: 2 } as const;

/** What a station is. */
export interface StationParameters {
  /** The node it is at; -1 for none yet: `move` brings it to one. */
  server: number;
  segment: number;
  /** Its MAC, as an id in `segment`. */
  address: number;
}

/**
 * Servers and the stations in them: VMs behind a server's virtual switch, or a host that is a server with one station.
 *
 * The hypervisor gave its stations their addresses, so its switch learns nothing: a frame for one of them is delivered,
 * any other frame leaves by the uplink, and what arrives for nobody here is counted and dropped.
 */
export class Servers implements LinkOutput {
  /** Frames that a server took in for nothing: floods for stations that are elsewhere. */
  uselessFrames = 0;

  /** Takes frames for stations without an IP interface. Owns one reference if it returns true; else they are delivered. */
  dataReceiver: ((station: number, frame: number) => boolean) | null = null;

  /** Grows whenever a station comes to a server or leaves one. */
  placementVersion = 0;
  /** Whom a flood finds behind each switch. */
  readonly audience = new Audience();

  readonly #network: Network;
  readonly #stacks: IpStacks;
  // indexed by node: the port of the uplink (a wire, an aggregation, or a tunnel), or -1; the nodes at the other ends of its
  // wires; and the stations there
  readonly #uplinks: number[] = [];
  readonly #switches: (readonly number[])[] = [];
  readonly #stationsAt = new StationLists();
  // records of stations
  #stations: Int32Array = new Int32Array(256 << STATION_SHIFT);
  #stationCount = 0;
  #stationsWithoutStack = 0;
  // indexed by segment: 1 for one that does not exist in this datacenter; null if all do
  #isRefused: Uint8Array | null = null;
  // records of addresses, indexed by id; -1 for one that no station owns
  #owners: Int32Array = new Int32Array(256 << OWNER_SHIFT).fill(-1);

  constructor(network: Network, stacks: IpStacks) {
    this.#network = network;
    this.#stacks = stacks;
    network.handle(PortMode.nic, this);
    network.simulation.on(EventKind.localDelivery, {
      handle: (_kind, station, frame) => {
        const server = this.serverOf(station);
        if (server < 0) this.#dropNowhere(frame);
        else this.#deliver(station, this.#uplinks[server], frame);
      },
    });
  }

  /** Makes a node a server whose stations reach the others through `uplink`, which stands for these ports. */
  setUplink(server: number, uplink: number, ports: readonly number[] = [uplink]): void {
    this.#countAudience(server, -1);
    while (this.#uplinks.length <= server) {
      this.#uplinks.push(-1);
      this.#switches.push([]);
    }
    this.#stationsAt.addUpTo(this.#uplinks.length);
    const before = this.#switches[server];
    const peers = ports.map((port) => (port < 0 ? -1 : this.#network.peerOf(port)));
    this.#uplinks[server] = uplink;
    this.#switches[server] = peers.filter((peer) => peer >= 0).map((peer) => this.#network.nodeOf(peer));
    this.#countAudience(server, 1);
    for (const node of [...before, ...this.#switches[server]]) this.#network.portsChanged(node);
  }

  uplinkOf(server: number): number {
    return this.#uplinks[server];
  }

  /** Whether what arrives at a port is for the stations of its server: it is the uplink, or one of its ports. */
  listensAt(port: number): boolean {
    const words = this.#network.portWords;
    const p = port << PORT_SHIFT;
    const uplink = this.#uplinks[words[p + Port.node]];
    return (
      port === uplink || ((words[p + Port.flags] & PortFlag.aggregated) !== 0 && words[p + Port.aggregator] === uplink)
    );
  }

  /** The port of a switch to a server's uplink, or -1 if that does not lead there. */
  portTo(server: number, node: number): number {
    const network = this.#network;
    for (const port of network.nodePorts[server]) {
      const peer = network.peerOf(port);
      if (peer >= 0 && network.nodeOf(peer) === node && this.listensAt(port)) return peer;
    }
    return -1;
  }

  addStation({ server, segment, address }: StationParameters): number {
    const station = this.#stationCount++;
    const s = station << STATION_SHIFT;
    this.#lengthenStations(station + 1);
    this.#stations[s + Station.server] = server;
    this.#stations[s + Station.segment] = segment;
    this.#stations[s + Station.address] = address;
    this.#stations[s + Station.receiver] = 0;
    this.#stationsWithoutStack++;
    this.#join(server, station);
    const o = address << OWNER_SHIFT;
    this.#lengthenOwners(address + 1);
    this.#owners[o + Owner.server] = server;
    this.#owners[o + Owner.station] = station;
    this.#owners[o + Owner.receiver] = 0;
    return station;
  }

  /** Makes room for so many more stations at once, whose addresses are new ones. */
  reserve(stations: number): void {
    this.#lengthenStations(this.#stationCount + stations);
    this.#lengthenOwners(this.#network.addresses.size + stations);
  }

  #lengthenStations(count: number): void {
    const words = count << STATION_SHIFT;
    if (words > this.#stations.length) {
      this.#stations = grownCopy(this.#stations, roomierLength(this.#stations.length, words));
    }
  }

  #lengthenOwners(count: number): void {
    const words = count << OWNER_SHIFT;
    if (words > this.#owners.length) {
      this.#owners = grownCopy(this.#owners, roomierLength(this.#owners.length, words), -1);
    }
  }

  get stationCount(): number {
    return this.#stationCount;
  }

  /** Gives a station an IP interface. */
  setInterface(station: number, ipInterface: number): void {
    if (this.interfaceOf(station) < 0 && ipInterface >= 0) this.#stationsWithoutStack--;
    this.#setReceiver(station, ((ipInterface + 1) << 1) | (this.#receiverOf(station) & PAUSED));
  }

  interfaceOf(station: number): number {
    return (this.#receiverOf(station) >> 1) - 1;
  }

  serverOf(station: number): number {
    return this.#stations[(station << STATION_SHIFT) + Station.server];
  }

  segmentOf(station: number): number {
    return this.#stations[(station << STATION_SHIFT) + Station.segment];
  }

  addressOf(station: number): number {
    return this.#stations[(station << STATION_SHIFT) + Station.address];
  }

  /** The stations at a server, in the order in which they came; to be read before any other comes or goes. */
  stationsAt(server: number): Int32Array {
    return this.#stationsAt.stationsOf(server);
  }

  /** Takes a station to another server, where its frames now enter and leave; or with -1 away from all. */
  move(station: number, server: number): void {
    this.#leave(this.serverOf(station), station);
    this.#stations[(station << STATION_SHIFT) + Station.server] = server;
    // of several stations with one address, the last one added owns it
    const o = this.addressOf(station) << OWNER_SHIFT;
    if (this.#owners[o + Owner.station] === station) this.#owners[o + Owner.server] = server;
    this.#join(server, station);
  }

  /** Leaves the stations of these segments without a network: what they send ends at their own port. */
  refuseSegments(segments: readonly number[]): void {
    if (segments.length === 0) return;
    this.#isRefused = new Uint8Array(segments.reduce((most, segment) => Math.max(most, segment), 0) + 1);
    for (const segment of segments) this.#isRefused[segment] = 1;
  }

  /** A paused station receives nothing: its frames are lost. */
  setPaused(station: number, isPaused: boolean): void {
    if (this.#isPaused(station) === isPaused) return;
    this.#setReceiver(station, this.#receiverOf(station) ^ PAUSED);
    const server = this.serverOf(station);
    if (server < 0) return;
    for (const node of this.#switches[server]) {
      this.audience.add(node, this.segmentOf(station), { paused: isPaused ? 1 : -1 });
    }
  }

  /** Stations of a segment at a server. */
  countStationsAt(server: number, segment: number): number {
    const stations = this.#stationsAt;
    let count = 0;
    for (let i = stations.countOf(server) - 1; i >= 0; i--) {
      if (this.segmentOf(stations.at(server, i)) === segment) count++;
    }
    return count;
  }

  /** Those of them that are paused. */
  countPausedAt(server: number, segment: number): number {
    const stations = this.#stationsAt;
    let count = 0;
    for (let i = stations.countOf(server) - 1; i >= 0; i--) {
      const station = stations.at(server, i);
      if (this.segmentOf(station) === segment && this.#isPaused(station)) count++;
    }
    return count;
  }

  /** The server where the station is that owns an address, or -1. */
  serverOfAddress(address: number): number {
    const o = address << OWNER_SHIFT;
    return o < this.#owners.length ? this.#owners[o + Owner.server] : -1;
  }

  /** Whether stations drop what is not for them without anybody hearing of it: all have an IP stack. */
  get dropsUnasked(): boolean {
    return this.dataReceiver === null && this.#stationsWithoutStack === 0;
  }

  /** Whether a frame for everybody is counted at stations and nothing else. */
  get countsOnly(): boolean {
    return this.dataReceiver === null && this.#stationsWithoutStack === this.#stationCount;
  }

  #join(server: number, station: number): void {
    this.placementVersion++;
    if (server < 0) return;
    const segment = this.segmentOf(station);
    const isFirst = this.countStationsAt(server, segment) === 0;
    this.#stationsAt.add(server, station);
    const paused = this.#isPaused(station) ? 1 : 0;
    for (const node of this.#switches[server]) {
      this.audience.add(node, segment, { servers: isFirst ? 1 : 0, stations: 1, paused });
    }
  }

  #leave(server: number, station: number): void {
    this.placementVersion++;
    if (server < 0) return;
    this.#stationsAt.remove(server, station);
    const segment = this.segmentOf(station);
    const isLast = this.countStationsAt(server, segment) === 0;
    const paused = this.#isPaused(station) ? -1 : 0;
    for (const node of this.#switches[server]) {
      this.audience.add(node, segment, { servers: isLast ? -1 : 0, stations: -1, paused });
    }
  }

  /** Counts all stations of a server to, or from, those behind its switch. */
  #countAudience(server: number, sign: 1 | -1): void {
    const switches = this.#switches[server];
    if (switches === undefined) return;
    const segments = new Set(Array.from(this.stationsAt(server), (station) => this.segmentOf(station)));
    for (const segment of segments) {
      const stations = sign * this.countStationsAt(server, segment);
      const paused = sign * this.countPausedAt(server, segment);
      for (const node of switches) this.audience.add(node, segment, { servers: sign, stations, paused });
    }
  }

  /** A frame from a station enters its server's switch. Takes the caller's reference. */
  transmit(station: number, frame: number): void {
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    const destination = words[f + Frame.dst];
    const server = this.#serverOfSender(station, words[f + Frame.src]);
    if (server < 0) {
      this.#dropNowhere(frame);
      return;
    }
    if (this.#isRefused !== null && this.#isRefused[this.segmentOf(station)] === 1) {
      this.#network.end(this.#uplinks[server], frame, Outcome.dropVlanFiltered);
      return;
    }
    if (destination >= 0) {
      const o = destination << OWNER_SHIFT;
      const owners = this.#owners;
      if (o < owners.length && owners[o + Owner.server] === server)
        this.#deliverLocally(owners[o + Owner.station], frame);
      else this.#network.send(this.#uplinks[server], frame, Carried.knownUnicast);
      return;
    }
    const segment = words[f + Frame.segment];
    this.#network.reach.addSent(segment, words[f + Frame.count]);
    const stations = this.#stationsAt;
    const stationCount = stations.countOf(server);
    for (let i = 0; i < stationCount; i++) {
      const other = stations.at(server, i);
      if (other === station || this.segmentOf(other) !== segment) continue;
      this.#network.frames.retain(frame, 1);
      this.#network.countCreated(frame);
      this.#deliverLocally(other, frame);
    }
    this.transmitOnUplink(server, frame, destination === BROADCAST_ID ? Carried.ownBroadcast : Carried.ownMulticast);
  }

  /** A frame leaves a server as it is, whoever it is for. Takes the caller's reference. */
  transmitOnUplink(server: number, frame: number, carried: number): void {
    this.#network.send(this.#uplinks[server], frame, carried);
  }

  /** Makes a station known at its place as a hypervisor does: a broadcast RARP. RFC 903; QEMU, net/announce.c. */
  announceByRarp(station: number): void {
    const network = this.#network;
    const frame = network.createFrame(FrameKind.rarp, MIN_FRAME_BYTES);
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    words[f + Frame.segment] = this.segmentOf(station);
    words[f + Frame.src] = this.addressOf(station);
    words[f + Frame.dst] = BROADCAST_ID;
    words[f + Frame.flowHash] = this.addressOf(station);
    this.transmit(station, frame);
  }

  /** Counts copies of a flood that nobody reacts to: in vain at their servers, ended at stations, or at paused ones. */
  takeIn(segment: number, useless: number, ended: number, paused: number, stationOutcome: number): void {
    const { outcomeFrames, reach } = this.#network;
    this.uselessFrames += useless;
    reach.addUseless(segment, useless);
    outcomeFrames[Outcome.notForHere] += useless + paused;
    if (ended !== 0) outcomeFrames[stationOutcome] += ended;
  }

  /** A frame from the uplink. Owns one reference. */
  receive(port: number, frame: number): void {
    const network = this.#network;
    const words = network.frames.words;
    const server = network.portWords[(port << PORT_SHIFT) | Port.node];
    const destination = words[(frame << FRAME_SHIFT) | Frame.dst];
    if (destination >= 0 && port === this.#uplinks[server]) {
      this.#receiveUnicast(server, port, frame, destination);
      return;
    }
    const f = frame << FRAME_SHIFT;
    if (isBpdu(words[f + Frame.kind])) {
      network.end(port, frame, Outcome.consumed);
      return;
    }
    if (port !== this.#uplinks[server] && !this.listensAt(port)) {
      // the link of a bond that stands by takes nothing in
      this.#takeInForNothing(port, frame);
      return;
    }
    if (destination >= 0) {
      this.#receiveUnicast(server, port, frame, destination);
      return;
    }
    const segment = words[f + Frame.segment];
    network.reach.addReached(segment, words[f + Frame.count]);
    const copies = this.countStationsAt(server, segment);
    if (copies === 0) {
      this.#takeInForNothing(port, frame);
      return;
    }
    network.frames.retain(frame, copies - 1);
    network.createdFrames += (copies - 1) * words[f + Frame.count];
    // deliveries may add or remove no station, so the list holds still
    const stations = this.#stationsAt;
    const stationCount = stations.countOf(server);
    for (let i = 0; i < stationCount; i++) {
      const station = stations.at(server, i);
      if (this.segmentOf(station) === segment) this.#deliver(station, port, frame);
    }
  }

  #receiveUnicast(server: number, port: number, frame: number, destination: number): void {
    const o = destination << OWNER_SHIFT;
    const owners = this.#owners;
    if (o < owners.length && owners[o + Owner.server] === server) {
      this.#deliverTo(owners[o + Owner.station], owners[o + Owner.receiver], port, frame);
      return;
    }
    this.reportMisdelivered(server, frame);
    this.#takeInForNothing(port, frame);
  }

  /** Tells the observer of a unicast frame that reached a node at which its station is not. */
  reportMisdelivered(node: number, frame: number): void {
    const { observer, frames } = this.#network;
    const destination = frames.words[(frame << FRAME_SHIFT) + Frame.dst];
    const o = destination << OWNER_SHIFT;
    if (destination < 0 || o >= this.#owners.length) return;
    const owner = this.#owners[o + Owner.station];
    // nobody is where its station might be
    if (owner >= 0 && this.serverOf(owner) >= 0) observer.misdelivered?.(owner, frame, node);
  }

  #takeInForNothing(port: number, frame: number): void {
    const { frames, reach } = this.#network;
    const count = frames.words[(frame << FRAME_SHIFT) + Frame.count];
    this.uselessFrames += count;
    reach.addUseless(frames.words[(frame << FRAME_SHIFT) + Frame.segment], count);
    this.#network.end(port, frame, Outcome.notForHere);
  }

  #isPaused(station: number): boolean {
    return (this.#receiverOf(station) & PAUSED) !== 0;
  }

  #receiverOf(station: number): number {
    return this.#stations[(station << STATION_SHIFT) + Station.receiver];
  }

  #setReceiver(station: number, receiver: number): void {
    this.#stations[(station << STATION_SHIFT) + Station.receiver] = receiver;
    const o = this.addressOf(station) << OWNER_SHIFT;
    if (this.#owners[o + Owner.station] === station) this.#owners[o + Owner.receiver] = receiver;
  }

  #deliver(station: number, port: number, frame: number): void {
    this.#deliverTo(station, this.#receiverOf(station), port, frame);
  }

  #deliverTo(station: number, receiver: number, port: number, frame: number): void {
    const network = this.#network;
    if ((receiver & PAUSED) !== 0) {
      this.#refuse(station, port, frame);
      return;
    }
    network.note(port, Outcome.delivered);
    if (receiver !== 0) {
      this.#stacks.receive((receiver >> 1) - 1, frame);
      return;
    }
    if (this.dataReceiver?.(station, frame) === true) return;
    network.outcomeFrames[Outcome.delivered] += network.frames.words[(frame << FRAME_SHIFT) | Frame.count];
    network.frames.release(frame);
  }

  /** A frame for a station that is paused is lost; one for everybody is lost on it alone. */
  #refuse(station: number, port: number, frame: number): void {
    const network = this.#network;
    if (network.frames.words[(frame << FRAME_SHIFT) + Frame.dst] < 0) {
      network.end(port, frame, Outcome.notForHere);
      return;
    }
    network.observer.misdelivered?.(station, frame, this.serverOf(station));
    network.end(port, frame, Outcome.dropStationGone);
  }

  /** A frame from or for a station that is at no server any more. */
  #dropNowhere(frame: number): void {
    const { frames, outcomeFrames } = this.#network;
    outcomeFrames[Outcome.dropStationGone] += frames.words[(frame << FRAME_SHIFT) + Frame.count];
    frames.release(frame);
  }

  #deliverLocally(station: number, frame: number): void {
    this.#network.simulation.scheduleAfter(LOCAL_DELIVERY_NS, EventKind.localDelivery, station, frame);
  }

  /** The server of a station that sends: as a rule it owns the source address, and what it answers came by that. */
  #serverOfSender(station: number, source: number): number {
    const o = source << OWNER_SHIFT;
    const owners = this.#owners;
    if (source >= 0 && o < owners.length && owners[o + Owner.station] === station) return owners[o + Owner.server];
    return this.serverOf(station);
  }
}
