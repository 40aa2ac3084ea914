import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/units.ts';
import { planEverywhere, planWith, scenarioWith } from './planned-datacenter.ts';
import { RunningFabric } from './running-fabric.ts';
import { broadcastOf, sites } from './sites.ts';
import { VXLAN } from './small-datacenter.ts';

const BORDERS = { ...VXLAN, sites: 'border-gateways' } as const;

describe('border gateways between sites', () => {
  it.each([
    [2, 'full-mesh', { between: 1, within: 2 * 4 + 2 * 4, reached: 7 }],
    [3, 'full-mesh', { between: 2, within: 2 * 4 + 2 * (2 * 4), reached: 11 }],
    // the third site lies behind the second
    [3, 'chain', { between: 3, within: 2 * 4 + 2 * (2 * 4), reached: 11 }],
  ])('let a flood cross once to each other site: %i sites, %s', (count, layout, expected) => {
    const plan = planEverywhere(sites(count, { layout }));
    expect(broadcastOf(new RunningFabric(plan, BORDERS))).toEqual(expected);
  });

  it.each([
    [2, { between: 4, within: 2 * 3 + 4 * 4, reached: 7 }],
    [3, { between: 8, within: 2 * 3 + 8 * 4, reached: 11 }],
  ])('where it would cross once for each leaf of each other site: %i sites', (count, expected) => {
    const plan = planEverywhere(sites(count));
    expect(broadcastOf(new RunningFabric(plan, VXLAN))).toEqual(expected);
  });

  it('let a VTEP know those of its own site and the border', () => {
    const plan = planEverywhere(sites(2));
    const fabric = new RunningFabric(plan, BORDERS);
    for (const vm of [0, 1, 2, 3, 4, 5, 6, 7]) fabric.broadcast(vm);
    const { tunnels } = fabric.devices;
    const placesAt = (tunnel: number) => {
      const places = new Set<number>();
      tunnels.tables.forEachEntry(tunnel, (_address, place) => places.add(place));
      return places.size;
    };
    const leaves = fabric.fabric.macTables.filter(({ kind, tier }) => kind === 'tunnel' && tier === 'leaf');
    expect(leaves.map(({ table }) => placesAt(table))).toEqual(Array(8).fill(4));
    const ends = new RunningFabric(plan, VXLAN);
    for (const vm of [0, 1, 2, 3, 4, 5, 6, 7]) ends.broadcast(vm);
    ends.devices.tunnels.tables.forEachEntry(0, () => {});
    const places = new Set<number>();
    ends.devices.tunnels.tables.forEachEntry(0, (_address, place) => places.add(place));
    expect(places.size).toBe(7);
  });

  it('carry unicast between sites in three tunnels, without flooding what is known', () => {
    const fabric = new RunningFabric(planEverywhere(sites(2)), BORDERS);
    fabric.broadcast(0);
    fabric.broadcast(7);
    const [{ tag }] = fabric.datagram(0, 7);
    // leaf, spine, border, border, spine, leaf
    expect(fabric.fabricTransmissionsOf(tag).map(({ isEncapsulated }) => isEncapsulated)).toEqual(Array(5).fill(true));
    expect(fabric.deliveriesOf(tag)).toMatchObject([{ vm: 7, ttl: 64 }]);
  });

  it('carry only segments that are in two sites, from when a VM has moved to the second', () => {
    const topology = sites(2);
    const plan = planWith(scenarioWith(topology, { vmsPerSegment: [3] }), [0, 1, 2]);
    const fabric = new RunningFabric(plan, BORDERS);
    expect(broadcastOf(fabric)).toEqual({ between: 0, within: 2 * 2, reached: 2 });
    fabric.fabric.moveVm(2, 7);
    expect(broadcastOf(fabric)).toEqual({ between: 1, within: 2 * 2 + 2, reached: 2 });
    fabric.fabric.moveVm(2, 3);
    expect(broadcastOf(fabric)).toEqual({ between: 0, within: 2 * 2, reached: 2 });
  });

  it('stand in for one another', () => {
    const plan = planEverywhere(sites(2, { borders: 2 }));
    const fabric = new RunningFabric(plan, BORDERS);
    const expected = { between: 1, within: 2 * 4 + 2 * 4, reached: 7 };
    expect(broadcastOf(fabric)).toEqual(expected);
    const first = plan.switches.findIndex(({ tier }) => tier === 'border');
    fabric.fabric.setSwitchUp(first, false);
    fabric.wait(seconds(1));
    // the border in use at the other site is beside the one that failed: it is reached over a spine
    expect(broadcastOf(fabric).reached).toBe(7);
    fabric.fabric.setSwitchUp(first, true);
    fabric.wait(seconds(1));
    expect(broadcastOf(fabric)).toEqual(expected);
  });

  it('have copies of memory go the way of the overlay', () => {
    const fabric = new RunningFabric(planEverywhere(sites(2)), BORDERS);
    const path = fabric.fabric.pathBetweenServers(0, 7, 1)!;
    const names = [...path].map((port) => fabric.devices.network.nodeNames[fabric.devices.network.nodeOf(port)]);
    expect(names.map((name) => name.replace(/\d+/, ''))).toEqual([
      'server',
      'leaf',
      'spine',
      'border',
      'border',
      'spine',
      'leaf',
    ]);
    expect(fabric.fabric.pathBetweenServers(0, 1, 1)).toHaveLength(4);
  });

  it('say what tables are to say of a server in either site', () => {
    const fabric = new RunningFabric(planEverywhere(sites(2)), BORDERS);
    for (const vm of [0, 7]) fabric.broadcast(vm);
    const { devices } = fabric;
    for (const owner of fabric.fabric.macTables) {
      const tables = owner.kind === 'bridge' ? devices.bridges.tables : devices.tunnels.tables;
      for (const [vm, server] of [
        [0, 0],
        [7, 7],
      ]) {
        const place = tables.lookUp(owner.table, devices.servers.addressOf(vm), devices.network.nowMs);
        const expected = fabric.fabric.placeOfServer(owner, server);
        expect([owner.owner, owner.kind, vm, Math.max(-1, place)]).toEqual([owner.owner, owner.kind, vm, expected]);
      }
    }
  });
});
