import type { Devices } from '../device/devices.ts';
import { ALL_SEGMENTS, PortMode } from '../device/network.ts';
import type { InnerHandler } from '../device/tunnels.ts';
import { VXLAN_OVERHEAD_IPV4_BYTES, VXLAN_OVERHEAD_IPV6_BYTES } from '../wire/vxlan.ts';
import { ENDPOINT_IP_FIRST } from './addressing.ts';
import type { MacTableOwner } from './fabric.ts';
import { bridgeLimits, hardwareOf, tableCapacity } from './hardware.ts';
import type { VxlanSettings } from './vxlan-settings.ts';

/** Whose a VTEP is, and in which site. */
export interface VtepOwner extends Pick<MacTableOwner, 'owner' | 'tier'> {
  readonly site: number;
}

/** The VTEPs of a fabric: tunnels, and the bridges that some of them are ports of. */
export class Vteps {
  /** The table of every bridge and tunnel. */
  readonly macTables: MacTableOwner[] = [];

  readonly #devices: Devices;
  readonly #settings: VxlanSettings;
  // by bridge: the tunnels that are ports of it, at a border that into the site first; by tunnel: the bridge
  readonly #tunnelsOfBridge = new Map<number, readonly number[]>();
  readonly #bridgeOfTunnel = new Map<number, number>();
  // indexed by tunnel
  readonly #owners: VtepOwner[] = [];

  constructor(devices: Devices, settings: VxlanSettings) {
    this.#devices = devices;
    this.#settings = settings;
  }

  /** A bridge at a node and a tunnel as one of its ports; with the endpoint of another tunnel, unless that is -1. */
  addWithBridge(node: number, owner: VtepOwner, sharesWith = -1): number {
    const { bridges } = this.#devices;
    const { macAgeingNs } = this.#settings;
    const { tier, owner: name } = owner;
    const limits = bridgeLimits(this.#settings, tier);
    const bridge = bridges.addBridge(node, { ageingTimeNs: macAgeingNs, ...limits, implementation: 'ieee-802.1d' });
    const capacity = tableCapacity(this.#settings, tier);
    this.macTables.push({ owner: name, tier, kind: 'bridge', table: bridge, capacity });
    return this.#add(node, `${name} vtep`, owner, bridges, { bridge, sharesWith });
  }

  /** One more tunnel, to other sites, with an endpoint of its own, at the bridge of another. */
  addToBridgeOf(tunnel: number, node: number, name: string): number {
    const bridge = this.bridgeOf(tunnel);
    return this.#add(node, name, this.#owners[tunnel], this.#devices.bridges, { bridge, isBetweenSites: true });
  }

  /** A tunnel at a node that has no bridge, and its port: `inner` takes what it decapsulates. */
  addWithoutBridge(node: number, owner: VtepOwner, inner: InnerHandler): number {
    return this.#add(node, `${owner.owner} vtep`, owner, inner);
  }

  get tunnelCount(): number {
    return this.#owners.length;
  }

  ownerOf(tunnel: number): VtepOwner {
    return this.#owners[tunnel];
  }

  siteOf(tunnel: number): number {
    return this.#owners[tunnel].site;
  }

  /** The device that has an endpoint. */
  ownerOfEndpoint(endpoint: number): string {
    const { tunnels } = this.#devices;
    return this.#owners.find((_, tunnel) => tunnels.endpointOf(tunnel) === endpoint)?.owner ?? '';
  }

  /** The bridge that a tunnel is a port of; -1 if there is none. */
  bridgeOf(tunnel: number): number {
    return this.#bridgeOfTunnel.get(tunnel) ?? -1;
  }

  /** The tunnels that are ports of a bridge: at a border that into the site, and that to other sites. */
  tunnelsOf(bridge: number): readonly number[] {
    return this.#tunnelsOfBridge.get(bridge) ?? [];
  }

  #add(
    node: number,
    name: string,
    owner: VtepOwner,
    inner: InnerHandler,
    { bridge = -1, sharesWith = -1, isBetweenSites = false } = {},
  ): number {
    const { underlay, tunnels, bridges } = this.#devices;
    const { macAgeingNs, sourcePortCount } = this.#settings;
    const { owner: id, tier } = owner;
    const isPartOfBridge = bridge >= 0;
    const port = this.#devices.addVirtualPort(node, name, PortMode.tunnel, { trunk: ALL_SEGMENTS });
    const shared = sharesWith < 0 ? underlay.endpointCount : tunnels.endpointOf(sharesWith);
    const endpoint = underlay.addEndpoint(node, ENDPOINT_IP_FIRST + shared);
    if (sharesWith >= 0) underlay.shareEndpoint(node, shared);
    const tunnel = tunnels.addTunnel(
      port,
      {
        endpoint: shared,
        ownEndpoint: endpoint,
        ageingTimeNs: macAgeingNs,
        learns: !this.#settings.evpn,
        dropsUnknown: this.#settings.evpn?.unknownUnicast === 'drop',
        overheadBytes: this.#settings.underlay === 'ipv4' ? VXLAN_OVERHEAD_IPV4_BYTES : VXLAN_OVERHEAD_IPV6_BYTES,
        implementation: 'rfc7348',
        sourcePortCount,
        // the bridge's table limits what of it lies beyond the tunnel
        limits: isPartOfBridge ? null : bridgeLimits(this.#settings, tier),
        peersMax: hardwareOf(this.#settings, tier).vtepPeers,
        ...(isPartOfBridge && { sharesTable: { tables: bridges.tables, table: bridge } }),
      },
      inner,
    );
    this.#owners[tunnel] = owner;
    if (isPartOfBridge) {
      this.#tunnelsOfBridge.set(bridge, [...this.tunnelsOf(bridge), tunnel]);
      this.#bridgeOfTunnel.set(tunnel, bridge);
    }
    const capacity = tableCapacity(this.#settings, tier);
    this.macTables.push({ owner: id, tier, kind: 'tunnel', table: tunnel, capacity, isBetweenSites, isPartOfBridge });
    return tunnel;
  }
}
