import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import { groupFloodCause } from './bridges.ts';
import type { Network } from './network.ts';
import { Carried, FLOOD_CAUSE_NAMES, floodCauseOf, OUTCOME_NAMES, type Outcome, type Tap } from './observer.ts';

/** A frame, or the packets around it, that is followed over every wire. */
export interface Trace {
  /** From 0, in the order in which they begin. */
  readonly trace: number;
  /** What a migration announced, and which time; null for a flood that was chosen by its time. */
  readonly announcement: { readonly migration: number; readonly round: number } | null;
  readonly cause: (typeof FLOOD_CAUSE_NAMES)[number];
  /** The node that sent it. */
  readonly node: number;
  readonly segment: number;
  /** Addresses by their ids. */
  readonly source: number;
  readonly destination: number;
  readonly startNs: number;
  /** In the order in which they were sent. */
  readonly hops: TracedHop[];
  /** Whether it had more hops than are kept. */
  isCut: boolean;
}

/** A copy on one wire, or copies to servers of one switch that none of them reacts to. */
export interface TracedHop {
  /** The port that it left by; of copies to servers the first one. */
  readonly port: number;
  /** The port that it arrives at; -1 for copies to servers. */
  readonly peer: number;
  readonly sentNs: number;
  /** null: it did not arrive, or not yet. */
  arrivedNs: number | null;
  readonly isEncapsulated: boolean;
  readonly copies: number;
  /** How it ended at the other end; null where it was only sent on, or is under way. */
  outcome: keyof typeof Outcome | null;
  /** Copies that the node at the other end sent on at once. */
  sentOn: number;
}

/** What to follow. */
export interface TracerParameters {
  /** Times: the first flood that begins at or after each of them is followed. Ascending. */
  readonly floodTimesNs: readonly number[];
  /** Takes each trace when no copy of it is under way any more, or the run is over. */
  readonly done: (trace: Trace) => void;
}

/** Hops that are kept of a trace. */
const HOPS_MAX = 20_000;

/** The words by which the copies of a frame are recognised, in the frame that the station sent. */
const KEY = [Frame.kind, Frame.src, Frame.dst, Frame.senderIp, Frame.targetIp, Frame.tag, Frame.flowHash] as const;

/** A trace whose copies are under way. */
interface OpenTrace {
  readonly trace: Trace;
  readonly key: readonly number[];
  underWay: number;
  /** When it was last seen. */
  seenNs: number;
}

/**
 * Follows chosen frames hop by hop, and changes nothing of what happens: a tap that is selective leaves copies that nobody
 * reacts to as they are, and hears of them as they leave together.
 *
 * Copies are recognised by their headers. A station that sends the same frame again while copies are under way begins a
 * trace of its own, and the earlier one ends.
 */
export class FloodTracer implements Tap {
  readonly isSelective = true;
  readonly #network: Network;
  readonly #parameters: TracerParameters;
  readonly #open: OpenTrace[] = [];
  // by the port that copies will arrive at, in order
  readonly #underWay = new Map<number, { readonly open: OpenTrace; readonly hop: TracedHop }[]>();
  // what is handled now: the copy that arrived, and where
  #handled: { readonly open: OpenTrace; readonly hop: TracedHop } | null = null;
  #traceCount = 0;
  #floodIndex = 0;
  // a station that is about to be announced
  #announced: { readonly address: number; readonly migration: number; readonly round: number } | null = null;
  // the last frame that came to a node, from where an unknown destination is flooded
  readonly #lastReceived = { port: -1, timeNs: -1 };

  constructor(network: Network, parameters: TracerParameters) {
    this.#network = network;
    this.#parameters = parameters;
  }

  /** What a station sends to all at this very time announces it after a migration, and is followed. */
  announcing(address: number, migration: number, round: number): void {
    this.#announced = { address, migration, round };
  }

  /** It has been announced. */
  announced(): void {
    this.#announced = null;
  }

