import { ecmpIndex } from '../protocol/ecmp.ts';
import { FirstHop, PimSources } from '../protocol/pim-sources.ts';
import { FrameKind, PIM_REGISTER_OVERHEAD_BYTES } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';
import { EventKind } from './event-kinds.ts';
import { BIDIRECTIONAL, type MulticastProtocol } from './multicast-protocol.ts';
import { MulticastState } from './multicast-state.ts';
import { MulticastTree, type WaysToRoot } from './multicast-tree.ts';
import type { Network } from './network.ts';
import { Carried, Outcome } from './observer.ts';

const NS_PER_MS = 1e6;

/** In `Frame.tag` of a packet that keeps to the shared tree, as what came out of a Register does. */
const ON_SHARED_TREE = -2;

/** The routed network as of the last routing. */
export interface RoutedTopology {
  /** By node: the ports that lead to others. */
  readonly upPorts: readonly (readonly number[])[];
  /** By node: hops from a root, or -1. */
  distancesFrom(root: number): Int32Array;
  /** Whether a node routes nothing for others. */
  isHost(node: number): boolean;
}

/** What tunnel endpoints are there, and who takes what reaches them. */
export interface Endpoints {
  nodeOf(endpoint: number): number;
  /** The endpoint at a node, or -1. */
  endpointAt(node: number): number;
  deliver(endpoint: number, port: number, packet: number): void;
  /** Ends a packet at a port, or, if that is -1, at a node. */
  endAt(node: number, port: number, packet: number, outcome: number): void;
  /** A packet is about to be sent to the next router. */
  countSend(packet: number): void;
}

interface Group {
  readonly ip: Ipv4Address;
  readonly root: number;
  readonly backupRoots: readonly number[];
  /** As of the last routing: the root, or who stands in for it. */
  rootInUse: number;
  /** Members, with how many segments each of them joined for. */
  readonly members: Map<number, number>;
  /** The tree of the root: (*,G). Null before the first routing. */
  tree: MulticastTree | null;
  /** By first router: its sources, and where their state is. */
  readonly firstRouters: Map<number, FirstRouter>;
}

interface FirstRouter {
  /** Where packets go, unless that is the group's tree, and where the state of each source is: (S,G). */
  readonly tree: MulticastTree;
  readonly sources: Set<number>;
}

/**
 * Multicast among routers: groups, the trees of their members, and PIM-SM's sources.
 *
 * Differs from the standard: what routers say to each other is not sent as packets, so that trees follow their members at
 * once, and a Join or Register-Stop takes the time of the wires from the rendezvous point to the source's first router; and
 * there are no asserts and null Registers (RFC 7761, 4.6 and 4.4.1). Registers carry data, and are sent.
 */
export class Multicast {
  /** The entries of routers. */
  readonly state: MulticastState;
  /** Packets that VTEPs sent and that reached routers on a tree: each is sent on, delivered, or both. */
  treePackets = 0;
  /** Copies that routers made of these beyond the first. */
  copiedPackets = 0;
  /** Packets sent along a tree from one router, or VTEP, to the next; and those that reached a member. */
  sentPackets = 0;
  deliveredPackets = 0;
  /** Packets that first routers registered; links that Registers crossed; and those that the rendezvous point took no further. */
  registeredPackets = 0;
  registerHops = 0;
  lostRegisters = 0;
  #protocol: MulticastProtocol = BIDIRECTIONAL;
  #sources: PimSources;
  readonly #network: Network;
  readonly #endpoints: Endpoints;
  readonly #groups: Group[] = [];
  #topology: RoutedTopology | null = null;
  // by root
  #distances = new Map<number, Int32Array>();

