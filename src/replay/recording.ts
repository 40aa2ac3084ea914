import { explain, isRecord, narrowed, RecordingError, readJson, show } from './recorded-file.ts';
import { bridgeProblems, overlayProblems } from './recording-checks.ts';
import {
  type BridgeCase,
  bridgeCase,
  type OverlayCase,
  overlayCase,
  RECORDING_FORMAT,
  type Recording,
} from './recording-schema.ts';

export { RecordingError } from './recorded-file.ts';
export type { Recording } from './recording-schema.ts';

/** Reads a recording, with or without `observed`; throws a RecordingError that says what is wrong with it. */
export function readRecording(path: string): Recording {
  return asRecording(path, readJson(path));
}

/** The same of the content of a file. */
export function asRecording(path: string, value: unknown): Recording {
  if (!isRecord(value)) throw new RecordingError(`${path}: is ${show(value)}, expected a recording: {"format": …}`);
  const { format, kind, observed } = value;
  if (format !== RECORDING_FORMAT) {
    throw new RecordingError(`${path}: format: got ${show(format)}, expected "${RECORDING_FORMAT}"`);
  }
  if (kind !== 'bridge' && kind !== 'overlay') {
    throw new RecordingError(`${path}: kind: got ${show(kind)}, expected "bridge" or "overlay"`);
  }
  if (observed !== undefined && observed !== null && !isRecord(observed)) {
    throw new RecordingError(`${path}: observed: got ${show(observed)}, expected an object, or no observed at all`);
  }
  const schema = kind === 'bridge' ? bridgeCase : overlayCase;
  const result = schema.safeParse(value, { error: explain });
  if (!result.success) {
    const lines = narrowed(result.error.issues).map(
      ({ path: place, message }) => `${path}: ${place.join('.')}: ${message}`,
    );
    throw new RecordingError(lines.join('\n'));
  }
  const problems =
    kind === 'bridge' ? bridgeProblems(result.data as BridgeCase) : overlayProblems(result.data as OverlayCase);
  if (problems.length > 0) throw new RecordingError(problems.map((problem) => `${path}: ${problem}`).join('\n'));
  return result.data;
}
