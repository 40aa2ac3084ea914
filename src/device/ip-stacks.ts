import { IcmpLimiter } from '../protocol/icmp-limiter.ts';
import { type ArpProfile, NeighbourCache } from '../protocol/neighbour-cache.ts';
import { BROADCAST_ID } from '../wire/address-book.ts';
import {
  ARP_FRAME_BYTES,
  ETHERNET_HEADER_BYTES,
  FrameKind,
  ICMP_ERROR_QUOTE_BYTES_MAX,
  ICMP_HEADER_BYTES,
  IPV4_HEADER_BYTES,
  IpProtocol,
} from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import { type Ipv4Address, inSamePrefix } from '../wire/ipv4-address.ts';
import { EventKind } from './event-kinds.ts';
import type { Network } from './network.ts';
import { Outcome } from './observer.ts';

const NS_PER_MS = 1e6;

/** Initial time to live. RFC 1700 (IP TTL PARAMETER); Linux, ip_default_ttl. */
const DEFAULT_TTL = 64;

/** Where the frames of an IP interface go: a station behind a server's switch, a gateway port of a bridge, a wire. */
export interface LinkOutput {
  transmit(place: number, frame: number): void;
}

/** An IP interface to be added. */
export interface IpInterfaceParameters {
  stack: number;
  ip: Ipv4Address;
  prefixLength: number;
  /** The interface's own MAC, as an id in `segment`. */
  address: number;
  segment: number;
  output: LinkOutput;
  /** What `output` calls this interface's place: a station or a port. */
  place: number;
}

/** Takes datagrams that reach their destination. Owns one reference; returns false if nobody listens. */
export type DatagramReceiver = (ipInterface: number, frame: number) => boolean;

/**
 * The IP stacks of stations and gateways: interfaces, connected and default routes, ARP, forwarding and ICMP errors.
 *
 * A stack is what shares one routing table: a VM, a host, a gateway with an interface in each segment. Behaviour follows
 * Linux: an address is local on every interface (the weak host model), ARP requests for it are answered on any.
 */
export class IpStacks {
  readonly neighbours: NeighbourCache;
  /** Who takes datagrams for local addresses; unless set, they count as delivered. */
  receiver: DatagramReceiver | null = null;

  /**
   * Size to which the frames of all stacks are padded: MIN_FRAME_BYTES where they meet a physical wire as they are, 0 where
   * a virtual one carries them, as between a VM and the tunnel in its own server.
   */
  minFrameBytes = 0;

  readonly #network: Network;
  readonly #limiter = new IcmpLimiter();
  // indexed by interface
  readonly #ips: Ipv4Address[] = [];
  readonly #prefixLengths: number[] = [];
  readonly #addresses: number[] = [];
  readonly #segments: number[] = [];
  readonly #stacks: number[] = [];
  readonly #outputs: LinkOutput[] = [];
  readonly #places: number[] = [];
  // the next interface of the same stack, or -1
  readonly #next: number[] = [];
  // interfaces by IP address: the last one added, and for each the one before it with the same address, or -1
  readonly #lastOfIp = new Map<Ipv4Address, number>();
  readonly #sameIp: number[] = [];
  // indexed by stack
  readonly #first: number[] = [];
  readonly #forwards: boolean[] = [];
  readonly #listens: boolean[] = [];
  readonly #defaultVias: Ipv4Address[] = [];

