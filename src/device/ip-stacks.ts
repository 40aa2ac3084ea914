import { grownCopy, roomierLength } from '../grown-copy.ts';
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
import { HashSlots, hashOfTwo } from '../wire/hash-slots.ts';
import { type Ipv4Address, inSamePrefix } from '../wire/ipv4-address.ts';
import { type AddressedInterface, ConnectedRoutes } from './connected-routes.ts';
import { EventKind } from './event-kinds.ts';
import type { Network } from './network.ts';
import { Outcome } from './observer.ts';

const NS_PER_MS = 1e6;

/** Initial time to live. RFC 1700 (IP TTL PARAMETER); Linux, ip_default_ttl. */
const DEFAULT_TTL = 64;

// 32-bit words of an interface's record
const INTERFACE_SHIFT = 3;
const Interface = {
  ip: 0,
  /** The length of its prefix in the lower 8 bits, above them the number of its output. */
  prefixAndOutput: 1,
  /** The interface's own MAC, as an id. */
  address: 2,
  segment: 3,
  stack: 4,
  /** What its output calls it. */
  place: 5,
  /** The next interface of the same stack, or NONE. */
  next: 6,
  /** The one with the same IP address that was added before it, or NONE. */
  sameIp: 7,
} as const;
const OUTPUT_SHIFT = 8;
const PREFIX_MASK = (1 << OUTPUT_SHIFT) - 1;

// 32-bit words of a stack's record
const STACK_SHIFT = 2;
const Stack = {
  /** Its last interface, or NONE. */
  first: 0,
  interfaceCount: 1,
  /** The next hop of its default route; NONE, which is no unicast address, where there is no such route. */
  defaultVia: 2,
  flags: 3,
} as const;
const FORWARDS = 1;
const LISTENS = 2;
const OVERLAY = 4;
const ASKS_AS_INTERFACE = 8;

const NONE = -1;

/** Routes of a stack with more interfaces than this are looked up in an index. */
const LISTED_INTERFACES_MAX = 8;

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

/**
 * What routers that are VTEPs know beside their own networks: hosts behind other VTEPs. RFC 9135. It is asked for stacks
 * that were added with `overlay`.
 */
export interface OverlayRouter {
  /**
   * The VTEP to which packets for an address go instead of to a neighbour on the interface that the connected networks
   * name, or on none (-1); -1 if they don't.
   */
  remoteTowards(stack: number, ip: Ipv4Address, ipInterface: number, flowHash: number): number;
  /** Sends a routed packet to that VTEP. Takes over the caller's reference. */
  sendTo(stack: number, remote: number, packet: number): void;
  /** The MAC of a neighbour that is behind another VTEP, as an id in the interface's segment; or -1. */
  remoteNeighbour(ipInterface: number, ip: Ipv4Address): number;
  /** Whether a station is behind one of the router's own ports: others' ARP messages are for the VTEP that they are behind. */
  isOwn(ipInterface: number, address: number): boolean;
  /** Whether a frame that a bridge sends into a gateway port is ARP of a station at none of the router's own ports, to all. */
  ignores(port: number, frame: number): boolean;
  /** A station at an own port said by ARP that an IP address is its own. */
  heard(ipInterface: number, ip: Ipv4Address, address: number): void;
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
  /** What stacks with `overlay` ask; set before the first of them is added. */
  overlayRouter: OverlayRouter | null = null;

  /**
   * Size to which the frames of all stacks are padded: MIN_FRAME_BYTES where they meet a physical wire as they are, 0 where
   * a virtual one carries them, as between a VM and the tunnel in its own server.
   */
  minFrameBytes = 0;

