import { describe, expect, it } from 'vitest';
import type { EvpnSettings } from '../../src/fabric/evpn-control-plane.ts';
import { VxlanFabric } from '../../src/fabric/vxlan-fabric.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { RunningFabric } from './running-fabric.ts';
import { EVPN, FRR_EVPN, smallDatacenter } from './small-datacenter.ts';

/** Leaves, spines: the closed forms hold for any number. */
const SIZES = [
  [2, 1],
  [4, 2],
  [7, 3],
] as const;

/** A fabric with EVPN and one VM on each server, that counts UPDATEs. */
class EvpnLab {
  readonly running: RunningFabric;
  readonly leafCount: number;
  readonly spineCount: number;

  constructor([leafCount, spineCount]: readonly [number, number], settings: Partial<EvpnSettings> = {}, segments = 1) {
    this.leafCount = leafCount;
    this.spineCount = spineCount;
    const servers = Array.from({ length: leafCount * 2 }, (_, server) => server);
    const plan = smallDatacenter({
      leafCount,
      spineCount,
      tenants: Array.from({ length: segments }, () => 0),
      vms: servers.flatMap((server) => Array.from({ length: segments }, (_, segment) => [server, segment] as const)),
    });
    this.running = new RunningFabric(plan, { ...EVPN, evpn: { ...FRR_EVPN, ...settings } });
  }

  get controlPlane() {
    const { fabric } = this.running;
    if (!(fabric instanceof VxlanFabric) || fabric.controlPlane === null) throw new Error('this fabric has no EVPN');
    return fabric.controlPlane;
  }

  /** UPDATEs that all speakers send because of something, within a time. */
  updatesOf(act: () => void, withinNs = seconds(2)): number {
    const before = this.controlPlane.bgp.totalMessages;
    act();
    this.running.wait(withinNs);
    return this.controlPlane.bgp.totalMessages - before;
  }

  garp(vm: number): void {
    this.running.devices.stacks.announce(vm);
  }

  rarp(vm: number): void {
    this.running.devices.servers.announceByRarp(vm);
  }

  /** Where each leaf has a VM: an endpoint, -1 for its own port or -2 for nowhere. */
  placesOf(vm: number): number[] {
    const { devices } = this.running;
    const address = devices.servers.addressOf(vm);
    const { nowMs } = devices.network;
    return Array.from({ length: this.leafCount }, (_, leaf) => {
      const port = devices.bridges.tables.lookUp(leaf, address, nowMs);
      if (port < 0) return -2;
      const endpoint = devices.tunnels.tables.lookUp(leaf, address, nowMs);
      return port === devices.tunnels.portOf(leaf) ? endpoint : -1;
    });
  }
}

