import { describe, expect, it } from 'vitest';
import { microseconds, milliseconds, seconds } from '../../src/units.ts';
import { FrameKind } from '../../src/wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../../src/wire/frame-pool.ts';
import { FlowSizeDistribution } from '../../src/workload/flow-size-distribution.ts';
import { type EndedFlow, Traffic, type TrafficParameters } from '../../src/workload/traffic.ts';
import { type BridgedDatacenter, bridgedDatacenter } from './bridged-datacenter.ts';

/** Data of a full frame at an MTU of 1500 bytes: behind a TCP header, and behind that of UDP. */
const FRAME_DATA = 1460;
const DATAGRAM_DATA = 1472;

function addTraffic(datacenter: BridgedDatacenter, changed: Partial<TrafficParameters> = {}) {
  const { devices, datagrams, pauses, peers, streams, vmSegments } = datacenter;
  const ended: EndedFlow[] = [];
  const traffic = new Traffic({
    network: devices.network,
    stacks: devices.stacks,
    datagrams,
    pauses,
    peers,
    isSilent: new Uint8Array(vmSegments.length),
    flowsPerVmPerSecond: 0,
    interSegmentRatio: 0,
    sizes: new FlowSizeDistribution([{ sizeBytes: 100_000, probability: 1 }]),
    flowRateBitsPerSec: 1e9,
    framesPerTrainMax: 16,
    mtuBytes: 1500,
    streams,
    onFlowEnd: (flow) => ended.push(flow),
    ...changed,
  });
  return { traffic, ended };
}

/** Two VMs on two servers, and what crosses the first server's wire of IP: > from it, < to it. */
function pair(changed: Partial<TrafficParameters> = {}) {
  const datacenter = bridgedDatacenter({ serverRacks: [0, 1], vmServers: [0, 1] });
  const { simulation, devices, serverNodes } = datacenter;
  const { network, servers } = devices;
  const wire: { timeNs: number; what: string }[] = [];
  const see = (direction: string) => (port: number, frame: number) => {
    if (port !== servers.uplinkOf(serverNodes[0]!)) return;
    const { words } = network.frames;
    const f = frame << FRAME_SHIFT;
    const isIp = words[f + Frame.kind] === FrameKind.ip;
    const what = isIp ? `${words[f + Frame.count]}x${words[f + Frame.sizeBytes]}` : 'arp';
    wire.push({ timeNs: simulation.nowNs, what: `${direction}${what}` });
  };
  network.tap = { sent: see('>'), received: see('<') };
  const cutOff = (isCut: boolean) => devices.setAdminUp(servers.uplinkOf(serverNodes[1]!), !isCut);
  return { ...datacenter, ...addTraffic(datacenter, changed), wire, cutOff };
}

