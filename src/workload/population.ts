const ALIVE = 1;
const ENDED = 2;

/** Which VMs are there: of those planned, some have yet to come and some have ended. The same on every fabric. */
export class Population {
  /** VMs that came so far, and VMs that ended. */
  arrivedCount = 0;
  endedCount = 0;
  readonly #vmSegments: Int32Array;
  readonly #segmentTenants: Int32Array;
  // indexed by VM
  readonly #states: Uint8Array;
  // VMs that are there, by segment and by tenant
  readonly #inSegment: Int32Array;
  readonly #inTenant: Int32Array;

  constructor({ vmSegments, segmentTenants }: { vmSegments: Int32Array; segmentTenants: Int32Array }) {
    this.#vmSegments = vmSegments;
    this.#segmentTenants = segmentTenants;
    this.#states = new Uint8Array(vmSegments.length);
    this.#inSegment = new Int32Array(segmentTenants.length);
    this.#inTenant = new Int32Array(segmentTenants.reduce((most, tenant) => Math.max(most, tenant), -1) + 1);
  }

  get aliveCount(): number {
    return this.arrivedCount - this.endedCount;
  }

  isAlive(vm: number): boolean {
    return this.#states[vm] === ALIVE;
  }

  hasEnded(vm: number): boolean {
    return this.#states[vm] === ENDED;
  }

  aliveInSegment(segment: number): number {
    return this.#inSegment[segment];
  }

  aliveInTenant(tenant: number): number {
    return this.#inTenant[tenant];
  }

  arrive(vm: number): void {
    this.arrivedCount++;
    this.#set(vm, ALIVE, 1);
  }

  end(vm: number): void {
    this.endedCount++;
    this.#set(vm, ENDED, -1);
  }

  #set(vm: number, state: number, change: number): void {
    this.#states[vm] = state;
    const segment = this.#vmSegments[vm];
    this.#inSegment[segment] += change;
    this.#inTenant[this.#segmentTenants[segment]] += change;
  }
}
