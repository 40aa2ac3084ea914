import { describe, expect, it } from 'vitest';
import { ALL_SEGMENTS, PORT_SHIFT, Port } from '../../src/device/network.ts';
import { Outcome } from '../../src/device/observer.ts';
import type { VlanSettings } from '../../src/fabric/vlan-fabric.ts';
import { VLAN_COUNT_MAX } from '../../src/wire/ethernet.ts';
import { planWith, scenarioWith, treeOf } from './planned-datacenter.ts';
import { RunningFabric, SETTLE_NS } from './running-fabric.ts';

const FAT_TREE = '{kind: fat-tree, k: 4}';

function fabricOf(topology: string, reach: VlanSettings['reach'], plan: Parameters<typeof planWith>) {
  return new RunningFabric(planWith(...plan), { ...treeOf(topology), reach });
}

/** Whether the trunk of a link carries a segment. */
function carries({ fabric, devices, plan }: RunningFabric, link: string, segment: number): boolean {
  const index = plan.links.findIndex(({ id }) => id === link);
  return devices.network.isMember(fabric.linkPorts[index][0], segment);
}

const trunkOf = ({ devices }: RunningFabric, port: number) =>
  devices.network.portWords[(port << PORT_SHIFT) + Port.trunk];

describe('VLANs everywhere', () => {
  it('are on every trunk, which all are the same', () => {
    const fabric = fabricOf(FAT_TREE, 'everywhere', [scenarioWith(FAT_TREE, { vmsPerSegment: [2] }), [0, 1]]);
    const ports = [...fabric.fabric.linkPorts, ...fabric.fabric.serverPorts].flat();
    for (const port of ports) expect(trunkOf(fabric, port)).toBe(ALL_SEGMENTS);
    expect(fabric.fabric.canHost(0, 15)).toBe(true);
  });
});

describe('VLANs pruned by hand', () => {
  // three VMs in pods 1, 1 and 4 of four; two in one rack; two on one server and one beside it
  const scenario = scenarioWith(FAT_TREE, { vmsPerSegment: [3, 2, 3] });
  const placement = [0, 2, 15, 4, 5, 8, 8, 9];
  const run = () => fabricOf(FAT_TREE, 'pruned', [scenario, placement]);

  it('are on the trunks that lead to their VMs', () => {
    const fabric = run();
    expect(
      ['edge1-aggregation1', 'aggregation1-core1', 'edge8-aggregation8'].map((id) => carries(fabric, id, 0)),
    ).toEqual([true, true, true]);
    expect(
      ['edge7-aggregation7', 'edge3-aggregation3', 'aggregation3-core1'].map((id) => carries(fabric, id, 0)),
    ).toEqual([false, false, false]);
    for (const { id } of fabric.plan.links) expect([id, carries(fabric, id, 1)]).toEqual([id, false]);
  });

  it('give a server the VLANs of its VMs, and servers with the same VLANs the same trunk', () => {
    const fabric = run();
    const { serverPorts } = fabric.fabric;
    const { network } = fabric.devices;
    expect([0, 1, 2].map((segment) => network.isMember(serverPorts[8][0], segment))).toEqual([false, false, true]);
    expect(trunkOf(fabric, serverPorts[8][0])).toBe(trunkOf(fabric, serverPorts[9][0]));
    expect(trunkOf(fabric, serverPorts[0][0])).not.toBe(trunkOf(fabric, serverPorts[8][0]));
    expect([1, 4, 5].map((server) => fabric.fabric.canHost(3, server))).toEqual([false, true, true]);
  });

  it('let everybody reach everybody, and nobody else hears of it', () => {
    const fabric = run();
    for (const vm of placement.keys()) expect(fabric.broadcast(vm)).toEqual(fabric.siblingsOf(vm));
    expect(fabric.devices.servers.uselessFrames).toBe(0);
    expect(fabric.datagram(0, 2)).toHaveLength(1);
  });

  it('still do when a link or a core switch is lost', () => {
    const fabric = run();
    const { links, switches } = fabric.plan;
    fabric.fabric.setLinkUp(
      links.findIndex(({ id }) => id === 'edge1-aggregation1'),
      false,
    );
    fabric.fabric.setSwitchUp(
      switches.findIndex(({ id }) => id === 'core1'),
      false,
    );
    fabric.wait(SETTLE_NS);
    for (const vm of placement.keys()) expect(fabric.broadcast(vm)).toEqual(fabric.siblingsOf(vm));
  });

  it('reach a VM that moves to a server of its VLAN, and not one that moves elsewhere', () => {
    const fabric = run();
    for (const [server, reached] of [
      [2, [1, 2]],
      [3, []],
    ] as const) {
      fabric.fabric.moveVm(0, server);
      fabric.devices.servers.announceByRarp(0);
      expect(fabric.broadcast(0)).toEqual(reached);
    }
  });

  it('lead to the gateway where their tenant needs it', () => {
    const gateway = 'gateway: {at: leaf1}\nfabrics: [vlan-stp]';
    const topology = '{leaves: 3, spines: 1, serversPerLeaf: 1}';
    const tenants = 'tenants: [{name: a, segments: 2, vmsPerSegment: 1}, {name: b, vmsPerSegment: 1}]';
    const routed = scenarioWith(topology, { tenants, more: gateway });
    const fabric = fabricOf(topology, 'pruned', [routed, [1, 2, 2]]);
    expect([0, 1, 2].map((segment) => carries(fabric, 'leaf1-spine1', segment))).toEqual([true, true, false]);
    expect(fabric.datagram(0, 1)).toMatchObject([{ vm: 1, ttl: 63 }]);
  });
});

