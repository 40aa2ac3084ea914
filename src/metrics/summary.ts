import { OUTCOMES } from './column-values.ts';
import { type ControlPlaneSummary, summarizeControlPlane } from './control-plane-summary.ts';
import { type FailureSummary, summarizeFailures } from './failure-table.ts';
import {
  type FloodSummary,
  type OutsideTraffic,
  type SiteTraffic,
  summarizeFlooding,
  summarizeOutside,
} from './flood-summary.ts';
import type { GatewaySummary } from './gateway-summary.ts';
import type { HardwareSummary } from './hardware-summary.ts';
import { type LimitSummary, summarizeLimits } from './limit-summary.ts';
import type { FabricLinkPeak, LinkPeak } from './link-peaks.ts';
import type { MacTableSummary } from './mac-table-peaks.ts';
import { type MigrationSummary, summarizeMigrations } from './migration-summary.ts';
import type { MulticastSummary } from './multicast-summary.ts';
import type { RecordedFabric } from './recorded-fabric.ts';
import type { FlowCounts, LinkCounts, RunTotals, VmCounts } from './run-totals.ts';

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

/** How far unicast travels between switches. */
export interface UnicastSummary {
  /** Bytes of known unicast, encapsulated or not, on links between switches: they count once for each that they cross. */
  fabricBytes: number;
  /** The same for each byte of data that flows delivered; null if none was. */
  fabricBytesPerDelivered: number | null;
}

/** The outcomes of frames that links and routes lose when they are gone. */
const LOST_TO_FAILURES: readonly string[] = [OUTCOMES.dropLinkDown.name, OUTCOMES.dropNoRoute.name];

/** Says in a few numbers what a run came to after a warm-up of `warmUpNs`, which `totals` do not have in them. */
export function summarize(fabric: RecordedFabric, totals: RunTotals, warmUpNs: number): FabricSummary {
  const { macTables, refused, ended, flows, knownUnicastBytes, outside } = totals;
  const lost = ended.filter(({ outcome }) => LOST_TO_FAILURES.includes(outcome));
  return {
    macTables: [...macTables],
    hardware: [...totals.hardware],
    shutPorts: totals.shutPorts,
    stormDrops: totals.stormDrops.filter(({ frames }) => frames > 0),
    flooding: summarizeFlooding(fabric, totals.flooding),
    multicast: totals.multicast,
    limits: summarizeLimits(
      totals.limits,
      {
        refusedSegments: refused.segments,
        beyondStpPorts: totals.beyondStpPorts,
        macTables: totals.firstRefusal,
        macRefusals: totals.macRefusals,
      },
      warmUpNs,
    ),
    floodPeak: totals.linkPeak,
    fabricFloodPeak: totals.fabricLinkPeak,
    fabricArpPeak: totals.fabricArpPeak,
    refused,
    migrations: summarizeMigrations(totals.migrations),
    failures: summarizeFailures(
      totals.failures,
      lost.reduce((sum, { frames }) => sum + frames, 0),
    ),
    links: totals.links,
    gateways: totals.gateways,
    controlPlane: summarizeControlPlane(totals.controlPlane),
    unicast: {
      fabricBytes: knownUnicastBytes,
      fabricBytesPerDelivered: flows.deliveredBytes === 0 ? null : knownUnicastBytes / flows.deliveredBytes,
    },
    betweenSites: totals.betweenSites,
    outside: outside === null ? null : summarizeOutside(outside),
    vms: totals.vms,
    flows,
    drops: ended.filter(({ outcome, frames }) => outcome.startsWith('drop_') && frames > 0),
  };
}
