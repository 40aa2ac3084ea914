import type { ArrowTableWriter } from './arrow-file.ts';
import type { FAILURE_KINDS } from './column-values.ts';
import { type Spread, spreadOf } from './migration-summary.ts';
import { percentile } from './nearest-rank.ts';
import type { ResultFolder } from './result-folder.ts';
import { FAILURES } from './tables.ts';

/** A failure and what it did, as the workload reports it. Times are simulated. */
export interface FailureRecord {
  readonly kind: keyof typeof FAILURE_KINDS;
  /** Of the link, switch or server; of a rack, its switch. */
  readonly name: string;
  readonly failNs: number;
  /** null: not within the run. */
  readonly restoreNs: number | null;
  readonly vms: number;
  readonly changes: number;
  readonly convergenceNs: number;
  readonly changesAfterRepair: number;
  readonly convergenceAfterRepairNs: number | null;
  /** Until all entries were right; null if they were not. */
  readonly tablesRightNs: number | null;
  readonly tablesRightAfterRepairNs: number | null;
  readonly linkDownFrames: number;
  readonly noRouteFrames: number;
  readonly unresolvedFrames: number;
  readonly stationGoneFrames: number;
  readonly failedFlows: number;
  readonly incompleteFlows: number;
}

/** Writes one row for each failure. */
export class FailureTable {
  readonly #writer: ArrowTableWriter<typeof FAILURES>;

  constructor(folder: ResultFolder) {
    this.#writer = folder.open(FAILURES);
  }

  append(failure: FailureRecord): void {
    const isRepaired = failure.restoreNs !== null;
    this.#writer.row(
      failure.kind,
      failure.name,
      failure.failNs,
      failure.restoreNs,
      failure.vms,
      failure.changes,
      failure.convergenceNs,
      isRepaired ? failure.changesAfterRepair : null,
      isRepaired ? failure.convergenceAfterRepairNs : null,
      failure.tablesRightNs,
      failure.tablesRightAfterRepairNs,
      failure.linkDownFrames,
      failure.noRouteFrames,
      failure.unresolvedFrames,
      failure.stationGoneFrames,
      failure.failedFlows,
      failure.incompleteFlows,
    );
  }
}

/** What failures did, in a few numbers. */
export interface FailureSummary {
  count: number;
  /** VMs that went down with servers, each time that it did. */
  vms: number;
  /** From a failure to the last change of links, port states or routes before its repair; null if nothing failed. */
  convergenceNsMax: number | null;
  /** From a failure until all entries of tables point to where VMs can be reached: of those after which they did. */
  tablesRightNs: Spread;
  /** The same from repairs on. */
  tablesRightAfterRepairNs: Spread;
  /** Failures after which some entries were wrong until the repair or the end. */
  tablesStillWrong: number;
  /** Frames lost at links that were down, and for want of a route, whichever failure that was due to. */
  lostFrames: number;
}

/** `lostFrames` are all there were, because failures that overlap count the same ones. */
export function summarizeFailures(failures: readonly FailureRecord[], lostFrames: number): FailureSummary {
  return {
    count: failures.length,
    vms: failures.reduce((sum, { vms }) => sum + vms, 0),
    convergenceNsMax: percentile(
      failures.map(({ convergenceNs }) => convergenceNs),
      100,
    ),
    tablesRightNs: spreadOf(failures.flatMap(({ tablesRightNs }) => tablesRightNs ?? [])),
    tablesRightAfterRepairNs: spreadOf(
      failures.flatMap(({ tablesRightAfterRepairNs }) => tablesRightAfterRepairNs ?? []),
    ),
    tablesStillWrong: failures.filter(({ tablesRightNs }) => tablesRightNs === null).length,
    lostFrames,
  };
}
