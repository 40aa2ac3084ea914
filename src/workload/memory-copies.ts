import type { Simulation } from '../engine/simulation.ts';
import { WorkloadEvent } from './event-kinds.ts';
import { MaxMinSharing } from './max-min-sharing.ts';
import { PreCopy, type PreCopyParameters } from './pre-copy.ts';

/** The links that copies take: each is a port, for the direction in which that port sends. */
export interface CopyNetwork {
  /** Where a copy's packets go, from one server to another; null if no way leads there now. Servers are indices. */
  pathBetweenServers(fromServer: number, toServer: number, flowHash: number): Int32Array | null;
  rateBitsPerSecOf(port: number): number;
}

/** What copies depend on. */
export interface MemoryCopiesParameters {
  simulation: Simulation;
  /** null: copies have a network of their own, which is never full. */
  network: CopyNetwork | null;
  /** Most that one copy takes. */
  bandwidthBitsPerSec: number;
  /** 0…1: the part of a link's rate that all copies on it may take together. */
  linkShare: number;
  preCopy: PreCopyParameters;
}

/** Hears how copies go, by the number that they were begun with. */
export interface CopyListener {
  /** From now on the VM is expected to be paused at this time, Infinity if never. */
  pauseExpected(copy: number, timeNs: number): void;
  /** From now on the pause is expected to end at this time. */
  resumptionExpected(copy: number, timeNs: number): void;
  /** The VM is to be paused now. */
  paused(copy: number): void;
  /** All memory is at the new place. */
  copied(copy: number): void;
  /** Nothing came of it; if the VM was paused it goes on where it was. */
  givenUp(copy: number): void;
}

/** How a copy went so far. */
export interface CopyFigures {
  rounds: number;
  transferredBytes: number;
  isForced: boolean;
  /** Links of its path as it was last; 0 for a network of its own. */
  pathLinks: number;
  /** The port of the full link that held it back for the longest time; -1 if none did. */
  bottleneckPort: number;
  /** How long it took so far; how long a full link held it back, and how long no path was there. */
  copyNs: number;
  sharedNs: number;
  stalledNs: number;
}

const REROUTE = -1;
const NO_FLOW = -1;
const NO_PORT = -1;
const NO_FIGURES: CopyFigures = {
  rounds: 0,
  transferredBytes: 0,
  isForced: false,
  pathLinks: 0,
  bottleneckPort: NO_PORT,
  copyNs: 0,
  sharedNs: 0,
  stalledNs: 0,
};

/** A copy under way. */
interface Copy {
  readonly number: number;
  readonly fromServer: number;
  readonly toServer: number;
  readonly flowHash: number;
  readonly process: PreCopy;
  path: Int32Array | null;
  /** Its number among those that share, or NO_FLOW without a path. */
  flow: number;
  rateBitsPerSec: number;
  bottleneckPort: number;
  /** Its pending event, and when that is; 0 and Infinity for none. */
  event: number;
  eventNs: number;
  /** Until when its time has been counted. */
  sinceNs: number;
  copyNs: number;
  sharedNs: number;
  stalledNs: number;
  /** By port: how long it was the bottleneck. */
  readonly heldNs: Map<number, number>;
}

/**
 * Copies of VMs' memory over the links of the datacenter, which they share max-min fairly. Shares are worked out anew
 * when a copy begins or ends and when paths change.
 *
 * Copies are fluid: they take rate and time but send no frames, so that the traffic of VMs neither slows them down nor
 * waits for them. They count the bytes that they take over each link.
 */
export class MemoryCopies {
  /** Hears how copies go. */
  listener: CopyListener | null = null;
  readonly #parameters: MemoryCopiesParameters;
  readonly #sharing: MaxMinSharing;
  // under way, in the order in which they began
  readonly #copies = new Map<number, Copy>();
  readonly #ended = new Map<number, CopyFigures>();
  // indexed by port: bytes of copies that left through it
  #bytesOfPort = new Float64Array(64);
  #isRerouteDue = false;

