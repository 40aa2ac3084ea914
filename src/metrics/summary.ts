import { OUTCOMES, TRAFFIC_CLASSES } from './column-values.ts';
import { type ControlPlaneLoad, type ControlPlaneSummary, summarizeControlPlane } from './control-plane-summary.ts';
import { endedFrames } from './ended-frames.ts';
import { type FailureRecord, type FailureSummary, summarizeFailures } from './failure-table.ts';
import {
  type FloodSummary,
  type OutsideTraffic,
  type SiteTraffic,
  summarizeFlooding,
  trafficBetweenSites,
  trafficToOutside,
} from './flood-summary.ts';
import { type GatewaySummary, type GatewayUse, summarizeGateways } from './gateway-summary.ts';
import { type HardwareSummary, type HardwareUse, summarizeHardware } from './hardware-summary.ts';
import { type LimitSummary, summarizeLimits } from './limit-summary.ts';
import type { FabricLinkPeak, LinkPeak } from './link-peaks.ts';
import type { FirstTime, MacTableSummary } from './mac-table-peaks.ts';
import { type MigrationSummary, summarizeMigrations } from './migration-summary.ts';
import type { MigrationRecord } from './migration-table.ts';
import { type MulticastSummary, summarizeMulticast } from './multicast-summary.ts';
import type { RecordedFabric } from './recorded-fabric.ts';

/** What one fabric did with the workload, in a few numbers that can be laid beside another fabric's. */
export interface FabricSummary {
  macTables: MacTableSummary[];
  /** Of other limits that the hardware of a tier sets: what was used and refused. */
  hardware: HardwareSummary[];
  /** Ports that were shut down for one address too many, or for a storm. */
  shutPorts: number;
  /** Frames that storm control stopped, by what they would have been flooded for. */
  stormDrops: { cause: string; frames: number }[];
  flooding: FloodSummary;
  /** Multicast in the underlay; null where there is none. */
  multicast: MulticastSummary | null;
  migrations: MigrationSummary;
  /** Limits that bound, the first to do so first. */
  limits: LimitSummary[];
  /** Where floods were fastest between two samples; null if there were none. */
  floodPeak: LinkPeak | null;
  /** The same of links between switches, where floods took the greatest share of the link's rate. */
  fabricFloodPeak: FabricLinkPeak | null;
  /** The same of the broadcasts of ARP alone. */
  fabricArpPeak: FabricLinkPeak | null;
  /** Segments that the design has no identifier for, and VMs that have no network where they start. */
  refused: { segments: number; vms: number };
  failures: FailureSummary;
  links: LinkCounts;
  gateways: GatewaySummary;
  controlPlane: ControlPlaneSummary;
  unicast: UnicastSummary;
  /** What crossed between sites; null where there is one. */
  betweenSites: SiteTraffic | null;
  /** What crossed to another network and back; null where there is none. */
  outside: OutsideTraffic | null;
  vms: VmCounts;
  flows: FlowCounts;
  /** Frames that were lost, by how; what never occurred is left out. */
  drops: { outcome: string; frames: number }[];
}

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

/** How far unicast travels between switches. */
export interface UnicastSummary {
  /** Bytes of known unicast, encapsulated or not, on links between switches: they count once for each that they cross. */
  fabricBytes: number;
  /** The same for each byte of data that flows delivered; null if none was. */
  fabricBytesPerDelivered: number | null;
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
  readonly macTables: MacTableSummary[];
  readonly firstRefusal: FirstTime | null;
  readonly linkPeak: LinkPeak | null;
  readonly fabricLinkPeak: FabricLinkPeak | null;
  readonly fabricArpPeak: FabricLinkPeak | null;
}

/** The outcomes of frames that links and routes lose when they are gone. */
const LOST_TO_FAILURES: readonly string[] = [OUTCOMES.dropLinkDown.name, OUTCOMES.dropNoRoute.name];

/** Sums up a run from the counters of the devices as they are, and from what was watched and counted on the way. */
export function summarize(
  fabric: RecordedFabric,
  {
    migrations,
    failures = [],
    vms,
    flows,
    links,
    refused,
    hardwareUse,
    gatewayUse = [],
    controlPlaneLoads = [],
  }: RunCounts,
  { macTables, firstRefusal, linkPeak, fabricLinkPeak, fabricArpPeak }: WatchedPeaks,
): FabricSummary {
  const ended = endedFrames(fabric);
  const lost = ended.filter(({ outcome }) => LOST_TO_FAILURES.includes(outcome));
  return {
    macTables,
    hardware: summarizeHardware(hardwareUse),
    shutPorts: fabric.devices.bridges.shutPorts.length,
    stormDrops: fabric.devices.bridges.stormControl?.dropped() ?? [],
    flooding: summarizeFlooding(fabric),
    multicast: summarizeMulticast(fabric),
    limits: summarizeLimits(fabric, {
      refusedSegments: refused.segments,
      beyondStpPorts: new Set(hardwareUse.flatMap((use) => (use.resource === 'stp_logical_ports' ? use.refused : [])))
        .size,
      macTables: firstRefusal,
      macRefusals: macTables.reduce((sum, table) => sum + table.refused + table.evicted, 0),
    }),
    floodPeak: linkPeak,
    fabricFloodPeak: fabricLinkPeak,
    fabricArpPeak,
    refused: { ...refused },
    migrations: summarizeMigrations(migrations),
    failures: summarizeFailures(
      failures,
      lost.reduce((sum, { frames }) => sum + frames, 0),
    ),
    links: { total: fabric.links.filter(({ tier }) => tier === 'fabric').length, ...links },
    gateways: summarizeGateways(gatewayUse),
    controlPlane: summarizeControlPlane(fabric, controlPlaneLoads),
    unicast: unicastOf(fabric, flows.deliveredBytes),
    betweenSites: trafficBetweenSites(fabric),
    outside: trafficToOutside(fabric),
    vms: { ...vms },
    flows: { ...flows },
    drops: ended.filter(({ outcome, frames }) => outcome.startsWith('drop_') && frames > 0),
  };
}

function unicastOf({ links, devices: { network } }: RecordedFabric, deliveredBytes: number): UnicastSummary {
  const knownUnicast = TRAFFIC_CLASSES.indexOf('known_unicast');
  let fabricBytes = 0;
  for (const { tier, ports } of links) {
    if (tier === 'fabric') for (const port of ports) fabricBytes += network.classBytes(port, knownUnicast);
  }
  return { fabricBytes, fabricBytesPerDelivered: deliveredBytes === 0 ? null : fabricBytes / deliveredBytes };
}
