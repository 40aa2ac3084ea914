import { describe, expect, it } from 'vitest';
import { OUTSIDE_HOST_IP } from '../../src/fabric/addressing.ts';
import type { VlanSettings } from '../../src/fabric/vlan-fabric.ts';
import type { VxlanSettings } from '../../src/fabric/vxlan-fabric.ts';
import { seconds } from '../../src/units.ts';
import { IpProtocol } from '../../src/wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../../src/wire/frame-pool.ts';
import { planWith, scenarioWith } from './planned-datacenter.ts';
import { RunningFabric } from './running-fabric.ts';
import { EVPN, FRR_EVPN, rapidVlans, VLAN_MLAG, VLAN_STP, VXLAN } from './small-datacenter.ts';

const RFC: VxlanSettings = { ...EVPN, evpn: { ...FRR_EVPN, implementation: 'rfc-7432' } };
const ASYMMETRIC: VxlanSettings = { ...RFC, anycast: { irb: 'asymmetric', subnetPrefixes: false } };
const SYMMETRIC: VxlanSettings = { ...RFC, anycast: { irb: 'symmetric', subnetPrefixes: false } };

/** Four leaves, a server on each, and two tenants with a VM of two segments on every server; the last two are borders. */
function fabricWith(settings: VlanSettings | VxlanSettings, at = 'leaf3, leaf4') {
  const scenario = scenarioWith('{leaves: 4, spines: 2, serversPerLeaf: 1}', {
    tenants: 'tenants: [{name: a, count: 2, segments: 2, vmsPerSegment: 4}]',
    more: `gateway: {at: leaf1}\noutside: {at: [${at}]}`,
  });
  const servers = Array.from({ length: 16 }, (_, vm) => vm % 4);
  const running = new RunningFabric(planWith(scenario, servers), settings);
  for (const vm of servers.keys()) running.devices.stacks.announce(vm);
  running.wait(seconds(2));
  return running;
}

/** Sends a datagram of each VM to the host outside, which answers, and returns the border of each that came back. */
function bordersOf(running: RunningFabric): (string | null)[] {
  const { devices, fabric, plan } = running;
  const { network, stacks } = devices;
  const borders: (string | null)[] = Array(plan.vmServer.length).fill(null);
  const answered: (string | null)[] = [...borders];
  stacks.receiver = (ipInterface, frame) => {
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    const vm = words[f + Frame.tag] - 1000;
    if (vm < 0) return false;
    if (ipInterface < plan.vmServer.length) {
      if (ipInterface === vm && words[f + Frame.senderIp] === (OUTSIDE_HOST_IP | 0)) answered[vm] = borders[vm];
      return false;
    }
    const host = fabric.outside!.hostBehind(ipInterface);
    const station = stacks.placeOf(ipInterface, devices.servers);
    const server = devices.servers.serverOf(station);
    borders[vm] = network.nodeNames[server];
    const answer = stacks.createDatagram(stacks.stackOf(host), words[f + Frame.senderIp] >>> 0, IpProtocol.tcp, 100);
    network.frames.words[(answer << FRAME_SHIFT) + Frame.senderIp] = OUTSIDE_HOST_IP | 0;
    network.frames.words[(answer << FRAME_SHIFT) + Frame.tag] = 1000 + vm;
    stacks.send(stacks.stackOf(host), answer);
    return false;
  };
  for (const vm of borders.keys()) {
    const frame = stacks.createDatagram(stacks.stackOf(vm), OUTSIDE_HOST_IP, IpProtocol.tcp, 200);
    network.frames.words[(frame << FRAME_SHIFT) + Frame.tag] = 1000 + vm;
    stacks.send(stacks.stackOf(vm), frame);
  }
  running.wait(seconds(5));
  return answered;
}

