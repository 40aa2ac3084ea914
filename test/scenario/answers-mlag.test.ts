import { describe, expect, it } from 'vitest';
import { Carried } from '../../src/device/observer.ts';
import { Datacenter } from '../../src/scenario/datacenter.ts';
import { readScenario } from '../../src/scenario/read-scenario.ts';
import { seconds } from '../../src/units.ts';
import { ask, floodedFor, libraryFile, tablesOf } from '../support/ask.ts';

describe('does MLAG remove the case for VXLAN', () => {
  it('in bandwidth and in what a lost spine costs, and not in what tables hold', () => {
    const [stp, mlag, vxlan, pairs] = ask(
      'does-mlag-remove-the-case-for-vxlan',
      'tenants.0.count=1',
      'duration=180s',
      'migrations.random.count=4',
    );
    expect([stp, mlag, vxlan, pairs].map(({ links }) => links.blocked)).toEqual([7, 0, 0, 0]);
    expect([stp, mlag, vxlan, pairs].map(({ links }) => links.bisectionBitsPerSec)).toEqual([
      400e9, 800e9, 800e9, 800e9,
    ]);
    expect([stp, mlag].map((one) => tablesOf(one, 'spine').entriesMax)).toEqual([128, 128]);
    for (const one of [vxlan, pairs]) expect(one.macTables.filter(({ tier }) => tier === 'spine')).toEqual([]);
    expect([stp, mlag, vxlan].map((one) => tablesOf(one, 'leaf').entriesMax)).toEqual([128, 128, 128]);
    // 3 s of ARP, and some time of its spanning tree
    expect(stp.flows.failed).toBeGreaterThan(0);
    for (const { flows } of [mlag, vxlan, pairs]) expect(flows).toMatchObject({ failed: 0, incomplete: 0 });
    expect(mlag.failures.convergenceNsMax).toBe(0);
    // a switch floods what the other of its pair has yet to tell it
    expect(floodedFor(mlag, 'never_learned')).toBeGreaterThan(0);
    expect(floodedFor(vxlan, 'never_learned')).toBe(0);
  });
});

describe('what does an orphan port cost', () => {
  it('half of its traffic crosses the peer link, and all from the orphan beside', () => {
    const scenario = readScenario(libraryFile('what-does-an-orphan-port-cost'));
    const datacenter = new Datacenter(scenario, scenario.fabrics[0]!, { folder: null, version: '', digest: '' });
    datacenter.start();
    datacenter.simulation.run(seconds(149));
    const { fabric, plan, devices } = datacenter;
    const unicast = (port: number) => devices.network.carriedFrames(port, Carried.knownUnicast);
    const peerLink = plan.links.findIndex(({ id }) => id === 'leaf1-leaf2');
    const orphan = plan.servers.findIndex(({ id }) => id === 'orphan1');
    const share = unicast(fabric.linkPorts[peerLink]![1]) / unicast(fabric.serverPorts[orphan]![0]);
    // 14 of the 15 other servers have two links
    expect(Math.abs(share / ((14 * 0.5 + 1) / 15) - 1)).toBeLessThan(0.05);
  });

  it('it is cut off when the peer link fails, if its switch is not the primary', () => {
    const [mlag, vxlan] = ask('what-does-an-orphan-port-cost');
    // 256 flows a second, begun after the failure and 15 s before the end, of which one end and not the other is there
    const expected = 256 * 35 * ((1 / 16) * (30 / 31) + (15 / 16) * (2 / 31));
    expect(Math.abs(mlag.flows.failed / expected - 1)).toBeLessThan(0.1);
    expect(vxlan.flows.failed).toBe(0);
    expect(mlag.failures.count).toBe(1);
    expect(vxlan.failures.count).toBe(0);
  });
});
