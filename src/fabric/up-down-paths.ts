import type { DatacenterPlan } from './plan.ts';
import { TIER_LEVELS } from './switch-tiers.ts';

// which switches are in a set: none, this one alone, or at least two
const NONE = -1;
const SEVERAL = -2;

/**
 * Up-down paths of a topology: up from tier to tier, across links within a tier, and down again. A path that would go
 * down and up again, a detour over a rack, is none.
 *
 * Switches that are joined within a tier act as one on the way up.
 */
export class UpDownPaths {
  readonly #links: DatacenterPlan['links'];
  // groups of switches that are joined within a tier; groups in ascending order of tier
  readonly #groupOf: Int32Array;
  readonly #groups: number[][] = [];
  readonly #levels: number[];
  // by switch: its links up, down and within its tier
  readonly #upLinks: number[][];
  readonly #downLinks: number[][];
  readonly #crossLinks: number[][];
  // of the members of one question, by group: those at or below it; by link up: those that it leads to
  readonly #below: Int32Array;
  readonly #beyond: Int32Array;
  // by switch, while one group above it is looked at: that group, and where it leads to other than to the switch
  readonly #parentOf: Int32Array;
  readonly #beyondOthers: Int32Array;

  constructor({ switches, links }: Pick<DatacenterPlan, 'switches' | 'links'>) {
    this.#links = links;
    this.#levels = switches.map(({ tier }) => TIER_LEVELS[tier]);
    this.#upLinks = switches.map(() => []);
    this.#downLinks = switches.map(() => []);
    this.#crossLinks = switches.map(() => []);
    for (const [link, { a, b }] of links.entries()) {
      const isCross = this.#levels[a] === this.#levels[b];
      const [lower, upper] = this.#levels[a] <= this.#levels[b] ? [a, b] : [b, a];
      (isCross ? this.#crossLinks : this.#upLinks)[lower].push(link);
      (isCross ? this.#crossLinks : this.#downLinks)[upper].push(link);
    }
    this.#groupOf = new Int32Array(switches.length).fill(-1);
    for (const start of [...switches.keys()].sort((a, b) => this.#levels[a] - this.#levels[b])) this.#addGroup(start);
    this.#below = new Int32Array(this.#groups.length).fill(NONE);
    this.#beyond = new Int32Array(links.length).fill(NONE);
    this.#parentOf = new Int32Array(switches.length).fill(NONE);
    this.#beyondOthers = new Int32Array(switches.length);
  }

  /** The links that are on some up-down path between two of these switches. */
  linksBetween(members: Iterable<number>): number[] {
    const isMember = new Set(members);
    const reached = this.#climb(isMember);
    const carrying: number[] = [];
    for (const group of reached.toReversed()) {
      this.#lookDown(group, isMember, carrying);
      if (this.#groups[group].length > 1) this.#lookAcross(group, isMember, carrying);
    }
    for (const group of reached) {
      this.#below[group] = NONE;
      for (const node of this.#groups[group]) for (const link of this.#upLinks[node]) this.#beyond[link] = NONE;
    }
    return carrying;
  }

  #addGroup(start: number): void {
    if (this.#groupOf[start] >= 0) return;
    const group = [start];
    this.#groupOf[start] = this.#groups.length;
    for (const node of group) {
      for (const link of this.#crossLinks[node]) {
        const other = this.#otherEnd(link, node);
        if (this.#groupOf[other] >= 0) continue;
        this.#groupOf[other] = this.#groups.length;
        group.push(other);
      }
    }
    this.#groups.push(group);
  }

  /** Groups at or above a member, tier by tier; `#below` says which members they are above. */
  #climb(members: ReadonlySet<number>): number[] {
    const reached = new Set<number>();
    const reach = (group: number, member: number) => {
      reached.add(group);
      this.#below[group] = merge(this.#below[group], member);
    };
    for (const member of members) reach(this.#groupOf[member], member);
    // groups are numbered from the lowest tier up, and what is reached from one is in a higher tier
    for (let level = 0; level <= Math.max(...Object.values(TIER_LEVELS)); level++) {
      for (const group of [...reached]) {
        if (this.#levels[this.#groups[group][0]] !== level) continue;
        for (const node of this.#groups[group]) {
          for (const link of this.#upLinks[node]) {
            reach(this.#groupOf[this.#otherEnd(link, node)], this.#below[group]);
          }
        }
      }
    }
    return [...reached].sort((a, b) => a - b);
  }

  /** Works out where each link up to a group leads, other than back down where it came from. */
  #lookDown(group: number, members: ReadonlySet<number>, carrying: number[]): void {
    let own = NONE;
    const children: number[] = [];
    for (const node of this.#groups[group]) {
      if (members.has(node)) own = merge(own, node);
      for (const link of this.#upLinks[node]) own = merge(own, this.#beyond[link]);
      for (const link of this.#downLinks[node]) {
        const child = this.#otherEnd(link, node);
        if (this.#below[this.#groupOf[child]] === NONE || this.#parentOf[child] === group) continue;
        this.#parentOf[child] = group;
        children.push(child);
      }
    }
    // what is below all children but one: those before it and those after it
    const after = children.map(() => NONE);
    for (let i = children.length - 2; i >= 0; i--) after[i] = merge(after[i + 1], this.#belowNode(children[i + 1]));
    let before = own;
    for (const [i, child] of children.entries()) {
      this.#beyondOthers[child] = merge(before, after[i]);
      before = merge(before, this.#belowNode(child));
    }
    for (const node of this.#groups[group]) {
      for (const link of this.#downLinks[node]) {
        const child = this.#otherEnd(link, node);
        if (this.#parentOf[child] !== group) continue;
        this.#beyond[link] = this.#beyondOthers[child];
        if (joinsTwo(this.#belowNode(child), this.#beyond[link])) carrying.push(link);
      }
    }
    for (const child of children) this.#parentOf[child] = NONE;
  }

  #belowNode(node: number): number {
    return this.#below[this.#groupOf[node]];
  }

  /** Links within a group carry what two of its switches lead to, by whatever way; dead ends carry nothing. */
  #lookAcross(group: number, members: ReadonlySet<number>, carrying: number[]): void {
    const outward = new Map(this.#groups[group].map((node) => [node, this.#outwardOf(node, members)]));
    const linksLeft = (node: number) =>
      this.#crossLinks[node].filter((link) => outward.has(this.#otherEnd(link, node)));
    for (let isPruned = true; isPruned; ) {
      isPruned = false;
      for (const [node, beyond] of outward) {
        const neighbours = new Set(linksLeft(node).map((link) => this.#otherEnd(link, node)));
        if (beyond !== NONE || neighbours.size > 1) continue;
        outward.delete(node);
        isPruned = true;
      }
    }
    const leading = [...outward.values()].filter((beyond) => beyond !== NONE);
    if (leading.length < 2 || leading.reduce(merge) !== SEVERAL) return;
    carrying.push(...new Set([...outward.keys()].flatMap(linksLeft)));
  }

  /** Members that a switch leads to without its neighbours in the tier. */
  #outwardOf(node: number, members: ReadonlySet<number>): number {
    let outward = members.has(node) ? node : NONE;
    for (const link of this.#upLinks[node]) outward = merge(outward, this.#beyond[link]);
    for (const link of this.#downLinks[node]) {
      outward = merge(outward, this.#below[this.#groupOf[this.#otherEnd(link, node)]]);
    }
    return outward;
  }

  #otherEnd(link: number, node: number): number {
    const { a, b } = this.#links[link];
    return a === node ? b : a;
  }
}

function merge(one: number, other: number): number {
  if (one === NONE) return other;
  return other === NONE || one === other ? one : SEVERAL;
}

/** Whether two different switches can be chosen, one of each set. */
function joinsTwo(one: number, other: number): boolean {
  return one !== NONE && other !== NONE && (one === SEVERAL || one !== other);
}