describe('routers to the outside', () => {
  it.each<[string, VlanSettings | VxlanSettings]>([
    ['VLANs with spanning tree', VLAN_STP],
    ['VLANs with a rapid spanning tree each', rapidVlans('rapid-pvst')],
    ['VLANs over pairs of switches', VLAN_MLAG],
    ['VXLAN, flood and learn', VXLAN],
    ['EVPN, central gateway', RFC],
    ['EVPN, asymmetric IRB', ASYMMETRIC],
    ['EVPN, symmetric IRB', SYMMETRIC],
  ])('are reached from every VM, and reach it: %s', (_name, settings) => {
    const borders = bordersOf(fabricWith(settings));
    expect(borders.filter((border) => border === null)).toEqual([]);
    expect(new Set(borders)).toEqual(new Set(['outside1', 'outside2']));
  });

  it.each<[string, VlanSettings | VxlanSettings]>([
    ['VLANs with spanning tree', VLAN_STP],
    ['VXLAN, flood and learn', VXLAN],
    ['EVPN, symmetric IRB', SYMMETRIC],
  ])('are sent no flood of a tenant, whose segments end at the border: %s', (_name, settings) => {
    const running = fabricWith(settings);
    const { plan, fabric } = running;
    const outsidePorts = new Set(fabric.outside!.ports.map(({ ports: [port] }) => port));
    for (const vm of plan.vmServer.keys()) {
      const tag = running.send(vm);
      running.wait(seconds(1));
      expect(running.deliveriesOf(tag)).toHaveLength(3);
      expect(running.transmissionsOf(tag).filter(({ port }) => outsidePorts.has(port))).toEqual([]);
    }
  });

  it('are left by the nearest way where leaves route: a border sends to its own', () => {
    for (const settings of [ASYMMETRIC, SYMMETRIC]) {
      const borders = bordersOf(fabricWith(settings));
      const at = (leaf: number) => borders.filter((_, vm) => vm % 4 === leaf);
      expect(new Set(at(2))).toEqual(new Set(['outside1']));
      expect(new Set(at(3))).toEqual(new Set(['outside2']));
    }
  });

  it('stand in for one another by default routes of type 5: symmetric IRB', () => {
    const running = fabricWith(SYMMETRIC);
    const prefixesAt = () => running.fabric.gatewayUse().map(({ prefixes }) => prefixes);
    // a default route of each of two tenants, from another leaf
    expect(prefixesAt()).toEqual([2, 2, 2, 2]);
    running.fabric.setSwitchUp(3, false);
    running.wait(seconds(2));
    expect(prefixesAt().slice(0, 3)).toEqual([2, 2, 0]);
    const others = [...running.plan.vmServer.keys()].filter((vm) => vm % 4 !== 3);
    const borders = bordersOf(running);
    expect(new Set(others.map((vm) => borders[vm]))).toEqual(new Set(['outside1']));
    running.fabric.setSwitchUp(3, true);
    running.wait(seconds(5));
    expect(prefixesAt()).toEqual([2, 2, 2, 2]);
    expect(new Set(bordersOf(running))).toEqual(new Set(['outside1', 'outside2']));
  });

  it('are known to every leaf of their tenants with asymmetric IRB, and to none but their border with symmetric', () => {
    const entriesAt = (settings: VxlanSettings) =>
      fabricWith(settings)
        .fabric.gatewayUse()
        .map(({ segments, arpEntries, hostRoutes }) => [segments, arpEntries, hostRoutes]);
    // two segments and one to the outside of each tenant; sixteen VMs and two routers in two segments
    expect(entriesAt(ASYMMETRIC)).toEqual(Array(4).fill([6, 16 + 4, 0]));
    // its four VMs, at a border with its router in two segments; the others as host routes
    expect(entriesAt(SYMMETRIC)).toEqual([
      [4, 4, 12 + 4],
      [4, 4, 12 + 4],
      [6, 4 + 2, 12 + 2],
      [6, 4 + 2, 12 + 2],
    ]);
  });

  it('share one segment where the gateway routes between tenants', () => {
    const scenario = scenarioWith('{leaves: 2, spines: 1, serversPerLeaf: 1}', {
      tenants: 'tenants: [{name: a, count: 2, segments: 2, vmsPerSegment: 1}]',
      more: 'gateway: {at: leaf1, betweenTenants: true}\noutside: {at: [leaf2]}',
    });
    const plan = planWith(scenario, [0, 1, 0, 1]);
    expect(plan.outside).toMatchObject({ switchIndices: [1], transitSegments: [4] });
    expect(bordersOf(new RunningFabric(plan, VXLAN))).toEqual(Array(4).fill('outside1'));
  });
});
