import { grownCopy } from '../grown-copy.ts';
import { macHash } from '../protocol/mac-hash.ts';
import { Learned, MacTables, NEVER_MS } from '../protocol/mac-tables.ts';
import type { TableGeometry } from '../protocol/table-geometry.ts';
import { linuxWheelExpiryNs } from '../protocol/timer-expiry.ts';
import { BRIDGE_GROUP_ID, BROADCAST_ID, isReservedId } from '../wire/address-book.ts';
import { FrameKind, isBpdu } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame, frameRecord } from '../wire/frame-pool.ts';
import type { EdgeFloods } from './edge-floods.ts';
import { EventKind } from './event-kinds.ts';
import type { FloodRow } from './flood-row.ts';
import {
  ALL_SEGMENTS,
  ASKED_TO_FORWARD,
  FORWARDS_PLAINLY,
  MODE_BITS,
  modeBits,
  type Network,
  PORT_SHIFT,
  Port,
  PortFlag,
  PortMode,
  portRecord,
} from './network.ts';
import { Carried, carriedByFlood, FloodCause, Outcome } from './observer.ts';
import type { PortViolation } from './port-violation.ts';
import { type PortStormControl, StormControl } from './storm-control.ts';

const NS_PER_MS = 1e6;
const MS_PER_SECOND = 1000;

/** 01-80-C2-00-00-01, which MAC control takes before the bridge sees it. IEEE 802.3-2018, Annex 31B. */
const PAUSE_ID = BRIDGE_GROUP_ID - 1;

/** Flags of which a plain port has `forwarding` only where a frame comes in, and is only up besides where it leaves. */
const INGRESS_FLAGS =
  PortFlag.forwarding | PortFlag.translates | PortFlag.aggregated | PortFlag.learnsNothing | PortFlag.byInstance;
const EGRESS_FLAGS =
  PortFlag.forwarding | PortFlag.aggregated | PortFlag.twinned | PortFlag.byInstance | ASKED_TO_FORWARD;
const EGRESS_PLAIN = PortFlag.forwarding | FORWARDS_PLAINLY;

/** The same of a port where a frame comes in that is to flood: its node is a bridge, and it is in no group. */
const ROW_FLAGS = INGRESS_FLAGS | PortFlag.linkUp | PortFlag.grouped | MODE_BITS;
const ROW_PLAIN = PortFlag.forwarding | PortFlag.linkUp | modeBits(PortMode.bridged);

/** What a bridge is like. */
export interface BridgeParameters {
  /** Ageing time of its MAC table. IEEE 802.1D-2004, Table 7-5: 300 s. */
  ageingTimeNs: number;
  /** Entries the table holds; a full table keeps what it has. */
  macTableCapacity?: number;
  /** The same for a table of another kind. */
  geometry?: TableGeometry | null;
  /** Addresses that it learns per second; null is no limit. */
  learnedPerSecond?: number | null;
  /** Of the chance by which its table evicts. */
  seed?: number;
  /**
   * `ieee-802.1d`: an entry is gone when its age reaches the ageing time. `linux-6.18`: when a sweep finds it, and the
   * sweep's schedule doesn't hear of topology changes (net/bridge/br_fdb.c, br_fdb_cleanup). `ovs-3.1`: its clock counts
   * whole seconds, so that an entry is gone up to a second early (lib/mac-learning.c, mac_learning_run).
   */
  implementation: 'ieee-802.1d' | 'linux-6.18' | 'ovs-3.1';
}

/** Takes BPDUs that arrive at bridges that run spanning tree. Owns one reference. */
export interface BpduHandler {
  receiveBpdu(bridge: number, port: number, frame: number): void;
}

/** Keeps floods from ports, beyond what their state and VLANs do. */
export interface FloodFilter {
  /** Whether a flood that came in by `ingress` may leave by a port. */
  allows(port: number, segment: number, ingress: number): boolean;
  /** Whether it says the same of two ports of a bridge, until it tells the network that ports changed. */
  areAlike(a: number, b: number): boolean;
}

