import type { Recording } from './recording.ts';
import { type BridgeObservations, replayBridges } from './replay-bridges.ts';
import { type OverlayObservations, replayOverlay } from './replay-overlay.ts';

export { type Comparison, compareObserved } from './compare-observed.ts';
export { type Recording, RecordingError, readRecording } from './recording.ts';

/** Builds the fabric that a recording describes from our own devices, performs its steps, and returns `observed`. */
export function replayRecording(recording: Recording): BridgeObservations | OverlayObservations {
  return recording.kind === 'bridge' ? replayBridges(recording) : replayOverlay(recording);
}