  readonly #network: Network;
  readonly #limiter = new IcmpLimiter();
  // records of interfaces and of stacks
  #interfaces = new Int32Array(64 << INTERFACE_SHIFT);
  #interfaceCount = 0;
  #stacks = new Int32Array(64 << STACK_SHIFT);
  #stackCount = 0;
  readonly #outputs: LinkOutput[] = [];
  // by IP address: the last interface that was given it
  readonly #lastOfIp = new HashSlots((ipInterface) => {
    return hashOfTwo(0, this.#interfaces[(ipInterface << INTERFACE_SHIFT) + Interface.ip]);
  });
  // of stacks with many interfaces, made when they are needed
  readonly #routesOfStack = new Map<number, ConnectedRoutes>();

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

  /**
   * Adds a stack without interfaces. `forwards` makes it a router; `listens` is false where no UDP port is open; `overlay`
   * makes it a router at a VTEP, which asks `overlayRouter`; `asksAsInterface` has it ask by ARP with the address of the
   * interface, whatever packet waits (Linux, arp_announce 2).
   */
  addStack({ forwards = false, listens = true, overlay = false, asksAsInterface = false } = {}): number {
    const stack = this.#stackCount++;
    const o = stack << STACK_SHIFT;
    this.#lengthenStacks(stack + 1);
    this.#stacks[o + Stack.first] = NONE;
    this.#stacks[o + Stack.interfaceCount] = 0;
    this.#stacks[o + Stack.defaultVia] = NONE;
    this.#stacks[o + Stack.flags] =
      (forwards ? FORWARDS : 0) |
      (listens ? LISTENS : 0) |
      (overlay ? OVERLAY : 0) |
      (asksAsInterface ? ASKS_AS_INTERFACE : 0);
    return stack;
  }

  addInterface({ stack, ip, prefixLength, address, segment, output, place }: IpInterfaceParameters): number {
    const ipInterface = this.#interfaceCount++;
    const o = ipInterface << INTERFACE_SHIFT;
    this.#lengthenInterfaces(ipInterface + 1);
    const slot = this.#slotOfIp(ip);
    const sameIp = this.#lastOfIp.at(slot);
    const words = this.#interfaces;
    words[o + Interface.ip] = ip;
    words[o + Interface.prefixAndOutput] = (this.#numberOf(output) << OUTPUT_SHIFT) | prefixLength;
    words[o + Interface.address] = address;
    words[o + Interface.segment] = segment;
    words[o + Interface.stack] = stack;
    words[o + Interface.place] = place;
    words[o + Interface.sameIp] = sameIp;
    this.restoreInterface(ipInterface);
    if (sameIp === NONE) this.#lastOfIp.add(slot, ipInterface);
    else this.#lastOfIp.replace(slot, ipInterface);
    return ipInterface;
  }

  /** Makes room at once for so many more stacks with an interface each. */
  reserve(stacks: number): void {
    this.#lengthenStacks(this.#stackCount + stacks);
    this.#lengthenInterfaces(this.#interfaceCount + stacks);
    this.#lastOfIp.reserve(stacks);
    this.neighbours.reserveInterfaces(this.#interfaceCount + stacks);
  }

  #lengthenStacks(count: number): void {
    const words = count << STACK_SHIFT;
    if (words > this.#stacks.length) this.#stacks = grownCopy(this.#stacks, roomierLength(this.#stacks.length, words));
  }

  #lengthenInterfaces(count: number): void {
    const words = count << INTERFACE_SHIFT;
    if (words > this.#interfaces.length) {
      this.#interfaces = grownCopy(this.#interfaces, roomierLength(this.#interfaces.length, words));
    }
  }

  /** Gives an interface that was removed back to its stack. */
  restoreInterface(ipInterface: number): void {
    const stack = this.stackOf(ipInterface);
    this.#interfaces[(ipInterface << INTERFACE_SHIFT) + Interface.next] = this.#firstOf(stack);
    this.#stacks[(stack << STACK_SHIFT) + Stack.first] = ipInterface;
    this.#stacks[(stack << STACK_SHIFT) + Stack.interfaceCount]++;
    this.#routesOfStack.delete(stack);
  }

  /** Calls back for each interface that has an IP address, or had it before it was removed. */
  forEachInterfaceOf(ip: Ipv4Address, visit: (ipInterface: number) => void): void {
    for (let i = this.#lastOfIp.at(this.#slotOfIp(ip)); i !== NONE; ) {
      visit(i);
      i = this.#interfaces[(i << INTERFACE_SHIFT) + Interface.sameIp];
    }
  }

  /** The place of an interface at an output; -1 if it sends elsewhere. */
  placeOf(ipInterface: number, output: LinkOutput): number {
    if (this.#outputOf(ipInterface) !== output) return -1;
    return this.#interfaces[(ipInterface << INTERFACE_SHIFT) + Interface.place];
  }

  /** Takes an interface away from its stack, with its route and its neighbours. */
  removeInterface(ipInterface: number): void {
    const words = this.#interfaces;
    const stack = this.stackOf(ipInterface);
    this.neighbours.clear(ipInterface);
    const after = this.#nextOf(ipInterface);
    let isFound = this.#firstOf(stack) === ipInterface;
    if (isFound) this.#stacks[(stack << STACK_SHIFT) + Stack.first] = after;
    for (let i = this.#firstOf(stack); i !== NONE; i = this.#nextOf(i)) {
      if (this.#nextOf(i) !== ipInterface) continue;
      words[(i << INTERFACE_SHIFT) + Interface.next] = after;
      isFound = true;
    }
    words[(ipInterface << INTERFACE_SHIFT) + Interface.next] = NONE;
    if (isFound) this.#stacks[(stack << STACK_SHIFT) + Stack.interfaceCount]--;
    this.#routesOfStack.delete(stack);
  }

  /** Sets the next hop of everything that is not on a connected network. */
  setDefaultRoute(stack: number, via: Ipv4Address): void {
    this.#stacks[(stack << STACK_SHIFT) + Stack.defaultVia] = via;
  }

  ipOf(ipInterface: number): Ipv4Address {
    return this.#interfaces[(ipInterface << INTERFACE_SHIFT) + Interface.ip] >>> 0;
  }

  addressOf(ipInterface: number): number {
    return this.#interfaces[(ipInterface << INTERFACE_SHIFT) + Interface.address];
  }

  segmentOf(ipInterface: number): number {
    return this.#interfaces[(ipInterface << INTERFACE_SHIFT) + Interface.segment];
  }

  stackOf(ipInterface: number): number {
    return this.#interfaces[(ipInterface << INTERFACE_SHIFT) + Interface.stack];
  }

  /** A datagram from this stack, already counted as created: routed, resolved and sent. Takes the caller's reference. */
  send(stack: number, frame: number): void {
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    const targetIp = words[f + Frame.targetIp] >>> 0;
    const ipInterface = this.#route(stack, targetIp);
    const remote = this.#remoteTowards(stack, frame, targetIp, ipInterface);
    if (remote !== NONE) {
      this.overlayRouter?.sendTo(stack, remote, frame);
      return;
    }
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
    words[f + Frame.senderIp] = this.ipOf(ipInterface) | 0;
    words[f + Frame.targetIp] = targetIp | 0;
    words[f + Frame.ttl] = DEFAULT_TTL;
    words[f + Frame.protocol] = protocol;
    words[f + Frame.flowHash] = hashOfPair(words[f + Frame.senderIp], words[f + Frame.targetIp]);
    return frame;
  }

  /** Sends a packet to a neighbour on an interface, once its address is known. */
  sendVia(ipInterface: number, frame: number, nextHop: Ipv4Address): void {
    if (this.#hasFlag(this.stackOf(ipInterface), OVERLAY)) {
      const remote = this.overlayRouter?.remoteNeighbour(ipInterface, nextHop) ?? -1;
      if (remote !== -1) {
        this.#transmit(ipInterface, remote, frame);
        return;
      }
    }
    const words = this.#network.frames.words;
    const sizeBytes = words[(frame << FRAME_SHIFT) + Frame.sizeBytes] * words[(frame << FRAME_SHIFT) + Frame.count];
    const address = this.neighbours.resolve(ipInterface, nextHop, frame, sizeBytes, this.#network.nowMs);
    if (address !== -1) this.#transmit(ipInterface, address, frame);
  }

  /** Sends a packet to a group address. RFC 1112, 6.4. */
  sendToGroup(ipInterface: number, frame: number, groupAddress: number): void {
    this.#transmit(ipInterface, groupAddress, frame);
  }

  /** Tells everybody in the segment who has this interface's IP address. RFC 5227, 2.3 (ARP announcement). */
  announce(ipInterface: number): void {
    const ip = this.ipOf(ipInterface);
    const frame = this.#createArp(ipInterface, FrameKind.arpRequest, ip, ip);
    this.#transmit(ipInterface, BROADCAST_ID, frame);
  }

  /** A frame that reached this interface. Owns one reference. */
  receive(ipInterface: number, frame: number): void {
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    const destination = words[f + Frame.dst];
    const isForUs = destination === this.addressOf(ipInterface);
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
    const stack = this.stackOf(ipInterface);
    const overlayRouter = this.#hasFlag(stack, OVERLAY) ? this.overlayRouter : null;
    if (overlayRouter?.isOwn(ipInterface, senderAddress) === false) {
      this.#drop(frame, Outcome.consumed);
      return;
    }
    const isGratuitous = senderIp === targetIp;
    const isRequestForUs = !isReply && this.#isLocal(stack, targetIp) && !isGratuitous;
    // arp_accept: a VTEP has to know its hosts, asked or not; replies to another VTEP's request end here too
    const isAccepted = overlayRouter !== null && (isGratuitous || (isReply && isForUs));
    const isProbe = senderIp === 0;
    if (!isProbe) {
      this.neighbours.learn(ipInterface, senderIp, senderAddress, this.#network.nowMs, {
        isReplyToUs: isReply && isForUs,
        mayCreate: isRequestForUs || isAccepted,
        isGratuitous,
      });
      if (isRequestForUs || isAccepted) overlayRouter?.heard(ipInterface, senderIp, senderAddress);
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
    const stack = this.stackOf(ipInterface);
    const targetIp = words[f + Frame.targetIp] >>> 0;
    if (this.#isLocal(stack, targetIp)) {
      this.#deliver(ipInterface, stack, frame);
      return;
    }
    if (!this.#hasFlag(stack, FORWARDS) || !isForUs) {
      this.#drop(frame, Outcome.dropNoRoute);
      return;
    }
    this.#forward(stack, frame, targetIp);
  }

  #deliver(ipInterface: number, stack: number, frame: number): void {
    const words = this.#network.frames.words;
    const isUdp = words[(frame << FRAME_SHIFT) + Frame.protocol] === IpProtocol.udp;
    if (isUdp && !this.#hasFlag(stack, LISTENS)) {
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
    const remote = this.#remoteTowards(stack, arrived, targetIp, ipInterface);
    if (ipInterface < 0 && remote === NONE) {
      this.#sendIcmpError(stack, arrived, -1, true);
      this.#drop(arrived, Outcome.dropNoRoute);
      return;
    }
    const frame = this.#network.frames.writable(arrived);
    this.#network.frames.words[(frame << FRAME_SHIFT) + Frame.ttl] = ttl - 1;
    if (remote === NONE) this.sendVia(ipInterface, frame, this.#nextHop(ipInterface, targetIp));
    else this.overlayRouter?.sendTo(stack, remote, frame);
  }

  /** The VTEP that a packet goes to instead of to a neighbour; NONE for all packets of stacks that are at none. */
  #remoteTowards(stack: number, frame: number, targetIp: Ipv4Address, ipInterface: number): number {
    if (this.overlayRouter === null || !this.#hasFlag(stack, OVERLAY)) return NONE;
    const flowHash = this.#network.frames.words[(frame << FRAME_SHIFT) + Frame.flowHash];
    return this.overlayRouter.remoteTowards(stack, targetIp, ipInterface, flowHash);
  }

  /** The interface towards an address: a connected network (the longest prefix), else the default route's; or -1. */
  #route(stack: number, targetIp: Ipv4Address): number {
    const connected = this.#connected(stack, targetIp);
    if (connected >= 0) return connected;
    const via = this.#stacks[(stack << STACK_SHIFT) + Stack.defaultVia];
    return via === NONE ? -1 : this.#connected(stack, via >>> 0);
  }

  #connected(stack: number, targetIp: Ipv4Address): number {
    const routes = this.#routesOf(stack);
    if (routes !== null) return routes.interfaceTowards(targetIp);
    let best = -1;
    for (let i = this.#firstOf(stack); i !== NONE; i = this.#nextOf(i)) {
      const prefixLength = this.#prefixLengthOf(i);
      if (!inSamePrefix(this.#interfaces[(i << INTERFACE_SHIFT) + Interface.ip], targetIp, prefixLength)) continue;
      if (best < 0 || prefixLength >= this.#prefixLengthOf(best)) best = i;
    }
    return best;
  }

  #nextHop(ipInterface: number, targetIp: Ipv4Address): Ipv4Address {
    const isConnected = inSamePrefix(this.ipOf(ipInterface), targetIp, this.#prefixLengthOf(ipInterface));
    if (isConnected) return targetIp;
    return this.#stacks[(this.stackOf(ipInterface) << STACK_SHIFT) + Stack.defaultVia] >>> 0;
  }

  #isLocal(stack: number, ip: Ipv4Address): boolean {
    const routes = this.#routesOf(stack);
    if (routes !== null) return routes.isLocal(ip);
    for (let i = this.#firstOf(stack); i !== NONE; i = this.#nextOf(i)) {
      if (this.#interfaces[(i << INTERFACE_SHIFT) + Interface.ip] === (ip | 0)) return true;
    }
    return false;
  }

  /** The index of a stack with many interfaces; null for others. */
  #routesOf(stack: number): ConnectedRoutes | null {
    if (this.#stacks[(stack << STACK_SHIFT) + Stack.interfaceCount] <= LISTED_INTERFACES_MAX) return null;
    const known = this.#routesOfStack.get(stack);
    if (known !== undefined) return known;
    const interfaces: AddressedInterface[] = [];
    for (let i = this.#firstOf(stack); i !== NONE; i = this.#nextOf(i)) {
      interfaces.push({ ipInterface: i, ip: this.ipOf(i), prefixLength: this.#prefixLengthOf(i) });
    }
    const routes = new ConnectedRoutes(interfaces);
    this.#routesOfStack.set(stack, routes);
    return routes;
  }

  #firstOf(stack: number): number {
    return this.#stacks[(stack << STACK_SHIFT) + Stack.first];
  }

  #nextOf(ipInterface: number): number {
    return this.#interfaces[(ipInterface << INTERFACE_SHIFT) + Interface.next];
  }

  #hasFlag(stack: number, flag: number): boolean {
    return (this.#stacks[(stack << STACK_SHIFT) + Stack.flags] & flag) !== 0;
  }

  #prefixLengthOf(ipInterface: number): number {
    return this.#interfaces[(ipInterface << INTERFACE_SHIFT) + Interface.prefixAndOutput] & PREFIX_MASK;
  }

  #outputOf(ipInterface: number): LinkOutput {
    const word = this.#interfaces[(ipInterface << INTERFACE_SHIFT) + Interface.prefixAndOutput];
    return this.#outputs[word >>> OUTPUT_SHIFT];
  }

  /** The number of an output; there are as many as kinds of devices. */
  #numberOf(output: LinkOutput): number {
    const known = this.#outputs.indexOf(output);
    return known >= 0 ? known : this.#outputs.push(output) - 1;
  }

  /** Where the last interface with an IP address is, or would be. */
  #slotOfIp(ip: Ipv4Address): number {
    const slots = this.#lastOfIp;
    for (let slot = slots.first(hashOfTwo(0, ip)); ; slot = slots.next(slot)) {
      const i = slots.at(slot);
      if (i === NONE || this.#interfaces[(i << INTERFACE_SHIFT) + Interface.ip] === (ip | 0)) return slot;
    }
  }

  #transmit(ipInterface: number, address: number, frame: number): void {
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    words[f + Frame.src] = this.addressOf(ipInterface);
    words[f + Frame.dst] = address;
    words[f + Frame.segment] = this.segmentOf(ipInterface);
    const place = this.#interfaces[(ipInterface << INTERFACE_SHIFT) + Interface.place];
    this.#outputOf(ipInterface).transmit(place, frame);
  }

  #solicit(ipInterface: number, ip: Ipv4Address, address: number, waiting: number): void {
    let senderIp = this.ipOf(ipInterface);
    if (waiting >= 0 && !this.#hasFlag(this.stackOf(ipInterface), ASKS_AS_INTERFACE)) {
      // arp_announce 0: the address of the packet that waits, if it is ours
      const packetIp = this.#network.frames.words[(waiting << FRAME_SHIFT) + Frame.senderIp] >>> 0;
      if (this.#isLocal(this.stackOf(ipInterface), packetIp)) senderIp = packetIp;
    }
    const request = this.#createArp(ipInterface, FrameKind.arpRequest, senderIp, ip);
    this.#transmit(ipInterface, address === -1 ? BROADCAST_ID : address, request);
  }

  #unreachable(ipInterface: number, frame: number): void {
    const stack = this.stackOf(ipInterface);
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
    words[f + Frame.flowHash] = hashOfPair(this.addressOf(ipInterface), targetIp | 0);
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
