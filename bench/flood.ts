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
export class FloodBench {
  readonly #simulation = new Simulation();
  readonly #fingerprint = new Fingerprint();
  readonly #devices = new Devices(this.#simulation, this.#fingerprint);
  #broadcasts = 0;

  constructor({ leaves, serversPerLeaf }: { leaves: number; serversPerLeaf: number }) {
    const { network, bridges, servers } = this.#devices;
    const addBridge = (name: string) => {
      const node = network.addNode(name);
      bridges.addBridge(node, { ageingTimeNs: 300e9, implementation: 'ieee-802.1d' });
      return node;
    };
    const join = (a: number, b: number, rateBitsPerSec: number) => {
      network.connect(a, b, { rateBitsPerSec, delayNs: 500, bufferBytes: 1 << 24 });
      this.#devices.setAdminUp(a, true);
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
  }

  /** Lets as many stations broadcast, one after the other; throws unless each broadcast reached everybody. */
  broadcast(count: number): void {
    const { network, servers } = this.#devices;
    const deliveredBefore = network.outcomeFrames[Outcome.delivered];
    for (let i = 0; i < count; i++) this.#send((this.#broadcasts++ * 7_919) % servers.stationCount);
    const deliveries = network.outcomeFrames[Outcome.delivered] - deliveredBefore;
    if (deliveries !== count * (servers.stationCount - 1)) throw new Error('a broadcast did not reach everybody');
  }

  /** What was done so far. */
  counters(): Record<string, number | string> {
    const { network } = this.#devices;
    return {
      broadcasts: this.#broadcasts,
      events: this.#simulation.eventCount,
      hops: network.hops,
      deliveries: network.outcomeFrames[Outcome.delivered],
      fingerprint: this.#fingerprint.digest(),
    };
  }

  #send(station: number): void {
    const { network, servers } = this.#devices;
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
    this.#simulation.run(this.#simulation.nowNs + SETTLE_NS);
  }
}

/** CPU time of a broadcast, and of one of its deliveries. */
export function benchFlood({ leaves = 1_000, serversPerLeaf = 40, broadcasts = 200 } = {}): Measurement[] {
  const tree = new FloodBench({ leaves, serversPerLeaf });
  // the first ones are compiled while they run
  tree.broadcast(50);
  const startNs = cpuTimeNs();
  tree.broadcast(broadcasts);
  const elapsedNs = cpuTimeNs() - startNs;
  const deliveries = broadcasts * (leaves * serversPerLeaf - 1);
  const bench = 'flood';
  const subject = `${leaves} leaves x ${serversPerLeaf} servers`;
  return [
    { bench, subject: `${subject}, one delivery`, unit: 'ns', value: elapsedNs / deliveries },
    { bench, subject: `${subject}, one broadcast`, unit: 'ns', value: elapsedNs / broadcasts },
    { bench, subject: `${subject}, deliveries`, unit: 'per_second', value: (deliveries / elapsedNs) * 1e9 },
  ];
}
