import type { ArrowTableWriter } from './arrow-file.ts';
import type { MIGRATION_STATUSES, REFUSALS } from './column-values.ts';
import { linkNamesByPort, type RecordedFabric } from './recorded-fabric.ts';
import type { ResultFolder } from './result-folder.ts';
import { MIGRATIONS } from './tables.ts';

/** A planned migration and what became of it, as the workload reports it. Servers are indices, times simulated. */
export interface MigrationRecord {
  readonly vm: number;
  readonly segment: number;
  /** -1 if the VM was at none. */
  readonly fromServer: number;
  /** -1 if none was to be had. */
  readonly toServer: number;
  readonly status: keyof typeof MIGRATION_STATUSES;
  readonly refusal: keyof typeof REFUSALS | null;
  readonly startNs: number;
  /** null: it never came to the pause, and the downtime says nothing. */
  readonly pauseNs: number | null;
  readonly rounds: number;
  readonly transferredBytes: number;
  readonly downtimeNs: number;
  readonly isForced: boolean;
  readonly pathLinks: number;
  /** A port of the link, or -1. */
  readonly bottleneckPort: number;
  readonly copyNs: number;
  readonly sharedNs: number;
  readonly stalledNs: number;
  readonly resumeNs: number | null;
  readonly announcement: string;
  readonly announcedNs: readonly number[];
  readonly lostAnnouncements: number;
  readonly firstDeliveryNs: number | null;
  /** null: it did not resume at a new place. */
  readonly wrongTables: number | null;
  readonly halfRightNs: number | null;
  readonly allRightNs: number | null;
  readonly stillWrongTables: number;
  readonly floodedCopies: number;
  readonly proberVm: number | null;
  readonly sentProbes: number;
  readonly lostProbes: number;
  readonly outageNs: number | null;
  readonly isOutageOver: boolean;
  readonly lostFrames: number;
  readonly misdeliveredFrames: number;
  readonly blackholedFrames: number;
}

/** Writes one row for each migration. */
export class MigrationTable {
  readonly #fabric: RecordedFabric;
  readonly #writer: ArrowTableWriter<typeof MIGRATIONS>;
  readonly #linkOfPort: ReadonlyMap<number, string>;

  constructor(fabric: RecordedFabric, folder: ResultFolder) {
    this.#fabric = fabric;
    const { serverNames, links } = fabric;
    this.#linkOfPort = linkNamesByPort(fabric);
    this.#writer = folder.open(MIGRATIONS, {
      from_server: serverNames,
      to_server: serverNames,
      bottleneck_link: links.map(({ id }) => id),
    });
  }

  append(migration: MigrationRecord): void {
    const { vmName, segmentLabel } = this.#fabric;
    const { pauseNs, proberVm, outageNs, announcedNs, fromServer, toServer } = migration;
    const isPaused = pauseNs !== null;
    const hasCopied = migration.status !== 'refused' && migration.copyNs > 0;
    const hasResumed = migration.wrongTables !== null;
    this.#writer.row(
      vmName(migration.vm),
      segmentLabel(migration.segment),
      fromServer < 0 ? null : fromServer,
      toServer < 0 ? null : toServer,
      migration.status,
      migration.refusal,
      migration.startNs,
      pauseNs,
      migration.resumeNs,
      hasCopied ? migration.rounds : null,
      hasCopied ? migration.transferredBytes : null,
      isPaused ? migration.downtimeNs : null,
      isPaused ? migration.isForced : null,
      hasCopied ? migration.copyNs : null,
      hasCopied ? (migration.transferredBytes * 8e9) / migration.copyNs : null,
      hasCopied ? migration.pathLinks : null,
      this.#linkOfPort.get(migration.bottleneckPort) ?? null,
      hasCopied ? migration.sharedNs : null,
      hasCopied ? migration.stalledNs : null,
      migration.announcement,
      announcedNs.length,
      announcedNs[0] ?? null,
      announcedNs[announcedNs.length - 1] ?? null,
      migration.lostAnnouncements,
      migration.firstDeliveryNs,
      migration.wrongTables,
      migration.halfRightNs,
      migration.allRightNs,
      hasResumed ? migration.stillWrongTables : null,
      hasResumed ? migration.floodedCopies : null,
      proberVm === null ? null : vmName(proberVm),
      migration.sentProbes,
      migration.lostProbes,
      outageNs,
      outageNs === null ? null : migration.isOutageOver,
      migration.lostFrames,
      migration.misdeliveredFrames,
      migration.blackholedFrames,
    );
  }
}
