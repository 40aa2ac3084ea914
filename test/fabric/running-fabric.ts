import { Devices } from '../../src/device/devices.ts';
import { OUTCOME_NAMES, Outcome } from '../../src/device/observer.ts';
import { Fingerprint } from '../../src/engine/fingerprint.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { buildFabric } from '../../src/fabric/build-fabric.ts';
import type { Fabric } from '../../src/fabric/fabric.ts';
import type { DatacenterPlan } from '../../src/fabric/plan.ts';
import type { VlanSettings } from '../../src/fabric/vlan-fabric.ts';
import type { VxlanSettings } from '../../src/fabric/vxlan-fabric.ts';
import { seconds } from '../../src/units.ts';
import { BROADCAST_ID } from '../../src/wire/address-book.ts';
import { FrameKind, IpProtocol } from '../../src/wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../../src/wire/frame-pool.ts';

/** A frame that reached a VM. */
export interface Delivery {
  vm: number;
  tag: number;
  kind: number;
  src: number;
  ttl: number;
}

/** A frame that left a port for a wire; `inner` is what a VXLAN packet carries. */
export interface Transmission {
  port: number;
  tag: number;
  sizeBytes: number;
  isEncapsulated: boolean;
  innerSrc: number;
}

/** Longer than any fabric of the tests takes to come up or to heal: max age and twice the forward delay are 50 s. */
export const SETTLE_NS = seconds(60);

/** A fabric that runs, with somebody listening at every VM and on every wire. */
export class RunningFabric {
  readonly simulation = new Simulation();
  readonly fingerprint = new Fingerprint();
  readonly devices = new Devices(this.simulation, this.fingerprint);
  readonly fabric: Fabric;
  readonly plan: DatacenterPlan;
  readonly deliveries: Delivery[] = [];
  readonly transmissions: Transmission[] = [];
  #nextTag = 1;

  constructor(plan: DatacenterPlan, settings: VlanSettings | VxlanSettings, settleNs = SETTLE_NS) {
    this.plan = plan;
    this.fabric = buildFabric(this.devices, plan, settings);
    for (const [vm, server] of plan.vmServer.entries()) this.fabric.addVm(vm, server);
    const { network, stacks } = this.devices;
    const receive = stacks.receive.bind(stacks);
    stacks.receive = (ipInterface, frame) => {
      if (ipInterface < plan.vmServer.length) {
        const word = (index: number) => network.frames.words[(frame << FRAME_SHIFT) + index];
        const [tag, kind, src, ttl] = [Frame.tag, Frame.kind, Frame.src, Frame.ttl].map(word);
        this.deliveries.push({ vm: ipInterface, tag, kind, src, ttl });
      }
      receive(ipInterface, frame);
    };
    network.tap = { sent: (port, frame) => this.#noteTransmission(port, frame), received: () => {} };
    this.fabric.start();
    this.wait(settleNs);
  }

  wait(durationNs: number): void {
    this.simulation.run(this.simulation.nowNs + durationNs);
  }

  /** Sends a datagram between VMs, waits, and returns where it was delivered. */
  datagram(from: number, to: number, sizeBytes = 200): Delivery[] {
    const tag = this.sendDatagram(from, to, sizeBytes);
    this.wait(seconds(4));
    return this.deliveriesOf(tag);
  }

  /** Sends a datagram between VMs and returns its tag. */
  sendDatagram(from: number, to: number, sizeBytes = 200): number {
    const { network, stacks } = this.devices;
    const tag = this.#nextTag++;
    const frame = stacks.createDatagram(stacks.stackOf(from), this.plan.vmIp(to), IpProtocol.udp, sizeBytes);
    network.frames.words[(frame << FRAME_SHIFT) + Frame.tag] = tag;
    stacks.send(stacks.stackOf(from), frame);
    return tag;
  }

  /** Sends a frame of opaque data from a VM, to everybody unless `to` says otherwise; returns its tag. */
  send(from: number, { to = -1, sizeBytes = 100, flowHash = 1 } = {}): number {
    const { network, servers } = this.devices;
    const tag = this.#nextTag++;
    const frame = network.createFrame(FrameKind.data, sizeBytes);
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    words[f + Frame.segment] = servers.segmentOf(from);
    words[f + Frame.src] = servers.addressOf(from);
    words[f + Frame.dst] = to < 0 ? BROADCAST_ID : servers.addressOf(to);
    words[f + Frame.flowHash] = flowHash;
    words[f + Frame.tag] = tag;
    servers.transmit(from, frame);
    return tag;
  }

  /** Sends a broadcast from a VM, waits, and returns which VMs it reached, in order. */
  broadcast(from: number): number[] {
    const tag = this.send(from);
    this.wait(seconds(1));
    return this.deliveriesOf(tag)
      .map(({ vm }) => vm)
      .sort((a, b) => a - b);
  }

  deliveriesOf(tag: number): Delivery[] {
    return this.deliveries.filter((delivery) => delivery.tag === tag);
  }

  transmissionsOf(tag: number): Transmission[] {
    return this.transmissions.filter((transmission) => transmission.tag === tag);
  }

  /** What of a frame crossed links between switches. */
  fabricTransmissionsOf(tag: number): Transmission[] {
    const ports = new Set(this.fabric.linkPorts.flat());
    return this.transmissionsOf(tag).filter(({ port }) => ports.has(port));
  }

  /** VMs of a VM's segment without itself. */
  siblingsOf(vm: number): number[] {
    const { vmSegment } = this.plan;
    return [...vmSegment.keys()].filter((other) => other !== vm && vmSegment[other] === vmSegment[vm]);
  }

  /** What the gateway knows of a VM: an entry of `devices.stacks.neighbours`. */
  gatewayEntryOf(vm: number): number {
    const { stacks } = this.devices;
    const first = this.plan.vmServer.length;
    const interfaces = Array.from({ length: this.plan.segments.length }, (_, index) => first + index);
    const own = interfaces.find((candidate) => stacks.segmentOf(candidate) === this.plan.vmSegment[vm]) ?? -1;
    return stacks.neighbours.find(own, this.plan.vmIp(vm));
  }

  /** Frames that ended, for whatever reason. */
  endedFrames(): number {
    const ends = OUTCOME_NAMES.filter((name) => name !== 'forwarded' && name !== 'flooded');
    return ends.reduce((sum, name) => sum + this.devices.network.outcomeFrames[Outcome[name]], 0);
  }

  #noteTransmission(port: number, frame: number): void {
    const { words } = this.devices.network.frames;
    const f = frame << FRAME_SHIFT;
    const inner = words[f + Frame.inner];
    const i = (inner >= 0 ? inner : frame) << FRAME_SHIFT;
    this.transmissions.push({
      port,
      tag: words[i + Frame.tag],
      sizeBytes: words[f + Frame.sizeBytes],
      isEncapsulated: inner >= 0,
      innerSrc: words[i + Frame.src],
    });
  }
}
