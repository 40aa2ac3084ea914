import type { MigrationRecord } from './migration-table.ts';
import { percentile } from './nearest-rank.ts';

/** Median, 99th percentile and largest of what was measured, by nearest rank; null if nothing was. */
export interface Spread {
  p50: number | null;
  p99: number | null;
  max: number | null;
}

/**
 * What migrations cost. An outage that was not over when probing ended counts with its length until then: a lower bound.
 */
export interface MigrationSummary {
  planned: number;
  done: number;
  givenUp: number;
  failed: number;
  readdressed: number;
  refused: number;
  /** Why; what never occurred is left out. */
  refusals: { reason: string; count: number }[];
  /** Done, but with a pause longer than the downtime limit. */
  forced: number;
  /** Outages that were measured, and those of them that were not over. */
  outages: number;
  unendedOutages: number;
  outageNsP50: number | null;
  outageNsP99: number | null;
  outageNsMax: number | null;
  /** Of those done: how long copying took with the pause, the pause alone, and how long tables took to catch up. */
  copyNs: Spread;
  downtimeNs: Spread;
  catchUpNs: Spread;
  /** Done, but tables pointed to the old place to the end. */
  notCaughtUp: number;
  /** Bytes of memory that were copied, and the time for which full links, or missing ones, held copies back. */
  copiedBytes: number;
  sharedNs: number;
  stalledNs: number;
  floodedCopies: number;
  lostFrames: number;
  misdeliveredFrames: number;
  blackholedFrames: number;
}

export function summarizeMigrations(migrations: readonly MigrationRecord[]): MigrationSummary {
  const measured = migrations.filter(({ outageNs }) => outageNs !== null);
  const done = migrations.filter(({ status }) => status === 'done');
  const total = (count: (migration: MigrationRecord) => number) =>
    migrations.reduce((sum, migration) => sum + count(migration), 0);
  const withStatus = (wanted: MigrationRecord['status']) => migrations.filter(({ status }) => status === wanted).length;
  const outageNs = spreadOf(measured.map((migration) => migration.outageNs!));
  const reasons = [...new Set(migrations.flatMap(({ refusal }) => (refusal === null ? [] : [refusal])))].sort();
  return {
    planned: migrations.length,
    done: done.length,
    givenUp: withStatus('given_up'),
    failed: withStatus('failed'),
    readdressed: withStatus('readdressed'),
    refused: withStatus('refused'),
    refusals: reasons.map((reason) => ({
      reason,
      count: migrations.filter(({ refusal }) => refusal === reason).length,
    })),
    forced: done.filter(({ isForced }) => isForced).length,
    outages: measured.length,
    unendedOutages: measured.filter(({ isOutageOver }) => !isOutageOver).length,
    outageNsP50: outageNs.p50,
    outageNsP99: outageNs.p99,
    outageNsMax: outageNs.max,
    copyNs: spreadOf(done.map(({ copyNs }) => copyNs)),
    downtimeNs: spreadOf(done.map(({ downtimeNs }) => downtimeNs)),
    catchUpNs: spreadOf(done.flatMap(({ allRightNs }) => allRightNs ?? [])),
    notCaughtUp: done.filter(({ stillWrongTables }) => stillWrongTables > 0).length,
    copiedBytes: total(({ transferredBytes }) => transferredBytes),
    sharedNs: total(({ sharedNs }) => sharedNs),
    stalledNs: total(({ stalledNs }) => stalledNs),
    floodedCopies: total(({ floodedCopies }) => floodedCopies),
    lostFrames: total(({ lostFrames }) => lostFrames),
    misdeliveredFrames: total(({ misdeliveredFrames }) => misdeliveredFrames),
    blackholedFrames: total(({ blackholedFrames }) => blackholedFrames),
  };
}

/** Median, 99th percentile and largest of values. */
export function spreadOf(values: readonly number[]): Spread {
  return { p50: percentile(values, 50), p99: percentile(values, 99), max: percentile(values, 100) };
}
