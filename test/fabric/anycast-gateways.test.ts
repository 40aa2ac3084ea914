import { describe, expect, it } from 'vitest';
import { Outcome } from '../../src/device/observer.ts';
import { GATEWAY_MAC } from '../../src/fabric/addressing.ts';
import { seconds } from '../../src/units.ts';
import { FrameKind } from '../../src/wire/ethernet.ts';
import { APART, ASYMMETRIC, FOUR_LEAVES, L3_VNI, RoutingLeaves, SYMMETRIC, WITH_PREFIXES } from './routing-leaves.ts';
import { RunningFabric } from './running-fabric.ts';
import { smallDatacenter, VXLAN } from './small-datacenter.ts';

const dataIn = (packets: { segment: number; kind: number; leaf: string }[]) =>
  packets.filter(({ kind }) => kind === FrameKind.ip).map(({ leaf, segment }) => [leaf, segment]);
const arpIn = (packets: { segment: number; kind: number; leaf: string }[]) =>
  packets.filter(({ kind }) => kind !== FrameKind.ip).map(({ leaf, segment, kind }) => [leaf, segment, kind]);

describe('anycast gateways with asymmetric IRB', () => {
  it('ask L - 1 leaves for a host that nobody has heard of, and lose nothing', () => {
    const fabric = new RoutingLeaves(FOUR_LEAVES, ASYMMETRIC);
    const { deliveries, packets } = fabric.routed(0, 3);
    expect(deliveries).toMatchObject([{ vm: 3, ttl: 63 }]);
    expect(fabric.devices.network.addresses.macOf(deliveries[0].src)).toBe(GATEWAY_MAC);
    expect(arpIn(packets).filter(([, segment]) => segment === 1)).toEqual(
      [1, 2, 3].map(() => ['leaf1', 1, FrameKind.arpRequest]),
    );
    expect(dataIn(packets)).toEqual([['leaf1', 1]]);
    // the VM that asked for its gateway, and the answer that ended at the leaf of the one that was asked for
    expect(fabric.announced).toEqual([
      ['leaf1', FOUR_LEAVES.vmIp(0)],
      ['leaf2', FOUR_LEAVES.vmIp(3)],
    ]);
  });

  it('carry packets in the VNI of the destination, each way', () => {
    const fabric = new RoutingLeaves(FOUR_LEAVES, ASYMMETRIC);
    fabric.announceAll();
    expect(dataIn(fabric.routed(0, 3).packets)).toEqual([['leaf1', 1]]);
    expect(dataIn(fabric.routed(3, 0).packets)).toEqual([['leaf2', 0]]);
  });

  it('need every segment of a tenant at every leaf that has one of them', () => {
    const plan = smallDatacenter({
      gatewayLeaf: 0,
      leafCount: 4,
      tenants: [7, 7, 7, 8, 8],
      vms: [
        [0, 0],
        [2, 1],
        [4, 2],
        [6, 3],
        [0, 4],
      ],
    });
    const segmentsAt = (anycast: typeof ASYMMETRIC | typeof SYMMETRIC) => {
      const { devices, fabric } = new RoutingLeaves(plan, anycast);
      const tunnels = fabric.macTables.flatMap(({ kind, table }) => (kind === 'tunnel' ? [table] : []));
      return tunnels.map((tunnel) => [0, 1, 2, 3, 4].filter((segment) => devices.tunnels.serves(tunnel, segment)));
    };
    expect(segmentsAt(ASYMMETRIC)).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2],
      [0, 1, 2],
      [3, 4],
    ]);
    expect(segmentsAt(SYMMETRIC)).toEqual([[0, 4], [1], [2], [3]]);
  });

  it('give up the segments of a tenant with its last VM', () => {
    const plan = smallDatacenter({
      gatewayLeaf: 0,
      leafCount: 3,
      tenants: [7, 7],
      vms: [
        [0, 0],
        [2, 1],
        [2, 1],
      ],
    });
    const { devices, fabric } = new RoutingLeaves(plan, ASYMMETRIC);
    const [, second] = fabric.macTables.flatMap(({ kind, table }) => (kind === 'tunnel' ? [table] : []));
    const carried = () => [0, 1].filter((segment) => devices.tunnels.serves(second, segment));
    fabric.moveVm(1, 4);
    expect(carried()).toEqual([0, 1]);
    fabric.moveVm(2, 4);
    expect(carried()).toEqual([]);
    fabric.moveVm(1, 2);
    expect(carried()).toEqual([0, 1]);
  });
});

