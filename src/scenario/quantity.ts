import * as z from 'zod';
import { parseDuration, parseRate, parseSize, UnitError } from '../units.ts';
import { gotOrMissing } from './explain-issue.ts';

/** How an editor recognises each kind of value; the parsers of `units.ts` have the last word. */
const NUMBER = String.raw`\d+(\.\d+)?`;
const DURATION_PATTERN = new RegExp(`^${NUMBER} ?(ns|us|µs|ms|s|min|h|d)$`);
const RATE_PATTERN = new RegExp(`^${NUMBER} ?[kMGT]?bps$`);
const SIZE_PATTERN = new RegExp(`^${NUMBER} ?([kKMGT]|[KMGT]i)?B$`);

interface Quantity {
  readonly pattern: RegExp;
  readonly parse: (text: string) => number;
  /** For what is not even text. */
  readonly wanted: string;
}

const DURATION: Quantity = {
  pattern: DURATION_PATTERN,
  parse: parseDuration,
  wanted: "a duration with its unit, such as '500ns', '1.5ms', '60s' or '4h'",
};
const RATE: Quantity = {
  pattern: RATE_PATTERN,
  parse: parseRate,
  wanted: "a rate with its unit, such as '100Mbps' or '25Gbps'",
};
const SIZE: Quantity = {
  pattern: SIZE_PATTERN,
  parse: parseSize,
  wanted: "a size such as '10KB' or '4GiB', or a whole number of bytes",
};

// one of each, for all that is described by them: making schemas is a good part of a short command's time
const DURATION_TEXT = textOf(DURATION);
const RATE_TEXT = textOf(RATE);
const SIZE_FORMS = z.union([textOf(SIZE), z.int().min(0)], { error: ({ input }) => complaint(SIZE, input) });

interface Bounds {
  readonly min?: string;
  readonly max?: string;
}

/** Text such as `1.5ms` in the file, nanoseconds in the scenario. Runs stay below 104 days, where ns are exact. */
export function duration({ min = '0s', max = '100d' }: Bounds = {}) {
  return DURATION_TEXT.transform((text, context) => read(DURATION, { min, max }, text, context));
}

/** Text such as `25Gbps` in the file, bits per second in the scenario. */
export function rate({ min = '1kbps', max = '10Tbps' }: Bounds = {}) {
  return RATE_TEXT.transform((text, context) => read(RATE, { min, max }, text, context));
}

/** Text such as `4GiB` or a whole number of bytes in the file, bytes in the scenario. */
export function size({ min = '0B', max = '1024TiB' }: Bounds = {}) {
  return SIZE_FORMS.transform((given, context) => read(SIZE, { min, max }, given, context));
}

function textOf(quantity: Quantity) {
  const error = (issue: { input?: unknown }) => complaint(quantity, issue.input);
  return z.string({ error }).regex(quantity.pattern, { error });
}

function complaint({ parse, wanted }: Quantity, input: unknown): string {
  const expected = `${gotOrMissing(input)}, expected ${wanted}`;
  return typeof input === 'string' ? (unitProblem(parse, input) ?? expected) : expected;
}

function unitProblem(parse: (text: string) => number, text: string): string | null {
  try {
    parse(text);
    return null;
  } catch (error) {
    if (error instanceof UnitError) return error.message;
    throw error;
  }
}

function read(quantity: Quantity, bounds: Required<Bounds>, given: string | number, context: z.RefinementCtx): number {
  const { parse } = quantity;
  const problem = typeof given === 'string' ? unitProblem(parse, given) : null;
  const value = typeof given === 'number' ? given : problem === null ? parse(given) : Number.NaN;
  const isWithin = value >= parse(bounds.min) && value <= parse(bounds.max);
  if (isWithin) return value;
  const message = problem ?? `got ${given}, expected ${bounds.min} to ${bounds.max}`;
  context.addIssue({ code: 'custom', message, continue: false });
  return z.NEVER;
}
