/** The members of each group, in order: VMs of a segment, segments of a tenant, servers of a rack. */
export class Groups {
  // members of group g: #members from #firsts[g] to #firsts[g + 1] - 1
  readonly #firsts: Int32Array;
  readonly #members: Int32Array;

  /** `groupOf` says for each member, by number, which group it is in, from 0 to `groupCount` - 1. */
  constructor(groupOf: Int32Array, groupCount: number) {
    this.#firsts = new Int32Array(groupCount + 1);
    this.#members = new Int32Array(groupOf.length);
    for (const group of groupOf) this.#firsts[group + 1]++;
    for (let group = 0; group < groupCount; group++) this.#firsts[group + 1] += this.#firsts[group];
    const nexts = this.#firsts.slice();
    for (let member = 0; member < groupOf.length; member++) this.#members[nexts[groupOf[member]]++] = member;
  }

  /** Members of a group. */
  sizeOf(group: number): number {
    return this.#firsts[group + 1] - this.#firsts[group];
  }

  /** The member of a group at a position from 0 to its size - 1. */
  memberOf(group: number, position: number): number {
    return this.#members[this.#firsts[group] + position];
  }

  /** The position in its group of a member. */
  positionOf(group: number, member: number): number {
    let low = this.#firsts[group];
    let high = this.#firsts[group + 1] - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#members[middle] < member) low = middle + 1;
      else high = middle;
    }
    return low - this.#firsts[group];
  }
}
