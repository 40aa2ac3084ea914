import { describe, expect, it } from 'vitest';
import { PortFlag } from '../../src/device/network.ts';
import type { DatacenterPlan } from '../../src/fabric/plan.ts';
import { withPeerLinks } from '../../src/fabric/switch-pairs.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { describeFabric } from './fabric.case.ts';
import { describePairs } from './pairs.case.ts';
import { planEverywhere } from './planned-datacenter.ts';
import { RunningFabric, SETTLE_NS } from './running-fabric.ts';
import { smallDatacenter, VLAN_MLAG } from './small-datacenter.ts';

describeFabric('VLANs over pairs of switches', VLAN_MLAG, { restoreNs: seconds(30) });
describePairs('VLANs over pairs of switches', ({ reach }) => ({ ...VLAN_MLAG, reach }));

/** One VM on each server of `leaves` racks below two spines. */
const racks = (leaves: number, { serversPerLeaf = 1, homing = 'single' } = {}) =>
  planEverywhere(`{leaves: ${leaves}, spines: 2, serversPerLeaf: ${serversPerLeaf}, serverHoming: ${homing}}`);

/** Two pairs of racks with two servers each, of which the second has one link in both racks of the first pair. */
function withOrphans(): DatacenterPlan {
  const plan = racks(4, { serversPerLeaf: 2, homing: 'dual' });
  const isOrphan = (index: number) => index === 1 || index === 3;
  const servers = plan.servers.map((one, index) => (isOrphan(index) ? { ...one, secondSwitchIndex: null } : one));
  return { ...plan, servers };
}

/** Where a table has a VM. */
const placeOf = ({ devices: { bridges, servers, network } }: RunningFabric, vm: number, table: number) =>
  bridges.tables.lookUp(table, servers.addressOf(vm), network.nowMs);

const indexOf = (plan: DatacenterPlan, id: string) => plan.switches.findIndex((one) => one.id === id);

/** The link of this name, between the two of a pair too. */
function linkOf({ plan }: RunningFabric, id: string): number {
  const { links } = withPeerLinks(plan, VLAN_MLAG.mlag!.peerLink);
  const index = links.findIndex((link) => link.id === id);
  if (index < 0) throw new Error(`no link is called ${id}`);
  return index;
}

