import { describe, expect, it } from 'vitest';
import { bothObservers } from '../../src/device/observer.ts';
import { seconds } from '../../src/units.ts';
import { describeFabric } from './fabric.case.ts';
import { planEverywhere, treeOf } from './planned-datacenter.ts';
import { RunningFabric } from './running-fabric.ts';

const TOPOLOGY = '{leaves: 3, spines: 2, serversPerLeaf: 1}';

describeFabric('VLANs with a classic spanning tree each', treeOf(TOPOLOGY, 'vlan-pvst'), { healingNs: seconds(51) });

/** Two VLANs over three leaves and two spines: one of a VM on every server, one of the first server and the last. */
function start(waitNs = seconds(40)): RunningFabric {
  return new RunningFabric(planEverywhere(TOPOLOGY), treeOf(TOPOLOGY, 'vlan-pvst'), waitNs);
}

/** How many addresses of each VLAN the first leaf knows. */
function known({ devices }: RunningFabric): number[] {
  const counts = [0, 0];
  devices.bridges.tables.forEachLearned(0, (address) => counts[devices.network.addresses.segmentOf(address)]++);
  return counts;
}

describe('VLANs with a classic spanning tree each', () => {
  it('forward after twice the forward delay', () => {
    expect(start(seconds(29)).broadcast(0)).toEqual([]);
    expect(start(seconds(31)).broadcast(0)).toEqual([1, 2]);
  });

  it('share the roots, so that no link is blocked for both', () => {
    const { fabric, devices } = start();
    const { network } = devices;
    const spineOf = (segment: number) => {
      const path = fabric.pathBetweenServers(0, 2, 0, segment) ?? [];
      return [...path].map((port) => network.nodeNames[network.nodeOf(port)]).find((name) => name.startsWith('spine'));
    };
    expect([spineOf(0), spineOf(1)]).toEqual(['spine1', 'spine2']);
    expect([fabric.blockedLinkCount(), fabric.forwardingLinkCount()]).toEqual([0, 6]);
  });

  it('send a BPDU each, a hello time apart, on each of their ports', () => {
    const running = start();
    const { counts } = running.devices.spanningTrees;
    const sent = () => running.fabric.switchNodes.reduce((sum, _, bridge) => sum + counts.sentBy(bridge), 0);
    const before = sent();
    running.transmissions.length = 0;
    running.wait(seconds(20));
    // per VLAN: 6 links from their designated ends, and the ports of 3 servers
    expect(sent() - before).toBe(10 * (2 * 6 + 3 + 3));
    // without FCS and tag
    expect(new Set(running.transmissions.map(({ sizeBytes }) => sizeBytes))).toEqual(new Set([64]));
  });

  it('age by the forward delay while the topology of their own tree changes, and of no other', () => {
    const running = start(seconds(100));
    for (const vm of running.plan.vmServer.keys()) running.broadcast(vm);
    expect(known(running)).toEqual([3, 2]);
    running.wait(seconds(20));
    // the VLAN of the third leaf that loses its way to spine1 follows by spine2; the other tree has no port there in use
    running.fabric.setLinkUp(4, false);
    running.wait(seconds(20));
    expect(known(running)).toEqual([3, 2]);
    running.wait(seconds(25));
    const [changed, same] = known(running);
    expect(changed).toBeLessThan(3);
    expect(same).toBe(2);
  });

  it.each([
    ['spine1', 0],
    ['spine2', 1],
  ])('tell that the topology changed of the tree whose way to %s is lost', (spine, changed) => {
    const running = start(seconds(100));
    const trees = new Set<number>();
    const { network } = running.devices;
    network.observer = bothObservers(network.observer, {
      topologyChangeChanged: (_bridge, _isActive, tree) => trees.add(tree),
    });
    running.fabric.setLinkUp(
      running.plan.links.findIndex(({ id }) => id === `leaf3-${spine}`),
      false,
    );
    running.wait(seconds(60));
    expect([...trees]).toEqual([changed]);
  });
});
