import { describe, expect, it } from 'vitest';
import { PortFlag } from '../../src/device/network.ts';
import { Outcome } from '../../src/device/observer.ts';
import type { DatacenterPlan } from '../../src/fabric/plan.ts';
import { seconds } from '../../src/units.ts';
import { parseIpv4 } from '../../src/wire/ipv4-address.ts';
import { describeFabric } from './fabric.case.ts';
import { RunningFabric } from './running-fabric.ts';
import { smallDatacenter, VLAN_STP, VXLAN } from './small-datacenter.ts';

const LINUX_STP = {
  ...VLAN_STP,
  ...(VLAN_STP.spanningTree !== null && {
    spanningTree: { ...VLAN_STP.spanningTree, implementation: 'linux-6.18' as const },
  }),
};

describeFabric('VLANs with spanning tree of IEEE 802.1D', VLAN_STP);
// entries that a new tree made wrong stay until a sweep finds them, and no topology change brings the sweep forward
describeFabric('VLANs with spanning tree of Linux', LINUX_STP, { healingNs: seconds(320) });

/** One VM of one segment on the first server of each of `leafCount` racks. */
const oneVmPerRack = (leafCount: number, spineCount: number, serversPerLeaf = 1) =>
  smallDatacenter({
    leafCount,
    spineCount,
    serversPerLeaf,
    vms: Array.from({ length: leafCount * serversPerLeaf }, (_, server) => [server, 0] as const),
  });

describe('VLAN fabric', () => {
  it.each([
    [3, 2],
    [4, 4],
    [16, 4],
    [32, 4],
  ])('blocks (L - 1)(S - 1) links of %i leaves and %i spines', (leafCount, spineCount) => {
    const { fabric } = new RunningFabric(oneVmPerRack(leafCount, spineCount), VLAN_STP);
    expect(fabric.blockedLinkCount()).toBe((leafCount - 1) * (spineCount - 1));
  });

  it('blocks no link that is down', () => {
    const { fabric } = new RunningFabric(oneVmPerRack(3, 2), VLAN_STP);
    for (const link of [0, 2, 4]) fabric.setLinkUp(link, false);
    expect(fabric.blockedLinkCount()).toBe(2);
  });

  it.each([
    [3, 2, 2],
    [4, 3, 4],
    [32, 4, 1],
  ])(
    'floods over each link of the tree once: %i leaves, %i spines, %i servers a leaf',
    (leafCount, spineCount, perLeaf) => {
      const fabric = new RunningFabric(oneVmPerRack(leafCount, spineCount, perLeaf), VLAN_STP);
      const tag = fabric.send(0);
      fabric.wait(seconds(1));
      const hostCount = leafCount * perLeaf;
      const switchCount = leafCount + spineCount;
      const { network } = fabric.devices;
      const ports = fabric.transmissionsOf(tag).map(({ port }) => port);
      const fabricPorts = new Set(fabric.fabric.linkPorts.flat());
      const isIntoBlockedEnd = (port: number) =>
        fabricPorts.has(port) && !network.hasFlag(network.peerOf(port), PortFlag.forwarding);
      const treeLinks = ports
        .filter((port) => !isIntoBlockedEnd(port))
        .map((port) => Math.min(port, network.peerOf(port)));
      expect(fabric.deliveriesOf(tag)).toHaveLength(hostCount - 1);
      expect(treeLinks).toHaveLength(hostCount + switchCount - 1);
      expect(new Set(treeLinks).size).toBe(treeLinks.length);
      expect(treeLinks.length - hostCount).toBe(leafCount + spineCount - 1);
      // a designated port forwards, whoever listens: each blocked link carries a copy too, which ends at its blocked end
      expect(ports.filter(isIntoBlockedEnd)).toHaveLength((leafCount - 1) * (spineCount - 1));
    },
  );

  it('forwards on a tree of links without spanning tree, at once', () => {
    const fabric = new RunningFabric(oneVmPerRack(3, 1), { ...VLAN_STP, kind: 'vlan-no-stp', spanningTree: null });
    expect(fabric.broadcast(1)).toEqual([0, 2]);
    expect(fabric.fabric.blockedLinkCount()).toBe(0);
    expect(fabric.transmissions.every(({ tag }) => tag >= 0)).toBe(true);
  });

  /** Ids of the switches that are roots, when all is settled. */
  const rootsOf = ({ fabric, devices, plan }: RunningFabric) =>
    plan.switches
      .filter((_, index) => {
        const bridge = devices.bridges.bridgeOf(fabric.switchNodes[index]);
        return devices.spanningTrees.treeOf(bridge)?.rootPortIndex === -1;
      })
      .map(({ id }) => id);

  it('makes the switch root that the settings name, else the one with the lowest priority, else the lowest address', () => {
    const plan = oneVmPerRack(3, 2);
    const stp = VLAN_STP.spanningTree;
    if (stp === null) throw new Error('the settings have a spanning tree');
    const named = { ...VLAN_STP, spanningTree: { ...stp, rootSwitch: 'spine2' } };
    const unnamed = { ...VLAN_STP, spanningTree: { ...stp, rootSwitch: null } };
    const switches = plan.switches.map((one) => (one.id === 'leaf3' ? { ...one, stpPriority: 8192 } : one));
    expect(rootsOf(new RunningFabric(plan, named))).toEqual(['spine2']);
    expect(rootsOf(new RunningFabric({ ...plan, switches }, named))).toEqual(['spine2']);
    expect(rootsOf(new RunningFabric({ ...plan, switches }, unnamed))).toEqual(['leaf3']);
    expect(rootsOf(new RunningFabric(plan, unnamed))).toEqual(['leaf1']);
  });

  it('prefers a link with the path cost that the plan gives it', () => {
    const plan = oneVmPerRack(2, 2);
    const rootPathCost = (pathCost: number | null) => {
      const links = plan.links.map((link) => ({ ...link, pathCost }));
      const { fabric, devices } = new RunningFabric({ ...plan, links }, VLAN_STP);
      return devices.spanningTrees.treeOf(devices.bridges.bridgeOf(fabric.switchNodes[0]))?.rootPathCost;
    };
    expect(rootPathCost(7)).toBe(7);
    // IEEE 802.1D-1998, Table 8-5: 2 at 10 Gb/s
    expect(rootPathCost(null)).toBe(2);
  });

  it('numbers VLANs from 1', () => {
    const { fabric } = new RunningFabric(oneVmPerRack(1, 1), VLAN_STP);
    expect(fabric.segmentLabel(0)).toBe(1);
  });

  it('holds no more addresses than fit', () => {
    const fabric = new RunningFabric(oneVmPerRack(3, 2, 2), { ...VLAN_STP, macTableSize: 4 });
    for (let vm = 0; vm < 6; vm++) fabric.broadcast(vm);
    const { entryCounts, refusedCounts } = fabric.devices.bridges.tables;
    // the second spine lies behind one link, and learns all the same
    expect(entryCounts).toEqual([4, 4, 4, 4, 4]);
    expect(refusedCounts).toEqual([2, 2, 2, 2, 2]);
  });
});

