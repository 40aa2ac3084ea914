import { FRAME_SHIFT, Frame } from '../src/wire/frame-pool.ts';
import { Tree, type TreeSize } from './tree.ts';

/** Simulated time between two looks at whether all chains are at their end. */
const SLICE_NS = 100_000;

/**
 * Chains of frames over a tree of bridges: who gets a frame sends the next one of its chain. To whom and how large follows
 * from a chance that is the chain's own, so that what is delivered does not depend on the order in which chains take
 * turns, and programs with different ideas of time can be compared.
 */
export class TreeWalk {
  readonly #tree: Tree;
  readonly #states: Int32Array;
  readonly #left: Int32Array;
  /** The station that has a chain's newest frame. */
  readonly #at: Int32Array;
  #deliveries = 0;
  #deliveredBytes = 0;
  #hopsBefore = 0;

  constructor(size: TreeSize, chainCount: number) {
    this.#tree = new Tree(size);
    const { simulation, devices, stationCount } = this.#tree;
    this.#states = Int32Array.from({ length: chainCount }, (_, chain) => firstState(chain));
    this.#left = new Int32Array(chainCount);
    this.#at = Int32Array.from({ length: chainCount }, (_, chain) => chain % stationCount);
    for (let station = 0; station < stationCount; station++) {
      devices.servers.announceByRarp(station);
      simulation.run(simulation.nowNs + SLICE_NS);
    }
    this.#hopsBefore = devices.network.hops;
    devices.servers.dataReceiver = (station, frame) => this.#receive(station, frame);
  }

  /** Lets each chain go on by so many frames. */
  run(steps: number): void {
    const { simulation } = this.#tree;
    const expected = this.#deliveries + steps * this.#left.length;
    for (let chain = 0; chain < this.#left.length; chain++) {
      this.#left[chain] = steps;
      this.#step(chain);
    }
    while (this.#deliveries < expected) simulation.run(simulation.nowNs + SLICE_NS);
  }

  /** What was done since everybody was heard. */
  counts(): { hops: number; deliveries: number; deliveredBytes: number } {
    return {
      hops: this.#tree.devices.network.hops - this.#hopsBefore,
      deliveries: this.#deliveries,
      deliveredBytes: this.#deliveredBytes,
    };
  }

  #receive(station: number, frame: number): boolean {
    const { frames } = this.#tree.devices.network;
    const f = frame << FRAME_SHIFT;
    const chain = frames.words[f + Frame.tag];
    this.#deliveries++;
    this.#deliveredBytes += frames.words[f + Frame.sizeBytes];
    frames.release(frame);
    this.#at[chain] = station;
    if (this.#left[chain] > 0) this.#step(chain);
    return true;
  }

  #step(chain: number): void {
    const { stationCount, devices } = this.#tree;
    const state = xorshift32(this.#states[chain]);
    this.#states[chain] = state;
    const from = this.#at[chain];
    const { to, sizeBytes } = nextFrame(state, from, stationCount);
    this.#left[chain]--;
    this.#tree.send(from, { destination: devices.servers.addressOf(to), sizeBytes, tag: chain });
  }
}

/** What a walk counts, told from the chains alone: 2 links to a station at the same leaf, 4 to any other. */
export function expectedWalk(
  { leaves, serversPerLeaf }: TreeSize,
  { chainCount, steps }: { chainCount: number; steps: number },
): { hops: number; deliveries: number; deliveredBytes: number } {
  const stationCount = leaves * serversPerLeaf;
  let hops = 0;
  let deliveredBytes = 0;
  for (let chain = 0; chain < chainCount; chain++) {
    let state = firstState(chain);
    let from = chain % stationCount;
    for (let step = 0; step < steps; step++) {
      state = xorshift32(state);
      const { to, sizeBytes } = nextFrame(state, from, stationCount);
      hops += Math.floor(from / serversPerLeaf) === Math.floor(to / serversPerLeaf) ? 2 : 4;
      deliveredBytes += sizeBytes;
      from = to;
    }
  }
  return { hops, deliveries: chainCount * steps, deliveredBytes };
}

function firstState(chain: number): number {
  return Math.imul(chain + 1, 0x9e37_79b9);
}

function xorshift32(from: number): number {
  let state = from;
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state;
}

/** The next frame of a chain: to any station but its sender. */
function nextFrame(state: number, from: number, stationCount: number): { to: number; sizeBytes: number } {
  const drawn = remainder(state, stationCount);
  return { to: drawn === from ? (drawn + 1) % stationCount : drawn, sizeBytes: 60 + ((state >>> 8) % 1400) };
}

/**
 * What is left of a number of 32 bits from 0 on, divided by another. V8 would divide floating-point numbers unless it knows
 * that of all three.
 */
function remainder(dividend: number, divisor: number): number {
  return ((dividend >>> 0) % (divisor >>> 0)) >>> 0;
}
