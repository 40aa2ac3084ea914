import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PortState } from '../../../src/protocol/spanning-tree/port-states.ts';
import { Timers } from '../../../src/protocol/spanning-tree/timers.ts';
import { seconds } from '../../../src/units.ts';
import { BridgeNetwork, componentsWithoutLoop, SETTLED_NS } from './bridge-network.ts';
import { type NetworkPlan, randomNetworks, wire } from './random-network.ts';

const networks = randomNetworks({ maxWaitNs: seconds(60), maxDisturbances: 3 });

function build(plan: NetworkPlan): BridgeNetwork {
  const network = new BridgeNetwork(plan.delayNs);
  for (const priority of plan.priorities) network.addBridge({ priority });
  wire(plan, network);
  return network;
}

/** What must hold in every connected part of a network that has settled. */
function expectSpanningTree(network: BridgeNetwork): void {
  const { bridges } = network;
  const tree = componentsWithoutLoop(bridges.length, network.forwardingLinks());
  expect(tree, 'the forwarding links have no loop').not.toBeNull();
  for (const [a, b] of network.segments()) {
    expect(tree?.[a.bridge], 'whoever is linked is joined by forwarding links').toBe(tree?.[b.bridge]);
    const designated = [a, b].filter((end) => network.roleAt(end) === 'designated');
    expect(designated.length, 'designated ports of a segment').toBe(1);
    for (const end of [a, b]) {
      const forwards = ['root', 'designated'].includes(network.roleAt(end));
      expect(network.stateAt(end)).toBe(forwards ? PortState.forwarding : PortState.blocking);
    }
  }
  bridges.forEach((bridge, i) => {
    const together = bridges.filter((_, j) => tree?.[j] === tree?.[i]);
    const best = together.reduce((a, b) => (b.bridgeId < a.bridgeId ? b : a));
    expect(bridge.rootId, 'the best bridge is the root of all').toBe(best.bridgeId);
    expect(bridge.isRootBridge).toBe(bridge === best);
    expect(bridge.topologyChangeActive, 'the change is over').toBe(false);
  });
}

describe('spanning tree of any network', () => {
  it('has one root, joins all bridges without a loop, and never forwards in a loop on the way there', () => {
    fc.assert(
      fc.property(networks, (plan) => {
        const network = build(plan);
        network.afterStateChange = () => {
          const loopFree = componentsWithoutLoop(network.bridges.length, network.forwardingLinks()) !== null;
          expect(loopFree, `no loop at ${network.nowNs} ns`).toBe(true);
        };
        for (const { link, waitNs } of plan.disturbances) {
          network.runUntil(network.nowNs + waitNs);
          if (network.links.length === 0) break;
          const index = link % network.links.length;
          if (network.links[index].isUp) network.fail(index);
          else network.restore(index);
        }
        network.runUntil(network.nowNs + SETTLED_NS + seconds(35));
        expectSpanningTree(network);
      }),
      { numRuns: 150 },
    );
  });

  it('gives the lowest cost that the links allow', () => {
    fc.assert(
      fc.property(networks, (plan) => {
        const network = build(plan);
        network.runUntil(SETTLED_NS);
        const rootIndex = network.bridges.findIndex((bridge) => bridge.isRootBridge);
        expect(network.bridges.map((bridge) => bridge.rootPathCost)).toEqual(lowestCosts(plan, rootIndex));
      }),
      { numRuns: 60 },
    );
  });

  it('does the same again when run again', () => {
    fc.assert(
      fc.property(networks, (plan) => {
        const [a, b] = [build(plan), build(plan)];
        a.runUntil(seconds(50));
        for (let s = 1; s <= 50; s++) b.runUntil(seconds(s));
        expect(a.actions).toEqual(b.actions);
      }),
      { numRuns: 15 },
    );
  });
});

/** Costs of the cheapest paths to a bridge, by trying every link until nothing improves. */
function lowestCosts(plan: NetworkPlan, to: number): number[] {
  const links = [...plan.trunk.map((parent, i) => [parent, i + 1] as const), ...plan.extra];
  const costs = plan.priorities.map((_, i) => (i === to ? 0 : Number.POSITIVE_INFINITY));
  for (let round = 0; round < costs.length; round++) {
    links.forEach(([a, b], i) => {
      costs[a] = Math.min(costs[a], costs[b] + plan.costs[i]);
      costs[b] = Math.min(costs[b], costs[a] + plan.costs[i]);
    });
  }
  return costs;
}

describe('timers of a bridge', () => {
  it('always know the earliest, the lowest slot among equals', () => {
    const slotCount = 3 + 2 * 3;
    const step = fc.record({
      slot: fc.nat({ max: slotCount - 1 }),
      atNs: fc.option(fc.nat({ max: 5 })),
      ask: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const timers = new Timers();
        timers.addPort();
        timers.addPort();
        const model = Array<number>(slotCount).fill(Number.POSITIVE_INFINITY);
        for (const { slot, atNs, ask } of steps) {
          if (atNs === null) timers.stop(slot);
          else timers.start(slot, 0, atNs);
          model[slot] = atNs ?? Number.POSITIVE_INFINITY;
          if (!ask) continue;
          const earliestNs = Math.min(...model);
          expect(timers.nextDeadlineNs).toBe(earliestNs);
          if (earliestNs < Number.POSITIVE_INFINITY) expect(timers.earliestSlot).toBe(model.indexOf(earliestNs));
        }
      }),
    );
  });
});
