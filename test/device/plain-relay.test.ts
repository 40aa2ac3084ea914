import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Devices } from '../../src/device/devices.ts';
import { ALL_SEGMENTS, PortFlag, PortMode } from '../../src/device/network.ts';
import { Fingerprint } from '../../src/engine/fingerprint.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { seconds } from '../../src/units.ts';
import { FrameKind } from '../../src/wire/ethernet.ts';
import { Frame, frameRecord } from '../../src/wire/frame-pool.ts';

const SEGMENTS = 3;
const HOSTS = 6;
const WIRE = { rateBitsPerSec: 1e9, delayNs: 1_000, bufferBytes: 3_000 };

/** What ports carry: what of the link between the bridges, whether hosts' ports are trunks, which port learns nothing. */
interface Setting {
  /** At either end; null is all. */
  linkSegments: (number[] | null)[];
  linkNative: number;
  isTrunk: boolean[];
  learnsNothing: number;
  capacity: number;
}

/** A frame, or a pause of so many seconds before it. */
interface Step {
  from: number;
  to: number;
  segment: number;
  sizeBytes: number;
  count: number;
  pauseS: number;
  goesDown: boolean;
  /** The first end of the link carries the segment from now on, or no more. */
  carries: boolean | null;
}

const setting: fc.Arbitrary<Setting> = fc.record({
  linkSegments: fc.array(fc.option(fc.uniqueArray(fc.nat({ max: SEGMENTS - 1 }), { minLength: 1 })), {
    minLength: 2,
    maxLength: 2,
  }),
  linkNative: fc.integer({ min: -1, max: SEGMENTS - 1 }),
  isTrunk: fc.array(fc.boolean(), { minLength: HOSTS, maxLength: HOSTS }),
  learnsNothing: fc.integer({ min: -1, max: 9 }),
  capacity: fc.integer({ min: 2, max: 20 }),
});

const step: fc.Arbitrary<Step> = fc.record({
  from: fc.nat({ max: HOSTS - 1 }),
  to: fc.nat({ max: HOSTS }),
  segment: fc.nat({ max: SEGMENTS - 1 }),
  sizeBytes: fc.integer({ min: 60, max: 1500 }),
  count: fc.integer({ min: 1, max: 3 }),
  pauseS: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 7),
  goesDown: fc.nat({ max: 19 }).map((n) => n === 0),
  carries: fc.option(fc.boolean(), { freq: 9 }),
});

/** Two bridges with three hosts each, all of which have an address in each segment. Returns all that can be told of the run. */
function outcomeOf(
  { linkSegments, linkNative, isTrunk, learnsNothing, capacity }: Setting,
  steps: Step[],
  isTapped: boolean,
) {
  const simulation = new Simulation();
  const fingerprint = new Fingerprint();
  const devices = new Devices(simulation, fingerprint);
  const { network, bridges } = devices;
  // a tap that takes no notice: the bridges look at each frame step by step
  if (isTapped) network.tap = { isSelective: true, sent: () => {}, received: () => {} };
  const nodes = ['b1', 'b2'].map((name) => network.addNode(name));
  for (const node of nodes) {
    bridges.addBridge(node, { ageingTimeNs: seconds(5), macTableCapacity: capacity, implementation: 'ieee-802.1d' });
  }
  const trunks = linkSegments.map((segments) =>
    segments === null ? ALL_SEGMENTS : network.trunks.add([...segments, SEGMENTS]),
  );
  const ends = nodes.map((node, i) =>
    network.addPort(node, 'link', PortMode.bridged, { pvid: linkNative, trunk: trunks[i]! }),
  );
  network.connect(ends[0]!, ends[1]!, WIRE);
  devices.setAdminUp(ends[0]!, true);
  const nics = isTrunk.map((carriesAll, host) => {
    const membership = carriesAll ? { trunk: ALL_SEGMENTS } : { pvid: host % SEGMENTS };
    const server = network.addNode(`h${host}`);
    const nic = network.addPort(server, 'nic', PortMode.nic, membership);
    const port = network.addPort(nodes[host % 2]!, 'port', PortMode.bridged, membership);
    network.connect(nic, port, WIRE);
    devices.servers.setUplink(server, nic);
    for (let segment = 0; segment < SEGMENTS; segment++) {
      devices.servers.addStation({
        server,
        segment,
        address: network.addresses.idOf(segment, 0x0200_0000_0000 + host),
      });
    }
    devices.setAdminUp(nic, true);
    return nic;
  });
  if (learnsNothing >= 0) network.setFlag(learnsNothing, PortFlag.learnsNothing, true);
  for (const { from, to, segment, sizeBytes, count, pauseS, goesDown, carries } of steps) {
    const own = isTrunk[from]! ? segment : from % SEGMENTS;
    const frame = network.createFrame(FrameKind.data, sizeBytes, count);
    const f = frameRecord(frame);
    network.frames.words[f + Frame.segment] = own;
    network.frames.words[f + Frame.src] = network.addresses.idOf(own, 0x0200_0000_0000 + from);
    // one host more than there are
    network.frames.words[f + Frame.dst] = network.addresses.idOf(own, 0x0200_0000_0000 + to);
    devices.servers.transmit(from * SEGMENTS + own, frame);
    simulation.run(simulation.nowNs + (pauseS === 0 ? 5_000 : seconds(pauseS)));
    if (carries !== null && trunks[0] !== ALL_SEGMENTS) network.setCarried(ends[0]!, segment, carries);
    if (goesDown) {
      devices.setAdminUp(nics[to % HOSTS]!, false);
      devices.setAdminUp(nics[to % HOSTS]!, true);
    }
  }
  simulation.run(simulation.nowNs + seconds(1));
  return {
    digest: fingerprint.digest(),
    events: simulation.eventCount,
    ended: network.endedFrames(),
    created: network.createdFrames,
    hops: [network.hops, network.hopFrames],
    carried: Array.from({ length: network.portCount }, (_, port) => [
      network.carriedFrames(port, 0),
      network.carriedBytes(port, 0),
      network.sentBytes(port),
      network.droppedFrames(port),
    ]),
    learned: bridges.tables.learnedCounts,
    entries: bridges.tables.entryCounts,
  };
}

describe('a frame that is relayed in one piece', () => {
  it('fares as one that is looked at step by step', () => {
    fc.assert(
      fc.property(setting, fc.array(step, { minLength: 10, maxLength: 60 }), (of, steps) => {
        expect(outcomeOf(of, steps, false)).toEqual(outcomeOf(of, steps, true));
      }),
      { numRuns: 150 },
    );
  });
});
