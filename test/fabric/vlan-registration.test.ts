import { describe, expect, it } from 'vitest';
import { Outcome } from '../../src/device/observer.ts';
import type { VlanSettings } from '../../src/fabric/vlan-fabric.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { RunningFabric } from './running-fabric.ts';
import { smallDatacenter, VLAN_STP } from './small-datacenter.ts';

const MVRP: VlanSettings = { ...VLAN_STP, reach: 'mvrp' };
const NO_TREE: VlanSettings = { ...MVRP, kind: 'vlan-no-stp', spanningTree: null };

/** Segment 0 in racks 1 and 2, segment 1 in racks 3 and 4. */
const TWO_BY_TWO = smallDatacenter({
  leafCount: 4,
  spineCount: 1,
  serversPerLeaf: 1,
  tenants: [0, 1],
  vms: [
    [0, 0],
    [1, 0],
    [2, 1],
    [3, 1],
  ],
});

/** On which links between switches, by the name of the sending port, a broadcast goes; and whom it reaches. */
function wayOf(fabric: RunningFabric, vm: number) {
  const tag = fabric.send(vm);
  fabric.wait(seconds(1));
  const { network } = fabric.devices;
  return {
    links: fabric.fabricTransmissionsOf(tag).map(({ port }) => network.portNames[port]),
    reached: fabric.deliveriesOf(tag).map(({ vm: to }) => to),
  };
}

describe('VLANs registered by MVRP', () => {
  it('are carried only towards those who have declared them', () => {
    const fabric = new RunningFabric(TWO_BY_TWO, NO_TREE);
    expect(wayOf(fabric, 0).links).toHaveLength(2);
    expect(wayOf(fabric, 0).reached).toEqual([1]);
    expect(wayOf(fabric, 2).reached).toEqual([3]);
    const everywhere = new RunningFabric(TWO_BY_TWO, { ...NO_TREE, reach: 'everywhere' });
    expect(wayOf(everywhere, 0).links).toHaveLength(4);
  });

  it('are not sent to ports that the tree blocks, which declare nothing', () => {
    const vms = Array.from({ length: 4 }, (_, server) => [server, 0] as const);
    const plan = smallDatacenter({ leafCount: 4, spineCount: 3, serversPerLeaf: 1, vms });
    const fabric = new RunningFabric(plan, MVRP);
    const { outcomeFrames } = fabric.devices.network;
    const before = outcomeFrames[Outcome.dropPortBlocked];
    // the tree has a link to each rack; the other spines are its leaves, without anybody behind them
    expect(wayOf(fabric, 1).links).toHaveLength(4);
    expect(outcomeFrames[Outcome.dropPortBlocked]).toBe(before);
  });

  it('reach a VM where it has moved one JoinTime per hop later, and leave where it was', () => {
    const fabric = new RunningFabric(TWO_BY_TWO, NO_TREE);
    const moveNs = fabric.simulation.nowNs;
    fabric.fabric.moveVm(1, 2);
    const reachedAfter = (ms: number) => {
      fabric.wait(moveNs + milliseconds(ms) - fabric.simulation.nowNs);
      const tag = fabric.send(0);
      fabric.wait(milliseconds(1));
      return fabric.deliveriesOf(tag).length;
    };
    // the leaf's port to the server, the spine's to the leaf; the other leaf's to the spine is registered already
    expect([190, 210, 390, 410].map(reachedAfter)).toEqual([0, 0, 0, 1]);
    fabric.wait(seconds(3));
    const { links } = wayOf(fabric, 0);
    expect(links).toHaveLength(2);
    expect(links.some((name) => name.includes('leaf2'))).toBe(false);
  });

  it('keep out what comes from a server that has not declared its VLAN yet', () => {
    const fabric = new RunningFabric(TWO_BY_TWO, NO_TREE);
    const { outcomeFrames } = fabric.devices.network;
    const before = outcomeFrames[Outcome.dropVlanFiltered];
    fabric.fabric.moveVm(1, 2);
    fabric.devices.servers.announceByRarp(1);
    fabric.wait(milliseconds(10));
    expect(outcomeFrames[Outcome.dropVlanFiltered]).toBe(before + 1);
  });

  it('are gone two seconds after the last VM, hop by hop', () => {
    const fabric = new RunningFabric(TWO_BY_TWO, NO_TREE);
    fabric.fabric.removeVm(1);
    // 800 ms at the leaf's own port, as much again at the spine's
    fabric.wait(milliseconds(1550));
    expect(wayOf(fabric, 0).links).toHaveLength(2);
    fabric.wait(seconds(2));
    expect(wayOf(fabric, 0).links).toHaveLength(0);
  });

  it('follow the tree to another spine', () => {
    const vms = Array.from({ length: 3 }, (_, server) => [server, 0] as const);
    const fabric = new RunningFabric(smallDatacenter({ leafCount: 3, spineCount: 2, serversPerLeaf: 1, vms }), MVRP);
    expect(wayOf(fabric, 0).reached).toEqual([1, 2]);
    fabric.fabric.setSwitchUp(3, false);
    fabric.wait(seconds(60));
    expect(wayOf(fabric, 0)).toMatchObject({ reached: [1, 2] });
    expect(wayOf(fabric, 0).links.every((name) => name.includes('spine2'))).toBe(true);
  });
});
