import { FLOOD_CAUSE_ORDER, TRAFFIC_CLASSES } from './column-values.ts';
import { type ControlPlaneLoad, type ControlPlaneSummary, controlPlaneTotals } from './control-plane-summary.ts';
import { endedFrames } from './ended-frames.ts';
import type { FailureRecord } from './failure-table.ts';
import {
  type BorderLoad,
  borderLoads,
  type FloodTotals,
  floodTotals,
  type SiteTraffic,
  trafficBetweenSites,
} from './flood-summary.ts';
import { type GatewaySummary, type GatewayUse, summarizeGateways } from './gateway-summary.ts';
import { type HardwareSummary, type HardwareUse, summarizeHardware } from './hardware-summary.ts';
import { type LimitSummary, limitTotals } from './limit-summary.ts';
import type { FabricLinkPeak, LinkPeak } from './link-peaks.ts';
import type { FirstTime, MacTableSummary } from './mac-table-peaks.ts';
import type { MigrationRecord } from './migration-table.ts';
import { type MulticastSummary, summarizeMulticast } from './multicast-summary.ts';
import type { RecordedFabric } from './recorded-fabric.ts';

/** Links between switches at the end. */
export interface LinkCounts {
  total: number;
  /** Up, but an end does not forward. */
  blocked: number;
  /** Frames go over them. */
  forwarding: number;
  /** What can flow over these at a time from one half of the racks to the other. */
  bisectionBitsPerSec: number;
}

/** What became of the VMs that the tenants have. Those that neither arrived nor were refused would have come later. */
export interface VmCounts {
  planned: number;
  /** Booted; `ended` of them are no more. */
  arrived: number;
  ended: number;
  /** They came when no server would take them. */
  refused: number;
}

/** What became of the flows that started; the rest of them are under way. */
export interface FlowCounts {
  started: number;
  finished: number;
  /** Nobody answered. */
  failed: number;
  /** Some of their data was lost. */
  incomplete: number;
  /** One of the two VMs ended before. */
  abandoned: number;
  deliveredBytes: number;
}

/** What the recorder cannot see in the devices. */
export interface RunCounts {
  readonly migrations: readonly MigrationRecord[];
  readonly vms: Readonly<VmCounts>;
  readonly failures?: readonly FailureRecord[];
  readonly flows: Readonly<FlowCounts>;
  readonly links: Readonly<Omit<LinkCounts, 'total'>>;
  readonly hardwareUse: readonly HardwareUse[];
  readonly gatewayUse?: readonly GatewayUse[];
  readonly controlPlaneLoads?: readonly ControlPlaneLoad[];
  readonly refused: { readonly segments: number; readonly vms: number };
}

/** What was watched on the way. */
export interface WatchedPeaks {
  readonly macTables: readonly MacTableSummary[];
  readonly firstRefusal: FirstTime | null;
  readonly macRefusals: number;
  readonly linkPeak: LinkPeak | null;
  readonly fabricLinkPeak: FabricLinkPeak | null;
  readonly fabricArpPeak: FabricLinkPeak | null;
}

/**
 * All that the summary of a run is made of, as it is at one moment: sums since the start, what was most, and what there
 * is. Ratios, and what one of many has most of, are reckoned from it (`summary.ts`) when the warm-up has been taken off
 * (`totals-since-warm-up.ts`).
 */
export interface RunTotals extends WatchedPeaks {
  readonly hardware: readonly HardwareSummary[];
  readonly shutPorts: number;
  /** By cause; all of them, in their order. */
  readonly stormDrops: readonly { readonly cause: string; readonly frames: number }[];
  readonly flooding: FloodTotals;
  readonly multicast: MulticastSummary | null;
  readonly migrations: readonly MigrationRecord[];
  readonly failures: readonly FailureRecord[];
  readonly limits: readonly LimitSummary[];
  /** Switches where not all trees have room. */
  readonly beyondStpPorts: number;
  readonly refused: { readonly segments: number; readonly vms: number };
  readonly links: LinkCounts;
  readonly gateways: GatewaySummary;
  readonly controlPlane: ControlPlaneSummary;
  /** Bytes of known unicast on links between switches. */
  readonly knownUnicastBytes: number;
  readonly betweenSites: SiteTraffic | null;
  readonly outside: readonly BorderLoad[] | null;
  readonly vms: VmCounts;
  readonly flows: FlowCounts;
  /** By outcome; all of them, in their order. */
  readonly ended: { readonly outcome: string; readonly frames: number }[];
}

/** Reads the counters of the devices as they are, beside what was watched and counted on the way. */
export function readTotals(fabric: RecordedFabric, counts: RunCounts, watched: WatchedPeaks): RunTotals {
  const { failures = [], gatewayUse = [], controlPlaneLoads = [], hardwareUse } = counts;
  const { bridges } = fabric.devices;
  const dropped = new Map(bridges.stormControl?.dropped().map(({ cause, frames }) => [cause, frames]));
  return {
    ...watched,
    hardware: summarizeHardware(hardwareUse),
    shutPorts: bridges.shutPorts.length,
    stormDrops: FLOOD_CAUSE_ORDER.map((cause) => ({ cause, frames: dropped.get(cause) ?? 0 })),
    flooding: floodTotals(fabric),
    multicast: summarizeMulticast(fabric),
    migrations: counts.migrations,
    failures,
    limits: limitTotals(fabric),
    beyondStpPorts: new Set(hardwareUse.flatMap((use) => (use.resource === 'stp_logical_ports' ? use.refused : [])))
      .size,
    refused: { ...counts.refused },
    links: { total: fabric.links.filter(({ tier }) => tier === 'fabric').length, ...counts.links },
    gateways: summarizeGateways(gatewayUse),
    controlPlane: controlPlaneTotals(fabric, controlPlaneLoads),
    knownUnicastBytes: knownUnicastBytesOf(fabric),
    betweenSites: trafficBetweenSites(fabric),
    outside: borderLoads(fabric),
    vms: { ...counts.vms },
    flows: { ...counts.flows },
    ended: endedFrames(fabric),
  };
}

function knownUnicastBytesOf({ links, devices: { network } }: RecordedFabric): number {
  const knownUnicast = TRAFFIC_CLASSES.indexOf('known_unicast');
  let bytes = 0;
  for (const { tier, ports } of links) {
    if (tier === 'fabric') for (const port of ports) bytes += network.classBytes(port, knownUnicast);
  }
  return bytes;
}
