import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PortState } from '../../../src/protocol/spanning-tree/port-states.ts';
import { seconds } from '../../../src/units.ts';
import { componentsWithoutLoop } from '../spanning-tree/bridge-network.ts';
import { type NetworkPlan, randomNetworks, wire } from '../spanning-tree/random-network.ts';
import { RapidNetwork } from './rapid-network.ts';

const { forwarding } = PortState;
const networks = randomNetworks({ maxWaitNs: seconds(10), maxDisturbances: 3 });
const TREES = 3;

/** Bridges of a plan, each in one of some regions, with two instances beside the CIST. */
function build(plan: NetworkPlan, regionOf: (bridge: number) => number): RapidNetwork {
  const network = new RapidNetwork(plan.delayNs);
  plan.priorities.forEach((priority, i) => {
    network.addBridge({
      priority: priority * 4096,
      configurationId: `region ${regionOf(i)}`,
      // other bridges are the best in the instances
      instances: [
        { mstid: 1, priority: ((priority + i) % 3) * 4096 },
        { mstid: 2, priority: ((priority + 2 * i) % 3) * 4096 },
      ],
    });
  });
  wire(plan, network);
  return network;
}

function disturb(plan: NetworkPlan, network: RapidNetwork): void {
  for (const { link, waitNs } of plan.disturbances) {
    network.run(waitNs);
    if (network.links.length === 0) break;
    const index = link % network.links.length;
    if (network.links[index].isUp) network.fail(index);
    else network.restore(index);
  }
}

/** What must hold in each tree of a network that has settled: the links that forward join what is linked, without a loop. */
function expectTrees(network: RapidNetwork): void {
  for (let tree = 0; tree < TREES; tree++) {
    const joined = componentsWithoutLoop(network.bridges.length, network.forwardingLinks(tree));
    expect(joined, `the forwarding links of tree ${tree} have no loop`).not.toBeNull();
    for (const [a, b] of network.segments()) {
      expect(joined?.[a.bridge], `whoever is linked is joined in tree ${tree}`).toBe(joined?.[b.bridge]);
    }
  }
}

