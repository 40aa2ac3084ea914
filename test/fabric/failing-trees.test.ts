import { describe, expect, it } from 'vitest';
import { bothObservers, Outcome } from '../../src/device/observer.ts';
import { PortState } from '../../src/protocol/spanning-tree/port-states.ts';
import { seconds } from '../../src/units.ts';
import { planEverywhere, treeOf } from './planned-datacenter.ts';
import { RunningFabric } from './running-fabric.ts';

const TOPOLOGY = '{leaves: 3, spines: 2, serversPerLeaf: 1}';

describe.each(['vlan-stp', 'vlan-pvst', 'vlan-rstp', 'vlan-rapid-pvst', 'vlan-mstp'] as const)(
  'a switch that fails, with the trees of %s',
  (kind) => {
    const running = new RunningFabric(planEverywhere(TOPOLOGY), treeOf(TOPOLOGY, kind), seconds(50));
    const { devices, fabric, plan } = running;
    const { network, bridges, spanningTrees } = devices;
    const spine = plan.switches.findIndex(({ id }) => id === 'spine1');
    const bridge = bridges.bridgeOf(fabric.switchNodes[spine]!);
    const statesTaken: number[] = [];
    network.observer = bothObservers(network.observer, {
      portStateChanged: (at, _port, _from, to) => {
        if (at === bridge) statesTaken.push(to);
      },
    });

    it('says nothing more, and takes no port to another state than disabled', () => {
      running.broadcast(0);
      const sentFrames = spanningTrees.counts.sentBy(bridge);
      const lostFrames = network.outcomeFrames[Outcome.dropLinkDown]!;
      statesTaken.length = 0;
      fabric.setSwitchUp(spine, false);
      running.wait(seconds(60));
      expect(new Set(statesTaken)).toEqual(new Set([PortState.disabled]));
      expect(spanningTrees.counts.sentBy(bridge)).toBe(sentFrames);
      expect(network.outcomeFrames[Outcome.dropLinkDown]).toBe(lostFrames);
      expect(running.broadcast(0)).toEqual([1, 2]);
    });

    it('takes part again as it did when it comes back', () => {
      const blocked = new RunningFabric(running.plan, treeOf(TOPOLOGY, kind), seconds(50)).fabric.blockedLinkCount();
      fabric.setSwitchUp(spine, true);
      running.wait(seconds(60));
      expect(statesTaken.filter((state) => state === PortState.forwarding).length).toBeGreaterThan(2);
      expect(fabric.blockedLinkCount()).toBe(blocked);
      expect(running.broadcast(0)).toEqual([1, 2]);
    });
  },
);