/** Hears of ports of bridges without spanning tree. */
export interface PortWatcher {
  /** A port goes down. Returns whether what was learned there is taken care of, and need not be forgotten. */
  portGoesDown(port: number): boolean;
  /** A port came up. */
  portCameUp(port: number): void;
}

/**
 * Learning, filtering, flooding and ageing on all bridges. IEEE 802.1D-2004, clause 7; IEEE 802.1Q-2018, clause 8.
 *
 * A bridge is a node; its number among bridges is also the number of its MAC table. A port takes part if it learns or
 * forwards (PortFlag), which is the spanning tree's to say. Tunnels and gateways are virtual ports of a bridge, so a
 * frame reaches them as it reaches any port.
 */
export class Bridges {
  readonly tables = new MacTables();
  /** Hears of every address that a bridge learned anew or at another port. */
  onLearned: ((bridge: number, address: number, port: number) => void) | null = null;
  /** Hears that a bridge forgot what it had learned on a port. */
  onFlushed: ((bridge: number) => void) | null = null;
  /** Hears of unicast frames that came, at a node, from where their destination is. IEEE 802.1D-2004, 7.7.1. */
  onFiltered: ((node: number, frame: number) => void) | null = null;
  /** Floods to servers more cheaply, with the same result. */
  edgeFloods: EdgeFloods | null = null;
  /** Stops floods of which too much comes in by a port; null where no port is limited so. */
  stormControl: StormControl | null = null;
  /** Keeps floods from ports; null if nothing does. */
  floodFilter: FloodFilter | null = null;
  portWatcher: PortWatcher | null = null;
  readonly #mayFloodBound = (port: number, segment: number, ingress: number) => this.#mayFlood(port, segment, ingress);
  readonly #network: Network;
  // indexed by node: the bridge's number, or -1; indexed by bridge: its node
  #bridgeOfNode = new Int32Array(64).fill(-1);
  readonly #nodeOfBridge: number[] = [];
  readonly #parameters: BridgeParameters[] = [];
  readonly #runsSpanningTree: boolean[] = [];
  // ports with a limit to their addresses
  readonly #violations = new Map<number, PortViolation>();
  // by node of a bridge that snoops: by group address the ports to its members
  readonly #members = new Map<number, Map<number, Set<number>>>();
  // ports that take no tagged frames, among those whose two ends see VLANs differently
  readonly #untaggedOnly = new Set<number>();
  // by port: the VLAN of untagged frames where the port sends that VLAN with a tag
  readonly #nativeTagged = new Map<number, number>();
  /** Ports that a violation or a storm shut down, in order. */
  readonly shutPorts: number[] = [];
  /** Shuts a port down for a violation or a storm. */
  onViolation: ((port: number) => void) | null = null;
  #bpduHandler: BpduHandler | null = null;

