import { describe, expect, it } from 'vitest';
import { Outcome } from '../../src/device/observer.ts';
import { GATEWAY_MAC } from '../../src/fabric/addressing.ts';
import { seconds } from '../../src/units.ts';
import { RunningFabric } from './running-fabric.ts';
import { type SmallDatacenter, smallDatacenter, VLAN_STP, VXLAN } from './small-datacenter.ts';

/** The gateway is on the first of three leaves. VM 0…2 in one segment and 3…5 in another, a pair per leaf; 6 is a stranger. */
const LAYOUT = {
  gatewayLeaf: 0,
  tenants: [7, 7, 8],
  vms: [
    [0, 0],
    [2, 0],
    [4, 0],
    [1, 1],
    [3, 1],
    [5, 1],
    [0, 2],
  ],
} satisfies SmallDatacenter;
const PLAN = smallDatacenter(LAYOUT);

const FABRICS = [
  ['VLANs with spanning tree', VLAN_STP],
  ['VXLAN from leaves, ingress replication', VXLAN],
  ['VXLAN from leaves, multicast', { ...VXLAN, replication: 'multicast' }],
  ['VXLAN from hypervisors, ingress replication', { ...VXLAN, vteps: 'hypervisor' }],
  ['VXLAN from hypervisors, multicast', { ...VXLAN, vteps: 'hypervisor', replication: 'multicast' }],
] as const;

describe.each(FABRICS)('gateway of %s', (_name, settings) => {
  it.each([
    [0, 3],
    [0, 4],
    [4, 0],
    [1, 4],
    [2, 4],
  ])('routes VM %i to VM %i: one hop fewer to live, from its own address', (from, to) => {
    const fabric = new RunningFabric(PLAN, settings);
    const { network, servers } = fabric.devices;
    const [delivery, ...others] = fabric.datagram(from, to);
    expect(others).toEqual([]);
    expect(delivery).toMatchObject({ vm: to, ttl: 63 });
    expect(network.addresses.macOf(delivery.src)).toBe(GATEWAY_MAC);
    expect(network.addresses.segmentOf(delivery.src)).toBe(servers.segmentOf(to));
  });

  it('leaves traffic inside a segment alone', () => {
    const fabric = new RunningFabric(PLAN, settings);
    expect(fabric.datagram(0, 2)).toMatchObject([{ vm: 2, ttl: 64, src: fabric.devices.servers.addressOf(0) }]);
  });

  it('routes between the segments of one tenant, not to another tenant', () => {
    const fabric = new RunningFabric(PLAN, settings);
    expect(fabric.devices.stacks.createDatagram(6, PLAN.vmIp(0), 17, 100)).toBe(-1);
    const before = fabric.devices.network.outcomeFrames[Outcome.dropNoRoute];
    expect(fabric.datagram(0, 6)).toEqual([]);
    expect(fabric.devices.network.outcomeFrames[Outcome.dropNoRoute]).toBe(before + 1);
  });

  it('routes to another tenant too, and back, if it is let', () => {
    const plan = smallDatacenter({ ...LAYOUT, betweenTenants: true });
    const fabric = new RunningFabric(plan, settings);
    expect(fabric.datagram(0, 6)).toMatchObject([{ vm: 6, ttl: 63 }]);
    expect(fabric.datagram(6, 5)).toMatchObject([{ vm: 5, ttl: 63 }]);
  });

  it('finds its way among the interfaces of many segments', () => {
    const tenants = Array.from({ length: 100 }, () => 7);
    const plan = smallDatacenter({
      gatewayLeaf: 0,
      tenants,
      vms: tenants.map((_, segment) => [segment % 6, segment] as [number, number]),
    });
    const fabric = new RunningFabric(plan, settings);
    for (const [from, to] of [
      [0, 39],
      [39, 17],
      [17, 0],
      // records of interfaces move to a larger array when the 65th and the 97th come
      [64, 96],
      [96, 64],
    ] as const) {
      expect(fabric.datagram(from, to)).toMatchObject([{ vm: to, ttl: 63 }]);
    }
  });

  it('trusts an ARP entry for as long as it is told', () => {
    const fabric = new RunningFabric(PLAN, settings);
    fabric.datagram(0, 4);
    // VMs ask the gateway again every so often; the gateway does not ask them, so nobody broadcasts
    fabric.wait(seconds(1_000));
    expect(fabric.datagram(0, 4)).toHaveLength(1);
    expect(fabric.devices.stacks.neighbours.stateOf(fabric.gatewayEntryOf(4))).toBe(2);
    fabric.wait(seconds(14_400));
    expect(fabric.datagram(0, 4)).toHaveLength(1);
    expect(fabric.devices.stacks.neighbours.stateOf(fabric.gatewayEntryOf(4))).not.toBe(2);
  });

  it('loses no frame without counting it', () => {
    const fabric = new RunningFabric(PLAN, settings);
    for (const from of PLAN.vmServer.keys()) {
      if (from < 6) for (const to of PLAN.vmServer.keys()) if (to !== from) fabric.datagram(from, to);
    }
    fabric.wait(seconds(20.5));
    const { network } = fabric.devices;
    expect(network.frames.liveCount).toBe(0);
    expect(network.createdFrames).toBe(fabric.endedFrames());
  });
});

