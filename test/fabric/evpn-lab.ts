import type { EvpnSettings } from '../../src/fabric/evpn-control-plane.ts';
import { VxlanFabric } from '../../src/fabric/vxlan-fabric.ts';
import { seconds } from '../../src/units.ts';
import { RunningFabric } from './running-fabric.ts';
import { EVPN, FRR_EVPN, smallDatacenter } from './small-datacenter.ts';

/** A leaf-spine with EVPN, two servers at each leaf and a VM of each segment on every server, that counts UPDATEs. */
export class EvpnLab {
  readonly running: RunningFabric;
  readonly leafCount: number;

  constructor(
    { leaves, spines, segments = 1 }: { leaves: number; spines: number; segments?: number },
    settings: Partial<EvpnSettings> = {},
  ) {
    this.leafCount = leaves;
    const servers = Array.from({ length: leaves * 2 }, (_, server) => server);
    const plan = smallDatacenter({
      leafCount: leaves,
      spineCount: spines,
      tenants: Array.from({ length: segments }, () => 0),
      vms: servers.flatMap((server) => Array.from({ length: segments }, (_, segment) => [server, segment] as const)),
    });
    this.running = new RunningFabric(plan, { ...EVPN, evpn: { ...FRR_EVPN, ...settings } });
  }

  get controlPlane() {
    const { fabric } = this.running;
    if (!(fabric instanceof VxlanFabric) || fabric.controlPlane === null) throw new Error('this fabric has no EVPN');
    return fabric.controlPlane;
  }

  /** UPDATEs that all speakers send because of something, within a time. */
  updatesOf(act: () => void, withinNs = seconds(2)): number {
    const before = this.controlPlane.bgp.totalMessages;
    act();
    this.running.wait(withinNs);
    return this.controlPlane.bgp.totalMessages - before;
  }

  garp(vm: number): void {
    this.running.devices.stacks.announce(vm);
  }

  rarp(vm: number): void {
    this.running.devices.servers.announceByRarp(vm);
  }

  /** Takes a VM to the first server of a leaf. Nobody is told. */
  move(vm: number, leaf: number): void {
    this.running.fabric.moveVm(vm, 2 * leaf);
  }

  addressOf(vm: number): number {
    return this.running.devices.servers.addressOf(vm);
  }

  /** The sequence number that a leaf knows of a VM that is elsewhere; -1 if it knows none. */
  sequenceAt(leaf: number, vm: number): number {
    const { evpn, routes } = this.controlPlane;
    const best = evpn.rulesOf(leaf).heard.best(this.addressOf(vm));
    return best < 0 ? -1 : routes.sequenceOf(best);
  }

  /** The leaves that know which MAC address has a VM's IP address. */
  leavesWithBindingOf(vm: number): number[] {
    const ip = this.running.plan.vmIp(vm);
    const segment = this.running.plan.vmSegment[vm];
    const leaves = Array.from({ length: this.leafCount }, (_, leaf) => leaf);
    return leaves.filter(
      (leaf) => this.controlPlane.evpn.rulesOf(leaf).heard.addressOfIp(segment, ip) === this.addressOf(vm),
    );
  }

  /** Where each leaf has a VM: an endpoint, HERE for its own port or NOWHERE. */
  placesOf(vm: number): number[] {
    const { devices } = this.running;
    const address = this.addressOf(vm);
    const { nowMs } = devices.network;
    return Array.from({ length: this.leafCount }, (_, leaf) => {
      const port = devices.bridges.tables.lookUp(leaf, address, nowMs);
      if (port < 0) return NOWHERE;
      return port === devices.tunnels.portOf(leaf) ? devices.tunnels.tables.lookUp(leaf, address, nowMs) : HERE;
    });
  }

  /** What `placesOf` is of a VM that all know to be at one leaf, or of one that nobody knows. */
  allAt(place: number): number[] {
    return Array.from({ length: this.leafCount }, (_, leaf) => (leaf === place ? HERE : place));
  }
}

export const HERE = -1;
export const NOWHERE = -2;
