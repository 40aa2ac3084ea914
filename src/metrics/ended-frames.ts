import { OUTCOMES } from './column-values.ts';
import type { RecordedFabric } from './recorded-fabric.ts';

/** The ledger of frames that ended, with the outcomes' names in results. */
export function endedFrames({ devices: { network } }: RecordedFabric): { outcome: string; frames: number }[] {
  return network
    .endedFrames()
    .flatMap(({ outcome, frames }) =>
      outcome === 'forwarded' || outcome === 'flooded' ? [] : [{ outcome: OUTCOMES[outcome].name, frames }],
    );
}
