import type { Devices } from '../device/devices.ts';
import { PortFlag } from '../device/network.ts';
import { bothObservers } from '../device/observer.ts';
import { outerFlowHash } from '../device/tunnels.ts';
import { Miss } from '../protocol/mac-tables.ts';
import { MIN_FRAME_BYTES } from '../wire/ethernet.ts';
import type { AnycastGateways } from './anycast-gateways.ts';
import { Cabling, NOWHERE } from './cabling.ts';
import { EvpnControlPlane } from './evpn-control-plane.ts';
import type { ControlPlaneLoad, Fabric, GatewayCable, GatewayUse, MacTableOwner } from './fabric.ts';
import { gatewaySegmentsOf } from './gateway.ts';
import { type HardwareUse, securePorts } from './hardware.ts';
import { MultihomedServers } from './multihomed-servers.ts';
import { OutsideRouters } from './outside-routers.ts';
import { addMembership } from './overlay-membership.ts';
import type { DatacenterPlan } from './plan.ts';
import type { SegmentMembership } from './segment-membership.ts';
import type { Membership } from './site-borders.ts';
import { controlStorms } from './storm-control.ts';
import { rackPairsOf, withLeafPeerLinks } from './switch-pairs.ts';
import { VtepPairs } from './vtep-pairs.ts';
import { Vteps } from './vteps.ts';
import { VxlanGateways } from './vxlan-gateways.ts';
import { vxlanHardwareUse } from './vxlan-hardware-use.ts';
import type { VxlanSettings } from './vxlan-settings.ts';
import { VxlanSites } from './vxlan-sites.ts';

export type { VxlanSettings } from './vxlan-settings.ts';

const NS_PER_MS = 1e6;

/**
 * Switches route, and VXLAN tunnels carry the segments across.
 *
 * `vteps: leaf`: each leaf is a bridge for the servers below, with a tunnel as one of its ports, and a router towards the
 * spines. It stands for switch hardware: local and remote stations share one table, so the tunnel's table is always the
 * part of the bridge's that lies beyond the tunnel.
 *
 * `vteps: hypervisor`: each server's virtual switch has the tunnel for its uplink, and leaves are routers that know no
 * VM. The gateway is then a node of its own, a bridge with a tunnel, cabled to its leaf.
 *
 * A VTEP carries the segments that have a VM behind it (SegmentMembership); a migration changes that at once. With EVPN a
 * VTEP carries a segment on until it has heard that the last of its stations has moved, or the station has aged out. Both
 * leaves of a dual-homed server carry its segments, and floods reach its link that stands by as well: the leaves know
 * nothing of its bond.
 *
 * With `mlag` the two leaves of a pair have one endpoint between them (an anycast VTEP) and carry the same segments. What is
 * for that endpoint reaches either, which delivers it to servers on both, and over the peer link to what is on the other.
 *
 * With `multihoming` of EVPN the two leaves of a server have endpoints of their own, and the server is an Ethernet segment.
 */
export class VxlanFabric implements Fabric {
  readonly name: string;
  readonly kind: string;
  readonly devices: Devices;
  readonly switchNodes: readonly number[];
  readonly serverNodes: readonly number[];
  readonly linkPorts: readonly (readonly [number, number])[];
  readonly serverPorts: readonly (readonly [number, number])[];
  readonly secondServerPorts: readonly (readonly [number, number] | null)[];
  readonly macTables: readonly MacTableOwner[];
  readonly refusedSegments: readonly number[] = [];
  readonly outOfReachVms: readonly number[] = [];
  readonly outside: OutsideRouters | null;
  readonly gatewayCable: GatewayCable | null;
  onPathsChanged: (() => void) | null = null;

  readonly #plan: DatacenterPlan;
  readonly #settings: VxlanSettings;
  readonly #cabling: Cabling;
  readonly #membership: Membership;
  readonly #vteps: Vteps;
  readonly #sites: VxlanSites | null;
  // indexed by server: the tunnel at the server, or those at its leaves
  readonly #tunnelsOfServer: readonly (readonly number[])[];
  readonly #gateways: VxlanGateways;
  readonly #pairs: VtepPairs | null;
  readonly #multihomed: MultihomedServers | null;
  // by switch of a pair: the other
  readonly #peers: ReadonlyMap<number, number>;
  /** EVPN; null where VTEPs learn from data. */
  readonly controlPlane: EvpnControlPlane | null;
  /** The gateways of leaves that route; null if one gateway does. */
  readonly anycast: AnycastGateways | null = null;

