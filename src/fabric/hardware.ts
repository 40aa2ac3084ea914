import type { BridgeParameters, Bridges } from '../device/bridges.ts';
import type { PortViolation } from '../device/port-violation.ts';
import { capacityOfGeometry, type TableGeometry } from '../protocol/table-geometry.ts';
import type { StormControlSettings } from './storm-control.ts';

/** What the switches of one tier can hold; null is no limit. */
export interface HardwareLimits {
  /** The table of learned addresses. */
  readonly macTable: TableGeometry | null;
  /** Addresses learned per second. */
  readonly learnedPerSecond: number | null;
  /** Hosts that it routes to: ARP entries and host routes. */
  readonly hostEntries: number | null;
  /** Remote VTEPs of a VTEP. */
  readonly vtepPeers: number | null;
  /** VNIs of a VTEP. */
  readonly vnis: number | null;
  /** Multicast groups that a VTEP can join. */
  readonly multicastGroups?: number | null;
  /** Multicast routes of a router, (*,G) and (S,G) together: counted, not enforced. */
  readonly mroutes?: number | null;
  /** Ports times VLANs of a spanning tree: counted, not enforced. */
  readonly stpLogicalPorts: number | null;
}

/** Most addresses at a port towards a server. */
export interface PortSecurity {
  readonly macsPerPort: number;
  readonly violation: PortViolation;
}

/** The limits of a fabric's tables, beside their ageing time. */
export interface TableLimits {
  /** Learned addresses that a switch holds, whatever its hardware says; null leaves it to the hardware. */
  readonly macTableSize: number | null;
  /** By tier; a tier that is not there has no limits. */
  readonly hardware?: Readonly<Record<string, HardwareLimits>>;
  readonly portSecurity?: PortSecurity | null;
  readonly stormControl?: StormControlSettings | null;
  /** Of the chance in tables that evict at random. */
  readonly tableSeed?: number;
}

const UNLIMITED: HardwareLimits = {
  macTable: null,
  learnedPerSecond: null,
  hostEntries: null,
  vtepPeers: null,
  vnis: null,
  stpLogicalPorts: null,
};

/** What the hardware of a tier can hold, with the fabric's own size of its tables. */
export function hardwareOf({ macTableSize, hardware = {} }: TableLimits, tier: string): HardwareLimits {
  const limits = hardware[tier] ?? UNLIMITED;
  if (macTableSize === null) return limits;
  const overflow = limits.macTable?.overflow ?? 'keep-old';
  return { ...limits, macTable: { kind: 'cam', entries: macTableSize, overflow } };
}

/** The same as a bridge takes it. */
export function bridgeLimits(
  limits: TableLimits,
  tier: string,
): Required<Pick<BridgeParameters, 'geometry' | 'learnedPerSecond' | 'seed'>> {
  const { macTable, learnedPerSecond } = hardwareOf(limits, tier);
  return { geometry: macTable, learnedPerSecond, seed: limits.tableSeed ?? 0 };
}

/** Learned addresses that a switch of a tier holds; null is no limit. */
export function tableCapacity(limits: TableLimits, tier: string): number | null {
  const { macTable } = hardwareOf(limits, tier);
  return macTable === null ? null : capacityOfGeometry(macTable);
}

/** Limits the addresses at the ports of bridges towards servers: the first of each cable's. */
export function securePorts(
  bridges: Bridges,
  { portSecurity = null }: TableLimits,
  cables: readonly (readonly [number, number] | null)[],
): void {
  if (portSecurity === null) return;
  const { macsPerPort: count, violation } = portSecurity;
  for (const cable of cables) if (cable !== null) bridges.limitPort(cable[0], { count, violation });
}

/** ARP entries and host routes of routers, for those whose hardware limits them. */
export function hostEntriesUse(
  limits: TableLimits,
  gateways: readonly { owner: string; tier: string; arpEntries: number; hostRoutes: number }[],
): HardwareUse[] {
  return gateways.flatMap(({ owner, tier, arpEntries, hostRoutes }) => {
    const { hostEntries: limit } = hardwareOf(limits, tier);
    if (limit === null) return [];
    return [{ owner, tier, resource: 'host_entries', used: arpEntries + hostRoutes, limit, refused: [] }];
  });
}

/** How much of a limit a device uses; only limits that its hardware sets are reported. */
export interface HardwareUse {
  readonly owner: string;
  readonly tier: string;
  readonly resource: 'host_entries' | 'vtep_peers' | 'vnis' | 'mroutes' | 'multicast_groups' | 'stp_logical_ports';
  readonly used: number;
  readonly limit: number;
  /** What there was no room for. */
  readonly refused: readonly string[];
}
