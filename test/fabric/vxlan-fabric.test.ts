import { describe, expect, it } from 'vitest';
import { milliseconds, seconds } from '../../src/units.ts';
import { VXLAN_OVERHEAD_IPV4_BYTES, VXLAN_OVERHEAD_IPV6_BYTES } from '../../src/wire/vxlan.ts';
import { describeFabric } from './fabric.case.ts';
import { RunningFabric } from './running-fabric.ts';
import { smallDatacenter, VXLAN } from './small-datacenter.ts';

const LEAF_MULTICAST = { ...VXLAN, replication: 'multicast' as const };
const HYPERVISOR = { ...VXLAN, vteps: 'hypervisor' as const };
const HYPERVISOR_MULTICAST = { ...HYPERVISOR, replication: 'multicast' as const };

describeFabric('VXLAN from leaves, ingress replication', VXLAN);
describeFabric('VXLAN from leaves, multicast', LEAF_MULTICAST);
describeFabric('VXLAN from hypervisors, ingress replication', HYPERVISOR);
describeFabric('VXLAN from hypervisors, multicast', HYPERVISOR_MULTICAST);

/** One VM of one segment on each server. */
const oneVmPerServer = (leafCount: number, spineCount: number, serversPerLeaf = 1) =>
  smallDatacenter({
    leafCount,
    spineCount,
    serversPerLeaf,
    vms: Array.from({ length: leafCount * serversPerLeaf }, (_, server) => [server, 0] as const),
  });

