import { grownCopy, roomierLength } from '../grown-copy.ts';
import { HashSlots, hashOfTwo } from '../wire/hash-slots.ts';
import { exactExpiryNs, linuxWheelExpiryNs, type TimerExpiry } from './timer-expiry.ts';

/** States of a neighbour. RFC 4861, 7.3.2, as net/core/neighbour.c applies them to ARP. */
export const NeighbourState = {
  none: 0,
  incomplete: 1,
  reachable: 2,
  stale: 3,
  delay: 4,
  probe: 5,
  failed: 6,
} as const;

/** What one implementation of ARP does when; all times in milliseconds. */
export interface ArpProfile {
  /** How long a confirmed entry counts as reachable. */
  baseReachableTimeMs: number;
  /** Whether each interface draws its own time, between half of this and one and a half. RFC 4861, 6.3.2. */
  isReachableTimeRandom: boolean;
  retransTimeMs: number;
  /** Probes sent to the known address before an entry fails. */
  unicastProbes: number;
  /** Requests broadcast for an unknown address before it fails. */
  broadcastProbes: number;
  delayFirstProbeTimeMs: number;
  /** How long an entry keeps its address against another one. */
  lockTimeMs: number;
  /** Bytes of packets that wait for one address. */
  queueBytesMax: number;
  /** When timers really go off. */
  timerExpiryNs: TimerExpiry;
}

/** Defaults of Linux. net/ipv4/arp.c (arp_tbl.parms); queue: SK_WMEM_DEFAULT. */
export const LINUX_ARP: ArpProfile = {
  baseReachableTimeMs: 30_000,
  isReachableTimeRandom: true,
  retransTimeMs: 1_000,
  unicastProbes: 3,
  broadcastProbes: 3,
  delayFirstProbeTimeMs: 5_000,
  lockTimeMs: 1_000,
  queueBytesMax: 212_992,
  timerExpiryNs: exactExpiryNs,
};

/** The same on a real kernel, whose timers are late. */
export const LINUX_ARP_ON_TIMER_WHEEL: ArpProfile = { ...LINUX_ARP, timerExpiryNs: linuxWheelExpiryNs };

/**
 * A host that trusts an answer as long as Cisco IOS and Arista EOS do, 4 hours; otherwise as Linux.
 * ipspace.net, "Silent hosts in EVPN fabrics" (2023).
 */
export const IOS_EOS_ARP: ArpProfile = {
  ...LINUX_ARP,
  baseReachableTimeMs: 14_400_000,
  isReachableTimeRandom: false,
};

/** A host that trusts an answer as long as Cisco NX-OS does, 1500 s; otherwise as Linux. Same source. */
export const NX_OS_ARP: ArpProfile = { ...LINUX_ARP, baseReachableTimeMs: 1_500_000, isReachableTimeRandom: false };

/** What a neighbour cache asks of the device it is in. */
export interface NeighbourEffects {
  /** Send an ARP request, to `address` or (if -1) to everybody; `waiting` is the oldest waiting packet, or -1. */
  solicit(ipInterface: number, ip: number, address: number, waiting: number): void;
  /** Send a packet that waited: its neighbour's address is known now. */
  transmit(ipInterface: number, address: number, packet: number): void;
  /** The neighbour does not answer: the packet is undeliverable. */
  unreachable(ipInterface: number, packet: number): void;
  /** The queue overflowed: this packet is dropped. */
  overflow(ipInterface: number, packet: number): void;
  /** Call `expire(entry)` at `dueMs`. */
  arm(entry: number, dueMs: number): void;
}

// words of an entry
const WORDS = 12;
const INTERFACE = 0;
const IP = 1;
const STATE = 2;
const ADDRESS = 3;
const PROBES = 4;
const UPDATED_MS = 5;
const CONFIRMED_MS = 6;
const USED_MS = 7;
const DUE_MS = 8;
/** The next entry of the same interface, or of those that are free; NONE for the last. */
const NEXT = 9;
/** The next and the previous entry for the same IP address, on any interface; NONE at the ends. */
const NEXT_HOLDER = 10;
const PREVIOUS_HOLDER = 11;

const NONE = -1;

/** Times are kept as signed 32-bit integers. */
const TIME_MS_MAX = 2 ** 31 - 1;

const NOT_DUE = -1;
const NO_ADDRESS = -1;

