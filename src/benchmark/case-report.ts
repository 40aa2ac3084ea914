import * as z from 'zod';

/** How much of the program a case exercises. */
export const CASE_LEVELS = ['micro', 'meso', 'macro', 'scenario'] as const;

const caseReportSchema = z.strictObject({
  format: z.literal('dcfabric-bench-case/1'),
  case: z.string().min(1),
  level: z.enum(CASE_LEVELS),
  /** Work that is the same in every process: counts, and fingerprints as text. */
  counters: z.record(z.string(), z.union([z.number(), z.string()])),
  /** CPU time in nanoseconds, one number for each sample. */
  timesNs: z.record(z.string(), z.array(z.number().positive()).min(1)),
  /** Most memory that the process held. */
  peakRssBytes: z.number().int().positive(),
});

/** What one process found out about one case. */
export type CaseReport = z.infer<typeof caseReportSchema>;

export type CaseLevel = (typeof CASE_LEVELS)[number];

/** A bench that cannot be carried out or compared; the message says what would do. */
export class BenchError extends Error {
  override name = 'BenchError';
}

/** Reads what a process printed; `what` names it in the error. */
export function parseCaseReport(text: string, what: string): CaseReport {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new BenchError(`${what}: expected the report of a case, got ${JSON.stringify(text.slice(0, 80))}`);
  }
  const result = caseReportSchema.safeParse(data);
  if (result.success) return result.data;
  const [{ path, message } = { path: [], message: 'not a report' }] = result.error.issues;
  throw new BenchError(`${what}: not the report of a case: ${path.join('.')}: ${message}`);
}

/** CPU time of this process so far: steadier than the time on the wall when a machine is shared. */
export function cpuTimeNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** Most memory that this process has held, in bytes. */
export function peakRssBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
