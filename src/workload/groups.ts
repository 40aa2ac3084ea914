/** The members of each group, in order: VMs of a segment, segments of a tenant, servers of a rack. */
export class Groups {
  // members of group g: #members from #firsts[g] to #firsts[g + 1] - 1
  readonly #firsts: Int32Array;
  // null: members are numbered group by group, as VMs are by segment
  readonly #members: Int32Array | null;

  /** `groupOf` says for each member, by number, which group it is in, from 0 to `groupCount` - 1. */
  constructor(groupOf: Int32Array, groupCount: number) {
    this.#firsts = new Int32Array(groupCount + 1);
    for (const group of groupOf) this.#firsts[group + 1]++;
    for (let group = 0; group < groupCount; group++) this.#firsts[group + 1] += this.#firsts[group];
    this.#members = isAscending(groupOf) ? null : membersByGroup(groupOf, this.#firsts);
  }

  /** Members of a group. */
  sizeOf(group: number): number {
    return this.#firsts[group + 1] - this.#firsts[group];
  }

  /** The member of a group at a position from 0 to its size - 1. */
  memberOf(group: number, position: number): number {
    const place = this.#firsts[group] + position;
    return this.#members === null ? place : this.#members[place];
  }

  /** The position in its group of a member. */
  positionOf(group: number, member: number): number {
    if (this.#members === null) return member - this.#firsts[group];
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

function isAscending(numbers: Int32Array): boolean {
  for (let i = 1; i < numbers.length; i++) if (numbers[i] < numbers[i - 1]) return false;
  return true;
}

function membersByGroup(groupOf: Int32Array, firsts: Int32Array): Int32Array {
  const members = new Int32Array(groupOf.length);
  const nexts = firsts.slice();
  for (let member = 0; member < groupOf.length; member++) members[nexts[groupOf[member]]++] = member;
  return members;
}
