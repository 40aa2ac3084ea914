import { grownCopy } from '../grown-copy.ts';
import { CARRIED_COUNT } from './observer.ts';

/** Copies that a group remembers before all of its ports are settled. */
const LOG_ENTRIES = 16;

// doubles of a group: when a port that sends nothing else has an empty queue, and how many copies are in the log; then
// frames and bytes by Carried; then the log, a cache line for each copy
const FREE_NS = 0;
const LENGTH = 1;
const CARRIED = 2;
const LOG = 8 * Math.ceil((CARRIED + 2 * CARRIED_COUNT) / 8);
const DOUBLES = LOG + LOG_ENTRIES * 8;

// doubles of a copy in the log: the time, how long it keeps a port busy, when the queue of a port that sends nothing else
// was empty before it, and the copy itself
const TIME_NS = 0;
const DURATION_NS = 1;
const FREE_BEFORE_NS = 2;
const COPY = 3;

/** What a group asks of the network that its ports are of. */
export interface GroupedPorts {
  txFreeNs(port: number): number;
  setTxFreeNs(port: number, timeNs: number): void;
  /** How long a queue the port can hold. */
  backlogNsMax(port: number): number;
  addCarried(port: number, carried: number, frames: number, bytes: number): void;
}

/** A copy that the ports of a group sent together. */
export interface GroupCopy {
  /** A Carried. */
  carried: number;
  /** Length of the train. */
  count: number;
  /** On the wire, with a tag if there is one; of each frame. */
  sizeBytes: number;
  segment: number;
  /** How it ends at stations of the segment that drop it: an Outcome; -1 if it is for one station. */
  stationOutcome: number;
}

/**
 * Ports that send copies of floods together, so that a copy to forty servers is one entry in a log. The ports of a group
 * are of one switch, carry the same segments, and have equal wires.
 *
 * What a copy does to a port - keep it busy, or be dropped at a full queue - is worked out when the port sends something
 * of its own or is asked, with the result that a send at the time would have had. Most often a glance is enough: a port
 * that was idle at the same time as one that sends nothing but the group's copies is, from then on, exactly like it.
 */
export class PortGroups {
  /** Hears that a port dropped a copy of the group, because its queue was full, and at what time. */
  onDrop: ((port: number, copy: GroupCopy, timeNs: number) => void) | null = null;
  readonly #network: GroupedPorts;
  // indexed by group; null where the number is free
  readonly #ports: (readonly number[] | null)[] = [];
  #doubles = new Float64Array(DOUBLES * 4);
  // indexed by port: its group, or -1; and how much of the group's log it has followed
  #groupOfPort = new Int32Array(64).fill(-1);
  #followed = new Int32Array(64);

  constructor(network: GroupedPorts) {
    this.#network = network;
  }

