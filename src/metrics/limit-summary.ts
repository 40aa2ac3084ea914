import type { LIMITS } from './column-values.ts';
import type { FirstTime } from './mac-table-peaks.ts';
import type { RecordedFabric } from './recorded-fabric.ts';

/** A limit that bound: what was wanted beyond it was not to be had. */
export interface LimitSummary {
  limit: keyof typeof LIMITS;
  /** When it first bound: for MAC tables to the millisecond. */
  firstNs: number;
  /** Where that was; null where it is the design's limit, not a device's. */
  device: string | null;
  /** How often it bound: segments, addresses or frames that found no room. */
  count: number;
}

/** What bound outside the devices' sight. */
export interface OutsideLimits {
  /** Segments that were refused, and those of them for which trees that are run per VLAN had no room at a switch. */
  readonly refusedSegments: number;
  readonly beyondStpPorts: number;
  /** MAC tables that had no room for an address. */
  readonly macTables: FirstTime | null;
  readonly macRefusals: number;
}

/** The limits that bound, the first to do so first. */
export function summarizeLimits(
  { devices: { network } }: RecordedFabric,
  { refusedSegments, beyondStpPorts, macTables, macRefusals }: OutsideLimits,
): LimitSummary[] {
  const seen: LimitSummary[] = network.limits.inOrder().map(({ limit, firstNs, node, count }) => ({
    limit,
    firstNs,
    device: node < 0 ? null : network.nodeNames[node],
    count,
  }));
  const add = (added: LimitSummary) => {
    if (!seen.some(({ limit }) => limit === added.limit)) seen.push(added);
  };
  const beyondIds = refusedSegments - beyondStpPorts;
  if (beyondIds > 0) add({ limit: 'vlan_ids', firstNs: 0, device: null, count: beyondIds });
  if (beyondStpPorts > 0) add({ limit: 'stp_ports', firstNs: 0, device: null, count: beyondStpPorts });
  if (macTables !== null) {
    add({ limit: 'mac_table', firstNs: macTables.timeNs, device: macTables.owner, count: macRefusals });
  }
  return seen.sort((one, other) => one.firstNs - other.firstNs);
}
