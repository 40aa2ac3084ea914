import type { ArrowTableWriter } from './arrow-file.ts';
import type { FAILURE_KINDS } from './column-values.ts';
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
  /** VMs that went down with servers, each time that one did. */
  vms: number;
  /** From a failure to the last change of links, port states or routes before its repair; null if nothing failed. */
  convergenceNsMax: number | null;
  /** Frames lost at links that were down, and for want of a route, in the whole run. */
  lostFrames: number;
}

/** `lostFrames` are of the whole run, because failures that overlap count the same ones. */
export function summarizeFailures(failures: readonly FailureRecord[], lostFrames: number): FailureSummary {
  return {
    count: failures.length,
    vms: failures.reduce((sum, { vms }) => sum + vms, 0),
    convergenceNsMax: percentile(
      failures.map(({ convergenceNs }) => convergenceNs),
      100,
    ),
    lostFrames,
  };
}
