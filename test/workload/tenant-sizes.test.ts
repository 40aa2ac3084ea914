import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/engine/random.ts';
import { countSegments, drawTenantSizes, scaleTo, type TenantKind } from '../../src/workload/tenant-sizes.ts';

const WEB: TenantKind = {
  name: 'web',
  replicaCount: 1,
  segmentsPerReplica: 1,
  vmsPerSegment: 10,
  totalSegments: null,
  totalVms: null,
};
const SKEWED: TenantKind = {
  ...WEB,
  name: 'skewed',
  replicaCount: 500,
  segmentsPerReplica: { powerLaw: { exponent: 1.2, min: 1, max: 300 } },
  vmsPerSegment: { logNormal: { median: 12, sigma: 1, min: 1, max: 2000 } },
};

const drawSizes = (...tenants: TenantKind[]) => drawTenantSizes(tenants, new RandomStreams(1));
const sumOf = (counts: Iterable<number>) => [...counts].reduce((sum, count) => sum + count, 0);

describe('sizes of tenants', () => {
  it('go through tenants, replicas and segments in order', () => {
    const shop = { ...WEB, name: 'shop', replicaCount: 2, segmentsPerReplica: 3, vmsPerSegment: 4 };
    const sizes = drawSizes(WEB, shop);
    expect([...sizes.segmentTenants]).toEqual([0, 1, 1, 1, 2, 2, 2]);
    expect([...sizes.segmentSizes]).toEqual([10, 4, 4, 4, 4, 4, 4]);
    expect(sizes.vmCount).toBe(34);
  });

  it('come to a total exactly, skewed or not', () => {
    for (const tenant of [SKEWED, { ...SKEWED, segmentsPerReplica: 1, vmsPerSegment: 1 }]) {
      const sizes = drawSizes({ ...tenant, totalSegments: 5000, totalVms: 102_400 });
      expect(sizes.segmentSizes).toHaveLength(5000);
      expect(sizes.vmCount).toBe(102_400);
      expect(sumOf(sizes.segmentSizes)).toBe(102_400);
      expect(new Set(sizes.segmentTenants).size).toBe(500);
      expect(Math.min(...sizes.segmentSizes)).toBeGreaterThanOrEqual(1);
    }
  });

  it('are as even as can be when only a total is given', () => {
    const sizes = drawSizes({ ...WEB, replicaCount: 7, totalVms: 100, vmsPerSegment: 1 });
    expect([...sizes.segmentSizes]).toEqual([15, 15, 14, 14, 14, 14, 14]);
  });

  it('of one tenant do not depend on the others', () => {
    const alone = drawSizes(SKEWED);
    const second = drawSizes(WEB, SKEWED);
    expect([...second.segmentSizes].slice(1)).toEqual([...alone.segmentSizes]);
    expect(countSegments([WEB, SKEWED], new RandomStreams(1))).toBe(second.segmentSizes.length);
  });

  it('keep their order and stay at least 1 when they are scaled', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1 }), fc.nat(10_000), (drawn, spare) => {
        const counts = Int32Array.from(drawn);
        scaleTo(counts, drawn.length + spare);
        expect(sumOf(counts)).toBe(drawn.length + spare);
        for (const [i, count] of counts.entries()) {
          expect(count).toBeGreaterThanOrEqual(1);
          for (const [j, other] of counts.entries())
            if (drawn[i]! > drawn[j]!) expect(count).toBeGreaterThanOrEqual(other - 1);
        }
      }),
    );
  });
});