describe('anycast gateways with symmetric IRB', () => {
  it('route twice, in the L3 VNI each way', () => {
    const fabric = new RoutingLeaves(FOUR_LEAVES, SYMMETRIC);
    fabric.announceAll();
    const there = fabric.routed(0, 3);
    expect(there.deliveries).toMatchObject([{ vm: 3, ttl: 62 }]);
    expect(dataIn(there.packets)).toEqual([['leaf1', L3_VNI]]);
    expect(fabric.devices.network.addresses.macOf(there.deliveries[0].src)).toBe(GATEWAY_MAC);
    const back = fabric.routed(3, 0);
    expect(back.deliveries).toMatchObject([{ vm: 0, ttl: 62 }]);
    expect(dataIn(back.packets)).toEqual([['leaf2', L3_VNI]]);
    // no ARP crosses the fabric for hosts that announced themselves
    expect(arpIn([...there.packets, ...back.packets]).filter(([, , kind]) => kind === FrameKind.arpReply)).toEqual([]);
  });

  it('do not find a host that never said a word, until it says one', () => {
    const fabric = new RoutingLeaves(APART, SYMMETRIC);
    const before = fabric.devices.network.outcomeFrames[Outcome.dropNoRoute];
    expect(fabric.datagram(0, 1)).toEqual([]);
    expect(fabric.devices.network.outcomeFrames[Outcome.dropNoRoute]).toBe(before + 1);
    expect(fabric.datagram(1, 0)).toHaveLength(1);
    expect(fabric.datagram(0, 1)).toMatchObject([{ vm: 1, ttl: 62 }]);
  });

  it('find it where subnets are announced: a leaf of the subnet asks', () => {
    const fabric = new RoutingLeaves(APART, WITH_PREFIXES);
    for (const to of [1, 2]) {
      const { deliveries, packets } = fabric.routed(0, to);
      expect(deliveries).toMatchObject([{ vm: to, ttl: 62 }]);
      expect(dataIn(packets)[0]).toEqual(['leaf1', L3_VNI]);
      // now it has a host route, straight to its leaf
      const again = fabric.routed(0, to);
      expect(again.deliveries).toMatchObject([{ vm: to, ttl: 62 }]);
      expect(again.packets).toHaveLength(1);
    }
    fabric.wait(seconds(10));
    fabric.expectNothingLost();
  });
});

describe.each([
  ['asymmetric', ASYMMETRIC, 63],
  ['symmetric', SYMMETRIC, 62],
  ['symmetric with prefixes', WITH_PREFIXES, 62],
] as const)('anycast gateways, %s', (_name, anycast, ttl) => {
  it('route natively between two hosts of one leaf', () => {
    const fabric = new RoutingLeaves(FOUR_LEAVES, anycast);
    const { deliveries, packets } = fabric.routed(0, 1);
    expect(deliveries).toMatchObject([{ vm: 1, ttl: 63 }]);
    expect(dataIn(packets)).toEqual([]);
  });

  it('leave traffic inside a segment alone', () => {
    const fabric = new RoutingLeaves(FOUR_LEAVES, anycast);
    fabric.announce(2);
    expect(fabric.datagram(0, 2)).toMatchObject([{ vm: 2, ttl: 64, src: fabric.devices.servers.addressOf(0) }]);
  });

  it('keep tenants apart', () => {
    const plan = smallDatacenter({
      gatewayLeaf: 0,
      tenants: [0, 0, 1, 1],
      vms: [
        [0, 0],
        [2, 1],
        [1, 2],
        [3, 3],
      ],
    });
    const fabric = new RoutingLeaves(plan, anycast);
    for (const vm of [0, 1, 2, 3]) fabric.announce(vm);
    expect(fabric.datagram(0, 1)).toMatchObject([{ vm: 1, ttl }]);
    expect(fabric.datagram(2, 3)).toMatchObject([{ vm: 3, ttl }]);
    for (const [from, to] of [
      [0, 2],
      [0, 3],
      [3, 0],
    ] as const) {
      expect(fabric.datagram(from, to)).toEqual([]);
    }
  });

  it('answer for the gateway at the own leaf: no answer crosses the fabric', () => {
    const fabric = new RoutingLeaves(FOUR_LEAVES, anycast);
    const { packets } = fabric.routed(0, 1);
    expect(packets.filter(({ kind }) => kind === FrameKind.arpReply)).toEqual([]);
    expect(fabric.deliveries.filter(({ vm, kind }) => vm === 0 && kind === FrameKind.arpReply)).toHaveLength(1);
  });

  it('follow a VM that moves: its gateway has the MAC that it knows, and its host route the new leaf', () => {
    const fabric = new RoutingLeaves(FOUR_LEAVES, anycast);
    fabric.announceAll();
    expect(fabric.datagram(3, 0)).toHaveLength(1);
    fabric.fabric.moveVm(3, 7);
    fabric.announce(3);
    expect(fabric.announced.at(-1)).toEqual(['leaf4', FOUR_LEAVES.vmIp(3)]);
    const out = fabric.routed(3, 0);
    expect(out.deliveries).toMatchObject([{ vm: 0, ttl }]);
    // it did not ask for its gateway again
    expect(arpIn(out.packets)).toEqual([]);
    expect(fabric.datagram(0, 3)).toMatchObject([{ vm: 3, ttl }]);
    expect(fabric.datagram(2, 3)).toMatchObject([{ vm: 3, ttl }]);
    // two hosts of one leaf now
    expect(fabric.datagram(6, 3)).toMatchObject([{ vm: 3, ttl: 63 }]);
    fabric.wait(seconds(10));
    fabric.expectNothingLost();
  });

  it('forget with a leaf that fails', () => {
    const fabric = new RoutingLeaves(FOUR_LEAVES, anycast);
    fabric.announceAll();
    expect(fabric.anycast.hosts.entryCounts).toEqual([8, 8, 8, 8]);
    fabric.fabric.setSwitchUp(1, false);
    expect(fabric.anycast.hosts.entryCounts).toEqual([8, 0, 8, 8]);
  });
});

