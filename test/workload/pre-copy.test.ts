import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { milliseconds, seconds, toSeconds } from '../../src/units.ts';
import { type PreCopyParameters, preCopy } from '../../src/workload/pre-copy.ts';

const GIB = 2 ** 30;
const COMMON: PreCopyParameters = {
  memoryBytes: 4 * GIB,
  bandwidthBitsPerSec: 10e9,
  dirtyRateBitsPerSec: 1e9,
  downtimeLimitNs: milliseconds(300),
};

describe('pre-copy', () => {
  it('of 4 GiB at 10 Gb/s with 1 Gb/s dirtied takes two rounds, 3.814 s in all, of which 34.4 ms paused', () => {
    const { rounds, copyNs, downtimeNs } = preCopy(COMMON);
    expect(rounds).toBe(2);
    expect(toSeconds(copyNs + downtimeNs)).toBeCloseTo(3.814, 3);
    expect(downtimeNs / 1e6).toBeCloseTo(34.4, 1);
  });

  it('of 4 GiB at 128 MiB/s with 0.4 Gb/s dirtied takes five rounds, 50.86 s in all, of which 229.6 ms paused', () => {
    const bandwidthBitsPerSec = 128 * 2 ** 20 * 8;
    const { rounds, copyNs, downtimeNs } = preCopy({ ...COMMON, bandwidthBitsPerSec, dirtyRateBitsPerSec: 0.4e9 });
    expect(rounds).toBe(5);
    expect(toSeconds(copyNs + downtimeNs)).toBeCloseTo(50.86, 2);
    expect(downtimeNs / 1e6).toBeCloseTo(229.6, 1);
  });

  it('pauses at once for memory that fits in the downtime limit', () => {
    const copy = preCopy({ ...COMMON, memoryBytes: 10_000_000 });
    expect(copy).toEqual({ rounds: 0, copyNs: 0, downtimeNs: milliseconds(8), transferredBytes: 10_000_000 });
  });

  it('of memory that nobody changes takes one round and no pause', () => {
    const copy = preCopy({ ...COMMON, memoryBytes: 1.25e9, dirtyRateBitsPerSec: 0 });
    expect(copy).toEqual({ rounds: 1, copyNs: seconds(1), downtimeNs: 0, transferredBytes: 1.25e9 });
  });

  it('takes no further round when the last one fits exactly', () => {
    // rounds of 800, 200 and 50 ms
    const exact = { ...COMMON, memoryBytes: 1e9, dirtyRateBitsPerSec: 2.5e9 };
    expect(preCopy({ ...exact, downtimeLimitNs: milliseconds(200) }).rounds).toBe(1);
    expect(preCopy({ ...exact, downtimeLimitNs: milliseconds(199) }).rounds).toBe(2);
  });

  it('never ends when memory changes as fast as it is copied', () => {
    expect(() => preCopy({ ...COMMON, dirtyRateBitsPerSec: 10e9 })).toThrow(RangeError);
  });

  const parameters = fc.record({
    memoryBytes: fc.integer({ min: 2 ** 20, max: 2 ** 40 }),
    bandwidthBitsPerSec: fc.integer({ min: 10e6, max: 100e9 }),
    dirtyShare: fc.integer({ min: 0, max: 99 }),
    downtimeLimitNs: fc.integer({ min: milliseconds(1), max: seconds(10) }),
  });
  const copyOf = ({ dirtyShare, ...rest }: { dirtyShare: number } & Omit<PreCopyParameters, 'dirtyRateBitsPerSec'>) =>
    preCopy({ ...rest, dirtyRateBitsPerSec: (rest.bandwidthBitsPerSec * dirtyShare) / 100 });

  it('keeps the pause within its limit and copies all memory at the bandwidth', () => {
    fc.assert(
      fc.property(parameters, (given) => {
        const { copyNs, downtimeNs, transferredBytes } = copyOf(given);
        expect(downtimeNs).toBeLessThanOrEqual(given.downtimeLimitNs);
        expect(transferredBytes).toBeGreaterThanOrEqual(given.memoryBytes);
        const nsPerByte = 8e9 / given.bandwidthBitsPerSec;
        // times and bytes are whole
        const roundingNs = 1 + nsPerByte + 1e-9 * (copyNs + downtimeNs);
        expect(Math.abs(copyNs + downtimeNs - transferredBytes * nsPerByte)).toBeLessThanOrEqual(roundingNs);
      }),
    );
  });

  it('takes longer for more memory, a higher dirty rate and a lower limit', () => {
    fc.assert(
      fc.property(parameters, (given) => {
        const totalNs = (changed: Partial<typeof given>) => {
          const { copyNs, downtimeNs } = copyOf({ ...given, ...changed });
          return copyNs + downtimeNs;
        };
        const hereNs = totalNs({});
        expect(totalNs({ memoryBytes: given.memoryBytes * 2 })).toBeGreaterThanOrEqual(hereNs);
        expect(totalNs({ dirtyShare: Math.min(99, given.dirtyShare + 1) })).toBeGreaterThanOrEqual(hereNs);
        // whole nanoseconds: two roundings of the one, two of the other
        expect(totalNs({ downtimeLimitNs: given.downtimeLimitNs / 2 })).toBeGreaterThanOrEqual(hereNs - 2);
      }),
    );
  });
});
