import type { BridgeParameters } from '../../device/bridges.ts';
import { Devices } from '../../device/devices.ts';
import { PortFlag, PortMode, type WireParameters } from '../../device/network.ts';
import { Carried } from '../../device/observer.ts';
import { Fingerprint } from '../../engine/fingerprint.ts';
import { Simulation } from '../../engine/simulation.ts';
import { createTestFrame, DEFAULT_FRAME_BYTES, REPLAY_WIRE, SECOND_NS } from '../test-frame.ts';
import type { ObservedTopology } from './observation-schema.ts';

/** How a port sees VLANs; the segment of a VLAN is its number, that of frames without any is 0. */
export interface PortMembership {
  readonly pvid?: number;
  readonly trunk?: number;
}

/** Segment of frames of no VLAN. */
export const UNTAGGED = 0;

/** Open vSwitch counts whole seconds, and no observation says where in one it began: half of one is taken. */
const CLOCK_PHASE_NS = SECOND_NS / 2;

/** A frame that a host sends. */
export interface HostFrame {
  readonly src: string;
  readonly dst: string;
  readonly id: number;
  readonly segment?: number;
  readonly sizeBytes?: number;
}

/** Switches with hosts plugged into them, as observations describe them, made of our own devices. */
export class SwitchLab {
  readonly simulation = new Simulation();
  readonly devices = new Devices(this.simulation, new Fingerprint());
  readonly bridges = new Map<string, number>();
  /** By `node:interface`. */
  readonly ports = new Map<string, number>();
  /** By link that is relayed: the ports of what is between its ends. */
  readonly relays = new Map<string, readonly number[]>();
  /** By host: its end of its cable, and the switch's. */
  readonly hosts = new Map<string, { server: number; uplink: number; switchPort: number }>();
  #startNs = 0;

  constructor(
    { nodes, links }: ObservedTopology,
    options: {
      readonly bridge: BridgeParameters;
      /** Of a port by `node:interface`, of hosts too. */
      /** Links of this kind pass by something between their ends that can lose frames while both see a carrier. */
      readonly relayed?: string;
      readonly wire?: WireParameters;
      readonly membershipOf?: (devices: Devices, node: string, interfaceName: string) => PortMembership;
    },
  ) {
    const { network, bridges, servers } = this.devices;
    const { bridge, relayed, wire = REPLAY_WIRE, membershipOf = () => ({ pvid: UNTAGGED }) } = options;
    const nodeOf = new Map<string, number>();
    for (const { name, kind } of nodes) {
      const node = network.addNode(name);
      nodeOf.set(name, node);
      if (kind === 'ovs') this.bridges.set(name, bridges.addBridge(node, bridge));
    }
    for (const { id, kind, a, aif, b, bif } of links) {
      const ends = [
        { node: a, name: aif },
        { node: b, name: bif },
      ].map(({ node, name }) => {
        const mode = this.bridges.has(node) ? PortMode.bridged : PortMode.nic;
        const port = network.addPort(
          nodeOf.get(node)!,
          `${node}:${name}`,
          mode,
          membershipOf(this.devices, node, name),
        );
        this.ports.set(`${node}:${name}`, port);
        return port;
      });
      if (kind === relayed) this.#addRelay(id, ends, wire);
      else network.connect(ends[0], ends[1], wire);
      for (const [end, host] of [a, b].entries()) {
        if (this.bridges.has(host)) continue;
        const [uplink, switchPort] = [ends[end], ends[1 - end]];
        const server = nodeOf.get(host)!;
        servers.setUplink(server, uplink);
        this.hosts.set(host, { server, uplink, switchPort });
      }
    }
  }

  /** Joins two ports by way of a device that passes on whatever it gets, BPDUs too. */
  #addRelay(id: string, ends: readonly number[], wire: WireParameters): void {
    const { network, bridges } = this.devices;
    const node = network.addNode(`${id} between`);
    bridges.addBridge(node, { ageingTimeNs: SECOND_NS, implementation: 'ieee-802.1d' });
    const ports = ends.map((end) => {
      const port = network.addPort(node, `${id} ${network.portNames[end]}`, PortMode.bridged, { pvid: UNTAGGED });
      network.connect(end, port, wire);
      network.setFlag(port, PortFlag.learnsNothing, true);
      return port;
    });
    this.relays.set(id, ports);
  }

  /** Brings every port up, and begins to count time at a given phase of a second. */
  start(): void {
    for (const bridge of this.bridges.values()) {
      if (this.devices.bridges.parametersOf(bridge).implementation !== 'ieee-802.1d') {
        this.devices.bridges.startSweeping(bridge);
      }
    }
    for (const port of this.ports.values()) this.devices.setAdminUp(port, true);
    this.#startNs = SECOND_NS + CLOCK_PHASE_NS;
    this.simulation.run(this.#startNs);
  }

  /** Time since `start`. */
  get nowS(): number {
    return (this.simulation.nowNs - this.#startNs) / SECOND_NS;
  }

  /** A host sends a frame. */
  send(host: string, { src, dst, id, segment = UNTAGGED, sizeBytes = DEFAULT_FRAME_BYTES }: HostFrame): void {
    const { network, servers } = this.devices;
    const frame = createTestFrame(network, { id, segment, src, dst, sizeBytes });
    servers.transmitOnUplink(this.hosts.get(host)!.server, frame, Carried.knownUnicast);
  }

  wait(timeNs: number): void {
    this.simulation.run(this.simulation.nowNs + timeNs);
  }
}
