import { Groups } from './groups.ts';

/** Who of a VM's segment is in its rack, and who is not: VMs of a segment in the order of their racks. */
export class RackNeighbours {
  /** Of the last `find`: how many others are in the VM's rack, and in other racks. */
  insideCount = 0;
  outsideCount = 0;

  readonly #vmSegments: Int32Array;
  readonly #vmRacks: Int32Array;
  // where each segment's line starts in #line, and the lines
  readonly #firsts: Int32Array;
  readonly #line: Int32Array;
  // of the last `find`: where the rack's VMs start in #line, where they end, the VM's own place, where the line starts
  #start = 0;
  #end = 0;
  #own = 0;
  #first = 0;

  /** `vmRacks` is -1 for a VM that is in no rack, and so has no neighbours there. */
  constructor(vmSegments: Int32Array, segmentCount: number, vmRacks: Int32Array) {
    this.#vmSegments = vmSegments;
    this.#vmRacks = vmRacks;
    this.#firsts = new Int32Array(segmentCount + 1);
    for (const segment of vmSegments) this.#firsts[segment + 1]++;
    for (let segment = 0; segment < segmentCount; segment++) this.#firsts[segment + 1] += this.#firsts[segment];
    const groupCount = vmRacks.reduce((most, rack) => Math.max(most, rack), -1) + 2;
    const byRack = new Groups(
      vmRacks.map((rack) => rack + 1),
      groupCount,
    );
    this.#line = new Int32Array(vmSegments.length);
    const nexts = this.#firsts.slice();
    for (let group = 0; group < groupCount; group++) {
      for (let position = 0; position < byRack.sizeOf(group); position++) {
        const vm = byRack.memberOf(group, position);
        this.#line[nexts[vmSegments[vm]]++] = vm;
      }
    }
  }

  /** Looks up who is around a VM. */
  find(vm: number): void {
    const segment = this.#vmSegments[vm];
    const rack = this.#vmRacks[vm];
    const end = this.#firsts[segment + 1];
    this.#first = this.#firsts[segment];
    const isBefore = (place: number, limitRack: number, limitVm: number) => {
      const other = this.#line[place];
      return this.#vmRacks[other] < limitRack || (this.#vmRacks[other] === limitRack && other < limitVm);
    };
    this.#own = firstWhereNot(this.#first, end, (place) => isBefore(place, rack, vm));
    this.#start = rack < 0 ? this.#own : firstWhereNot(this.#first, end, (place) => isBefore(place, rack, 0));
    this.#end = rack < 0 ? this.#own + 1 : firstWhereNot(this.#first, end, (place) => isBefore(place, rack + 1, 0));
    this.insideCount = this.#end - this.#start - 1;
    this.outsideCount = end - this.#first - (this.#end - this.#start);
  }

  /** One of the others in the rack of the VM that was found, from 0 to `insideCount` - 1. */
  inside(index: number): number {
    const place = this.#start + index;
    return this.#line[place < this.#own ? place : place + 1];
  }

  /** One of those in other racks, from 0 to `outsideCount` - 1. */
  outside(index: number): number {
    const place = this.#first + index;
    return this.#line[place < this.#start ? place : place + this.#end - this.#start];
  }
}

/** The first number from `low` on of which `holds` is not true, or `high`. */
function firstWhereNot(low: number, high: number, holds: (number: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (holds(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}