describe('a flow', () => {
  it('asks by one frame, is answered by one, and sends full frames in trains and the rest alone', () => {
    const { simulation, traffic, wire } = pair();
    traffic.startFlow(0, 1, 20 * FRAME_DATA + 500);
    simulation.run(seconds(5));
    const sent = wire.map(({ what }) => what).filter((what) => what.startsWith('>') && what !== '>arp');
    expect(sent).toEqual(['>1x100', '>16x1514', '>4x1514', '>1x554']);
  });

  it.each([
    { framesPerTrainMax: 16, acknowledged: ['<4x60', '<1x60'] },
    { framesPerTrainMax: 5, acknowledged: ['<3x60', '<1x60', '<1x60'] },
    { framesPerTrainMax: 3, acknowledged: ['<2x60', '<1x60', '<1x60', '<1x60'] },
    { framesPerTrainMax: 1, acknowledged: ['<1x60', '<1x60', '<1x60', '<1x60', '<1x60'] },
  ])('is acknowledged by half as many frames as it has, whatever the trains: $framesPerTrainMax', (trains) => {
    const { framesPerTrainMax, acknowledged } = trains;
    const { simulation, traffic, wire } = pair({ framesPerTrainMax });
    traffic.startFlow(0, 1, 8 * FRAME_DATA + 1);
    simulation.run(seconds(5));
    const received = wire.map(({ what }) => what).filter((what) => what.startsWith('<') && what !== '<arp');
    expect(received).toEqual(['<1x100', ...acknowledged]);
  });

  it('has short frames as they are where they meet no wire before they are encapsulated', () => {
    const { simulation, devices, traffic, wire } = pair();
    devices.stacks.minFrameBytes = 0;
    traffic.startFlow(0, 1, 2 * FRAME_DATA + 1);
    simulation.run(seconds(5));
    const sizes = wire.map(({ what }) => what).filter((what) => !what.endsWith('arp'));
    // headers of Ethernet, IPv4 and TCP: 14, 20 and 20
    expect(sizes).toEqual(['>1x100', '<1x100', '>2x1514', '<1x54', '>1x55', '<1x54']);
  });

  it('keeps its pace from train to train', () => {
    const { simulation, traffic, wire } = pair();
    traffic.startFlow(0, 1, 40 * FRAME_DATA);
    simulation.run(seconds(5));
    const trains = wire.filter(({ what }) => what.endsWith('x1514') && what.startsWith('>'));
    // 16 frames of 1514 bytes at 1 Gb/s
    const gapNs = 16 * 1514 * 8;
    expect(trains.map(({ timeNs }) => timeNs - trains[0]!.timeNs)).toEqual([0, gapNs, 2 * gapNs]);
  });

  it('has finished when its last byte is delivered, and leaves nothing behind', () => {
    const { simulation, devices, traffic, ended } = pair();
    traffic.startFlow(0, 1, 100_000);
    expect(traffic.activeFlows).toBe(1);
    simulation.run(seconds(10));
    expect(ended).toMatchObject([{ sourceVm: 0, targetVm: 1, deliveredBytes: 100_000, outcome: 'finished' }]);
    expect(ended[0]!.endNs).toBeLessThan(milliseconds(1));
    expect(traffic).toMatchObject({ startedFlows: 1, finishedFlows: 1, failedFlows: 0, incompleteFlows: 0 });
    expect(traffic).toMatchObject({ offeredBytes: 100_000, deliveredBytes: 100_000, activeFlows: 0 });
    expect(devices.network.frames.liveCount).toBe(0);
  });

  it('repeats its request after 1, 2 and 4 s and fails 8 s later when nobody answers (RFC 6298)', () => {
    const { simulation, traffic, wire, ended, cutOff } = pair();
    traffic.startFlow(0, 1, 1000);
    simulation.run(seconds(1));
    cutOff(true);
    wire.length = 0;
    traffic.startFlow(0, 1, 1000);
    simulation.run(seconds(30));
    const requests = wire.filter(({ what }) => what === '>1x100').map(({ timeNs }) => timeNs - seconds(1));
    expect(requests).toEqual([0, seconds(1), seconds(3), seconds(7)]);
    expect(ended[1]).toMatchObject({ outcome: 'failed', deliveredBytes: 0, endNs: seconds(16) });
    expect(traffic).toMatchObject({ finishedFlows: 1, failedFlows: 1, activeFlows: 0 });
  });

  it('goes on when a repeated request is answered', () => {
    const { simulation, traffic, ended, cutOff } = pair();
    traffic.startFlow(0, 1, 1000);
    simulation.run(seconds(1));
    cutOff(true);
    traffic.startFlow(0, 1, 1000);
    simulation.run(seconds(3));
    cutOff(false);
    simulation.run(seconds(10));
    expect(ended[1]).toMatchObject({ outcome: 'finished', deliveredBytes: 1000 });
    // its third request, 3 s after the first
    expect(ended[1]!.endNs - seconds(4)).toBeLessThan(milliseconds(1));
    expect(ended[1]!.endNs).toBeGreaterThan(seconds(4));
  });

  it('sends on whatever is lost, and ends incomplete a second after its last train', () => {
    const { simulation, traffic, ended, cutOff } = pair();
    traffic.startFlow(0, 1, 16 * FRAME_DATA * 10);
    simulation.run(microseconds(500));
    cutOff(true);
    simulation.run(microseconds(900));
    cutOff(false);
    simulation.run(seconds(10));
    expect(ended).toMatchObject([{ outcome: 'incomplete' }]);
    const lostTrains = 10 - ended[0]!.deliveredBytes / (16 * FRAME_DATA);
    // 193.8 us from train to train: two or three of them in 400 us
    expect([2, 3]).toContain(lostTrains);
    expect(traffic).toMatchObject({ incompleteFlows: 1, activeFlows: 0 });
  });

  it('to a silent VM goes one way, without answers or acknowledgements', () => {
    const { simulation, traffic, wire, ended } = pair({ isSilent: Uint8Array.of(0, 1) });
    traffic.startFlow(0, 1, 10 * DATAGRAM_DATA + 500);
    simulation.run(seconds(5));
    const what = wire.map((seen) => seen.what);
    // 14 bytes of Ethernet, 20 of IP and 8 of UDP
    expect(what.filter((one) => !one.endsWith('arp'))).toEqual(['>1x100', '>10x1514', '>1x542']);
    expect(what).toContain('<arp');
    expect(ended).toMatchObject([{ outcome: 'finished', deliveredBytes: 10 * DATAGRAM_DATA + 500 }]);
  });

  it('waits while its source is paused', () => {
    const { simulation, traffic, wire, pauses, ended } = pair();
    traffic.startFlow(0, 1, 40 * FRAME_DATA);
    simulation.run(microseconds(100));
    const before = wire.length;
    pauses.pause(0, milliseconds(50));
    simulation.run(milliseconds(50) - 1);
    expect(wire.slice(before).filter(({ what }) => what.startsWith('>'))).toEqual([]);
    pauses.resume(0);
    simulation.run(seconds(5));
    expect(ended).toMatchObject([{ outcome: 'finished', deliveredBytes: 40 * FRAME_DATA }]);
  });

  it('confirms its next hop by acknowledgements, so that its source asks for it once (RFC 4861, 7.3.1)', () => {
    // 120 s of data; an entry that nobody confirms is asked for again after 30 + 5 s
    const { simulation, traffic, wire } = pair({ flowRateBitsPerSec: 1e6 });
    traffic.startFlow(0, 1, 15e6);
    simulation.run(seconds(10));
    const firstArps = wire.filter(({ what }) => what === '>arp').length;
    expect(firstArps).toBe(1);
    wire.length = 0;
    simulation.run(seconds(110));
    const requests = wire.filter(({ what }) => what === '>arp').length;
    const answers = wire.filter(({ what }) => what === '<arp').length;
    // what leaves are answers: the target, whose acknowledgements nobody acknowledges, asks by unicast
    expect(requests).toBe(answers);
    expect(answers).toBeGreaterThan(0);
  });

  it('is told from another between the same VMs by its hash', () => {
    const { simulation, devices, traffic } = pair();
    const hashes = new Set<number>();
    devices.network.tap = {
      sent(_port, frame) {
        const f = frame << FRAME_SHIFT;
        const { words } = devices.network.frames;
        if (words[f + Frame.kind] === FrameKind.ip && words[f + Frame.sizeBytes] === 1514) {
          hashes.add(words[f + Frame.flowHash]!);
        }
      },
      received() {},
    };
    for (let flow = 0; flow < 10; flow++) traffic.startFlow(0, 1, 3 * FRAME_DATA);
    simulation.run(seconds(5));
    expect(hashes.size).toBe(10);
  });

  it('takes a time that settles as trains are halved, and delivers the same', () => {
    const endNs = [64, 32, 16, 8, 4, 2, 1].map((framesPerTrainMax) => {
      const { simulation, traffic, ended } = pair({ framesPerTrainMax });
      traffic.startFlow(0, 1, 256 * FRAME_DATA);
      simulation.run(seconds(5));
      expect(ended).toMatchObject([{ outcome: 'finished', deliveredBytes: 256 * FRAME_DATA }]);
      return ended[0]!.endNs;
    });
    const steps = endNs.slice(1).map((one, index) => Math.abs(one - endNs[index]!));
    for (let index = 1; index < steps.length; index++) expect(steps[index]).toBeLessThan(steps[index - 1]!);
  });
});