describe.each(SIZES)('UPDATEs of EVPN with %i leaves and %i spines', (leafCount, spineCount) => {
  const size = [leafCount, spineCount] as const;
  const [L, S] = size;

  it('are 2 S L for a new station over eBGP, with its IP address or without', () => {
    const lab = new EvpnLab(size);
    expect(lab.updatesOf(() => lab.garp(0))).toBe(2 * S * L);
    expect(lab.updatesOf(() => lab.rarp(1))).toBe(2 * S * L);
    // an address that is known to be here already is no news
    expect(lab.updatesOf(() => lab.garp(0))).toBe(0);
  });

  it('are S (L + 1) with route reflectors, which reflect to the originator too', () => {
    const lab = new EvpnLab(size, { sessions: 'route-reflectors' });
    expect(lab.updatesOf(() => lab.garp(0))).toBe(S * (L + 1));
  });

  it.each([
    ['ebgp', 4 * S * L],
    ['route-reflectors', 2 * S * (L + 1)],
  ] as const)('are twice as many for a move, %s', (sessions, expected) => {
    const lab = new EvpnLab(size, { sessions });
    lab.updatesOf(() => lab.garp(0));
    for (const [server, sequence] of [
      [2, 1],
      [0, 2],
    ]) {
      const updates = lab.updatesOf(() => {
        lab.running.fabric.moveVm(0, server);
        lab.rarp(0);
      });
      expect(updates).toBe(expected);
      const { routes, evpn } = lab.controlPlane;
      const best = evpn.rulesOf(server === 0 ? 1 : 0).bestRemote(lab.running.devices.servers.addressOf(0));
      expect(routes.sequenceOf(best)).toBe(sequence);
    }
  });

  it('are 2 S L when a station ages out, and its number begins again at 0', () => {
    const lab = new EvpnLab(size);
    lab.updatesOf(() => lab.garp(0));
    lab.updatesOf(() => {
      lab.running.fabric.moveVm(0, 2);
      lab.rarp(0);
    });
    expect(lab.updatesOf(() => {}, seconds(301))).toBe(2 * S * L);
    expect(lab.placesOf(0)).toEqual(Array.from({ length: L }, () => -2));
    expect(lab.updatesOf(() => lab.rarp(0))).toBe(2 * S * L);
    const { routes, evpn } = lab.controlPlane;
    const best = evpn.rulesOf(0).bestRemote(lab.running.devices.servers.addressOf(0));
    expect(routes.sequenceOf(best)).toBe(0);
  });

  it('are 2 S L when the port of a station goes down', () => {
    const lab = new EvpnLab(size);
    lab.updatesOf(() => lab.garp(0));
    expect(lab.updatesOf(() => lab.running.fabric.setServerUp(0, false))).toBe(2 * S * L);
    expect(lab.placesOf(0)).toEqual(Array.from({ length: L }, () => -2));
  });

  it('are 2 S L² of type 3 for each segment while the fabric comes up', () => {
    const [one, two] = [1, 2].map((segments) => new EvpnLab(size, {}, segments).controlPlane.bgp.totalMessages);
    expect(two - one).toBe(2 * S * L * L);
    // besides, loopbacks of leaves and of spines, and an end of both address families from each end of a session
    expect(one).toBe(2 * S * L * L + 2 * S * L * L + S * (L + L * S) + 4 * S * L);
  });

  it.each([
    ['ebgp', 4 * S * (L - 1)],
    ['route-reflectors', S * (L - 1)],
  ] as const)('are so many when a leaf is lost, %s', (sessions, expected) => {
    const lab = new EvpnLab(size, { sessions });
    for (let vm = 0; vm < 2; vm++) lab.garp(vm);
    lab.running.wait(seconds(1));
    expect(lab.updatesOf(() => lab.running.fabric.setSwitchUp(0, false))).toBe(expected);
    expect(lab.placesOf(0)).toEqual(Array.from({ length: L }, () => -2));
    for (let leaf = 1; leaf < L; leaf++) {
      const others = Array.from({ length: L }, (_, other) => other).filter((other) => other !== leaf && other !== 0);
      expect(lab.controlPlane.evpn.rulesOf(leaf).floodVteps(0)).toEqual(others);
    }
  });

  it('are 2 (L - 1) + S - 1 when a leaf loses one link of several', () => {
    if (S === 1) return;
    const lab = new EvpnLab(size);
    for (let vm = 0; vm < 2; vm++) lab.garp(vm);
    lab.running.wait(seconds(1));
    expect(lab.updatesOf(() => lab.running.fabric.setLinkUp(0, false))).toBe(2 * (L - 1) + S - 1);
    expect(lab.placesOf(0)).toEqual(Array.from({ length: L }, (_, leaf) => (leaf === 0 ? -1 : 0)));
  });

  it.each([
    [0, 1],
    [1, 0],
  ])('are 6 S L for a race, which the VTEP with the lowest address wins, leaf %i first', (first, second) => {
    const lab = new EvpnLab(size);
    const { devices, fabric } = lab.running;
    const updates = lab.updatesOf(() => {
      fabric.moveVm(0, first * 2);
      lab.rarp(0);
      lab.running.wait(500);
      fabric.moveVm(0, second * 2);
      devices.servers.announceByRarp(0);
    });
    expect(updates).toBe(6 * S * L);
    expect(lab.placesOf(0)).toEqual(Array.from({ length: L }, (_, leaf) => (leaf === 0 ? -1 : 0)));
  });

  it('are none for a frame in the name of a sticky station, which stays where it is', () => {
    const lab = new EvpnLab(size);
    const address = lab.running.devices.servers.addressOf(0);
    lab.updatesOf(() => lab.controlPlane.evpn.addStaticStation(0, address, 1));
    const updates = lab.updatesOf(() => {
      lab.running.fabric.moveVm(0, 2);
      lab.rarp(0);
    });
    expect(updates).toBe(0);
    expect(lab.controlPlane.evpn.rulesOf(1).vtepOfStation(address)).toBe(0);
    expect(lab.placesOf(0)[1]).toBe(0);
  });
});

describe('how fast EVPN follows', () => {
  it.each(['ebgp', 'route-reflectors'] as const)('111 to 120 ms to the tables of others, %s', (sessions) => {
    const lab = new EvpnLab([4, 2], { sessions });
    lab.garp(0);
    lab.running.wait(milliseconds(111));
    expect(lab.placesOf(0)).toEqual([-1, -2, -2, -2]);
    lab.running.wait(milliseconds(9));
    expect(lab.placesOf(0)).toEqual([-1, 0, 0, 0]);
    lab.running.wait(seconds(1));
    lab.running.fabric.moveVm(0, 2);
    lab.rarp(0);
    lab.running.wait(milliseconds(111));
    expect(lab.placesOf(0)).toEqual([-1, -1, 0, 0]);
    lab.running.wait(milliseconds(9));
    expect(lab.placesOf(0)).toEqual([1, -1, 1, 1]);
  });

  it('withdraws the addresses of a leaf that is lost in 75 to 111 ms', () => {
    const lab = new EvpnLab([4, 2]);
    lab.garp(0);
    lab.running.wait(seconds(1));
    lab.running.fabric.setSwitchUp(0, false);
    lab.running.wait(milliseconds(75));
    expect(lab.placesOf(0).slice(1)).toEqual([0, 0, 0]);
    lab.running.wait(milliseconds(36));
    expect(lab.placesOf(0).slice(1)).toEqual([-2, -2, -2]);
  });

  it('takes as many stations as come within the hold into one UPDATE', () => {
    const plan = smallDatacenter({
      leafCount: 4,
      spineCount: 2,
      serversPerLeaf: 1,
      vms: [...Array.from({ length: 50 }, () => [0, 0] as const), [1, 0], [2, 0], [3, 0]],
    });
    const running = new RunningFabric(plan, EVPN);
    const { controlPlane } = running.fabric as VxlanFabric;
    const before = controlPlane!.bgp.totalMessages;
    const bytesBefore = controlPlane!.bgp.totalBytes;
    for (let vm = 0; vm < 50; vm++) running.devices.stacks.announce(vm);
    running.wait(seconds(1));
    // recorded: 16 UPDATEs with 1600 routes, 65.4 to 66.9 kB of TCP payload
    expect(controlPlane!.bgp.totalMessages - before).toBe(16);
    expect(controlPlane!.bgp.totalBytes - bytesBefore).toBeGreaterThan(60_000);
    expect(controlPlane!.bgp.totalBytes - bytesBefore).toBeLessThan(66_900);
  });
});
