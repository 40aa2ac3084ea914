import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readArrowFile } from '../../src/metrics/arrow-file.ts';
import { readScenario } from '../../src/scenario/read-scenario.ts';
import { compareFabrics, type FabricResult } from '../../src/scenario/run-scenario.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { ask, droppedFrames, libraryFile } from '../support/ask.ts';

/** The last round of copying 4 GiB at 10 Gbit/s, a tenth of which changes meanwhile: M/B r^2. */
const PAUSE_NS = (2 ** 32 * 8) / 10 / 100;

/** Probes come each 10 ms: an outage is seen up to one too long at either end. */
const SEEN_TO_NS = milliseconds(20);

describe('does head-end replication flood more than a tree', () => {
  const SCENARIO = 'does-head-end-replication-flood-more-than-a-tree';

  it('crosses 35 links along the tree and 93 in vain, 62 with ingress replication, 32 with multicast or assisted', () => {
    const [tree, ingress, multicast, assisted] = ask(SCENARIO);
    const broadcasts = 64;
    const crossed = tree.flooding.fabricFloodedFrames;
    const inVain = droppedFrames(tree, 'port_blocked');
    expect([crossed - inVain, inVain]).toEqual([35 * broadcasts, 93 * broadcasts]);
    expect(tree.links).toMatchObject({ total: 128, blocked: 93, forwarding: 35 });
    expect(ingress.flooding.fabricFloodedFrames).toBe(62 * broadcasts);
    expect(multicast.flooding.fabricFloodedFrames).toBe(32 * broadcasts);
    expect(assisted.flooding.fabricFloodedFrames).toBe(32 * broadcasts);
    expect([multicast, assisted].map((summary) => summary.multicast?.entriesMax ?? 0)).toEqual([1, 0]);
  });

  it.each([
    [2, 1],
    [5, 3],
    [9, 2],
  ])('with %i leaves and %i spines L + S - 1, 2 (L - 1) and L', (leaves, spines) => {
    const sizes = { 'topology.leaves': leaves, 'topology.spines': spines, 'tenants.0.vmsPerSegment': leaves };
    const [tree, ingress, multicast] = ask(SCENARIO, ...Object.entries(sizes).map(([key, value]) => `${key}=${value}`));
    const perBroadcast = ({ flooding }: FabricResult['summary']) => flooding.fabricFloodedFrames / leaves;
    expect(perBroadcast(tree)).toBe(leaves * spines);
    expect(tree.links.blocked).toBe((leaves - 1) * (spines - 1));
    expect(droppedFrames(tree, 'port_blocked') / leaves).toBe((leaves - 1) * (spines - 1));
    expect(perBroadcast(ingress)).toBe(2 * (leaves - 1));
    expect(perBroadcast(multicast)).toBe(leaves);
  });
});

describe('what does a lost spine cost under spanning tree', () => {
  const SCENARIO = 'what-does-a-lost-spine-cost-under-spanning-tree';
  const FEWER_FLOWS = 'traffic.flowsPerVmPerSecond=0.2';

  it('max age and twice the forward delay for all racks; under ECMP no more than the pause of the VM', () => {
    const [tree, ecmp] = ask(SCENARIO, FEWER_FLOWS);
    expect(tree.migrations).toMatchObject({ done: 8, outages: 8, unendedOutages: 0 });
    // 49 s since the last hello, which was up to 2 s ago; ARP asks once a second
    expect(tree.migrations.outageNsP50).toBeGreaterThan(seconds(47));
    expect(tree.migrations.outageNsMax).toBeLessThan(seconds(50));
    expect(tree.flows.failed).toBeGreaterThan(0);
    // a pause of 10 ms, seen to 10 ms
    expect(ecmp.migrations.outageNsMax).toBeLessThanOrEqual(milliseconds(20));
    expect(ecmp.flows).toMatchObject({ failed: 0, incomplete: 0 });
    expect([tree.links.blocked, ecmp.links.blocked]).toEqual([(8 - 1) * (3 - 1), 0]);
  });

  it('twice the forward delay, for one rack, where a leaf has a blocked port that takes over', () => {
    const failure = 'failures=[{at: 100005ms, link: leaf1-spine1}]';
    const [tree] = ask(SCENARIO, FEWER_FLOWS, failure, 'topology.uplinksPerSpine=2', 'fabrics=[vlan-stp]');
    const { outageNsP50, outageNsMax } = tree.migrations;
    expect(outageNsP50).toBeLessThanOrEqual(milliseconds(20));
    // the failure came 5 ms after the pause
    expect(outageNsMax! - seconds(30)).toBeGreaterThan(0);
    expect(outageNsMax! - seconds(30)).toBeLessThanOrEqual(milliseconds(30));
  });

  it('the convergence of the underlay, for what crossed a single link that failed under ECMP', () => {
    const failure = 'failures=[{at: 100005ms, link: leaf1-spine1}]';
    const lostAt = (convergence: string) => {
      const fabrics = `fabrics=[{kind: vxlan-flood-learn, convergence: ${convergence}}]`;
      return droppedFrames(ask(SCENARIO, failure, fabrics, 'duration=105s')[0], 'no_route');
    };
    const [none, some, many] = ['0s', '200ms', '2s'].map(lostAt);
    expect(none).toBe(0);
    expect(some).toBeGreaterThan(0);
    expect(many).toBeGreaterThan(some);
  });
});

