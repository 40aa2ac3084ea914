import type { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';

/** What was given, short enough for one line. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a mapping';
  const text = typeof value === 'string' ? `'${value}'` : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** `got 'x'`, or that there is nothing to get. */
export function gotOrMissing(value: unknown): string {
  return value === undefined ? 'is missing' : `got ${show(value)}`;
}

/** `got 0, expected at least 1`: an issue of the schema in the words of this project. */
export function explainIssue(issue: z.core.$ZodRawIssue): string {
  const given = show(issue.input);
  switch (issue.code) {
    case 'invalid_type':
      return `${gotOrMissing(issue.input)}, expected ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return `got ${given}, expected at least ${limit(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `got ${given}, expected at most ${limit(issue.origin, issue.maximum)}`;
    case 'not_multiple_of':
      return `got ${given}, expected a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return expectedOneOf(issue.input, issue.values);
    case 'invalid_union':
      if (issue.discriminator === undefined) return `got ${given}, which fits none of the accepted forms`;
      return expectedOneOf(member(issue.input, issue.discriminator), (issue as { options?: unknown[] }).options ?? []);
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, keysOf(issue.inst))).join('\n');
    default:
      return issue.message ?? `got ${given}, which is not valid`;
  }
}

/** The message of a key that no schema knows. */
export function unknownKey(key: string, known: readonly string[]): string {
  const guess = didYouMean(key, known);
  return guess === '' ? `unknown key, expected one of ${known.join(', ')}` : `unknown key${guess}`;
}

const TYPE_WORDS: Record<string, string> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a mapping',
  string: 'text',
  tuple: 'a list',
};

function limit(origin: string, bound: number | bigint): string {
  if (origin === 'array') return `${bound} ${bound === 1 ? 'entry' : 'entries'}`;
  if (origin === 'string') return `${bound} ${bound === 1 ? 'character' : 'characters'}`;
  return String(bound);
}

function expectedOneOf(input: unknown, values: readonly unknown[]): string {
  const names = values.filter((value) => value !== undefined).map(String);
  const choice = `${names.length > 1 ? 'one of ' : ''}${names.join(', ')}`;
  return `${gotOrMissing(input)}, expected ${choice}${didYouMean(input, names)}`;
}

function member(input: unknown, key: string): unknown {
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[key] : undefined;
}

function keysOf(schema: unknown): string[] {
  const definition = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def;
  return Object.keys(definition?.shape ?? {});
}

/** An issue that names one place, after unions are narrowed to the form that was meant. */
export interface FlatIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The problem is the key itself, not its value. */
  readonly isAboutKey: boolean;
}

/** The places that issues name. Of a union, only the complaints of the form that was most likely meant are kept. */
export function flattenIssues(issues: readonly z.core.$ZodIssue[]): FlatIssue[] {
  return issues.flatMap((issue): FlatIssue[] => {
    const { path, message } = issue;
    // most integers of the schema have a closer bound of their own
    if (isOfSafeIntegers(issue) && issues.some((other) => other !== issue && isOfSamePlace(issue, other))) return [];
    if (issue.code === 'unrecognized_keys') {
      const messages = message.split('\n');
      return issue.keys.map((key, index) => ({ path: [...path, key], message: messages[index]!, isAboutKey: true }));
    }
    const meant = issue.code === 'invalid_union' && issue.errors.length > 0 ? meantForm(issue.errors) : null;
    if (meant === null) return [{ path, message, isAboutKey: false }];
    return flattenIssues(meant).map((inner) => ({ ...inner, path: [...path, ...inner.path] }));
  });
}

/** Every integer has to be exact, whatever its own bounds. */
function isOfSafeIntegers(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'too_big' && (issue as { note?: string }).note !== undefined;
}

function isOfSamePlace(one: z.core.$ZodIssue, other: z.core.$ZodIssue): boolean {
  return one.path.join('\n') === other.path.join('\n');
}

type Form = readonly z.core.$ZodIssue[];

/** The form that fits best as a whole, then by its keys, then by the number of complaints; null when no type fits. */
function meantForm(forms: readonly Form[]): Form | null {
  const fitting = forms.filter((form) => !rootCodes(form).includes('invalid_type'));
  const [best = null] = fitting.toSorted((one, other) => misfitOf(one) - misfitOf(other) || one.length - other.length);
  return best;
}

function misfitOf(form: Form): number {
  const codes = rootCodes(form);
  if (codes.includes('invalid_value')) return 2;
  return codes.includes('unrecognized_keys') ? 1 : 0;
}

/** What is wrong with the value as a whole. */
function rootCodes(form: Form): string[] {
  return form.filter(({ path }) => path.length === 0).map(({ code }) => code);
}
