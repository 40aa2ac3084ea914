import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** A recording that cannot be used; its message says which file, where in it, and what would do. */
export class RecordingError extends Error {
  override name = 'RecordingError';
}

/** The content of a JSON file. */
export function readJson(path: string): unknown {
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
export function narrowed(issues: readonly z.core.$ZodIssue[]): Complaint[] {
  return issues.flatMap((issue): Complaint[] => {
    const kinds = issue.code === 'invalid_union' ? issue.errors : [];
    const meant = kinds.find((complaints) => complaints.every(({ path }) => path.length > 1));
    return meant === undefined ? [issue] : meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  });
}

/** `got "x", expected a number`: what the schema refuses, where it does not say it itself. */
export function explain(issue: z.core.$ZodRawIssue): string | undefined {
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

/** A value in a few words, for messages. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isRecord(value)) return 'an object';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
