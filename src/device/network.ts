import type { Fingerprint } from '../engine/fingerprint.ts';
import type { Simulation } from '../engine/simulation.ts';
import { grownCopy } from '../grown-copy.ts';
import { AddressBook, isReservedId } from '../wire/address-book.ts';
import { VLAN_TAG_BYTES, WIRE_EXTRA_BYTES } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame, FramePool, frameRecord } from '../wire/frame-pool.ts';
import { EventKind } from './event-kinds.ts';
import { Limit, LimitHits } from './limits.ts';
import {
  CARRIED_COUNT,
  CARRIED_OF_TRAFFIC_CLASS,
  Carried,
  carriedByFlood,
  FLOOD_CAUSE_COUNT,
  FLOOD_CAUSE_NAMES,
  floodCauseOf,
  type Observer,
  OUTCOME_COUNT,
  OUTCOME_NAMES,
  Outcome,
  type Tap,
} from './observer.ts';
import { PortGroups } from './port-groups.ts';
import { PortRows } from './port-rows.ts';
import { PORT_STATE_BITS, SegmentInstances, StateBit } from './segment-instances.ts';
import { SegmentReach } from './segment-reach.ts';
import { SegmentSets } from './segment-sets.ts';

/**
 * A port's record is one cache line: what a frame that arrives or leaves by it needs, in 32-bit words and, over the same
 * memory, in doubles. What only some frames need is in the PortCount record.
 */
export const PORT_WORDS = 16;
export const PORT_SHIFT = 4;
const PORTS_MAX = 2 ** 26;

/**
 * Where a port's record starts. The mask changes nothing, but tells V8 that the number of each word is from 0: a read then
 * takes five instructions instead of seven.
 */
export const portRecord = (port: number): number => (port & (PORTS_MAX - 1)) << PORT_SHIFT;
const portDoubles = (port: number): number => (port & (PORTS_MAX - 1)) << (PORT_SHIFT - 1);

/** The words of a port's record, which begins at a multiple of its size: `|` adds them, and cannot overflow. */
export const Port = {
  /** The port at the other end of the wire; -1 for a virtual port or one with no wire. */
  peer: 0,
  node: 1,
  /** Bits of PortFlag, and above them a PortMode. */
  flags: 2,
  /** The segment of untagged frames, or -1. IEEE 802.1Q-2018, 6.9 (PVID). */
  pvid: 3,
  /** The set of segments that a trunk carries, of the network's `trunks`; -1 for an access port, ALL_SEGMENTS for all. */
  trunk: 4,
  /** The IP interface of a routed port or a gateway port, or -1. */
  ipInterface: 5,
  /** The tunnel of a tunnel port, in the same word. */
  owner: 5,
  /** The logical port of a port that is one of an aggregation, in the same word. */
  aggregator: 5,
  /** Propagation and the next device's latency. */
  delayNs: 6,
  /** Bytes that wait at the port before it drops; LARGE_BUFFER if they are in its PortCount record. */
  bufferBytes: 7,
} as const;

/** The doubles of a port's record, behind its words. */
const PortDouble = {
  /** When the last frame handed to the port will have left it. */
  txFreeNs: 4,
  nsPerByte: 5,
  knownUnicastFrames: 6,
  knownUnicastBytes: 7,
} as const;

/** A trunk that carries every segment. */
export const ALL_SEGMENTS = 0x7fff_ffff;

/** Who takes the frames of a port. */
export const PortMode = { bridged: 0, routed: 1, nic: 2, tunnel: 3, gateway: 4, self: 5, aggregator: 6 } as const;
const PORT_MODE_NAMES = Object.keys(PortMode) as (keyof typeof PortMode)[];
const PORT_MODE_COUNT = PORT_MODE_NAMES.length;

/** Bits of a port's flags. */
export const PortFlag = {
  /** Both ends are up: frames cross the wire. */
  linkUp: 1,
  /** This end is administratively up. */
  adminUp: 2,
  ...StateBit,
  /** The two ends see VLANs differently: each frame's segment is worked out anew. */
  translates: 16,
  /** Sends copies of floods together with others: PortGroups. */
  grouped: 32,
  /** Addresses are not learned at this port: a control plane, or the other switch of a pair, enters them. */
  learnsNothing: 64,
  /** Is one of the ports of an aggregation: what arrives has come to its logical port, and the bridge sends by that one. */
  aggregated: 128,
  /** Has a twin at the other switch of a pair, which serves the same neighbour now. */
  twinned: 256,
  /** Leads to the other switch of a pair. */
  peerLink: 512,
  /** Learns and forwards in some segments and not in others: SegmentInstances. */
  byInstance: 1024,
  /** The port at the other end does. */
  leadsByInstance: 2048,
} as const;
const MODE_SHIFT = 12;

/** The bits of a port's flags that are its PortMode; those of one mode. */
export const MODE_BITS = -1 << MODE_SHIFT;
export const modeBits = (mode: number): number => mode << MODE_SHIFT;

const SENDS_ALONE = PortFlag.linkUp | PortFlag.grouped;

