import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findThreshold } from '../../src/study/find-threshold.ts';

describe('the search for a threshold', () => {
  it('finds the last place that holds, whatever is probed, and asks for each place once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5000 }).chain((count) =>
          fc.record({
            count: fc.constant(count),
            threshold: fc.integer({ min: -1, max: count - 1 }),
            probes: fc.nat(6),
            hint: fc.option(fc.integer({ min: -1, max: count - 1 }), { nil: undefined }),
          }),
        ),
        async ({ count, threshold, probes, hint }) => {
          const asked: number[] = [];
          const holds = async (place: number) => {
            asked.push(place);
            return place <= threshold;
          };
          const found = await findThreshold({ count, probes, holds, ...(hint === undefined ? {} : { hint }) });
          expect(found).toEqual({ lastHeld: threshold, contradiction: null });
          expect(new Set(asked).size).toBe(asked.length);
          expect(asked.every((place) => place >= 0 && place < count)).toBe(true);
          expect(asked.length).toBeLessThanOrEqual(4 + probes + Math.ceil(Math.log2(count)) + 1);
        },
      ),
    );
  });

  it('asks for two places more than its first ones where a hint is right', async () => {
    const asked: number[] = [];
    const holds = async (place: number) => {
      asked.push(place);
      return place <= 617;
    };
    await findThreshold({ count: 1000, probes: 3, hint: 617, holds });
    expect(asked).toEqual([0, 250, 500, 749, 999, 617, 618]);
  });

  it('says so where what failed holds again, if a place was tested that shows it', async () => {
    const holds = async (place: number) => place < 30 || (place >= 45 && place < 80);
    expect(await findThreshold({ count: 101, probes: 3, holds })).toEqual({
      // no place from 30 to 44 was tested
      lastHeld: 79,
      contradiction: null,
    });
    expect(await findThreshold({ count: 101, probes: 9, holds })).toEqual({
      lastHeld: 70,
      contradiction: { failed: 30, held: 70 },
    });
  });
});
