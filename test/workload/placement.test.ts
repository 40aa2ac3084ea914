import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/engine/random.ts';
import { PACKED_VMS_PER_SERVER, type PlacementParameters, placeVms } from '../../src/workload/placement.ts';

function place(parameters: Partial<PlacementParameters> & { racks: number[] }): number[] {
  const { racks, ...rest } = parameters;
  const stream = new RandomStreams(1).stream('placement');
  const defaults = { vmCount: 0, policy: 'spread', vmsPerServerMax: null, stream } as const;
  return [...placeVms({ ...defaults, serverRacks: Int32Array.from(racks), ...rest })];
}

function countsOf(placed: number[], serverCount: number): number[] {
  const counts = new Array<number>(serverCount).fill(0);
  for (const server of placed) counts[server]!++;
  return counts;
}

describe('placement of VMs', () => {
  it('spreads VMs over racks first, then over the servers in them', () => {
    expect(place({ racks: [0, 0, 1, 1, 2], vmCount: 7 })).toEqual([0, 2, 4, 1, 3, 0, 2]);
  });

  it('packs a server up to its limit before it takes the next', () => {
    expect(place({ racks: [0, 0, 1], policy: 'pack', vmCount: 5, vmsPerServerMax: 2 })).toEqual([0, 0, 1, 1, 2]);
  });

  it('packs twenty VMs on a server without a limit, and more only if they would not fit', () => {
    const few = countsOf(place({ racks: [0, 0, 1], policy: 'pack', vmCount: 25 }), 3);
    expect(few).toEqual([PACKED_VMS_PER_SERVER, 5, 0]);
    expect(countsOf(place({ racks: [0, 0], policy: 'pack', vmCount: 50 }), 2)).toEqual([25, 25]);
  });

  it('is the same again for the same seed at random, and leaves no server out in the long run', () => {
    const racks = [0, 0, 1, 1];
    const placed = place({ racks, policy: 'random', vmCount: 400 });
    expect(place({ racks, policy: 'random', vmCount: 400 })).toEqual(placed);
    for (const count of countsOf(placed, 4)) expect(Math.abs(count - 100)).toBeLessThan(40);
  });

  it('refuses more VMs than fit', () => {
    expect(() => place({ racks: [0, 0], vmCount: 5, vmsPerServerMax: 2 })).toThrow('5 VMs do not fit');
  });

  it('puts every VM on a server that is there and none beyond its limit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }),
        fc.nat(60),
        fc.nat(4),
        fc.constantFrom('spread', 'random', 'pack'),
        (racks, vmCount, spare, policy) => {
          const vmsPerServerMax = Math.max(1, Math.ceil(vmCount / racks.length)) + spare;
          const placed = place({ racks, vmCount, policy, vmsPerServerMax });
          expect(placed).toHaveLength(vmCount);
          const counts = countsOf(placed, racks.length);
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(vmCount);
          expect(counts).toHaveLength(racks.length);
          expect(Math.max(...counts)).toBeLessThanOrEqual(vmsPerServerMax);
        },
      ),
    );
  });
});
