import type { Devices } from '../device/devices.ts';
import { EventKind } from '../device/event-kinds.ts';
import type { EvpnMultihoming } from '../device/evpn-multihoming.ts';
import { PortFlag } from '../device/network.ts';
import { outerFlowHash } from '../device/tunnels.ts';
import { ecmpIndex } from '../protocol/ecmp.ts';
import type { Cabling } from './cabling.ts';
import type { MacTableOwner } from './fabric.ts';
import type { MultihomedServersSettings } from './multihoming-settings.ts';
import type { DatacenterPlan } from './plan.ts';
import { TIER_LEVELS } from './switch-tiers.ts';
import type { Vteps } from './vteps.ts';

/** A fabric of leaves that servers have two links to. */
interface MultihomedFabric {
  readonly devices: Devices;
  readonly plan: DatacenterPlan;
  readonly cabling: Cabling;
  readonly vteps: Vteps;
  readonly multihoming: EvpnMultihoming;
  /** Indexed by switch; -1 for one that is no VTEP. */
  readonly tunnelOfSwitch: readonly number[];
  readonly sourcePortCount: number;
}

/** A link of a server: the port at its leaf, and the tunnel there. */
interface ServerLink {
  readonly port: number;
  readonly tunnel: number;
}

/** A leaf with links to Ethernet segments. */
interface Leaf {
  readonly ports: number[];
  readonly uplinks: number[];
  isHeld: boolean;
  /** Grows with each change, so that what was planned before is void. */
  era: number;
}

/**
 * Servers on two leaves that are an Ethernet segment each, with the number of the server. They use both of their links, and the
 * leaves know nothing of each other but what BGP tells them.
 */
export class MultihomedServers {
  readonly #fabric: MultihomedFabric;
  readonly #settings: MultihomedServersSettings;
  // indexed by server; by switch, and by port of an uplink: the leaf
  readonly #linksOfServer: readonly (readonly ServerLink[])[];
  readonly #leaves = new Map<number, Leaf>();
  readonly #leafOfUplink = new Map<number, number>();
  #isStarted = false;