  constructor(network: Network, arpProfile: ArpProfile) {
    this.#network = network;
    this.neighbours = new NeighbourCache(arpProfile, {
      solicit: (ipInterface, ip, address, waiting) => this.#solicit(ipInterface, ip, address, waiting),
      transmit: (ipInterface, address, packet) => this.#transmit(ipInterface, address, packet),
      unreachable: (ipInterface, packet) => this.#unreachable(ipInterface, packet),
      overflow: (_ipInterface, packet) => this.#drop(packet, Outcome.dropUnresolved),
      arm: (entry, dueMs) => {
        const { nowNs } = network.simulation;
        const expiryNs = arpProfile.timerExpiryNs(nowNs, Math.max(0, dueMs * NS_PER_MS - nowNs));
        network.simulation.schedule(expiryNs, EventKind.neighbour, entry, 0);
      },
    });
    network.simulation.on(EventKind.neighbour, {
      handle: (_kind, entry) => this.neighbours.expire(entry, this.#network.nowMs),
    });
  }

  /** Adds a stack without interfaces. `forwards` makes it a router; `listens` is false where no UDP port is open. */
  addStack({ forwards = false, listens = true } = {}): number {
    this.#first.push(-1);
    this.#forwards.push(forwards);
    this.#listens.push(listens);
    this.#defaultVias.push(-1);
    return this.#first.length - 1;
  }

  addInterface(parameters: IpInterfaceParameters): number {
    const ipInterface = this.#ips.length;
    this.#ips.push(parameters.ip);
    this.#prefixLengths.push(parameters.prefixLength);
    this.#addresses.push(parameters.address);
    this.#segments.push(parameters.segment);
    this.#stacks.push(parameters.stack);
    this.#outputs.push(parameters.output);
    this.#places.push(parameters.place);
    this.#next.push(this.#first[parameters.stack]);
    this.#first[parameters.stack] = ipInterface;
    this.#sameIp.push(this.#lastOfIp.get(parameters.ip) ?? -1);
    this.#lastOfIp.set(parameters.ip, ipInterface);
    return ipInterface;
  }

  /** Calls back for each interface that has an IP address, or had it before it was removed. */
  forEachInterfaceOf(ip: Ipv4Address, visit: (ipInterface: number) => void): void {
    for (let i = this.#lastOfIp.get(ip) ?? -1; i >= 0; i = this.#sameIp[i]) visit(i);
  }

  /** The place of an interface at an output; -1 if it sends elsewhere. */
  placeOf(ipInterface: number, output: LinkOutput): number {
    return this.#outputs[ipInterface] === output ? this.#places[ipInterface] : -1;
  }

  /** Takes an interface away from its stack, with its route and its neighbours. */
  removeInterface(ipInterface: number): void {
    const stack = this.#stacks[ipInterface];
    this.neighbours.clear(ipInterface);
    if (this.#first[stack] === ipInterface) this.#first[stack] = this.#next[ipInterface];
    for (let i = this.#first[stack]; i >= 0; i = this.#next[i]) {
      if (this.#next[i] === ipInterface) this.#next[i] = this.#next[ipInterface];
    }
    this.#next[ipInterface] = -1;
  }

  /** Sets the next hop of everything that is not on a connected network. */
  setDefaultRoute(stack: number, via: Ipv4Address): void {
    this.#defaultVias[stack] = via;
  }

  ipOf(ipInterface: number): Ipv4Address {
    return this.#ips[ipInterface];
  }

  addressOf(ipInterface: number): number {
    return this.#addresses[ipInterface];
  }

  segmentOf(ipInterface: number): number {
    return this.#segments[ipInterface];
  }

  stackOf(ipInterface: number): number {
    return this.#stacks[ipInterface];
  }

  /** A datagram from this stack, already counted as created: routed, resolved and sent. Takes the caller's reference. */
  send(stack: number, frame: number): void {
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    const targetIp = words[f + Frame.targetIp] >>> 0;
    const ipInterface = this.#route(stack, targetIp);
    if (ipInterface < 0) {
      this.#drop(frame, Outcome.dropNoRoute);
      return;
    }
    this.sendVia(ipInterface, frame, this.#nextHop(ipInterface, targetIp));
  }

  /** Makes a datagram of `sizeBytes` as a frame, with the sending interface's address; -1 if there is no route. */
  createDatagram(stack: number, targetIp: Ipv4Address, protocol: number, sizeBytes: number): number {
    const ipInterface = this.#route(stack, targetIp);
    if (ipInterface < 0) return -1;
    const frame = this.#create(FrameKind.ip, sizeBytes);
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    words[f + Frame.senderIp] = this.#ips[ipInterface] | 0;
    words[f + Frame.targetIp] = targetIp | 0;
    words[f + Frame.ttl] = DEFAULT_TTL;
    words[f + Frame.protocol] = protocol;
    words[f + Frame.flowHash] = hashOfPair(words[f + Frame.senderIp], words[f + Frame.targetIp]);
    return frame;
  }

  /** Sends a packet to a neighbour on an interface, once its address is known. */
  sendVia(ipInterface: number, frame: number, nextHop: Ipv4Address): void {
    const words = this.#network.frames.words;
    const sizeBytes = words[(frame << FRAME_SHIFT) + Frame.sizeBytes] * words[(frame << FRAME_SHIFT) + Frame.count];
    const address = this.neighbours.resolve(ipInterface, nextHop, frame, sizeBytes, this.#network.nowMs);
    if (address !== -1) this.#transmit(ipInterface, address, frame);
  }

  /** Sends a packet to a group address. RFC 1112, 6.4. */
  sendToGroup(ipInterface: number, frame: number, groupAddress: number): void {
    this.#transmit(ipInterface, groupAddress, frame);
  }

  /** Tells everybody in the segment who has this interface's IP address. RFC 5227, section 3 (ARP announcement). */
  announce(ipInterface: number): void {
    const frame = this.#createArp(ipInterface, FrameKind.arpRequest, this.#ips[ipInterface], this.#ips[ipInterface]);
    this.#transmit(ipInterface, BROADCAST_ID, frame);
  }

  /** A frame that reached this interface. Owns one reference. */
  receive(ipInterface: number, frame: number): void {
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    const destination = words[f + Frame.dst];
    const isForUs = destination === this.#addresses[ipInterface];
    if (!isForUs && destination >= 0) {
      this.#drop(frame, Outcome.notForHere);
      return;
    }
    switch (words[f + Frame.kind]) {
      case FrameKind.arpRequest:
        this.#receiveArp(ipInterface, frame, false, isForUs);
        return;
      case FrameKind.arpReply:
        this.#receiveArp(ipInterface, frame, true, isForUs);
        return;
      case FrameKind.ip:
        this.#receiveIp(ipInterface, frame, isForUs);
        return;
      default:
        this.#drop(frame, Outcome.delivered);
    }
  }

  /**
   * Something above IP shows that packets to `targetIp` arrive, so the next hop is there: TCP had new data acknowledged.
   * RFC 4861, 7.3.1.
   */
  confirmNextHop(ipInterface: number, targetIp: Ipv4Address): void {
    this.neighbours.confirm(ipInterface, this.#nextHop(ipInterface, targetIp), this.#network.nowMs);
  }

  /** Forgets all neighbours on an interface, as when it is taken away. */
  clearNeighbours(ipInterface: number): void {
    this.neighbours.clear(ipInterface);
  }

  /** arp_process (net/ipv4/arp.c). */
  #receiveArp(ipInterface: number, frame: number, isReply: boolean, isForUs: boolean): void {
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    const senderIp = words[f + Frame.senderIp] >>> 0;
    const targetIp = words[f + Frame.targetIp] >>> 0;
    const senderAddress = words[f + Frame.src];
    const stack = this.#stacks[ipInterface];
    const isRequestForUs = !isReply && this.#isLocal(stack, targetIp) && senderIp !== targetIp;
    const isProbe = senderIp === 0;
    if (!isProbe) {
      this.neighbours.learn(ipInterface, senderIp, senderAddress, this.#network.nowMs, {
        isReplyToUs: isReply && isForUs,
        mayCreate: isRequestForUs,
        isGratuitous: senderIp === targetIp,
      });
    }
    if (isRequestForUs) {
      const reply = this.#createArp(ipInterface, FrameKind.arpReply, targetIp, senderIp);
      this.#transmit(ipInterface, senderAddress, reply);
    }
    this.#drop(frame, Outcome.consumed);
  }

  #receiveIp(ipInterface: number, frame: number, isForUs: boolean): void {
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    const stack = this.#stacks[ipInterface];
    const targetIp = words[f + Frame.targetIp] >>> 0;
    if (this.#isLocal(stack, targetIp)) {
      this.#deliver(ipInterface, stack, frame);
      return;
    }
    if (!this.#forwards[stack] || !isForUs) {
      this.#drop(frame, Outcome.dropNoRoute);
      return;
    }
    this.#forward(stack, frame, targetIp);
  }

  #deliver(ipInterface: number, stack: number, frame: number): void {
    const words = this.#network.frames.words;
    const isUdp = words[(frame << FRAME_SHIFT) + Frame.protocol] === IpProtocol.udp;
    if (isUdp && !this.#listens[stack]) {
      this.#sendIcmpError(stack, frame, words[(frame << FRAME_SHIFT) + Frame.targetIp] >>> 0);
      this.#drop(frame, Outcome.delivered);
      return;
    }
    if (this.receiver?.(ipInterface, frame) === true) return;
    this.#drop(frame, Outcome.delivered);
  }

  /** Routes a packet on: the layer-3 part of a gateway. RFC 1812, 5.2 and 5.3.1. */
  #forward(stack: number, arrived: number, targetIp: Ipv4Address): void {
    const ttl = this.#network.frames.words[(arrived << FRAME_SHIFT) + Frame.ttl];
    if (ttl <= 1) {
      this.#sendIcmpError(stack, arrived, -1);
      this.#drop(arrived, Outcome.dropTtl);
      return;
    }
    const ipInterface = this.#route(stack, targetIp);
    if (ipInterface < 0) {
      this.#sendIcmpError(stack, arrived, -1, true);
      this.#drop(arrived, Outcome.dropNoRoute);
      return;
    }
    const frame = this.#network.frames.writable(arrived);
    this.#network.frames.words[(frame << FRAME_SHIFT) + Frame.ttl] = ttl - 1;
    this.sendVia(ipInterface, frame, this.#nextHop(ipInterface, targetIp));
  }

  /** The interface towards an address: a connected network (the longest prefix), else the default route's; or -1. */
  #route(stack: number, targetIp: Ipv4Address): number {
    const connected = this.#connected(stack, targetIp);
    if (connected >= 0) return connected;
    const via = this.#defaultVias[stack];
    return via < 0 ? -1 : this.#connected(stack, via);
  }

  #connected(stack: number, targetIp: Ipv4Address): number {
    let best = -1;
    for (let i = this.#first[stack]; i >= 0; i = this.#next[i]) {
      if (!inSamePrefix(this.#ips[i], targetIp, this.#prefixLengths[i])) continue;
      if (best < 0 || this.#prefixLengths[i] >= this.#prefixLengths[best]) best = i;
    }
    return best;
  }

  #nextHop(ipInterface: number, targetIp: Ipv4Address): Ipv4Address {
    const isConnected = inSamePrefix(this.#ips[ipInterface], targetIp, this.#prefixLengths[ipInterface]);
    return isConnected ? targetIp : this.#defaultVias[this.#stacks[ipInterface]];
  }

  #isLocal(stack: number, ip: Ipv4Address): boolean {
    for (let i = this.#first[stack]; i >= 0; i = this.#next[i]) if (this.#ips[i] === ip) return true;
    return false;
  }

  #transmit(ipInterface: number, address: number, frame: number): void {
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    words[f + Frame.src] = this.#addresses[ipInterface];
    words[f + Frame.dst] = address;
    words[f + Frame.segment] = this.#segments[ipInterface];
    this.#outputs[ipInterface].transmit(this.#places[ipInterface], frame);
  }

  #solicit(ipInterface: number, ip: Ipv4Address, address: number, waiting: number): void {
    let senderIp = this.#ips[ipInterface];
    if (waiting >= 0) {
      // arp_announce 0: the address of the packet that waits, if it is ours
      const packetIp = this.#network.frames.words[(waiting << FRAME_SHIFT) + Frame.senderIp] >>> 0;
      if (this.#isLocal(this.#stacks[ipInterface], packetIp)) senderIp = packetIp;
    }
    const request = this.#createArp(ipInterface, FrameKind.arpRequest, senderIp, ip);
    this.#transmit(ipInterface, address === -1 ? BROADCAST_ID : address, request);
  }

  #unreachable(ipInterface: number, frame: number): void {
    const stack = this.#stacks[ipInterface];
    if (this.#network.frames.words[(frame << FRAME_SHIFT) + Frame.kind] === FrameKind.ip) {
      this.#sendIcmpError(stack, frame, -1);
    }
    this.#drop(frame, Outcome.dropUnresolved);
  }

  /**
   * Tells a packet's sender that it was not delivered. RFC 792; rate and quotation as Linux does (icmp_send): the source
   * is `senderIp`, or if -1 the address of the interface towards the packet's sender.
   */
  #sendIcmpError(stack: number, frame: number, senderIp: number, isForNoRoute = false): void {
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    const targetIp = words[f + Frame.senderIp] >>> 0;
    const isAnswerToError = words[f + Frame.protocol] === IpProtocol.icmp;
    if (isAnswerToError || this.#isLocal(stack, targetIp)) return;
    const limiter = this.#limiter;
    const nowMs = this.#network.nowMs;
    if (!(isForNoRoute ? limiter.admitsNoRoute(stack, targetIp, nowMs) : limiter.admits(stack, targetIp, nowMs)))
      return;
    const quotedBytes = Math.min(words[f + Frame.sizeBytes] - ETHERNET_HEADER_BYTES, ICMP_ERROR_QUOTE_BYTES_MAX);
    const sizeBytes = ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES + ICMP_HEADER_BYTES + quotedBytes;
    const error = this.createDatagram(stack, targetIp, IpProtocol.icmp, sizeBytes);
    if (error < 0) return;
    if (senderIp >= 0) this.#network.frames.words[(error << FRAME_SHIFT) + Frame.senderIp] = senderIp | 0;
    this.send(stack, error);
  }

  #createArp(ipInterface: number, kind: number, senderIp: Ipv4Address, targetIp: Ipv4Address): number {
    const frame = this.#create(kind, ARP_FRAME_BYTES);
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    words[f + Frame.senderIp] = senderIp | 0;
    words[f + Frame.targetIp] = targetIp | 0;
    words[f + Frame.flowHash] = hashOfPair(this.#addresses[ipInterface], targetIp | 0);
    return frame;
  }

  #create(kind: number, sizeBytes: number): number {
    return this.#network.createFrame(kind, sizeBytes > this.minFrameBytes ? sizeBytes : this.minFrameBytes);
  }

  #drop(frame: number, outcome: number): void {
    this.#network.outcomeFrames[outcome] += this.#network.frames.words[(frame << FRAME_SHIFT) + Frame.count];
    this.#network.frames.release(frame);
  }
}

/** A well-mixed 31-bit hash of two integers: stands for a hash of the flow's headers. */
export function hashOfPair(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ b, 0xc2b2ae35);
  return (h ^ (h >>> 16)) & 0x7fff_ffff;
}
