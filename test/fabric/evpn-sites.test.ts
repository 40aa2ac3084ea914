import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VxlanFabric } from '../../src/fabric/vxlan-fabric.ts';
import { seconds } from '../../src/units.ts';
import { planEverywhere, planWith, scenarioWith } from './planned-datacenter.ts';
import { RunningFabric } from './running-fabric.ts';
import { broadcastOf, sites } from './sites.ts';
import { EVPN, FRR_EVPN } from './small-datacenter.ts';

const RFC = { ...EVPN, evpn: { ...FRR_EVPN, implementation: 'rfc-7432' } } as const;
const BORDERS = { ...RFC, sites: 'border-gateways' } as const;

/** The VMs of the segment that is on all servers of two sites, each on the server of its number. */
const EVERYWHERE = [0, 1, 2, 3, 4, 5, 6, 7];

function evpnOf({ fabric }: RunningFabric) {
  if (!(fabric instanceof VxlanFabric) || fabric.controlPlane === null) throw new Error('this fabric has no EVPN');
  return fabric.controlPlane;
}

/** Tables that say of a VM something else than where it is. */
function wrongTables(running: RunningFabric, vm: number, server: number): string[] {
  const { devices, fabric, plan } = running;
  const segment = plan.vmSegment[vm];
  const carrying = fabric.macTables.filter(
    ({ kind, table }) => kind === 'tunnel' && devices.tunnels.serves(table, segment),
  );
  const owners = new Set(carrying.map(({ owner }) => owner));
  return fabric.macTables.flatMap((owner) => {
    if (!owners.has(owner.owner)) return [];
    const tables = owner.kind === 'bridge' ? devices.bridges.tables : devices.tunnels.tables;
    const place = tables.lookUp(owner.table, devices.servers.addressOf(vm), devices.network.nowMs);
    const expected = fabric.placeOfServer(owner, server, segment);
    return Math.max(-1, place) === expected ? [] : [`${owner.owner} ${owner.kind} ${owner.table}: ${place}`];
  });
}

/** All VMs announce themselves. */
function announceAll(running: RunningFabric): void {
  for (const vm of running.plan.vmServer.keys()) running.devices.stacks.announce(vm);
  running.wait(seconds(2));
}

