import type { FabricResult } from '../scenario/fabric-result.ts';

/** What one fabric did, as far as a comparison looks at it: a result of just now, or one read back from its folder. */
export interface ComparedResult
  extends Pick<
      FabricResult,
      'fabric' | 'kind' | 'seed' | 'version' | 'isComplete' | 'durationNs' | 'warmUpNs' | 'simulatedNs' | 'summary'
    >,
    Partial<Pick<FabricResult, 'events' | 'frameHops' | 'hops' | 'groupedHops'>> {
  /** What it cost on a machine, where that is known: it differs from run to run, and no result folder holds it. */
  readonly wallNs?: number;
  /** Most memory that the process held while this fabric was simulated, as seen at its progress reports. */
  readonly peakRssBytes?: number;
}
