import { grownCopy } from '../grown-copy.ts';
import { AsPaths } from '../protocol/bgp/as-paths.ts';
import { BgpSpeaker, NEVER_NS, type UpdateBatch } from '../protocol/bgp/bgp-speaker.ts';
import type { RouteBook } from '../protocol/bgp/route-book.ts';
import { END_OF_RIB_BYTES, UpdateCounter } from '../protocol/bgp/update-size.ts';
import { DueLists } from './due-lists.ts';
import { EventKind } from './event-kinds.ts';
import { type Network, PortFlag } from './network.ts';

const NS_PER_SECOND = 1e9;

/** Ethernet, IPv4, and TCP with its timestamps, around the bytes of a session. RFC 9293, 3.1; RFC 7323, 3. */
const SEGMENT_OVERHEAD_BYTES = 14 + 20 + 32;
const SEGMENT_PAYLOAD_BYTES = 1500 - 20 - 32;

/** What was sent into a link that was down is sent again after this at first. RFC 6298, 2.4, as Linux has it. */
const RETRANSMIT_NS = 200e6;

/** How BGP is timed. */
export interface BgpTimes {
  /** From the first change until a speaker sends all changes so far. */
  readonly holdNs: number;
  /** Least time between two batches of UPDATEs of a speaker. */
  readonly mraiNs: number;
  /** From a link that comes up, or a neighbour that can be reached, until the session is established. */
  readonly connectNs: number;
  /**
   * How much longer a session takes that was lost, if its first attempt meets a neighbour that is not ready. That is an
   * accident of timers; here it is so with every other session. None unless set.
   */
  readonly retryNs?: number | undefined;
  /** From there until each end sends its whole table. */
  readonly announceNs: number;
  /** From a link that goes down until its ends know, and from there until they begin to say what they lost. */
  readonly detectionNs: number;
  readonly sessionLossNs: number;
}

/** How neighbours notice a speaker that says nothing while its links stay up. RFC 4271, 4.4 and 6.5. */
export interface SessionTimers {
  readonly holdTimeNs: number;
  /** Between two KEEPALIVEs. */
  readonly keepaliveNs: number;
}

/** What a network of speakers is like. */
export interface BgpParameters {
  readonly speakerCount: number;
  readonly times: BgpTimes;
  readonly messageBytesMax: number;
  /**
   * iBGP over the loopbacks of route reflectors: a session lasts while any path leads from one end to the other. Else a
   * session lasts while its link is up, unless it was added as one of many hops.
   */
  readonly isReflected: boolean;
}

/** One end of a session, by its side: 0 is `below`. */
interface Session {
  readonly number: number;
  readonly speakers: readonly [number, number];
  /** The numbers of the session at both speakers. */
  readonly numbers: [number, number];
  /** The ports of its link; null if it has none of its own. */
  readonly ports: readonly [number, number] | null;
  /** The ports that frames leave through from the first end to the other; null if no path leads there. */
  path: readonly number[] | null;
  isUp: boolean;
  /** An end that lost its power knows nothing of the session; the other end may think that it is up. */
  isBroken: boolean;
  /** Whether one of its ends runs no more, or stands still. */
  isHalted: boolean;
  /** The side that stands still, and does not know yet that the session has ended; -1 if none does. */
  frozenSide: number;
  /** Whether it was up before. */
  wasLost: boolean;
  /** Whether each end has sent its whole table. */
  hasTable: boolean;
  /** Grows with each change of what carries the session, so that what was planned before is void. */
  era: number;
  readonly lastArrivalNs: [number, number];
  /** What each end has sent and TCP still tries to deliver. */
  backlog: { side: number; batch: UpdateBatch }[];
}

/** UPDATEs that arrive at one moment from one sender. */
interface Arrival {
  readonly batch: UpdateBatch;
  readonly sessions: Session[];
  readonly sides: number[];
}

const SessionStep = { fail: 0, establish: 1, announce: 2 } as const;
const STEP_SHIFT = 2;

/**
 * BGP speakers at nodes, and the sessions between them: when UPDATEs leave and arrive, when sessions end and begin.
 *
 * What a speaker sends goes to all of its neighbours alike (one update group), as one batch that they share; those at
 * which it arrives at the same moment cost one event. UPDATEs are counted where they leave, message by message and byte
 * by byte, and on each link that they cross, as the TCP segments that carry them. Acknowledgements, OPEN and KEEPALIVE are
 * not counted, and segments wait for no other traffic.
 */