/** What flags of a port Network.forward asks for; all that it asks about. Copies ask whether it is one of a group, too. */
export const FORWARDS_PLAINLY = PortFlag.linkUp;
export const ASKED_TO_FORWARD = PortFlag.linkUp | PortFlag.leadsByInstance;
const ASKED_OF_COPIES = SENDS_ALONE | PortFlag.leadsByInstance;

const WORD_MAX = 0x7fff_ffff;

const NS_PER_MS = 1e6;

const NO_ROW = -1;

/** Stands for a buffer of more bytes than a word can hold. */
const LARGE_BUFFER = -1;

/** What is counted of the frames that leave through a port, beside known unicast: a record of doubles. */
const PortCount = {
  /** Frames, then bytes, of each Carried; the first pair is unused, known unicast is counted in the port's record. */
  firstCarried: 0,
  /** Bytes of all these that are encapsulation. */
  overheadBytes: 2 * CARRIED_COUNT,
  dropFrames: 2 * CARRIED_COUNT + 1,
  bufferBytes: 2 * CARRIED_COUNT + 2,
} as const;
const PORT_COUNTS = 2 * CARRIED_COUNT + 3;

/** Takes the frames that arrive at ports of one mode, or that are sent into virtual ports of it. Owns one reference. */
export interface PortHandler {
  receive(port: number, frame: number): void;
}

const FLOOD_DOUBLES = 3;

/** What a node flooded for one cause: frames, the copies made of them, and the copies' bytes. */
export interface FloodCount {
  cause: (typeof FLOOD_CAUSE_NAMES)[number];
  frames: number;
  copies: number;
  bytes: number;
}

/** What a wire is like. */
export interface WireParameters {
  rateBitsPerSec: number;
  /** From the last bit of a frame sent to its processing at the other end: propagation and switching latency. */
  delayNs: number;
  /** Bytes that wait at the sending port before it drops. */
  bufferBytes: number;
}

/**
 * Nodes, their ports and the wires between them; frames under way; and what was counted of them.
 *
 * Nodes, ports and frames are integers that index typed arrays. What a node does with a frame is decided by the handler
 * of the mode of the port at which it arrives: bridges, routers and servers register theirs.
 */
export class Network {
  readonly simulation: Simulation;
  readonly fingerprint: Fingerprint;
  readonly frames = new FramePool();
  readonly addresses = new AddressBook();
  observer: Observer = {};
  tap: Tap | null = null;
  /**
   * Whether an address may be known at a port that does not carry its segment: once a port may carry less than it did, or
   * a control plane enters addresses. Until then, an address that is known at a port was heard there, in a frame that was
   * let in. Whoever changes this says so, and it stays so.
   */
  checksMembers = false;

  // records of ports, as words and as doubles, and of what left through them
  portWords = new Int32Array(PORT_WORDS * 64);
  #portDoubles = new Float64Array(this.portWords.buffer);
  #portCounts = new Float64Array(PORT_COUNTS * 64);
  portCount = 0;
  readonly portNames: string[] = [];

  readonly nodeNames: string[] = [];
  /** Ports of each node in the order in which they were added. */
  readonly nodePorts: number[][] = [];

  /** The segments that trunks carry, by what is in Port.trunk. */
  readonly trunks = new SegmentSets();

  /** Frames that ended, by Outcome; `forwarded` and `flooded` count decisions instead. Trains count their length. */
  readonly outcomeFrames = new Float64Array(OUTCOME_COUNT);
  /** What did not fit. */
  readonly limits = new LimitHits();
  /** Frames that came into being: sent by a station or a device, or copied in a flood. */
  createdFrames = 0;
  /** Frames that crossed a wire: the unit of work. A train counts its length in `hopFrames` and one in `hops`. */
  hops = 0;
  /** Frames behind the first of their train that crossed a wire. */
  followingHopFrames = 0;

  // for each node, for each FloodCause: how many frames it flooded, copies it made of them, and bytes of these
  #floods = new Float64Array(0);

  // indexed by PortMode * FLOOD_CAUSE_COUNT + cause: flooded copies that ports of that mode did not send, for want of room
  // or because the link was down
  readonly #lostFloodFrames = new Float64Array(PORT_MODE_COUNT * FLOOD_CAUSE_COUNT);

  /** Whom floods reach in each segment. */
  readonly reach = new SegmentReach();

  // indexed by segment * FLOOD_CAUSE_COUNT + cause: flooded copies on all links
  segmentFloodFrames = new Float64Array(FLOOD_CAUSE_COUNT * 64);
  segmentFloodBytes = new Float64Array(FLOOD_CAUSE_COUNT * 64);

  /** Which spanning tree each segment follows, where there are several. */
  readonly instances = new SegmentInstances();

  /** Ports that send copies of floods together. */
  readonly groups: PortGroups;
  /** Whether frames to which nobody reacts are counted when they are sent, and are no event of their own: EdgeFloods. */
  countsUnheededAtOnce = true;
  /** Hops of frames that were no event of their own; they are in `hops` too. */
  groupedHops = 0;
  /** Indexed by node: the edge that SwitchEdges found for it; -1 since what its ports are or do has changed. */
  edges: Int32Array = new Int32Array(64).fill(-1);

  /** Where copies of one frame arrive at the same time. */
  readonly rows = new PortRows();

