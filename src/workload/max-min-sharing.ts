import { grownCopy } from '../grown-copy.ts';

const NO_LINK = -1;

/**
 * How flows share links: max-min fairly, by progressive filling. All rates grow together until a link is full or a flow
 * has reached its limit; what is stopped keeps its rate and the others go on. So each flow either has its limit, or
 * crosses a full link on which nobody has more. Bertsekas and Gallager, Data Networks (1992), 6.5.2.
 *
 * Flows and links are integers; a link is one direction of a wire.
 */
export class MaxMinSharing {
  readonly #capacityOf: (link: number) => number;
  // indexed by flow; null where the number is free
  readonly #paths: (Int32Array | null)[] = [];
  readonly #limits: number[] = [];
  readonly #rates: number[] = [];
  readonly #bottlenecks: number[] = [];
  readonly #freeFlows: number[] = [];
  // indexed by link: what the flows on it would take together if they could, NaN where none has been yet; in settle also
  // what is left of it, and its flows that still grow
  #demands = new Float64Array(0);
  #capacities = new Float64Array(0);
  #leftovers = new Float64Array(0);
  #growingCounts = new Int32Array(0);
  #isUneven = false;

  /** `capacityOf` is asked once for each link that a flow takes. */
  constructor(capacityOf: (link: number) => number) {
    this.#capacityOf = capacityOf;
  }

  /** Adds a flow over different links that takes at most `limit`, and returns its number; it has no rate until `settle`. */
  add(path: Int32Array, limit: number): number {
    const flow = this.#freeFlows.pop() ?? this.#paths.length;
    this.#paths[flow] = path;
    this.#limits[flow] = limit;
    this.#rates[flow] = 0;
    this.#bottlenecks[flow] = NO_LINK;
    for (const link of path) {
      this.#know(link);
      this.#demands[link] += limit;
    }
    if (this.#isContested(path)) this.#isUneven = true;
    else this.#rates[flow] = limit;
    return flow;
  }

  /** Takes a flow away. Its number may be given to another. */
  remove(flow: number): void {
    const path = this.#pathOf(flow);
    if (this.#isContested(path)) this.#isUneven = true;
    for (const link of path) this.#demands[link] -= this.#limits[flow];
    this.#paths[flow] = null;
    this.#freeFlows.push(flow);
  }

  /** Shares anew if need be; returns whether rates of flows other than those just added may have changed. */
  settle(): boolean {
    if (!this.#isUneven) return false;
    this.#isUneven = false;
    const growing = this.#startGrowing();
    while (growing.length > 0) this.#stopSome(growing);
    return true;
  }

  rateOf(flow: number): number {
    return this.#rates[flow];
  }

  /** The full link that keeps a flow from its limit, or -1 if it has its limit. */
  bottleneckOf(flow: number): number {
    return this.#bottlenecks[flow];
  }

  #pathOf(flow: number): Int32Array {
    const path = this.#paths[flow];
    if (path == null) throw new RangeError(`there is no flow ${flow}`);
    return path;
  }

  /** Gives every flow its limit if no link on its way is short; returns the others, those with the least limit last. */
  #startGrowing(): number[] {
    const growing: number[] = [];
    for (const [flow, path] of this.#paths.entries()) {
      if (path === null) continue;
      this.#bottlenecks[flow] = NO_LINK;
      if (!this.#isContested(path)) {
        this.#rates[flow] = this.#limits[flow];
        continue;
      }
      growing.push(flow);
      for (const link of path) {
        this.#leftovers[link] = this.#capacities[link];
        this.#growingCounts[link] = 0;
      }
    }
    for (const flow of growing) for (const link of this.#pathOf(flow)) this.#growingCounts[link]++;
    return growing.sort((one, other) => this.#limits[other] - this.#limits[one] || other - one);
  }

  /** Stops what is to be stopped first: the flow with the least limit, or all on the link that is full first. */
  #stopSome(growing: number[]): void {
    let share = Infinity;
    let full = NO_LINK;
    for (const flow of growing) {
      for (const link of this.#pathOf(flow)) {
        if (this.#demands[link] <= this.#capacities[link]) continue;
        const linkShare = this.#leftovers[link] / this.#growingCounts[link];
        if (linkShare > share || (linkShare === share && link >= full)) continue;
        share = linkShare;
        full = link;
      }
    }
    if (this.#limits[growing[growing.length - 1]] <= share) {
      const flow = growing.pop()!;
      this.#stop(flow, this.#limits[flow], NO_LINK);
      return;
    }
    let kept = 0;
    for (const flow of growing) {
      if (this.#pathOf(flow).includes(full)) this.#stop(flow, Math.max(0, share), full);
      else growing[kept++] = flow;
    }
    growing.length = kept;
  }

  #stop(flow: number, rate: number, bottleneck: number): void {
    this.#rates[flow] = rate;
    this.#bottlenecks[flow] = bottleneck;
    for (const link of this.#pathOf(flow)) {
      this.#leftovers[link] -= rate;
      this.#growingCounts[link]--;
    }
  }

  #isContested(path: Int32Array): boolean {
    for (const link of path) if (this.#demands[link] > this.#capacities[link]) return true;
    return false;
  }

  #know(link: number): void {
    if (link >= this.#demands.length) {
      const length = Math.max(64, 2 ** Math.ceil(Math.log2(link + 1)));
      this.#demands = grownCopy(this.#demands, length, Number.NaN);
      this.#capacities = grownCopy(this.#capacities, length, Number.NaN);
      this.#leftovers = new Float64Array(length);
      this.#growingCounts = new Int32Array(length);
    }
    if (!Number.isNaN(this.#demands[link])) return;
    this.#demands[link] = 0;
    this.#capacities[link] = this.#capacityOf(link);
  }
}
