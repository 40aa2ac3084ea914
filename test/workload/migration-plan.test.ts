import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/engine/random.ts';
import { seconds } from '../../src/units.ts';
import { type DestinationPolicy, Destinations, planMigrations } from '../../src/workload/migration-plan.ts';

const streamOf = (seed: number) => new RandomStreams(seed).stream('migrations');

describe('a plan of migrations', () => {
  it('has each random one of another VM, within the window, in order of time with the listed ones', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(), (count, seed) => {
        const list = [{ vm: 3, startNs: seconds(15), toServer: 1 }];
        const random = { count, startNs: seconds(10), endNs: seconds(20) };
        const plan = planMigrations({ list, random, vmCount: 50, stream: streamOf(seed) });
        const drawn = plan.filter(({ toServer }) => toServer === null);
        expect(new Set(drawn.map(({ vm }) => vm)).size).toBe(count);
        for (const { vm, startNs } of drawn) {
          expect(vm).toBeLessThan(50);
          expect(startNs).toBeGreaterThanOrEqual(seconds(10));
          expect(startNs).toBeLessThan(seconds(20));
        }
        expect(plan.map(({ startNs }) => startNs)).toEqual(plan.map(({ startNs }) => startNs).sort((a, b) => a - b));
        expect(plan).toHaveLength(count + 1);
      }),
    );
  });

  it('is refused for more VMs than there are', () => {
    const random = { count: 4, startNs: 0, endNs: 1 };
    expect(() => planMigrations({ list: [], random, vmCount: 3, stream: streamOf(1) })).toThrow('4 of 3 VMs');
  });
});

describe('destinations', () => {
  const serverRacks = Int32Array.of(0, 0, 1, 1, 2);
  const destinationsOf = (policy: DestinationPolicy, vmsPerServerMax: number | null = null) =>
    new Destinations({
      vmServers: Int32Array.of(0, 1, 2, 3, 4),
      serverRacks,
      vmsPerServerMax,
      policy,
      stream: streamOf(1),
    });
  const chosen = (destinations: Destinations, vm: number) =>
    [...new Set(Array.from({ length: 200 }, () => destinations.choose(vm)))].sort();

  it('are any other server, one in the same rack, or one in another', () => {
    expect(chosen(destinationsOf('any'), 0)).toEqual([1, 2, 3, 4]);
    expect(chosen(destinationsOf('same-rack'), 0)).toEqual([1]);
    expect(chosen(destinationsOf('other-rack'), 0)).toEqual([2, 3, 4]);
  });

  it('are none in a rack with one server, and none where all are full', () => {
    expect(chosen(destinationsOf('same-rack'), 4)).toEqual([-1]);
    expect(chosen(destinationsOf('any', 1), 0)).toEqual([-1]);
  });

  it('have room for as many as are allowed, counting those on their way', () => {
    const destinations = destinationsOf('any', 2);
    destinations.reserve(1);
    expect(destinations.accepts(0, 1)).toBe(false);
    expect(destinations.accepts(0, 2)).toBe(true);
    destinations.arrive(2, 1);
    expect(destinations.serverOf(2)).toBe(1);
    destinations.reserve(2);
    expect(destinations.accepts(0, 2)).toBe(true);
  });
});