  // that of bridged ports is at hand: what comes next cannot be foreseen, and is known sooner from a port's flags than by
  // what the list of handlers has
  #bridges: PortHandler = UNATTENDED;
  readonly #handlers: PortHandler[] = Array.from({ length: PORT_MODE_COUNT }, () => UNATTENDED);

  constructor(simulation: Simulation, fingerprint: Fingerprint) {
    this.simulation = simulation;
    this.fingerprint = fingerprint;
    this.groups = new PortGroups(this);
    simulation.on(EventKind.arrival, { handle: (_kind, port, frame) => this.arrive(port, frame) });
  }

  /** Names who takes the frames of all ports of a mode. */
  handle(mode: number, handler: PortHandler): void {
    this.#handlers[mode] = handler;
    if (mode === PortMode.bridged) this.#bridges = handler;
  }

  addNode(name: string): number {
    this.nodeNames.push(name);
    this.nodePorts.push([]);
    if (this.nodeNames.length > this.edges.length) {
      this.edges = grownCopy(this.edges, this.edges.length * 2, -1);
    }
    const needed = this.nodeNames.length * FLOOD_CAUSE_COUNT * FLOOD_DOUBLES;
    if (needed > this.#floods.length) this.#floods = grownCopy(this.#floods, needed * 2);
    return this.nodeNames.length - 1;
  }

  /** Adds a port with no wire, administratively up, that carries every segment untagged as `pvid` says. */
  addPort(node: number, name: string, mode: number, { pvid = -1, trunk = -1 } = {}): number {
    const port = this.portCount++;
    if (port === PORTS_MAX) throw new RangeError('a network has at most 2^26 ports');
    if (port << PORT_SHIFT >= this.portWords.length) {
      this.#portDoubles = grownCopy(this.#portDoubles, this.#portDoubles.length * 2);
      this.portWords = new Int32Array(this.#portDoubles.buffer);
      this.#portCounts = grownCopy(this.#portCounts, this.#portCounts.length * 2);
    }
    const flags = PortFlag.adminUp | (mode << MODE_SHIFT);
    this.portWords.set([-1, node, flags, pvid, trunk, -1, 0, 0], portRecord(port));
    this.portNames.push(name);
    this.nodePorts[node].push(port);
    this.portsChanged(node);
    return port;
  }

  /** Joins two ports by a wire. The link comes up with `setLink`. */
  connect(a: number, b: number, wire: WireParameters): void {
    for (const [port, peer] of [
      [a, b],
      [b, a],
    ]) {
      this.portWords[portRecord(port) + Port.peer] = peer;
      const { bufferBytes } = wire;
      this.portWords[portRecord(port) + Port.bufferBytes] = bufferBytes > WORD_MAX ? LARGE_BUFFER : bufferBytes;
      this.#portCounts[port * PORT_COUNTS + PortCount.bufferBytes] = bufferBytes;
      this.#portDoubles[portDoubles(port) + PortDouble.nsPerByte] = 8e9 / wire.rateBitsPerSec;
      this.setDelay(port, wire.delayNs);
    }
    const translates = this.#seesVlansDifferently(a, b);
    this.setFlag(a, PortFlag.translates, translates);
    this.setFlag(b, PortFlag.translates, translates);
  }

  /** Lets a port whose set of segments is its own carry one of them, or no more. */
  setCarried(port: number, segment: number, isCarried: boolean): void {
    this.checksMembers ||= !isCarried;
    this.trunks.put(this.portWords[portRecord(port) + Port.trunk], segment, isCarried);
    this.portsChanged(this.nodeOf(port));
  }

  /** Sets how long after a frame has left a port it is processed at the other end. */
  setDelay(port: number, delayNs: number): void {
    if (delayNs > WORD_MAX) throw new RangeError(`a wire delays at most ${WORD_MAX} ns`);
    this.portWords[portRecord(port) + Port.delayNs] = delayNs;
  }

  delayNsOf(port: number): number {
    return this.portWords[portRecord(port) + Port.delayNs];
  }

  /** The rate of a port's wire. */
  rateBitsPerSecOf(port: number): number {
    return Math.round(8e9 / this.#portDoubles[portDoubles(port) + PortDouble.nsPerByte]);
  }

  /** Who takes the frames of a port: a PortMode. */
  modeOf(port: number): number {
    return this.portWords[portRecord(port) + Port.flags] >> MODE_SHIFT;
  }

  /** The same by its name. */
  modeNameOf(port: number): keyof typeof PortMode {
    return PORT_MODE_NAMES[this.modeOf(port)];
  }

  nodeOf(port: number): number {
    return this.portWords[portRecord(port) + Port.node];
  }

  peerOf(port: number): number {
    return this.portWords[portRecord(port) + Port.peer];
  }

  /** Whether what is sent into a port crosses a wire: its own, or that of a port that it stands for. */
  leadsToWire(port: number): boolean {
    return this.peerOf(port) >= 0 || this.modeOf(port) === PortMode.aggregator;
  }

  hasFlag(port: number, flag: number): boolean {
    return (this.portWords[portRecord(port) + Port.flags] & flag) !== 0;
  }

  setFlag(port: number, flag: number, isSet: boolean): void {
    this.#writeFlag(port, flag, isSet);
    // what one end forwards is of interest at the other
    this.portsChanged(this.nodeOf(port));
    const peer = this.peerOf(port);
    if (peer >= 0) this.portsChanged(this.nodeOf(peer));
  }

  /** Says whether a port is in one of the `groups`, which changes nothing that anybody finds out about ports. */
  setGrouped(port: number, isGrouped: boolean): void {
    this.#writeFlag(port, PortFlag.grouped, isGrouped);
  }

  #writeFlag(port: number, flag: number, isSet: boolean): void {
    const o = portRecord(port) + Port.flags;
    this.portWords[o] = isSet ? this.portWords[o] | flag : this.portWords[o] & ~flag;
  }

  /** Sets what a port does with frames in the segments of one instance: PORT_STATE_BITS. */
  setInstanceState(port: number, instance: number, state: number): void {
    const { any, isSame } = this.instances.set(port, instance, state);
    this.setFlag(port, PORT_STATE_BITS, false);
    this.setFlag(port, any, true);
    this.setFlag(port, PortFlag.byInstance, !isSame);
    const peer = this.peerOf(port);
    if (peer >= 0) this.setFlag(peer, PortFlag.leadsByInstance, !isSame);
  }

  /** What a port does with frames of a segment's instance: PORT_STATE_BITS. */
  stateIn(port: number, instance: number): number {
    const flags = this.portWords[portRecord(port) + Port.flags];
    return (flags & PortFlag.byInstance) === 0 ? flags & PORT_STATE_BITS : this.instances.stateIn(port, instance);
  }

  /** Whether frames of an instance, or with -1 of any, go over the link between two ports. */
  forwardsBetween(a: number, b: number, instance = -1): boolean {
    if (!this.hasFlag(a, PortFlag.linkUp)) return false;
    if (instance >= 0) return (this.stateIn(a, instance) & this.stateIn(b, instance) & PortFlag.forwarding) !== 0;
    if (!this.hasFlag(a, PortFlag.byInstance) && !this.hasFlag(b, PortFlag.byInstance)) {
      return this.hasFlag(a, PortFlag.forwarding) && this.hasFlag(b, PortFlag.forwarding);
    }
    for (let one = 0; one < this.instances.count; one++) if (this.forwardsBetween(a, b, one)) return true;
    return false;
  }

  /** Says that what a port of a node leads to has changed. */
  portsChanged(node: number): void {
    this.edges[node] = -1;
  }

  /** Whether a port carries frames of a segment. IEEE 802.1Q-2018, 8.8.10 (member set). */
  isMember(port: number, segment: number): boolean {
    const p = portRecord(port);
    const trunk = this.portWords[p + Port.trunk];
    if (trunk === ALL_SEGMENTS || this.portWords[p + Port.pvid] === segment) return true;
    return trunk >= 0 && segment >= 0 && this.trunks.has(trunk, segment);
  }

  /** Whether a port sends frames of a segment with a tag. IEEE 802.1Q-2018, 8.8.10 (untagged set). */
  isTagged(port: number, segment: number): boolean {
    const o = portRecord(port);
    return this.portWords[o + Port.trunk] >= 0 && this.portWords[o + Port.pvid] !== segment;
  }

  /**
   * Sends a frame out of a port and takes over the caller's reference. Copies of a train leave back to back; the train
   * arrives when its first frame has, and keeps the port busy until its last has left.
   */
  send(port: number, given: number, carried: number): void {
    const frame = this.carriedAs(carried, given);
    const portWords = this.portWords;
    const words = this.frames.words;
    const p = portRecord(port);
    const f = frameRecord(frame);
    const flags = portWords[p + Port.flags];
    const peer = portWords[p + Port.peer];
    if (peer < 0) {
      this.#handlers[flags >> MODE_SHIFT].receive(port, frame);
      return;
    }
    if ((flags & SENDS_ALONE) !== PortFlag.linkUp && !this.#isReadyToSend(port, frame)) return;
    const count = words[f + Frame.count];
    const isTagged = portWords[p + Port.trunk] >= 0 && portWords[p + Port.pvid] !== words[f + Frame.segment];
    const sizeBytes = words[f + Frame.sizeBytes] + (isTagged ? VLAN_TAG_BYTES : 0);
    const arrivesNs = this.#occupy(port, frame, count, sizeBytes);
    if (arrivesNs < 0) return;
    if (carried === Carried.knownUnicast) this.#countKnownUnicast(port, count, sizeBytes);
    else this.#countCarried(port, frame, sizeBytes);
    if (words[f + Frame.inner] >= 0) this.#countOverhead(port, frame, sizeBytes);
    const isSpecial = carried === Carried.control || (flags & PortFlag.leadsByInstance) !== 0 || this.tap !== null;
    if (isSpecial && this.#endsUnheeded(port, frame)) return;
    this.simulation.scheduleKnown(arrivesNs, EventKind.arrival, peer, frame);
  }

  /**
   * Sends a frame that floods out of the first of these ports, in their order; each copy takes over a reference. Those that
   * arrive at the same time are one event, or a few, as long as they leave behind each other: nothing else can come between
   * them.
   */
  sendCopies(ports: readonly number[], portCount: number, given: number, carried: number): void {
    const frame = this.carriedAs(carried, given, portCount);
    const words = this.frames.words;
    const f = frameRecord(frame);
    const isSimple = words[f + Frame.inner] < 0 && this.tap === null;
    const count = words[f + Frame.count];
    const segment = words[f + Frame.segment];
    const frameBytes = words[f + Frame.sizeBytes];
    let row = NO_ROW;
    let rowNs = -1;
    let sent = 0;
    let sentBytes = 0;
    for (let i = 0; i < portCount; i++) {
      const port = ports[i];
      const portWords = this.portWords;
      const p = portRecord(port);
      const peer = portWords[p + Port.peer];
      if (peer < 0 || !isSimple || (portWords[p + Port.flags] & ASKED_OF_COPIES) !== PortFlag.linkUp) {
        this.#closeRow(row, rowNs, frame);
        row = NO_ROW;
        this.send(port, frame, carried);
        continue;
      }
      const sizeBytes = frameBytes + (this.isTagged(port, segment) ? VLAN_TAG_BYTES : 0);
      const arrivesNs = this.#occupy(port, frame, count, sizeBytes);
      if (arrivesNs < 0) continue;
      this.addCarried(port, carried, count, count * sizeBytes);
      sent++;
      sentBytes += sizeBytes;
      if (row === NO_ROW || arrivesNs !== rowNs) {
        this.#closeRow(row, rowNs, frame);
        row = this.rows.take();
        rowNs = arrivesNs;
      }
      if (this.rows.add(row, peer)) {
        this.#closeRow(row, rowNs, frame);
        row = NO_ROW;
      }
    }
    this.#closeRow(row, rowNs, frame);
    if (sent !== 0) this.addSegmentFlood(segment, floodCauseOf(carried), sent * count, sentBytes * count);
  }

  /** Schedules the arrival of copies of a frame at the ports of a row. */
  #closeRow(row: number, arrivesNs: number, frame: number): void {
    if (row === NO_ROW) return;
    const rows = this.rows;
    if (rows.countOf(row) > 1) {
      this.simulation.scheduleKnown(arrivesNs, EventKind.arrivals, row, frame);
      return;
    }
    this.simulation.scheduleKnown(arrivesNs, EventKind.arrival, rows.words[rows.firstOf(row)], frame);
    rows.giveBack(row);
  }

  /**
   * `send` of a frame for one station, known to be there, where everything is as nearly always: the port's flags are
   * FORWARDS_PLAINLY of those in question, it leads to `peer`, and nobody taps.
   */
  forward(port: number, given: number, peer: number, isTagged: boolean): void {
    const frame = this.carriedAs(Carried.knownUnicast, given);
    const words = this.frames.words;
    const f = frameRecord(frame);
    const count = words[f + Frame.count];
    const sizeBytes = words[f + Frame.sizeBytes] + (isTagged ? VLAN_TAG_BYTES : 0);
    const arrivesNs = this.#occupy(port, frame, count, sizeBytes);
    if (arrivesNs < 0) return;
    this.#countKnownUnicast(port, count, sizeBytes);
    if (words[f + Frame.inner] >= 0) this.#countOverhead(port, frame, sizeBytes);
    this.simulation.scheduleKnown(arrivesNs, EventKind.arrival, peer, frame);
  }

  /**
   * A frame that is carried in a certain way from now on. Copies of a flood share a record: where one of them, or so many as
   * there are `references`, goes on in another way, it gets a record of its own, and the others remain what they are.
   */
  carriedAs(carried: number, frame: number, references = 1): number {
    if (this.frames.words[frameRecord(frame) + Frame.carried] === carried) return frame;
    const own = this.frames.writable(frame, references);
    this.frames.words[frameRecord(own) + Frame.carried] = carried;
    return own;
  }

  /** Keeps a port busy with a frame. Returns when the frame arrives, or -1 if there was no room and it ended here. */
  #occupy(port: number, frame: number, count: number, sizeBytes: number): number {
    const doubles = this.#portDoubles;
    const d = portDoubles(port);
    const { nowNs } = this.simulation;
    const aheadNs = doubles[d + PortDouble.txFreeNs] - nowNs;
    // 0 if the port is free, which is computed rather than asked: a processor cannot guess it
    const waitNs = (aheadNs + Math.abs(aheadNs)) / 2;
    if (waitNs > this.backlogNsMax(port)) {
      this.#dropForRoom(port, frame);
      return -1;
    }
    const startNs = nowNs + waitNs;
    const frameNs = (sizeBytes + WIRE_EXTRA_BYTES) * doubles[d + PortDouble.nsPerByte];
    const firstNs = Math.ceil(frameNs);
    doubles[d + PortDouble.txFreeNs] = startNs + (count === 1 ? firstNs : Math.ceil(frameNs * count));
    this.hops++;
    if (count !== 1) this.followingHopFrames += count - 1;
    return startNs + firstNs + this.portWords[portRecord(port) + Port.delayNs];
  }

  #countKnownUnicast(port: number, count: number, sizeBytes: number): void {
    const doubles = this.#portDoubles;
    const d = portDoubles(port);
    doubles[d + PortDouble.knownUnicastFrames] += count;
    doubles[d + PortDouble.knownUnicastBytes] += count * sizeBytes;
  }

  /** Whether a port can send a frame, which ends here if the link is down. */
  #isReadyToSend(port: number, frame: number): boolean {
    if (!this.hasFlag(port, PortFlag.linkUp)) {
      const { [frameRecord(frame) + Frame.carried]: carried, [frameRecord(frame) + Frame.count]: count } =
        this.frames.words;
      this.#countLostFlood(port, carried, count);
      this.end(port, frame, Outcome.dropLinkDown);
      return false;
    }
    this.groups.settle(port);
    return true;
  }

