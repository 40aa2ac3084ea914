import { Devices } from '../src/device/devices.ts';
import { ALL_SEGMENTS, PortMode } from '../src/device/network.ts';
import { Fingerprint } from '../src/engine/fingerprint.ts';
import { Simulation } from '../src/engine/simulation.ts';
import { FrameKind } from '../src/wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../src/wire/frame-pool.ts';

const SEGMENT = 0;

/** Bridges below one other, and how many servers each has. */
export interface TreeSize {
  readonly leaves: number;
  readonly serversPerLeaf: number;
}

/** A tree of bridges, one above many, with one station in each server. */
export class Tree {
  readonly simulation = new Simulation();
  readonly fingerprint = new Fingerprint();
  readonly devices = new Devices(this.simulation, this.fingerprint);

  constructor({ leaves, serversPerLeaf }: TreeSize) {
    const { network, bridges, servers } = this.devices;
    const addBridge = (name: string) => {
      const node = network.addNode(name);
      bridges.addBridge(node, { ageingTimeNs: 300e9, implementation: 'ieee-802.1d' });
      return node;
    };
    const join = (a: number, b: number, rateBitsPerSec: number) => {
      network.connect(a, b, { rateBitsPerSec, delayNs: 500, bufferBytes: 1 << 24 });
      this.devices.setAdminUp(a, true);
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

  get stationCount(): number {
    return this.devices.servers.stationCount;
  }

  /** Lets a station send a frame; `destination` is an address, or that of all. */
  send(
    station: number,
    { destination, sizeBytes, tag }: { destination: number; sizeBytes: number; tag: number },
  ): void {
    const { network, servers } = this.devices;
    const frame = network.createFrame(FrameKind.data, sizeBytes);
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    words[f + Frame.segment] = SEGMENT;
    words[f + Frame.src] = servers.addressOf(station);
    words[f + Frame.dst] = destination;
    words[f + Frame.flowHash] = station;
    words[f + Frame.tag] = tag;
    servers.transmit(station, frame);
  }
}
