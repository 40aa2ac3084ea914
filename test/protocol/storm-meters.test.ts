import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STORM_INTERVAL_NS, StormClass, StormMeters } from '../../src/protocol/storm-meters.ts';

const frames = (perInterval: number) => ({ unit: 'frames', perInterval }) as const;

describe('storm control of a port', () => {
  it('lets in as many frames of a class as its level says, and the same again in the next second', () => {
    const meters = new StormMeters();
    const meter = meters.add([frames(3), null, null]);
    const admits = (nowNs: number) => meters.admits(meter, StormClass.broadcast, 1, 84, nowNs);
    expect([0, 1, 2, 3, STORM_INTERVAL_NS - 1].map(admits)).toEqual([true, true, true, false, false]);
    expect(admits(STORM_INTERVAL_NS)).toBe(true);
  });

  it('meters each class and each port on its own', () => {
    const meters = new StormMeters();
    const [first, second] = [meters.add([frames(1), frames(1), null]), meters.add([frames(1), null, frames(0)])];
    expect(meters.admits(first, StormClass.broadcast, 1, 84, 0)).toBe(true);
    expect(meters.admits(first, StormClass.broadcast, 1, 84, 0)).toBe(false);
    expect(meters.admits(first, StormClass.multicast, 1, 84, 0)).toBe(true);
    expect(meters.admits(second, StormClass.broadcast, 1, 84, 0)).toBe(true);
    for (let i = 0; i < 100; i++) expect(meters.admits(first, StormClass.unknownUnicast, 1, 84, 0)).toBe(true);
    expect(meters.admits(second, StormClass.unknownUnicast, 1, 84, 0)).toBe(false);
  });

  it('counts bytes where its level is a share of a rate', () => {
    const meters = new StormMeters();
    const meter = meters.add([{ unit: 'bytes', perInterval: 1000 }, null, null]);
    expect(meters.admits(meter, StormClass.broadcast, 1, 900, 0)).toBe(true);
    expect(meters.admits(meter, StormClass.broadcast, 1, 101, 0)).toBe(false);
  });

  it('stops the rest of the second, be it smaller than what was too much', () => {
    const meters = new StormMeters();
    const meter = meters.add([{ unit: 'bytes', perInterval: 1000 }, null, null]);
    expect(meters.admits(meter, StormClass.broadcast, 1, 1001, 0)).toBe(false);
    expect(meters.admits(meter, StormClass.broadcast, 1, 1, 1)).toBe(false);
    expect(meters.admits(meter, StormClass.broadcast, 1, 1, STORM_INTERVAL_NS)).toBe(true);
  });

  it('never lets in more than the level in a second, and all if that is not too much', () => {
    const arrivals = fc.array(
      fc.record({ afterNs: fc.nat(STORM_INTERVAL_NS), count: fc.integer({ min: 1, max: 16 }) }),
    );
    fc.assert(
      fc.property(fc.nat(60), arrivals, (level, list) => {
        const meters = new StormMeters();
        const meter = meters.add([frames(level), null, null]);
        const offered = new Map<number, number>();
        const admitted = new Map<number, number>();
        let nowNs = 0;
        for (const { afterNs, count } of list) {
          nowNs += afterNs;
          const second = Math.floor(nowNs / STORM_INTERVAL_NS);
          offered.set(second, (offered.get(second) ?? 0) + count);
          if (meters.admits(meter, StormClass.broadcast, count, 0, nowNs)) {
            admitted.set(second, (admitted.get(second) ?? 0) + count);
          }
        }
        for (const [second, count] of offered) {
          expect(admitted.get(second) ?? 0).toBeLessThanOrEqual(level);
          if (count <= level) expect(admitted.get(second)).toBe(count);
        }
      }),
    );
  });
});
