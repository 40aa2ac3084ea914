import { describe, expect, it } from 'vitest';
import { bisectionBitsPerSec } from '../../src/fabric/bisection.ts';
import { planEverywhere, treeOf } from './planned-datacenter.ts';
import { RunningFabric, SETTLE_NS } from './running-fabric.ts';
import { VXLAN } from './small-datacenter.ts';

const GBPS = 1e9;

describe('the most that flows between two halves', () => {
  it('is what the narrowest place lets through, in either direction', () => {
    // two ways from 0 to 3, 10 over 1 and 4 over 2, and 3 across
    const links = [
      [0, 1, 10],
      [1, 3, 5],
      [2, 0, 4],
      [2, 3, 8],
      [2, 1, 3],
    ].map(([a, b, rateBitsPerSec]) => ({ a, b, rateBitsPerSec }));
    expect(bisectionBitsPerSec({ nodeCount: 4, links }, [0, 3])).toBe(12);
    expect(bisectionBitsPerSec({ nodeCount: 4, links }, [3, 0])).toBe(12);
  });

  it('of a single rack, or of parts that nothing joins, is nothing', () => {
    expect(bisectionBitsPerSec({ nodeCount: 2, links: [] }, [0])).toBe(0);
    expect(bisectionBitsPerSec({ nodeCount: 2, links: [] }, [0, 1])).toBe(0);
  });
});

describe('usable bisection bandwidth', () => {
  it.each([
    // half the leaves send over S uplinks of 100G each; along a tree over one each
    ['{leaves: 6, spines: 4, serversPerLeaf: 1}', 3 * 4 * 100, 3 * 100],
    ['{leaves: 5, spines: 2, serversPerLeaf: 1}', 2 * 2 * 100, 2 * 100],
    // full: k³/8 servers can send at 25G; along a tree a pod has one link up
    ['{kind: fat-tree, k: 4}', 8 * 25, 2 * 25],
    // two pods of four have 2 spines with 2 links up each; along a tree one link up
    [
      '{kind: clos-5-stage, pods: 4, leavesPerPod: 4, spinesPerPod: 2, superSpinesPerPlane: 2, serversPerLeaf: 1}',
      2 * 2 * 2 * 100,
      2 * 100,
    ],
    // what the DCI has
    ['{kind: sites, leaves: 4, spines: 2, serversPerLeaf: 1, borders: 2, dci: {rate: 10Gbps}}', 2 * 10, 10],
  ])('of %s is %i Gb/s over ECMP and %i along a spanning tree', (topology, routed, tree) => {
    const plan = planEverywhere(topology);
    const vxlan = new RunningFabric(plan, VXLAN).fabric;
    expect(vxlan.usableBisectionBitsPerSec()).toBe(routed * GBPS);
    expect(vxlan.forwardingLinkCount()).toBe(plan.links.length);
    const vlan = new RunningFabric(plan, treeOf(topology)).fabric;
    expect(vlan.usableBisectionBitsPerSec()).toBe(tree * GBPS);
    expect(vlan.forwardingLinkCount()).toBe(plan.switches.length - 1);
  });

  it('follows failures', () => {
    const topology = '{leaves: 4, spines: 2, serversPerLeaf: 1}';
    const plan = planEverywhere(topology);
    for (const [settings, before, after] of [
      [VXLAN, 400, 200],
      [treeOf(topology), 200, 200],
    ] as const) {
      const { fabric, ...running } = new RunningFabric(plan, settings);
      expect(fabric.usableBisectionBitsPerSec()).toBe(before * GBPS);
      fabric.setSwitchUp(4, false);
      running.simulation.run(running.simulation.nowNs + SETTLE_NS);
      expect(fabric.usableBisectionBitsPerSec()).toBe(after * GBPS);
      expect([fabric.forwardingLinkCount(), fabric.blockedLinkCount()]).toEqual([4, 0]);
    }
  });
});