  /** Makes a group of ports; none may be in a group. */
  form(ports: readonly number[]): number {
    let group = this.#ports.indexOf(null);
    if (group < 0) group = this.#ports.push(null) - 1;
    this.#ports[group] = ports;
    if ((group + 1) * DOUBLES > this.#doubles.length) {
      this.#doubles = grownCopy(this.#doubles, this.#doubles.length * 2);
    }
    this.#doubles.fill(0, group * DOUBLES, (group + 1) * DOUBLES);
    for (const port of ports) {
      if (port >= this.#groupOfPort.length) this.#growPorts(port);
      this.#groupOfPort[port] = group;
      this.#followed[port] = 0;
    }
    return group;
  }

  /** Takes a group apart: its ports have from now on what they sent with it as if each had sent it alone. */
  dissolve(group: number): void {
    for (const port of this.portsOf(group)) {
      this.settle(port);
      for (let carried = 0; carried < CARRIED_COUNT; carried++) {
        const frames = this.carriedFrames(port, carried);
        if (frames !== 0) this.#network.addCarried(port, carried, frames, this.carriedBytes(port, carried));
      }
      this.#groupOfPort[port] = -1;
    }
    this.#ports[group] = null;
  }

  portsOf(group: number): readonly number[] {
    return this.#ports[group] ?? [];
  }

  /** Whether a port is in this group. */
  has(group: number, port: number): boolean {
    return port < this.#groupOfPort.length && this.#groupOfPort[port] === group;
  }

  /** Frames that each port of a port's group sent with it. */
  carriedFrames(port: number, carried: number): number {
    return this.#doubles[this.#groupOfPort[port] * DOUBLES + CARRIED + carried * 2];
  }

  /** The bytes of these. */
  carriedBytes(port: number, carried: number): number {
    return this.#doubles[this.#groupOfPort[port] * DOUBLES + CARRIED + carried * 2 + 1];
  }

  /** How long a copy would wait now at a port that sends nothing but the group's copies. */
  backlogNs(group: number, nowNs: number): number {
    return this.#doubles[group * DOUBLES + FREE_NS] - nowNs;
  }

  /**
   * Sends a copy out of all ports of a group but the first `apartCount` of `apart`, which then have followed the log all the same. The copy
   * keeps a port busy for `durationNs`.
   */
  send(
    group: number,
    copy: Readonly<GroupCopy>,
    nowNs: number,
    durationNs: number,
    apart: readonly number[],
    apartCount: number,
  ): void {
    const d = group * DOUBLES;
    if (this.#doubles[d + LENGTH] === LOG_ENTRIES) this.#settleAll(group);
    for (let i = 0; i < apartCount; i++) this.settle(apart[i]);
    const doubles = this.#doubles;
    const entry = doubles[d + LENGTH];
    doubles[d + LENGTH] = entry + 1;
    const log = d + LOG + entry * 8;
    const freeNs = doubles[d + FREE_NS];
    doubles[log + TIME_NS] = nowNs;
    doubles[log + DURATION_NS] = durationNs;
    doubles[log + FREE_BEFORE_NS] = freeNs;
    doubles[log + COPY] = copy.carried;
    doubles[log + COPY + 1] = copy.count;
    doubles[log + COPY + 2] = copy.sizeBytes;
    doubles[log + COPY + 3] = copy.segment;
    doubles[log + COPY + 4] = copy.stationOutcome;
    doubles[d + FREE_NS] = (freeNs > nowNs ? freeNs : nowNs) + durationNs;
    const bytes = copy.count * copy.sizeBytes;
    doubles[d + CARRIED + copy.carried * 2] += copy.count;
    doubles[d + CARRIED + copy.carried * 2 + 1] += bytes;
    for (let i = 0; i < apartCount; i++) {
      this.#followed[apart[i]] = entry + 1;
      this.#network.addCarried(apart[i], copy.carried, -copy.count, -bytes);
    }
  }

  /** Lets every port catch up with its group, so that all counters are those of the present. */
  settleAll(): void {
    for (let group = 0; group < this.#ports.length; group++) if (this.#ports[group] !== null) this.#settleAll(group);
  }

  /** Lets a port catch up with its group: sets until when it is busy, and drops what found its queue full. */
  settle(port: number): void {
    const group = this.#groupOfPort[port];
    const length = this.#doubles[group * DOUBLES + LENGTH];
    let entry = this.#followed[port];
    if (entry === length) return;
    this.#followed[port] = length;
    const doubles = this.#doubles;
    const d = group * DOUBLES;
    const backlogNsMax = this.#network.backlogNsMax(port);
    let freeNs = this.#network.txFreeNs(port);
    for (; entry < length; entry++) {
      const log = d + LOG + entry * 8;
      const timeNs = doubles[log + TIME_NS];
      if (freeNs <= timeNs && doubles[log + FREE_BEFORE_NS] <= timeNs) {
        freeNs = doubles[d + FREE_NS];
        break;
      }
      if (freeNs - timeNs > backlogNsMax) this.#drop(port, group, entry);
      else freeNs = Math.max(freeNs, timeNs) + doubles[log + DURATION_NS];
    }
    this.#network.setTxFreeNs(port, freeNs);
  }

  #drop(port: number, group: number, entry: number): void {
    const log = group * DOUBLES + LOG + entry * 8;
    const [carried, count, sizeBytes, segment, stationOutcome] = this.#doubles.subarray(log + COPY, log + COPY + 5);
    this.#network.addCarried(port, carried, -count, -count * sizeBytes);
    this.onDrop?.(port, { carried, count, sizeBytes, segment, stationOutcome }, this.#doubles[log + TIME_NS]);
  }

  #settleAll(group: number): void {
    for (const port of this.portsOf(group)) {
      this.settle(port);
      this.#followed[port] = 0;
    }
    this.#doubles[group * DOUBLES + LENGTH] = 0;
  }

  #growPorts(port: number): void {
    const length = Math.max(port + 1, this.#groupOfPort.length * 2);
    this.#groupOfPort = grownCopy(this.#groupOfPort, length, -1);
    this.#followed = grownCopy(this.#followed, length);
  }
}
