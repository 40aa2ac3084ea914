import type { Devices } from '../device/devices.ts';
import type { DIRECTIONS, LINK_TIERS, TABLE_KINDS, TIERS } from './column-values.ts';

export type Tier = keyof typeof TIERS;
export type TableKind = keyof typeof TABLE_KINDS;
export type Direction = keyof typeof DIRECTIONS;

/** A node whose floods and spanning tree are recorded. */
export interface RecordedNode {
  readonly name: string;
  readonly tier: Tier;
  readonly node: number;
  /** Number of its pod, block or site; null or absent for one above them. */
  readonly pod?: number | null;
}

/** A table of learned addresses, with whose it is. */
export interface RecordedMacTable {
  readonly owner: string;
  readonly tier: Tier;
  /** `bridge`: a table of `devices.bridges.tables`; the others: of `devices.tunnels.tables`. */
  readonly kind: TableKind;
  readonly table: number;
  /** null is no limit. */
  readonly capacity: number | null;
  /** Whether what it learns is in the table of a bridge too, which has the room for both. */
  readonly isPartOfBridge?: boolean;
}

/** A link by its ports at ends a and b; of a server's or gateway's link, a is the switch. */
export interface RecordedLink {
  readonly id: string;
  readonly tier: keyof typeof LINK_TIERS;
  /** Whether it joins two sites. */
  readonly isBetweenSites?: boolean;
  /** Whether it joins two switches that act as one. */
  readonly isPeerLink?: boolean;
  readonly ports: readonly [number, number];
}

/** What of a datacenter is recorded. What is left out of the lists is not in the results. */
export interface RecordedFabric {
  readonly devices: Devices;
  readonly nodes: readonly RecordedNode[];
  readonly macTables: readonly RecordedMacTable[];
  readonly links: readonly RecordedLink[];
  /** Links of borders to routers of another network, which are not among `links`: a is the border. */
  readonly borders?: readonly { readonly name: string; readonly ports: readonly [number, number] }[];
  /** By the index that migrations give to servers. */
  readonly serverNames: readonly string[];
  /** Bytes that each packet on a routed wire has more than the frame inside; 0 where no wire is routed. */
  readonly encapsulationBytes: number;
  readonly segmentCount: number;
  /** VLAN id or VNI of a segment. */
  readonly segmentLabel: (segment: number) => number;
  readonly vmName: (vm: number) => string;
}

// what `linkNamesByPort` made, by the list of links
const namesByPort = new WeakMap<readonly RecordedLink[], ReadonlyMap<number, string>>();

/** The names of links by the ports at their ends: one map for all tables that ask, as there are many links. */
export function linkNamesByPort({ links }: Pick<RecordedFabric, 'links'>): ReadonlyMap<number, string> {
  const known = namesByPort.get(links);
  if (known !== undefined) return known;
  const names = new Map<number, string>();
  for (const { id, ports } of links) for (const port of ports) names.set(port, id);
  namesByPort.set(links, names);
  return names;
}

/** What names a run: the same in every one of its tables. */
export interface RunMetadata {
  readonly scenarioTitle: string;
  readonly scenarioDigest: string;
  readonly seed: number;
  readonly version: string;
  readonly fabric: string;
  readonly kind: string;
  readonly durationNs: number;
  /** Simulated time at the beginning that the summary leaves out; 0 is none. */
  readonly warmUpNs: number;
}

/** The table that a description means, with its counters. */
export function macTablesOf({ devices }: RecordedFabric, kind: TableKind) {
  return kind === 'bridge' ? devices.bridges.tables : devices.tunnels.tables;
}
