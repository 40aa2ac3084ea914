import type { Network } from '../device/network.ts';
import { Outcome } from '../device/observer.ts';
import type { FailureKind, PlannedFailure } from './failures.ts';

/** Flows that ended without all of their data. */
interface LostFlows {
  failedFlows: number;
  incompleteFlows: number;
}

/** Frames that ended in a way that failures make frequent, and flows that lost data. */
export interface Losses extends LostFlows {
  linkDownFrames: number;
  noRouteFrames: number;
  unresolvedFrames: number;
  stationGoneFrames: number;
}

/** What a failure did. Losses are all that happened between it and its repair, whatever they were due to. */
export interface FailureRow extends Losses {
  kind: FailureKind;
  index: number;
  failNs: number;
  /** null: not within the run. */
  restoreNs: number | null;
  /** VMs that went down with servers. */
  vms: number;
  /** Changes of links, port states and routes until the repair; and from the failure to the last of them. */
  changes: number;
  convergenceNs: number;
  /** The same from the repair on, until anything else fails or comes back. */
  changesAfterRepair: number;
  convergenceAfterRepairNs: number | null;
  /**
   * From the failure until no entry points elsewhere than to where its VM can be reached, and none does again before the
   * repair; null if some still do. And the same from the repair on, until anything else fails or comes back.
   */
  tablesRightNs: number | null;
  tablesRightAfterRepairNs: number | null;
}

/** Keeps account of what failed and what that did. */
export class FailureLog {
  readonly #network: Network;
  readonly #lostFlows: () => LostFlows;
  readonly #rows: FailureRow[] = [];
  // by number of the failure, of those that are not over: their row, and losses until they began
  readonly #open = new Map<number, { row: FailureRow; before: Losses }>();
  // the last that was repaired, if nothing else happened since
  #repaired: FailureRow | null = null;

  constructor(network: Network, lostFlows: () => LostFlows) {
    this.#network = network;
    this.#lostFlows = lostFlows;
  }

  /** Something is about to fail. */
  failed(number: number, { kind, index }: PlannedFailure): void {
    const row: FailureRow = {
      kind,
      index,
      failNs: this.#network.simulation.nowNs,
      restoreNs: null,
      vms: 0,
      ...NO_LOSSES,
      changes: 0,
      convergenceNs: 0,
      changesAfterRepair: 0,
      convergenceAfterRepairNs: null,
      tablesRightNs: null,
      tablesRightAfterRepairNs: null,
    };
    this.#rows.push(row);
    this.#open.set(number, { row, before: this.#losses() });
    this.#repaired = null;
  }

  /** VMs went down with the failure that began last. */
  vmsWentDown(count: number): void {
    const row = this.#rows.at(-1);
    if (row !== undefined) row.vms += count;
  }

  /** A link, a port state or routes changed. */
  pathsChanged(): void {
    if (this.#open.size === 0 && this.#repaired === null) return;
    const { nowNs } = this.#network.simulation;
    for (const { row } of this.#open.values()) {
      row.changes++;
      row.convergenceNs = nowNs - row.failNs;
    }
    if (this.#repaired === null) return;
    this.#repaired.changesAfterRepair++;
    this.#repaired.convergenceAfterRepairNs = nowNs - this.#repaired.restoreNs!;
  }

  /** Tables were looked at. */
  looked(isRight: boolean): void {
    const { nowNs } = this.#network.simulation;
    for (const { row } of this.#open.values()) {
      if (!isRight) row.tablesRightNs = null;
      else row.tablesRightNs ??= nowNs - row.failNs;
    }
    if (this.#repaired === null) return;
    if (!isRight) this.#repaired.tablesRightAfterRepairNs = null;
    else this.#repaired.tablesRightAfterRepairNs ??= nowNs - this.#repaired.restoreNs!;
  }

  /** Something is about to come back. */
  restored(number: number): void {
    const failure = this.#open.get(number);
    if (failure === undefined) return;
    this.#open.delete(number);
    Object.assign(failure.row, lossesSince(failure.before, this.#losses()));
    failure.row.restoreNs = this.#network.simulation.nowNs;
    failure.row.convergenceAfterRepairNs = 0;
    this.#repaired = failure.row;
  }

  /** One row for each failure so far, in the order in which they began. */
  rows(): FailureRow[] {
    for (const { row, before } of this.#open.values()) Object.assign(row, lossesSince(before, this.#losses()));
    return this.#rows.map((row) => ({ ...row }));
  }

  #losses(): Losses {
    const { outcomeFrames } = this.#network;
    const { failedFlows, incompleteFlows } = this.#lostFlows();
    return {
      linkDownFrames: outcomeFrames[Outcome.dropLinkDown],
      noRouteFrames: outcomeFrames[Outcome.dropNoRoute],
      unresolvedFrames: outcomeFrames[Outcome.dropUnresolved],
      stationGoneFrames: outcomeFrames[Outcome.dropStationGone],
      failedFlows,
      incompleteFlows,
    };
  }
}

const NO_LOSSES: Losses = {
  linkDownFrames: 0,
  noRouteFrames: 0,
  unresolvedFrames: 0,
  stationGoneFrames: 0,
  failedFlows: 0,
  incompleteFlows: 0,
};

function lossesSince(before: Losses, now: Losses): Losses {
  return {
    linkDownFrames: now.linkDownFrames - before.linkDownFrames,
    noRouteFrames: now.noRouteFrames - before.noRouteFrames,
    unresolvedFrames: now.unresolvedFrames - before.unresolvedFrames,
    stationGoneFrames: now.stationGoneFrames - before.stationGoneFrames,
    failedFlows: now.failedFlows - before.failedFlows,
    incompleteFlows: now.incompleteFlows - before.incompleteFlows,
  };
}