describe('border gateways with EVPN', () => {
  it.each([
    [2, 'full-mesh', { between: 1, within: 2 * 4 + 2 * 4, reached: 7 }],
    [3, 'full-mesh', { between: 2, within: 2 * 4 + 2 * (2 * 4), reached: 11 }],
    // the third site lies behind the second
    [3, 'chain', { between: 3, within: 2 * 4 + 2 * (2 * 4), reached: 11 }],
  ])('let a flood cross once to each other site: %i sites, %s', (count, layout, expected) => {
    const plan = planEverywhere(sites(count, { layout }));
    expect(broadcastOf(new RunningFabric(plan, BORDERS))).toEqual(expected);
  });

  it('tell each site of the other with themselves as next hop, so that tables are right everywhere', () => {
    const running = new RunningFabric(planEverywhere(sites(2)), BORDERS);
    announceAll(running);
    for (const vm of EVERYWHERE) expect(wrongTables(running, vm, vm)).toEqual([]);
    const places = new Set<number>();
    running.devices.tunnels.tables.forEachEntry(0, (_address, place) => places.add(place));
    // three leaves and the border
    expect(places.size).toBe(4);
  });

  it('hold the routes of other sites once each and not those of their leaves', () => {
    const running = new RunningFabric(planEverywhere(sites(2)), BORDERS);
    announceAll(running);
    const { bgp, routes } = evpnOf(running);
    const originsOf = (speaker: number) => {
      const origins = new Set<number>();
      for (let route = 0; route < routes.count; route++) {
        if (bgp.speakers[speaker].holds(route)) origins.add(routes.origins[route]);
      }
      return [...origins].sort((a, b) => a - b);
    };
    const { switches } = running.plan;
    const border = switches.findIndex(({ tier, pod }) => tier === 'border' && pod === 0);
    const ofSite = [...switches.keys()].filter((index) => switches[index].pod === 0);
    expect(originsOf(0)).toEqual(ofSite);
    expect(originsOf(border)).toEqual(ofSite);
    // on its other side the border holds its own routes and those of the other border
    const [first, second] = [switches.length, switches.length + 1];
    expect(originsOf(first)).toEqual([first, second]);
  });

  it('carry unicast between sites in three tunnels, without flooding what is known', () => {
    const running = new RunningFabric(planEverywhere(sites(2)), BORDERS);
    announceAll(running);
    const [{ tag }] = running.datagram(0, 7);
    // leaf, spine, border, border, spine, leaf
    expect(running.fabricTransmissionsOf(tag).map(({ isEncapsulated }) => isEncapsulated)).toEqual(Array(5).fill(true));
    expect(running.deliveriesOf(tag)).toMatchObject([{ vm: 7, ttl: 64 }]);
  });

  it('take a move to the other site along by its sequence number, there and back', () => {
    const running = new RunningFabric(planEverywhere(sites(2)), BORDERS);
    announceAll(running);
    const { evpn, routes } = evpnOf(running);
    const address = running.devices.servers.addressOf(0);
    const sequenceAt = (tunnel: number) => routes.sequenceOf(evpn.rulesOf(tunnel).heard.best(address));
    for (const [server, sequence, elsewhere] of [
      [5, 1, 0],
      [1, 2, 5],
      [0, 3, 5],
    ]) {
      running.fabric.moveVm(0, server);
      running.devices.servers.announceByRarp(0);
      running.wait(seconds(2));
      expect(wrongTables(running, 0, server)).toEqual([]);
      expect(sequenceAt(elsewhere)).toBe(sequence);
    }
  });

  it('follow a VM that is the first of its segment in the other site', () => {
    const plan = planWith(scenarioWith(sites(2), { vmsPerSegment: [3] }), [0, 1, 2]);
    const running = new RunningFabric(plan, BORDERS);
    announceAll(running);
    // a border carries what is configured, whether or not anybody in its site has it
    expect(broadcastOf(running)).toEqual({ between: 1, within: 2 * 3, reached: 2 });
    for (const [server, within] of [
      [7, 2 * 2 + 2],
      [3, 2 * 3],
    ]) {
      running.fabric.moveVm(2, server);
      running.devices.servers.announceByRarp(2);
      running.wait(seconds(2));
      expect(broadcastOf(running)).toEqual({ between: 1, within, reached: 2 });
      for (const [vm, at] of [0, 1, server].entries()) expect(wrongTables(running, vm, at)).toEqual([]);
    }
  });

  describe('two of a site', () => {
    const plan = planEverywhere(sites(2, { borders: 2 }));
    const [first, second] = [...plan.switches.keys()].filter((index) => {
      return plan.switches[index].tier === 'border' && plan.switches[index].pod === 0;
    });

    it('share the VNIs, VNI mod 2, and only the designated one floods', () => {
      const running = new RunningFabric(plan, BORDERS);
      announceAll(running);
      const { evpn } = evpnOf(running);
      const tunnels = running.fabric.macTables.filter(({ kind, tier }) => kind === 'tunnel' && tier === 'border');
      const designated = (segment: number) =>
        tunnels.filter(({ table }) => evpn.isDesignated(table, segment)).map(({ owner }) => owner);
      // both tunnels of a border say so
      expect(designated(0)).toEqual(['border1', 'border1', 'border3', 'border3']);
      expect(designated(1)).toEqual(['border2', 'border2', 'border4', 'border4']);
      // both borders of the other site get a copy, of which the designated one floods its own
      const { reached, between } = broadcastOf(running);
      expect(reached).toBe(7);
      // border1 to border3 by the link between them, to border4 by that link or by border2
      expect(between).toBe(2);
      for (const vm of EVERYWHERE) expect(wrongTables(running, vm, vm)).toEqual([]);
    });

    it('stand in for one another', () => {
      const running = new RunningFabric(plan, BORDERS);
      announceAll(running);
      for (const [failing, isUp] of [
        [first, false],
        [first, true],
        [second, false],
      ] as const) {
        running.fabric.setSwitchUp(failing, isUp);
        running.wait(seconds(20));
        expect(broadcastOf(running).reached).toBe(7);
        const tag = running.send(0, { to: 7 });
        running.wait(seconds(1));
        expect(running.deliveriesOf(tag).map(({ vm }) => vm)).toEqual([7]);
      }
    });
  });

  it('have each leaf route into the segment of a VM in the other site: asymmetric IRB', () => {
    const scenario = scenarioWith(sites(2), {
      tenants: 'tenants: [{name: a, segments: 2, vmsPerSegment: 1}]',
      more: 'gateway: {at: leaf1}',
    });
    const anycast = { irb: 'asymmetric', subnetPrefixes: false } as const;
    const running = new RunningFabric(planWith(scenario, [0, 7]), { ...BORDERS, anycast });
    announceAll(running);
    for (const [from, to] of [
      [0, 1],
      [1, 0],
    ]) {
      // routed once, by its own leaf, and bridged from there on
      const [{ tag, ...delivery }] = running.datagram(from, to);
      expect(delivery).toMatchObject({ vm: to, ttl: 63 });
      expect(running.fabricTransmissionsOf(tag)).toHaveLength(5);
    }
  });

  it('know where all are after any moves', () => {
    const move = fc.record({
      vm: fc.integer({ min: 0, max: 3 }),
      server: fc.integer({ min: 0, max: 11 }),
      speaks: fc.boolean(),
      waitMs: fc.constantFrom(0, 20, 120),
    });
    fc.assert(
      fc.property(fc.array(move, { minLength: 1, maxLength: 8 }), fc.constantFrom(1, 2), (moves, borders) => {
        const plan = planWith(scenarioWith(sites(3, { borders }), { vmsPerSegment: [4] }), [0, 1, 4, 8]);
        const running = new RunningFabric(plan, BORDERS, seconds(8));
        announceAll(running);
        const at = [0, 1, 4, 8];
        for (const { vm, server, speaks, waitMs } of moves) {
          at[vm] = server;
          running.fabric.moveVm(vm, server);
          if (speaks) running.devices.servers.announceByRarp(vm);
          // two that claim a station at one time would each stay with their own: next hops, which decide, differ by site
          running.wait(speaks ? seconds(0.6) : waitMs * 1e6);
        }
        // those that moved unheard speak at last
        for (const vm of at.keys()) running.devices.servers.announceByRarp(vm);
        running.wait(seconds(4));
        for (const [vm, server] of at.entries()) expect(wrongTables(running, vm, server)).toEqual([]);
        for (const vm of at.keys()) expect(broadcastOf(running, vm).reached).toBe(3);
      }),
      { numRuns: 20 },
    );
  });

  it('learn the same with route reflectors in each site', () => {
    const evpn = { ...FRR_EVPN, sessions: 'route-reflectors' } as const;
    const running = new RunningFabric(planEverywhere(sites(2, { borders: 2 })), { ...BORDERS, evpn });
    announceAll(running);
    for (const vm of EVERYWHERE) expect(wrongTables(running, vm, vm)).toEqual([]);
    expect(broadcastOf(running).reached).toBe(7);
  });
});
