import { OUTCOME_NAMES, Outcome, TRAFFIC_CLASS_COUNT } from '../../src/device/observer.ts';
import { Datacenter } from '../../src/scenario/datacenter.ts';
import type { FabricSettings, Scenario } from '../../src/scenario/scenario.ts';
import { FrameKind } from '../../src/wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../../src/wire/frame-pool.ts';

/** A datagram, or a train of them, that reached a VM. */
export interface DatagramDelivery {
  fromVm: number;
  toVm: number;
  ttl: number;
  bytes: number;
}

/** A whole run on one fabric, with somebody watching every VM and every wire. */
export class WatchedRun {
  readonly datacenter: Datacenter;
  /** Frames that reached a VM from beyond its segment without a router's address on them. */
  strayFrames = 0;
  readonly deliveries: DatagramDelivery[] = [];
  /** Copies of VXLAN packets that were sent on wires, and the bytes by which they are longer than what is inside. */
  encapsulatedFrames = 0;
  encapsulationBytes = 0;
  readonly #vmOfIp: ReadonlyMap<number, number>;

  constructor(scenario: Scenario, settings: FabricSettings) {
    this.datacenter = new Datacenter(scenario, settings, { folder: null, version: '', digest: '' });
    const { devices, plan } = this.datacenter;
    this.#vmOfIp = new Map(Array.from(plan.vmServer, (_, vm) => [plan.vmIp(vm) | 0, vm]));
    const receive = devices.stacks.receive.bind(devices.stacks);
    devices.stacks.receive = (ipInterface, frame) => {
      if (ipInterface < plan.vmServer.length) this.#look(ipInterface, frame);
      receive(ipInterface, frame);
    };
    devices.network.tap = { sent: (_port, frame) => this.#weigh(frame), received: () => {} };
    this.datacenter.start();
  }

  runUntil(timeNs: number): this {
    this.datacenter.simulation.run(timeNs);
    this.datacenter.recorder.sample(timeNs);
    return this;
  }

  /** Frames that ended, for whatever reason. */
  endedFrames(): number {
    const { outcomeFrames } = this.datacenter.devices.network;
    const ends = OUTCOME_NAMES.filter((name) => name !== 'forwarded' && name !== 'flooded');
    return ends.reduce((sum, name) => sum + outcomeFrames[Outcome[name]], 0);
  }

  /** Frames on wires, in queues, and waiting for an address. */
  framesInFlight(): number {
    return this.datacenter.devices.network.frames.countUnderWay();
  }

  /** Bytes that left through a port, added up over classes, and over all ports at the ends of links. */
  bytesByClass(): number {
    const { network } = this.datacenter.devices;
    let bytes = 0;
    for (const port of this.#linkPorts()) {
      for (let trafficClass = 0; trafficClass < TRAFFIC_CLASS_COUNT; trafficClass++) {
        bytes += network.classBytes(port, trafficClass);
      }
    }
    return bytes;
  }

  /** Of all that crossed a wire, the bytes of encapsulation as links counted them. */
  overheadBytes(): number {
    const { network } = this.datacenter.devices;
    let bytes = 0;
    for (let port = 0; port < network.portCount; port++) bytes += network.overheadBytes(port);
    return bytes;
  }

  /** Bytes that crossed the links between a switch and other switches: from it, and to it. */
  bytesAtSwitch(id: string): { sent: number; received: number } {
    const { devices, plan, fabric } = this.datacenter;
    const index = plan.switches.findIndex((one) => one.id === id);
    const total = { sent: 0, received: 0 };
    plan.links.forEach(({ a, b }, link) => {
      const [portA, portB] = fabric.linkPorts[link].map((port) => devices.network.sentBytes(port));
      if (a === index) {
        total.sent += portA;
        total.received += portB;
      } else if (b === index) {
        total.sent += portB;
        total.received += portA;
      }
    });
    return total;
  }

  #linkPorts(): number[] {
    const { network } = this.datacenter.devices;
    return Array.from({ length: network.portCount }, (_, port) => port).filter((port) => network.peerOf(port) >= 0);
  }

  #look(vm: number, frame: number): void {
    const { devices, plan } = this.datacenter;
    const { words } = devices.network.frames;
    const f = frame << FRAME_SHIFT;
    const source = words[f + Frame.src];
    const segment = plan.vmSegment[vm];
    if (words[f + Frame.segment] !== segment || devices.network.addresses.segmentOf(source) !== segment) {
      this.strayFrames++;
    }
    if (words[f + Frame.kind] !== FrameKind.ip) return;
    const fromVm = this.#vmOfIp.get(words[f + Frame.senderIp]);
    if (fromVm === undefined) return;
    const bytes = words[f + Frame.sizeBytes] * words[f + Frame.count];
    this.deliveries.push({ fromVm, toVm: vm, ttl: words[f + Frame.ttl], bytes });
  }

  #weigh(frame: number): void {
    const { words } = this.datacenter.devices.network.frames;
    const f = frame << FRAME_SHIFT;
    const inner = words[f + Frame.inner];
    if (inner < 0) return;
    const count = words[f + Frame.count];
    this.encapsulatedFrames += count;
    this.encapsulationBytes += count * (words[f + Frame.sizeBytes] - words[(inner << FRAME_SHIFT) + Frame.sizeBytes]);
  }
}
