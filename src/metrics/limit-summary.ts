import type { LIMITS } from './column-values.ts';
import type { HardwareUse } from './hardware-summary.ts';
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

/** The limits that devices heard of. */
export function limitTotals({ devices: { network } }: RecordedFabric): LimitSummary[] {
  return network.limits.inOrder().map(({ limit, firstNs, node, count }) => ({
    limit,
    firstNs,
    device: node < 0 ? null : network.nodeNames[node],
    count,
  }));
}

/** The limits that bound, the first to do so first; those that bound all along have done so since the warm-up's end. */
export function summarizeLimits(
  ofDevices: readonly LimitSummary[],
  { refusedSegments, beyondStpPorts, macTables, macRefusals }: OutsideLimits,
  warmUpNs: number,
): LimitSummary[] {
  const seen = [...ofDevices];
  const add = (added: LimitSummary) => {
    if (!seen.some(({ limit }) => limit === added.limit)) seen.push(added);
  };
  const beyondIds = refusedSegments - beyondStpPorts;
  if (beyondIds > 0) add({ limit: 'vlan_ids', firstNs: 0, device: null, count: beyondIds });
  if (beyondStpPorts > 0) add({ limit: 'stp_ports', firstNs: 0, device: null, count: beyondStpPorts });
  if (macTables !== null) {
    add({ limit: 'mac_table', firstNs: macTables.timeNs, device: macTables.owner, count: macRefusals });
  }
  return seen
    .sort((one, other) => one.firstNs - other.firstNs)
    .map((limit) => ({ ...limit, firstNs: Math.max(limit.firstNs, warmUpNs) }));
}

/** Limits that bind for good: what they refuse stays refused until there is room. Others are hit again and again. */
const LASTING: Readonly<Record<LimitSummary['limit'], boolean>> = {
  vlan_ids: true,
  mac_table: false,
  vtep_peers: true,
  vnis: true,
  stp_ports: true,
  port_queue: false,
  host_entries: true,
  // counts anew what is beyond it when peaks begin anew
  mroutes: false,
  multicast_groups: true,
};

/** Whether what a limit refused so far is refused still, by how much of it devices use. */
export function bindsStill(limit: LimitSummary['limit'], uses: readonly HardwareUse[]): boolean {
  const resource = limit === 'stp_ports' ? 'stp_logical_ports' : limit;
  return (
    LASTING[limit] && uses.some((use) => use.resource === resource && (use.refused.length > 0 || use.used >= use.limit))
  );
}
