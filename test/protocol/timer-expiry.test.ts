import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactExpiryNs, linuxRoundedExpiryNs, linuxWheelExpiryNs } from '../../src/protocol/timer-expiry.ts';
import { milliseconds, seconds } from '../../src/units.ts';

describe('timers of the Linux kernel', () => {
  const instants = fc.integer({ min: 0, max: seconds(3600) });
  const durations = fc.integer({ min: milliseconds(4), max: seconds(600) });

  it('never go off early, and late by at most a bucket', () => {
    fc.assert(
      fc.property(instants, durations, (nowNs, durationNs) => {
        const latenessNs = linuxWheelExpiryNs(nowNs, durationNs) - exactExpiryNs(nowNs, durationNs);
        // a bucket is at most an eighth of the duration, or a tick; ticks of start and end may add two
        expect(latenessNs).toBeGreaterThanOrEqual(0);
        expect(latenessNs).toBeLessThanOrEqual(durationNs / 7.5 + milliseconds(8));
      }),
    );
  });

  it.each([
    [seconds(1), milliseconds(32)],
    [seconds(5), milliseconds(256)],
    [seconds(15), milliseconds(256)],
    [seconds(20), milliseconds(2048)],
    [seconds(300), milliseconds(16_384)],
  ])('go off on multiples of their bucket: %d ns in buckets of %d ns', (durationNs, bucketNs) => {
    const expiries = [0, 7, 1234, 9999].map((ms) => linuxWheelExpiryNs(milliseconds(ms), durationNs));
    for (const expiryNs of expiries) expect((expiryNs - expiries[0]) % bucketNs).toBe(0);
  });

  it('that are rounded to whole seconds go off together, whatever moment of the second they were set at', () => {
    const second = [100, 200, 300].map((ms) => linuxRoundedExpiryNs(seconds(10) + milliseconds(ms), seconds(1)));
    expect(second[1]).toBe(second[0]);
    expect(second[2] - second[0]).toBeGreaterThanOrEqual(seconds(1) - milliseconds(32));
    expect(second[2] - second[0]).toBeLessThanOrEqual(seconds(1) + milliseconds(32));
  });
});
