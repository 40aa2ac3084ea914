import type { Ipv4Address } from '../wire/ipv4-address.ts';
import type { MacAddress } from '../wire/mac-address.ts';
import type { SwitchTier } from './switch-tiers.ts';

/** A datacenter and its VMs as plain data: what is cabled to what, the same for every fabric that is built from it. */
export interface DatacenterPlan {
  readonly switches: readonly PlannedSwitch[];
  readonly links: readonly PlannedLink[];
  readonly servers: readonly PlannedServer[];
  /** From the last bit of a frame in to the first bit out of an idle port. */
  readonly switchDelayNs: number;
  /** Time between two looks of a dual-homed server at the links of its bond. */
  readonly bondMiimonNs: number;
  /** Of each egress port. */
  readonly bufferBytes: number;
  /** Layer-2 segments; the index is the network's number of the segment. */
  readonly segments: readonly PlannedSegment[];
  /** Indexed by VM: the server it starts on, as an index into `servers`; -1 for one that never comes. */
  readonly vmServer: Int32Array;
  /** Indexed by VM: its segment. */
  readonly vmSegment: Int32Array;
  readonly vmIp: (vm: number) => Ipv4Address;
  readonly vmMac: (vm: number) => MacAddress;
  readonly gateway: PlannedGateway | null;
  /** Routers to the outside; unless given, nothing leaves the datacenter. */
  readonly outside?: PlannedOutside | null;
}

/** Routers of another network, each on a switch that is a border to it. */
export interface PlannedOutside {
  /** The border of each router, as an index into `switches`. */
  readonly switchIndices: readonly number[];
  readonly rateBitsPerSec: number;
  readonly delayNs: number;
  /** The segments in which they meet the routing tables of the datacenter, one for each table, ascending. */
  readonly transitSegments: readonly number[];
}

export interface PlannedSwitch {
  readonly id: string;
  readonly tier: SwitchTier;
  /** Number of its pod, aggregation block or site; null for one above them. */
  readonly pod: number | null;
  /** Whether it holds a VTEP where switches do: servers may be cabled to it. */
  readonly holdsVtep: boolean;
  /** Bridge address; null lets the fabric choose. */
  readonly mac: MacAddress | null;
  /** Bridge priority; null takes the fabric's. */
  readonly stpPriority: number | null;
}

/** A link between two switches; `a` and `b` are indices into `switches`. */
export interface PlannedLink {
  readonly id: string;
  readonly a: number;
  readonly b: number;
  readonly rateBitsPerSec: number;
  /** Propagation, one way. */
  readonly delayNs: number;
  /** Spanning-tree port path cost of both ends; null derives it from the rate. */
  readonly pathCost: number | null;
  /** Whether a fabric added it between two switches that act as one: it bridges in every design. */
  readonly isPeerLink?: boolean;
}

/** A server and its link to a switch, or its two equal links to two. */
export interface PlannedServer {
  readonly id: string;
  readonly switchIndex: number;
  /** The second switch of a dual-homed server, or null. */
  readonly secondSwitchIndex: number | null;
  readonly rateBitsPerSec: number;
  /** Propagation, one way. */
  readonly delayNs: number;
}

export interface PlannedSegment {
  /** First address of the subnet. */
  readonly subnet: Ipv4Address;
  readonly prefixLength: number;
  readonly tenant: number;
}

/** One router on one switch for the traffic between segments. */
export interface PlannedGateway {
  readonly switchIndex: number;
  /** Of its link to the switch, where the fabric gives it a link of its own. */
  readonly rateBitsPerSec: number;
  readonly delayNs: number;
  /** How long it trusts an ARP entry before it asks again. */
  readonly arpTimeoutNs: number;
  /** Whether it routes between the segments of different tenants too; if not, each tenant has a routing table of its own. */
  readonly betweenTenants: boolean;
}
