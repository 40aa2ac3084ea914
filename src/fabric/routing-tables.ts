import { type Ipv4Address, networkOf } from '../wire/ipv4-address.ts';
import { gatewaySegmentsOf } from './gateway.ts';
import type { DatacenterPlan } from './plan.ts';

/** Which segments of a plan are routed between: a table for each tenant, or one for all, and its L3 VNI. RFC 9135, 5. */
export class RoutingTables {
  // indexed by segment: its table, or -1
  readonly #tables: Int32Array;
  readonly #segments: number[][] = [];
  readonly #plan: DatacenterPlan;
  // segments by first address and length of the subnet
  readonly #segmentOfSubnet = new Map<Ipv4Address, number>();
  readonly #prefixLengths: readonly number[];

  constructor(plan: DatacenterPlan) {
    const { segments, gateway } = plan;
    this.#plan = plan;
    this.#tables = new Int32Array(segments.length).fill(-1);
    const tableOfTenant = new Map<number, number>();
    for (const segment of gatewaySegmentsOf(plan)) {
      const { tenant, subnet } = segments[segment];
      const owner = gateway?.betweenTenants === true ? 0 : tenant;
      const table = tableOfTenant.get(owner) ?? tableOfTenant.size;
      tableOfTenant.set(owner, table);
      this.#tables[segment] = table;
      this.#segments[table] ??= [];
      this.#segments[table].push(segment);
      this.#segmentOfSubnet.set(subnet, segment);
    }
    this.#prefixLengths = [...new Set(segments.map(({ prefixLength }) => prefixLength))].sort((a, b) => b - a);
  }

  /** How many there are, numbered from 0. */
  get count(): number {
    return this.#segments.length;
  }

  /** The table of a segment, or -1. */
  of(segment: number): number {
    return this.#tables[segment];
  }

  segmentsOf(table: number): readonly number[] {
    return this.#segments[table];
  }

  /** All segments that have a table, by table. */
  allSegments(): number[] {
    return this.#segments.flat();
  }

  /** The L3 VNI of a table, numbered after all segments. */
  l3SegmentOf(table: number): number {
    return this.#plan.segments.length + table;
  }

  /** The segment whose subnet an address is in, or -1. */
  segmentWith(ip: Ipv4Address): number {
    for (const prefixLength of this.#prefixLengths) {
      const segment = this.#segmentOfSubnet.get(networkOf(ip, prefixLength));
      if (segment !== undefined && this.#plan.segments[segment].prefixLength === prefixLength) return segment;
    }
    return -1;
  }
}