  constructor(fabric: MultihomedFabric, settings: MultihomedServersSettings) {
    this.#fabric = fabric;
    this.#settings = settings;
    const { plan, cabling, tunnelOfSwitch, multihoming, devices } = fabric;
    this.#linksOfServer = plan.servers.map(({ switchIndex, secondSwitchIndex }, server) => {
      const links = [{ port: cabling.serverPorts[server][0], tunnel: tunnelOfSwitch[switchIndex] }];
      const second = cabling.secondServerPorts[server];
      if (second === null || secondSwitchIndex === null) return links;
      links.push({ port: second[0], tunnel: tunnelOfSwitch[secondSwitchIndex] });
      for (const { port, tunnel } of links) multihoming.addLink(port, { tunnel, ethernetSegment: server });
      for (const [index, at] of [switchIndex, secondSwitchIndex].entries())
        this.#leafAt(at).ports.push(links[index].port);
      return links;
    });
    devices.network.simulation.on(EventKind.segmentStartup, { handle: (_kind, at, era) => this.#release(at, era) });
  }

  start(): void {
    this.#isStarted = true;
  }

  /** A VM is at a server now. */
  vmCame(server: number, segment: number): void {
    if (!this.#isMultihomed(server)) return;
    for (const { tunnel } of this.#linksOfServer[server]) {
      this.#fabric.multihoming.addSegment({ tunnel, ethernetSegment: server }, segment);
    }
  }

  /** A switch is about to come back. */
  switchComesUp(switchIndex: number): void {
    const leaf = this.#leaves.get(switchIndex);
    if (leaf === undefined) return;
    this.#hold(leaf, true);
    this.#planRelease(switchIndex, leaf);
  }

  /** A link came up or went down. */
  linkChanged(port: number): void {
    const { network } = this.#fabric.devices;
    if (!this.#isStarted || !this.#settings.tracksUplinks) return;
    for (const end of [port, network.peerOf(port)]) {
      const at = this.#leafOfUplink.get(end);
      if (at === undefined) continue;
      const leaf = this.#leaves.get(at)!;
      if (!this.#hasUplink(leaf)) {
        leaf.era++;
        this.#hold(leaf, true);
      } else if (leaf.isHeld && this.#isOnlyUplink(leaf, end)) this.#planRelease(at, leaf);
    }
  }

  /** As Fabric.pathBetweenServers. */
  pathBetweenServers(fromServer: number, toServer: number, flowHash: number): Int32Array | null {
    const { devices, cabling, sourcePortCount } = this.#fabric;
    const { aggregations, network, servers, tunnels, underlay } = devices;
    const nic = aggregations.portFor(servers.uplinkOf(cabling.serverNodes[fromServer]), flowHash);
    if (!network.hasFlag(nic, PortFlag.linkUp)) return null;
    const node = network.nodeOf(network.peerOf(nic));
    const up = this.#upLinksOf(toServer);
    const own = up.find(({ port }) => network.nodeOf(port) === node);
    if (own !== undefined) return Int32Array.of(nic, own.port);
    const first = this.#linksOfServer[fromServer].find(({ port }) => network.nodeOf(port) === node);
    if (up.length === 0 || first === undefined) return null;
    const ways = [...up].sort((a, b) => tunnels.endpointOf(a.tunnel) - tunnels.endpointOf(b.tunnel));
    const last = ways[ecmpIndex(flowHash, node, ways.length)];
    const [endpoint, destination] = [first, last].map(({ tunnel }) => tunnels.endpointOf(tunnel));
    const hash = outerFlowHash({ endpoint, destination, innerFlowHash: flowHash, sourcePortCount });
    const leg = underlay.pathBetween(endpoint, destination, hash);
    return leg === null ? null : Int32Array.of(nic, ...leg, last.port);
  }

  /** As Fabric.placeOfServer. */
  placeOfServer({ kind, table }: MacTableOwner, server: number, place: number): number {
    const { devices, vteps } = this.#fabric;
    const { tunnels } = devices;
    const tunnel = kind === 'tunnel' ? table : vteps.tunnelsOf(table)[0];
    const up = this.#upLinksOf(server);
    const own = up.find((link) => link.tunnel === tunnel);
    if (kind === 'bridge') return own === undefined ? (up.length === 0 ? -1 : tunnels.portOf(tunnel)) : own.port;
    if (own !== undefined || up.length === 0) return -1;
    const endpoints = up.map((link) => tunnels.endpointOf(link.tunnel));
    const leads = place >= 0 && tunnels.endpointsAt(place).every((endpoint) => endpoints.includes(endpoint));
    return leads ? place : endpoints[0];
  }

  #isMultihomed(server: number): boolean {
    return this.#linksOfServer[server].length > 1;
  }

  #upLinksOf(server: number): readonly ServerLink[] {
    const { network } = this.#fabric.devices;
    return this.#linksOfServer[server].filter(({ port }) => network.hasFlag(port, PortFlag.linkUp));
  }

  #leafAt(switchIndex: number): Leaf {
    let leaf = this.#leaves.get(switchIndex);
    if (leaf !== undefined) return leaf;
    const { plan, cabling } = this.#fabric;
    const levelOf = (at: number) => TIER_LEVELS[plan.switches[at].tier];
    const uplinks = plan.links.flatMap(({ a, b }, link) => {
      if (a === switchIndex && levelOf(b) > levelOf(a)) return [cabling.linkPorts[link][0]];
      return b === switchIndex && levelOf(a) > levelOf(b) ? [cabling.linkPorts[link][1]] : [];
    });
    leaf = { ports: [], uplinks, isHeld: false, era: 0 };
    this.#leaves.set(switchIndex, leaf);
    for (const port of uplinks) this.#leafOfUplink.set(port, switchIndex);
    return leaf;
  }

  #hasUplink({ uplinks }: Leaf): boolean {
    return uplinks.some((port) => this.#fabric.devices.network.hasFlag(port, PortFlag.linkUp));
  }

  #isOnlyUplink({ uplinks }: Leaf, port: number): boolean {
    return uplinks.every((other) => other === port || !this.#fabric.devices.network.hasFlag(other, PortFlag.linkUp));
  }

  #hold(leaf: Leaf, isHeld: boolean): void {
    if (leaf.isHeld === isHeld) return;
    leaf.isHeld = isHeld;
    for (const port of leaf.ports) this.#fabric.cabling.hold(port, isHeld);
  }

  #planRelease(at: number, leaf: Leaf): void {
    leaf.era++;
    const { simulation } = this.#fabric.devices.network;
    simulation.scheduleAfter(this.#settings.startupDelayNs, EventKind.segmentStartup, at, leaf.era);
  }

  #release(at: number, era: number): void {
    const leaf = this.#leaves.get(at)!;
    if (leaf.era !== era || (this.#settings.tracksUplinks && !this.#hasUplink(leaf))) return;
    this.#hold(leaf, false);
  }
}