  constructor(network: Network, endpoints: Endpoints) {
    this.#network = network;
    this.#endpoints = endpoints;
    this.state = new MulticastState(network);
    this.#sources = new PimSources(BIDIRECTIONAL.implementation);
    const { simulation } = network;
    simulation.on(EventKind.pimJoin, { handle: (_kind, source, group) => this.#sources.joinArrived(source, group) });
    simulation.on(EventKind.pimRegisterStop, {
      handle: (_kind, source, group) => this.#sources.registerStopArrived(source, group),
    });
    simulation.on(EventKind.pimKeepalive, { handle: (_kind, source, group) => this.#expire(source, group) });
  }

  /** Chooses the protocol, before the first packet. */
  use(protocol: MulticastProtocol): void {
    this.#protocol = protocol;
    this.#sources = new PimSources(protocol.implementation, protocol.keepaliveNs);
  }

  get groupCount(): number {
    return this.#groups.length;
  }

  /** Adds a group, and returns its number. */
  addGroup(ip: Ipv4Address, root: number, backupRoots: readonly number[]): number {
    const members = new Map<number, number>();
    const firstRouters = new Map<number, FirstRouter>();
    return this.#groups.push({ ip, root, backupRoots, rootInUse: root, members, tree: null, firstRouters }) - 1;
  }

  ipOf(group: number): Ipv4Address {
    return this.#groups[group].ip;
  }

  /** An endpoint wants what is sent to the group, for one segment more. */
  join(group: number, endpoint: number): void {
    const { members, tree, firstRouters } = this.#groups[group];
    const count = members.get(endpoint) ?? 0;
    members.set(endpoint, count + 1);
    if (count > 0) return;
    const node = this.#endpoints.nodeOf(endpoint);
    tree?.join(node);
    if (this.#protocol.sptSwitchover === 'never') return;
    for (const first of firstRouters.values()) first.tree.join(node);
  }

  /** It wants that for one segment less. */
  leave(group: number, endpoint: number): void {
    const { members, tree, firstRouters } = this.#groups[group];
    const count = members.get(endpoint) ?? 0;
    if (count > 1) {
      members.set(endpoint, count - 1);
      return;
    }
    if (!members.delete(endpoint)) return;
    const node = this.#endpoints.nodeOf(endpoint);
    tree?.leave(node);
    if (this.#protocol.sptSwitchover === 'never') return;
    for (const first of firstRouters.values()) first.tree.leave(node);
  }

  isMember(group: number, endpoint: number): boolean {
    return this.#groups[group].members.has(endpoint);
  }

  /** Members of a group now. */
  memberCount(group: number): number {
    return this.#groups[group].members.size;
  }

  /** Grows all trees anew on routes that have been computed. Sources that are known stay so. */
  reroute(topology: RoutedTopology): void {
    this.#topology = topology;
    this.#distances = new Map();
    this.state.clear();
    const isReachable = (root: number) => root >= 0 && topology.upPorts[root].length > 0;
    for (const [index, group] of this.#groups.entries()) {
      group.rootInUse = isReachable(group.root) ? group.root : (group.backupRoots.find(isReachable) ?? group.root);
      group.tree = this.#sharedTree(index, group);
      const sources = [...group.firstRouters.values()].flatMap((first) => [...first.sources]);
      group.firstRouters.clear();
      for (const source of sources) this.#addSource(index, source, this.#firstRouterOf(group, source));
    }
  }

  /** A packet to a group at a node: from the endpoint there if `port` is -1. Takes the caller's reference. */
  forward(node: number, port: number, packet: number, group: number): void {
    if (this.#protocol.protocol === 'pim-bidir' || this.#topology?.isHost(node) !== false) {
      this.#sendCopies(node, port, packet, group, this.#groups[group].tree?.portsAt(node) ?? []);
      return;
    }
    this.#forwardSparse(node, port, packet, group);
  }

  /** A Register at a router. Owns one reference. RFC 7761, 4.4.2. */
  receiveRegister(node: number, port: number, register: number): void {
    const network = this.#network;
    const words = network.frames.words;
    const r = register << FRAME_SHIFT;
    const group = -1 - words[r + Frame.targetIp];
    const { tree, rootInUse } = this.#groups[group];
    if (node !== rootInUse) {
      this.#sendRegister(node, port, register, tree);
      return;
    }
    const source = words[r + Frame.senderIp];
    if (this.#sources.isJoined(source, group)) {
      this.#answer(EventKind.pimRegisterStop, source, group);
      network.end(port, register, Outcome.consumed);
      return;
    }
    this.#answer(EventKind.pimJoin, source, group);
    if (!this.#sources.forwardsRegistered) {
      this.lostRegisters += words[r + Frame.count];
      network.end(port, register, Outcome.dropNoRoute);
      return;
    }
    network.note(port, Outcome.forwarded);
    const inner = words[r + Frame.inner];
    network.frames.retain(inner, 1);
    network.frames.release(register);
    const packet = network.frames.writable(inner);
    network.frames.words[(packet << FRAME_SHIFT) + Frame.tag] = ON_SHARED_TREE;
    // it came by unicast: receivers may be where it came from
    this.#sendCopies(node, port, packet, group, tree?.portsAt(node) ?? [], -1);
  }

  #forwardSparse(node: number, port: number, packet: number, group: number): void {
    const network = this.#network;
    const words = network.frames.words;
    const source = words[(packet << FRAME_SHIFT) + Frame.senderIp];
    const own = this.#groups[group];
    const firstRouter = this.#firstRouterOf(own, source);
    if (words[(packet << FRAME_SHIFT) + Frame.tag] === ON_SHARED_TREE) {
      // it has come back to where it was registered
      if (node === firstRouter) this.#endpoints.endAt(node, port, packet, Outcome.filtered);
      else this.#sendCopies(node, port, packet, group, own.tree?.portsAt(node) ?? []);
      return;
    }
    if (node === firstRouter) {
      this.#fromSource(node, port, packet, group, source);
      return;
    }
    if (this.#protocol.sptSwitchover === 'never') {
      this.#sendCopies(node, port, packet, group, own.tree?.portsAt(node) ?? []);
      return;
    }
    const tree = own.firstRouters.get(firstRouter)?.tree;
    // reverse path forwarding: only from where the way to the source leads
    if (tree === undefined || tree.ways.parentPort(node) !== port) {
      this.#endpoints.endAt(node, port, packet, Outcome.dropNoRoute);
      return;
    }
    this.#sendCopies(node, port, packet, group, tree.portsAt(node));
  }

  /** A packet at its source's first router. */
  #fromSource(node: number, port: number, packet: number, group: number, source: number): void {
    const network = this.#network;
    const { tree, rootInUse } = this.#groups[group];
    const action = this.#sources.packet(source, group, network.nowMs, node === rootInUse);
    if ((action & FirstHop.isNew) !== 0) {
      this.#addSource(group, source, node);
      this.#scheduleExpiry(source, group, network.nowMs);
    }
    const shared = tree?.portsAt(node) ?? [];
    const own =
      this.#protocol.sptSwitchover === 'never'
        ? shared
        : (this.#groups[group].firstRouters.get(node)?.tree.portsAt(node) ?? []);
    const up = tree?.ways.parentPort(node) ?? -1;
    const branches = (action & FirstHop.locally) === 0 ? [] : shared.filter((out) => out !== up && out !== port);
    if ((action & FirstHop.registers) === 0) {
      this.#sendCopies(node, port, packet, group, own);
      return;
    }
    const isNative = (action & FirstHop.alongTree) !== 0;
    if (isNative || branches.length > 0) {
      const forwarded = network.frames.copy(packet);
      network.countCreated(forwarded);
      if (isNative) {
        this.#sendCopies(node, port, forwarded, group, own);
      } else {
        network.frames.words[(forwarded << FRAME_SHIFT) + Frame.tag] = ON_SHARED_TREE;
        this.#sendCopies(node, port, forwarded, group, branches);
      }
    }
    this.#register(node, port, packet, tree);
  }

  /** Sends a packet inside a Register towards the rendezvous point. RFC 7761, 4.9.3. */
  #register(node: number, port: number, packet: number, tree: MulticastTree | null): void {
    const { frames } = this.#network;
    const register = frames.allocate();
    const words = frames.words;
    const r = register << FRAME_SHIFT;
    const p = packet << FRAME_SHIFT;
    for (const word of [Frame.count, Frame.senderIp, Frame.targetIp, Frame.flowHash]) words[r + word] = words[p + word];
    words[r + Frame.kind] = FrameKind.pimRegister;
    words[r + Frame.sizeBytes] = words[p + Frame.sizeBytes] + PIM_REGISTER_OVERHEAD_BYTES;
    words[r + Frame.segment] = -1;
    words[r + Frame.src] = 0;
    words[r + Frame.dst] = 0;
    words[r + Frame.tag] = -1;
    words[r + Frame.inner] = packet;
    this.registeredPackets += words[r + Frame.count];
    this.#sendRegister(node, port, register, tree);
  }

  #sendRegister(node: number, port: number, register: number, tree: MulticastTree | null): void {
    const out = tree?.ways.parentPort(node) ?? -1;
    if (out < 0) {
      this.#endpoints.endAt(node, port, register, Outcome.dropNoRoute);
      return;
    }
    if (port >= 0) this.#network.note(port, Outcome.forwarded);
    const { hopFrames } = this.#network;
    this.#network.send(out, register, Carried.control);
    this.registerHops += this.#network.hopFrames - hopFrames;
  }

  /** Lets an answer of the rendezvous point be at the source's first router after the time of the wires. */
  #answer(kind: number, source: number, group: number): void {
    const own = this.#groups[group];
    const network = this.#network;
    let delayNs = 0;
    for (let node = this.#firstRouterOf(own, source); node >= 0 && node !== own.rootInUse; ) {
      const up = own.tree?.ways.parentPort(node) ?? -1;
      if (up < 0) return;
      delayNs += network.delayNsOf(network.peerOf(up));
      node = network.nodeOf(network.peerOf(up));
    }
    network.simulation.scheduleAfter(delayNs, kind, source, group);
  }

  /** Copies a packet that came by `port` to ports of a node but one, and to the endpoint that is here. */
  #sendCopies(
    node: number,
    port: number,
    packet: number,
    group: number,
    ports: readonly number[],
    except = port,
  ): void {
    const network = this.#network;
    const endpoints = this.#endpoints;
    const endpoint = endpoints.endpointAt(node);
    const isDelivered = port >= 0 && endpoint >= 0 && this.isMember(group, endpoint);
    const copies = ports.length - (ports.includes(except) ? 1 : 0) + (isDelivered ? 1 : 0);
    if (copies === 0) {
      endpoints.endAt(node, port, packet, Outcome.dropNoEgress);
      return;
    }
    if (port >= 0) network.note(port, Outcome.flooded);
    network.frames.retain(packet, copies - 1);
    const count = network.frames.words[(packet << FRAME_SHIFT) + Frame.count];
    network.createdFrames += (copies - 1) * count;
    this.treePackets += count;
    this.copiedPackets += (copies - 1) * count;
    const carried = network.frames.words[(packet << FRAME_SHIFT) + Frame.carried];
    for (const out of ports) {
      if (out === except) continue;
      this.sentPackets += count;
      endpoints.countSend(packet);
      network.send(out, packet, carried);
    }
    if (!isDelivered) return;
    this.deliveredPackets += count;
    endpoints.deliver(endpoint, port, packet);
  }

  /** The router that sees a source's packets first: the source itself, or the one that a host sends to. -1: none. */
  #firstRouterOf({ tree }: Group, source: number): number {
    const node = this.#endpoints.nodeOf(source);
    if (this.#topology?.isHost(node) !== true) return node;
    const network = this.#network;
    const up = tree?.ways.parentPort(node) ?? -1;
    return up < 0 ? -1 : network.nodeOf(network.peerOf(up));
  }

  #addSource(index: number, source: number, firstRouter: number): void {
    if (firstRouter < 0) return;
    const group = this.#groups[index];
    let first = group.firstRouters.get(firstRouter);
    if (first === undefined) {
      first = { tree: this.#sourceTree(index, group, firstRouter), sources: new Set() };
      group.firstRouters.set(firstRouter, first);
    }
    first.sources.add(source);
    this.#countSource(group, first, 1);
  }

  #countSource({ rootInUse }: Group, { tree }: FirstRouter, change: 1 | -1): void {
    // the rendezvous point keeps the state of each source, whether or not its packets come by
    this.state.addSourceEntries(rootInUse, change);
    for (const node of tree.nodes)
      if (node !== rootInUse && !this.#isHost(node)) this.state.addSourceEntries(node, change);
  }

  #isHost(node: number): boolean {
    return this.#topology?.isHost(node) === true;
  }

