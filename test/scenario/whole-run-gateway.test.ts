import { describe, expect, it } from 'vitest';
import { fabricOf, scenarioOf } from '../support/scenario-of.ts';
import { WatchedRun } from '../support/watched-run.ts';

/** Three segments of one tenant in three racks; every flow leaves its segment, by the gateway at leaf1. */
const scenario = scenarioOf({
  gateway: { at: 'leaf1' },
  tenants: [
    { name: 'shop', segments: 3, vmsPerSegment: 4 },
    { name: 'other', vmsPerSegment: 4 },
  ],
  traffic: { flowsPerVmPerSecond: 2, sizes: 'facebook-hadoop', interSegment: 1 },
  migrations: {},
  failures: [],
});
const SHOP_VMS = 12;

describe.each(['tree', 'leaf', 'leaf-multicast', 'hypervisor'])(
  'a gateway between the segments of a tenant, on %s',
  (name) => {
    const run = new WatchedRun(scenario, fabricOf(scenario, name)).runUntil(scenario.durationNs);
    const { plan } = run.datacenter;
    const { flows, drops } = run.datacenter.finish({ isComplete: true }).summary;
    const leavesSegment = ({ fromVm, toVm }: { fromVm: number; toVm: number }) =>
      plan.vmSegment[fromVm] !== plan.vmSegment[toVm];

    it('lets flows from one segment to another finish', () => {
      expect(flows.started).toBeGreaterThan(500);
      expect({ failed: flows.failed, incomplete: flows.incomplete, drops: dropsBeyondFloods(drops) }).toEqual({
        failed: 0,
        incomplete: 0,
        drops: [],
      });
      expect(flows.started - flows.finished).toBeLessThan(3);
      expect(run.strayFrames).toBe(0);
    });

    it('takes one from the time to live of what it routes, and of nothing else (RFC 1812, 5.3.1)', () => {
      expect(run.deliveries.length).toBeGreaterThan(2000);
      const lives = (isRouted: boolean) =>
        new Set(run.deliveries.filter((delivery) => leavesSegment(delivery) === isRouted).map(({ ttl }) => ttl));
      expect([...lives(true)]).toEqual([63]);
      // the other tenant has one segment, and no need of a gateway
      expect([...lives(false)]).toEqual([64]);
    });

    it('routes within a tenant only', () => {
      const crossed = run.deliveries.filter(({ fromVm, toVm }) => fromVm < SHOP_VMS !== toVm < SHOP_VMS);
      expect(crossed).toEqual([]);
    });

    it('has what it routes carried to its leaf and away again', () => {
      const rackOf = (vm: number) => plan.servers[plan.vmServer[vm]].switchIndex;
      const routed = run.deliveries.filter(leavesSegment);
      const bytesOf = (isBeyond: (delivery: { fromVm: number; toVm: number }) => boolean) =>
        routed.filter(isBeyond).reduce((sum, { bytes }) => sum + bytes, 0);
      const { sent, received } = run.bytesAtSwitch('leaf1');
      const towards = bytesOf(({ fromVm }) => rackOf(fromVm) !== 0);
      const away = bytesOf(({ toVm }) => rackOf(toVm) !== 0);
      expect(towards).toBeGreaterThan(1e6);
      expect(received).toBeGreaterThan(towards);
      expect(sent).toBeGreaterThan(away);
      // without the gateway a rack's bytes cross its uplinks once, so the leaf of the gateway carries most
      expect(sent).toBeGreaterThan(run.bytesAtSwitch('leaf2').sent);
    });
  },
);

/** Half of all flows go to the other tenant; what stays prefers its rack. */
const acrossTenants = scenarioOf({
  gateway: { at: 'leaf1', betweenTenants: true },
  tenants: [{ name: 'shop', count: 2, vmsPerSegment: 9 }],
  traffic: { flowsPerVmPerSecond: 1, sizes: { fixed: '10KB' }, interTenant: 0.5, peersInRack: 0.5, peersPerVm: 4 },
  migrations: {},
  failures: [],
});

describe.each(['tree', 'leaf', 'hypervisor'])('a gateway between tenants, on %s', (name) => {
  const run = new WatchedRun(acrossTenants, fabricOf(acrossTenants, name)).runUntil(acrossTenants.durationNs);
  const { plan } = run.datacenter;
  const { flows } = run.datacenter.finish({ isComplete: true }).summary;
  const pairs = new Set(run.deliveries.map(({ fromVm, toVm }) => `${fromVm} ${toVm}`));

  it('lets flows from one tenant to another finish, routed once', () => {
    expect([flows.failed, flows.incomplete]).toEqual([0, 0]);
    const crossed = run.deliveries.filter(({ fromVm, toVm }) => fromVm < 9 !== toVm < 9);
    expect(crossed.length).toBeGreaterThan(500);
    expect(new Set(crossed.map(({ ttl }) => ttl))).toEqual(new Set([63]));
  });

  it('carries the flows that every other fabric carries', () => {
    const other = new WatchedRun(acrossTenants, fabricOf(acrossTenants, 'leaf-multicast'));
    other.runUntil(acrossTenants.durationNs);
    expect(new Set(other.deliveries.map(({ fromVm, toVm }) => `${fromVm} ${toVm}`))).toEqual(pairs);
  });

  it('gives each VM two of its four peers in its rack, which holds three of its segment', () => {
    const rackOf = (vm: number) => plan.servers[plan.vmServer[vm]!]!.switchIndex;
    for (let vm = 0; vm < 18; vm++) {
      const own = [...plan.vmSegment.keys()].filter((one) => plan.vmSegment[one] === plan.vmSegment[vm] && one !== vm);
      const near = own.filter((one) => rackOf(one) === rackOf(vm));
      expect(near).toHaveLength(2);
      expect(near.filter((one) => pairs.has(`${vm} ${one}`))).toHaveLength(2);
    }
  });
});

/** What is dropped although nothing is wrong: copies that meet a blocked port, and floods that nobody is there for. */
function dropsBeyondFloods(drops: readonly { outcome: string; frames: number }[]) {
  return drops.filter(({ outcome }) => outcome !== 'drop_port_blocked' && outcome !== 'drop_no_egress');
}