export class BgpNetwork {
  readonly speakers: BgpSpeaker[] = [];
  /** Indexed by speaker: UPDATEs and their bytes that it sent, and that it received. */
  sentMessages = new Float64Array(16);
  sentBytes = new Float64Array(16);
  receivedMessages = new Float64Array(16);
  /** Routes that these UPDATEs announced and withdrew, all messages' added up; most that one message announced. */
  sentAnnouncements = 0;
  sentWithdrawals = 0;
  announcedMax = 0;
  /** Indexed by speaker: most UPDATEs that it sent and received in one second of the clock. */
  peakPerSecond = new Float64Array(16);

  readonly #network: Network;
  readonly #routes: RouteBook;
  readonly #parameters: BgpParameters;
  readonly #paths = new AsPaths();
  readonly #counter: UpdateCounter;
  readonly #due: DueLists;
  // indexed by speaker
  readonly #nodes: number[] = [];
  readonly #sessionsOf: { session: Session; side: number }[][] = [];
  readonly #plannedNs: number[] = [];
  #second = new Float64Array(16);
  #inSecond = new Float64Array(16);
  readonly #sessions: Session[] = [];
  readonly #sessionOfPort = new Map<number, Session>();
  // by speaker of a pair: the other
  readonly #standIns = new Map<number, number>();
  // ports of links that sessions without one of their own are carried over; those that no link carries
  readonly #carryingPorts = new Set<number>();
  readonly #multihop: Session[] = [];
  // UPDATEs under way, by number; null where it is free
  readonly #arrivals: (Arrival | null)[] = [];
  readonly #freeArrivals: number[] = [];

  constructor(network: Network, routes: RouteBook, parameters: BgpParameters) {
    this.#network = network;
    this.#routes = routes;
    this.#parameters = parameters;
    this.#counter = new UpdateCounter(parameters.messageBytesMax);
    const { simulation } = network;
    this.#due = new DueLists(simulation, EventKind.bgpProcess, (speaker) => this.#process(speaker));
    simulation.on(EventKind.bgpArrival, { handle: (_kind, number) => this.#arrive(number) });
    simulation.on(EventKind.bgpSession, {
      handle: (_kind, session, step) => this.#takeStep(session, step & ((1 << STEP_SHIFT) - 1), step >> STEP_SHIFT),
    });
  }

  /** Adds a speaker at a node and returns it. */
  addSpeaker(node: number, { as, passesOn }: { as: number; passesOn: boolean }): BgpSpeaker {
    const { speakerCount, times } = this.#parameters;
    const index = this.speakers.length;
    const { holdNs, mraiNs } = times;
    const speaker = new BgpSpeaker(this.#routes, this.#paths, this.#counter, {
      index,
      as,
      speakerCount,
      passesOn,
      holdNs,
      mraiNs,
    });
    this.speakers.push(speaker);
    this.#nodes.push(node);
    this.#sessionsOf.push([]);
    this.#plannedNs.push(NEVER_NS);
    if (index >= this.sentMessages.length) {
      this.sentMessages = grownCopy(this.sentMessages, index * 2);
      this.sentBytes = grownCopy(this.sentBytes, index * 2);
      this.receivedMessages = grownCopy(this.receivedMessages, index * 2);
      this.peakPerSecond = grownCopy(this.peakPerSecond, index * 2);
      this.#second = grownCopy(this.#second, index * 2);
      this.#inSecond = grownCopy(this.#inSecond, index * 2);
    }
    return speaker;
  }

  /** Looks for the most in a second from now on; what this second has seen so far is not in it. */
  restartPeaks(): void {
    this.#inSecond.fill(0);
    this.peakPerSecond.fill(0);
  }

  /** Adds a session over the link between two ports; `isAbove`: the second speaker is nearer to the top of the fabric. */
  addSession(first: BgpSpeaker, second: BgpSpeaker, ports: readonly [number, number], isAbove: boolean): void {
    const session = this.#addSession(first, second, ports, isAbove);
    for (const port of ports) this.#sessionOfPort.set(port, session);
    this.addLink(ports);
  }

  /**
   * Adds a session between two speakers that lasts while any path leads from one to the other: the second is nearer to the
   * top, if it matters.
   */
  addMultihopSession(first: BgpSpeaker, second: BgpSpeaker): void {
    this.#multihop.push(this.#addSession(first, second, null, false));
  }

  /** A link that such sessions can be carried over, beside those that have sessions of their own. */
  addLink(ports: readonly [number, number]): void {
    for (const port of ports) this.#carryingPorts.add(port);
  }

  #addSession(
    first: BgpSpeaker,
    second: BgpSpeaker,
    ports: readonly [number, number] | null,
    isAbove: boolean,
  ): Session {
    const session: Session = {
      number: this.#sessions.length,
      speakers: [first.index, second.index],
      numbers: [first.addSession(second, isAbove), second.addSession(first, false)],
      ports,
      path: null,
      isUp: false,
      isBroken: false,
      isHalted: false,
      frozenSide: -1,
      wasLost: false,
      hasTable: false,
      era: 0,
      lastArrivalNs: [0, 0],
      backlog: [],
    };
    this.#sessions.push(session);
    this.#sessionsOf[first.index].push({ session, side: 0 });
    this.#sessionsOf[second.index].push({ session, side: 1 });
    return session;
  }