describe('pairs of switches that act as one', () => {
  it.each([2, 4, 8])('block no link: the racks of %i leaves have all their uplinks', (leaves) => {
    const { fabric } = new RunningFabric(racks(leaves), VLAN_MLAG);
    expect(fabric.blockedLinkCount()).toBe(0);
    // those between the two spines too
    expect(fabric.forwardingLinkCount()).toBe(2 * leaves + 2);
    expect(fabric.usableBisectionBitsPerSec()).toBe((leaves / 2) * 2 * 100e9);
  });

  it('have all links from the start, however long a switch that comes back waits', () => {
    const mlag = { ...VLAN_MLAG.mlag!, restoreDelayNs: seconds(3600) };
    const fabric = new RunningFabric(racks(4, { homing: 'dual' }), { ...VLAN_MLAG, mlag });
    // three pairs have peer links
    expect(fabric.fabric.forwardingLinkCount()).toBe(2 * 4 + 3 * VLAN_MLAG.mlag!.peerLink.count);
    expect(fabric.fabric.usableBisectionBitsPerSec()).toBe(2 * 2 * 100e9);
  });

  it.each([2, 3, 8])('flood over %i leaves with a copy for each, and one over the peer link', (leaves) => {
    const fabric = new RunningFabric(racks(leaves), VLAN_MLAG);
    const tag = fabric.send(0);
    fabric.wait(seconds(1));
    expect(fabric.fabricTransmissionsOf(tag)).toHaveLength(leaves + 1);
    expect(fabric.deliveriesOf(tag)).toHaveLength(leaves - 1);
  });

  it.each([2, 4, 8])(
    'flood over %i leaves in pairs with a copy for each pair, and one over each peer link',
    (leaves) => {
      const fabric = new RunningFabric(racks(leaves, { homing: 'dual' }), VLAN_MLAG);
      const tag = fabric.send(0);
      fabric.wait(seconds(1));
      const pairs = leaves / 2;
      expect(fabric.fabricTransmissionsOf(tag)).toHaveLength(1 + (pairs - 1) + pairs + 1);
      expect(fabric.deliveriesOf(tag)).toHaveLength(leaves - 1);
    },
  );

  it('hold every address at both, at the same neighbour', () => {
    const fabric = new RunningFabric(racks(4, { serversPerLeaf: 2, homing: 'dual' }), VLAN_MLAG);
    for (const vm of fabric.plan.vmServer.keys()) fabric.broadcast(vm);
    const { bridges } = fabric.devices;
    const vmCount = fabric.plan.vmServer.length;
    expect(bridges.tables.entryCounts).toEqual(fabric.plan.switches.map(() => vmCount));
    for (const [vm, server] of fabric.plan.vmServer.entries()) {
      for (const owner of fabric.fabric.macTables) {
        expect(placeOf(fabric, vm, owner.table)).toBe(fabric.fabric.placeOfServer(owner, server));
      }
    }
  });

  it('keep at both what speaks to one of them alone', () => {
    const fabric = new RunningFabric(racks(2, { homing: 'dual' }), VLAN_MLAG);
    fabric.broadcast(0);
    // one flow, over one of the two links, for longer than the ageing time
    for (let i = 0; i < 12; i++) {
      fabric.send(0, { to: 1, flowHash: 7 });
      fabric.wait(seconds(50));
    }
    const { bridges, network, servers } = fabric.devices;
    for (const { table } of fabric.fabric.macTables) {
      expect(bridges.tables.lookUp(table, servers.addressOf(0), network.nowMs)).toBeGreaterThanOrEqual(0);
      expect(bridges.tables.lookUp(table, servers.addressOf(1), network.nowMs)).toBeLessThan(0);
    }
  });

  it('tell each other at the rate that the settings give', () => {
    const plan = smallDatacenter({ leafCount: 2, vms: Array.from({ length: 21 }, () => [0, 0] as const) });
    const mlag = { ...VLAN_MLAG.mlag!, macSync: { delayNs: milliseconds(10), perSecond: 2 } };
    const fabric = new RunningFabric(plan, { ...VLAN_MLAG, mlag });
    for (let vm = 0; vm < 20; vm++) fabric.send(vm, { flowHash: 1 });
    fabric.wait(milliseconds(500));
    const spines = [2, 3].map((index) => fabric.fabric.macTables[index].table);
    const counts = () => spines.map((table) => fabric.devices.bridges.tables.entryCounts[table]).sort((a, b) => a - b);
    expect(counts()).toEqual([1, 20]);
    fabric.wait(seconds(5));
    expect(counts()).toEqual([11, 20]);
    fabric.wait(seconds(5));
    expect(counts()).toEqual([20, 20]);
  });

  it('send over the peer link to a rack whose link one of them lost, until it is back', () => {
    const fabric = new RunningFabric(racks(3), VLAN_MLAG);
    const peerLinks = [linkOf(fabric, 'spine1-spine2'), linkOf(fabric, 'spine1-spine2#2')].flatMap(
      (link) => fabric.fabric.linkPorts[link],
    );
    for (const vm of [0, 1, 2]) fabric.broadcast(vm);
    const overPeerLinks = () => {
      let count = 0;
      for (let flow = 0; flow < 40; flow++) {
        const tag = fabric.send(0, { to: 1, flowHash: flow });
        fabric.wait(milliseconds(1));
        expect(fabric.deliveriesOf(tag).map(({ vm }) => vm)).toEqual([1]);
        const ports = fabric.transmissionsOf(tag).map(({ port }) => port);
        if (ports.some((port) => peerLinks.includes(port))) count++;
      }
      return count;
    };
    expect(overPeerLinks()).toBe(0);
    fabric.fabric.setLinkUp(linkOf(fabric, 'leaf2-spine1'), false);
    // those flows that hash to the first spine
    const detours = overPeerLinks();
    expect(detours).toBeGreaterThan(8);
    expect(detours).toBeLessThan(32);
    fabric.fabric.setLinkUp(linkOf(fabric, 'leaf2-spine1'), true);
    expect(overPeerLinks()).toBe(0);
  });

  it('lose no frame of those that come later when a spine dies, and let it back in after its restore delay', () => {
    const fabric = new RunningFabric(racks(4), VLAN_MLAG);
    for (const vm of [0, 1, 2, 3]) fabric.broadcast(vm);
    const spine = indexOf(fabric.plan, 'spine1');
    const uplink = fabric.fabric.linkPorts[linkOf(fabric, 'leaf1-spine1')][0];
    const deliver = () => {
      for (let flow = 0; flow < 20; flow++) {
        const tag = fabric.send(0, { to: 3, flowHash: flow });
        fabric.wait(milliseconds(1));
        expect(fabric.deliveriesOf(tag)).toHaveLength(1);
      }
    };
    fabric.fabric.setSwitchUp(spine, false);
    deliver();
    fabric.fabric.setSwitchUp(spine, true);
    fabric.wait(seconds(29));
    expect(fabric.devices.network.hasFlag(uplink, PortFlag.linkUp)).toBe(false);
    deliver();
    fabric.wait(seconds(1));
    expect(fabric.devices.network.hasFlag(uplink, PortFlag.linkUp)).toBe(true);
    deliver();
  });

  it('take the younger word when a station moves from an orphan of one to an orphan of the other', () => {
    const fabric = new RunningFabric(withOrphans(), VLAN_MLAG);
    fabric.send(1);
    fabric.wait(milliseconds(1));
    fabric.fabric.moveVm(1, 3);
    fabric.devices.servers.announceByRarp(1);
    fabric.wait(milliseconds(100));
    for (const owner of fabric.fabric.macTables) {
      expect(placeOf(fabric, 1, owner.table)).toBe(fabric.fabric.placeOfServer(owner, 3));
    }
    expect(fabric.datagram(0, 1)).toHaveLength(1);
  });

  it('forget at both what was at an orphan port that went down', () => {
    const fabric = new RunningFabric(withOrphans(), VLAN_MLAG);
    fabric.broadcast(1);
    const [one, other] = fabric.fabric.macTables.map(({ table }) => placeOf(fabric, 1, table));
    expect([one, other].every((place) => place >= 0)).toBe(true);
    fabric.fabric.setServerUp(1, false);
    expect([0, 1].map((index) => placeOf(fabric, 1, fabric.fabric.macTables[index].table) < 0)).toEqual([true, true]);
  });

  it('shut the ports of one of them when the peer link fails, so that its orphans are cut off', () => {
    const fabric = new RunningFabric(withOrphans(), VLAN_MLAG);
    const all = [0, 1, 2, 3, 4, 5, 6, 7];
    expect(fabric.broadcast(1)).toEqual(all.filter((vm) => vm !== 1));
    for (const id of ['leaf1-leaf2', 'leaf1-leaf2#2']) fabric.fabric.setLinkUp(linkOf(fabric, id), false);
    fabric.wait(SETTLE_NS);
    expect(fabric.broadcast(1)).toEqual(all.filter((vm) => vm !== 1 && vm !== 3));
    expect(fabric.broadcast(3)).toEqual([]);
    fabric.fabric.setLinkUp(linkOf(fabric, 'leaf1-leaf2'), true);
    fabric.wait(SETTLE_NS);
    expect(fabric.broadcast(3)).toEqual(all.filter((vm) => vm !== 3));
  });

  it('let the second go on alone when the first is dead, whether or not the peer link comes back first', () => {
    const fabric = new RunningFabric(racks(4), VLAN_MLAG);
    const spine = indexOf(fabric.plan, 'spine1');
    fabric.fabric.setSwitchUp(spine, false);
    expect(fabric.broadcast(0)).toEqual([1, 2, 3]);
    for (const id of ['spine1-spine2', 'spine1-spine2#2']) fabric.fabric.setLinkUp(linkOf(fabric, id), false);
    fabric.fabric.setSwitchUp(spine, true);
    fabric.wait(SETTLE_NS);
    // the one that was dead stays out of the way until it can hear the other
    expect(fabric.devices.network.hasFlag(fabric.fabric.linkPorts[0][0], PortFlag.linkUp)).toBe(false);
    expect(fabric.broadcast(0)).toEqual([1, 2, 3]);
    fabric.fabric.setLinkUp(linkOf(fabric, 'spine1-spine2'), true);
    fabric.wait(SETTLE_NS);
    expect(fabric.devices.network.hasFlag(fabric.fabric.linkPorts[0][0], PortFlag.linkUp)).toBe(true);
  });
});
