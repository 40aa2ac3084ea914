import type { RunInvariant } from './run-invariants.ts';
import type { FabricSummary } from './summary.ts';

/** Version of what `run.json` holds. */
export const RUN_FORMAT = 'dcfabric-run/1';

/** A value of a study's axis, as JSON holds it. */
export type ParameterValue = string | number | boolean | null | readonly ParameterValue[] | ParameterObject;
interface ParameterObject {
  readonly [key: string]: ParameterValue;
}

/** What `run.json` says about a run. It holds no time of the wall clock: the same input gives the same bytes. */
export interface RunFile {
  readonly format: typeof RUN_FORMAT;
  /** Names the run: a digest of the scenario, fabric, seed, parameters and version, 16 hexadecimal digits. */
  readonly id: string;
  readonly scenario: {
    readonly name: string;
    readonly title: string;
    readonly digest: string;
    /** The names of all its fabrics, in its order; files of old do not say. */
    readonly fabrics?: readonly string[];
  };
  readonly fabric: { readonly name: string; readonly kind: string };
  readonly seed: number;
  readonly version: string;
  /** Equal for runs that did the same. */
  readonly fingerprint: string;
  /** False if the run was stopped before its end. */
  readonly isComplete: boolean;
  readonly durationNs: number;
  /** Simulated time at the beginning that the summary leaves out; files of old do not say, and it is none. */
  readonly warmUpNs?: number;
  readonly simulatedNs: number;
  /** The resolved scenario with this fabric alone: all that is needed to build the run again. */
  readonly settings: object;
  /** By path of the scenario, what the axes of a study set; empty for a run of its own. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** Words after `dcfabric` that repeat the run; null if it was not started by a command. */
  readonly command: readonly string[] | null;
  readonly events: number;
  readonly frameHops: number;
  readonly hops: number;
  readonly groupedHops: number;
  readonly invariants: readonly RunInvariant[];
  readonly summary: FabricSummary;
}