  constructor(network: Network) {
    this.#network = network;
    network.handle(PortMode.bridged, this);
    network.simulation.on(EventKind.arrivals, { handle: (_kind, row, frame) => this.#receiveInRow(row, frame) });
    network.simulation.on(EventKind.macSweep, { handle: (_kind, bridge) => this.#sweep(bridge) });
  }

  /** Makes a node a bridge and returns the bridge's number. */
  addBridge(node: number, parameters: BridgeParameters): number {
    const { addresses } = this.#network;
    const bridge = this.tables.addTable({
      holdMs: holdMsOf(parameters.ageingTimeNs, parameters.implementation),
      ...(parameters.macTableCapacity !== undefined && { capacity: parameters.macTableCapacity }),
      geometry: parameters.geometry ?? null,
      learnedPerSecond: parameters.learnedPerSecond ?? null,
      seed: parameters.seed ?? 0,
      hashOf: (address) => macHash(addresses.macOf(address), addresses.segmentOf(address)),
    });
    if (node >= this.#bridgeOfNode.length) {
      this.#bridgeOfNode = grownCopy(this.#bridgeOfNode, Math.max(node + 1, 2 * this.#bridgeOfNode.length), -1);
    }
    this.#bridgeOfNode[node] = bridge;
    this.#nodeOfBridge.push(node);
    this.#parameters.push(parameters);
    this.#runsSpanningTree.push(false);
    if (parameters.implementation !== 'ieee-802.1d') this.tables.ageOnlyBySweep(bridge);
    return bridge;
  }

  /**
   * Lets a bridge send frames for a group's address only to ports that `addMember` named, and those for a group that has
   * none to nobody: IGMP snooping without a router at a port. RFC 4541, 2.1.2.
   *
   * Differs from the standard: groups are entered at once, not by reports that follow a querier's question.
   */
  snoop(bridge: number): void {
    this.#members.set(this.nodeOf(bridge), new Map());
  }

  /** A member of a group, by the group's address, is behind a port of a bridge that snoops. */
  addMember(port: number, group: number): void {
    const groups = this.#members.get(this.#network.nodeOf(port))!;
    groups.set(group, (groups.get(group) ?? new Set()).add(port));
  }

  /** Lets a port take no frame that has a VLAN's tag. IEEE 802.1Q-2018, 6.9 (acceptable frame types). */
  admitUntaggedOnly(port: number): void {
    this.#untaggedOnly.add(port);
  }

  /**
   * Takes untagged frames at a port for frames of a VLAN that the port itself sends with a tag (Open vSwitch's mode
   * `native-tagged`): its PVID is that VLAN, its untagged set is empty. IEEE 802.1Q-2018, 6.9 and 8.8.2.
   */
  setNativeTagged(port: number, segment: number): void {
    this.#nativeTagged.set(port, segment);
  }

  /** Lets a port of a bridge have at most `count` addresses. */
  limitPort(port: number, { count, violation }: { count: number; violation: PortViolation }): void {
    this.#violations.set(port, violation);
    this.tables.limitPlace(this.bridgeOf(this.#network.nodeOf(port)), port, count);
  }

  /** Limits how much of floods comes in by a port each second. */
  controlStorms(port: number, limits: PortStormControl): void {
    this.stormControl ??= new StormControl(this.#network, (shut) => this.shutDown(shut));
    this.stormControl.limit(port, limits);
  }

  get bridgeCount(): number {
    return this.#nodeOfBridge.length;
  }

  nodeOf(bridge: number): number {
    return this.#nodeOfBridge[bridge];
  }

  /** The bridge that a node is, or -1. */
  bridgeOf(node: number): number {
    return this.#bridgeOfNode[node] ?? -1;
  }

  parametersOf(bridge: number): BridgeParameters {
    return this.#parameters[bridge];
  }

  /** Gives the BPDUs that reach this bridge to its spanning tree instead of forwarding them. */
  runSpanningTree(bridge: number, handler: BpduHandler): void {
    this.#runsSpanningTree[bridge] = true;
    this.#bpduHandler = handler;
  }

  /** Begins the sweeps of a bridge that ages as Linux or Open vSwitch does: first a tenth of a second after it came up. */
  startSweeping(bridge: number): void {
    if (this.#parameters[bridge].implementation === 'ovs-3.1') {
      this.#scheduleSweepAtSecond(bridge);
      return;
    }
    this.#scheduleSweep(bridge, 100);
  }

  /** Uses another hold time while the topology changes. IEEE 802.1D-2004, 7.9.2; 802.1D-1998, 8.3.5. */
  setHoldTime(bridge: number, holdTimeNs: number): void {
    // what reached the old hold time is gone, whether or not anyone looked
    this.tables.expireDue(bridge, this.#network.nowMs);
    this.tables.setHoldMs(bridge, holdMsOf(holdTimeNs, this.#parameters[bridge].implementation));
  }

  /** Forgets what was learned on a port that went down. */
  flushPort(port: number): number {
    const bridge = this.bridgeOf(this.#network.nodeOf(port));
    if (bridge < 0) return 0;
    this.tables.expireDue(bridge, this.#network.nowMs);
    const flushed = this.tables.flush(bridge, port);
    this.onFlushed?.(bridge);
    return flushed;
  }

  /** Forgets what was learned on some ports in the segments of an instance, or with -1 in all. IEEE 802.1D-2004, 17.11. */
  flushForChange(bridge: number, ports: ReadonlySet<number>, instance: number): number {
    const { addresses, instances } = this.#network;
    this.tables.expireDue(bridge, this.#network.nowMs);
    const isConcerned = (address: number) => instances.instanceOf(addresses.segmentOf(address)) === instance;
    return this.tables.flushForChange(bridge, ports, instance < 0 ? null : isConcerned);
  }

  /** A frame from a wire, a tunnel or a gateway port. Owns one reference. */
  receive(port: number, frame: number): void {
    // compared, as `!` has V8 try what else may be false
    if (this.#relaysPlainly(port, frame) === false) this.#receiveAny(port, frame);
  }

  /**
   * Relays nearly every frame, in one piece: it is for one station, its source is known at the port where it came in, its
   * destination at another, and neither port does more than forward. Returns false if something is not so plain: then
   * nothing has happened that `#receiveAny` would not do as well, and that decides, as it would decide this too. It is
   * worth its lines: a frame-hop takes a third more instructions without it (1,000 stations).
   */
  #relaysPlainly(port: number, frame: number): boolean {
    const network = this.#network;
    const portWords = network.portWords;
    const words = network.frames.words;
    const p = portRecord(port);
    const f = frameRecord(frame);
    if ((portWords[p + Port.flags] & INGRESS_FLAGS) !== PortFlag.forwarding || network.tap !== null) return false;
    const source = words[f + Frame.src];
    const destination = words[f + Frame.dst];
    const segment = words[f + Frame.segment];
    if ((source | destination | segment) < 0) return false;
    // whose source is known at a port has passed this when it was learned
    const checksMembers = network.checksMembers;
    if (checksMembers) {
      const trunk = portWords[p + Port.trunk];
      if (trunk >= 0 && trunk !== ALL_SEGMENTS && !network.trunks.has(trunk, segment)) return false;
    }
    const node = portWords[p + Port.node];
    const bridge = this.#bridgeOfNode[node];
    const egress = this.tables.refreshAndLookUp(bridge, source, port, destination, network.nowMs);
    if (egress < 0 || egress === port) return false;
    const e = portRecord(egress);
    const peer = portWords[e + Port.peer];
    const egressFlags = portWords[e + Port.flags];
    if ((egressFlags & EGRESS_FLAGS) !== EGRESS_PLAIN || peer < 0) return false;
    const egressTrunk = portWords[e + Port.trunk];
    const isNative = portWords[e + Port.pvid] === segment;
    if (!isNative) {
      if (egressTrunk < 0) return false;
      if (checksMembers && egressTrunk !== ALL_SEGMENTS && !network.trunks.has(egressTrunk, segment)) return false;
    }
    network.noteAt(node, port, Outcome.forwarded);
    if ((egressFlags & PortFlag.grouped) !== 0) network.groups.settle(egress);
    network.forward(egress, frame, peer, egressTrunk >= 0 && !isNative);
    return true;
  }

  /** Copies of a frame arrive at the ports of a row at one moment: each is an event, as if it had come alone. */
  #receiveInRow(row: number, frame: number): void {
    const network = this.#network;
    const { rows, simulation } = network;
    const first = rows.firstOf(row);
    const end = first + rows.countOf(row);
    const floods = this.stormControl === null ? this.edgeFloods : null;
    let isPlain = floods?.beginRow(frame) === true;
    for (let i = first; i < end; i++) {
      if (i > first) simulation.eventCount++;
      const port = rows.words[i];
      if (isPlain && this.#floodsPlainly(floods!.row, port, frame)) continue;
      if (isPlain) floods!.row.end();
      network.arrive(port, frame);
      // that may have changed who reacts
      isPlain &&= i + 1 < end && floods!.beginRow(frame);
    }
    if (isPlain) floods!.row.end();
    rows.giveBack(row);
  }

  /**
   * Receives a frame of a row at a port from which, if it floods, no copy is an event. Returns false if something is not so
   * plain: then nothing has happened.
   */
  #floodsPlainly(flood: FloodRow, port: number, frame: number): boolean {
    const network = this.#network;
    const portWords = network.portWords;
    const words = network.frames.words;
    const p = portRecord(port);
    const f = frameRecord(frame);
    if ((portWords[p + Port.flags] & ROW_FLAGS) !== ROW_PLAIN) return false;
    const segment = words[f + Frame.segment];
    if (portWords[p + Port.trunk] >= 0 && !network.isMember(port, segment)) return false;
    const node = portWords[p + Port.node];
    if (!flood.isPlainAt(node, port)) return false;
    const bridge = this.#bridgeOfNode[node];
    const source = words[f + Frame.src];
    const nowMs = network.nowMs;
    const learned = this.tables.learn(bridge, source, port, nowMs);
    if (learned !== Learned.refreshed && this.#stopsFor(learned, bridge, port, frame)) return true;
    const destination = words[f + Frame.dst];
    if (destination < 0) {
      flood.flood(node, port, groupFloodCause(destination, words[f + Frame.kind]));
      return true;
    }
    const place = this.tables.lookUp(bridge, destination, nowMs);
    if (place < 0) flood.flood(node, port, FLOOD_CAUSE_OF_MISS[-place]);
    else this.#forwardTo(place, node, port, frame);
    return true;
  }

  /** A frame of any kind at a port of any kind. */
  #receiveAny(port: number, frame: number): void {
    const network = this.#network;
    const portWords = network.portWords;
    const p = port << PORT_SHIFT;
    const node = portWords[p + Port.node];
    const bridge = this.#bridgeOfNode[node];
    const flags = portWords[p + Port.flags];
    if ((flags & PortFlag.aggregated) !== 0) {
      this.receive(portWords[p + Port.aggregator], frame);
      return;
    }
    const f = frame << FRAME_SHIFT;
    const words = network.frames.words;
    const destination = words[f + Frame.dst];

    if (isReservedId(destination) && this.#takeReserved(bridge, port, frame)) return;
    if ((flags & (PortFlag.learning | PortFlag.forwarding)) === 0) {
      network.end(port, frame, Outcome.dropPortBlocked);
      return;
    }
    if ((flags & PortFlag.translates) !== 0) {
      const translated = this.#translate(port, frame);
      if (translated >= 0) this.#relay(bridge, node, port, translated);
      return;
    }
    if (portWords[p + Port.trunk] >= 0 && !network.isMember(port, words[f + Frame.segment])) {
      network.end(port, frame, Outcome.dropVlanFiltered);
      return;
    }
    this.#relay(bridge, node, port, frame);
  }

  /** A frame that the bridge's own gateway port sends: forwarded as any other, but its source is not learned. */
  transmit(port: number, frame: number): void {
    const network = this.#network;
    const node = network.nodeOf(port);
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    const destination = words[f + Frame.dst];
    if (destination < 0) {
      network.reach.addSent(words[f + Frame.segment], words[f + Frame.count]);
      this.#flood(node, port, frame, groupFloodCause(destination, words[f + Frame.kind]));
      return;
    }
    this.#forwardTo(this.tables.lookUp(this.#bridgeOfNode[node], destination, network.nowMs), node, port, frame);
  }

  #relay(bridge: number, node: number, port: number, frame: number): void {
    const network = this.#network;
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    const source = words[f + Frame.src];
    if (source < 0) {
      network.end(port, frame, Outcome.dropBadSource);
      return;
    }
    const nowMs = this.#network.nowMs;
    const destination = words[f + Frame.dst];
    const flags = network.portWords[(port << PORT_SHIFT) + Port.flags];
    let forwards = (flags & PortFlag.forwarding) !== 0;
    if ((flags & PortFlag.byInstance) !== 0) {
      const state = network.instances.stateOf(port, words[f + Frame.segment]);
      if (state === 0) {
        network.end(port, frame, Outcome.dropPortBlocked);
        return;
      }
      forwards = (state & PortFlag.forwarding) !== 0;
    }
    if ((flags & PortFlag.learnsNothing) !== 0) {
      if (destination >= 0) this.#forwardTo(this.tables.lookUp(bridge, destination, nowMs), node, port, frame);
      else this.#flood(node, port, frame, groupFloodCause(destination, words[f + Frame.kind]));
      return;
    }
    if (destination >= 0 && forwards) {
      const place = this.tables.learnAndLookUp(bridge, source, port, destination, nowMs);
      const { learned } = this.tables;
      if (learned !== Learned.refreshed && this.#stopsFor(learned, bridge, port, frame)) return;
      this.#forwardTo(place, node, port, frame);
      return;
    }
    const learned = this.tables.learn(bridge, source, port, nowMs);
    if (learned !== Learned.refreshed && this.#stopsFor(learned, bridge, port, frame)) return;
    if (forwards) this.#flood(node, port, frame, groupFloodCause(destination, words[f + Frame.kind]));
    else network.end(port, frame, Outcome.dropPortBlocked);
  }

  /** Tells what a bridge learned of a frame's source. Returns whether the frame goes no further: its port has one too many. */
  #stopsFor(learned: number, bridge: number, port: number, frame: number): boolean {
    if (learned === Learned.added || learned === Learned.moved) {
      this.onLearned?.(bridge, this.#network.frames.words[(frame << FRAME_SHIFT) + Frame.src], port);
    }
    if (learned !== Learned.portLimited) return false;
    const violation = this.#violations.get(port);
    if (violation === 'forward') return false;
    this.#network.end(port, frame, Outcome.dropPortLimit);
    if (violation === 'shutdown') this.shutDown(port);
    return true;
  }

  /** Takes a port out of use for what came in there, for the rest of the run. */
  shutDown(port: number): void {
    if (!this.#network.hasFlag(port, PortFlag.linkUp)) return;
    this.shutPorts.push(port);
    this.onViolation?.(port);
  }

  /** Sends a unicast frame to the place that the table gave, or floods it for the Miss. */
  #forwardTo(place: number, node: number, port: number, frame: number): void {
    const network = this.#network;
    if (place < 0) {
      this.#flood(node, port, frame, FLOOD_CAUSE_OF_MISS[-place]);
      return;
    }
    if (place === port) {
      this.onFiltered?.(node, frame);
      network.end(port, frame, Outcome.filtered);
      return;
    }
    if (!this.#mayLeave(place, network.frames.words[(frame << FRAME_SHIFT) + Frame.segment], port)) {
      const isForItself = network.modeOf(place) === PortMode.self;
      network.end(port, frame, isForItself ? Outcome.consumed : Outcome.dropPortBlocked);
      return;
    }
    network.noteAt(node, port, Outcome.forwarded);
    network.send(place, frame, Carried.knownUnicast);
  }

  /** Sends a copy out of every other port that forwards the segment. IEEE 802.1D-2004, 7.7.1. */
  #flood(node: number, port: number, frame: number, cause: number): void {
    if (this.stormControl?.stops(port, frame, cause) === true) return;
    if (this.#members.size > 0 && cause === FloodCause.multicast && this.#members.has(node)) {
      this.#sendToMembers(node, port, frame);
      return;
    }
    if (this.edgeFloods?.flood(node, port, frame, cause, this.#mayFloodBound) === true) return;
    const network = this.#network;
    const segment = network.frames.words[(frame << FRAME_SHIFT) + Frame.segment];
    const ports = network.nodePorts[node].filter((each) => each !== port && this.#mayFlood(each, segment, port));
    this.#sendCopies(node, port, ports, frame, cause);
  }

  /** Lets a copy of a frame that a node floods leave by each of these ports. */
  #sendCopies(node: number, ingress: number, ports: readonly number[], frame: number, cause: number): void {
    const network = this.#network;
    // a tunnel counts its own copies
    network.countFlood(node, cause, frame, ports.filter((each) => network.leadsToWire(each)).length);
    if (ports.length === 0) {
      network.end(ingress, frame, Outcome.dropNoEgress);
      return;
    }
    network.note(ingress, Outcome.flooded);
    network.frames.retain(frame, ports.length - 1);
    network.createdFrames += (ports.length - 1) * network.frames.words[(frame << FRAME_SHIFT) + Frame.count];
    network.sendCopies(ports, ports.length, frame, carriedByFlood(cause));
  }

  /** Sends a copy out of every other port that leads to a member of the frame's group. RFC 4541, 2.1.2. */
  #sendToMembers(node: number, port: number, frame: number): void {
    const network = this.#network;
    const f = frame << FRAME_SHIFT;
    const { [f + Frame.segment]: segment, [f + Frame.dst]: group } = network.frames.words;
    const members = this.#members.get(node)!.get(group) ?? [];
    const ports = [...members].filter((member) => member !== port && this.#mayFlood(member, segment, port));
    this.#sendCopies(node, port, ports, frame, FloodCause.multicast);
  }

  #mayFlood(port: number, segment: number, ingress: number): boolean {
    if (!this.#mayLeave(port, segment, ingress)) return false;
    return this.floodFilter === null || ingress < 0 || this.floodFilter.allows(port, segment, ingress);
  }

  #mayLeave(port: number, segment: number, ingress: number): boolean {
    const network = this.#network;
    const p = port << PORT_SHIFT;
    const words = network.portWords;
    const flags = words[p + Port.flags];
    if ((flags & (PortFlag.forwarding | PortFlag.aggregated | PortFlag.twinned)) !== PortFlag.forwarding) {
      if ((flags & (PortFlag.forwarding | PortFlag.aggregated)) !== PortFlag.forwarding) return false;
      // the other switch of the pair has sent this neighbour its copy
      if (ingress >= 0 && network.hasFlag(ingress, PortFlag.peerLink)) return false;
    }
    if ((flags & PortFlag.byInstance) !== 0 && (network.instances.stateOf(port, segment) & PortFlag.forwarding) === 0) {
      return false;
    }
    if (words[p + Port.pvid] === segment) return true;
    return words[p + Port.trunk] >= 0 && network.isMember(port, segment);
  }

  /**
   * Keeps a frame for a reserved address to the bridge. Returns false for one that is forwarded like any other:
   * Differs from the standard: a bridge without spanning tree forwards BPDUs, as Linux does (br_handle_frame), so that
   * it is transparent to the spanning tree of its neighbours.
   */
  #takeReserved(bridge: number, port: number, frame: number): boolean {
    const network = this.#network;
    const f = frame << FRAME_SHIFT;
    const isBridgeGroup = network.frames.words[f + Frame.dst] === BRIDGE_GROUP_ID;
    if (isBridgeGroup && !this.#runsSpanningTree[bridge]) return false;
    if (network.frames.words[f + Frame.dst] === PAUSE_ID) {
      network.end(port, frame, Outcome.consumed);
      return true;
    }
    const kind = network.frames.words[f + Frame.kind];
    if (isBpdu(kind)) {
      network.note(port, Outcome.consumed);
      this.#bpduHandler?.receiveBpdu(bridge, port, frame);
      return true;
    }
    if (network.hasFlag(port, PortFlag.learning | PortFlag.forwarding)) {
      const source = network.frames.words[f + Frame.src];
      if (source >= 0) {
        this.tables.learn(bridge, source, port, this.#network.nowMs);
      }
    }
    network.end(port, frame, Outcome.consumed);
    return true;
  }

  /**
   * Works out a frame's segment anew where the two ends of a wire see VLANs differently. IEEE 802.1Q-2018, 6.9 and 8.6.2.
   * Returns the frame, a copy in another segment, or -1 if the frame ended here.
   */
  #translate(port: number, frame: number): number {
    const network = this.#network;
    const f = frame << FRAME_SHIFT;
    const segment = network.frames.words[f + Frame.segment];
    const wasTagged = network.isTagged(network.peerOf(port), segment);
    const pvid = network.portWords[(port << PORT_SHIFT) + Port.pvid];
    const untagged = pvid >= 0 ? pvid : (this.#nativeTagged.get(port) ?? -1);
    const isRefused = wasTagged && this.#untaggedOnly.has(port);
    const admitted = wasTagged ? segment : untagged;
    if (isRefused || admitted < 0 || !network.isMember(port, admitted)) {
      network.end(port, frame, Outcome.dropVlanFiltered);
      return -1;
    }
    if (admitted === segment) return frame;
    const retagged = network.frames.writable(frame);
    const words = network.frames.words;
    const r = retagged << FRAME_SHIFT;
    words[r + Frame.segment] = admitted;
    words[r + Frame.src] = network.addresses.translate(words[r + Frame.src], admitted);
    words[r + Frame.dst] = network.addresses.translate(words[r + Frame.dst], admitted);
    return retagged;
  }

  #sweep(bridge: number): void {
    const nowMs = this.#network.nowMs;
    const nextMs = this.tables.sweep(bridge, nowMs);
    if (this.#parameters[bridge].implementation === 'ovs-3.1') {
      this.#scheduleSweepAtSecond(bridge);
      return;
    }
    const holdMs = this.tables.holdMs(bridge);
    // with nothing to wait for, a sweep comes a hold time later; two sweeps keep 10 ms apart
    const delayMs = nextMs === NEVER_MS ? holdMs : Math.min(holdMs, nextMs - nowMs);
    this.#scheduleSweep(bridge, Math.max(10, delayMs));
  }

  /** At the next whole second of the clock. */
  #scheduleSweepAtSecond(bridge: number): void {
    const { simulation } = this.#network;
    const nextS = Math.floor(simulation.nowNs / NS_PER_MS / MS_PER_SECOND) + 1;
    simulation.schedule(nextS * MS_PER_SECOND * NS_PER_MS, EventKind.macSweep, bridge, 0);
  }

  #scheduleSweep(bridge: number, delayMs: number): void {
    const { simulation } = this.#network;
    const expiryNs = linuxWheelExpiryNs(simulation.nowNs, delayMs * NS_PER_MS);
    simulation.schedule(expiryNs, EventKind.macSweep, bridge, 0);
  }
}

/**
 * The age at which an entry is gone, as a table counts it. Where the clock counts whole seconds, an entry of the second S
 * is gone with the second S + hold time: one that is looked at then has at least this age.
 */
function holdMsOf(holdTimeNs: number, implementation: BridgeParameters['implementation']): number {
  const holdMs = Math.ceil(holdTimeNs / NS_PER_MS);
  return implementation === 'ovs-3.1' ? Math.max(1, holdMs - MS_PER_SECOND + 1) : holdMs;
}

/** Why a frame for a group address is flooded. */
export function groupFloodCause(destination: number, kind: number): number {
  if (destination !== BROADCAST_ID) return FloodCause.multicast;
  return kind === FrameKind.arpRequest || kind === FrameKind.arpReply
    ? FloodCause.broadcastArp
    : FloodCause.broadcastOther;
}

/** The FloodCause of a Miss of a MAC table, indexed by -miss. */
export const FLOOD_CAUSE_OF_MISS: readonly number[] = [
  FloodCause.neverLearned,
  FloodCause.neverLearned,
  FloodCause.agedOut,
  FloodCause.portFlushed,
  FloodCause.refused,
  FloodCause.moved,
  FloodCause.topologyChanged,
  FloodCause.evicted,
  FloodCause.collided,
  FloodCause.postponed,
  FloodCause.portLimited,
  FloodCause.withdrawn,
];