describe('VXLAN fabric', () => {
  it('blocks no link', () => {
    const { fabric } = new RunningFabric(oneVmPerServer(3, 2), VXLAN);
    expect(fabric.blockedLinkCount()).toBe(0);
  });

  it.each([
    [2, 1],
    [5, 3],
    [32, 4],
  ])(
    'replicates a flood at the ingress: 2 (N - 1) fabric transmissions for %i leaves, %i spines',
    (leafCount, spineCount) => {
      const fabric = new RunningFabric(oneVmPerServer(leafCount, spineCount), VXLAN);
      const tag = fabric.send(0, { sizeBytes: 100 });
      fabric.wait(seconds(1));
      const copies = fabric.fabricTransmissionsOf(tag);
      expect(copies).toHaveLength(2 * (leafCount - 1));
      expect(copies.every(({ sizeBytes }) => sizeBytes === 100 + VXLAN_OVERHEAD_IPV4_BYTES)).toBe(true);
      expect(fabric.deliveriesOf(tag)).toHaveLength(leafCount - 1);
    },
  );

  it.each([
    [2, 1],
    [5, 3],
    [32, 4],
  ])('floods by multicast over N links, one of them up: %i leaves, %i spines', (leafCount, spineCount) => {
    const fabric = new RunningFabric(oneVmPerServer(leafCount, spineCount), LEAF_MULTICAST);
    const tag = fabric.send(0, { sizeBytes: 100 });
    fabric.wait(seconds(1));
    const copies = fabric.fabricTransmissionsOf(tag);
    const leafPorts = new Set(fabric.fabric.linkPorts.map(([leaf]) => leaf));
    expect(copies).toHaveLength(leafCount);
    expect(copies.filter(({ port }) => leafPorts.has(port))).toHaveLength(1);
    expect(copies.every(({ sizeBytes }) => sizeBytes === 100 + VXLAN_OVERHEAD_IPV4_BYTES)).toBe(true);
    expect(fabric.deliveriesOf(tag)).toHaveLength(leafCount - 1);
  });

  it('sends a copy per remote server through the NIC of a hypervisor that replicates, one if it multicasts', () => {
    for (const [settings, copies] of [
      [HYPERVISOR, 5],
      [HYPERVISOR_MULTICAST, 1],
    ] as const) {
      const fabric = new RunningFabric(oneVmPerServer(3, 2, 2), settings);
      const tag = fabric.send(0);
      fabric.wait(seconds(1));
      const nic = fabric.fabric.serverPorts[0][1];
      expect(fabric.transmissionsOf(tag).filter(({ port }) => port === nic)).toHaveLength(copies);
      expect(fabric.deliveriesOf(tag)).toHaveLength(5);
    }
  });

  it('adds 70 bytes over IPv6', () => {
    const fabric = new RunningFabric(oneVmPerServer(2, 1), { ...VXLAN, underlay: 'ipv6' });
    const tag = fabric.send(0, { sizeBytes: 100 });
    fabric.wait(seconds(1));
    const sizes = fabric.fabricTransmissionsOf(tag).map(({ sizeBytes }) => sizeBytes);
    expect(sizes).toEqual([100 + VXLAN_OVERHEAD_IPV6_BYTES, 100 + VXLAN_OVERHEAD_IPV6_BYTES]);
  });

  it('floods only to the leaves that have a VM of the segment', () => {
    const plan = smallDatacenter({
      leafCount: 4,
      tenants: [0, 0],
      vms: [
        [0, 0],
        [2, 0],
        [4, 1],
        [6, 0],
      ],
    });
    const fabric = new RunningFabric(plan, VXLAN);
    const remoteCopies = () => {
      const tag = fabric.send(0);
      fabric.wait(seconds(1));
      return fabric.fabricTransmissionsOf(tag).length / 2;
    };
    expect(remoteCopies()).toBe(2);
    fabric.fabric.moveVm(1, 6);
    expect(remoteCopies()).toBe(1);
    fabric.fabric.moveVm(3, 4);
    expect(remoteCopies()).toBe(2);
  });

  it('prunes the multicast tree of a segment as its VMs move together', () => {
    const fabric = new RunningFabric(oneVmPerServer(4, 2), LEAF_MULTICAST);
    fabric.fabric.moveVm(3, 2);
    const tag = fabric.send(0);
    fabric.wait(seconds(1));
    expect(fabric.fabricTransmissionsOf(tag)).toHaveLength(3);
    expect(fabric.deliveriesOf(tag)).toHaveLength(3);
  });

  it('knows a VM at one place only: a local station has no remote entry', () => {
    const fabric = new RunningFabric(oneVmPerServer(3, 2), VXLAN);
    for (const vm of [0, 1, 2]) fabric.broadcast(vm);
    const { bridges, tunnels } = fabric.devices;
    expect(tunnels.tables.entryCounts).toEqual([2, 2, 2]);
    fabric.fabric.moveVm(2, 0);
    fabric.devices.servers.announceByRarp(2);
    fabric.wait(milliseconds(10));
    // leaf 3 has left the segment and forgot all of it
    expect(tunnels.tables.entryCounts).toEqual([1, 2, 0]);
    expect(bridges.tables.entryCounts).toEqual([3, 3, 0]);
  });

  it('learns no remote station that the table of the leaf has no room for', () => {
    const fabric = new RunningFabric(oneVmPerServer(4, 2), { ...VXLAN, macTableSize: 2 });
    for (const vm of [0, 1, 2, 3]) fabric.broadcast(vm);
    const { bridges, tunnels, network } = fabric.devices;
    expect(bridges.tables.entryCounts).toEqual([2, 2, 2, 2]);
    // the first VM knows itself and the second; the third and fourth heard the first two before they spoke
    expect(tunnels.tables.entryCounts).toEqual([1, 1, 2, 2]);
    const tag = fabric.send(0, { to: 3 });
    fabric.wait(seconds(1));
    expect(fabric.fabricTransmissionsOf(tag)).toHaveLength(2 * 3);
    // the leaf's bridge misses the station, and so does its tunnel
    const leaf = fabric.fabric.switchNodes[0];
    expect(network.floodsOf(leaf).find(({ cause }) => cause === 'table_full')?.frames).toBe(2);
  });

  it('spreads flows over the spines by source port, and keeps them on one if there is one source port', () => {
    const spinesUsed = (sourcePortCount: number) => {
      const fabric = new RunningFabric(oneVmPerServer(2, 4), { ...VXLAN, sourcePortCount });
      fabric.broadcast(1);
      const tags = Array.from({ length: 64 }, (_, flowHash) => fabric.send(0, { to: 1, flowHash }));
      fabric.wait(seconds(1));
      const ports = tags.flatMap((tag) => fabric.fabricTransmissionsOf(tag).map(({ port }) => port));
      return new Set(ports).size / 2;
    };
    expect(spinesUsed(VXLAN.sourcePortCount)).toBe(4);
    expect(spinesUsed(1)).toBe(1);
  });

  it('spreads the copies of one flood over the spines, since each has an address of its own', () => {
    const fabric = new RunningFabric(oneVmPerServer(32, 4), VXLAN);
    const tag = fabric.send(0);
    fabric.wait(seconds(1));
    const leafPorts = new Set(fabric.fabric.linkPorts.map(([leaf]) => leaf));
    const uplinks = fabric.fabricTransmissionsOf(tag).filter(({ port }) => leafPorts.has(port));
    expect(new Set(uplinks.map(({ port }) => port)).size).toBe(4);
  });

  it('loses packets between a failure and the convergence of the underlay, and none after it', () => {
    const fabric = new RunningFabric(oneVmPerServer(2, 2), { ...VXLAN, convergenceNs: seconds(1) });
    fabric.broadcast(0);
    fabric.broadcast(1);
    const delivered = () => {
      const tags = Array.from({ length: 32 }, (_, flowHash) => fabric.send(0, { to: 1, flowHash }));
      fabric.wait(milliseconds(10));
      return tags.flatMap((tag) => fabric.deliveriesOf(tag)).length;
    };
    expect(delivered()).toBe(32);
    // the far end of the path over spine 1: the near leaf cannot see it
    fabric.fabric.setLinkUp(2, false);
    const during = delivered();
    expect(during).toBeGreaterThan(0);
    expect(during).toBeLessThan(32);
    fabric.wait(seconds(1));
    expect(delivered()).toBe(32);
  });

  it.each([
    ['a leaf', VXLAN],
    ['a hypervisor', HYPERVISOR],
  ])('reaches %s behind a single uplink once the underlay has converged on its repair', (_, settings) => {
    const fabric = new RunningFabric(oneVmPerServer(2, 1), { ...settings, convergenceNs: seconds(1) });
    fabric.broadcast(0);
    fabric.broadcast(1);
    const isDelivered = (from: number, to: number) => {
      const tag = fabric.send(from, { to });
      fabric.wait(milliseconds(10));
      return fabric.deliveriesOf(tag).length === 1;
    };
    expect([isDelivered(0, 1), isDelivered(1, 0)]).toEqual([true, true]);
    fabric.fabric.setLinkUp(1, false);
    expect([isDelivered(0, 1), isDelivered(1, 0)]).toEqual([false, false]);
    fabric.wait(seconds(2));
    fabric.fabric.setLinkUp(1, true);
    fabric.wait(milliseconds(900));
    expect([isDelivered(0, 1), isDelivered(1, 0)]).toEqual([false, false]);
    fabric.wait(milliseconds(100));
    expect([isDelivered(0, 1), isDelivered(1, 0)]).toEqual([true, true]);
  });

  it('uses a dead link until its failure is detected, and a repaired one after the update of routes', () => {
    const settings = { ...VXLAN, detectionNs: milliseconds(900), convergenceNs: milliseconds(1100) };
    const fabric = new RunningFabric(oneVmPerServer(2, 2), settings);
    fabric.broadcast(0);
    fabric.broadcast(1);
    const delivered = () => {
      const tags = Array.from({ length: 32 }, (_, flowHash) => fabric.send(0, { to: 1, flowHash }));
      fabric.wait(milliseconds(10));
      return tags.flatMap((tag) => fabric.deliveriesOf(tag)).length;
    };
    expect(delivered()).toBe(32);
    // the near end of the path over spine 1: seen to go down, the leaf would avoid it at once
    fabric.fabric.setLinkUp(0, false);
    fabric.wait(milliseconds(800));
    const undetected = delivered();
    expect(undetected).toBeGreaterThan(0);
    expect(undetected).toBeLessThan(32);
    fabric.wait(milliseconds(100));
    expect(delivered()).toBe(32);
    fabric.wait(seconds(1));
    const isUplinkUsed = () => {
      const [[uplink]] = fabric.fabric.linkPorts;
      const before = fabric.devices.network.sentBytes(uplink);
      expect(delivered()).toBe(32);
      return fabric.devices.network.sentBytes(uplink) > before;
    };
    fabric.fabric.setLinkUp(0, true);
    fabric.wait(milliseconds(100));
    expect(isUplinkUsed()).toBe(false);
    fabric.wait(milliseconds(100));
    expect(isUplinkUsed()).toBe(true);
  });

  it('forgets what a leaf learned when the leaf goes down', () => {
    const fabric = new RunningFabric(oneVmPerServer(3, 2), VXLAN);
    for (const vm of [0, 1, 2]) fabric.broadcast(vm);
    fabric.fabric.setSwitchUp(1, false);
    const { bridges, tunnels } = fabric.devices;
    expect(bridges.tables.entryCounts).toEqual([3, 0, 3]);
    expect(tunnels.tables.entryCounts).toEqual([2, 0, 2]);
  });

  it('teaches switches under hypervisors nothing, and each hypervisor where the remote VMs are', () => {
    const fabric = new RunningFabric(oneVmPerServer(2, 2, 2), HYPERVISOR);
    for (const vm of [0, 1, 2, 3]) fabric.broadcast(vm);
    expect(fabric.devices.bridges.bridgeCount).toBe(0);
    expect(fabric.devices.tunnels.tables.entryCounts).toEqual([3, 3, 3, 3]);
    fabric.fabric.moveVm(3, 0);
    // two VMs are local now, and server 4 has left the segment
    expect(fabric.devices.tunnels.tables.entryCounts).toEqual([2, 3, 3, 0]);
  });

  it('labels segments with VNIs from the base on', () => {
    const { fabric } = new RunningFabric(oneVmPerServer(1, 1), VXLAN);
    expect(fabric.segmentLabel(7)).toBe(10_007);
  });
});