  /**
   * Two speakers offer each other's routes to their neighbours, which remember them while the direct ones last, as the two
   * remember each other's. What was remembered is taken from the neighbour anew, at no cost, when a session fails.
   */
  standIn(one: number, other: number): void {
    this.#standIns.set(one, other);
    this.#standIns.set(other, one);
  }

  /** UPDATEs that all speakers sent. */
  get totalMessages(): number {
    return this.sentMessages.reduce((sum, messages) => sum + messages, 0);
  }

  /** Their bytes. */
  get totalBytes(): number {
    return this.sentBytes.reduce((sum, bytes) => sum + bytes, 0);
  }

  nodeOf(speaker: number): number {
    return this.#nodes[speaker];
  }

  /** Looks at every link, and begins sessions over those that are up. */
  start(): void {
    for (const session of this.#sessions) this.#carrierMayHaveChanged(session);
  }

  /** The link at a port went up or down. */
  linkChanged(port: number): void {
    if (this.#parameters.isReflected) {
      for (const session of this.#sessions) this.#carrierMayHaveChanged(session);
      return;
    }
    for (const session of this.#multihop) this.#carrierMayHaveChanged(session);
    const session = this.#sessionOfPort.get(port) ?? this.#sessionOfPort.get(this.#network.peerOf(port));
    if (session !== undefined) this.#carrierMayHaveChanged(session);
  }

  /** A speaker lost its power and forgot everything. Its neighbours hear of it as of a link that is dead. */
  reset(speaker: number): void {
    this.speakers[speaker].reset();
    for (const { session } of this.#sessionsOf[speaker]) session.isBroken = session.isUp;
  }

  /** A speaker's process ends, and its host closes its sessions; what it knows comes back with it at `resume`. */
  stop(speaker: number): void {
    for (const { session } of this.#sessionsOf[speaker]) this.#halt(session, 0);
  }

  /**
   * A speaker stands still: its neighbours give it up when their hold timers expire. RFC 4271, 6.5. KEEPALIVEs are not events
   * of their own; the last one came half an interval ago. Returns how long until the neighbours give it up.
   */
  freeze(speaker: number, { holdTimeNs, keepaliveNs }: SessionTimers): number {
    const untilExpiryNs = holdTimeNs - Math.floor(keepaliveNs / 2);
    for (const { session, side } of this.#sessionsOf[speaker]) {
      session.frozenSide = side;
      this.#halt(session, untilExpiryNs);
    }
    return untilExpiryNs;
  }

  /**
   * A speaker that was stopped or frozen goes on, and its lost sessions are established after `connectNs`. Returns whether any
   * was lost.
   */
  resume(speaker: number, connectNs: number): boolean {
    let hasLostAny = false;
    for (const { session, side } of this.#sessionsOf[speaker]) {
      session.isHalted = false;
      const isLost = !session.isUp;
      hasLostAny ||= isLost;
      if (isLost && session.frozenSide === side) this.#dropEnd(session, side);
      session.frozenSide = -1;
      this.#carrierMayHaveChanged(session);
      if (!isLost || session.path === null) continue;
      session.era++;
      this.#plan(session, SessionStep.establish, connectNs);
    }
    return hasLostAny;
  }

  #halt(session: Session, untilNoticedNs: number): void {
    session.isHalted = true;
    session.path = null;
    session.era++;
    const { sessionLossNs } = this.#parameters.times;
    if (session.isUp) this.#plan(session, SessionStep.fail, untilNoticedNs + sessionLossNs);
  }

  /** Lets a speaker send what was changed in it when it is due. To be called after each change from outside. */
  wake(speaker: number): void {
    const { dueNs } = this.speakers[speaker];
    if (dueNs === NEVER_NS || this.#plannedNs[speaker] === dueNs) return;
    this.#plannedNs[speaker] = dueNs;
    this.#due.add(dueNs, speaker);
  }

  #process(index: number): void {
    const speaker = this.speakers[index];
    const { nowNs } = this.#network.simulation;
    if (speaker.dueNs !== nowNs) return;
    this.#plannedNs[index] = NEVER_NS;
    const batch = speaker.takeBatch(nowNs);
    if (batch === null) return;
    const ends = this.#sessionsOf[index];
    this.#send(
      batch,
      ends.filter(({ session }) => session.hasTable),
    );
  }

  /** Sends a batch to the other ends of sessions. */
  #send(batch: UpdateBatch, ends: readonly { session: Session; side: number }[]): void {
    const network = this.#network;
    const { nowNs } = network.simulation;
    const { messages, bytes } = batch;
    const sender = batch.from.index;
    const frames = Math.ceil(bytes / SEGMENT_PAYLOAD_BYTES);
    const frameBytes = bytes + frames * SEGMENT_OVERHEAD_BYTES;
    this.sentMessages[sender] += messages * ends.length;
    this.sentBytes[sender] += bytes * ends.length;
    this.sentAnnouncements += batch.announcedCount * ends.length;
    this.sentWithdrawals += batch.withdrawnCount * ends.length;
    if (ends.length > 0) this.announcedMax = Math.max(this.announcedMax, batch.announcedMax);
    this.#note(sender, messages * ends.length);
    network.fingerprint.mix(nowNs, EventKind.bgpProcess, this.#nodes[sender], messages, bytes);
    let arrival: Arrival | null = null;
    let arrivalNs = -1;
    for (const { session, side } of ends) {
      if (session.path === null) {
        session.backlog.push({ side, batch });
        continue;
      }
      const atNs = Math.max(this.#cross(session, side, frames, frameBytes), session.lastArrivalNs[side]);
      session.lastArrivalNs[side] = atNs;
      if (arrival === null || atNs !== arrivalNs) {
        arrival = { batch, sessions: [], sides: [] };
        arrivalNs = atNs;
        const number = this.#freeArrivals.pop() ?? this.#arrivals.length;
        this.#arrivals[number] = arrival;
        network.simulation.schedule(atNs, EventKind.bgpArrival, number, 0);
      }
      arrival.sessions.push(session);
      arrival.sides.push(1 - side);
    }
  }

  /** Counts frames on the links of a session's path, and returns when the last has arrived. */
  #cross({ path }: Session, side: number, frames: number, frameBytes: number): number {
    const network = this.#network;
    let atNs = network.simulation.nowNs;
    for (const hop of path ?? []) {
      const port = side === 0 ? hop : network.peerOf(hop);
      network.countControl(port, frames, frameBytes);
      atNs += Math.ceil(frameBytes * network.nsPerByteOf(port)) + network.delayNsOf(port);
    }
    return atNs;
  }

  #arrive(number: number): void {
    const arrival = this.#arrivals[number]!;
    this.#arrivals[number] = null;
    this.#freeArrivals.push(number);
    const { batch, sessions, sides } = arrival;
    for (let i = 0; i < sessions.length; i++) {
      const session = sessions[i];
      if (!session.isUp) continue;
      if (session.path === null) session.backlog.push({ side: 1 - sides[i], batch });
      else this.#deliver(session, sides[i], batch);
    }
  }

  #deliver(session: Session, side: number, batch: UpdateBatch): void {
    const receiver = session.speakers[side];
    this.receivedMessages[receiver] += batch.messages;
    this.#note(receiver, batch.messages);
    this.speakers[receiver].receive(batch, session.numbers[side], this.#network.simulation.nowNs);
    this.wake(receiver);
  }

  /** Notices whether there is a path for a session. */
  #carrierMayHaveChanged(session: Session): void {
    const { simulation } = this.#network;
    const hadPath = session.path !== null;
    session.path = session.isHalted ? null : this.#pathOf(session);
    const hasPath = session.path !== null;
    if (hasPath === hadPath) return;
    session.era++;
    const { detectionNs, sessionLossNs, connectNs, retryNs = 0 } = this.#parameters.times;
    if (!hasPath) {
      if (session.isUp) this.#plan(session, SessionStep.fail, detectionNs + sessionLossNs);
      return;
    }
    if (session.isUp && session.isBroken) this.#fail(session);
    if (!session.isUp) {
      const isRetried = session.wasLost && ((session.number ^ (session.number >> 1)) & 1) === 1;
      this.#plan(session, SessionStep.establish, connectNs + (isRetried ? retryNs : 0));
      return;
    }
    // nobody noticed, and TCP goes on
    const { backlog } = session;
    session.backlog = [];
    for (const { side, batch } of backlog) {
      const number = this.#freeArrivals.pop() ?? this.#arrivals.length;
      this.#arrivals[number] = { batch, sessions: [session], sides: [1 - side] };
      simulation.scheduleAfter(RETRANSMIT_NS, EventKind.bgpArrival, number, 0);
    }
  }

  /** The ports from the first end to the second: those of the link, or with reflectors those of a shortest path. */
  #pathOf({ speakers, ports }: Session): readonly number[] | null {
    const network = this.#network;
    if (ports !== null && network.hasFlag(ports[0], PortFlag.linkUp)) return [ports[0]];
    if (ports !== null && !this.#parameters.isReflected) return null;
    const [from, to] = speakers.map((speaker) => this.#nodes[speaker]);
    const cameBy = new Map<number, number>([[from, -1]]);
    const queue = [from];
    for (const node of queue) {
      if (node === to) break;
      for (const port of network.nodePorts[node]) {
        if (!this.#carryingPorts.has(port) || !network.hasFlag(port, PortFlag.linkUp)) continue;
        const next = network.nodeOf(network.peerOf(port));
        if (cameBy.has(next)) continue;
        cameBy.set(next, port);
        queue.push(next);
      }
    }
    if (!cameBy.has(to)) return null;
    const path: number[] = [];
    for (let port = cameBy.get(to)!; port >= 0; port = cameBy.get(network.nodeOf(port))!) path.unshift(port);
    return path;
  }

  #plan(session: Session, step: number, delayNs: number): void {
    const b = (session.era << STEP_SHIFT) | step;
    this.#network.simulation.scheduleAfter(delayNs, EventKind.bgpSession, session.number, b);
  }

  #takeStep(number: number, step: number, era: number): void {
    const session = this.#sessions[number];
    if (session.era !== era) return;
    if (step === SessionStep.fail) {
      this.#fail(session);
    } else if (step === SessionStep.establish) {
      session.isUp = true;
      session.isBroken = false;
      this.#plan(session, SessionStep.announce, this.#parameters.times.announceNs);
    } else {
      session.hasTable = true;
      for (const side of [0, 1]) this.#sendTable(session, side);
    }
  }

  #fail(session: Session): void {
    session.isUp = false;
    session.wasLost = true;
    session.isBroken = false;
    session.hasTable = false;
    session.backlog = [];
    for (const side of [0, 1]) if (side !== session.frozenSide) this.#dropEnd(session, side);
  }

