import type { ArrowTableWriter } from './arrow-file.ts';
import { OUTCOMES } from './column-values.ts';
import { endedFrames } from './ended-frames.ts';
import type { RecordedFabric, RunMetadata } from './recorded-fabric.ts';
import type { ResultFolder } from './result-folder.ts';
import type { RunInvariant } from './run-invariants.ts';
import { RUN, RUN_INVARIANTS, RUN_OUTCOMES } from './tables.ts';

/** How a run ended. */
export interface RunEnd {
  readonly fingerprint: string;
  /** Whether it reached the end of its duration. */
  readonly isComplete: boolean;
}

/** The tables about the run as a whole. */
export class RunTables {
  readonly #fabric: RecordedFabric;
  readonly #metadata: RunMetadata;
  readonly #outcomes: ArrowTableWriter<typeof RUN_OUTCOMES>;
  readonly #invariants: ArrowTableWriter<typeof RUN_INVARIANTS>;
  readonly #run: ArrowTableWriter<typeof RUN>;

  constructor(fabric: RecordedFabric, metadata: RunMetadata, folder: ResultFolder) {
    this.#fabric = fabric;
    this.#metadata = metadata;
    this.#outcomes = folder.open(RUN_OUTCOMES);
    this.#invariants = folder.open(RUN_INVARIANTS);
    this.#run = folder.open(RUN);
  }

  write({ fingerprint, isComplete }: RunEnd, invariants: readonly RunInvariant[]): void {
    const { network, servers } = this.#fabric.devices;
    const { simulation } = network;
    const ended = endedFrames(this.#fabric);
    for (const { outcome, frames } of ended) this.#outcomes.row(outcome, frames);
    for (const { name, cause, left, relation, right, holds } of invariants) {
      this.#invariants.row(name, cause, left, relation, right, holds);
    }
    const { scenarioTitle, scenarioDigest, fabric, kind, seed, version, durationNs, warmUpNs } = this.#metadata;
    this.#run.row(
      scenarioTitle,
      scenarioDigest,
      fabric,
      kind,
      seed,
      version,
      fingerprint,
      isComplete,
      durationNs,
      simulation.nowNs,
      warmUpNs,
      simulation.eventCount,
      network.hopFrames,
      network.hops,
      network.createdFrames,
      ended.find(({ outcome }) => outcome === OUTCOMES.delivered.name)!.frames,
      servers.uselessFrames,
      invariants.filter(({ holds }) => !holds).length,
    );
  }
}
