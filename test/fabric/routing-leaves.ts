import { expect } from 'vitest';
import type { AnycastSettings } from '../../src/fabric/anycast-gateways.ts';
import type { DatacenterPlan } from '../../src/fabric/plan.ts';
import { VxlanFabric, type VxlanSettings } from '../../src/fabric/vxlan-fabric.ts';
import { FRAME_SHIFT, Frame } from '../../src/wire/frame-pool.ts';
import { RunningFabric } from './running-fabric.ts';
import { smallDatacenter, VXLAN } from './small-datacenter.ts';

export const ASYMMETRIC = { irb: 'asymmetric', subnetPrefixes: false } as const;
export const SYMMETRIC = { irb: 'symmetric', subnetPrefixes: false } as const;
export const WITH_PREFIXES = { irb: 'symmetric', subnetPrefixes: true } as const;

/** As in recordings of FRR: four leaves, a VM of each of two segments behind each. VM 2 l is in segment 0, VM 2 l + 1 in 1. */
export const FOUR_LEAVES = smallDatacenter({
  gatewayLeaf: 0,
  leafCount: 4,
  tenants: [7, 7],
  vms: Array.from({ length: 8 }, (_, vm) => [vm, vm % 2] as const),
});

/** Nobody has a VM of the other's segment: only routes lead there. */
export const APART = smallDatacenter({
  gatewayLeaf: 0,
  leafCount: 3,
  tenants: [7, 7],
  vms: [
    [0, 0],
    [2, 1],
    [4, 1],
  ],
});

/** Of both: the VNI of their routing table. */
export const L3_VNI = 2;

/** A VXLAN packet that left a leaf: its VNI as the number of a segment, and what is inside. */
export interface OverlayPacket {
  leaf: string;
  segment: number;
  kind: number;
  tag: number;
  ttl: number;
  sizeBytes: number;
}

/**
 * A fabric whose leaves route, fed by a control plane that takes no time: what one leaf hears of a host all know at once,
 * its MAC and its IP address.
 */
export class RoutingLeaves extends RunningFabric {
  readonly overlayPackets: OverlayPacket[] = [];
  /** Hosts that leaves announced, in order: leaf and IP address. */
  readonly announced: (readonly [leaf: string, ip: number])[] = [];

  constructor(plan: DatacenterPlan, anycast: AnycastSettings, settings: Partial<VxlanSettings> = {}) {
    super(plan, { ...VXLAN, ...settings, anycast });
    const { network, tunnels, bridges } = this.devices;
    const { anycast: gateways } = this;
    const leafTunnels = this.fabric.macTables.flatMap(({ kind, table }) => (kind === 'tunnel' ? [table] : []));
    gateways.announcer ??= {
      hostHeard: (tunnel, _segment, ip, address) => {
        this.announced.push([network.nodeNames[network.nodeOf(tunnels.portOf(tunnel))], ip]);
        const endpoint = tunnels.endpointOf(tunnel);
        for (const other of leafTunnels) {
          if (other === tunnel) continue;
          const port = tunnels.portOf(other);
          bridges.tables.learn(bridges.bridgeOf(network.nodeOf(port)), address, port, network.nowMs);
          tunnels.tables.learn(other, address, endpoint, network.nowMs);
          gateways.learnHost(other, address, ip, endpoint);
        }
        return true;
      },
    };
    const uplinks = new Set(this.fabric.linkPorts.map(([leaf]) => leaf));
    const tap = network.tap!;
    network.tap = {
      ...tap,
      sent: (port, frame) => {
        tap.sent(port, frame);
        const word = (of: number, index: number) => network.frames.words[(of << FRAME_SHIFT) + index];
        const inner = word(frame, Frame.inner);
        if (inner < 0 || !uplinks.has(port)) return;
        const [segment, kind, tag, ttl] = [Frame.segment, Frame.kind, Frame.tag, Frame.ttl].map((i) => word(inner, i));
        const sizeBytes = word(frame, Frame.sizeBytes);
        this.overlayPackets.push({ leaf: network.nodeNames[network.nodeOf(port)], segment, kind, tag, ttl, sizeBytes });
      },
    };
  }

  get anycast() {
    const { fabric } = this;
    if (!(fabric instanceof VxlanFabric) || fabric.anycast === null) throw new Error('leaves do not route here');
    return fabric.anycast;
  }

  /** Lets a VM announce itself by gratuitous ARP. */
  announce(vm: number): void {
    this.devices.stacks.announce(vm);
    this.wait(1e9);
  }

  /** Lets all VMs do so, one after the other. */
  announceAll(): void {
    for (const vm of this.plan.vmSegment.keys()) this.announce(vm);
  }

  /** Sends a datagram, and returns how it was delivered and which packets of the overlay it took. */
  routed(from: number, to: number) {
    const before = this.overlayPackets.length;
    const deliveries = this.datagram(from, to);
    const packets = this.overlayPackets.slice(before);
    return { deliveries, packets };
  }

  /** Frames that came into being have ended. */
  expectNothingLost(): void {
    expect(this.devices.network.frames.liveCount).toBe(0);
    expect(this.devices.network.createdFrames).toBe(this.endedFrames());
  }
}
