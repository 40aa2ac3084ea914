import { type Comparison, compareObserved } from './compare-observed.ts';
import { asObservation, compareObservation, performObservation, simulatedFactsOf } from './observations/observation.ts';
import { OBSERVATION_FORMAT } from './observations/observation-schema.ts';
import { isRecord, RecordingError, readJson, show } from './recorded-file.ts';
import { asRecording, type Recording } from './recording.ts';
import { RECORDING_FORMAT } from './recording-schema.ts';
import { type BridgeObservations, replayBridges } from './replay-bridges.ts';
import { type OverlayObservations, replayOverlay } from './replay-overlay.ts';

export { type Comparison, compareObserved } from './compare-observed.ts';
export { type Recording, RecordingError, readRecording } from './recording.ts';

/** A file of either format, read and checked. */
export interface Replayable {
  readonly name: string;
  /** Whether it says what was observed. */
  readonly isObserved: boolean;
  /** Performs it, and compares what happens with what was observed. */
  compare(): Comparison;
  /** Performs it, and returns the file's content with what happened in place of what was observed. */
  simulated(): object;
}

/** Reads a recording or an observation; throws a RecordingError that says what is wrong with it. */
export function readReplayable(path: string): Replayable {
  const content = readJson(path);
  const format = isRecord(content) ? content.format : undefined;
  if (!isRecord(content) || (format !== OBSERVATION_FORMAT && format !== RECORDING_FORMAT)) {
    const expected = `"${RECORDING_FORMAT}" or "${OBSERVATION_FORMAT}"`;
    if (isRecord(content)) throw new RecordingError(`${path}: format: got ${show(format)}, expected ${expected}`);
    throw new RecordingError(`${path}: is ${show(content)}, expected an object with a format: ${expected}`);
  }
  if (format === RECORDING_FORMAT) {
    const recording = asRecording(path, content);
    return {
      name: recording.name,
      isObserved: recording.observed !== undefined && recording.observed !== null,
      compare: () => compareObserved(recording.observed, replayRecording(recording)),
      simulated: () => ({ ...content, observed: replayRecording(recording) }),
    };
  }
  const observation = asObservation(path, content);
  return {
    name: observation.id,
    isObserved: observation.facts !== null,
    compare: () => compareObservation(observation, performObservation(observation)),
    simulated: () => ({ ...content, facts: simulatedFactsOf(observation, performObservation(observation)) }),
  };
}

/** Builds the fabric that a recording describes from our own devices, performs its steps, and returns `observed`. */
export function replayRecording(recording: Recording): BridgeObservations | OverlayObservations {
  return recording.kind === 'bridge' ? replayBridges(recording) : replayOverlay(recording);
}
