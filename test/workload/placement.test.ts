import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/engine/random.ts';
import { PACKED_VMS_PER_SERVER, Placement, type PlacementParameters } from '../../src/workload/placement.ts';

interface Setting extends Partial<Omit<PlacementParameters, 'serverRacks' | 'vmSegments' | 'segmentTenants'>> {
  racks: number[];
  vmCount?: number;
  segments?: number[];
  tenants?: number[];
}

function placementOf({ racks, vmCount = 0, segments, tenants, ...rest }: Setting): Placement {
  const vmSegments = Int32Array.from(segments ?? new Array<number>(vmCount).fill(0));
  return new Placement({
    serverRacks: Int32Array.from(racks),
    policy: 'spread',
    vmsPerServerMax: null,
    segmentVmsPerServerMax: null,
    segmentVmsPerRackMax: null,
    vmSegments,
    segmentTenants: Int32Array.from(tenants ?? [0]),
    stream: new RandomStreams(1).stream('placement'),
    ...rest,
  });
}

/** All VMs, one after the other. */
function place(setting: Setting): number[] {
  const placement = placementOf(setting);
  const vmCount = setting.segments?.length ?? setting.vmCount ?? 0;
  return Array.from({ length: vmCount }, (_, vm) => placement.place(vm));
}

function countsOf(placed: number[], serverCount: number): number[] {
  const counts = new Array<number>(serverCount).fill(0);
  for (const server of placed) if (server >= 0) counts[server]!++;
  return counts;
}

const POLICIES = ['spread', 'random', 'pack', 'tenant-affinity'] as const;

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

  it('keeps a tenant in one rack while it fits, in the rack with the most room, spread over its servers', () => {
    const racks = [0, 1, 0, 1, 2, 2];
    // three VMs of each of three tenants, then three more of the first
    const segments = [0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 0, 0];
    const placed = place({ racks, policy: 'tenant-affinity', vmsPerServerMax: 2, segments, tenants: [0, 1, 2] });
    const racksOf = placed.map((server) => racks[server]);
    expect(racksOf.slice(0, 9)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    // one more fits into its rack, then each rack takes one
    expect(racksOf.slice(9)).toEqual([0, 1, 2]);
    expect(placed.slice(0, 3)).toEqual([0, 2, 0]);
  });

  it('lets a tenant grow again where it shrank', () => {
    const setting = { racks: [0, 0, 1, 1], policy: 'tenant-affinity' as const, vmsPerServerMax: 1 };
    const placement = placementOf({ ...setting, segments: [0, 0, 0, 0], tenants: [0] });
    expect([0, 1, 2].map((vm) => placement.place(vm))).toEqual([0, 1, 2]);
    placement.remove(1, 1);
    expect(placement.place(3)).toBe(1);
  });

  it('puts no more VMs of a segment on a server or into a rack than they may share', () => {
    const racks = [0, 0, 1, 1];
    const segments = [0, 0, 0, 1];
    const onePerServer = place({ racks, policy: 'pack', segmentVmsPerServerMax: 1, segments, tenants: [0, 0] });
    expect(onePerServer).toEqual([0, 1, 2, 0]);
    const onePerRack = place({ racks, policy: 'pack', segmentVmsPerRackMax: 1, segments, tenants: [0, 0] });
    expect(onePerRack).toEqual([0, 2, -1, 0]);
  });

  it('refuses a VM that does not fit, and takes one again when another has ended', () => {
    for (const policy of POLICIES) {
      const placement = placementOf({ racks: [0, 0], policy, vmCount: 6, vmsPerServerMax: 2 });
      const servers = [0, 1, 2, 3, 4].map((vm) => placement.place(vm));
      expect(servers.map((server) => server < 0)).toEqual([false, false, false, false, true]);
      placement.remove(2, servers[2]!);
      expect(placement.place(5)).toBe(servers[2]);
    }
  });

  it('exceeds no limit at any time while VMs come and go, and refuses none that has a place', () => {
    const limit = fc.option(fc.integer({ min: 1, max: 3 }), { nil: null });
    fc.assert(
      fc.property(
        fc.array(fc.nat(3), { minLength: 1, maxLength: 9 }),
        fc.array(fc.record({ segment: fc.nat(3), outlives: fc.nat(20) }), { maxLength: 60 }),
        fc.constantFrom(...POLICIES),
        fc.record({ perServer: fc.integer({ min: 1, max: 6 }), ofServer: limit, ofRack: limit }),
        (racks, vms, policy, { perServer, ofServer, ofRack }) => {
          const placement = placementOf({
            racks,
            policy,
            vmsPerServerMax: perServer,
            segmentVmsPerServerMax: ofServer,
            segmentVmsPerRackMax: ofRack,
            segments: vms.map(({ segment }) => segment),
            tenants: [0, 0, 1, 1],
          });
          const there = new Map<number, number>();
          const countWhere = (isCounted: (segment: number, server: number) => boolean) =>
            [...there].filter(([vm, server]) => isCounted(vms[vm]!.segment, server)).length;
          const mayTake = (segment: number, server: number) =>
            countWhere((_, other) => other === server) < perServer &&
            countWhere((one, other) => one === segment && other === server) < (ofServer ?? Infinity) &&
            countWhere((one, other) => one === segment && racks[other] === racks[server]) < (ofRack ?? Infinity);
          for (const [vm, { segment }] of vms.entries()) {
            for (const [old, server] of [...there]) {
              if (old + vms[old]!.outlives >= vm) continue;
              there.delete(old);
              placement.remove(old, server);
            }
            const hasPlace = racks.some((_, server) => mayTake(segment, server));
            const server = placement.place(vm);
            expect(server >= 0).toBe(hasPlace);
            if (server < 0) continue;
            expect(mayTake(segment, server)).toBe(true);
            there.set(vm, server);
          }
        },
      ),
    );
  });
});
