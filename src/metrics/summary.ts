import { endedFrames } from './ended-frames.ts';
import { type FloodSummary, summarizeFlooding } from './flood-summary.ts';
import type { MacTableSummary } from './mac-table-peaks.ts';
import { type MigrationSummary, summarizeMigrations } from './migration-summary.ts';
import type { MigrationRecord } from './migration-table.ts';
import type { RecordedFabric } from './recorded-fabric.ts';

/** What one fabric did with the workload, in a few numbers that can be laid beside another fabric's. */
export interface FabricSummary {
  macTables: MacTableSummary[];
  flooding: FloodSummary;
  migrations: MigrationSummary;
  /** Links between switches, and how many of them the spanning tree keeps from forwarding. */
  links: { total: number; blocked: number };
  flows: FlowCounts;
  /** Frames that were lost, by how; what never occurred is left out. */
  drops: { outcome: string; frames: number }[];
}

/** What became of the flows that started; the rest of them are under way. */
export interface FlowCounts {
  started: number;
  finished: number;
  /** Nobody answered. */
  failed: number;
  /** Some of their data was lost. */
  incomplete: number;
  deliveredBytes: number;
}

/** What the recorder cannot see in the devices. */
export interface RunCounts {
  readonly migrations: readonly MigrationRecord[];
  readonly flows: Readonly<FlowCounts>;
  readonly blockedLinks: number;
}

/** Sums up a run from the counters of the devices as they are, and from what was watched and counted on the way. */
export function summarize(
  fabric: RecordedFabric,
  macTables: MacTableSummary[],
  { migrations, flows, blockedLinks }: RunCounts,
): FabricSummary {
  return {
    macTables,
    flooding: summarizeFlooding(fabric),
    migrations: summarizeMigrations(migrations),
    links: { total: fabric.links.filter(({ tier }) => tier === 'fabric').length, blocked: blockedLinks },
    flows: { ...flows },
    drops: endedFrames(fabric).filter(({ outcome, frames }) => outcome.startsWith('drop_') && frames > 0),
  };
}