describe('VLAN identifiers', () => {
  /** 4,100 segments of one tenant; a pair of VMs in the last that has an identifier, and in the first that has none. */
  const PLAN: DatacenterPlan = {
    ...smallDatacenter({
      gatewayLeaf: 0,
      vms: [
        [0, 4093],
        [2, 4093],
        [0, 4094],
        [2, 4094],
        [0, 4094],
      ],
    }),
    segments: Array.from({ length: 4100 }, (_, segment) => ({
      subnet: parseIpv4('10.0.0.0') + segment * 256,
      prefixLength: 24,
      tenant: 0,
    })),
    vmIp: (vm) => parseIpv4('10.0.0.1') + (vm < 2 ? 4093 : 4094) * 256 + vm,
  };

  it('are 4094: the segments beyond are refused by number', () => {
    const { fabric } = new RunningFabric(PLAN, VLAN_STP);
    expect(fabric.refusedSegments).toEqual([4094, 4095, 4096, 4097, 4098, 4099]);
    expect(fabric.segmentLabel(4093)).toBe(4094);
    expect([0, 2].map((vm) => fabric.canHost(vm, 3))).toEqual([true, false]);
  });

  it('leave a VM of a refused segment without a network, not even on its own server', () => {
    const fabric = new RunningFabric(PLAN, VLAN_STP);
    const { network } = fabric.devices;
    expect(fabric.broadcast(0)).toEqual([1]);
    const before = network.outcomeFrames[Outcome.dropVlanFiltered];
    expect(fabric.datagram(2, 4)).toEqual([]);
    const tag = fabric.send(2);
    expect(fabric.transmissionsOf(tag)).toEqual([]);
    // three ARP requests and the broadcast
    expect(network.outcomeFrames[Outcome.dropVlanFiltered]).toBe(before + 4);
    expect(network.createdFrames - network.frames.liveCount).toBe(fabric.endedFrames());
  });

  it('are no matter to VNIs', () => {
    const fabric = new RunningFabric(PLAN, VXLAN);
    expect(fabric.fabric.refusedSegments).toEqual([]);
    expect(fabric.broadcast(2)).toEqual([3, 4]);
    // the gateway serves them all
    expect(fabric.datagram(1, 3)).toMatchObject([{ vm: 3, ttl: 63 }]);
  });
});
