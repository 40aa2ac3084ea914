import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/engine/random.ts';
import { Peers } from '../../src/workload/peers.ts';

function peersOf(segmentSizes: number[], tenants: number[], peersPerVm: number, seed = 1): Peers {
  const vmSegments = Int32Array.from(segmentSizes.flatMap((size, segment) => new Array<number>(size).fill(segment)));
  const stream = new RandomStreams(seed).stream('peers');
  return new Peers({ vmSegments, segmentTenants: Int32Array.from(tenants), peersPerVm, stream });
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('peers of a VM', () => {
  const layout = fc
    .array(fc.record({ size: fc.nat(12), tenant: fc.nat(2) }), { minLength: 1, maxLength: 6 })
    .filter((segments) => segments.some(({ size }) => size > 0));

  it('are different VMs of its own segment, never itself', () => {
    fc.assert(
      fc.property(layout, fc.integer({ min: 1, max: 15 }), (segments, peersPerVm) => {
        const sizes = segments.map(({ size }) => size);
        const peers = peersOf(
          sizes,
          segments.map(({ tenant }) => tenant),
          peersPerVm,
        );
        for (const vm of range(sizes.reduce((sum, size) => sum + size, 0))) {
          const count = peers.countInSegment(vm);
          expect(count).toBe(Math.min(peersPerVm, sizes[peers.segmentOf(vm)]! - 1));
          const chosen = range(count).map((index) => peers.peerInSegment(vm, index));
          expect(new Set(chosen).size).toBe(count);
          expect(chosen).not.toContain(vm);
          for (const peer of chosen) expect(peers.segmentOf(peer)).toBe(peers.segmentOf(vm));
        }
      }),
    );
  });

  it('beyond its segment are different VMs of other segments of its tenant', () => {
    fc.assert(
      fc.property(layout, fc.integer({ min: 1, max: 15 }), (segments, peersPerVm) => {
        const sizes = segments.map(({ size }) => size);
        const tenants = segments.map(({ tenant }) => tenant);
        const peers = peersOf(sizes, tenants, peersPerVm);
        for (const vm of range(sizes.reduce((sum, size) => sum + size, 0))) {
          const own = peers.segmentOf(vm);
          const others = segments.filter(({ tenant }, segment) => tenant === tenants[own] && segment !== own);
          const candidates = others.reduce((sum, { size }) => sum + size, 0);
          const count = peers.countBeyondSegment(vm);
          expect(count).toBe(Math.min(peersPerVm, candidates));
          const chosen = range(count).map((index) => peers.peerBeyondSegment(vm, index));
          expect(new Set(chosen).size).toBe(count);
          for (const peer of chosen) {
            expect(peers.segmentOf(peer)).not.toBe(own);
            expect(tenants[peers.segmentOf(peer)]).toBe(tenants[own]);
          }
        }
      }),
    );
  });

  it('of other tenants are different VMs of those, each as likely as another', () => {
    const sizes = [7, 0, 5, 30];
    const peers = peersOf(sizes, [0, 1, 2, 0], 3);
    const counts = new Map<number, number>();
    for (const vm of range(42)) {
      const isOwn = (other: number) => (other < 7 || other >= 12) === (vm < 7 || vm >= 12);
      expect(peers.countBeyondTenant(vm)).toBe(3);
      const chosen = range(3).map((index) => peers.peerBeyondTenant(vm, index));
      expect(new Set(chosen).size).toBe(3);
      expect(chosen.filter(isOwn)).toEqual([]);
      for (const peer of chosen) counts.set(peer, (counts.get(peer) ?? 0) + 1);
    }
    // the five VMs of the second tenant are the peers of all 37 others
    expect(range(5).every((index) => (counts.get(7 + index) ?? 0) > 10)).toBe(true);
    expect(peersOf([5], [0], 3).countBeyondTenant(0)).toBe(0);
  });

  it('are in its rack as often as asked for, as far as there are so many, and all different', () => {
    const racks = fc.array(fc.integer({ min: -1, max: 3 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        racks,
        fc.integer({ min: 1, max: 15 }),
        fc.constantFrom(0.25, 0.5, 1),
        (rackOfVm, peersPerVm, ratio) => {
          const vmSegments = Int32Array.from(rackOfVm, (_, vm) => vm % 2);
          const peers = new Peers({
            vmSegments,
            segmentTenants: Int32Array.of(0, 0),
            peersPerVm,
            locality: { inRackRatio: ratio, vmRacks: Int32Array.from(rackOfVm) },
            stream: new RandomStreams(1).stream('peers'),
          });
          for (const vm of rackOfVm.keys()) {
            const count = peers.countInSegment(vm);
            const chosen = range(count).map((index) => peers.peerInSegment(vm, index));
            expect(new Set(chosen).size).toBe(count);
            for (const peer of chosen) expect([vmSegments[peer], peer === vm]).toEqual([vmSegments[vm], false]);
            const isNear = (other: number) => rackOfVm[vm]! >= 0 && rackOfVm[other] === rackOfVm[vm];
            const others = [...rackOfVm.keys()].filter((other) => other !== vm && other % 2 === vm % 2);
            const near = others.filter(isNear).length;
            const far = others.length - near;
            const wanted = Math.max(count * ratio, count - far);
            expect(Math.abs(chosen.filter(isNear).length - Math.min(near, wanted))).toBeLessThan(1);
          }
        },
      ),
    );
  });

  it('depend on the seed and are the same in whatever order they are asked for', () => {
    const ask = (vms: number[], seed: number) => {
      const peers = peersOf([100], [0], 5, seed);
      return new Map(vms.map((vm) => [vm, range(5).map((index) => peers.peerInSegment(vm, index))]));
    };
    const forwards = ask(range(100), 1);
    const backwards = ask(range(100).reverse(), 1);
    for (const vm of range(100)) expect(backwards.get(vm)).toEqual(forwards.get(vm));
    expect(ask(range(100), 2)).not.toEqual(forwards);
  });
});