  constructor(devices: Devices, planned: DatacenterPlan, settings: VxlanSettings) {
    const { mlag = null } = settings;
    const segmentStartup = settings.evpn?.multihoming ?? null;
    const plan = mlag === null ? planned : withLeafPeerLinks(planned, mlag.peerLink);
    this.name = settings.name;
    this.kind = settings.kind;
    this.devices = devices;
    this.#plan = plan;
    this.#settings = settings;
    this.#vteps = new Vteps(devices, settings);
    this.macTables = this.#vteps.macTables;
    const pairs = mlag === null ? [] : rackPairsOf(plan);
    this.#peers = new Map(pairs.flatMap(([first, second]) => [[first, second] as const, [second, first] as const]));
    const toServers = settings.vteps === 'leaf' ? 'bridged' : 'routed';
    // a hypervisor encapsulates what its VMs send before it meets a wire
    devices.stacks.minFrameBytes = settings.vteps === 'leaf' ? MIN_FRAME_BYTES : 0;
    this.#cabling = new Cabling(devices, plan, {
      betweenSwitches: 'routed',
      toServers,
      bonding: mlag === null && segmentStartup === null ? 'active-backup' : 'active-active',
    });
    ({
      switchNodes: this.switchNodes,
      serverNodes: this.serverNodes,
      linkPorts: this.linkPorts,
      serverPorts: this.serverPorts,
      secondServerPorts: this.secondServerPorts,
    } = this.#cabling);
    this.controlPlane = settings.evpn
      ? new EvpnControlPlane(devices, plan, settings.evpn, {
          vteps: settings.vteps,
          vniBase: settings.vniBase,
          detectionNs: settings.detectionNs ?? 0,
          switchNodes: this.switchNodes,
          linkPorts: this.linkPorts,
          hasBorderGateways: settings.sites === 'border-gateways',
        })
      : null;
    const evpn = this.controlPlane?.evpn ?? null;
    const tunnelOfSwitch = settings.vteps === 'leaf' ? this.#addLeafVteps() : [];
    this.#tunnelsOfServer =
      settings.vteps === 'leaf'
        ? plan.servers.map(({ switchIndex, secondSwitchIndex }) => {
            const second = secondSwitchIndex ?? this.#peers.get(switchIndex);
            return second === undefined
              ? [tunnelOfSwitch[switchIndex]]
              : [tunnelOfSwitch[switchIndex], tunnelOfSwitch[second]];
          })
        : this.#addHypervisorVteps().map((tunnel) => [tunnel]);
    this.#sites =
      settings.sites === 'border-gateways'
        ? new VxlanSites({
            plan,
            switchNodes: this.switchNodes,
            vteps: this.#vteps,
            controlPlane: this.controlPlane,
            vniOf: (segment) => this.segmentLabel(segment),
            addMembership: () => this.#addMembership(),
          })
        : null;
    this.#membership = this.#sites?.membership ?? this.#addMembership();
    this.#cabling.addVms(gatewaySegmentsOf(plan));
    this.outside = plan.outside ? new OutsideRouters(devices, plan, this.#cabling) : null;
    this.#gateways = new VxlanGateways({
      devices,
      plan,
      settings,
      cabling: this.#cabling,
      vteps: this.#vteps,
      membership: this.#membership,
      controlPlane: this.controlPlane,
      tunnelOfSwitch,
      peers: this.#peers,
    });
    this.anycast = this.#gateways.anycast;
    this.gatewayCable = this.#gateways.cable;
    this.#gateways.addOutside(this.outside?.stations ?? []);
    if (settings.vteps === 'leaf') {
      const serverCables = [...this.serverPorts, ...this.secondServerPorts];
      securePorts(devices.bridges, settings, serverCables);
      controlStorms(devices, settings.stormControl, serverCables);
    }
    devices.bridges.tables.onEvicted = (bridge, address, reason) => this.#forgetEvicted(bridge, address, reason);
    devices.bridges.onLearned = (bridge, address, port) => {
      if (evpn === null || evpn.bridgeLearned(bridge, address, port)) this.#forgetRemote(bridge, address, port);
    };
    this.#pairs =
      mlag === null
        ? null
        : new VtepPairs(
            {
              devices,
              plan,
              cabling: this.#cabling,
              vteps: this.#vteps,
              tunnelOfSwitch,
              tunnelsOfServer: this.#tunnelsOfServer,
              controlPlane: this.controlPlane,
            },
            mlag,
          );
    const multihoming = evpn?.multihoming ?? null;
    this.#multihomed =
      segmentStartup === null || multihoming === null
        ? null
        : new MultihomedServers(
            {
              devices,
              plan,
              cabling: this.#cabling,
              vteps: this.#vteps,
              multihoming,
              tunnelOfSwitch,
              sourcePortCount: settings.sourcePortCount,
            },
            segmentStartup,
          );
    devices.underlay.setConvergenceTime(settings.convergenceNs, settings.detectionNs, settings.routeNs);
    const { network } = devices;
    network.observer = bothObservers(network.observer, {
      linkChanged: (port) => {
        this.controlPlane?.bgp.linkChanged(port);
        this.#multihomed?.linkChanged(port);
        this.onPathsChanged?.();
      },
    });
    devices.bonds.onFailover = () => this.onPathsChanged?.();
    devices.underlay.onRouted = () => this.onPathsChanged?.();
  }

  /** A segment reaches every server: the VTEP there joins it when its first VM comes. */
  canHost(): boolean {
    return true;
  }

  /** The VXLAN Network Identifier. */
  segmentLabel(segment: number): number {
    return this.#settings.vniBase + segment;
  }

  start(): void {
    this.#cabling.bringUp();
    this.#pairs?.start();
    this.devices.underlay.computeRoutes();
    this.controlPlane?.start();
    this.#multihomed?.start();
  }

  setLinkUp(linkIndex: number, isUp: boolean): void {
    this.#cabling.setLinkUp(linkIndex, isUp);
  }

  setSwitchUp(switchIndex: number, isUp: boolean): void {
    if (!isUp) this.#pairs?.setAlive(switchIndex, false);
    if (isUp) this.#multihomed?.switchComesUp(switchIndex);
    this.#cabling.setSwitchUp(switchIndex, isUp);
    if (isUp) this.#pairs?.setAlive(switchIndex, true);
    this.#sites?.setSwitchUp(switchIndex, isUp);
    if (isUp) return;
    this.controlPlane?.switchWentDown(switchIndex);
    const { bridges, tunnels } = this.devices;
    const bridge = bridges.bridgeOf(this.switchNodes[switchIndex]);
    const [tunnel, dciTunnel] = this.#vteps.tunnelsOf(bridge);
    for (const one of [tunnel, dciTunnel]) {
      if (one === undefined) continue;
      bridges.flushPort(tunnels.portOf(one));
      tunnels.tables.forgetAll(one, this.#nowMs());
    }
    if (tunnel !== undefined) this.#gateways.switchWentDown(switchIndex, tunnel);
  }

  setServerLinkUp(serverIndex: number, which: 0 | 1, isUp: boolean): void {
    this.#cabling.setServerLinkUp(serverIndex, which, isUp);
  }

  setServerUp(serverIndex: number, isUp: boolean): void {
    this.#cabling.setServerUp(serverIndex, isUp);
    if (isUp || this.#settings.vteps !== 'hypervisor') return;
    const { tables } = this.devices.tunnels;
    for (const tunnel of this.#tunnelsOfServer[serverIndex]) {
      tables.forgetAll(tunnel, this.#nowMs());
      this.controlPlane?.tunnelWentDown(tunnel);
    }
  }

  addVm(vm: number, serverIndex: number): void {
    for (const tunnel of this.#tunnelsOfServer[serverIndex]) this.#gateways.vmCame(tunnel, this.#plan.vmSegment[vm]);
    this.#multihomed?.vmCame(serverIndex, this.#plan.vmSegment[vm]);
    this.devices.servers.move(vm, this.serverNodes[serverIndex]);
    this.#hypervisorHas(vm);
  }

  removeVm(vm: number): void {
    const tunnels = this.#tunnelsOfServer[this.#cabling.serverOfVm(vm)];
    this.#hypervisorHasNoMore(vm);
    this.devices.servers.move(vm, NOWHERE);
    for (const tunnel of tunnels) this.#gateways.vmLeft(tunnel, this.#plan.vmSegment[vm]);
  }

  moveVm(vm: number, serverIndex: number): void {
    const { servers, tunnels } = this.devices;
    const segment = this.#plan.vmSegment[vm];
    const from = this.#tunnelsOfServer[this.#cabling.serverOfVm(vm)];
    const to = this.#tunnelsOfServer[serverIndex];
    for (const tunnel of to) if (!from.includes(tunnel)) this.#gateways.vmCame(tunnel, segment);
    this.#multihomed?.vmCame(serverIndex, segment);
    if (!from.includes(to[0])) this.#hypervisorHasNoMore(vm);
    for (const tunnel of from) if (!to.includes(tunnel)) this.#gateways.vmLeft(tunnel, segment);
    // a hypervisor knows its own VMs
    if (this.#settings.vteps === 'hypervisor' && !from.includes(to[0])) {
      tunnels.forget(to[0], servers.addressOf(vm), Miss.moved);
    }
    servers.move(vm, this.serverNodes[serverIndex]);
    if (!from.includes(to[0])) this.#hypervisorHas(vm);
  }

  /** A copy goes between hypervisors as packets of the underlay, or from leaf to leaf in packets that VTEPs make of it. */
  pathBetweenServers(fromServer: number, toServer: number, flowHash: number, segment = -1): Int32Array | null {
    const { sourcePortCount } = this.#settings;
    if (this.#pairs !== null)
      return this.#pairs.pathBetweenServers(fromServer, toServer, { flowHash, sourcePortCount });
    if (this.#multihomed !== null) return this.#multihomed.pathBetweenServers(fromServer, toServer, flowHash);
    const { network, tunnels, underlay } = this.devices;
    const ends = [this.#tunnelInUse(fromServer), this.#tunnelInUse(toServer)] as const;
    const legs = this.#sites?.tunnelsBetween(...ends, segment) ?? [ends];
    let path: number[] | null = [];
    for (const tunnelsOfLeg of legs) {
      const [from, to] = tunnelsOfLeg.map((tunnel) => tunnels.endpointOf(tunnel));
      const hash = outerFlowHash({ endpoint: from, destination: to, innerFlowHash: flowHash, sourcePortCount });
      const leg = underlay.pathBetween(from, to, hash);
      path = path === null || leg === null ? null : [...path, ...leg];
    }
    if (path === null || this.#settings.vteps === 'hypervisor') return path === null ? null : Int32Array.from(path);
    const [[, nic], [port]] = [fromServer, toServer].map((server) => this.#cabling.portsInUse(server));
    if (!network.hasFlag(nic, PortFlag.linkUp) || !network.hasFlag(port, PortFlag.linkUp)) return null;
    return Int32Array.of(nic, ...path, port);
  }

  placeOfServer(table: MacTableOwner, server: number, segment = -1, place = -1): number {
    if (this.#pairs !== null) return this.#pairs.placeOfServer(table, server);
    if (this.#multihomed !== null) return this.#multihomed.placeOfServer(table, server, place);
    const { tunnels } = this.devices;
    const tunnelOfServer = this.#tunnelInUse(server);
    if (table.kind === 'tunnel') {
      const isThere = table.table === tunnelOfServer;
      const next = this.#sites?.nextTunnel(table.table, tunnelOfServer, segment) ?? (isThere ? -1 : tunnelOfServer);
      return next < 0 ? -1 : tunnels.endpointOf(next);
    }
    const [tunnel, dciTunnel = tunnel] = this.#vteps.tunnelsOf(table.table);
    if (tunnel === tunnelOfServer) return this.#cabling.portsInUse(server)[0];
    const isHere = this.#vteps.siteOf(tunnel) === this.#vteps.siteOf(tunnelOfServer);
    return tunnels.portOf(isHere ? tunnel : dciTunnel);
  }

  controlPlaneLoads(): ControlPlaneLoad[] {
    return this.controlPlane === null ? [] : [this.controlPlane.load()];
  }

  restartControlPlanePeaks(): void {
    this.controlPlane?.bgp.restartPeaks();
  }

  gatewayUse(): GatewayUse[] {
    return this.#gateways.uses();
  }

  hardwareUse(): HardwareUse[] {
    return vxlanHardwareUse({
      devices: this.devices,
      plan: this.#plan,
      settings: this.#settings,
      switchNodes: this.switchNodes,
      vteps: this.#vteps,
      membership: this.#membership,
      gateways: this.#gateways,
    });
  }

  blockedLinkCount(): number {
    return 0;
  }

  forwardingLinkCount(): number {
    return this.#cabling.forwardingLinks().length;
  }

  usableBisectionBitsPerSec(): number {
    return this.#cabling.usableBisectionBitsPerSec();
  }

  /** Hypervisors know their VMs, with their addresses, and tell EVPN. */
  #hypervisorHas(vm: number): void {
    const evpn = this.controlPlane?.evpn;
    if (this.#settings.vteps !== 'hypervisor' || evpn === undefined) return;
    const [tunnel] = this.#tunnelsOfServer[this.#cabling.serverOfVm(vm)];
    const address = this.devices.servers.addressOf(vm);
    evpn.stationIsHere(tunnel, address);
    if (this.#settings.evpn?.learnsIpAddresses === true) evpn.stationHasIp(tunnel, address, this.#plan.vmIp(vm));
  }

  #hypervisorHasNoMore(vm: number): void {
    if (this.#settings.vteps !== 'hypervisor') return;
    const [tunnel] = this.#tunnelsOfServer[this.#cabling.serverOfVm(vm)];
    this.controlPlane?.evpn.stationIsGone(tunnel, this.devices.servers.addressOf(vm));
  }

  /** The tunnel at a server, or at the leaf that it uses now. */
  #tunnelInUse(server: number): number {
    const [tunnel, second] = this.#tunnelsOfServer[server];
    if (second === undefined) return tunnel;
    return this.#cabling.portsInUse(server) === this.serverPorts[server] ? tunnel : second;
  }

  #addMembership(): SegmentMembership {
    return addMembership({
      devices: this.devices,
      plan: this.#plan,
      settings: this.#settings,
      switchNodes: this.switchNodes,
      vteps: this.#vteps,
      controlPlane: this.controlPlane,
      onJoined: (tunnel, segment) => {
        this.controlPlane?.evpn.join(tunnel, segment);
        this.anycast?.join(tunnel, segment);
      },
      onLeft: (tunnel, segment) => this.#forgetSegment(tunnel, segment),
    });
  }

  /** Indexed by switch: the tunnel of each that holds a VTEP, -1 for the others. */
  #addLeafVteps(): number[] {
    const tunnelOfSwitch: number[] = [];
    for (const [index, { tier, holdsVtep, id }] of this.#plan.switches.entries()) {
      if (!holdsVtep) {
        tunnelOfSwitch.push(-1);
        continue;
      }
      // the first of a pair comes first
      const first = tunnelOfSwitch[this.#peers.get(index) ?? index] ?? -1;
      const tunnel = this.#vteps.addWithBridge(
        this.switchNodes[index],
        { owner: id, tier, site: this.#siteOf(index) },
        first,
      );
      this.controlPlane?.addSwitchVtep(index, tunnel, this.#vteps.bridgeOf(tunnel));
      tunnelOfSwitch.push(tunnel);
    }
    return tunnelOfSwitch;
  }

  /** Indexed by server. */
  #addHypervisorVteps(): number[] {
    const { servers, tunnels } = this.devices;
    return this.#plan.servers.map(({ id, switchIndex }, index) => {
      const node = this.serverNodes[index];
      const owner = { owner: id, tier: 'server' as const, site: this.#siteOf(switchIndex) };
      const tunnel = this.#vteps.addWithoutBridge(node, owner, servers);
      servers.setUplink(node, tunnels.portOf(tunnel));
      this.controlPlane?.addNodeVtep(node, tunnel, -1, servers);
      return tunnel;
    });
  }

  /** The site that a switch is in. */
  #siteOf(switchIndex: number): number {
    return this.#plan.switches[switchIndex].pod ?? 0;
  }

  /** A station that a bridge hears at a port of its own is remote no more. */
  #forgetRemote(bridge: number, address: number, port: number): void {
    const { tunnels } = this.devices;
    for (const tunnel of this.#vteps.tunnelsOf(bridge)) {
      if (tunnels.portOf(tunnel) !== port) tunnels.forget(tunnel, address, Miss.moved);
    }
  }

  /** What the one table of a switch has lost, its tunnel has lost. */
  #forgetEvicted(bridge: number, address: number, reason: number): void {
    for (const tunnel of this.#vteps.tunnelsOf(bridge)) {
      this.devices.tunnels.forget(tunnel, address, reason);
      this.controlPlane?.evpn.stationIsEvicted(tunnel, address);
    }
  }

  /** A bridge whose tunnel left a segment has nobody of it any more. */
  #forgetSegment(tunnel: number, segment: number): void {
    const { bridges, network } = this.devices;
    const bridge = this.#vteps.bridgeOf(tunnel);
    this.controlPlane?.evpn.left(tunnel, segment);
    if (bridge < 0) return;
    bridges.tables.forgetAddresses(bridge, network.addresses.idsOf(segment), this.#nowMs());
    this.anycast?.leave(tunnel, segment);
  }

  #nowMs(): number {
    return Math.floor(this.devices.network.simulation.nowNs / NS_PER_MS);
  }
}
