import { describe, expect, it } from 'vitest';
import { milliseconds, seconds } from '../../src/units.ts';
import { FrameKind } from '../../src/wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../../src/wire/frame-pool.ts';
import { planEverywhere, treeOf } from './planned-datacenter.ts';
import { RunningFabric, SETTLE_NS } from './running-fabric.ts';
import { EVPN, VXLAN } from './small-datacenter.ts';

const TOPOLOGY = '{leaves: 4, spines: 2, serversPerLeaf: 1, serverHoming: dual}';

/** One VM on each of four servers, and a second on the first and the last; racks 1 and 2 share their servers. */
const PLAN = planEverywhere(TOPOLOGY);

/** With the time until all have heard of an announcement. */
const BRIDGED = [
  ['VLANs', treeOf(TOPOLOGY), milliseconds(10)],
  ['VXLAN from leaves', VXLAN, milliseconds(10)],
  ['EVPN from leaves', EVPN, milliseconds(150)],
] as const;

describe.each(BRIDGED)('a server on two leaves of %s', (_name, settings, announcedNs) => {
  it('uses the link to its own leaf, and takes nothing in by the other', () => {
    const fabric = new RunningFabric(PLAN, settings);
    const tag = fabric.send(0);
    fabric.wait(seconds(1));
    const sent = fabric.transmissionsOf(tag).map(({ port }) => port);
    expect(sent).toContain(fabric.fabric.serverPorts[0][1]);
    expect(sent).not.toContain(fabric.fabric.secondServerPorts[0]?.[1]);
    // both leaves of a server send it a copy
    expect(sent).toContain(fabric.fabric.serverPorts[1][0]);
    expect(sent).toContain(fabric.fabric.secondServerPorts[1]?.[0]);
    expect(fabric.deliveriesOf(tag)).toHaveLength(3);
  });

  it('takes its other link within miimon when it loses one, and announces each of its VMs there once', () => {
    const fabric = new RunningFabric(PLAN, settings);
    const { devices, simulation } = fabric;
    for (const from of [1, 2, 3]) fabric.datagram(from, 0);
    const lostNs = simulation.nowNs;
    devices.setAdminUp(fabric.fabric.serverPorts[0][0], false);
    const second = fabric.fabric.secondServerPorts[0]![1];
    const announcements: number[] = [];
    devices.network.tap = {
      sent(port, frame) {
        const { words } = devices.network.frames;
        if (port === second && words[(frame << FRAME_SHIFT) + Frame.kind] === FrameKind.rarp)
          announcements.push(simulation.nowNs - lostNs);
      },
      received() {},
    };
    fabric.wait(PLAN.bondMiimonNs);
    expect(devices.servers.uplinkOf(fabric.fabric.serverNodes[0])).toBe(second);
    expect(devices.bonds.failoverCount).toBe(1);
    expect(announcements).toHaveLength(2);
    for (const afterNs of announcements) expect(afterNs).toBeLessThanOrEqual(PLAN.bondMiimonNs);
    fabric.wait(announcedNs);
    for (const from of [1, 2, 3]) expect(fabric.datagram(from, 0).map(({ vm }) => vm)).toEqual([0]);
    expect(fabric.broadcast(0)).toEqual([1, 2, 3]);
    expect(fabric.broadcast(2)).toEqual([0, 1, 3]);
  });

  it('outlives its leaf, and stays where it is when the leaf is back', () => {
    const fabric = new RunningFabric(PLAN, settings);
    for (const isUp of [false, true]) {
      fabric.fabric.setSwitchUp(0, isUp);
      fabric.wait(SETTLE_NS);
      expect(fabric.broadcast(0)).toEqual([1, 2, 3]);
      expect(fabric.broadcast(3)).toEqual([0, 1, 2]);
      expect(fabric.datagram(3, 0)).toHaveLength(1);
      expect(fabric.devices.servers.uplinkOf(fabric.fabric.serverNodes[0])).toBe(
        fabric.fabric.secondServerPorts[0]?.[1],
      );
    }
    // server 2 had that leaf for its second, and never moved
    expect(fabric.devices.bonds.failoverCount).toBe(1);
  });

  it('takes whichever link comes back first when it had lost both', () => {
    const fabric = new RunningFabric(PLAN, settings);
    const [first] = fabric.fabric.serverPorts[0];
    const [second] = fabric.fabric.secondServerPorts[0]!;
    for (const port of [first, second]) fabric.devices.setAdminUp(port, false);
    fabric.wait(seconds(1));
    expect(fabric.broadcast(3)).toEqual([1, 2]);
    fabric.devices.setAdminUp(second, true);
    fabric.wait(SETTLE_NS);
    expect(fabric.broadcast(3)).toEqual([0, 1, 2]);
  });

  it('takes a VM along to a server of other leaves and back', () => {
    const fabric = new RunningFabric(PLAN, settings);
    for (const server of [3, 1, 0]) {
      fabric.fabric.moveVm(0, server);
      fabric.devices.servers.announceByRarp(0);
      fabric.wait(announcedNs);
      expect(fabric.datagram(2, 0)).toHaveLength(1);
      expect(fabric.broadcast(1)).toEqual([0, 2, 3]);
    }
  });
});

describe('a server on two leaves that is a VTEP', () => {
  const settings = { ...VXLAN, vteps: 'hypervisor' } as const;

  it('spreads what it sends over both links', () => {
    const fabric = new RunningFabric(PLAN, settings);
    fabric.broadcast(3);
    const tags = Array.from({ length: 64 }, (_, flowHash) => fabric.send(0, { to: 3, flowHash }));
    fabric.wait(seconds(1));
    const used = new Set(tags.map((tag) => fabric.transmissionsOf(tag)[0].port));
    expect(used).toEqual(new Set([fabric.fabric.serverPorts[0][1], fabric.fabric.secondServerPorts[0]![1]]));
    for (const tag of tags) expect(fabric.fabricTransmissionsOf(tag)).toHaveLength(2);
  });

  it('is reached by the leaf that is nearest: over no spine by a neighbour', () => {
    const fabric = new RunningFabric(PLAN, settings);
    fabric.broadcast(1);
    const tags = Array.from({ length: 16 }, (_, flowHash) => fabric.send(0, { to: 1, flowHash }));
    fabric.wait(seconds(1));
    for (const tag of tags) expect(fabric.fabricTransmissionsOf(tag)).toHaveLength(0);
  });

  it('is reached over the link that it has left once the underlay has converged', () => {
    const fabric = new RunningFabric(PLAN, settings);
    fabric.broadcast(0);
    fabric.broadcast(3);
    fabric.devices.setAdminUp(fabric.fabric.serverPorts[0][0], false);
    fabric.wait(settings.convergenceNs);
    for (let flowHash = 0; flowHash < 32; flowHash++) {
      for (const [from, to] of [
        [3, 0],
        [0, 3],
      ]) {
        const tag = fabric.send(from, { to, flowHash });
        fabric.wait(milliseconds(1));
        expect(fabric.deliveriesOf(tag)).toHaveLength(1);
        expect(fabric.fabricTransmissionsOf(tag)).toHaveLength(2);
      }
    }
  });
});
