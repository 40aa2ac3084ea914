import assert from 'node:assert';
import type { Observer } from '../device/observer.ts';
import { EventTables } from './event-tables.ts';
import { type FailureRecord, FailureTable } from './failure-table.ts';
import { bindsStill } from './limit-summary.ts';
import { LinkPeaks } from './link-peaks.ts';
import { MacTablePeaks } from './mac-table-peaks.ts';
import { SegmentSamples, SwitchSamples } from './mac-table-samples.ts';
import { type MigrationRecord, MigrationTable } from './migration-table.ts';
import { macTablesOf, type RecordedFabric, type RunMetadata } from './recorded-fabric.ts';
import { ResultFolder } from './result-folder.ts';
import { checkRunInvariants, type RunInvariant } from './run-invariants.ts';
import { type RunEnd, RunTables } from './run-tables.ts';
import { type RunCounts, type RunTotals, readTotals } from './run-totals.ts';
import { SegmentFloods } from './segment-floods.ts';
import { type FabricSummary, summarize } from './summary.ts';
import { writeTopology } from './topology-tables.ts';
import { totalsSinceWarmUp } from './totals-since-warm-up.ts';
import { TraceTables } from './trace-tables.ts';
import { FloodSamples, LinkFloods, LinkSamples } from './traffic-samples.ts';

const NS_PER_MS = 1e6;

/** Where the results of a run go. */
export interface RecorderOptions {
  /** Made if it is not there; null writes nothing and keeps what the summary needs. */
  readonly folder: string | null;
  readonly metadata: RunMetadata;
}

/** The tables of a folder that is being written. */
interface OpenTables {
  readonly folder: ResultFolder;
  readonly samplers: readonly { sample(timeNs: number): void }[];
  readonly linkFloods: LinkFloods;
  readonly migrations: MigrationTable;
  readonly failures: FailureTable;
  readonly events: EventTables;
  readonly traces: TraceTables;
  readonly run: RunTables;
}

/**
 * Writes what happened in a datacenter as result tables, with one batch of each in memory: samples when it is told to
 * take one, events as an observer. Recording changes nothing of what happens.
 */
export class Recorder {
  /** Hears of the events to record: for `network.observer`, before the fabric is started. */
  readonly observer: Observer;
  readonly #fabric: RecordedFabric;
  readonly #peaks: MacTablePeaks;
  readonly #linkPeaks: LinkPeaks;
  readonly #tables: OpenTables | null;
  readonly #warmUpNs: number;
  // null: there is no warm-up, or it is not over
  #atWarmUp: RunTotals | null = null;
  /** Takes what is followed hop by hop; null where nothing is written. */
  readonly traces: TraceTables | null;

  constructor(fabric: RecordedFabric, { folder, metadata }: RecorderOptions) {
    this.#fabric = fabric;
    this.#warmUpNs = metadata.warmUpNs;
    this.#peaks = new MacTablePeaks(fabric);
    this.#linkPeaks = new LinkPeaks(fabric);
    this.#tables = folder === null ? null : openTables(fabric, new ResultFolder(folder, metadata), metadata);
    this.observer = this.#tables?.events ?? {};
    this.traces = this.#tables?.traces ?? null;
  }

  /** Samples tables, links and floods as they are at `timeNs`, the present. */
  sample(timeNs: number): void {
    this.#settle(timeNs);
    this.#peaks.sample(timeNs);
    this.#linkPeaks.sample(timeNs);
    for (const sampler of this.#tables?.samplers ?? []) sampler.sample(timeNs);
  }

  /**
   * The warm-up is over: what happened so far is not in the summary. `counts` are those of the present. The tables take
   * no notice.
   */
  endWarmUp(counts: RunCounts): void {
    const { network, bridges, tunnels, spanningTrees, underlay } = this.#fabric.devices;
    this.#settle(network.simulation.nowNs);
    this.#peaks.restart(this.#warmUpNs);
    this.#linkPeaks.restart(this.#warmUpNs);
    bridges.tables.restartFirstLosses();
    tunnels.tables.restartFirstLosses();
    spanningTrees.counts.restartPeaks();
    network.limits.restart((limit) => bindsStill(limit, counts.hardwareUse));
    underlay.multicast.state.restartPeaks();
    this.#atWarmUp = this.#totals(counts);
  }

  /** Says how it all went after the warm-up, from the devices' counters and the samples so far. */
  summary(counts: RunCounts): FabricSummary {
    const totals = this.#totals(counts);
    const atWarmUp = this.#atWarmUp;
    assert(atWarmUp !== null || this.#warmUpNs === 0, 'a summary was asked for in the warm-up');
    const counted = atWarmUp === null ? totals : totalsSinceWarmUp(totals, atWarmUp, this.#warmUpNs);
    return summarize(this.#fabric, counted, this.#warmUpNs);
  }

  /** Does what is due, without which counters would be behind. */
  #settle(timeNs: number): void {
    const nowMs = Math.floor(timeNs / NS_PER_MS);
    for (const { kind, table } of this.#fabric.macTables) macTablesOf(this.#fabric, kind).expireDue(table, nowMs);
  }

  #totals(counts: RunCounts): RunTotals {
    return readTotals(this.#fabric, counts, {
      macTables: this.#peaks.summaries(),
      firstRefusal: this.#peaks.firstRefusal,
      macRefusals: this.#peaks.refusals,
      linkPeak: this.#linkPeaks.peak,
      fabricLinkPeak: this.#linkPeaks.fabricPeak,
      fabricArpPeak: this.#linkPeaks.fabricArpPeak,
    });
  }

  /**
   * Completes all files and returns what was checked of the run. An interrupted run is finished too, with `isComplete`
   * false.
   */
  finish(end: RunEnd, migrations: readonly MigrationRecord[], failures: readonly FailureRecord[] = []): RunInvariant[] {
    const invariants = checkRunInvariants(this.#fabric);
    if (this.#tables === null) return invariants;
    this.#tables.linkFloods.write();
    for (const migration of migrations) this.#tables.migrations.append(migration);
    for (const failure of failures) this.#tables.failures.append(failure);
    this.#tables.traces.finish();
    this.#tables.run.write(end, invariants);
    this.#tables.folder.finish({ fingerprint: end.fingerprint, is_complete: String(end.isComplete) });
    return invariants;
  }

  /** Gives up: the files stay as they are, with names that end in `.partial`. */
  abandon(): void {
    this.#tables?.folder.abandon();
  }
}

/** Opens all tables; they are completed in this order. */
function openTables(fabric: RecordedFabric, folder: ResultFolder, metadata: RunMetadata): OpenTables {
  // opened in the order of RESULT_TABLES
  writeTopology(fabric, folder);
  const samplers = [
    new SwitchSamples(fabric, folder),
    new SegmentSamples(fabric, folder),
    new LinkSamples(fabric, folder),
    new FloodSamples(fabric, folder),
  ];
  const linkFloods = new LinkFloods(fabric, folder);
  return {
    folder,
    linkFloods,
    samplers: [...samplers, new SegmentFloods(fabric, folder)],
    migrations: new MigrationTable(fabric, folder),
    failures: new FailureTable(folder),
    events: new EventTables(fabric, folder),
    traces: new TraceTables(fabric, folder),
    run: new RunTables(fabric, metadata, folder),
  };
}
