import { grownCopy } from '../grown-copy.ts';
import { WIRE_EXTRA_BYTES } from '../wire/ethernet.ts';
import { CARRIED_COUNT } from './observer.ts';

// doubles of a group: when a port that sends nothing else has an empty queue, of how many bytes a port sends each and how
// long a queue it can hold, how many ports are on their own; then frames and bytes by Carried
const FREE_NS = 0;
const NS_PER_BYTE = 1;
const BACKLOG_NS_MAX = 2;
const OWN_COUNT = 3;
const CARRIED = 4;
const DOUBLES = 4 * Math.ceil((CARRIED + 2 * CARRIED_COUNT) / 4);

// states of a port of a group: exactly like one that sends nothing but the group's copies; on its own; on its own, and
// without the copy that is being sent
const ALIKE = 0;
const OWN = 1;
const APART = 2;

/** What a group asks of the network that its ports are of. */
export interface GroupedPorts {
  txFreeNs(port: number): number;
  setTxFreeNs(port: number, timeNs: number): void;
  nsPerByteOf(port: number): number;
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
 * Ports that send copies of floods together, so that a copy to forty servers changes one record. The ports of a group are
 * of one switch, carry the same segments, and have equal wires.
 *
 * A port that sends nothing but the group's copies is like all others of which that is true. One that sends something else
 * is on its own: what a copy does to it - keep it busy, or be dropped at a full queue - is worked out for itself, until it
 * is idle at the same time as those others and is, from then on, exactly like them.
 */
export class PortGroups {
  /** Hears that a port dropped a copy of the group, because its queue was full. */
  onDrop: ((port: number, copy: Readonly<GroupCopy>) => void) | null = null;
  readonly #network: GroupedPorts;
  // indexed by group; null where the number is free
  readonly #ports: (readonly number[] | null)[] = [];
  // indexed by group: the ports that are on their own, as many as the group's record says
  readonly #own: number[][] = [];
  #doubles = new Float64Array(DOUBLES * 4);
  // indexed by port: its group, or -1; and its state in it
  #groupOfPort = new Int32Array(64).fill(-1);
  #states = new Uint8Array(64);

  constructor(network: GroupedPorts) {
    this.#network = network;
  }

  /** Makes a group of ports; none may be in a group. */
  form(ports: readonly number[]): number {
    let group = this.#ports.indexOf(null);
    if (group < 0) group = this.#ports.push(null) - 1;
    this.#ports[group] = ports;
    this.#own[group] = [...ports];
    if ((group + 1) * DOUBLES > this.#doubles.length) {
      this.#doubles = grownCopy(this.#doubles, this.#doubles.length * 2);
    }
    const d = group * DOUBLES;
    this.#doubles.fill(0, d, d + DOUBLES);
    this.#doubles[d + NS_PER_BYTE] = this.#network.nsPerByteOf(ports[0]);
    this.#doubles[d + BACKLOG_NS_MAX] = this.#network.backlogNsMax(ports[0]);
    this.#doubles[d + OWN_COUNT] = ports.length;
    for (const port of ports) {
      if (port >= this.#groupOfPort.length) this.#growPorts(port);
      this.#groupOfPort[port] = group;
      this.#states[port] = OWN;
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

  /** Whether a queue might be so long that a copy has to be sent by each port alone. */
  mightOverflow(group: number, nowNs: number): boolean {
    const d = group * DOUBLES;
    return this.#doubles[d + FREE_NS] - nowNs > this.#doubles[d + BACKLOG_NS_MAX] / 2;
  }

  /** Sends a copy out of all ports of a group but the first `apartCount` of `apart`. */
  send(group: number, copy: Readonly<GroupCopy>, nowNs: number, apart: readonly number[], apartCount: number): void {
    const d = group * DOUBLES;
    const doubles = this.#doubles;
    const { carried, count } = copy;
    const bytes = count * copy.sizeBytes;
    for (let i = 0; i < apartCount; i++) {
      this.settle(apart[i]);
      this.#states[apart[i]] = APART;
      this.#network.addCarried(apart[i], carried, -count, -bytes);
    }
    const durationNs = Math.ceil((copy.sizeBytes + WIRE_EXTRA_BYTES) * doubles[d + NS_PER_BYTE] * count);
    if (doubles[d + OWN_COUNT] !== 0) this.#sendOnTheirOwn(group, copy, nowNs, durationNs);
    const freeNs = doubles[d + FREE_NS];
    doubles[d + FREE_NS] = (freeNs > nowNs ? freeNs : nowNs) + durationNs;
    doubles[d + CARRIED + carried * 2] += count;
    doubles[d + CARRIED + carried * 2 + 1] += bytes;
  }

  /** Sends a copy out of each port that is on its own and not apart; those that are idle as the others are join them. */
  #sendOnTheirOwn(group: number, copy: Readonly<GroupCopy>, nowNs: number, durationNs: number): void {
    const d = group * DOUBLES;
    const network = this.#network;
    const own = this.#own[group];
    const ownCount = this.#doubles[d + OWN_COUNT];
    const areIdle = this.#doubles[d + FREE_NS] <= nowNs;
    let left = 0;
    for (let i = 0; i < ownCount; i++) {
      const port = own[i];
      const freeNs = network.txFreeNs(port);
      if (this.#states[port] === APART) {
        this.#states[port] = OWN;
      } else if (areIdle && freeNs <= nowNs) {
        this.#states[port] = ALIKE;
        continue;
      } else if (freeNs - nowNs > this.#doubles[d + BACKLOG_NS_MAX]) {
        network.addCarried(port, copy.carried, -copy.count, -copy.count * copy.sizeBytes);
        this.onDrop?.(port, copy);
      } else {
        network.setTxFreeNs(port, (freeNs > nowNs ? freeNs : nowNs) + durationNs);
      }
      own[left++] = port;
    }
    this.#doubles[d + OWN_COUNT] = left;
  }

  /** Says that a port of a group is about to send something of its own. */
  settle(port: number): void {
    if (this.#states[port] !== ALIKE) return;
    const group = this.#groupOfPort[port];
    const d = group * DOUBLES;
    this.#states[port] = OWN;
    this.#own[group][this.#doubles[d + OWN_COUNT]++] = port;
    this.#network.setTxFreeNs(port, this.#doubles[d + FREE_NS]);
  }

  #growPorts(port: number): void {
    const length = Math.max(port + 1, this.#groupOfPort.length * 2);
    this.#groupOfPort = grownCopy(this.#groupOfPort, length, -1);
    this.#states = grownCopy(this.#states, length);
  }
}
