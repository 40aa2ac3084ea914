import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { bridgeProblems, overlayProblems } from './recording-checks.ts';
import {
  type BridgeCase,
  bridgeCase,
  type OverlayCase,
  overlayCase,
  RECORDING_FORMAT,
  type Recording,
} from './recording-schema.ts';

export type { Recording } from './recording-schema.ts';

/** A recording that cannot be used; its message says which file, where in it, and what would do. */
export class RecordingError extends Error {
  override name = 'RecordingError';
}

/** Reads a recording, with or without `observed`; throws a RecordingError that says what is wrong with it. */
export function readRecording(path: string): Recording {
  const value = readJson(path);
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

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RecordingError(`${path}: cannot be read: ${READING_PROBLEMS[code ?? ''] ?? message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = (error as Error).message.replaceAll(/\p{Cc}/gu, '\u{fffd}');
    throw new RecordingError(`${path}: is not JSON: ${reason}`);
  }
}

const READING_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file (ENOENT)',
  EISDIR: 'it is a folder (EISDIR)',
  EACCES: 'permission denied (EACCES)',
};

interface Complaint {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Of a step that is one of several kinds, what is wrong within the kind that fits, if one does. */
function narrowed(issues: readonly z.core.$ZodIssue[]): Complaint[] {
  return issues.flatMap((issue): Complaint[] => {
    const kinds = issue.code === 'invalid_union' ? issue.errors : [];
    const meant = kinds.find((complaints) => complaints.every(({ path }) => path.length > 1));
    return meant === undefined ? [issue] : meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  });
}

/** `got "x", expected a number`: what the schema refuses, where it does not say it itself. */
function explain(issue: z.core.$ZodRawIssue): string | undefined {
  const given = issue.input === undefined ? 'is missing' : `got ${show(issue.input)}`;
  switch (issue.code) {
    case 'invalid_type':
      return `${given}, expected ${issue.expected === 'int' ? 'a whole number' : issue.expected}`;
    case 'too_small':
      return `${given}, expected at least ${issue.minimum}`;
    case 'too_big':
      return `${given}, expected at most ${issue.maximum}`;
    default:
      return undefined;
  }
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isRecord(value)) return 'an object';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