describe('gateway on a leaf VTEP', () => {
  /** The fabric after a first exchange of a pair, and what a second datagram does on the wires. */
  function secondDatagram(from: number, to: number) {
    const fabric = new RunningFabric(PLAN, VXLAN);
    fabric.datagram(from, to);
    fabric.datagram(to, from);
    const [{ tag }] = fabric.datagram(from, to);
    const transmissions = fabric.transmissionsOf(tag);
    const { network } = fabric.devices;
    return transmissions.map(({ port, isEncapsulated, innerSrc }) => ({
      from: network.nodeNames[network.nodeOf(port)],
      isEncapsulated,
      isFromGateway: network.addresses.macOf(innerSrc) === GATEWAY_MAC,
    }));
  }

  it('routes natively between two stations of its own leaf', () => {
    expect(secondDatagram(0, 3)).toEqual([
      { from: 'server1', isEncapsulated: false, isFromGateway: false },
      { from: 'leaf1', isEncapsulated: false, isFromGateway: true },
    ]);
  });

  it('decapsulates, routes and encapsulates anew between two remote stations', () => {
    const path = secondDatagram(1, 5);
    expect(path.map(({ isEncapsulated }) => isEncapsulated)).toEqual([false, true, true, true, true, false]);
    expect(path.map(({ isFromGateway }) => isFromGateway)).toEqual([false, false, false, true, true, true]);
    expect(path[3].from).toBe('leaf1');
  });

  it('routes between a station of its own leaf and a remote one, encapsulated on one side', () => {
    expect(secondDatagram(0, 4).map(({ isEncapsulated }) => isEncapsulated)).toEqual([false, true, true, false]);
    expect(secondDatagram(4, 0).map(({ isEncapsulated }) => isEncapsulated)).toEqual([false, true, true, false]);
  });
});

describe('gateway', () => {
  /** Two tenants with two segments each, a VM in each segment. */
  const twoTenants = smallDatacenter({
    gatewayLeaf: 0,
    tenants: [0, 0, 1, 1],
    vms: [
      [0, 0],
      [2, 1],
      [1, 2],
      [4, 3],
    ],
  });

  it.each(FABRICS)('keeps tenants apart that it serves both: %s', (_name, settings) => {
    const fabric = new RunningFabric(twoTenants, settings);
    expect(fabric.datagram(0, 1)).toHaveLength(1);
    expect(fabric.datagram(2, 3)).toHaveLength(1);
    expect(fabric.datagram(0, 2)).toEqual([]);
    expect(fabric.datagram(3, 1)).toEqual([]);
  });

  it.each([VLAN_STP, VXLAN])('forgets its neighbours with the switch that it is in', (settings) => {
    const fabric = new RunningFabric(twoTenants, settings);
    fabric.datagram(0, 1);
    expect(fabric.gatewayEntryOf(1)).toBeGreaterThanOrEqual(0);
    fabric.fabric.setSwitchUp(0, false);
    expect(fabric.gatewayEntryOf(1)).toBe(-1);
  });

  it('has no interface in the only segment of a tenant', () => {
    const fabric = new RunningFabric(PLAN, VLAN_STP);
    const { network } = fabric.devices;
    const gatewayPort = network.portNames.indexOf('leaf1 gateway');
    expect([0, 1, 2].map((segment) => network.isMember(gatewayPort, segment))).toEqual([true, true, false]);
  });
});
