import { describe, expect, it } from 'vitest';
import type { VxlanFabric } from '../../src/fabric/vxlan-fabric.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { describeFabric } from './fabric.case.ts';
import { arriving, setLinks, threePairs } from './paired-leaves.ts';
import { describePairs } from './pairs.case.ts';
import { type RunningFabric, SETTLE_NS } from './running-fabric.ts';
import { EVPN_MLAG } from './small-datacenter.ts';

describeFabric('EVPN from leaves in pairs', EVPN_MLAG, { announcedNs: milliseconds(150) });
describePairs('EVPN from leaves in pairs', () => EVPN_MLAG, { takesAnyWay: false });

/** All have spoken. */
function pairsThatSpoke(): RunningFabric {
  const running = threePairs(EVPN_MLAG);
  for (const vm of running.plan.vmServer.keys()) running.broadcast(vm);
  return running;
}

/** Whether every table says of these VMs what leads to them. */
function allRight({ fabric, devices, plan }: RunningFabric, vms: readonly number[]): boolean {
  return fabric.macTables.every((owner) => {
    const { tables } = owner.kind === 'bridge' ? devices.bridges : devices.tunnels;
    return vms.every((vm) => {
      const place = tables.lookUp(owner.table, devices.servers.addressOf(vm), devices.network.nowMs);
      const expected = fabric.placeOfServer(owner, plan.vmServer[vm]);
      return expected < 0 ? place < 0 : place === expected;
    });
  });
}

describe('EVPN over leaves in pairs with one VTEP address', () => {
  it('has both leaves announce what is behind either, and takes that of the other for its own', () => {
    const running = pairsThatSpoke();
    // the segment of these is behind all pairs
    const vms = [0, ...running.siblingsOf(0)];
    expect(allRight(running, vms)).toBe(true);
    const { controlPlane } = running.fabric as VxlanFabric;
    const { evpn, routes, bgp } = controlPlane!;
    for (const vm of vms) {
      const origins = new Set<number>();
      const address = running.devices.servers.addressOf(vm);
      for (let route = routes.firstOfAddress(address); route >= 0; route = routes.nextOfAddress(route)) {
        if (bgp.speakers[6].holds(route)) origins.add(routes.origins[route]);
      }
      expect(origins.size).toBe(2);
    }
    // an address of two is one to flood to
    expect(evpn.rulesOf(0).heard.floodVteps(0)).toEqual([2, 4]);
    expect(evpn.rulesOf(1).heard.floodVteps(0)).toEqual([2, 4]);
  });

  it('floods a copy to each other pair', () => {
    const running = pairsThatSpoke();
    const tag = running.send(0);
    running.wait(seconds(1));
    const transmissions = running.fabricTransmissionsOf(tag);
    // N - 1 copies for N pairs, over two links each; and one over each peer link
    expect(transmissions.filter(({ isEncapsulated }) => isEncapsulated)).toHaveLength(2 * 2);
    expect(transmissions).toHaveLength(2 * 2 + 3);
    expect(running.deliveriesOf(tag)).toHaveLength(5);
  });

  it('sends what comes for an orphan of the other over the peer link', () => {
    const running = pairsThatSpoke();
    expect(arriving(running, 4, 1)).toBe(30);
    expect(arriving(running, 1, 4)).toBe(30);
  });

  it.each([
    ['a link to a server', ({ fabric }: RunningFabric, isUp: boolean) => fabric.setServerLinkUp(0, 0, isUp)],
    [
      'the peer link',
      (running: RunningFabric, isUp: boolean) => setLinks(running, EVPN_MLAG, ['leaf1-leaf2', 'leaf1-leaf2#2'], isUp),
    ],
    [
      'all uplinks of a leaf',
      (running: RunningFabric, isUp: boolean) => setLinks(running, EVPN_MLAG, ['leaf1-spine1', 'leaf1-spine2'], isUp),
    ],
    ['a leaf', ({ fabric }: RunningFabric, isUp: boolean) => fabric.setSwitchUp(0, isUp)],
    ['the other leaf', ({ fabric }: RunningFabric, isUp: boolean) => fabric.setSwitchUp(1, isUp)],
    ['a spine', ({ fabric }: RunningFabric, isUp: boolean) => fabric.setSwitchUp(6, isUp)],
  ])('loses no flow to or from a server on both once %s is known to be down, or up again', (_, set) => {
    const running = pairsThatSpoke();
    for (const isUp of [false, true]) {
      set(running, isUp);
      running.wait(SETTLE_NS);
      expect([arriving(running, 4, 0), arriving(running, 0, 4)]).toEqual([30, 30]);
      expect(running.broadcast(4)).toContain(0);
      expect(running.broadcast(0)).toContain(4);
    }
    for (const vm of running.plan.vmServer.keys()) running.broadcast(vm);
    expect(allRight(running, [0, ...running.siblingsOf(0)])).toBe(true);
  });
});
