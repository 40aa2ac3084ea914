import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { milliseconds, seconds, toSeconds } from '../../src/units.ts';
import { PreCopy, type PreCopyParameters } from '../../src/workload/pre-copy.ts';

const GIB = 2 ** 30;
const COMMON: PreCopyParameters = {
  memoryBytes: 4 * GIB,
  dirtyRateBitsPerSec: 1e9,
  workingSetBytes: null,
  downtimeLimitNs: milliseconds(300),
  roundsMax: null,
  copyNsMax: null,
  stallNsMax: seconds(60),
  onGiveUp: 'abort',
};

/** From a moment on, the bandwidth of a copy. */
type Bandwidths = [timeNs: number, bitsPerSec: number][];

/** Copies to the end at bandwidths that change. */
function copyAll(parameters: PreCopyParameters, bandwidths: Bandwidths) {
  const startNs = bandwidths[0]![0];
  const copy = new PreCopy(parameters, startNs);
  copy.setBandwidth(bandwidths[0]![1], startNs);
  const changes = bandwidths.slice(1);
  let nowNs = startNs;
  let step = copy.start(nowNs);
  let pauseNs = step === 'paused' ? nowNs : null;
  while (step !== 'copied' && step !== 'given-up') {
    const next = changes[0];
    if (next !== undefined && next[0] < copy.dueNs) {
      changes.shift();
      nowNs = next[0];
      copy.setBandwidth(next[1], nowNs);
      continue;
    }
    nowNs = copy.dueNs;
    if (nowNs === Infinity) break;
    step = copy.step(nowNs);
    if (step === 'paused') pauseNs = nowNs;
  }
  const { rounds, transferredBytes, isForced } = copy;
  return {
    step,
    rounds,
    transferredBytes: Math.round(transferredBytes),
    isForced,
    copyNs: (pauseNs ?? nowNs) - startNs,
    downtimeNs: pauseNs === null ? null : nowNs - pauseNs,
    totalNs: nowNs - startNs,
  };
}

const copyAt = (bitsPerSec: number, changed: Partial<PreCopyParameters> = {}) =>
  copyAll({ ...COMMON, ...changed }, [[0, bitsPerSec]]);

