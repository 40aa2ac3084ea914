import * as z from 'zod';

/** A table of all counts is made for a power law. */
const POWER_LAW_MAX = 1_000_000;

/** A count of 1 to `max`: a number, or a distribution that it is drawn from. */
export function countDistribution(max: number) {
  const count = z.int().min(1).max(max);
  const range = <Shape extends { min: number; max: number }>(context: z.core.ParsePayload<Shape>) => {
    const { min, max: most } = context.value;
    if (min <= most) return;
    const message = `got ${most}, expected at least min, ${min}`;
    context.issues.push({ code: 'custom', input: context.value, path: ['max'], message });
  };
  const uniform = z
    .strictObject({
      uniform: z
        .strictObject({ min: count.default(1).describe('Least'), max: count.describe('Most') })
        .check(range)
        .describe('Each whole number from min to max equally likely'),
    })
    .describe('Equally likely counts');
  const geometric = z
    .strictObject({
      geometric: z
        .strictObject({
          mean: z.number().min(1).max(max).describe('Mean, before counts above max are cut to it'),
          max: count.default(max).describe('Most'),
        })
        .describe('1, 2, 3 … each less likely than the one before by the same factor'),
    })
    .describe('Counts that fall off geometrically');
  const logNormal = z
    .strictObject({
      logNormal: z
        .strictObject({
          median: z.number().min(1).max(max).describe('Half of the counts are below'),
          sigma: z.number().min(0).max(10).describe('Standard deviation of the logarithm'),
          min: count.default(1).describe('What is less counts as this'),
          max: count.default(max).describe('What is more counts as this'),
        })
        .check(range)
        .describe('Rounded log-normal numbers'),
    })
    .describe('Log-normal counts: many small, few large');
  const powerLaw = z
    .strictObject({
      powerLaw: z
        .strictObject({
          exponent: z.number().min(0).max(10).describe('How fast large counts become rare'),
          min: count.max(POWER_LAW_MAX).default(1).describe('Least'),
          max: count.max(POWER_LAW_MAX).describe('Most'),
        })
        .check(range)
        .describe("k with a probability in proportion to k^-exponent: Zipf's law"),
    })
    .describe('Counts by a power law: many small, some very large');
  const cdf = z
    .strictObject({
      cdf: z
        .array(z.tuple([count, z.number().min(0).max(1)]))
        .min(1)
        .max(100_000)
        .check((context) => {
          for (const [index, [points, share]] of context.value.entries()) {
            const [pointsBefore, shareBefore] = context.value[index - 1] ?? [0, 0];
            const isGrowing = points > pointsBefore && share > shareBefore;
            const isEnd = index < context.value.length - 1 || share === 1;
            if (isGrowing && isEnd) continue;
            const message = isGrowing
              ? `got ${share}, expected the last share to be 1`
              : 'expected counts and shares to grow';
            context.issues.push({ code: 'custom', input: context.value, path: [index], message });
          }
        })
        .describe('Points [count, share of all up to it] with growing shares that end at 1'),
    })
    .describe('A distribution of your own');
  return z.union([count, uniform, geometric, logNormal, powerLaw, cdf]);
}
