import { CARRIED_COUNT } from './observer.ts';

/** Copies that a group remembers before all of its ports are settled. */
const LOG_ENTRIES = 16;

// doubles of a group: when a port that sends nothing else has an empty queue; then for each copy in the log the time, how
// long it keeps a port busy, and when that port's queue was empty before it; then frames and bytes by Carried
const FREE_NS = 0;
const LOG = 1;
const LOG_DOUBLES = 3;
const TIME_NS = 0;
const DURATION_NS = 1;
const FREE_BEFORE_NS = 2;
const CARRIED = LOG + LOG_ENTRIES * LOG_DOUBLES;
const DOUBLES = CARRIED + 2 * CARRIED_COUNT;

// words of a group: copies in the log, then each of them as GroupCopy says it
const LENGTH = 0;
const WORDS = 1 + LOG_ENTRIES * 5;

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
  #words = new Int32Array(WORDS * 4);
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
      const doubles = new Float64Array(this.#doubles.length * 2);
      doubles.set(this.#doubles);
      this.#doubles = doubles;
      const words = new Int32Array(this.#words.length * 2);
      words.set(this.#words);
      this.#words = words;
    }
    this.#doubles.fill(0, group * DOUBLES, (group + 1) * DOUBLES);
    this.#words[group * WORDS + LENGTH] = 0;
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
    const w = group * WORDS;
    const d = group * DOUBLES;
    if (this.#words[w + LENGTH] === LOG_ENTRIES) this.#settleAll(group);
    for (let i = 0; i < apartCount; i++) this.settle(apart[i]);
    const doubles = this.#doubles;
    const words = this.#words;
    const entry = words[w + LENGTH]++;
    const log = d + LOG + entry * LOG_DOUBLES;
    const freeNs = doubles[d + FREE_NS];
    doubles[log + TIME_NS] = nowNs;
    doubles[log + DURATION_NS] = durationNs;
    doubles[log + FREE_BEFORE_NS] = freeNs;
    doubles[d + FREE_NS] = (freeNs > nowNs ? freeNs : nowNs) + durationNs;
    const kept = w + 1 + entry * 5;
    words[kept] = copy.carried;
    words[kept + 1] = copy.count;
    words[kept + 2] = copy.sizeBytes;
    words[kept + 3] = copy.segment;
    words[kept + 4] = copy.stationOutcome;
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
    const length = this.#words[group * WORDS + LENGTH];
    let entry = this.#followed[port];
    if (entry === length) return;
    this.#followed[port] = length;
    const doubles = this.#doubles;
    const d = group * DOUBLES;
    const backlogNsMax = this.#network.backlogNsMax(port);
    let freeNs = this.#network.txFreeNs(port);
    for (; entry < length; entry++) {
      const log = d + LOG + entry * LOG_DOUBLES;
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
    const kept = group * WORDS + 1 + entry * 5;
    const [carried, count, sizeBytes, segment, stationOutcome] = this.#words.subarray(kept, kept + 5);
    this.#network.addCarried(port, carried, -count, -count * sizeBytes);
    const timeNs = this.#doubles[group * DOUBLES + LOG + entry * LOG_DOUBLES + TIME_NS];
    this.onDrop?.(port, { carried, count, sizeBytes, segment, stationOutcome }, timeNs);
  }

  #settleAll(group: number): void {
    for (const port of this.portsOf(group)) {
      this.settle(port);
      this.#followed[port] = 0;
    }
    this.#words[group * WORDS + LENGTH] = 0;
  }

  #growPorts(port: number): void {
    const length = Math.max(port + 1, this.#groupOfPort.length * 2);
    const groups = new Int32Array(length).fill(-1);
    groups.set(this.#groupOfPort);
    this.#groupOfPort = groups;
    const followed = new Int32Array(length);
    followed.set(this.#followed);
    this.#followed = followed;
  }
}
