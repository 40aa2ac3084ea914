import { describe, expect, it } from 'vitest';
import { TrafficClass } from '../../src/device/observer.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { describeFabric } from './fabric.case.ts';
import { RunningFabric } from './running-fabric.ts';
import { rapidVlans, smallDatacenter, VLAN_STP } from './small-datacenter.ts';

describeFabric('VLANs with rapid spanning tree', rapidVlans('rstp'), { healingNs: seconds(1) });
describeFabric('VLANs with a rapid spanning tree each', rapidVlans('rapid-pvst'), { healingNs: seconds(1) });
describeFabric('VLANs with multiple spanning trees', rapidVlans('mstp'), { healingNs: seconds(1) });

/** One VM of each of `segments` on the first server of each of three racks. */
const plan = (segments: number, leafCount = 3, spineCount = 2) =>
  smallDatacenter({
    leafCount,
    spineCount,
    serversPerLeaf: 1,
    tenants: Array.from({ length: segments }, () => 0),
    vms: Array.from({ length: segments * leafCount }, (_, vm) => [Math.floor(vm / segments), vm % segments] as const),
  });

/** Frames that crossed links at a spine for one broadcast of a VM. */
function spinesCrossed(fabric: RunningFabric, vm: number): string[] {
  const tag = fabric.send(vm);
  fabric.wait(milliseconds(100));
  const { network } = fabric.devices;
  const senders = fabric.fabricTransmissionsOf(tag).map(({ port }) => network.nodeNames[network.nodeOf(port)]);
  return [...new Set(senders.filter((name) => name.startsWith('spine')))].sort();
}

describe('VLANs with rapid spanning tree', () => {
  it('forward within milliseconds of the start, where classic ones take half a minute', () => {
    const running = new RunningFabric(plan(1), rapidVlans('rstp'), milliseconds(1));
    expect(running.broadcast(0)).toEqual([1, 2]);
    const classic = new RunningFabric(plan(1), VLAN_STP, seconds(29));
    expect(classic.broadcast(0)).toEqual([]);
  });

  it('lose nothing for longer than a moment when a spine is lost', () => {
    const fabric = new RunningFabric(plan(1), rapidVlans('rstp'));
    fabric.datagram(0, 2);
    fabric.fabric.setSwitchUp(
      fabric.plan.switches.findIndex(({ id }) => id === 'spine1'),
      false,
    );
    fabric.wait(milliseconds(1));
    expect(fabric.broadcast(0)).toEqual([1, 2]);
    expect(fabric.fabric.blockedLinkCount()).toBe(0);
  });

  it('keep what is learned at edge ports, and forget what is behind the others', () => {
    const fabric = new RunningFabric(plan(1), rapidVlans('rstp'));
    for (const vm of [0, 1, 2]) fabric.broadcast(vm);
    const { tables } = fabric.devices.bridges;
    expect(tables.entryCounts[0]).toBe(3);
    fabric.fabric.setLinkUp(0, false);
    fabric.wait(milliseconds(1));
    // leaf1 keeps its own server's address
    expect(tables.entryCounts[0]).toBe(1);
  });

  it('wait for nobody at ports to servers that are edges, and three seconds at those that are not', () => {
    const network = (edgePorts: boolean, waitNs: number) =>
      new RunningFabric(plan(1), rapidVlans('rstp', { edgePorts }), waitNs).broadcast(0);
    expect(network(true, milliseconds(10))).toEqual([1, 2]);
    expect(network(false, seconds(1))).toEqual([]);
    expect(network(false, seconds(4))).toEqual([1, 2]);
  });
});

