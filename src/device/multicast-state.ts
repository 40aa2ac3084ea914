import { grownCopy } from '../grown-copy.ts';
import { Limit } from './limits.ts';
import type { Network } from './network.ts';

/** Multicast routes of each node: (*,G) entries of groups and (S,G) entries of sources. Counted, whatever a table holds. */
export class MulticastState {
  readonly #network: Network;
  // indexed by node
  #groupEntries = new Int32Array(64);
  #sourceEntries = new Int32Array(64);
  #peaks = new Int32Array(64);
  #sourcePeaks = new Int32Array(64);
  readonly #limits: (number | undefined)[] = [];

  constructor(network: Network) {
    this.#network = network;
  }

  /** Says how many entries a node's hardware holds. */
  limit(node: number, entries: number): void {
    this.#limits[node] = entries;
  }

  /** (*,G) entries of a node now. */
  groupEntries(node: number): number {
    return this.#groupEntries[node] ?? 0;
  }

  /** (S,G) entries of a node now. */
  sourceEntries(node: number): number {
    return this.#sourceEntries[node] ?? 0;
  }

  /** Most entries of both kinds that a node had at a time. */
  entriesMax(node: number): number {
    return this.#peaks[node] ?? 0;
  }

  /** Most (S,G) entries that a node had at a time. */
  sourceEntriesMax(node: number): number {
    return this.#sourcePeaks[node] ?? 0;
  }

  addGroupEntries(node: number, change: number): void {
    this.#grow(node);
    this.#groupEntries[node] += change;
    this.#notePeak(node);
  }

  addSourceEntries(node: number, change: number): void {
    this.#grow(node);
    this.#sourceEntries[node] += change;
    if (this.#sourceEntries[node] > this.#sourcePeaks[node]) this.#sourcePeaks[node] = this.#sourceEntries[node];
    this.#notePeak(node);
  }

  /** Begins anew, as entries are about to be counted afresh. What the most were stays. */
  clear(): void {
    this.#groupEntries.fill(0);
    this.#sourceEntries.fill(0);
  }

  /** Looks for the most from now on, beginning with what there is; what is beyond a limit finds no room anew. */
  restartPeaks(): void {
    this.#peaks.fill(0);
    this.#sourcePeaks.set(this.#sourceEntries);
    for (let node = 0; node < this.#peaks.length; node++) this.#notePeak(node);
  }

  #notePeak(node: number): void {
    const entries = this.#groupEntries[node] + this.#sourceEntries[node];
    const beyond = entries - Math.max(this.#peaks[node], this.#limits[node] ?? Number.POSITIVE_INFINITY);
    if (entries > this.#peaks[node]) this.#peaks[node] = entries;
    if (beyond > 0) this.#network.limits.hit(Limit.mroutes, node, this.#network.simulation.nowNs, beyond);
  }

  #grow(node: number): void {
    if (node < this.#peaks.length) return;
    const length = Math.max(node + 1, this.#peaks.length * 2);
    this.#groupEntries = grownCopy(this.#groupEntries, length);
    this.#sourceEntries = grownCopy(this.#sourceEntries, length);
    this.#peaks = grownCopy(this.#peaks, length);
    this.#sourcePeaks = grownCopy(this.#sourcePeaks, length);
  }
}
