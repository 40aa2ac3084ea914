import type { Trace, TracedHop } from '../device/flood-tracer.ts';
import { formatMac } from '../wire/mac-address.ts';
import type { ArrowTableWriter } from './arrow-file.ts';
import { OUTCOMES } from './column-values.ts';
import { linkNamesByPort, type RecordedFabric } from './recorded-fabric.ts';
import type { ResultFolder } from './result-folder.ts';
import { TRACE_HOPS, TRACE_TABLES, TRACES } from './tables.ts';

/** A table that pointed elsewhere when a VM resumed, as it is while the run goes on. */
interface FollowedTable {
  /** Its index among the fabric's tables. */
  readonly table: number;
  rightNs: number | null;
}

/** A migration that is followed. */
interface FollowedMigration {
  readonly migration: number;
  readonly vm: number;
  readonly resumeNs: number;
  readonly tables: FollowedTable[];
}

/** Writes down what was followed: frames hop by hop, and tables of learned addresses as they came to be right. */
export class TraceTables {
  readonly #fabric: RecordedFabric;
  readonly #traces: ArrowTableWriter<typeof TRACES>;
  readonly #hops: ArrowTableWriter<typeof TRACE_HOPS>;
  readonly #tables: ArrowTableWriter<typeof TRACE_TABLES>;
  readonly #linkOfPort: ReadonlyMap<number, string>;
  readonly #followed: FollowedMigration[] = [];
  // by VM: the last of its migrations that is followed
  readonly #ofVm = new Map<number, FollowedMigration>();

  constructor(fabric: RecordedFabric, folder: ResultFolder) {
    this.#fabric = fabric;
    this.#traces = folder.open(TRACES);
    this.#hops = folder.open(TRACE_HOPS, { link: fabric.links.map(({ id }) => id) });
    this.#tables = folder.open(TRACE_TABLES);
    this.#linkOfPort = linkNamesByPort(fabric);
  }

  /** A frame whose copies have all ended, or that the run ended upon. */
  write({ trace, announcement, cause, node, segment, source, destination, startNs, hops, isCut }: Trace): void {
    const { network } = this.#fabric.devices;
    this.#traces.row(
      trace,
      announcement === null ? 'flood' : 'announcement',
      cause,
      this.#fabric.segmentLabel(segment),
      network.nodeNames[node],
      formatMac(network.addresses.macOf(source)),
      formatMac(network.addresses.macOf(destination)),
      announcement?.migration ?? null,
      announcement?.round ?? null,
      startNs,
      hops.length,
      isCut,
    );
    for (const hop of hops) this.#writeHop(trace, hop);
  }

  /** A migration is followed from now on: the VM runs at its new place. */
  follow(migration: number, vm: number): void {
    const { nowNs } = this.#fabric.devices.network.simulation;
    const followed = { migration, vm, resumeNs: nowNs, tables: [] };
    this.#followed.push(followed);
    this.#ofVm.set(vm, followed);
  }

  /** A later migration of the VM is not followed: what its tables do now is none of the earlier one's. */
  forget(vm: number): void {
    this.#ofVm.delete(vm);
  }

  pointElsewhere(vm: number, tables: readonly number[]): void {
    this.#ofVm.get(vm)?.tables.push(...tables.map((table) => ({ table, rightNs: null })));
  }

  right(vm: number, table: number): void {
    const found = this.#ofVm.get(vm)?.tables.find((one) => one.table === table);
    if (found !== undefined) found.rightNs ??= this.#fabric.devices.network.simulation.nowNs;
  }

  /** Writes the tables of migrations that were followed. */
  finish(): void {
    const { macTables, vmName } = this.#fabric;
    for (const { migration, vm, resumeNs, tables } of this.#followed) {
      for (const { table, rightNs } of tables) {
        const { owner, kind } = macTables[table];
        this.#tables.row(migration, vmName(vm), owner, kind, resumeNs, rightNs);
      }
    }
  }

  #writeHop(
    trace: number,
    { port, peer, sentNs, arrivedNs, isEncapsulated, copies, sentOn, outcome }: TracedHop,
  ): void {
    const { network } = this.#fabric.devices;
    this.#hops.row(
      trace,
      sentNs,
      arrivedNs,
      peer < 0 ? null : (this.#linkOfPort.get(port) ?? null),
      network.nodeNames[network.nodeOf(port)],
      peer < 0 ? null : network.nodeNames[network.nodeOf(peer)],
      isEncapsulated,
      copies,
      sentOn,
      outcomeName(outcome, { isSentOn: sentOn > 0, hasArrived: arrivedNs !== null }),
    );
  }
}

function outcomeName(
  outcome: TracedHop['outcome'],
  { isSentOn, hasArrived }: { isSentOn: boolean; hasArrived: boolean },
): string {
  if (isSentOn) return 'sent_on';
  if (outcome !== null && outcome in OUTCOMES) return OUTCOMES[outcome as keyof typeof OUTCOMES].name;
  return hasArrived ? OUTCOMES.consumed.name : 'under_way';
}
