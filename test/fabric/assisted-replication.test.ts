import { describe, expect, it } from 'vitest';
import type { VxlanSettings } from '../../src/fabric/vxlan-fabric.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { describeFabric } from './fabric.case.ts';
import { RunningFabric } from './running-fabric.ts';
import { smallDatacenter, VXLAN } from './small-datacenter.ts';

const assisted = (settings: Partial<VxlanSettings> = {}): VxlanSettings => ({
  ...VXLAN,
  replication: 'assisted',
  ...settings,
});
const HYPERVISOR = { vteps: 'hypervisor' } as const;

describeFabric('VXLAN from leaves, assisted replication', assisted());
describeFabric('VXLAN from leaves, assisted by a leaf', assisted({ replicators: ['leaf2'] }));
describeFabric('VXLAN from hypervisors, assisted replication', assisted(HYPERVISOR));

const oneVmPerServer = (leafCount: number, spineCount: number) =>
  smallDatacenter({
    leafCount,
    spineCount,
    serversPerLeaf: 1,
    vms: Array.from({ length: leafCount }, (_, server) => [server, 0] as const),
  });

/** Copies of one frame, a broadcast unless `to` is given, between switches, those of them that leaves sent up, and who got it. */
function costOf(fabric: RunningFabric, from: number, to = -1) {
  const tag = fabric.send(from, { to });
  fabric.wait(seconds(1));
  const up = new Set(fabric.fabric.linkPorts.map(([leaf]) => leaf));
  const copies = fabric.fabricTransmissionsOf(tag);
  return {
    crossings: copies.length,
    up: copies.filter(({ port }) => up.has(port)).length,
    reached: fabric
      .deliveriesOf(tag)
      .map(({ vm }) => vm)
      .sort((a, b) => a - b),
  };
}

const allBut = (vms: number, vm: number) => Array.from({ length: vms }, (_, i) => i).filter((i) => i !== vm);

describe('assisted replication', () => {
  it.each([
    [5, 3],
    [32, 4],
  ])('by a spine crosses as many links as there are leaves, one of them up: %i leaves, %i spines', (leaves, spines) => {
    const fabric = new RunningFabric(oneVmPerServer(leaves, spines), assisted({ replicators: ['spine2'] }));
    expect(costOf(fabric, 1)).toEqual({ crossings: leaves, up: 1, reached: allBut(leaves, 1) });
  });

  it('leaves unknown unicast to the VTEP that it comes from, one copy for each other (RFC 9574, 5)', () => {
    const fabric = new RunningFabric(oneVmPerServer(5, 3), assisted());
    expect(costOf(fabric, 1, 4)).toEqual({ crossings: 2 * 4, up: 4, reached: [4] });
    const byReplicators = fabric.fabric.switchNodes.slice(5).flatMap((node) => fabric.devices.network.floodsOf(node));
    expect(byReplicators).toEqual([]);
    expect(costOf(fabric, 1)).toEqual({ crossings: 5, up: 1, reached: allBut(5, 1) });
  });

  it('by a leaf crosses as many as ingress replication does, but only two from the sender', () => {
    const fabric = new RunningFabric(oneVmPerServer(6, 2), assisted({ replicators: ['leaf4'] }));
    // one copy to the leaf that replicates, which keeps one and sends the others four
    expect(costOf(fabric, 0)).toEqual({ crossings: 2 * 5, up: 1 + 4, reached: allBut(6, 0) });
    // who replicates himself needs no help
    expect(costOf(fabric, 3)).toEqual({ crossings: 2 * 5, up: 5, reached: allBut(6, 3) });
  });

  it('lets VTEPs learn whom a frame is from, not who copied it', () => {
    const fabric = new RunningFabric(oneVmPerServer(4, 2), assisted());
    fabric.broadcast(1);
    const { servers, tunnels, network } = fabric.devices;
    const address = servers.addressOf(1);
    const places = [0, 1, 2, 3].map((tunnel) => tunnels.tables.lookUp(tunnel, address, network.nowMs));
    const own = tunnels.endpointOf(1);
    expect(places.filter((_, tunnel) => tunnel !== 1)).toEqual([own, own, own]);
  });

  it('spreads VTEPs and segments over the replicators', () => {
    const fabric = new RunningFabric(oneVmPerServer(16, 4), assisted());
    const byNode = new Map<number, number>();
    for (let vm = 0; vm < 16; vm++) fabric.broadcast(vm);
    const { network } = fabric.devices;
    for (const node of fabric.fabric.switchNodes.slice(16)) {
      const [flood] = network.floodsOf(node);
      byNode.set(node, flood?.frames ?? 0);
    }
    expect([...byNode.values()].reduce((sum, frames) => sum + frames, 0)).toBe(16);
    expect([...byNode.values()].every((frames) => frames > 0)).toBe(true);
  });

  it('goes on with the other replicators, or without, once the loss of one is known; until then floods are lost', () => {
    for (const [replicators, crossings] of [
      [['spine1', 'spine2'], 4],
      [['spine1'], 6],
    ] as const) {
      const settings = assisted({ replicators, ...HYPERVISOR, convergenceNs: milliseconds(200) });
      const fabric = new RunningFabric(oneVmPerServer(4, 2), settings);
      // whoever uses spine1
      const senders = [0, 1, 2, 3].filter((vm) => {
        const tag = fabric.send(vm);
        fabric.wait(seconds(1));
        const spine1 = fabric.fabric.switchNodes[4];
        return fabric.fabricTransmissionsOf(tag).some(({ port }) => fabric.devices.network.nodeOf(port) === spine1);
      });
      expect(senders.length).toBeGreaterThan(0);
      const [sender] = senders;
      fabric.fabric.setSwitchUp(4, false);
      const tag = fabric.send(sender);
      fabric.wait(milliseconds(100));
      expect(fabric.deliveriesOf(tag)).toEqual([]);
      fabric.wait(seconds(1));
      const { reached, crossings: now } = costOf(fabric, sender);
      expect({ reached, now }).toEqual({ reached: allBut(4, sender), now: crossings });
      fabric.fabric.setSwitchUp(4, true);
      fabric.wait(seconds(1));
      expect(costOf(fabric, sender)).toMatchObject({ reached: allBut(4, sender), crossings: 4 });
    }
  });

  it('reaches the members of the segment and nobody else', () => {
    const plan = smallDatacenter({
      leafCount: 4,
      serversPerLeaf: 1,
      tenants: [0, 0],
      vms: [
        [0, 0],
        [1, 0],
        [2, 1],
        [3, 0],
      ],
    });
    const fabric = new RunningFabric(plan, assisted());
    expect(costOf(fabric, 0)).toEqual({ crossings: 3, up: 1, reached: [1, 3] });
    expect(fabric.broadcast(2)).toEqual([]);
    fabric.fabric.moveVm(3, 1);
    expect(costOf(fabric, 0)).toEqual({ crossings: 2, up: 1, reached: [1, 3] });
  });
});
