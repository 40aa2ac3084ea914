import { Devices } from '../src/device/devices.ts';
import { ALL_SEGMENTS, PortMode } from '../src/device/network.ts';
import { Outcome } from '../src/device/observer.ts';
import { Fingerprint } from '../src/engine/fingerprint.ts';
import { Simulation } from '../src/engine/simulation.ts';
import { BROADCAST_ID } from '../src/wire/address-book.ts';
import { FrameKind } from '../src/wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../src/wire/frame-pool.ts';
import type { Measurement } from './measurement.ts';
import { cpuTimeNs } from './support.ts';

const SEGMENT = 0;
const SETTLE_NS = 1e6;

/** A tree of bridges, one above many, with one station in each server; broadcasts reach all of them. */
export function benchFlood({ leaves = 1_000, serversPerLeaf = 40, broadcasts = 200 } = {}): Measurement[] {
  const simulation = new Simulation();
  const devices = new Devices(simulation, new Fingerprint());
  const { network, bridges, servers } = devices;
  const addBridge = (name: string) => {
    const node = network.addNode(name);
    bridges.addBridge(node, { ageingTimeNs: 300e9, implementation: 'ieee-802.1d' });
    return node;
  };
  const join = (a: number, b: number, rateBitsPerSec: number) => {
    network.connect(a, b, { rateBitsPerSec, delayNs: 500, bufferBytes: 1 << 24 });
    devices.setAdminUp(a, true);
  };
  const trunk = { trunk: ALL_SEGMENTS };
  const root = addBridge('root');
  for (let leaf = 0; leaf < leaves; leaf++) {
    const node = addBridge(`leaf${leaf}`);
    const up = network.addPort(node, `leaf${leaf}>root`, PortMode.bridged, trunk);
    join(up, network.addPort(root, `root>leaf${leaf}`, PortMode.bridged, trunk), 400e9);
    for (let i = 0; i < serversPerLeaf; i++) {
      const server = network.addNode(`server${leaf}-${i}`);
      const nic = network.addPort(server, `nic${leaf}-${i}`, PortMode.nic, trunk);
      join(nic, network.addPort(node, `leaf${leaf}-${i}`, PortMode.bridged, trunk), 25e9);
      servers.setUplink(server, nic);
      const address = network.addresses.idOf(SEGMENT, 0x02_00_00_00_00_00 + servers.stationCount + 1);
      servers.addStation({ server, segment: SEGMENT, address });
    }
  }
  const broadcast = (station: number) => {
    const frame = network.frames.allocate();
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    words[f + Frame.kind] = FrameKind.data;
    words[f + Frame.sizeBytes] = 60;
    words[f + Frame.count] = 1;
    words[f + Frame.segment] = SEGMENT;
    words[f + Frame.src] = servers.addressOf(station);
    words[f + Frame.dst] = BROADCAST_ID;
    words[f + Frame.flowHash] = station;
    words[f + Frame.tag] = -1;
    network.countCreated(frame);
    servers.transmit(station, frame);
    simulation.run(simulation.nowNs + SETTLE_NS);
  };
  // the first ones are compiled while they run
  for (let i = 0; i < 50; i++) broadcast(i);
  const deliveredBefore = network.outcomeFrames[Outcome.delivered];
  const startNs = cpuTimeNs();
  for (let i = 0; i < broadcasts; i++) broadcast((i * 7_919) % servers.stationCount);
  const elapsedNs = cpuTimeNs() - startNs;
  const deliveries = network.outcomeFrames[Outcome.delivered] - deliveredBefore;
  if (deliveries !== broadcasts * (servers.stationCount - 1)) throw new Error('a broadcast did not reach everybody');
  const bench = 'flood';
  const subject = `${leaves} leaves x ${serversPerLeaf} servers`;
  return [
    { bench, subject: `${subject}, one delivery`, unit: 'ns', value: elapsedNs / deliveries },
    { bench, subject: `${subject}, one broadcast`, unit: 'ns', value: elapsedNs / broadcasts },
    { bench, subject: `${subject}, deliveries`, unit: 'per_second', value: (deliveries / elapsedNs) * 1e9 },
  ];
}
