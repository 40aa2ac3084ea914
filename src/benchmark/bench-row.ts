import * as z from 'zod';
import type { ColumnTable } from '../results/parse-table.ts';
import { BenchError, CASE_LEVELS } from './case-report.ts';

/** The samples of each process as they are kept, as JSON; there is at least one of each. */
const samplesSchema = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: `expected JSON, got ${JSON.stringify(text.slice(0, 40))}` });
      return z.NEVER;
    }
  })
  .pipe(z.array(z.array(z.number().positive()).min(1)).min(1));

const about = { case: z.string().min(1), level: z.enum(CASE_LEVELS), measure: z.string().min(1) };

const counterSchema = z
  .object({ ...about, kind: z.literal('counter'), value: z.number().nullable(), text: z.string().nullable() })
  .refine(({ value, text }) => (value === null) !== (text === null), 'expected either a value or a text');

const timeSchema = z.object({ ...about, kind: z.literal('time'), samples: samplesSchema });

const memorySchema = z.object({ ...about, kind: z.literal('memory'), samples: samplesSchema });

const rowSchema = z.discriminatedUnion('kind', [counterSchema, timeSchema, memorySchema]);

/** A measure of a case, as a run of benches keeps it. */
export type BenchRow = z.infer<typeof rowSchema>;

/** The rows of a run of benches; throws a BenchError that names the row and what is wrong with it. */
export function benchRows(table: ColumnTable): BenchRow[] {
  return rowsOf(table).map((row, index) => {
    const result = rowSchema.safeParse(row);
    if (result.success) return result.data;
    const [{ path, message } = { path: [], message: 'not a measure' }] = result.error.issues;
    throw damaged(table.path, `row ${index + 1}: ${path.length === 0 ? '' : `${path.join('.')}: `}${message}`);
  });
}

/** What a file is refused with that was a run of benches once. */
export function damaged(path: string, problem: string): BenchError {
  return new BenchError(`${path}: ${problem}; the file is damaged: delete it and measure again`);
}

function rowsOf(table: ColumnTable): Record<string, unknown>[] {
  try {
    return table.rows();
  } catch (error) {
    // values are decoded only now
    throw damaged(table.path, (error as Error).message);
  }
}
