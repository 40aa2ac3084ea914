import * as z from 'zod';
import { planSchema } from './plan-schema.ts';

/** Shown as it is: without control characters, with which a file could steer the terminal. */
function text() {
  return z.string().regex(/^[\P{Cc}\s]*$/u, { error: 'expected text without control characters' });
}

const seed = () => z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** A number, or a quantity with its unit such as `10Gbps`. */
const bound = () => z.union([z.number(), z.string()]);

/** Values of an axis, listed or by steps. */
export const AXIS_VALUES_MAX = 100_000;

const rangeSchema = z.strictObject({
  from: bound().describe('The first value: a number, or a quantity with its unit'),
  to: bound().describe('The last value, in the unit of the first or another of its kind'),
  steps: z.int().min(2).max(AXIS_VALUES_MAX).optional().describe('How many values, the first and the last among them'),
  by: bound().optional().describe('What each value is more than the one before, instead of `steps`'),
  scale: z
    .enum(['linear', 'logarithmic'])
    .default('linear')
    .describe('Whether values differ by the same amount or by the same factor'),
});

const axisSchema = z
  .union([z.array(z.unknown()).min(1).max(AXIS_VALUES_MAX), rangeSchema])
  .describe('The values of one path of the scenario: a list, or a range');

/** A study file: what it may say. */
export const studySchema = z
  .strictObject({
    $schema: z.string().optional().describe('JSON Schema of this file, for editors'),
    title: text().max(200).default('').describe('A few words for reports'),
    question: text().max(2000).default('').describe('What the study is meant to find out'),
    scenario: text().min(1).describe('File of the scenario to begin with, seen from the folder of this file'),
    set: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('By path, what is different from the scenario in all runs'),
    fabrics: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("Names of the scenario's fabrics to simulate; by default all"),
    axes: z
      .record(z.string(), axisSchema)
      .default({})
      .describe('By path of the scenario as `--set` takes it, the values to simulate'),
    combine: z
      .union([z.enum(['cartesian', 'zipped']), z.strictObject({ sampled: z.int().min(1).max(1_000_000) })])
      .default('cartesian')
      .describe(
        '`cartesian`: each value with each of the other axes; `zipped`: the first with the first, and so on; `sampled`: ' +
          'so many points by a Latin hypercube',
      ),
    points: z
      .array(z.record(z.string(), z.unknown()))
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('The points one by one, each with the same paths, instead of axes'),
    measures: z
      .array(z.string().min(1))
      .min(1)
      .max(20)
      .optional()
      .describe(
        'What `batch` sums up, as paths into the `summary` of `run.json`, such as `flooding.floodedBytes` or ' +
          '`macTables.leaf.bridge.entriesMax`; `*` stands for any part: `flooding.byCause.*.frames`',
      ),
    seed: seed().optional().describe("Start of all chance; by default the scenario's"),
    replications: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe("Runs of each point and fabric, each with another seed; by default the scenario's"),
    plan: planSchema.optional(),
    seeds: z.array(seed()).min(1).max(1000).optional().describe('The seeds one by one, instead of `replications`'),
  })
  .describe('A dcfabric study');

/** A study file after the schema. */
export type StudyFile = z.output<typeof studySchema>;

/** A range as a study file has it. */
export type RangeFile = z.output<typeof rangeSchema>;

/** The JSON Schema (draft 2020-12) of study files, for editors and other tools. */
export function studyJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(studySchema, { io: 'input' });
}
