import * as z from 'zod';

/** A number, or a quantity with its unit such as `10Gbps`, `90%`. */
const quantity = () => z.union([z.number(), z.string()]);

const boundSchema = z.strictObject({
  metric: z
    .string()
    .min(1)
    .describe('Path of a number in the `summary` of a run; `*` stands for any part: `macTables.*.*.fill`'),
  most: quantity().optional().describe('It must not be more: a number, or 90%, 10ms, 1Gbps, 64KiB'),
  least: quantity().optional().describe('It must not be less'),
});

/** The section `plan` of a study file. */
export const planSchema = z
  .strictObject({
    axis: z.string().min(1).describe('The path of the scenario whose value is looked for, as `--set` takes it'),
    proportional: z
      .record(z.string(), z.number().positive())
      .default({})
      .describe(
        'Paths that grow with the axis, and how many times its value theirs is: with `topology.leaves` for axis, ' +
          '`{ tenants.0.vmsPerSegment: 40 }` is 40 VMs for each leaf',
      ),
    from: quantity().describe('The least value to consider'),
    to: quantity().describe('The greatest value to consider, in the unit of the least'),
    precision: quantity()
      .optional()
      .describe(
        'How exactly the value is looked for: the step between values; by default 1 where they are whole numbers, else a hundredth of the range',
      ),
    goal: z
      .enum(['largest', 'smallest'])
      .default('largest')
      .describe('Whether the largest or the smallest value is wanted that keeps all limits'),
    probes: z
      .int()
      .min(0)
      .max(1000)
      .default(3)
      .describe('Values between the ends that are simulated too, to see that limits once reached stay reached'),
    limits: z
      .array(z.union([z.literal('hardware'), boundSchema]))
      .min(1)
      .max(100)
      .describe('What must hold: bounds of metrics; `hardware` stands for all limits that hardware and design set'),
  })
  .describe('A search for the largest or smallest value of one path that keeps limits (`dcfabric plan`)');

/** The section as the schema leaves it. */
export type PlanFile = z.output<typeof planSchema>;