  /** Ends a frame for which the queue of a port has no room. */
  #dropForRoom(port: number, frame: number): void {
    const words = this.frames.words;
    const f = frameRecord(frame);
    this.addDrops(port, words[f + Frame.carried], words[f + Frame.count]);
    this.limits.hit(Limit.portQueue, this.nodeOf(port), this.simulation.nowNs, words[f + Frame.count]);
    this.end(port, frame, Outcome.dropQueueFull);
  }

  /** Counts a frame that leaves through a port, if it is no known unicast. */
  #countCarried(port: number, frame: number, sizeBytes: number): void {
    const words = this.frames.words;
    const f = frameRecord(frame);
    const carried = words[f + Frame.carried];
    const count = words[f + Frame.count];
    this.addCarried(port, carried, count, count * sizeBytes);
    this.#countSegment(frame, carried, count, count * sizeBytes);
  }

  /** Counts what of a packet is encapsulation. */
  #countOverhead(port: number, frame: number, sizeBytes: number): void {
    const words = this.frames.words;
    const f = frameRecord(frame);
    const overheadBytes = sizeBytes - words[(words[f + Frame.inner] << FRAME_SHIFT) + Frame.sizeBytes];
    this.#portCounts[port * PORT_COUNTS + PortCount.overheadBytes] += words[f + Frame.count] * overheadBytes;
  }

  /** Shows a frame that leaves through a port to the tap; ends it if nobody at the other end takes notice of it. */
  #endsUnheeded(port: number, frame: number): boolean {
    if (this.tap !== null) this.tap.sent(port, frame);
    const peer = this.peerOf(port);
    const isControl = this.frames.words[frameRecord(frame) + Frame.carried] === Carried.control;
    if (isControl && this.#isUnheeded(peer)) {
      this.groupedHops++;
      this.end(peer, frame, Outcome.consumed);
      return true;
    }
    if (this.hasFlag(port, PortFlag.leadsByInstance) && this.#isDiscarded(peer, frame)) {
      this.groupedHops++;
      this.end(peer, frame, Outcome.dropPortBlocked);
      return true;
    }
    return false;
  }

  /** Ends a frame here: counts why, and gives the reference back. */
  end(port: number, frame: number, outcome: number): void {
    if (this.tap !== null) this.tap.ended?.(port, frame, outcome);
    this.outcomeFrames[outcome] += this.frames.words[frameRecord(frame) + Frame.count];
    this.note(port, outcome);
    this.frames.release(frame);
  }

  /** Mixes a decision into the fingerprint. */
  note(port: number, outcome: number): void {
    this.noteAt(this.portWords[portRecord(port) + Port.node], port, outcome);
  }

  /** `note`, where the port's node is known. */
  noteAt(node: number, port: number, outcome: number): void {
    this.fingerprint.mix(this.simulation.nowNs, EventKind.arrival, node, port, outcome);
  }

  /** Whether somebody wants to see every copy on every wire. */
  get isTapped(): boolean {
    return this.tap !== null && this.tap.isSelective !== true;
  }

  get hopFrames(): number {
    return this.hops + this.followingHopFrames;
  }

  /** The present in whole milliseconds, as tables and caches of addresses count time. */
  get nowMs(): number {
    return (this.simulation.nowNs / NS_PER_MS) | 0;
  }

  /** Makes a frame, or a train, that nothing distinguishes yet, and counts it; addresses and segment are left to the caller. */
  createFrame(kind: number, sizeBytes: number, count = 1): number {
    const frame = this.frames.allocate();
    const words = this.frames.words;
    const f = frameRecord(frame);
    words[f + Frame.kind] = kind;
    words[f + Frame.sizeBytes] = sizeBytes;
    words[f + Frame.count] = count;
    words[f + Frame.tag] = -1;
    words[f + Frame.ttl] = 0;
    words[f + Frame.protocol] = 0;
    this.countCreated(frame);
    return frame;
  }

  /** Counts a frame that came into being. */
  countCreated(frame: number): void {
    this.createdFrames += this.frames.words[frameRecord(frame) + Frame.count];
  }

  /** Records that a node flooded a frame to `copies` ports, and why. */
  countFlood(node: number, cause: number, frame: number, copies: number): void {
    const f = frameRecord(frame);
    const count = this.frames.words[f + Frame.count];
    this.addFloods(node, cause, count, copies * count, copies * count * this.frames.words[f + Frame.sizeBytes]);
    const destination = this.frames.words[f + Frame.dst];
    if (destination >= 0) this.observer.floodedUnicast?.(destination, copies * count);
  }

  /** Adds to what a node flooded. */
  addFloods(node: number, cause: number, frames: number, copies: number, bytes: number): void {
    const i = (node * FLOOD_CAUSE_COUNT + cause) * FLOOD_DOUBLES;
    const floods = this.#floods;
    floods[i] += frames;
    floods[i + 1] += copies;
    floods[i + 2] += bytes;
  }

  /** Sets one end of a link administratively up or down. Returns whether the link's state changed at both ends. */
  setAdminUp(port: number, isUp: boolean): boolean {
    this.setFlag(port, PortFlag.adminUp, isUp);
    const peer = this.peerOf(port);
    if (peer < 0) return false;
    const isLinkUp = isUp && this.hasFlag(peer, PortFlag.adminUp);
    if (isLinkUp === this.hasFlag(port, PortFlag.linkUp)) return false;
    this.setFlag(port, PortFlag.linkUp, isLinkUp);
    this.setFlag(peer, PortFlag.linkUp, isLinkUp);
    return true;
  }

  /** Frames of a Carried that left through a port. */
  carriedFrames(port: number, carried: number): number {
    const own =
      carried === Carried.knownUnicast
        ? this.#portDoubles[portDoubles(port) + PortDouble.knownUnicastFrames]
        : this.#portCounts[port * PORT_COUNTS + PortCount.firstCarried + carried * 2];
    return this.#isGrouped(port) ? own + this.groups.carriedFrames(port, carried) : own;
  }

  /** Bytes of a Carried that left through a port. */
  carriedBytes(port: number, carried: number): number {
    const own =
      carried === Carried.knownUnicast
        ? this.#portDoubles[portDoubles(port) + PortDouble.knownUnicastBytes]
        : this.#portCounts[port * PORT_COUNTS + PortCount.firstCarried + carried * 2 + 1];
    return this.#isGrouped(port) ? own + this.groups.carriedBytes(port, carried) : own;
  }

  /** Copies that were flooded for a FloodCause and left through a port, whichever hop of theirs that was. */
  floodedFrames(port: number, cause: number): number {
    return this.carriedFrames(port, carriedByFlood(cause));
  }

  /** The bytes of these. */
  floodedBytes(port: number, cause: number): number {
    return this.carriedBytes(port, carriedByFlood(cause));
  }

  /** Bytes of what left through a port to all or many as a station sent it: no switch has copied it yet. */
  ownGroupBytes(port: number): number {
    return this.carriedBytes(port, Carried.ownBroadcast) + this.carriedBytes(port, Carried.ownMulticast);
  }

  /** Frames of a TrafficClass that left through a port. */
  classFrames(port: number, trafficClass: number): number {
    let frames = 0;
    for (const carried of CARRIED_OF_TRAFFIC_CLASS[trafficClass]) frames += this.carriedFrames(port, carried);
    return frames;
  }

  /** Bytes of a TrafficClass that left through a port. */
  classBytes(port: number, trafficClass: number): number {
    let bytes = 0;
    for (const carried of CARRIED_OF_TRAFFIC_CLASS[trafficClass]) bytes += this.carriedBytes(port, carried);
    return bytes;
  }

  /** Bytes of all classes that left through a port. */
  sentBytes(port: number): number {
    let bytes = 0;
    for (let carried = 0; carried < CARRIED_COUNT; carried++) bytes += this.carriedBytes(port, carried);
    return bytes;
  }

  /** Bytes of all that left through a port which were encapsulation. */
  overheadBytes(port: number): number {
    return this.#portCounts[port * PORT_COUNTS + PortCount.overheadBytes];
  }

  /** Frames that a port dropped because its queue was full. */
  droppedFrames(port: number): number {
    return this.#portCounts[port * PORT_COUNTS + PortCount.dropFrames];
  }

  /** What a node flooded so far, for each cause that occurred, in the order of FloodCause. */
  floodsOf(node: number): FloodCount[] {
    const floods: FloodCount[] = [];
    for (let cause = 0; cause < FLOOD_CAUSE_COUNT; cause++) {
      const i = (node * FLOOD_CAUSE_COUNT + cause) * FLOOD_DOUBLES;
      const frames = this.#floods[i];
      if (frames === 0) continue;
      floods.push({ cause: FLOOD_CAUSE_NAMES[cause], frames, copies: this.#floods[i + 1], bytes: this.#floods[i + 2] });
    }
    return floods;
  }

  /** The ledger of frames that ended, in the order of Outcome; outcomes that never occurred count 0. */
  endedFrames(): { outcome: keyof typeof Outcome; frames: number }[] {
    return OUTCOME_NAMES.map((outcome) => ({ outcome, frames: this.outcomeFrames[Outcome[outcome]] }));
  }

  /** Bytes held by ports, frames and the counts beside them. */
  get sizeBytes(): number {
    return this.portWords.byteLength + this.#portCounts.byteLength + this.frames.words.byteLength;
  }

  /** A frame comes off a wire at a port. */
  arrive(port: number, frame: number): void {
    const flags = this.portWords[portRecord(port) + Port.flags];
    if ((flags & PortFlag.linkUp) === 0) {
      this.end(port, frame, Outcome.dropLinkDown);
      return;
    }
    if (this.tap !== null) this.tap.received(port, frame);
    const mode = flags >> MODE_SHIFT;
    if (mode === PortMode.bridged) this.#bridges.receive(port, frame);
    else this.#handlers[mode].receive(port, frame);
  }

  /** How long a queue the port can hold. */
  backlogNsMax(port: number): number {
    const nsPerByte = this.#portDoubles[portDoubles(port) + PortDouble.nsPerByte];
    const bytes = this.portWords[portRecord(port) + Port.bufferBytes];
    if (bytes !== LARGE_BUFFER) return Math.ceil(bytes * nsPerByte);
    return Math.ceil(this.#portCounts[port * PORT_COUNTS + PortCount.bufferBytes] * nsPerByte);
  }

  /** When the last frame handed to the port will have left it, as far as it has followed its group. */
  txFreeNs(port: number): number {
    return this.#portDoubles[portDoubles(port) + PortDouble.txFreeNs];
  }

  setTxFreeNs(port: number, timeNs: number): void {
    this.#portDoubles[portDoubles(port) + PortDouble.txFreeNs] = timeNs;
  }

  nsPerByteOf(port: number): number {
    return this.#portDoubles[portDoubles(port) + PortDouble.nsPerByte];
  }

  /** Corrects what a port has carried by what it carried as one of a group. */
  addCarried(port: number, carried: number, frames: number, bytes: number): void {
    const c = port * PORT_COUNTS + PortCount.firstCarried + carried * 2;
    this.#portCounts[c] += frames;
    this.#portCounts[c + 1] += bytes;
  }

  /**
   * Counts frames of a protocol between switches that leave through a port, whose link is up, and are consumed at the
   * other end. They take no room in queues.
   */
  countControl(port: number, frames: number, bytes: number): void {
    this.addCarried(port, Carried.control, frames, bytes);
    this.createdFrames += frames;
    this.outcomeFrames[Outcome.consumed] += frames;
    this.hops += frames;
    this.groupedHops += frames;
  }

  /** Counts frames that a port dropped because its queue was full. */
  addDrops(port: number, carried: number, frames: number): void {
    this.#portCounts[port * PORT_COUNTS + PortCount.dropFrames] += frames;
    this.#countLostFlood(port, carried, frames);
  }

  /** Counts copies that were flooded and that a port did not send. */
  #countLostFlood(port: number, carried: number, frames: number): void {
    const cause = floodCauseOf(carried);
    if (cause >= 0) this.#lostFloodFrames[this.modeOf(port) * FLOOD_CAUSE_COUNT + cause] += frames;
  }

  /** Copies that were flooded for a FloodCause and that ports of a mode did not send. */
  lostFloodFrames(mode: keyof typeof PortMode, cause: number): number {
    return this.#lostFloodFrames[PortMode[mode] * FLOOD_CAUSE_COUNT + cause];
  }

  /** Whether a BPDU that a port receives changes nothing: a server drops it. */
  #isUnheeded(port: number): boolean {
    return this.countsUnheededAtOnce && !this.isTapped && this.modeOf(port) === PortMode.nic;
  }

  /** Whether the port that a frame arrives at discards it: the spanning tree of its segment blocks that end. */
  #isDiscarded(port: number, frame: number): boolean {
    if (!this.countsUnheededAtOnce || this.isTapped) return false;
    const words = this.frames.words;
    const f = frameRecord(frame);
    if (isReservedId(words[f + Frame.dst])) return false;
    return this.instances.stateOf(port, words[f + Frame.segment]) === 0;
  }

  #isGrouped(port: number): boolean {
    return (this.portWords[portRecord(port) + Port.flags] & PortFlag.grouped) !== 0;
  }

  /** Counts a flooded copy for the segment that it is flooded in. */
  #countSegment(frame: number, carried: number, frames: number, bytes: number): void {
    const cause = floodCauseOf(carried);
    if (cause < 0) return;
    const words = this.frames.words;
    const inner = words[frameRecord(frame) + Frame.inner];
    this.addSegmentFlood(words[((inner < 0 ? frame : inner) << FRAME_SHIFT) + Frame.segment], cause, frames, bytes);
  }

  /** Adds to the flooded copies that links carried for a segment. */
  addSegmentFlood(segment: number, cause: number, frames: number, bytes: number): void {
    if (segment < 0) return;
    const i = segment * FLOOD_CAUSE_COUNT + cause;
    if (i >= this.segmentFloodFrames.length) {
      const length = Math.max(i + 1, this.segmentFloodFrames.length * 2);
      this.segmentFloodFrames = grownCopy(this.segmentFloodFrames, length);
      this.segmentFloodBytes = grownCopy(this.segmentFloodBytes, length);
    }
    this.segmentFloodFrames[i] += frames;
    this.segmentFloodBytes[i] += bytes;
  }

  #seesVlansDifferently(a: number, b: number): boolean {
    const trunkA = this.portWords[portRecord(a) + Port.trunk];
    const trunkB = this.portWords[portRecord(b) + Port.trunk];
    const pvidA = this.portWords[portRecord(a) + Port.pvid];
    const pvidB = this.portWords[portRecord(b) + Port.pvid];
    return pvidA !== pvidB || trunkA >= 0 !== trunkB >= 0;
  }
}

const UNATTENDED: PortHandler = {
  receive(port) {
    throw new Error(`nothing takes the frames of port ${port}`);
  },
};
