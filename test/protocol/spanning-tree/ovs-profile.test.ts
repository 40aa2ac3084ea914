import { describe, expect, it } from 'vitest';
import { ovsClockRate, ovsStpProfile } from '../../../src/protocol/spanning-tree/ovs-profile.ts';

describe("the clock of Open vSwitch's older spanning tree", () => {
  it('charges 3 ms for a tick of 3.9 ms when it looks every 4 ms, so that 4 s last 3.07 s', () => {
    expect(4 / ovsClockRate(4)).toBeCloseTo(3.072, 3);
    expect(ovsStpProfile(5e6).timerExpiryNs(0, 4e9)).toBeCloseTo(3.072e9, -3);
  });

  it('is right to a hundredth when it looks every 100 ms', () => {
    expect(ovsClockRate(100)).toBeGreaterThanOrEqual(1);
    expect(ovsClockRate(100)).toBeLessThan(1.01);
  });
});
