import type { Fingerprint } from '../engine/fingerprint.ts';
import type { Simulation } from '../engine/simulation.ts';
import { AddressBook } from '../wire/address-book.ts';
import { WIRE_EXTRA_BYTES } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame, FramePool } from '../wire/frame-pool.ts';
import { EventKind } from './event-kinds.ts';
import {
  FLOOD_CAUSE_COUNT,
  FLOOD_CAUSE_NAMES,
  type Observer,
  OUTCOME_COUNT,
  OUTCOME_NAMES,
  Outcome,
  type Tap,
  TRAFFIC_CLASS_COUNT,
} from './observer.ts';

/** 32-bit words of a port's record. */
export const PORT_WORDS = 8;
export const PORT_SHIFT = 3;

/** The words of a port's record, the part that decides. */
export const Port = {
  /** The port at the other end of the wire; -1 for a virtual port or one with no wire. */
  peer: 0,
  node: 1,
  /** A PortMode. */
  mode: 2,
  /** Bits of PortFlag. */
  flags: 3,
  /** The segment of untagged frames, or -1. IEEE 802.1Q-2018, 6.9 (PVID). */
  pvid: 4,
  /** Index of the set of segments a trunk carries; -1 for an access port, ALL_SEGMENTS for every segment. */
  trunk: 5,
  /** The IP interface of a routed port or a gateway port, or -1. */
  ipInterface: 6,
  /** What a virtual port belongs to: the tunnel of a tunnel port. */
  owner: 7,
} as const;

/** A trunk that carries every segment. */
export const ALL_SEGMENTS = 0x7fff_ffff;

/** Who takes the frames of a port. */
export const PortMode = { bridged: 0, routed: 1, nic: 2, tunnel: 3, gateway: 4, self: 5 } as const;
const PORT_MODE_COUNT = 6;

/** Bits of a port's flags. */
export const PortFlag = {
  /** Both ends are up: frames cross the wire. */
  linkUp: 1,
  /** This end is administratively up. */
  adminUp: 2,
  /** Learns. IEEE 802.1D-2004, 7.8. */
  learning: 4,
  /** Forwards. IEEE 802.1D-2004, 7.4 and 8.4. */
  forwarding: 8,
  /** The two ends see VLANs differently: each frame's segment is worked out anew. */
  translates: 16,
} as const;

/** Doubles of a port's record of counts: two cache lines, of which known unicast touches the first. */
export const PORT_DOUBLES = 16;
export const PORT_DOUBLES_SHIFT = 4;

/** The doubles of a port's record, for what leaves through it. */
export const PortCount = {
  /** When the last frame handed to the port will have left it. */
  txFreeNs: 0,
  nsPerByte: 1,
  /** Propagation and the next device's latency. */
  delayNs: 2,
  /** How long a queue the port can hold. */
  backlogNsMax: 3,
  /** Frames, then bytes, of each TrafficClass. */
  firstClass: 4,
  /** Bytes of all these that are encapsulation. */
  overheadBytes: 14,
  dropFrames: 15,
} as const;