/**
 * Neighbour caches of all IP interfaces: who has which address, and how sure that is.
 *
 * ARP (RFC 826) with the unreachability detection of Linux (net/core/neighbour.c): an unknown address is asked for by
 * broadcast, once a second, three times; a known one is revalidated by unicast when it is used after its reachable time,
 * so that a talking pair of hosts broadcasts once and not every half minute.
 */
export class NeighbourCache {
  /** Grows with every entry that comes or goes. */
  version = 0;

  #words = new Int32Array(WORDS * 64);
  // entries that were ever in use, and the first that is free again
  #count = 0;
  #free = NONE;
  // entries by interface and address
  readonly #slots = new HashSlots((entry) => {
    return hashOfTwo(this.#words[entry * WORDS + INTERFACE], this.#words[entry * WORDS + IP]);
  });
  // indexed by interface: its first entry
  #firsts = new Int32Array(64).fill(NONE);
  // by IP address: the first of the entries for it
  readonly #firstHolders = new HashSlots((entry) => hashOfTwo(0, this.#words[entry * WORDS + IP]));
  // packets that wait for an entry's address: packet ids and their bytes
  readonly #waiting = new Map<number, { packets: number[]; sizes: number[]; bytes: number }>();
  // indexed by interface; NONE for what the profile says
  #reachableTimesMs = new Int32Array(64).fill(NONE);
  readonly #profile: ArpProfile;
  readonly #effects: NeighbourEffects;

  constructor(profile: ArpProfile, effects: NeighbourEffects) {
    this.#profile = profile;
    this.#effects = effects;
  }

  /** Sets how long this interface's entries stay reachable: its own draw, from 0 to 1. RFC 4861, 6.3.2. */
  setReachableTime(ipInterface: number, draw: number): void {
    const { baseReachableTimeMs, isReachableTimeRandom } = this.#profile;
    const factor = isReachableTimeRandom ? 0.5 + draw : 1;
    this.setFixedReachableTime(ipInterface, Math.floor(baseReachableTimeMs * factor));
  }

  /** Sets how long this interface's entries stay reachable, whatever the profile says: up to 24 days. */
  setFixedReachableTime(ipInterface: number, timeMs: number): void {
    if (ipInterface >= this.#reachableTimesMs.length) {
      this.#reachableTimesMs = longer(this.#reachableTimesMs, ipInterface + 1);
    }
    this.#reachableTimesMs[ipInterface] = Math.min(timeMs, TIME_MS_MAX);
  }

  /** Makes room for interfaces with numbers below `count` at once. */
  reserveInterfaces(count: number): void {
    if (count > this.#firsts.length) this.#firsts = longer(this.#firsts, count);
    if (count > this.#reachableTimesMs.length) this.#reachableTimesMs = longer(this.#reachableTimesMs, count);
  }

  get size(): number {
    return this.#slots.size;
  }

  /** The entry for an address on an interface, or -1. */
  find(ipInterface: number, ip: number): number {
    return this.#slots.at(this.#slotOf(ipInterface, ip));
  }

  /** Calls back for each interface that has an entry for an IP address. */
  forEachHolder(ip: number, visit: (ipInterface: number) => void): void {
    let entry = this.#firstHolders.at(this.#holderSlotOf(ip));
    for (; entry !== NONE; entry = this.#words[entry * WORDS + NEXT_HOLDER])
      visit(this.#words[entry * WORDS + INTERFACE]);
  }

  stateOf(entry: number): number {
    return this.#words[entry * WORDS + STATE];
  }

  /** The address id in an entry, or -1. */
  addressOf(entry: number): number {
    return this.#words[entry * WORDS + ADDRESS];
  }

  /**
   * A packet for `ip` leaves through `ipInterface`: returns the address to send it to, or -1 if it waits for one (the
   * cache keeps it then, and later calls `transmit` or `unreachable`).
   */
  resolve(ipInterface: number, ip: number, packet: number, sizeBytes: number, nowMs: number): number {
    const entry = this.#entryFor(ipInterface, ip);
    const words = this.#words;
    const o = entry * WORDS;
    words[o + USED_MS] = nowMs;
    switch (words[o + STATE]) {
      case NeighbourState.reachable:
      case NeighbourState.delay:
      case NeighbourState.probe:
        return words[o + ADDRESS];
      case NeighbourState.stale:
        this.#enter(entry, NeighbourState.delay, nowMs);
        this.#arm(entry, nowMs + this.#profile.delayFirstProbeTimeMs);
        return words[o + ADDRESS];
      case NeighbourState.incomplete:
        this.#queue(entry, packet, sizeBytes);
        return NO_ADDRESS;
      default:
        this.#enter(entry, NeighbourState.incomplete, nowMs);
        words[o + PROBES] = 0;
        this.#queue(entry, packet, sizeBytes);
        this.#arm(entry, nowMs + this.#profile.retransTimeMs);
        this.#solicit(entry);
        return NO_ADDRESS;
    }
  }

  /**
   * An ARP packet says that `ip` is at `address`. Linux's arp_process and neigh_update: a reply to us confirms; a request
   * or a gratuitous packet only refreshes what is known, and makes an entry if `mayCreate`.
   */
  learn(
    ipInterface: number,
    ip: number,
    address: number,
    nowMs: number,
    { isReplyToUs, mayCreate, isGratuitous }: { isReplyToUs: boolean; mayCreate: boolean; isGratuitous: boolean },
  ): void {
    let entry = this.find(ipInterface, ip);
    if (entry < 0) {
      if (!mayCreate) return;
      entry = this.#entryFor(ipInterface, ip);
    }
    const words = this.#words;
    const o = entry * WORDS;
    const old = words[o + STATE];
    let state: number = isReplyToUs ? NeighbourState.reachable : NeighbourState.stale;
    const isSameAddress = words[o + ADDRESS] === address;
    if (isValid(old)) {
      const mayOverride = isGratuitous || mayCreate || nowMs - words[o + UPDATED_MS] > this.#profile.lockTimeMs;
      if (!isSameAddress && !mayOverride) return;
      if (isSameAddress && state === NeighbourState.stale) state = old;
    }
    if (state === NeighbourState.reachable) words[o + CONFIRMED_MS] = nowMs;
    // a new address that nobody has confirmed counts as confirmed long ago
    else if (!isSameAddress) words[o + CONFIRMED_MS] = nowMs - 2 * this.#profile.baseReachableTimeMs;
    words[o + ADDRESS] = address;
    if (state !== old || !isSameAddress) words[o + UPDATED_MS] = nowMs;
    if (state !== old) {
      this.#enter(entry, state, nowMs);
      if (state === NeighbourState.reachable) this.#arm(entry, nowMs + this.#reachableTimeOf(ipInterface));
      else words[o + DUE_MS] = NOT_DUE;
    }
    if (!isValid(old)) this.#release(entry);
  }

  /** Something above IP shows that the neighbour answers, as TCP does by its acknowledgements. RFC 4861, 7.3.1. */
  confirm(ipInterface: number, ip: number, nowMs: number): void {
    const entry = this.find(ipInterface, ip);
    if (entry >= 0) this.#words[entry * WORDS + CONFIRMED_MS] = nowMs;
  }

  /** The time that was asked for with `arm` has come. neigh_timer_handler. */
  expire(entry: number, nowMs: number): void {
    const words = this.#words;
    const o = entry * WORDS;
    if (words[o + DUE_MS] === NOT_DUE || words[o + DUE_MS] > nowMs) return;
    words[o + DUE_MS] = NOT_DUE;
    const profile = this.#profile;
    switch (words[o + STATE]) {
      case NeighbourState.reachable: {
        const reachableUntilMs = words[o + CONFIRMED_MS] + this.#reachableTimeOf(words[o + INTERFACE]);
        if (nowMs < reachableUntilMs) {
          this.#arm(entry, reachableUntilMs);
        } else if (nowMs <= words[o + USED_MS] + profile.delayFirstProbeTimeMs) {
          this.#enter(entry, NeighbourState.delay, nowMs);
          this.#arm(entry, nowMs + profile.delayFirstProbeTimeMs);
        } else {
          this.#enter(entry, NeighbourState.stale, nowMs);
        }
        return;
      }
      case NeighbourState.delay:
        if (nowMs <= words[o + CONFIRMED_MS] + profile.delayFirstProbeTimeMs) {
          this.#enter(entry, NeighbourState.reachable, nowMs);
          this.#arm(entry, words[o + CONFIRMED_MS] + this.#reachableTimeOf(words[o + INTERFACE]));
          return;
        }
        this.#enter(entry, NeighbourState.probe, nowMs);
        words[o + PROBES] = 0;
        break;
      case NeighbourState.probe:
      case NeighbourState.incomplete:
        break;
      default:
        return;
    }
    const isProbe = words[o + STATE] === NeighbourState.probe;
    if (words[o + PROBES] >= (isProbe ? profile.unicastProbes : profile.broadcastProbes)) {
      this.#fail(entry, nowMs);
      return;
    }
    this.#arm(entry, nowMs + profile.retransTimeMs);
    this.#solicit(entry);
  }

  /** Forgets everything learned on an interface: it was taken away. Packets that waited are undeliverable. */
  clear(ipInterface: number): void {
    if (ipInterface >= this.#firsts.length) return;
    for (let entry = this.#firsts[ipInterface]; entry !== NONE; ) {
      const next = this.#words[entry * WORDS + NEXT];
      for (const packet of this.#remove(entry)) this.#effects.overflow(ipInterface, packet);
      entry = next;
    }
    this.#firsts[ipInterface] = NONE;
  }

  /**
   * Forgets one neighbour, of which somebody else knows. Packets that waited for it go to `address`; if that is -1 they are
   * undeliverable.
   */
  forget(ipInterface: number, ip: number, address = NO_ADDRESS): void {
    const entry = this.find(ipInterface, ip);
    if (entry < 0) return;
    const words = this.#words;
    const next = words[entry * WORDS + NEXT];
    if (this.#firsts[ipInterface] === entry) {
      this.#firsts[ipInterface] = next;
    } else {
      let before = this.#firsts[ipInterface];
      while (words[before * WORDS + NEXT] !== entry) before = words[before * WORDS + NEXT];
      words[before * WORDS + NEXT] = next;
    }
    for (const packet of this.#remove(entry)) {
      if (address === NO_ADDRESS) this.#effects.unreachable(ipInterface, packet);
      else this.#effects.transmit(ipInterface, address, packet);
    }
  }

  /** Entries of an interface that have an address. */
  countKnown(ipInterface: number): number {
    let count = 0;
    for (let entry = this.#firsts[ipInterface] ?? NONE; entry !== NONE; entry = this.#words[entry * WORDS + NEXT]) {
      if (isValid(this.#words[entry * WORDS + STATE])) count++;
    }
    return count;
  }

  /** Frees an entry that its interface's list leads past, and returns the packets that waited. */
  #remove(entry: number): readonly number[] {
    const words = this.#words;
    const o = entry * WORDS;
    this.#slots.remove(this.#slotOf(words[o + INTERFACE], words[o + IP]));
    this.#removeHolder(entry);
    words[o + STATE] = NeighbourState.none;
    words[o + DUE_MS] = NOT_DUE;
    words[o + NEXT] = this.#free;
    this.#free = entry;
    return this.#takeWaiting(entry);
  }

  #reachableTimeOf(ipInterface: number): number {
    const timeMs = this.#reachableTimesMs[ipInterface] ?? NONE;
    return timeMs === NONE ? this.#profile.baseReachableTimeMs : timeMs;
  }

  #entryFor(ipInterface: number, ip: number): number {
    const slot = this.#slotOf(ipInterface, ip);
    const known = this.#slots.at(slot);
    if (known !== NONE) return known;
    const entry = this.#allocate();
    if (ipInterface >= this.#firsts.length) this.#firsts = longer(this.#firsts, ipInterface + 1);
    const next = this.#firsts[ipInterface];
    this.#firsts[ipInterface] = entry;
    const holderSlot = this.#holderSlotOf(ip);
    const holder = this.#firstHolders.at(holderSlot);
    const values = [ipInterface, ip | 0, NeighbourState.none, NO_ADDRESS, 0, 0, 0, 0, NOT_DUE, next, holder, NONE];
    this.#words.set(values, entry * WORDS);
    if (holder === NONE) {
      this.#firstHolders.add(holderSlot, entry);
    } else {
      this.#words[holder * WORDS + PREVIOUS_HOLDER] = entry;
      this.#firstHolders.replace(holderSlot, entry);
    }
    this.#slots.add(slot, entry);
    this.version++;
    return entry;
  }

  #allocate(): number {
    if (this.#free !== NONE) {
      const entry = this.#free;
      this.#free = this.#words[entry * WORDS + NEXT];
      return entry;
    }
    const entry = this.#count++;
    if ((entry + 1) * WORDS > this.#words.length) {
      this.#words = grownCopy(this.#words, roomierLength(entry, entry + 1) * WORDS);
    }
    return entry;
  }

  /** Where an interface's entry for an address is, or would be. */
  #slotOf(ipInterface: number, ip: number): number {
    const slots = this.#slots;
    const words = this.#words;
    for (let slot = slots.first(hashOfTwo(ipInterface, ip)); ; slot = slots.next(slot)) {
      const entry = slots.at(slot);
      if (entry === NONE) return slot;
      if (words[entry * WORDS + IP] === (ip | 0) && words[entry * WORDS + INTERFACE] === ipInterface) return slot;
    }
  }

  /** Where the first entry for an IP address is, or would be. */
  #holderSlotOf(ip: number): number {
    const slots = this.#firstHolders;
    for (let slot = slots.first(hashOfTwo(0, ip)); ; slot = slots.next(slot)) {
      const entry = slots.at(slot);
      if (entry === NONE || this.#words[entry * WORDS + IP] === (ip | 0)) return slot;
    }
  }

  #removeHolder(entry: number): void {
    this.version++;
    const words = this.#words;
    const next = words[entry * WORDS + NEXT_HOLDER];
    const previous = words[entry * WORDS + PREVIOUS_HOLDER];
    if (next !== NONE) words[next * WORDS + PREVIOUS_HOLDER] = previous;
    if (previous !== NONE) words[previous * WORDS + NEXT_HOLDER] = next;
    else if (next !== NONE) this.#firstHolders.replace(this.#holderSlotOf(words[entry * WORDS + IP]), next);
    else this.#firstHolders.remove(this.#holderSlotOf(words[entry * WORDS + IP]));
  }

  #enter(entry: number, state: number, nowMs: number): void {
    this.#words[entry * WORDS + STATE] = state;
    this.#words[entry * WORDS + UPDATED_MS] = nowMs;
  }

  #arm(entry: number, dueMs: number): void {
    this.#words[entry * WORDS + DUE_MS] = dueMs;
    this.#effects.arm(entry, dueMs);
  }

  #solicit(entry: number): void {
    const o = entry * WORDS;
    this.#words[o + PROBES]++;
    const isProbe = this.#words[o + STATE] === NeighbourState.probe;
    this.#effects.solicit(
      this.#words[o + INTERFACE],
      this.#words[o + IP] >>> 0,
      isProbe ? this.#words[o + ADDRESS] : NO_ADDRESS,
      this.#waiting.get(entry)?.packets[0] ?? -1,
    );
  }

  #fail(entry: number, nowMs: number): void {
    this.#enter(entry, NeighbourState.failed, nowMs);
    const ipInterface = this.#words[entry * WORDS + INTERFACE];
    for (const packet of this.#takeWaiting(entry)) this.#effects.unreachable(ipInterface, packet);
  }

  /** Sends what waited for an address that is known now. */
  #release(entry: number): void {
    const o = entry * WORDS;
    const ipInterface = this.#words[o + INTERFACE];
    const address = this.#words[o + ADDRESS];
    for (const packet of this.#takeWaiting(entry)) this.#effects.transmit(ipInterface, address, packet);
  }

  #queue(entry: number, packet: number, sizeBytes: number): void {
    let waiting = this.#waiting.get(entry);
    if (waiting === undefined) {
      waiting = { packets: [], sizes: [], bytes: 0 };
      this.#waiting.set(entry, waiting);
    }
    while (waiting.packets.length > 0 && waiting.bytes + sizeBytes > this.#profile.queueBytesMax) {
      waiting.bytes -= waiting.sizes.shift() ?? 0;
      this.#effects.overflow(this.#words[entry * WORDS + INTERFACE], waiting.packets.shift() ?? -1);
    }
    waiting.packets.push(packet);
    waiting.sizes.push(sizeBytes);
    waiting.bytes += sizeBytes;
  }

  #takeWaiting(entry: number): readonly number[] {
    const waiting = this.#waiting.get(entry);
    if (waiting === undefined) return [];
    this.#waiting.delete(entry);
    return waiting.packets;
  }
}

function isValid(state: number): boolean {
  return state >= NeighbourState.reachable && state <= NeighbourState.probe;
}

/** At least of this length; NONE where it is new. */
function longer(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  return grownCopy(array, roomierLength(array.length, length), NONE);
}