describe('traffic', () => {
  const VMS = 24;
  const layoutOf = (serverRacks: number[], wire = {}) => ({
    serverRacks,
    vmServers: Array.from({ length: VMS }, (_, vm) => vm % serverRacks.length),
    vmSegments: Array.from({ length: VMS }, (_, vm) => Math.floor(vm / 8)),
    peersPerVm: 3,
    wire,
  });
  const changed = { flowsPerVmPerSecond: 20, flowRateBitsPerSec: 10e9 };

  function flowsOn(datacenter: BridgedDatacenter, more: Partial<TrafficParameters> = {}) {
    const { traffic, ended } = addTraffic(datacenter, { ...changed, ...more });
    datacenter.simulation.run(seconds(20));
    const settled = ended.filter(({ startNs }) => startNs < seconds(3));
    return { traffic, settled: settled.sort((one, other) => one.startNs - other.startNs) };
  }
  const drawn = (flows: EndedFlow[]) =>
    flows.map(({ sourceVm, targetVm, sizeBytes, startNs }) => ({ sourceVm, targetVm, sizeBytes, startNs }));
  const sizes = new FlowSizeDistribution([
    { sizeBytes: 1, probability: 0.1 },
    { sizeBytes: 100_000, probability: 1 },
  ]);

  it('is the same on any fabric, even one that delivers nothing', () => {
    const fast = flowsOn(bridgedDatacenter(layoutOf([0, 0, 0])), { sizes });
    const slow = flowsOn(bridgedDatacenter(layoutOf([0, 1, 2, 2], { rateBitsPerSec: 1e8, bufferBytes: 1e4 })), {
      sizes,
    });
    const broken = bridgedDatacenter(layoutOf([0, 1, 2]));
    for (const uplink of broken.uplinks) broken.devices.setAdminUp(uplink, false);
    const cut = flowsOn(broken, { sizes });
    expect(fast.settled.length).toBeGreaterThan(1000);
    expect(drawn(slow.settled)).toEqual(drawn(fast.settled));
    expect(drawn(cut.settled)).toEqual(drawn(fast.settled));
    expect(fast.traffic.failedFlows).toBe(0);
    expect(cut.traffic.failedFlows).toBeGreaterThan(0);
  });

  it('arrives at the rate asked for, evenly among talking VMs, and starts at no silent one', () => {
    const isSilent = new Uint8Array(VMS).fill(1, 20);
    const { traffic, settled } = flowsOn(bridgedDatacenter(layoutOf([0, 1])), { isSilent });
    // 20 talking VMs, 20 flows a second each, 20 s: 8,000 give or take some five times the square root of it
    expect(Math.abs(traffic.startedFlows - 8000)).toBeLessThan(450);
    for (let vm = 0; vm < 20; vm++) {
      const own = settled.filter(({ sourceVm }) => sourceVm === vm).length;
      expect(Math.abs(own - 60)).toBeLessThan(40);
    }
    expect(settled.filter(({ sourceVm }) => sourceVm >= 20)).toEqual([]);
    expect(settled.some(({ targetVm }) => targetVm >= 20)).toBe(true);
  });

  it('goes to as many peers of its segment as asked for', () => {
    const { settled } = flowsOn(bridgedDatacenter(layoutOf([0, 1])));
    for (let vm = 0; vm < VMS; vm++) {
      const targets = new Set(settled.filter(({ sourceVm }) => sourceVm === vm).map(({ targetVm }) => targetVm));
      expect(targets.size).toBe(3);
      for (const target of targets) expect(Math.floor(target / 8)).toBe(Math.floor(vm / 8));
    }
  });

  it('leaves its segment for the given share of flows', () => {
    const { settled } = flowsOn(bridgedDatacenter(layoutOf([0, 1])), { interSegmentRatio: 0.25, sizes });
    const leaving = settled.filter(({ sourceVm, targetVm }) => Math.floor(sourceVm / 8) !== Math.floor(targetVm / 8));
    expect(leaving.length / settled.length).toBeCloseTo(0.25, 1);
    // there is no gateway here
    expect(new Set(leaving.map(({ outcome }) => outcome))).toEqual(new Set(['failed']));
  });

  it('leaves its tenant and its segment for the given shares of all flows, and else goes where it went before', () => {
    const ratios = { interTenantRatio: 0.25, interSegmentRatio: 0.25, sizes };
    // VMs 0 to 15 are of one tenant in two segments, 16 to 23 of another
    const layout = { ...layoutOf([0, 1]), segmentTenants: [0, 0, 1] };
    const { settled } = flowsOn(bridgedDatacenter(layout), ratios);
    const ofFirst = settled.filter(({ sourceVm }) => sourceVm < 16);
    const share = (is: (flow: EndedFlow) => boolean) => ofFirst.filter(is).length / ofFirst.length;
    expect(share(({ targetVm }) => targetVm >= 16)).toBeCloseTo(0.25, 1);
    expect(share(({ sourceVm, targetVm }) => targetVm < 16 && targetVm >> 3 !== sourceVm >> 3)).toBeCloseTo(0.25, 1);
    const targetsWithin = (flows: EndedFlow[]) =>
      new Set(
        flows
          .filter(({ sourceVm: from, targetVm: to }) => from >> 3 === to >> 3)
          .map((flow) => `${flow.sourceVm} ${flow.targetVm}`),
      );
    const before = flowsOn(bridgedDatacenter(layout), { sizes }).settled;
    expect([...targetsWithin(settled)].filter((pair) => !targetsWithin(before).has(pair))).toEqual([]);
  });

  it('accounts for every flow and every frame', () => {
    const datacenter = bridgedDatacenter(layoutOf([0, 1], { rateBitsPerSec: 1e9, bufferBytes: 3e4 }));
    const { traffic } = flowsOn(datacenter, { sizes });
    const { startedFlows, finishedFlows, failedFlows, incompleteFlows, activeFlows } = traffic;
    expect(finishedFlows + failedFlows + incompleteFlows + activeFlows).toBe(startedFlows);
    expect(traffic.deliveredBytes).toBeLessThanOrEqual(traffic.offeredBytes);
    expect(incompleteFlows).toBeGreaterThan(0);
  });

  it('starts nothing at a VM that is paused', () => {
    const datacenter = bridgedDatacenter(layoutOf([0, 1]));
    datacenter.pauses.pause(5, seconds(1));
    const { ended } = addTraffic(datacenter, changed);
    datacenter.simulation.run(seconds(1));
    datacenter.pauses.resume(5);
    datacenter.simulation.run(seconds(3));
    const starts = ended.filter(({ sourceVm }) => sourceVm === 5).map(({ startNs }) => startNs);
    expect(Math.min(...starts)).toBeGreaterThan(seconds(1));
  });
});