  constructor(parameters: MemoryCopiesParameters) {
    const { simulation, network, linkShare } = parameters;
    this.#parameters = parameters;
    // whole bits per second: 0.69 of 10 Gbit/s are not a little less than a copy of 6.9 Gbit/s takes
    this.#sharing = new MaxMinSharing((port) => Math.round((network?.rateBitsPerSecOf(port) ?? Infinity) * linkShare));
    simulation.on(WorkloadEvent.copy, {
      handle: (_kind, number) => {
        if (number === REROUTE) this.#reroute();
        else this.#step(number);
      },
    });
  }

  /** Copies that are under way. */
  get activeCount(): number {
    return this.#copies.size;
  }

  /** Begins a copy between two different servers. Each has another number, not below 0. */
  begin(number: number, fromServer: number, toServer: number): void {
    const { nowNs } = this.#parameters.simulation;
    const copy: Copy = {
      number,
      fromServer,
      toServer,
      flowHash: flowHashOf(number, fromServer, toServer),
      process: new PreCopy(this.#parameters.preCopy, nowNs),
      path: null,
      flow: NO_FLOW,
      rateBitsPerSec: 0,
      bottleneckPort: NO_PORT,
      event: 0,
      eventNs: Infinity,
      sinceNs: nowNs,
      copyNs: 0,
      sharedNs: 0,
      stalledNs: 0,
      heldNs: new Map(),
    };
    this.#copies.set(number, copy);
    this.#route(copy);
    this.#settle(copy);
    if (copy.process.start(nowNs) === 'paused') this.listener?.paused(number);
    this.#schedule(copy);
  }

  /** Ends a copy before its time. */
  cancel(number: number): void {
    const copy = this.#copies.get(number);
    if (copy !== undefined) this.#end(copy);
  }

  /** Links went up or down, began or ceased to forward, or routes changed: all paths are looked for again, once. */
  pathsChanged(): void {
    const { simulation, network } = this.#parameters;
    if (this.#isRerouteDue || this.#copies.size === 0 || network === null) return;
    this.#isRerouteDue = true;
    simulation.scheduleAfter(0, WorkloadEvent.copy, REROUTE, 0);
  }

  /** How a copy went so far; all 0 for one that was never begun. */
  figuresOf(number: number): CopyFigures {
    const copy = this.#copies.get(number);
    if (copy === undefined) return this.#ended.get(number) ?? NO_FIGURES;
    this.#account(copy);
    return figuresOf(copy, this.#parameters.simulation.nowNs);
  }

  /** Bytes of copies that left through a port until now. */
  bytesOf(port: number): number {
    for (const copy of this.#copies.values()) this.#account(copy);
    return this.#bytesOfPort[port] ?? 0;
  }

  #step(number: number): void {
    const copy = this.#copies.get(number);
    if (copy === undefined) return;
    const { nowNs } = this.#parameters.simulation;
    copy.event = 0;
    copy.eventNs = Infinity;
    this.#account(copy);
    const step = copy.process.step(nowNs);
    if (step === 'copied' || step === 'given-up') {
      this.#end(copy);
      if (step === 'copied') this.listener?.copied(number);
      else this.listener?.givenUp(number);
      return;
    }
    if (step === 'paused') this.listener?.paused(number);
    this.#schedule(copy);
  }

  #end(copy: Copy): void {
    const { simulation } = this.#parameters;
    this.#account(copy);
    simulation.cancel(copy.event);
    this.#ended.set(copy.number, figuresOf(copy, simulation.nowNs));
    this.#copies.delete(copy.number);
    if (copy.flow !== NO_FLOW) this.#sharing.remove(copy.flow);
    if (this.#sharing.settle()) this.#takeShares(null);
  }

  #reroute(): void {
    this.#isRerouteDue = false;
    for (const copy of this.#copies.values()) this.#route(copy);
    this.#sharing.settle();
    this.#takeShares(null);
  }

  /** Looks for a copy's path, and lets it share the links of another one if that has changed. */
  #route(copy: Copy): void {
    const { network, bandwidthBitsPerSec } = this.#parameters;
    const path =
      network === null ? new Int32Array() : network.pathBetweenServers(copy.fromServer, copy.toServer, copy.flowHash);
    if (path !== null && copy.path !== null && isSame(path, copy.path)) return;
    this.#account(copy);
    if (copy.flow !== NO_FLOW) this.#sharing.remove(copy.flow);
    copy.path = path;
    copy.flow = path === null ? NO_FLOW : this.#sharing.add(path, bandwidthBitsPerSec);
  }

  /** Gives a copy that has come, and all that it concerns, their shares. */
  #settle(copy: Copy): void {
    this.#takeShares(this.#sharing.settle() ? null : copy);
  }

  /** Lets one copy, or with null all of them, go on at the rate of its share. */
  #takeShares(only: Copy | null): void {
    for (const copy of only === null ? this.#copies.values() : [only]) {
      const rateBitsPerSec = copy.flow === NO_FLOW ? 0 : this.#sharing.rateOf(copy.flow);
      const bottleneckPort = copy.flow === NO_FLOW ? NO_PORT : this.#sharing.bottleneckOf(copy.flow);
      if (rateBitsPerSec === copy.rateBitsPerSec && bottleneckPort === copy.bottleneckPort) continue;
      this.#account(copy);
      copy.rateBitsPerSec = rateBitsPerSec;
      copy.bottleneckPort = bottleneckPort;
      copy.process.setBandwidth(rateBitsPerSec, this.#parameters.simulation.nowNs);
      this.#schedule(copy);
    }
  }

  #schedule(copy: Copy): void {
    const { simulation } = this.#parameters;
    const dueNs = Math.max(simulation.nowNs, copy.process.dueNs);
    if (dueNs !== copy.eventNs) {
      simulation.cancel(copy.event);
      copy.event = 0;
      copy.eventNs = dueNs;
      // one that would outlast any run is left alone
      if (dueNs <= Number.MAX_SAFE_INTEGER) {
        copy.event = simulation.schedule(dueNs, WorkloadEvent.copy, copy.number, 0);
      }
    }
    const { listener } = this;
    if (copy.process.isPaused) listener?.resumptionExpected(copy.number, dueNs);
    else listener?.pauseExpected(copy.number, copy.process.expectedPauseNs);
  }