  /** One end of a session knows that it has ended. */
  #dropEnd({ speakers, numbers }: Session, side: number): void {
    const speaker = speakers[side];
    this.speakers[speaker].dropSession(numbers[side], this.#network.simulation.nowNs);
    if (this.#standIns.size > 0) this.#recall(speaker, speakers[1 - side]);
    this.wake(speaker);
  }

  /** A speaker that lost a neighbour turns to what others offer: stand-ins of either, or anybody if a stand-in was lost. */
  #recall(speaker: number, lost: number): void {
    const own = this.#standIns.get(speaker);
    const other = this.#standIns.get(lost);
    for (const { session, side } of this.#sessionsOf[speaker]) {
      const peer = session.speakers[1 - side];
      if (!session.isUp || !session.hasTable || (lost !== own && peer !== own && peer !== other)) continue;
      const table = this.speakers[peer].wholeTable();
      if (table !== null) this.speakers[speaker].receive(table, session.numbers[side], this.#network.simulation.nowNs);
    }
  }

  #sendTable(session: Session, side: number): void {
    const speaker = this.speakers[session.speakers[side]];
    const table = speaker.wholeTable();
    const none = new Int32Array(0);
    const batch = table ?? {
      from: speaker,
      routes: none,
      fromAboveIndex: 0,
      withdrawn: none,
      withdrawnFromAboveIndex: 0,
      announcedCount: 0,
      withdrawnCount: 0,
      announcedMax: 0,
      messages: 0,
      bytes: 0,
    };
    const ends = END_OF_RIB_BYTES;
    const messages = batch.messages + 2;
    const bytes = batch.bytes + ends.ipv4 + ends.evpn;
    this.#send({ ...batch, messages, bytes }, [{ session, side }]);
  }

  /** Adds to what a speaker sent and received within this second. */
  #note(speaker: number, messages: number): void {
    const second = Math.floor(this.#network.simulation.nowNs / NS_PER_SECOND);
    if (this.#second[speaker] !== second) {
      this.#second[speaker] = second;
      this.#inSecond[speaker] = 0;
    }
    this.#inSecond[speaker] += messages;
    if (this.#inSecond[speaker] > this.peakPerSecond[speaker]) this.peakPerSecond[speaker] = this.#inSecond[speaker];
  }
}