describe('VLANs that stay in a pod', () => {
  // most VMs of the first VLAN are in the second pod; the second is torn between the first pod and the third
  const scenario = scenarioWith(FAT_TREE, { vmsPerSegment: [4, 2] });
  const placement = [4, 5, 7, 12, 0, 8];
  const run = () => fabricOf(FAT_TREE, 'pod', [scenario, placement]);

  it('are in the pod with most of their VMs, of several in the first, and count those elsewhere', () => {
    const { fabric } = run();
    expect(fabric.outOfReachVms).toEqual([3, 5]);
    expect([3, 4, 7, 8].map((server) => fabric.canHost(0, server))).toEqual([false, true, true, false]);
    expect([0, 3, 4].map((server) => fabric.canHost(5, server))).toEqual([true, true, false]);
  });

  it('are on all trunks of the pod and on none above it', () => {
    const fabric = run();
    expect(['edge3-aggregation3', 'edge4-aggregation4'].map((id) => carries(fabric, id, 0))).toEqual([true, true]);
    for (const { id } of fabric.plan.links.filter((link) => /^aggregation/.test(link.id))) {
      expect(carries(fabric, id, 0)).toBe(false);
    }
    const { serverPorts } = fabric.fabric;
    expect(new Set([4, 5, 6, 7].map((server) => trunkOf(fabric, serverPorts[server][0]))).size).toBe(1);
  });

  it('carry frames inside the pod, and drop those of a VM elsewhere at its port', () => {
    const fabric = run();
    expect(fabric.broadcast(0)).toEqual([1, 2]);
    const before = fabric.devices.network.outcomeFrames[Outcome.dropVlanFiltered];
    expect(fabric.broadcast(3)).toEqual([]);
    expect(fabric.devices.network.outcomeFrames[Outcome.dropVlanFiltered]).toBe(before + 1);
  });

  it('lead to a gateway in another pod', () => {
    const tenants = 'tenants: [{name: a, segments: 2, vmsPerSegment: 2}]';
    const routed = scenarioWith(FAT_TREE, { tenants, more: 'gateway: {at: edge1}' });
    const fabric = fabricOf(FAT_TREE, 'pod', [routed, [4, 7, 12, 15]]);
    expect(fabric.fabric.outOfReachVms).toEqual([]);
    expect(fabric.datagram(0, 3)).toMatchObject([{ vm: 3, ttl: 63 }]);
    expect(fabric.datagram(2, 1)).toMatchObject([{ vm: 1, ttl: 63 }]);
    expect(fabric.broadcast(0)).toEqual([1]);
    expect(carries(fabric, 'edge7-aggregation7', 0)).toBe(false);
  });

  it('use identifiers again in each pod', () => {
    const twice = scenarioWith(FAT_TREE, {
      tenants: `tenants: [{name: a, count: ${2 * VLAN_COUNT_MAX + 1}, vmsPerSegment: 1}]`,
    });
    // one pod has as many as it can hold, and the next one too many
    const servers = Array.from({ length: 2 * VLAN_COUNT_MAX + 1 }, (_, vm) => (vm < VLAN_COUNT_MAX ? 0 : 4));
    const { fabric } = fabricOf(FAT_TREE, 'pod', [twice, servers]);
    expect(fabric.refusedSegments).toEqual([2 * VLAN_COUNT_MAX]);
    expect(fabric.outOfReachVms).toEqual([]);
  });

  it('are everywhere in a leaf-spine, which is one pod', () => {
    const topology = '{leaves: 2, spines: 1, serversPerLeaf: 1}';
    const fabric = fabricOf(topology, 'pod', [scenarioWith(topology, { vmsPerSegment: [2] }), [0, 1]]);
    expect(trunkOf(fabric, fabric.fabric.serverPorts[0][0])).toBe(ALL_SEGMENTS);
  });
});