  /** Hands over what is still under way. */
  finish(): void {
    this.#handled = null;
    for (const { trace } of this.#open.splice(0)) this.#parameters.done(trace);
  }

  sent(port: number, frame: number): void {
    if (this.#isIdle()) return;
    const open = this.#begun(port, frame) ?? this.#find(frame);
    if (open === null) return;
    const handled = this.#handled;
    const network = this.#network;
    if (handled?.open === open && this.#isHandledAt(port)) handled.hop.sentOn++;
    const hop = this.#addHop(open, port, network.peerOf(port), frame, 1);
    if (hop === null) return;
    open.underWay++;
    const queue = this.#underWay.get(hop.peer);
    if (queue === undefined) this.#underWay.set(hop.peer, [{ open, hop }]);
    else queue.push({ open, hop });
  }

  sentToServers(port: number, frame: number, copies: number): void {
    if (copies > 0) this.#addEnded(port, -1, frame, copies, 'notForHere');
  }

  sentToDeadEnd(port: number, frame: number): void {
    this.#addEnded(port, this.#network.peerOf(port), frame, 1, 'dropPortBlocked');
  }

  #addEnded(port: number, peer: number, frame: number, copies: number, outcome: keyof typeof Outcome): void {
    const open = this.#open.length === 0 ? null : this.#find(frame);
    if (open === null) return;
    if (this.#handled?.open === open && this.#isHandledAt(port)) this.#handled.hop.sentOn += copies;
    const hop = this.#addHop(open, port, peer, frame, copies);
    if (hop !== null) hop.outcome = outcome;
  }

  received(port: number, frame: number): void {
    this.#handled = null;
    this.#lastReceived.port = port;
    this.#lastReceived.timeNs = this.#network.simulation.nowNs;
    if (this.#open.length === 0) return;
    this.#closeQuiet();
    const arrived = this.#takeUnderWay(port, frame);
    if (arrived === null) return;
    arrived.hop.arrivedNs = this.#network.simulation.nowNs;
    this.#handled = arrived;
  }

  ended(port: number, frame: number, outcome: number): void {
    if (this.#open.length === 0) return;
    const name = OUTCOME_NAMES[outcome];
    const handled = this.#handled;
    if (handled !== null && this.#isHandledAt(port) && this.#find(frame) === handled.open) {
      const isArrivalPort = port === handled.hop.peer || this.#network.peerOf(port) < 0;
      if (isArrivalPort) {
        if (handled.hop.outcome === null || name === 'delivered') handled.hop.outcome = name;
        return;
      }
      // a copy that its port could not send
      const lost = this.#addHop(handled.open, port, this.#network.peerOf(port), frame, 1);
      if (lost !== null) lost.outcome = name;
      return;
    }
    const lost = this.#takeUnderWay(port, frame);
    if (lost !== null) lost.hop.outcome = name;
  }

  /** Whether nothing is followed, and nothing is to be. */
  #isIdle(): boolean {
    if (this.#open.length > 0 || this.#announced !== null) return false;
    const dueNs = this.#parameters.floodTimesNs[this.#floodIndex];
    return dueNs === undefined || this.#network.simulation.nowNs < dueNs;
  }

  #isHandledAt(port: number): boolean {
    const { hop } = this.#handled!;
    const { simulation } = this.#network;
    return hop.arrivedNs === simulation.nowNs && this.#network.nodeOf(port) === this.#network.nodeOf(hop.peer);
  }

  /** The trace that a frame begins as it leaves by a port, or null. */
  #begun(port: number, frame: number): OpenTrace | null {
    const { words } = this.#network.frames;
    const f = this.#innermost(frame) << FRAME_SHIFT;
    const carried = words[(frame << FRAME_SHIFT) + Frame.carried];
    const [source, destination] = [words[f + Frame.src], words[f + Frame.dst]];
    const cause =
      carried === Carried.ownBroadcast || carried === Carried.ownMulticast
        ? groupFloodCause(destination, words[f + Frame.kind])
        : floodCauseOf(carried);
    if (cause < 0 || source < 0) return null;
    const { simulation } = this.#network;
    const announced = this.#announced;
    if (announced?.address === source && destination < 0) {
      // a server that is a VTEP sends many copies of one frame at once
      if (this.#find(frame)?.trace.startNs === simulation.nowNs) return null;
      const { migration, round } = announced;
      return this.#begin(port, frame, cause, { migration, round });
    }
    const dueNs = this.#parameters.floodTimesNs[this.#floodIndex];
    if (dueNs === undefined || simulation.nowNs < dueNs || this.#find(frame) !== null) return null;
    // copies further on of a flood that began before are no beginning
    const isFirstCopy =
      destination < 0 ? this.#isOfStation(port, carried) : this.#lastReceived.timeNs === simulation.nowNs;
    if (!isFirstCopy) return null;
    this.#floodIndex++;
    return this.#begin(port, frame, cause, null);
  }

  /** Whether a frame to all leaves the station's server, and has not been copied before. */
  #isOfStation(port: number, carried: number): boolean {
    if (carried === Carried.ownBroadcast || carried === Carried.ownMulticast) return true;
    // a server's own switch floods what its stations send without anything having arrived
    const { simulation } = this.#network;
    const { port: lastPort, timeNs } = this.#lastReceived;
    return timeNs !== simulation.nowNs || this.#network.nodeOf(lastPort) !== this.#network.nodeOf(port);
  }

  #begin(port: number, frame: number, cause: number, announcement: Trace['announcement']): OpenTrace {
    const earlier = this.#find(frame);
    if (earlier !== null) this.#close(earlier);
    const { words } = this.#network.frames;
    const f = this.#innermost(frame) << FRAME_SHIFT;
    const { nowNs } = this.#network.simulation;
    const trace: Trace = {
      trace: this.#traceCount++,
      announcement,
      cause: FLOOD_CAUSE_NAMES[cause],
      node: this.#network.nodeOf(port),
      segment: words[f + Frame.segment],
      source: words[f + Frame.src],
      destination: words[f + Frame.dst],
      startNs: nowNs,
      hops: [],
      isCut: false,
    };
    const open = { trace, key: KEY.map((word) => words[f + word]), underWay: 0, seenNs: nowNs };
    this.#open.push(open);
    return open;
  }

  /** The open trace that a frame, or what is inside it, is of. */
  #find(frame: number): OpenTrace | null {
    const { words } = this.#network.frames;
    const f = this.#innermost(frame) << FRAME_SHIFT;
    for (const open of this.#open) {
      if (KEY.every((word, index) => words[f + word] === open.key[index])) return open;
    }
    return null;
  }

  #innermost(frame: number): number {
    const { words } = this.#network.frames;
    let innermost = frame;
    for (let inner = words[(frame << FRAME_SHIFT) + Frame.inner]; inner >= 0; ) {
      innermost = inner;
      inner = words[(inner << FRAME_SHIFT) + Frame.inner];
    }
    return innermost;
  }

  #addHop(open: OpenTrace, port: number, peer: number, frame: number, copies: number): TracedHop | null {
    const { words } = this.#network.frames;
    const { nowNs } = this.#network.simulation;
    open.seenNs = nowNs;
    const { trace } = open;
    if (trace.hops.length === HOPS_MAX) {
      trace.isCut = true;
      return null;
    }
    const hop: TracedHop = {
      port,
      peer,
      sentNs: nowNs,
      arrivedNs: null,
      isEncapsulated: words[(frame << FRAME_SHIFT) + Frame.inner] >= 0,
      copies,
      outcome: null,
      sentOn: 0,
    };
    trace.hops.push(hop);
    return hop;
  }

  #takeUnderWay(port: number, frame: number): { readonly open: OpenTrace; readonly hop: TracedHop } | null {
    const queue = this.#underWay.get(port);
    if (queue === undefined) return null;
    const open = this.#find(frame);
    const index = queue.findIndex((one) => one.open === open);
    if (index < 0) return null;
    const [taken] = queue.splice(index, 1);
    if (queue.length === 0) this.#underWay.delete(port);
    taken.open.underWay--;
    taken.open.seenNs = this.#network.simulation.nowNs;
    return taken;
  }

  /** Ends traces of which no copy is under way, once what was handled last is over. */
  #closeQuiet(): void {
    const { nowNs } = this.#network.simulation;
    for (const open of [...this.#open]) if (open.underWay === 0 && open.seenNs < nowNs) this.#close(open);
  }

  #close(open: OpenTrace): void {
    this.#open.splice(this.#open.indexOf(open), 1);
    for (const [port, queue] of this.#underWay) {
      const left = queue.filter((one) => one.open !== open);
      if (left.length === 0) this.#underWay.delete(port);
      else this.#underWay.set(port, left);
    }
    this.#parameters.done(open.trace);
  }
}