  #sharedTree(index: number, group: Group): MulticastTree {
    const tree = new MulticastTree(this.#waysTo(group.rootInUse, index), (node, change) => {
      if (!this.#isHost(node)) this.state.addGroupEntries(node, change);
    });
    for (const endpoint of group.members.keys()) tree.join(this.#endpoints.nodeOf(endpoint));
    return tree;
  }

  #sourceTree(index: number, group: Group, firstRouter: number): MulticastTree {
    if (this.#protocol.sptSwitchover === 'never') {
      // only the way to the rendezvous point knows of the source
      const way = new MulticastTree(this.#waysTo(group.rootInUse, index));
      way.join(firstRouter);
      return way;
    }
    const tree = new MulticastTree(this.#waysTo(firstRouter, index), (node, change) => {
      const sources = group.firstRouters.get(firstRouter)?.sources.size ?? 0;
      if (sources > 0 && node !== group.rootInUse && !this.#isHost(node)) {
        this.state.addSourceEntries(node, change * sources);
      }
    });
    for (const endpoint of group.members.keys()) tree.join(this.#endpoints.nodeOf(endpoint));
    return tree;
  }

  #waysTo(root: number, group: number): WaysToRoot {
    const network = this.#network;
    const upPorts = this.#topology?.upPorts ?? [];
    const distances = root < 0 ? null : this.#distancesFrom(root);
    const { rpf } = this.#protocol;
    return {
      parentPort: (node) =>
        distances === null ? -1 : this.#parentPort(node, upPorts[node], distances, { rpf, root, group }),
      peerOf: (port) => network.peerOf(port),
      nodeOf: (port) => network.nodeOf(port),
    };
  }

  #parentPort(
    node: number,
    ports: readonly number[],
    distances: Int32Array,
    { rpf, root, group }: { rpf: MulticastProtocol['rpf']; root: number; group: number },
  ): number {
    const network = this.#network;
    const distanceAt = (port: number) => distances[network.nodeOf(network.peerOf(port))];
    const distance = distances[node];
    if (distance === 0) return -1;
    let nearest = distance - 1;
    if (distance < 0) {
      // a host: no way leads through it, so it has no distance of its own
      nearest = Number.POSITIVE_INFINITY;
      for (const port of ports) if (distanceAt(port) >= 0) nearest = Math.min(nearest, distanceAt(port));
    }
    if (rpf === 'first') return ports.find((port) => distanceAt(port) === nearest) ?? -1;
    const candidates = ports.filter((port) => distanceAt(port) === nearest);
    if (candidates.length === 0) return -1;
    // all routers choose alike, so that the ways to a root meet early
    return candidates[
      ecmpIndex(Math.imul(group + 1, 0x5bd1e995) ^ Math.imul(root + 1, 0x1b873593), 0, candidates.length)
    ];
  }

  #distancesFrom(root: number): Int32Array | null {
    const known = this.#distances.get(root);
    if (known !== undefined || this.#topology === null) return known ?? null;
    const distances = this.#topology.distancesFrom(root);
    this.#distances.set(root, distances);
    return distances;
  }

  #scheduleExpiry(source: number, group: number, nowMs: number): void {
    const dueMs = this.#sources.expire(source, group, nowMs);
    if (dueMs >= 0) this.#network.simulation.schedule(dueMs * NS_PER_MS, EventKind.pimKeepalive, source, group);
  }

  #expire(source: number, group: number): void {
    const { nowMs } = this.#network;
    const dueMs = this.#sources.expire(source, group, nowMs);
    if (dueMs >= 0) {
      this.#network.simulation.schedule(dueMs * NS_PER_MS, EventKind.pimKeepalive, source, group);
      return;
    }
    const own = this.#groups[group];
    for (const [router, first] of own.firstRouters) {
      if (!first.sources.delete(source)) continue;
      this.#countSource(own, first, -1);
      if (first.sources.size === 0) own.firstRouters.delete(router);
    }
  }
}