describe('pre-copy', () => {
  it('of 4 GiB at 10 Gb/s with 1 Gb/s dirtied takes two rounds, 3.814 s in all, of which 34.4 ms paused', () => {
    const { rounds, totalNs, downtimeNs } = copyAt(10e9);
    expect(rounds).toBe(2);
    expect(toSeconds(totalNs)).toBeCloseTo(3.814, 3);
    expect(downtimeNs! / 1e6).toBeCloseTo(34.4, 1);
  });

  it('of 4 GiB at 128 MiB/s with 0.4 Gb/s dirtied takes five rounds, 50.86 s in all, of which 229.6 ms paused', () => {
    const { rounds, totalNs, downtimeNs } = copyAt(128 * 2 ** 20 * 8, { dirtyRateBitsPerSec: 0.4e9 });
    expect(rounds).toBe(5);
    expect(toSeconds(totalNs)).toBeCloseTo(50.86, 2);
    expect(downtimeNs! / 1e6).toBeCloseTo(229.6, 1);
  });

  it('pauses at once for memory that fits in the downtime limit', () => {
    const copy = copyAt(10e9, { memoryBytes: 10_000_000 });
    expect(copy).toMatchObject({ rounds: 0, copyNs: 0, downtimeNs: milliseconds(8), transferredBytes: 10_000_000 });
  });

  it('of memory that nobody changes takes one round and no pause', () => {
    const copy = copyAt(10e9, { memoryBytes: 1.25e9, dirtyRateBitsPerSec: 0 });
    expect(copy).toMatchObject({ rounds: 1, copyNs: seconds(1), downtimeNs: 0, transferredBytes: 1.25e9 });
  });

  it('takes no further round when the last one fits exactly', () => {
    // rounds of 800, 200 and 50 ms
    const exact = { memoryBytes: 1e9, dirtyRateBitsPerSec: 2.5e9 };
    expect(copyAt(10e9, { ...exact, downtimeLimitNs: milliseconds(200) }).rounds).toBe(1);
    expect(copyAt(10e9, { ...exact, downtimeLimitNs: milliseconds(199) }).rounds).toBe(2);
  });

  it('takes as long as it takes to copy what was dirtied when the bandwidth falls', () => {
    // 1 GB: half at 8 Gb/s in 0.5 s, half at 4 Gb/s in 1 s; 1 Gb/s dirtied for 1.5 s is 187.5 MB or 375 ms
    const parameters = { ...COMMON, memoryBytes: 1e9, downtimeLimitNs: milliseconds(400) };
    const copy = copyAll(parameters, [
      [seconds(5), 8e9],
      [seconds(5.5), 4e9],
    ]);
    expect(copy).toMatchObject({ rounds: 1, copyNs: seconds(1.5), downtimeNs: milliseconds(375) });
  });

  it('goes on dirtying while it stands still', () => {
    const parameters = { ...COMMON, memoryBytes: 1e9, downtimeLimitNs: milliseconds(300) };
    const copy = copyAll(parameters, [
      [0, 8e9],
      [seconds(0.5), 0],
      [seconds(10.5), 8e9],
    ]);
    // 11 s of 1 Gb/s are more than the VM has: all of it is copied once more
    expect(copy).toMatchObject({ rounds: 2, copyNs: seconds(12), downtimeNs: milliseconds(125) });
  });

  it('stands still for so long and no longer, and then the VM stays, even if it was to be forced', () => {
    const copy = copyAll({ ...COMMON, onGiveUp: 'force' }, [
      [0, 8e9],
      [seconds(1), 0],
    ]);
    expect(copy).toMatchObject({ step: 'given-up', totalNs: seconds(61), downtimeNs: null });
  });

  it('is given up after so many rounds, or so long, when memory changes as fast as it is copied', () => {
    const fast = { dirtyRateBitsPerSec: 10e9, memoryBytes: 1.25e9 };
    const rounds = copyAt(10e9, { ...fast, roundsMax: 7 });
    expect(rounds).toMatchObject({ step: 'given-up', rounds: 7, totalNs: seconds(7), downtimeNs: null });
    const time = copyAt(10e9, { ...fast, copyNsMax: seconds(2.5) });
    expect(time).toMatchObject({ step: 'given-up', rounds: 2, totalNs: seconds(2.5) });
  });

  it('pauses the VM for all that is left when it is forced', () => {
    const fast: Partial<PreCopyParameters> = { dirtyRateBitsPerSec: 10e9, memoryBytes: 1.25e9, onGiveUp: 'force' };
    const rounds = copyAt(10e9, { ...fast, roundsMax: 7 });
    expect(rounds).toMatchObject({ step: 'copied', isForced: true, copyNs: seconds(7), downtimeNs: seconds(1) });
    // half a round is left, and as much was dirtied: half of it where copying has been, half where it has not
    const time = copyAt(10e9, { ...fast, copyNsMax: seconds(2.5) });
    expect(time).toMatchObject({ step: 'copied', isForced: true, copyNs: seconds(2.5), downtimeNs: seconds(0.75) });
  });

  it('copies no page twice that was dirtied before its turn and is left when it is forced', () => {
    // of 1,000 MB half are left after 0.4 s, and of the 200 MB that change, all are dirty: 100 MB of them are left anyway
    const inFirstRound = {
      memoryBytes: 1e9,
      workingSetBytes: 200e6,
      dirtyRateBitsPerSec: 40e9,
      onGiveUp: 'force',
    } as const;
    const first = copyAt(10e9, { ...inFirstRound, downtimeLimitNs: 0, copyNsMax: seconds(0.4) });
    expect(first).toMatchObject({ rounds: 0, isForced: true, transferredBytes: 1.1e9, downtimeNs: milliseconds(480) });
    // in the second round half of these are left, and all are dirty again
    const second = copyAt(10e9, { ...inFirstRound, downtimeLimitNs: 0, copyNsMax: seconds(0.88) });
    expect(second).toMatchObject({ rounds: 1, isForced: true, transferredBytes: 1.3e9, downtimeNs: milliseconds(160) });
  });

  it('converges on a working set however fast that changes', () => {
    const parameters = { dirtyRateBitsPerSec: 40e9, workingSetBytes: 250e6 };
    // 250 MB at 10 Gb/s
    expect(copyAt(10e9, parameters)).toMatchObject({ rounds: 1, downtimeNs: milliseconds(200) });
    expect(copyAt(5e9, { ...parameters, roundsMax: 9 })).toMatchObject({ step: 'given-up', rounds: 9 });
  });

  it('expects the pause when it comes', () => {
    for (const bitsPerSec of [2e9, 3e9, 10e9]) {
      const copy = new PreCopy(COMMON, seconds(1));
      copy.setBandwidth(bitsPerSec, seconds(1));
      copy.start(seconds(1));
      const expectedNs = copy.expectedPauseNs;
      while (copy.step(copy.dueNs) !== 'paused') expect(Math.abs(copy.expectedPauseNs - expectedNs)).toBeLessThan(2);
      expect(Math.abs(expectedNs - seconds(1) - copyAt(bitsPerSec).copyNs)).toBeLessThan(2);
    }
    const never = new PreCopy({ ...COMMON, dirtyRateBitsPerSec: 10e9 }, 0);
    never.setBandwidth(10e9, 0);
    expect(never.expectedPauseNs).toBe(Infinity);
  });

  const parameters = fc.record({
    memoryBytes: fc.integer({ min: 2 ** 20, max: 2 ** 40 }),
    bandwidthBitsPerSec: fc.integer({ min: 10e6, max: 100e9 }),
    dirtyShare: fc.integer({ min: 0, max: 99 }),
    downtimeLimitNs: fc.integer({ min: milliseconds(1), max: seconds(10) }),
  });
  type Given = typeof parameters extends fc.Arbitrary<infer T> ? T : never;
  const copyOf = ({ dirtyShare, bandwidthBitsPerSec, ...rest }: Given) =>
    copyAt(bandwidthBitsPerSec, { ...rest, dirtyRateBitsPerSec: (bandwidthBitsPerSec * dirtyShare) / 100 });

  it('is what the geometric series says at a constant bandwidth', () => {
    fc.assert(
      fc.property(parameters, (given) => {
        const { rounds, totalNs, downtimeNs } = copyOf(given);
        const { memoryBytes, bandwidthBitsPerSec, dirtyShare, downtimeLimitNs } = given;
        const r = dirtyShare / 100;
        const roundNs = (memoryBytes * 8e9) / bandwidthBitsPerSec;
        const exactNs = (count: number) => (roundNs * (1 - r ** count)) / (1 - r);
        expect(roundNs * r ** rounds).toBeLessThanOrEqual(downtimeLimitNs * (1 + 1e-9));
        if (rounds > 0) expect(roundNs * r ** (rounds - 1)).toBeGreaterThan(downtimeLimitNs * (1 - 1e-9));
        const roundingNs = 2 + 1e-8 * totalNs;
        expect(Math.abs(downtimeNs! - roundNs * r ** rounds)).toBeLessThanOrEqual(roundingNs);
        expect(Math.abs(totalNs - exactNs(rounds + 1))).toBeLessThanOrEqual(roundingNs);
      }),
    );
  });

  it('takes longer for more memory, a higher dirty rate and a lower limit', () => {
    fc.assert(
      fc.property(parameters, (given) => {
        const totalNs = (changed: Partial<Given>) => copyOf({ ...given, ...changed }).totalNs;
        const hereNs = totalNs({});
        expect(totalNs({ memoryBytes: given.memoryBytes * 2 })).toBeGreaterThanOrEqual(hereNs);
        expect(totalNs({ dirtyShare: Math.min(99, given.dirtyShare + 1) })).toBeGreaterThanOrEqual(hereNs);
        // whole nanoseconds: two roundings of the one, two of the other
        expect(totalNs({ downtimeLimitNs: given.downtimeLimitNs / 2 })).toBeGreaterThanOrEqual(hereNs - 2);
      }),
    );
  });
});
