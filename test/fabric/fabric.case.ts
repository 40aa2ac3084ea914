import { describe, expect, it } from 'vitest';
import { PortFlag } from '../../src/device/network.ts';
import type { VlanSettings } from '../../src/fabric/vlan-fabric.ts';
import type { VxlanSettings } from '../../src/fabric/vxlan-fabric.ts';
import { milliseconds } from '../../src/units.ts';
import { RunningFabric, SETTLE_NS } from './running-fabric.ts';
import { smallDatacenter } from './small-datacenter.ts';

/** Two segments over three racks: VMs 0…5 in the first, VMs 6…9 in the second, VMs 0 and 1 on one server. */
const PLAN = smallDatacenter({
  tenants: [0, 1],
  vms: [
    [0, 0],
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 0],
    [4, 0],
    [0, 1],
    [1, 1],
    [2, 1],
    [5, 1],
  ],
});

/**
 * What every fabric keeps, whatever carries the frames, `healingNs` after a failure or repair and `announcedNs` after a VM
 * has said where it is. A switch that came back has its links up `restoreNs` later.
 */
export function describeFabric(
  name: string,
  settings: VlanSettings | VxlanSettings,
  {
    healingNs = SETTLE_NS,
    announcedNs = milliseconds(10),
    restoreNs = 0,
  }: { healingNs?: number; announcedNs?: number; restoreNs?: number } = {},
): void {
  const run = () => new RunningFabric(PLAN, settings);

  describe(`${name}, as a fabric`, () => {
    it('numbers a VM, its station and its IP interface alike', () => {
      const { devices } = run();
      for (const [vm, server] of PLAN.vmServer.entries()) {
        expect(devices.servers.interfaceOf(vm)).toBe(vm);
        expect(devices.servers.serverOf(vm)).toBe(devices.network.nodeNames.indexOf(PLAN.servers[server].id));
        expect(devices.stacks.ipOf(vm)).toBe(PLAN.vmIp(vm));
      }
    });

    it('delivers a unicast frame once, to its destination', () => {
      const fabric = run();
      for (const from of PLAN.vmServer.keys()) {
        for (const to of fabric.siblingsOf(from)) {
          expect(fabric.datagram(from, to).map(({ vm }) => vm)).toEqual([to]);
        }
      }
    });

    it('carries known unicast to the server of the destination and to no other', () => {
      const fabric = run();
      fabric.datagram(0, 5);
      fabric.datagram(5, 0);
      const before = fabric.devices.servers.uselessFrames;
      expect(fabric.datagram(0, 5)).toHaveLength(1);
      expect(fabric.devices.servers.uselessFrames).toBe(before);
    });

    it('delivers a broadcast once to every other VM of the segment and to no VM of another', () => {
      const fabric = run();
      for (const from of PLAN.vmServer.keys()) expect(fabric.broadcast(from)).toEqual(fabric.siblingsOf(from));
    });

    it('loses no frame without counting it', () => {
      const fabric = run();
      fabric.broadcast(2);
      fabric.datagram(0, 5);
      fabric.fabric.setLinkUp(0, false);
      fabric.datagram(1, 3);
      fabric.broadcast(4);
      fabric.fabric.setSwitchUp(1, false);
      fabric.broadcast(4);
      fabric.datagram(7, 9);
      // between two hellos, when every ARP request has been answered or given up
      fabric.wait(SETTLE_NS + milliseconds(500));
      const { network } = fabric.devices;
      expect(network.frames.liveCount).toBe(0);
      expect(network.createdFrames).toBe(fabric.endedFrames());
    });

    it('reaches a migrated VM at its new place once it was announced', () => {
      const fabric = run();
      for (const peer of [1, 2, 4]) fabric.datagram(peer, 3);
      // from the second rack to the third, where its segment was already, and on to the first
      for (const server of [5, 1]) {
        fabric.fabric.moveVm(3, server);
        fabric.devices.servers.announceByRarp(3);
        fabric.wait(announcedNs);
        for (const peer of [1, 2, 4]) expect(fabric.datagram(peer, 3).map(({ vm }) => vm)).toEqual([3]);
        expect(fabric.datagram(3, 5).map(({ vm }) => vm)).toEqual([5]);
      }
      expect(fabric.broadcast(0)).toEqual(fabric.siblingsOf(0));
      expect(fabric.broadcast(3)).toEqual(fabric.siblingsOf(3));
    });

    it('reaches a VM that moved to a rack without its segment, and no longer the rack it left', () => {
      const plan = smallDatacenter({
        vms: [
          [0, 0],
          [2, 0],
        ],
      });
      const fabric = new RunningFabric(plan, settings);
      fabric.datagram(0, 1);
      fabric.fabric.moveVm(1, 4);
      fabric.devices.servers.announceByRarp(1);
      fabric.wait(announcedNs);
      expect(fabric.datagram(0, 1).map(({ vm }) => vm)).toEqual([1]);
      expect(fabric.broadcast(0)).toEqual([1]);
      expect(fabric.broadcast(1)).toEqual([0]);
    });

    it.each([0, 1, 2, 3, 4, 5])('heals after link %i fails, and after its repair', (link) => {
      const fabric = run();
      for (const isUp of [false, true]) {
        fabric.fabric.setLinkUp(link, isUp);
        fabric.wait(healingNs);
        expect(fabric.broadcast(0)).toEqual(fabric.siblingsOf(0));
        expect(fabric.broadcast(4)).toEqual(fabric.siblingsOf(4));
        for (const [from, to] of [
          [0, 3],
          [3, 5],
          [5, 1],
        ]) {
          expect(fabric.datagram(from, to).map(({ vm }) => vm)).toEqual([to]);
        }
      }
    });

    it.each([3, 4])('heals after spine %i fails, and after it is back', (spine) => {
      const fabric = run();
      for (const isUp of [false, true]) {
        fabric.fabric.setSwitchUp(spine, isUp);
        fabric.wait(healingNs);
        expect(fabric.broadcast(0)).toEqual(fabric.siblingsOf(0));
        expect(fabric.datagram(0, 3).map(({ vm }) => vm)).toEqual([3]);
      }
    });

    it('cuts a rack off while its leaf is down', () => {
      const fabric = run();
      fabric.fabric.setSwitchUp(0, false);
      fabric.wait(healingNs);
      expect(fabric.broadcast(3)).toEqual([4, 5]);
      fabric.fabric.setSwitchUp(0, true);
      fabric.wait(healingNs);
      expect(fabric.broadcast(3)).toEqual(fabric.siblingsOf(3));
    });

    it('keeps a link down while it has failed or a switch at either end has', () => {
      const running = run();
      const { fabric, devices } = running;
      const isUp = () => fabric.linkPorts[0].map((port) => devices.network.hasFlag(port, PortFlag.linkUp));
      const { a, b } = PLAN.links[0];
      fabric.setLinkUp(0, false);
      fabric.setSwitchUp(a, false);
      fabric.setLinkUp(0, true);
      expect(isUp()).toEqual([false, false]);
      fabric.setSwitchUp(b, false);
      fabric.setSwitchUp(a, true);
      expect(isUp()).toEqual([false, false]);
      fabric.setLinkUp(0, false);
      fabric.setSwitchUp(b, true);
      expect(isUp()).toEqual([false, false]);
      fabric.setLinkUp(0, true);
      running.wait(restoreNs);
      expect(isUp()).toEqual([true, true]);
      fabric.setLinkUp(0, false);
      fabric.setSwitchUp(a, false);
      fabric.setSwitchUp(a, true);
      expect(isUp()).toEqual([false, false]);
    });

    it('delays a frame in each switch that it reaches and not in a server', () => {
      const { fabric, devices } = run();
      const delayOf = (port: number) => devices.network.delayNsOf(port);
      const [{ delayNs }] = PLAN.links;
      expect(fabric.linkPorts[0].map(delayOf)).toEqual([delayNs + PLAN.switchDelayNs, delayNs + PLAN.switchDelayNs]);
      expect(fabric.serverPorts[0].map(delayOf)).toEqual([delayNs, delayNs + PLAN.switchDelayNs]);
    });

    it('does the same again', () => {
      const fingerprint = () => {
        const fabric = run();
        fabric.datagram(0, 5);
        fabric.fabric.setLinkUp(2, false);
        fabric.broadcast(8);
        fabric.fabric.moveVm(3, 0);
        fabric.datagram(5, 3);
        return fabric.fingerprint.digest();
      };
      expect(fingerprint()).toBe(fingerprint());
    });

    it('says whose every table of learned addresses is', () => {
      const { fabric, devices } = run();
      const tables = (kind: string) =>
        fabric.macTables.filter((table) => table.kind === kind).map(({ table }) => table);
      const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
      expect(tables('bridge')).toEqual(numbers(devices.bridges.bridgeCount));
      expect(tables('tunnel')).toEqual(numbers(devices.tunnels.tunnelCount));
    });
  });
}
