import type { Devices } from '../device/devices.ts';
import { FloodTracer } from '../device/flood-tracer.ts';
import type { TraceTables } from '../metrics/trace-tables.ts';
import type { CatchUpWatcher } from '../workload/catching-up.ts';
import type { MigrationFollower } from '../workload/migration.ts';
import type { Scenario } from './scenario.ts';

/** Begins to follow what the scenario asks for; null if it asks for nothing, or if nothing is written. */
export function followFrames(scenario: Scenario, devices: Devices, tables: TraceTables | null): HopTraces | null {
  const { floodCount, migrationCount } = scenario.trace;
  return tables === null || floodCount + migrationCount === 0 ? null : new HopTraces(scenario, devices, tables);
}

/**
 * The frames that a scenario asks to be followed: the first flood after each of some moments, and the announcements of
 * the first migrations, with the tables that these put right.
 */
export class HopTraces implements MigrationFollower, CatchUpWatcher {
  readonly #devices: Devices;
  readonly #tables: TraceTables;
  readonly #tracer: FloodTracer;
  readonly #migrationsMax: number;
  // by VM: its migration that is followed
  readonly #followed = new Map<number, number>();
  #followedCount = 0;

  constructor({ trace, hosts, durationNs }: Scenario, devices: Devices, tables: TraceTables) {
    this.#devices = devices;
    this.#tables = tables;
    this.#migrationsMax = trace.migrationCount;
    const bootedNs = hosts.bootStartNs + hosts.bootWindowNs;
    const fromNs = bootedNs < durationNs ? bootedNs : 0;
    this.#tracer = new FloodTracer(devices.network, {
      floodTimesNs: evenly(trace.floodCount, fromNs, durationNs),
      done: (one) => tables.write(one),
    });
    devices.network.tap = this.#tracer;
  }

  resumed(migration: number, vm: number): void {
    if (this.#followedCount < this.#migrationsMax) {
      this.#followedCount++;
      this.#followed.set(vm, migration);
      this.#tables.follow(migration, vm);
    } else if (this.#followed.delete(vm)) {
      this.#tables.forget(vm);
    }
  }

  announcing(migration: number, vm: number, round: number): void {
    if (this.#followed.get(vm) !== migration) return;
    this.#tracer.announcing(this.#devices.servers.addressOf(vm), migration, round);
  }

  announced(): void {
    this.#tracer.announced();
  }

  pointElsewhere(vm: number, tables: readonly number[]): void {
    this.#tables.pointElsewhere(vm, tables);
  }

  right(vm: number, table: number): void {
    this.#tables.right(vm, table);
  }

  /** The run is over. */
  finish(): void {
    this.#tracer.finish();
  }
}

/** Moments that part a span of time into equal pieces, the first at its start. */
function evenly(count: number, fromNs: number, toNs: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.floor(fromNs + ((toNs - fromNs) * index) / count));
}