describe('multiple spanning trees of any network', () => {
  it('are a tree each, in one region', () => {
    fc.assert(
      fc.property(networks, (plan) => {
        const network = build(plan, () => 0);
        disturb(plan, network);
        network.run(seconds(80));
        expectTrees(network);
        // each has the best of the bridges for its root
        for (let tree = 0; tree < TREES; tree++) {
          const roots = network.bridges.map((_, i) => network.rapid(i)).filter((one) => one.isRootBridge(tree));
          const joined = componentsWithoutLoop(network.bridges.length, network.forwardingLinks(tree));
          expect(roots).toHaveLength(new Set(joined).size);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are a tree each, over regions of any shape', () => {
    fc.assert(
      fc.property(networks, fc.array(fc.nat({ max: 2 }), { minLength: 7, maxLength: 7 }), (plan, regions) => {
        const network = build(plan, (bridge) => regions[bridge]);
        disturb(plan, network);
        network.run(seconds(80));
        expectTrees(network);
      }),
      { numRuns: 80 },
    );
  });

  it('take what is outside a region for one bridge, so that trees of RSTP and of regions go together', () => {
    fc.assert(
      fc.property(networks, fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }), (plan, isRegional) => {
        const network = new RapidNetwork(plan.delayNs);
        plan.priorities.forEach((priority, i) => {
          network.addBridge({ priority: priority * 4096, configurationId: isRegional[i] ? 'one' : null });
        });
        wire(plan, network);
        network.run(seconds(80));
        const joined = componentsWithoutLoop(network.bridges.length, network.forwardingLinks());
        expect(new Set(joined)).toHaveProperty('size', 1);
      }),
      { numRuns: 40 },
    );
  });
});

/** Three bridges in a ring, in these regions; each instance has a root of its own. */
function ring(regions: readonly (string | null)[]): RapidNetwork {
  const network = new RapidNetwork(1000);
  for (const [i, configurationId] of regions.entries()) {
    const instances = [1, 2].map((mstid) => ({ mstid, priority: mstid === i ? 4096 : 32_768 }));
    network.addBridge({ priority: i === 0 ? 4096 : 32_768, configurationId, instances });
  }
  for (let i = 0; i < regions.length; i++) network.connect(i, (i + 1) % regions.length);
  network.run(seconds(10));
  return network;
}

const rolesOf = (network: RapidNetwork, tree: number) =>
  network.links.map(({ ends }) => ends.map((end) => network.roleAt(end, tree)).join('-'));

describe('instances of a region (802.1Q-2018, 13.4)', () => {
  it('have a root, and a blocked link, each', () => {
    const network = ring(['a', 'a', 'a']);
    expect([0, 1, 2].map((tree) => rolesOf(network, tree))).toEqual([
      ['designated-root', 'designated-alternate', 'root-designated'],
      ['root-designated', 'designated-root', 'alternate-designated'],
      ['designated-alternate', 'root-designated', 'designated-root'],
    ]);
  });

  it('change roots apart from each other, and flush apart', () => {
    const network = ring(['a', 'a', 'a']);
    const sinceNs = network.nowNs;
    network.rapid(0).setBridgePriority(0, network.nowNs, 1);
    network.run(seconds(2));
    expect(network.rapid(0).isRootBridge(1)).toBe(true);
    expect(rolesOf(network, 2)).toEqual(['designated-alternate', 'root-designated', 'designated-root']);
    const flushed = network.actions.filter(({ what, timeNs }) => what === 'flush' && timeNs >= sinceNs);
    expect(new Set(flushed.map(({ tree }) => tree))).toEqual(new Set([1]));
  });

  it('send one BPDU with a message for each (802.1Q-2018, 14.4)', () => {
    const network = ring(['a', 'a', 'a']);
    const last = network.actionsOf(0, 'bpdu').at(-1);
    expect(last?.bpdu?.rapid?.mst?.instances.map(({ mstid }) => mstid)).toEqual([1, 2]);
  });

  it('go no further than the hops that a region allows (802.1Q-2018, 13.29.33)', () => {
    const network = new RapidNetwork(1000);
    for (let i = 0; i < 9; i++) {
      network.addBridge({ priority: i === 0 ? 0 : 32_768, configurationId: 'a', maxHops: 6 });
      if (i > 0) network.connect(i - 1, i);
    }
    network.run(seconds(30));
    const root = network.rapid(0).bridgeId;
    // the root says 6 hops, and a bridge that hears of 1 left keeps nothing
    expect(network.bridges.map((_, i) => network.rapid(i).rootPriorityOf().rootId === root)).toEqual([
      true,
      true,
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('the edge of a region (802.1Q-2018, 13.12)', () => {
  it('is where an instance has the master port, which forwards with the root port of the CIST', () => {
    // bridge 0, the root of all, is outside
    const network = ring(['outside', 'a', 'a']);
    const [, end] = network.links[0].ends;
    expect([0, 1, 2].map((tree) => network.roleAt(end, tree))).toEqual(['root', 'master', 'master']);
    expect([0, 1, 2].map((tree) => network.stateAt(end, tree))).toEqual([forwarding, forwarding, forwarding]);
    // the other way out is blocked in all of them
    const [other] = network.links[2].ends;
    expect([0, 1, 2].map((tree) => network.roleAt(other, tree))).toEqual(['alternate', 'alternate', 'alternate']);
  });

  it('moves to another port when that one is lost', () => {
    const network = ring(['outside', 'a', 'a']);
    network.fail(0);
    network.run(seconds(1));
    const [end] = network.links[2].ends;
    expect([0, 1, 2].map((tree) => network.roleAt(end, tree))).toEqual(['root', 'master', 'master']);
    expect([0, 1, 2].map((tree) => network.stateAt(end, tree))).toEqual([forwarding, forwarding, forwarding]);
    expectTrees(network);
  });

  it('is passed by no message of an instance: a bridge of another region has trees of its own', () => {
    const network = ring(['a', 'b', 'b']);
    expect(network.rapid(0).isRootBridge(1)).toBe(true);
    expect(network.rapid(1).isRootBridge(1)).toBe(true);
    expect(network.rapid(2).rootPriorityOf(1).regionalRootId).toBe(network.rapid(1).rootPriorityOf(1).regionalRootId);
  });

  it('costs nothing inside: the path through a region has the external cost of its way in', () => {
    const network = ring(['outside', 'a', 'a']);
    expect([1, 2].map((i) => network.rapid(i).rootPriorityOf().externalRootPathCost)).toEqual([100, 100]);
    expect([1, 2].map((i) => network.rapid(i).rootPriorityOf().internalRootPathCost)).toEqual([0, 100]);
  });
});