  /** Counts what a copy has done since it was last looked at. */
  #account(copy: Copy): void {
    const { nowNs } = this.#parameters.simulation;
    const elapsedNs = nowNs - copy.sinceNs;
    if (elapsedNs <= 0) return;
    copy.sinceNs = nowNs;
    copy.copyNs += elapsedNs;
    if (copy.rateBitsPerSec === 0) {
      copy.stalledNs += elapsedNs;
      return;
    }
    if (copy.bottleneckPort !== NO_PORT) {
      copy.sharedNs += elapsedNs;
      copy.heldNs.set(copy.bottleneckPort, (copy.heldNs.get(copy.bottleneckPort) ?? 0) + elapsedNs);
    }
    const bytes = (copy.rateBitsPerSec * elapsedNs) / 8e9;
    for (const port of copy.path ?? []) {
      if (port >= this.#bytesOfPort.length) {
        const grown = new Float64Array(2 ** Math.ceil(Math.log2(port + 1)));
        grown.set(this.#bytesOfPort);
        this.#bytesOfPort = grown;
      }
      this.#bytesOfPort[port] += bytes;
    }
  }
}

function figuresOf({ process, path, heldNs, copyNs, sharedNs, stalledNs }: Copy, nowNs: number): CopyFigures {
  const { rounds, isForced } = process;
  let bottleneckPort = NO_PORT;
  let longestNs = 0;
  for (const [port, timeNs] of heldNs) {
    if (timeNs <= longestNs) continue;
    bottleneckPort = port;
    longestNs = timeNs;
  }
  return {
    rounds,
    transferredBytes: Math.round(process.transferredBytesAt(nowNs)),
    isForced,
    pathLinks: path?.length ?? 0,
    bottleneckPort,
    copyNs,
    sharedNs,
    stalledNs,
  };
}

/** What ECMP sees of a copy: addresses of two hosts, and a port that differs from copy to copy. */
function flowHashOf(number: number, fromServer: number, toServer: number): number {
  return (
    Math.imul(number + 1, 0x9e3779b1) ^ Math.imul(fromServer + 1, 0x5bd1e995) ^ Math.imul(toServer + 1, 0x1b873593)
  );
}

function isSame(one: Int32Array, other: Int32Array): boolean {
  return one.length === other.length && one.every((port, index) => port === other[index]);
}
