import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointAt, ratesPerSecond, timeGrid } from '../../src/report/time-grid.ts';

describe('the grid of a curve', () => {
  it('has a point for every sample, and one at the end, where these are few', () => {
    expect(timeGrid(1e9, 3.5e9)).toEqual({ endsNs: [1e9, 2e9, 3e9, 3.5e9], samplesPerPoint: 1 });
    expect(timeGrid(1e9, 3e9).endsNs).toEqual([1e9, 2e9, 3e9]);
  });

  it('has a point for several samples where they are many, and never more than asked for', () => {
    expect(timeGrid(1e9, 10e9, 4)).toEqual({ endsNs: [3e9, 6e9, 9e9, 10e9], samplesPerPoint: 3 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e9 }), (everyNs, untilNs) => {
        const { endsNs } = timeGrid(everyNs, untilNs, 50);
        expect(endsNs.length).toBeLessThanOrEqual(50);
        expect(endsNs.at(-1)).toBe(untilNs);
      }),
    );
  });

  it('knows to which point a time belongs', () => {
    const grid = timeGrid(10, 35);
    expect([0, 10, 11, 30, 31, 35].map((timeNs) => pointAt(grid, timeNs))).toEqual([0, 0, 1, 2, 3, 3]);
  });

  it('turns totals into rates, also of a last span that is shorter', () => {
    expect(ratesPerSecond(timeGrid(1e9, 2.5e9), [100, 300, 400])).toEqual([100, 200, 200]);
  });
});
