import type { ArrowTableWriter } from './arrow-file.ts';
import type { MIGRATION_STATUSES } from './column-values.ts';
import type { RecordedFabric } from './recorded-fabric.ts';
import type { ResultFolder } from './result-folder.ts';
import { MIGRATIONS } from './tables.ts';

/** A planned migration and what became of it, as the workload reports it. Servers are indices, times simulated. */
export interface MigrationRecord {
  readonly vm: number;
  readonly segment: number;
  readonly fromServer: number;
  /** -1 if none was to be had. */
  readonly toServer: number;
  readonly status: keyof typeof MIGRATION_STATUSES;
  readonly startNs: number;
  /** null: it never came to the pause, and the next three say nothing. */
  readonly pauseNs: number | null;
  readonly rounds: number;
  readonly transferredBytes: number;
  readonly downtimeNs: number;
  readonly resumeNs: number | null;
  readonly announcement: string;
  readonly announcedNs: readonly number[];
  readonly firstDeliveryNs: number | null;
  readonly proberVm: number | null;
  readonly sentProbes: number;
  readonly lostProbes: number;
  readonly outageNs: number | null;
  readonly isOutageOver: boolean;
  readonly lostFrames: number;
  readonly misdeliveredFrames: number;
}

/** Writes one row for each migration. */
export class MigrationTable {
  readonly #fabric: RecordedFabric;
  readonly #writer: ArrowTableWriter<typeof MIGRATIONS>;

  constructor(fabric: RecordedFabric, folder: ResultFolder) {
    this.#fabric = fabric;
    const { serverNames } = fabric;
    this.#writer = folder.open(MIGRATIONS, { from_server: serverNames, to_server: serverNames });
  }

  append(migration: MigrationRecord): void {
    const { vmName, segmentLabel } = this.#fabric;
    const { pauseNs, proberVm, outageNs, announcedNs, toServer } = migration;
    const isPaused = pauseNs !== null;
    this.#writer.row(
      vmName(migration.vm),
      segmentLabel(migration.segment),
      migration.fromServer,
      toServer < 0 ? null : toServer,
      migration.status,
      migration.startNs,
      pauseNs,
      migration.resumeNs,
      isPaused ? migration.rounds : null,
      isPaused ? migration.transferredBytes : null,
      isPaused ? migration.downtimeNs : null,
      migration.announcement,
      announcedNs.length,
      announcedNs[0] ?? null,
      announcedNs[announcedNs.length - 1] ?? null,
      migration.firstDeliveryNs,
      proberVm === null ? null : vmName(proberVm),
      migration.sentProbes,
      migration.lostProbes,
      outageNs,
      outageNs === null ? null : migration.isOutageOver,
      migration.lostFrames,
      migration.misdeliveredFrames,
    );
  }
}