describe('what gateways cost', () => {
  /** Eight leaves, a VM of each of four segments behind each; all have said who they are. */
  const plan = smallDatacenter({
    gatewayLeaf: 0,
    leafCount: 8,
    serversPerLeaf: 1,
    tenants: [7, 7, 7, 7],
    vms: Array.from({ length: 32 }, (_, vm) => [vm >> 2, vm & 3] as const),
  });
  /** The same with one segment of the four behind each leaf, in turn. */
  const sparse = smallDatacenter({
    gatewayLeaf: 0,
    leafCount: 8,
    serversPerLeaf: 1,
    tenants: [7, 7, 7, 7],
    vms: Array.from({ length: 8 }, (_, vm) => [vm, vm & 3] as const),
  });

  it.each([
    [plan, ASYMMETRIC, { segments: 4, arpEntries: 32, hostRoutes: 0, prefixes: 0, vnis: 4 }],
    [plan, SYMMETRIC, { segments: 4, arpEntries: 4, hostRoutes: 28, prefixes: 0, vnis: 5 }],
    [plan, WITH_PREFIXES, { segments: 4, arpEntries: 4, hostRoutes: 28, prefixes: 4, vnis: 5 }],
    [sparse, ASYMMETRIC, { segments: 4, arpEntries: 8, hostRoutes: 0, prefixes: 0, vnis: 4 }],
    [sparse, SYMMETRIC, { segments: 1, arpEntries: 1, hostRoutes: 7, prefixes: 0, vnis: 2 }],
    [sparse, WITH_PREFIXES, { segments: 1, arpEntries: 1, hostRoutes: 7, prefixes: 4, vnis: 2 }],
  ])('in state: ARP entries of all hosts, or host routes and one VNI more (%#)', (given, anycast, use) => {
    const fabric = new RoutingLeaves(given, anycast);
    for (const vm of given.vmSegment.keys()) fabric.announce(vm);
    expect(fabric.fabric.gatewayUse()).toHaveLength(8);
    for (const leaf of fabric.fabric.gatewayUse()) expect(leaf).toMatchObject({ tier: 'leaf', ...use });
  });

  it('in bytes times hops: a detour by a third leaf crosses four links between switches, the straight way two', () => {
    const central = new RunningFabric(plan, VXLAN);
    const routing = new RoutingLeaves(plan, SYMMETRIC);
    for (const fabric of [central, routing]) {
      for (const vm of [4, 9]) fabric.devices.stacks.announce(vm);
      fabric.wait(seconds(1));
      fabric.datagram(4, 9);
      fabric.datagram(9, 4);
    }
    const crossings = (fabric: RunningFabric, from: number, to: number) => {
      const [{ tag }] = fabric.datagram(from, to, 200);
      return fabric.fabricTransmissionsOf(tag).map(({ sizeBytes }) => sizeBytes);
    };
    expect(crossings(central, 4, 9)).toEqual([250, 250, 250, 250]);
    expect(crossings(routing, 4, 9)).toEqual([250, 250]);
    // two VMs of one leaf: there and back again, or no link at all
    expect(crossings(central, 4, 5)).toEqual([250, 250, 250, 250]);
    expect(crossings(routing, 4, 5)).toEqual([]);
  });
});

it('keeps no more hosts than the hardware has room for, and counts the others', () => {
  const none = { macTable: null, learnedPerSecond: null, vtepPeers: null, vnis: null, stpLogicalPorts: null };
  const fabric = new RoutingLeaves(FOUR_LEAVES, SYMMETRIC, {
    ...VXLAN,
    hardware: { leaf: { ...none, hostEntries: 5 } },
  });
  fabric.announceAll();
  expect(fabric.anycast.hosts.entryCounts).toEqual([5, 5, 5, 5]);
  expect(fabric.anycast.hosts.refusedCounts).toEqual([3, 3, 3, 3]);
  // VM 7 has no host route; its segment is here, so it is asked for, and its answer ends at its own leaf
  expect(fabric.datagram(0, 3)).toHaveLength(1);
  expect(fabric.datagram(0, 7)).toEqual([]);
});
