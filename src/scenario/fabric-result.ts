import type { RunInvariant } from '../metrics/run-invariants.ts';
import type { FabricSummary } from '../metrics/summary.ts';

/** What one fabric did with a scenario. */
export interface FabricResult {
  readonly fabric: string;
  readonly kind: string;
  readonly seed: number;
  readonly scenarioDigest: string;
  readonly version: string;
  /** Equal for runs that did the same. */
  readonly fingerprint: string;
  /** False if the run was stopped before its end. */
  readonly isComplete: boolean;
  readonly durationNs: number;
  /** Simulated time at the beginning that the summary leaves out. All else is of the whole run. */
  readonly warmUpNs: number;
  readonly simulatedNs: number;
  /** Where the result tables are, or null. */
  readonly folder: string | null;
  readonly events: number;
  /** Frames that crossed a wire; a train counts its length. */
  readonly frameHops: number;
  /** The same with a train counted once, and those of them that went together with others and were no event. */
  readonly hops: number;
  readonly groupedHops: number;
  /** What was checked of the run's own bookkeeping: each of these holds, or dcfabric has a mistake. */
  readonly invariants: readonly RunInvariant[];
  readonly summary: FabricSummary;
}