describe('what does one silent host cost', () => {
  const SCENARIO = 'what-does-one-silent-host-cost';

  /** Of the frames to listeners, the share that was flooded; `vms - 2` servers have no use for one that is. */
  function floodedShares(...overrides: string[]): number[] {
    const summaries = ask(SCENARIO, 'traffic.flowsPerVmPerSecond=3', ...overrides);
    return summaries.map(({ flooding, flows }) => flooding.uselessFrames / 14 / (2 * flows.started));
  }

  it.each([
    [150, 0.9],
    [300, 0.8],
    [600, 0.6],
  ])('with an ageing time of %i s a share of %f is flooded: 1 - T_mac / T_arp', (ageingSeconds, share) => {
    const fabrics = ['vlan-stp', 'vxlan-flood-learn'].map((kind) => `{kind: ${kind}, macAgeing: ${ageingSeconds}s}`);
    for (const measured of floodedShares(`fabrics=[${fabrics.join(', ')}]`)) {
      expect(Math.abs(measured - share)).toBeLessThan(0.01);
    }
  });

  it('nothing is flooded when ARP asks before the switches forget', () => {
    expect(floodedShares('hosts.arpProfile=linux', 'duration=1000s')).toEqual([0, 0]);
    const fabrics = 'fabrics=[{kind: vlan-stp, macAgeing: 2000s}, {kind: vxlan-flood-learn, macAgeing: 2000s}]';
    expect(floodedShares(fabrics)).toEqual([0, 0]);
  });
});

