import type { Devices } from '../device/devices.ts';
import { GATEWAY_MAC, gatewayIpOf } from './addressing.ts';
import { AnycastGateways, type AnycastSettings } from './anycast-gateways.ts';
import type { Cabling } from './cabling.ts';
import type { EvpnControlPlane } from './evpn-control-plane.ts';
import { EvpnHosts } from './evpn-hosts.ts';
import type { GatewayCable, GatewayUse } from './fabric.ts';
import { Gateway, gatewaySegmentsOf } from './gateway.ts';
import { hardwareOf } from './hardware.ts';
import type { OutsideStation } from './outside-routers.ts';
import type { DatacenterPlan } from './plan.ts';
import type { Membership } from './site-borders.ts';
import type { Vteps } from './vteps.ts';
import type { VxlanSettings } from './vxlan-settings.ts';

/** A fabric that gateways are added to. */
interface Overlay {
  readonly devices: Devices;
  readonly plan: DatacenterPlan;
  readonly settings: VxlanSettings;
  readonly cabling: Cabling;
  readonly vteps: Vteps;
  readonly membership: Membership;
  readonly controlPlane: EvpnControlPlane | null;
  /** Indexed by switch; -1 for one that is no VTEP. */
  readonly tunnelOfSwitch: readonly number[];
  /** By switch of a pair: the other. */
  readonly peers: ReadonlyMap<number, number>;
}

/** What routes between the segments of an overlay: one gateway, or those of leaves, or nothing. */
export class VxlanGateways {
  /** The gateways of leaves that route; null if one gateway does. */
  readonly anycast: AnycastGateways | null;
  readonly #overlay: Overlay;
  readonly #central: { readonly gateway: Gateway; readonly tunnel: number; readonly cable: GatewayCable | null } | null;

  constructor(overlay: Overlay) {
    this.#overlay = overlay;
    const { anycast } = overlay.settings;
    this.#central = anycast ? null : this.#addCentral();
    this.anycast = anycast ? this.#addAnycast(anycast) : null;
  }

  /** The gateway's own node; null where it is in a switch. */
  get cable(): GatewayCable | null {
    return this.#central?.cable ?? null;
  }

  /** Routers to the outside are configured at their borders: where they are, and with anycast gateways that they route on. */
  addOutside(stations: readonly OutsideStation[]): void {
    const { devices, tunnelOfSwitch, vteps, controlPlane } = this.#overlay;
    for (const { switchIndex, segment, address, ip, port } of stations) {
      const tunnel = tunnelOfSwitch[switchIndex];
      this.vmCame(tunnel, segment);
      devices.bridges.tables.setStatic(vteps.bridgeOf(tunnel), address, port);
      controlPlane?.evpn.addStaticStation(tunnel, address, ip);
      this.anycast?.addOutside(tunnel, segment, address, ip);
    }
  }

  /** What each router holds. */
  uses(): GatewayUse[] {
    const { vteps, membership } = this.#overlay;
    const ownerOf = (tunnel: number) => {
      const { owner, tier } = vteps.ownerOf(tunnel);
      return { owner, tier };
    };
    if (this.anycast !== null) {
      return this.anycast.uses().map(({ tunnel, l3Vnis, ...use }) => {
        return { ...ownerOf(tunnel), ...use, vnis: membership.carriedCount(tunnel) + l3Vnis };
      });
    }
    if (this.#central === null) return [];
    const { gateway, tunnel } = this.#central;
    return [{ ...ownerOf(tunnel), ...gateway.use, vnis: membership.carriedCount(tunnel) }];
  }

  /** A switch with a VTEP lost its power. */
  switchWentDown(switchIndex: number, tunnel: number): void {
    if (switchIndex === this.#overlay.plan.gateway?.switchIndex) this.#central?.gateway.clearNeighbours();
    this.anycast?.clear(tunnel);
  }

  /** A VM of a segment is behind a tunnel now. */
  vmCame(tunnel: number, segment: number): void {
    const { membership } = this.#overlay;
    membership.add(tunnel, segment);
    for (const routed of this.anycast?.vmsChanged(tunnel, segment, 1) ?? []) membership.add(tunnel, routed);
  }

  /** It is no more. */
  vmLeft(tunnel: number, segment: number): void {
    const { membership } = this.#overlay;
    membership.remove(tunnel, segment);
    for (const routed of this.anycast?.vmsChanged(tunnel, segment, -1) ?? []) membership.remove(tunnel, routed);
  }

  #addCentral() {
    const { devices, plan, settings, cabling, vteps, membership, controlPlane, tunnelOfSwitch, peers } = this.#overlay;
    const { gateway } = plan;
    if (gateway === null) return null;
    const { switchIndex } = gateway;
    let tunnel = tunnelOfSwitch[switchIndex];
    let cable: GatewayCable | null = null;
    if (settings.vteps === 'hypervisor') {
      const node = devices.network.addNode('gateway');
      cable = { node, switchIndex, ports: cabling.addRoutedCable(node, switchIndex, gateway) };
      const site = plan.switches[switchIndex].pod ?? 0;
      tunnel = vteps.addWithBridge(node, { owner: 'gateway', tier: 'gateway', site });
      controlPlane?.addNodeVtep(node, tunnel, vteps.bridgeOf(tunnel), devices.bridges);
    }
    for (const segment of gatewaySegmentsOf(plan)) {
      membership.add(tunnel, segment);
      const twin = peers.get(switchIndex);
      if (twin !== undefined) membership.add(tunnelOfSwitch[twin], segment);
      const address = devices.network.addresses.idOf(segment, GATEWAY_MAC);
      controlPlane?.evpn.addStaticStation(tunnel, address, gatewayIpOf(plan.segments[segment]));
    }
    return { gateway: new Gateway(devices, plan, { bridge: vteps.bridgeOf(tunnel) }), tunnel, cable };
  }

  #addAnycast(anycast: AnycastSettings): AnycastGateways {
    const { devices, plan, settings, vteps, controlPlane, tunnelOfSwitch } = this.#overlay;
    if (settings.vteps !== 'leaf') throw new RangeError('anycast gateways are in leaves, and so are their VTEPs');
    const leaves = tunnelOfSwitch
      .filter((tunnel) => tunnel >= 0)
      .map((tunnel) => {
        const { hostEntries } = hardwareOf(settings, vteps.ownerOf(tunnel).tier);
        return { tunnel, bridge: vteps.bridgeOf(tunnel), hostEntries };
      });
    const gateways = new AnycastGateways(devices, plan, anycast, leaves);
    if (controlPlane !== null) {
      gateways.announcer = new EvpnHosts(controlPlane.evpn, gateways, plan.segments, anycast.irb);
    }
    return gateways;
  }
}
