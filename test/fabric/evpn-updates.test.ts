import { describe, expect, it } from 'vitest';
import type { VxlanFabric } from '../../src/fabric/vxlan-fabric.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { EvpnLab, HERE, NOWHERE } from './evpn-lab.ts';
import { RunningFabric } from './running-fabric.ts';
import { EVPN, smallDatacenter } from './small-datacenter.ts';

/** Leaves, spines: the closed forms hold for any number. */
const SIZES = [
  [2, 1],
  [4, 2],
  [7, 3],
] as const;

describe.each(SIZES)('UPDATEs of EVPN with %i leaves and %i spines', (leafCount, spineCount) => {
  const [L, S] = [leafCount, spineCount];
  const size = { leaves: L, spines: S };

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
    for (const [leaf, sequence] of [
      [1, 1],
      [0, 2],
    ]) {
      const updates = lab.updatesOf(() => {
        lab.move(0, leaf);
        lab.rarp(0);
      });
      expect(updates).toBe(expected);
      expect(lab.sequenceAt(leaf === 0 ? 1 : 0, 0)).toBe(sequence);
    }
  });

  it('are 2 S L when a station ages out, and its number begins again at 0', () => {
    const lab = new EvpnLab(size);
    lab.updatesOf(() => lab.garp(0));
    lab.updatesOf(() => {
      lab.move(0, 1);
      lab.rarp(0);
    });
    expect(lab.updatesOf(() => {}, seconds(301))).toBe(2 * S * L);
    expect(lab.placesOf(0)).toEqual(lab.allAt(NOWHERE));
    expect(lab.updatesOf(() => lab.rarp(0))).toBe(2 * S * L);
    expect(lab.sequenceAt(0, 0)).toBe(0);
  });

  it('are 2 S L when the port of a station goes down', () => {
    const lab = new EvpnLab(size);
    lab.updatesOf(() => lab.garp(0));
    expect(lab.updatesOf(() => lab.running.fabric.setServerUp(0, false))).toBe(2 * S * L);
    expect(lab.placesOf(0)).toEqual(lab.allAt(NOWHERE));
  });

  it('are 2 S L² of type 3 for each segment while the fabric comes up', () => {
    const [one, two] = [1, 2].map((segments) => new EvpnLab({ ...size, segments }).controlPlane.bgp.totalMessages);
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
    expect(lab.placesOf(0)).toEqual(lab.allAt(NOWHERE));
    for (let leaf = 1; leaf < L; leaf++) {
      const others = Array.from({ length: L }, (_, other) => other).filter((other) => other !== leaf && other !== 0);
      expect(lab.controlPlane.evpn.rulesOf(leaf).heard.floodVteps(0)).toEqual(others);
    }
  });

  it('are 2 (L - 1) + S - 1 when a leaf loses one link of several', () => {
    if (S === 1) return;
    const lab = new EvpnLab(size);
    for (let vm = 0; vm < 2; vm++) lab.garp(vm);
    lab.running.wait(seconds(1));
    expect(lab.updatesOf(() => lab.running.fabric.setLinkUp(0, false))).toBe(2 * (L - 1) + S - 1);
    expect(lab.placesOf(0)).toEqual(lab.allAt(0));
  });

  it.each([
    [0, 1],
    [1, 0],
  ])('are 6 S L for a race, which the VTEP with the lowest address wins, leaf %i first', (first, second) => {
    const lab = new EvpnLab(size);
    const updates = lab.updatesOf(() => {
      lab.move(0, first);
      lab.rarp(0);
      lab.running.wait(500);
      lab.move(0, second);
      lab.rarp(0);
    });
    expect(updates).toBe(6 * S * L);
    expect(lab.placesOf(0)).toEqual(lab.allAt(0));
  });

  it('are none for a frame in the name of a sticky station, which stays where it is', () => {
    const lab = new EvpnLab(size);
    const address = lab.addressOf(0);
    lab.updatesOf(() => lab.controlPlane.evpn.addStaticStation(0, address, 1));
    const updates = lab.updatesOf(() => {
      lab.move(0, 1);
      lab.rarp(0);
    });
    expect(updates).toBe(0);
    expect(lab.controlPlane.evpn.rulesOf(1).vtepOfStation(address)).toBe(0);
    expect(lab.placesOf(0)[1]).toBe(0);
  });
});

describe('how fast EVPN follows', () => {
  it.each(['ebgp', 'route-reflectors'] as const)('111 to 120 ms to the tables of others, %s', (sessions) => {
    const lab = new EvpnLab({ leaves: 4, spines: 2 }, { sessions });
    lab.garp(0);
    lab.running.wait(milliseconds(111));
    expect(lab.placesOf(0)).toEqual([HERE, NOWHERE, NOWHERE, NOWHERE]);
    lab.running.wait(milliseconds(9));
    expect(lab.placesOf(0)).toEqual(lab.allAt(0));
    lab.running.wait(seconds(1));
    lab.move(0, 1);
    lab.rarp(0);
    lab.running.wait(milliseconds(111));
    expect(lab.placesOf(0)).toEqual([HERE, HERE, 0, 0]);
    lab.running.wait(milliseconds(9));
    expect(lab.placesOf(0)).toEqual(lab.allAt(1));
  });

  it('withdraws the addresses of a leaf that is lost in 75 to 111 ms', () => {
    const lab = new EvpnLab({ leaves: 4, spines: 2 });
    lab.garp(0);
    lab.running.wait(seconds(1));
    lab.running.fabric.setSwitchUp(0, false);
    lab.running.wait(milliseconds(75));
    expect(lab.placesOf(0).slice(1)).toEqual([0, 0, 0]);
    lab.running.wait(milliseconds(36));
    expect(lab.placesOf(0).slice(1)).toEqual([NOWHERE, NOWHERE, NOWHERE]);
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