describe.each(['rapid-pvst', 'mstp'] as const)('VLANs that share the roots, %s', (protocol) => {
  it('go over one spine each, in turn', () => {
    const fabric = new RunningFabric(plan(4), rapidVlans(protocol));
    expect([0, 1, 2, 3].map((vm) => spinesCrossed(fabric, vm))).toEqual([
      ['spine1'],
      ['spine2'],
      ['spine1'],
      ['spine2'],
    ]);
  });

  it('use every link between them, of which each blocks some', () => {
    const fabric = new RunningFabric(plan(2), rapidVlans(protocol));
    const { fabric: built } = fabric;
    expect([built.blockedLinkCount(), built.forwardingLinkCount()]).toEqual([0, 6]);
    const alone = new RunningFabric(plan(2), rapidVlans('rstp')).fabric;
    expect([alone.blockedLinkCount(), alone.forwardingLinkCount()]).toEqual([2, 4]);
    expect(built.usableBisectionBitsPerSec()).toBe(2 * alone.usableBisectionBitsPerSec());
  });

  it('have paths of their own', () => {
    const fabric = new RunningFabric(plan(2), rapidVlans(protocol));
    const { network } = fabric.devices;
    const spineOf = (segment: number) => {
      const path = fabric.fabric.pathBetweenServers(0, 2, 0, segment) ?? [];
      return [...path].map((port) => network.nodeNames[network.nodeOf(port)]).find((name) => name.startsWith('spine'));
    };
    expect([spineOf(0), spineOf(1)]).toEqual(['spine1', 'spine2']);
  });

  it('are forgotten alone when only their tree changes', () => {
    const fabric = new RunningFabric(plan(2), rapidVlans(protocol));
    for (const vm of fabric.plan.vmServer.keys()) fabric.broadcast(vm);
    const { addresses } = fabric.devices.network;
    const { tables } = fabric.devices.bridges;
    const known = () => {
      const counts = [0, 0];
      tables.forEachLearned(0, (address) => counts[addresses.segmentOf(address)]++);
      return counts;
    };
    expect(known()).toEqual([3, 3]);
    // leaf3 loses spine1: the first VLAN's way there leads over spine2 and another leaf
    fabric.fabric.setLinkUp(4, false);
    fabric.wait(milliseconds(1));
    const [first, second] = known();
    expect(first).toBeLessThan(3);
    expect(second).toBe(3);
  });

  it('all go over the other spine when one is lost, and no frame goes in a circle', () => {
    const fabric = new RunningFabric(plan(2), rapidVlans(protocol));
    fabric.fabric.setSwitchUp(
      fabric.plan.switches.findIndex(({ id }) => id === 'spine1'),
      false,
    );
    fabric.wait(milliseconds(10));
    for (const vm of fabric.plan.vmServer.keys()) expect(fabric.broadcast(vm)).toEqual(fabric.siblingsOf(vm));
  });
});

describe('VLANs with a rapid spanning tree each', () => {
  it('send the BPDUs of every VLAN, in frames of 68 bytes with their tag', () => {
    const counted = (segments: number, settings: ReturnType<typeof rapidVlans>) => {
      const fabric = new RunningFabric(plan(segments), settings);
      const { network, spanningTrees } = fabric.devices;
      const [port] = fabric.fabric.serverPorts[0];
      const before = [
        spanningTrees.counts.sentBy(0),
        network.classFrames(port, TrafficClass.control),
        network.classBytes(port, TrafficClass.control),
      ];
      fabric.wait(seconds(20));
      const after = [
        spanningTrees.counts.sentBy(0),
        network.classFrames(port, TrafficClass.control),
        network.classBytes(port, TrafficClass.control),
      ];
      return after.map((value, i) => value - before[i]);
    };
    const [sent, frames, bytes] = counted(1, rapidVlans('rstp'));
    expect([frames, bytes]).toEqual([10, 600]);
    const each = counted(50, rapidVlans('rapid-pvst'));
    expect(each.slice(1)).toEqual([500, 34_000]);
    // leaf1 is designated to its server, and to the spine that is not the root
    expect([sent, each[0]]).toEqual([20, 1000]);
  });

  it('refuses VLANs beyond the logical ports of a switch', () => {
    const limits = { macTable: null, learnedPerSecond: null, vtepPeers: null, vnis: null, hostEntries: null };
    const settings = { ...rapidVlans('rapid-pvst'), hardware: { leaf: { ...limits, stpLogicalPorts: 9 } } };
    const fabric = new RunningFabric(plan(4), settings);
    // a leaf has 2 uplinks and a server: three ports for each VLAN
    expect(fabric.fabric.refusedSegments).toEqual([3]);
    expect(fabric.fabric.hardwareUse()[0]).toMatchObject({ owner: 'leaf1', used: 9, limit: 9, refused: ['4'] });
    expect(fabric.broadcast(0)).toEqual(fabric.siblingsOf(0));
    expect(fabric.broadcast(3)).toEqual([]);
  });
});

describe('multiple spanning trees', () => {
  it('put VLANs where they are told', () => {
    const instances = [
      { vlans: [[2, 3]] as const, rootSwitch: 'spine2' },
      { vlans: [[4, 4]] as const, rootSwitch: 'spine1' },
    ];
    const fabric = new RunningFabric(plan(4), rapidVlans('mstp', { instances }));
    expect([0, 1, 2, 3].map((vm) => spinesCrossed(fabric, vm))).toEqual([
      ['spine1'],
      ['spine2'],
      ['spine2'],
      ['spine1'],
    ]);
  });

  it('send one BPDU for all instances: 102 octets and 16 for each', () => {
    const fabric = new RunningFabric(plan(2), rapidVlans('mstp'));
    const [port] = fabric.fabric.serverPorts[0];
    const { network } = fabric.devices;
    const frames = network.classFrames(port, TrafficClass.control);
    const bytes = network.classBytes(port, TrafficClass.control);
    expect(bytes / frames).toBe(14 + 3 + 102 + 2 * 16);
  });
});
