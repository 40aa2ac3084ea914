import { Devices } from '../../src/device/devices.ts';
import { PortMode } from '../../src/device/network.ts';
import { Carried } from '../../src/device/observer.ts';
import { Fingerprint } from '../../src/engine/fingerprint.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { createTestFrame } from '../../src/replay/test-frame.ts';
import { seconds } from '../../src/units.ts';
import { FRAME_SHIFT, Frame } from '../../src/wire/frame-pool.ts';

const WIRE = { rateBitsPerSec: 10e9, delayNs: 1_000, bufferBytes: 1 << 20 };

/** VLAN membership of a port: an access port of `pvid`, or a trunk of some VLANs with `pvid` as its native one. */
export interface Membership {
  pvid?: number;
  vlans?: readonly number[];
}

/** A few bridges and hosts on a bench: hosts send single frames, and what each host hears is written down. */
export class WiredDevices {
  readonly simulation = new Simulation();
  readonly devices = new Devices(this.simulation, new Fingerprint());
  /** Frames that arrived at hosts' ends of their wires, in order: `host: src > dst` with the frame's segment. */
  readonly heard: { host: string; id: number; segment: number }[] = [];
  readonly #hosts = new Map<number, string>();
  #nextId = 0;

  constructor() {
    const { network } = this.devices;
    network.tap = {
      sent: () => {},
      received: (port, frame) => {
        const host = this.#hosts.get(port);
        if (host === undefined) return;
        const f = frame << FRAME_SHIFT;
        const words = network.frames.words;
        this.heard.push({ host, id: words[f + Frame.tag], segment: words[f + Frame.segment] });
      },
    };
  }

  addBridge(name: string, options: { ageingTimeNs?: number; macTableCapacity?: number } = {}): number {
    const node = this.devices.network.addNode(name);
    this.devices.bridges.addBridge(node, { ageingTimeNs: seconds(300), implementation: 'ieee-802.1d', ...options });
    return node;
  }

  /** Wires two bridges; returns the two ports. */
  link(a: number, b: number, atA: Membership, atB: Membership = atA): [number, number] {
    const { network } = this.devices;
    const ports: [number, number] = [this.#addPort(a, atA), this.#addPort(b, atB)];
    network.connect(ports[0], ports[1], WIRE);
    this.devices.setAdminUp(ports[0], true);
    return ports;
  }

  /** Wires a host with one station to a bridge; returns what `send` needs and the bridge's port. */
  addHost(
    name: string,
    bridge: number,
    at: Membership,
    own: Membership = at,
  ): { station: number; port: number; mac: string } {
    const { network, servers } = this.devices;
    const node = network.addNode(name);
    const uplink = network.addPort(node, name, PortMode.nic, { pvid: own.pvid ?? -1, trunk: this.#trunkOf(own) });
    const port = this.#addPort(bridge, at);
    network.connect(port, uplink, WIRE);
    servers.setUplink(node, uplink);
    const mac = `02:00:00:00:00:${(this.#hosts.size + 1).toString(16).padStart(2, '0')}`;
    const segment = own.pvid ?? own.vlans?.[0] ?? 0;
    const address = network.addresses.idOf(segment, 0x0200_0000_0000 + this.#hosts.size + 1);
    const station = servers.addStation({ server: node, segment, address });
    this.#hosts.set(uplink, name);
    this.devices.setAdminUp(port, true);
    return { station, port, mac };
  }

  /** Sends one frame from a host and lets it settle; returns who heard it. */
  send(from: { station: number; mac: string }, dst: string, { src = from.mac, segment = -1 } = {}): string[] {
    const { network, servers } = this.devices;
    const id = this.#nextId++;
    const ofHost = servers.segmentOf(from.station);
    const frame = createTestFrame(network, {
      id,
      segment: segment < 0 ? ofHost : segment,
      src,
      dst,
      sizeBytes: 100,
    });
    servers.transmitOnUplink(servers.serverOf(from.station), frame, Carried.knownUnicast);
    this.simulation.run(this.simulation.nowNs + 1_000_000);
    return this.heard.filter((one) => one.id === id).map(({ host }) => host);
  }

  #addPort(node: number, membership: Membership): number {
    return this.devices.network.addPort(node, `port of ${node}`, PortMode.bridged, {
      pvid: membership.pvid ?? -1,
      trunk: this.#trunkOf(membership),
    });
  }

  #trunkOf({ vlans }: Membership): number {
    return vlans === undefined ? -1 : this.devices.network.trunks.add(vlans);
  }
}

/** ff:ff:ff:ff:ff:ff */
export const EVERYBODY = 'ff:ff:ff:ff:ff:ff';
