import type { Devices } from '../device/devices.ts';
import type { HardwareUse } from './hardware.ts';
import type { OutsideRouters } from './outside-routers.ts';
import type { SwitchTier } from './switch-tiers.ts';

/** A table of learned addresses, with whose it is. */
export interface MacTableOwner {
  /** The device's id. */
  readonly owner: string;
  readonly tier: SwitchTier | 'server' | 'gateway';
  /** `bridge`: a table of `devices.bridges.tables`; `tunnel`: of `devices.tunnels.tables`. */
  readonly kind: 'bridge' | 'tunnel';
  /** Whether it is a border gateway's table of other sites, beside that of its own site. */
  readonly isBetweenSites?: boolean;
  /** Whether what it learns is in the table of a bridge too, which has the room for both. */
  readonly isPartOfBridge?: boolean;
  readonly table: number;
  /** Entries it holds; null is no limit. */
  readonly capacity: number | null;
}

/** The gateway where it is a node of its own: its cable to a switch. */
export interface GatewayCable {
  readonly node: number;
  readonly switchIndex: number;
  /** The port at the switch and the port at the gateway. */
  readonly ports: readonly [number, number];
}

/** What a router holds so that it can route between segments. */
export interface GatewayUse {
  /** The device's id. */
  readonly owner: string;
  readonly tier: MacTableOwner['tier'];
  /** Segments that it has an interface in. */
  readonly segments: number;
  /** Hosts whose MAC it knows. */
  readonly arpEntries: number;
  /** Hosts, and subnets, that it reaches by way of another VTEP. */
  readonly hostRoutes: number;
  readonly prefixes: number;
  /** VNIs of its VTEP, those of layer 3 among them; 0 where there is no VTEP. */
  readonly vnis: number;
}

/** What one device did for a control protocol. */
export interface ControlPlaneDevice {
  readonly owner: string;
  /** Messages that carry the protocol's news, over all its sessions. */
  readonly sentMessages: number;
  readonly receivedMessages: number;
  readonly sentBytes: number;
  /** Most that it sent and received within one second of the clock. */
  readonly peakPerSecond: number;
  /** Routes that it holds. */
  readonly routes: number;
}

/** A protocol that tells of routes, and all devices that speak it. */
export interface ControlPlaneLoad {
  readonly protocol: 'bgp';
  readonly devices: readonly ControlPlaneDevice[];
}

/**
 * A datacenter built of devices: the contract that the designs meet, so that a workload cannot tell which one carries it.
 *
 * VM number, station number (`devices.servers`) and IP interface number (`devices.stacks`) are the same.
 */
export interface Fabric {
  readonly name: string;
  readonly kind: string;
  readonly devices: Devices;
  /** Indexed as the plan's switches: the network's nodes. */
  readonly switchNodes: readonly number[];
  /** Indexed as the plan's servers. */
  readonly serverNodes: readonly number[];
  /** Indexed as the plan's links: the port at `a` and the port at `b`. */
  readonly linkPorts: readonly (readonly [number, number])[];
  /** Indexed as the plan's servers: the port at the switch and the port at the server. */
  readonly serverPorts: readonly (readonly [number, number])[];
  /** The same for the second link of dual-homed servers; null for the others. */
  readonly secondServerPorts: readonly (readonly [number, number] | null)[];
  /** The gateway's own node; unless there, the gateway is in a switch, or in leaves, or nothing routes. */
  readonly gatewayCable?: GatewayCable | null;
  /** Every table of learned addresses. */
  readonly macTables: readonly MacTableOwner[];
  /** Segments that the design has no identifier for, ascending: they are not built, and their VMs have no network. */
  readonly refusedSegments: readonly number[];
  /** VMs of built segments whose first server their segment does not reach, ascending: they have no network there. */
  readonly outOfReachVms: readonly number[];
  /** Whether a VM has a network on a server: its segment is built and reaches it. */
  canHost(vm: number, serverIndex: number): boolean;
  /** VLAN id or VNI of a segment, for people. */
  segmentLabel(segment: number): number;
  /** At time 0: brings all links up, starts spanning tree or computes routes. */
  start(): void;
  /** A link fails or is repaired. It is up while neither its own failure nor a switch that is down holds it. */
  setLinkUp(linkIndex: number, isUp: boolean): void;
  /** A switch fails, and forgets what it learned, or comes back. */
  setSwitchUp(switchIndex: number, isUp: boolean): void;
  /** A VM comes to be: its frames enter and leave at this server. Until then it is known to the fabric, but nowhere. */
  addVm(vm: number, serverIndex: number): void;
  /** A VM is no more: nothing leaves it and nothing reaches it. */
  removeVm(vm: number): void;
  /** A server fails, with its links and with what its VTEP learned, or comes back. Its VMs are the workload's matter. */
  setServerUp(serverIndex: number, isUp: boolean): void;
  /** The first or the second link of a server fails or is repaired. */
  setServerLinkUp(serverIndex: number, which: 0 | 1, isUp: boolean): void;
  /** From now on the VM's frames enter and leave at another server. Nobody is told: announcements are the workload's. */
  moveVm(vm: number, serverIndex: number): void;
  /**
   * The ports out of which a flow of packets with this hash goes from one server to another, the first server's own
   * included: along the spanning tree of the segment, or as ECMP has it. null if no way leads there now. Packets of no
   * segment of the plan have a VLAN of their own, which follows the first tree.
   */
  pathBetweenServers(fromServer: number, toServer: number, flowHash: number, segment?: number): Int32Array | null;
  /**
   * What an entry of this table for an address of this segment says (a port or an endpoint) if it leads to a server as
   * things are now; -1 if none can. If several do, it is `place` if that is one of them. The table is one of `macTables`.
   */
  placeOfServer(table: MacTableOwner, server: number, segment?: number, place?: number): number;
  /** Routers to the outside and the host there; unless there, nothing leaves the datacenter. */
  readonly outside?: OutsideRouters | null;
  /** Hears that a link, a port or routes changed, so that paths may have. */
  onPathsChanged: (() => void) | null;
  /** What each device uses of the limits that its hardware sets, beside the sizes of its tables. */
  hardwareUse(): HardwareUse[];
  /** What each device that routes between segments holds for it. */
  gatewayUse(): GatewayUse[];
  /** What control protocols that tell of routes did so far. */
  controlPlaneLoads(): ControlPlaneLoad[];
  /** Lets those protocols look for the most in a second from now on. */
  restartControlPlanePeaks(): void;
  /** Links between switches that are up and in no spanning tree forward at both ends; 0 in a routed fabric. */
  blockedLinkCount(): number;
  /** Links between switches over which frames go now: up, and forwarding at both ends in some spanning tree. */
  forwardingLinkCount(): number;
  /**
   * The most that can flow over those links from the first half of the switches for servers to the others, as the plan
   * numbers them: of an odd number, the smaller half first. Which VLANs a link carries is not asked.
   */
  usableBisectionBitsPerSec(): number;
}
