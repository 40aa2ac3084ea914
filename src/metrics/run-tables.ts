import type { ArrowTableWriter } from './arrow-file.ts';
import { OUTCOMES } from './column-values.ts';
import type { RecordedFabric, RunMetadata } from './recorded-fabric.ts';
import type { ResultFolder } from './result-folder.ts';
import { RUN, RUN_OUTCOMES } from './tables.ts';

/** How a run ended. */
export interface RunEnd {
  readonly fingerprint: string;
  /** Whether it reached the end of its duration. */
  readonly isComplete: boolean;
}

/** The two tables about the run as a whole. */
export class RunTables {
  readonly #fabric: RecordedFabric;
  readonly #metadata: RunMetadata;
  readonly #outcomes: ArrowTableWriter<typeof RUN_OUTCOMES>;
  readonly #run: ArrowTableWriter<typeof RUN>;

  constructor(fabric: RecordedFabric, metadata: RunMetadata, folder: ResultFolder) {
    this.#fabric = fabric;
    this.#metadata = metadata;
    this.#outcomes = folder.open(RUN_OUTCOMES);
    this.#run = folder.open(RUN);
  }

  write({ fingerprint, isComplete }: RunEnd): void {
    const { network, servers } = this.#fabric.devices;
    const { simulation } = network;
    const ended = endedFrames(this.#fabric);
    for (const { outcome, frames } of ended) this.#outcomes.row(outcome, frames);
    const { scenarioTitle, scenarioDigest, fabric, kind, seed, version, durationNs } = this.#metadata;
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
      simulation.eventCount,
      network.hopFrames,
      network.hops,
      network.createdFrames,
      ended.find(({ outcome }) => outcome === OUTCOMES.delivered.name)!.frames,
      servers.uselessFrames,
    );
  }
}

/** The ledger of frames that ended, with the outcomes' names in results. */
export function endedFrames({ devices: { network } }: RecordedFabric): { outcome: string; frames: number }[] {
  return network
    .endedFrames()
    .flatMap(({ outcome, frames }) =>
      outcome === 'forwarded' || outcome === 'flooded' ? [] : [{ outcome: OUTCOMES[outcome].name, frames }],
    );
}