/** Takes the frames that arrive at ports of one mode, or that are sent into virtual ports of it. Owns one reference. */
export interface PortHandler {
  receive(port: number, frame: number): void;
}

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

  // indexed by port: PORT_WORDS and PORT_DOUBLES each
  portWords = new Int32Array(PORT_WORDS * 64);
  portDoubles = new Float64Array(PORT_DOUBLES * 64);
  portCount = 0;
  readonly portNames: string[] = [];

  readonly nodeNames: string[] = [];
  /** Ports of each node in the order in which they were added. */
  readonly nodePorts: number[][] = [];

  // bits of the segments that each trunk carries, by the number in Port.trunk
  readonly #trunkBits: Uint32Array[] = [];

  /** Frames that ended, by Outcome; `forwarded` and `flooded` count decisions instead. Trains count their length. */
  readonly outcomeFrames = new Float64Array(OUTCOME_COUNT);
  /** Frames that came into being: sent by a station or a device, or copied in a flood. */
  createdFrames = 0;
  /** Frames that crossed a wire: the unit of work. A train counts its length in `hopFrames` and one in `hops`. */
  hops = 0;
  hopFrames = 0;

  // indexed by node * FLOOD_CAUSE_COUNT + cause: what that node flooded, counted in frames flooded and in copies made
  floodFrames = new Float64Array(0);
  floodCopies = new Float64Array(0);
  floodBytes = new Float64Array(0);

  readonly #handlers: PortHandler[] = Array.from({ length: PORT_MODE_COUNT }, () => UNATTENDED);

  constructor(simulation: Simulation, fingerprint: Fingerprint) {
    this.simulation = simulation;
    this.fingerprint = fingerprint;
    simulation.on(EventKind.arrival, { handle: (_kind, port, frame) => this.#arrive(port, frame) });
  }

  /** Names who takes the frames of all ports of a mode. */
  handle(mode: number, handler: PortHandler): void {
    this.#handlers[mode] = handler;
  }

  addNode(name: string): number {
    this.nodeNames.push(name);
    this.nodePorts.push([]);
    const needed = this.nodeNames.length * FLOOD_CAUSE_COUNT;
    if (needed > this.floodFrames.length) {
      this.floodFrames = grownCopy(this.floodFrames, needed * 2);
      this.floodCopies = grownCopy(this.floodCopies, needed * 2);
      this.floodBytes = grownCopy(this.floodBytes, needed * 2);
    }
    return this.nodeNames.length - 1;
  }

  /** Adds a port with no wire, administratively up, that carries every segment untagged as `pvid` says. */
  addPort(node: number, name: string, mode: number, { pvid = -1, trunk = -1 } = {}): number {
    const port = this.portCount++;
    if (port << PORT_SHIFT >= this.portWords.length) {
      const words = new Int32Array(this.portWords.length * 2);
      words.set(this.portWords);
      this.portWords = words;
      this.portDoubles = grownCopy(this.portDoubles, this.portDoubles.length * 2);
    }
    this.portWords.set([-1, node, mode, PortFlag.adminUp, pvid, trunk, -1, -1], port << PORT_SHIFT);
    this.portNames.push(name);
    this.nodePorts[node].push(port);
    return port;
  }

  /** Joins two ports by a wire. The link comes up with `setLink`. */
  connect(a: number, b: number, wire: WireParameters): void {
    const nsPerByte = 8e9 / wire.rateBitsPerSec;
    for (const [port, peer] of [
      [a, b],
      [b, a],
    ]) {
      this.portWords[(port << PORT_SHIFT) + Port.peer] = peer;
      this.portDoubles.set(
        [0, nsPerByte, wire.delayNs, Math.ceil(wire.bufferBytes * nsPerByte)],
        port << PORT_DOUBLES_SHIFT,
      );
    }
    const translates = this.#seesVlansDifferently(a, b);
    this.setFlag(a, PortFlag.translates, translates);
    this.setFlag(b, PortFlag.translates, translates);
  }

  /** Makes a set of segments that trunk ports can carry; returns its number for Port.trunk. */
  addTrunk(segments: Iterable<number>): number {
    const list = [...segments];
    const bits = new Uint32Array((Math.max(0, ...list) >> 5) + 1);
    for (const segment of list) bits[segment >> 5] |= 1 << (segment & 31);
    return this.#trunkBits.push(bits) - 1;
  }

  nodeOf(port: number): number {
    return this.portWords[(port << PORT_SHIFT) + Port.node];
  }

  peerOf(port: number): number {
    return this.portWords[(port << PORT_SHIFT) + Port.peer];
  }

  hasFlag(port: number, flag: number): boolean {
    return (this.portWords[(port << PORT_SHIFT) + Port.flags] & flag) !== 0;
  }

  setFlag(port: number, flag: number, isSet: boolean): void {
    const o = (port << PORT_SHIFT) + Port.flags;
    this.portWords[o] = isSet ? this.portWords[o] | flag : this.portWords[o] & ~flag;
  }

  /** Whether a port carries frames of a segment. IEEE 802.1Q-2018, 8.8.10 (member set). */
  isMember(port: number, segment: number): boolean {
    const o = port << PORT_SHIFT;
    const trunk = this.portWords[o + Port.trunk];
    if (trunk === ALL_SEGMENTS) return true;
    if (this.portWords[o + Port.pvid] === segment) return true;
    if (trunk < 0 || segment < 0) return false;
    const bits = this.#trunkBits[trunk];
    return segment >> 5 < bits.length && ((bits[segment >> 5] >>> (segment & 31)) & 1) === 1;
  }

  /** Whether a port sends frames of a segment with a tag. IEEE 802.1Q-2018, 8.8.10 (untagged set). */
  isTagged(port: number, segment: number): boolean {
    const o = port << PORT_SHIFT;
    return this.portWords[o + Port.trunk] >= 0 && this.portWords[o + Port.pvid] !== segment;
  }

  /**
   * Sends a frame out of a port and takes over the caller's reference. Copies of a train leave back to back; the train
   * arrives when its first frame has, and keeps the port busy until its last has left.
   */
  send(port: number, frame: number, trafficClass: number): void {
    const portWords = this.portWords;
    const p = port << PORT_SHIFT;
    const peer = portWords[p];
    const words = this.frames.words;
    const f = frame << FRAME_SHIFT;
    words[f + Frame.trafficClass] = trafficClass;
    if (peer < 0) {
      this.#handlers[portWords[p + Port.mode]].receive(port, frame);
      return;
    }
    if ((portWords[p + Port.flags] & PortFlag.linkUp) === 0) {
      this.end(port, frame, Outcome.dropLinkDown);
      return;
    }
    const count = words[f + Frame.count];
    let sizeBytes = words[f + Frame.sizeBytes];
    if (portWords[p + Port.trunk] >= 0 && portWords[p + Port.pvid] !== words[f + Frame.segment]) sizeBytes += 4;
    const doubles = this.portDoubles;
    const d = port << PORT_DOUBLES_SHIFT;
    const nowNs = this.simulation.nowNs;
    const freeNs = doubles[d];
    const startNs = freeNs > nowNs ? freeNs : nowNs;
    if (startNs - nowNs > doubles[d + PortCount.backlogNsMax]) {
      doubles[d + PortCount.dropFrames] += count;
      this.end(port, frame, Outcome.dropQueueFull);
      return;
    }
    const frameNs = (sizeBytes + WIRE_EXTRA_BYTES) * doubles[d + PortCount.nsPerByte];
    doubles[d] = startNs + Math.ceil(frameNs * count);
    const c = d + PortCount.firstClass + (trafficClass << 1);
    doubles[c] += count;
    doubles[c + 1] += count * sizeBytes;
    const inner = words[f + Frame.inner];
    if (inner >= 0) {
      doubles[d + PortCount.overheadBytes] += count * (sizeBytes - words[(inner << FRAME_SHIFT) + Frame.sizeBytes]);
    }
    this.hops++;
    this.hopFrames += count;
    if (this.tap !== null) this.tap.sent(port, frame);
    this.simulation.schedule(
      startNs + Math.ceil(frameNs) + doubles[d + PortCount.delayNs],
      EventKind.arrival,
      peer,
      frame,
    );
  }

  /** Ends a frame here: counts why, and gives the reference back. */
  end(port: number, frame: number, outcome: number): void {
    this.outcomeFrames[outcome] += this.frames.words[(frame << FRAME_SHIFT) + Frame.count];
    this.note(port, outcome);
    this.frames.release(frame);
  }

  /** Mixes a decision into the fingerprint. */
  note(port: number, outcome: number): void {
    this.fingerprint.mix(
      this.simulation.nowNs,
      EventKind.arrival,
      this.portWords[(port << PORT_SHIFT) + Port.node],
      port,
      outcome,
    );
  }

  /** Counts a frame that came into being. */
  countCreated(frame: number): void {
    this.createdFrames += this.frames.words[(frame << FRAME_SHIFT) + Frame.count];
  }

  /** Records that a node flooded a frame to `copies` ports, and why. */
  countFlood(node: number, cause: number, frame: number, copies: number): void {
    const f = frame << FRAME_SHIFT;
    const count = this.frames.words[f + Frame.count];
    const i = node * FLOOD_CAUSE_COUNT + cause;
    this.floodFrames[i] += count;
    this.floodCopies[i] += copies * count;
    this.floodBytes[i] += copies * count * this.frames.words[f + Frame.sizeBytes];
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

  /** Frames of a TrafficClass that left through a port. */
  classFrames(port: number, trafficClass: number): number {
    return this.portDoubles[(port << PORT_DOUBLES_SHIFT) + PortCount.firstClass + trafficClass * 2];
  }

  /** Bytes of a TrafficClass that left through a port. */
  classBytes(port: number, trafficClass: number): number {
    return this.portDoubles[(port << PORT_DOUBLES_SHIFT) + PortCount.firstClass + trafficClass * 2 + 1];
  }

  /** Bytes of all classes that left through a port. */
  sentBytes(port: number): number {
    let bytes = 0;
    for (let trafficClass = 0; trafficClass < TRAFFIC_CLASS_COUNT; trafficClass++) {
      bytes += this.classBytes(port, trafficClass);
    }
    return bytes;
  }

  /** Bytes of all that left through a port which were encapsulation. */
  overheadBytes(port: number): number {
    return this.portDoubles[(port << PORT_DOUBLES_SHIFT) + PortCount.overheadBytes];
  }

  /** Frames that a port dropped because its queue was full. */
  droppedFrames(port: number): number {
    return this.portDoubles[(port << PORT_DOUBLES_SHIFT) + PortCount.dropFrames];
  }

  /** What a node flooded so far, for each cause that occurred, in the order of FloodCause. */
  floodsOf(node: number): FloodCount[] {
    const floods: FloodCount[] = [];
    for (let cause = 0; cause < FLOOD_CAUSE_COUNT; cause++) {
      const i = node * FLOOD_CAUSE_COUNT + cause;
      if (this.floodFrames[i] === 0) continue;
      floods.push({
        cause: FLOOD_CAUSE_NAMES[cause],
        frames: this.floodFrames[i],
        copies: this.floodCopies[i],
        bytes: this.floodBytes[i],
      });
    }
    return floods;
  }

  /** The ledger of frames that ended, in the order of Outcome; outcomes that never occurred count 0. */
  endedFrames(): { outcome: keyof typeof Outcome; frames: number }[] {
    return OUTCOME_NAMES.map((outcome) => ({ outcome, frames: this.outcomeFrames[Outcome[outcome]] }));
  }

  /** Bytes held by ports, frames and the counts beside them. */
  get sizeBytes(): number {
    return this.portWords.byteLength + this.portDoubles.byteLength + this.frames.words.byteLength;
  }

  #arrive(port: number, frame: number): void {
    const p = port << PORT_SHIFT;
    if ((this.portWords[p + Port.flags] & PortFlag.linkUp) === 0) {
      this.end(port, frame, Outcome.dropLinkDown);
      return;
    }
    if (this.tap !== null) this.tap.received(port, frame);
    this.#handlers[this.portWords[p + Port.mode]].receive(port, frame);
  }

  #seesVlansDifferently(a: number, b: number): boolean {
    const trunkA = this.portWords[(a << PORT_SHIFT) + Port.trunk];
    const trunkB = this.portWords[(b << PORT_SHIFT) + Port.trunk];
    const pvidA = this.portWords[(a << PORT_SHIFT) + Port.pvid];
    const pvidB = this.portWords[(b << PORT_SHIFT) + Port.pvid];
    return pvidA !== pvidB || trunkA >= 0 !== trunkB >= 0;
  }
}

function grownCopy(array: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(length);
  grown.set(array);
  return grown;
}

const UNATTENDED: PortHandler = {
  receive(port) {
    throw new Error(`nothing takes the frames of port ${port}`);
  },
};