describe('how long is a VM unreachable after it migrates', () => {
  const SCENARIO = 'how-long-is-a-vm-unreachable-after-it-migrates';

  const out = mkdtempSync(join(tmpdir(), 'unannounced-'));
  const results = compareFabrics(readScenario(libraryFile(SCENARIO)), { outDir: out });
  const unannounced = results.map(({ summary }) => summary);
  const outagesNs = results.map(({ folder }) =>
    readArrowFile(join(folder!, 'migrations.arrow')).column('outage_ns').values().map(Number),
  );
  rmSync(out, { recursive: true });

  it('longest where the smallest part of the network learns from what the VM says', () => {
    const [tree, leaf, hypervisor] = unannounced.map(({ migrations }) => migrations);
    for (const { done, unendedOutages, outageNsMax } of [tree, leaf, hypervisor]) {
      expect({ done, unendedOutages }).toEqual({ done: 120, unendedOutages: 0 });
      // 45 s of reachable time, 5 s of delay, 3 s of probes and an answer
      expect(outageNsMax).toBeLessThan(seconds(54));
    }
    // an exponential time: 28 of 31 peers are in other racks
    expect(tree.outageNsP50).toBeGreaterThan(seconds((0.7 * Math.LN2 * 31) / (0.5 * 28)));
    expect(tree.outageNsP50).toBeLessThan(seconds((1.3 * Math.LN2 * 31) / (0.5 * 28)));
    expect(leaf.outageNsP50).toBeGreaterThan(2 * tree.outageNsP50!);
    expect(hypervisor.outageNsP50).toBeGreaterThan(1.5 * tree.outageNsP50!);
  });

  it('no longer than the pause, where it is announced', () => {
    for (const summary of ask(SCENARIO, 'migrations.announce=rarp', 'migrations.random.count=20')) {
      const { outageNsMax, outageNsP50, misdeliveredFrames } = summary.migrations;
      expect(outageNsP50).toBeGreaterThan(PAUSE_NS);
      expect(outageNsMax).toBeLessThan(PAUSE_NS + SEEN_TO_NS);
      expect(misdeliveredFrames).toBe(0);
    }
  });

  it('and whatever was sent to it meanwhile was lost while it was paused, or at the old place', () => {
    for (const [index, summary] of unannounced.entries()) {
      const { lostFrames, misdeliveredFrames } = summary.migrations;
      expect(lostFrames - misdeliveredFrames).toBe(droppedFrames(summary, 'station_gone'));
      // a probe each 10 ms, and now and then a flow
      const probes = outagesNs[index].reduce((sum, outageNs) => sum + (outageNs - PAUSE_NS) / milliseconds(10), 0);
      expect(misdeliveredFrames / probes).toBeGreaterThan(1);
      expect(misdeliveredFrames / probes).toBeLessThan(1.05);
    }
  });
});

describe('a first look', () => {
  it('empties the spines, uses all links and moves VMs in 34 ms, at a smaller size too', () => {
    const out = mkdtempSync(join(tmpdir(), 'first-look-'));
    const overrides = ['topology.leaves=4', 'topology.spines=3', 'topology.serversPerLeaf=8'];
    const tenants = [0, 1, 2].map((tenant) => `tenants.${tenant}.vmsPerSegment=8`);
    const scenario = readScenario(libraryFile('first-look'), { overrides: [...overrides, ...tenants] });
    try {
      const [vlan, leaf, hypervisor] = compareFabrics(scenario, { outDir: out });
      const mostAt = ({ summary }: FabricResult, tier: string) =>
        Math.max(0, ...summary.macTables.filter((one) => one.tier === tier).map(({ entriesMax }) => entriesMax));
      const vms = 40 * 8;
      expect([vlan, leaf, hypervisor].map((result) => mostAt(result, 'spine'))).toEqual([vms, 0, 0]);
      expect([vlan, leaf, hypervisor].map((result) => mostAt(result, 'leaf'))).toEqual([vms, vms, 0]);
      expect(mostAt(hypervisor, 'server')).toBeLessThan(vms);
      // (4 - 1)(3 - 1) before the spine fails, (4 - 1)(2 - 1) after
      expect([vlan, leaf, hypervisor].map(({ summary }) => summary.links.blocked)).toEqual([3, 0, 0]);
      for (const { summary, folder } of [vlan, leaf, hypervisor]) {
        expect(summary.migrations.done).toBe(30);
        const rows = readArrowFile(join(folder!, 'migrations.arrow')).rows();
        // while the tree has no path, copies wait
        const undisturbed = rows.filter(({ shared_ns, stalled_ns }) => Number(shared_ns) + Number(stalled_ns) === 0);
        expect(undisturbed.length).toBeGreaterThan(10);
        for (const { start_ns, pause_ns, downtime_ns } of undisturbed) {
          // two rounds before the last: 1 + r
          expect(Math.abs(Number(pause_ns) - Number(start_ns) - PAUSE_NS * 110)).toBeLessThan(10);
          expect(Math.abs(Number(downtime_ns) - PAUSE_NS)).toBeLessThan(10);
        }
      }
      // copies wait for the tree to come back instead of VMs being paused while it is gone
      expect(vlan.summary.migrations.copyNs.max).toBeGreaterThan(seconds(20));
      expect(leaf.summary.migrations.copyNs.max).toBeLessThan(seconds(8));
      expect(leaf.summary.migrations.outageNsMax).toBeLessThan(PAUSE_NS + SEEN_TO_NS);
    } finally {
      rmSync(out, { recursive: true });
    }
  });
});
