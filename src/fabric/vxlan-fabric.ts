import type { Devices } from '../device/devices.ts';
import { Limit } from '../device/limits.ts';
import { ALL_SEGMENTS, PortFlag, PortMode } from '../device/network.ts';
import { bothObservers } from '../device/observer.ts';
import { type InnerHandler, outerFlowHash } from '../device/tunnels.ts';
import { Miss } from '../protocol/mac-tables.ts';
import { MIN_FRAME_BYTES } from '../wire/ethernet.ts';
import { VXLAN_OVERHEAD_IPV4_BYTES, VXLAN_OVERHEAD_IPV6_BYTES } from '../wire/vxlan.ts';
import { ENDPOINT_IP_FIRST, GATEWAY_MAC, gatewayIpOf } from './addressing.ts';
import { AnycastGateways, type AnycastSettings } from './anycast-gateways.ts';
import { Cabling, NOWHERE } from './cabling.ts';
import { EvpnControlPlane, type EvpnSettings } from './evpn-control-plane.ts';
import { EvpnHosts } from './evpn-hosts.ts';
import type { ControlPlaneLoad, Fabric, GatewayUse, MacTableOwner } from './fabric.ts';
import { Gateway, gatewaySegmentsOf } from './gateway.ts';
import {
  bridgeLimits,
  type HardwareUse,
  hardwareOf,
  hostEntriesUse,
  securePorts,
  type TableLimits,
  tableCapacity,
} from './hardware.ts';
import { Mlag, type MlagSettings } from './mlag.ts';
import { addMulticastGroups, GROUP_PER_SEGMENT, type MulticastSettings } from './multicast-groups.ts';
import type { DatacenterPlan, PlannedSwitch } from './plan.ts';
import { SegmentMembership } from './segment-membership.ts';
import { type Membership, SiteBorders } from './site-borders.ts';
import { controlStorms } from './storm-control.ts';
import { rackPairsOf, withLeafPeerLinks } from './switch-pairs.ts';
import { highestSwitches } from './switch-tiers.ts';

const NS_PER_MS = 1e6;

/**
 * A routed underlay with ECMP and an overlay with a VNI per segment, which learns from flooded frames (RFC 7348) or is
 * told by EVPN (RFC 8365).
 */
export interface VxlanSettings extends TableLimits {
  readonly kind: 'vxlan-flood-learn' | 'vxlan-multicast' | 'vxlan-evpn';
  readonly name: string;
  readonly macAgeingNs: number;
  readonly vteps: 'leaf' | 'hypervisor';
  readonly replication: 'ingress' | 'multicast' | 'assisted';
  /** Switches that replicate, if it is assisted; null: those of the highest tier. */
  readonly replicators?: readonly string[] | null;
  /** How, if by multicast; unless given, a group for each segment in trees that are used in both directions. */
  readonly multicast?: MulticastSettings | null;
  readonly underlay: 'ipv4' | 'ipv6';
  /** VNI of the first segment; the others follow. */
  readonly vniBase: number;
  readonly sourcePortCount: number;
  /** From a failure until all routers use new routes, and until those at the dead link stop using it; 0 unless given. */
  readonly convergenceNs: number;
  readonly detectionNs?: number;
  /** The control plane; unless given, VTEPs learn from what they decapsulate. */
  readonly evpn?: EvpnSettings | null;
  /**
   * What joins the sites of a topology that has some: tunnels from any VTEP to any other, or gateways at their borders.
   * End to end unless given.
   */
  readonly sites?: 'end-to-end' | 'border-gateways';
  /** How leaves route between segments; unless given, one gateway does. Somebody has to feed them: `anycast`. */
  readonly anycast?: AnycastSettings | null;
  /** Leaves that share dual-homed servers act as one, with one endpoint; unless given, each is on its own. */
  readonly mlag?: MlagSettings | null;
}

/** The tiers of MacTableOwner. */
type Tier = MacTableOwner['tier'];

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
  readonly macTables: MacTableOwner[] = [];
  readonly refusedSegments: readonly number[] = [];
  readonly outOfReachVms: readonly number[] = [];
  onPathsChanged: (() => void) | null = null;

  readonly #plan: DatacenterPlan;
  readonly #settings: VxlanSettings;
  readonly #cabling: Cabling;
  readonly #membership: Membership;
  readonly #borders: SiteBorders | null;
  // indexed by server: the tunnel at the server, or those at its leaves
  readonly #tunnelsOfServer: readonly (readonly number[])[];
  // indexed by VM; NOWHERE for one that is at no server
  readonly #serverOfVm: Int32Array;
  // by bridge: the tunnels that are ports of it, at a border that into the site first; by tunnel: the bridge
  readonly #tunnelsOfBridge = new Map<number, readonly number[]>();
  readonly #bridgeOfTunnel = new Map<number, number>();
  // indexed by tunnel
  readonly #siteOfTunnel: number[] = [];
  readonly #ownerOfTunnel: { owner: string; tier: Tier }[] = [];
  readonly #gateway: Gateway | null;
  #gatewayTunnel = -1;
  readonly #mlag: Mlag | null;
  // by switch of a pair: the other
  readonly #peers: ReadonlyMap<number, number>;
  /** EVPN; null where VTEPs learn from data. */
  readonly controlPlane: EvpnControlPlane | null;
  /** The gateways of leaves that route; null if one gateway does. */
  readonly anycast: AnycastGateways | null = null;

  constructor(devices: Devices, planned: DatacenterPlan, settings: VxlanSettings) {
    const { mlag = null } = settings;
    const plan = mlag === null ? planned : withLeafPeerLinks(planned, mlag.peerLink);
    this.name = settings.name;
    this.kind = settings.kind;
    this.devices = devices;
    this.#plan = plan;
    this.#settings = settings;
    const pairs = mlag === null ? [] : rackPairsOf(plan);
    this.#peers = new Map(pairs.flatMap(([first, second]) => [[first, second] as const, [second, first] as const]));
    const toServers = settings.vteps === 'leaf' ? 'bridged' : 'routed';
    // a hypervisor encapsulates what its VMs send before it meets a wire
    devices.stacks.minFrameBytes = settings.vteps === 'leaf' ? MIN_FRAME_BYTES : 0;
    this.#cabling = new Cabling(devices, plan, {
      betweenSwitches: 'routed',
      toServers,
      bonding: mlag === null ? 'active-backup' : 'active-active',
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
          detectionNs: settings.detectionNs ?? 0,
          switchNodes: this.switchNodes,
          linkPorts: this.linkPorts,
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
    this.#borders = settings.sites === 'border-gateways' ? this.#addSiteBorders() : null;
    this.#membership = this.#borders ?? this.#addMembership();
    this.#cabling.addVms(gatewaySegmentsOf(plan));
    this.#serverOfVm = new Int32Array(plan.vmSegment.length).fill(NOWHERE);
    this.#gateway = settings.anycast ? null : this.#addGateway(tunnelOfSwitch);
    if (settings.anycast) this.anycast = this.#addAnycastGateways(settings.anycast, tunnelOfSwitch);
    if (settings.vteps === 'leaf') {
      const serverCables = [...this.serverPorts, ...this.secondServerPorts];
      securePorts(devices.bridges, settings, serverCables);
      controlStorms(devices, settings.stormControl, serverCables);
    }
    devices.bridges.tables.onEvicted = (bridge, address, reason) => this.#forgetEvicted(bridge, address, reason);
    devices.bridges.onLearned = (bridge, address, port) => {
      if (evpn === null || evpn.bridgeLearned(bridge, address, port)) this.#forgetRemote(bridge, address, port);
    };
    this.#mlag = mlag === null ? null : this.#addMlag(mlag, tunnelOfSwitch);
    devices.underlay.setConvergenceTime(settings.convergenceNs, settings.detectionNs);
    const { network } = devices;
    network.observer = bothObservers(network.observer, {
      linkChanged: (port) => {
        this.controlPlane?.bgp.linkChanged(port);
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
    this.#mlag?.start();
    this.devices.underlay.computeRoutes();
    this.controlPlane?.start();
  }

  setLinkUp(linkIndex: number, isUp: boolean): void {
    this.#cabling.setLinkUp(linkIndex, isUp);
  }

  setSwitchUp(switchIndex: number, isUp: boolean): void {
    if (!isUp) this.#mlag?.setAlive(switchIndex, false);
    this.#cabling.setSwitchUp(switchIndex, isUp);
    if (isUp) this.#mlag?.setAlive(switchIndex, true);
    const site = this.#siteOf(switchIndex);
    const border = bordersOf(this.#plan.switches, site).indexOf(switchIndex);
    if (border >= 0) this.#borders?.setUp(site, border, isUp);
    if (isUp) return;
    this.controlPlane?.switchWentDown(switchIndex);
    const { bridges, tunnels } = this.devices;
    const bridge = bridges.bridgeOf(this.switchNodes[switchIndex]);
    const [tunnel, dciTunnel] = this.#tunnelsOfBridge.get(bridge) ?? [];
    for (const one of [tunnel, dciTunnel]) {
      if (one === undefined) continue;
      bridges.flushPort(tunnels.portOf(one));
      tunnels.tables.forgetAll(one, this.#nowMs());
    }
    if (tunnel === undefined) return;
    if (switchIndex === this.#plan.gateway?.switchIndex) this.#gateway?.clearNeighbours();
    this.anycast?.clear(tunnel);
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
    this.#serverOfVm[vm] = serverIndex;
    for (const tunnel of this.#tunnelsOfServer[serverIndex]) this.#join(tunnel, this.#plan.vmSegment[vm]);
    this.devices.servers.move(vm, this.serverNodes[serverIndex]);
    this.#hypervisorHas(vm);
  }

  removeVm(vm: number): void {
    const tunnels = this.#tunnelsOfServer[this.#serverOfVm[vm]];
    this.#hypervisorHasNoMore(vm);
    this.devices.servers.move(vm, NOWHERE);
    for (const tunnel of tunnels) this.#leave(tunnel, this.#plan.vmSegment[vm]);
    this.#serverOfVm[vm] = NOWHERE;
  }

  moveVm(vm: number, serverIndex: number): void {
    const { servers, tunnels } = this.devices;
    const segment = this.#plan.vmSegment[vm];
    const from = this.#tunnelsOfServer[this.#serverOfVm[vm]];
    const to = this.#tunnelsOfServer[serverIndex];
    for (const tunnel of to) if (!from.includes(tunnel)) this.#join(tunnel, segment);
    if (!from.includes(to[0])) this.#hypervisorHasNoMore(vm);
    for (const tunnel of from) if (!to.includes(tunnel)) this.#leave(tunnel, segment);
    // a hypervisor knows its own VMs
    if (this.#settings.vteps === 'hypervisor' && !from.includes(to[0])) {
      tunnels.forget(to[0], servers.addressOf(vm), Miss.moved);
    }
    this.#serverOfVm[vm] = serverIndex;
    servers.move(vm, this.serverNodes[serverIndex]);
    if (!from.includes(to[0])) this.#hypervisorHas(vm);
  }

  /** A copy goes between hypervisors as packets of the underlay, or from leaf to leaf in packets that VTEPs make of it. */
  pathBetweenServers(fromServer: number, toServer: number, flowHash: number): Int32Array | null {
    if (this.#mlag !== null) return this.#pathBetweenPairs(this.#mlag, { fromServer, toServer, flowHash });
    const { network, tunnels, underlay } = this.devices;
    const { sourcePortCount } = this.#settings;
    const legs = this.#tunnelsBetween(this.#tunnelInUse(fromServer), this.#tunnelInUse(toServer));
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

  /** Out of whichever link the server takes, and to whichever leaf of the other pair routes lead. */
  #pathBetweenPairs(
    mlag: Mlag,
    { fromServer, toServer, flowHash }: { fromServer: number; toServer: number; flowHash: number },
  ): Int32Array | null {
    const { aggregations, network, servers, tunnels, underlay } = this.devices;
    const nic = aggregations.portFor(servers.uplinkOf(this.serverNodes[fromServer]), flowHash);
    if (!network.hasFlag(nic, PortFlag.linkUp)) return null;
    let node = network.nodeOf(network.peerOf(nic));
    const from = this.#tunnelsOfServer[fromServer].find((tunnel) => network.nodeOf(tunnels.portOf(tunnel)) === node)!;
    const path = [nic];
    const [to] = this.#tunnelsOfServer[toServer];
    if (tunnels.endpointOf(from) !== tunnels.endpointOf(to)) {
      const { endpoint, ownEndpoint = endpoint } = tunnels.parametersOf(from);
      const destination = tunnels.endpointOf(to);
      const { sourcePortCount } = this.#settings;
      const hash = outerFlowHash({ endpoint, destination, innerFlowHash: flowHash, sourcePortCount });
      const leg = underlay.pathBetween(ownEndpoint, destination, hash);
      if (leg === null) return null;
      path.push(...leg);
      node = network.nodeOf(network.peerOf(leg[leg.length - 1]));
    }
    const rest = mlag.pathTo(toServer, node, flowHash);
    return rest === null ? null : Int32Array.of(...path, ...rest);
  }

  placeOfServer({ kind, table }: MacTableOwner, server: number): number {
    const { tunnels } = this.devices;
    if (this.#mlag !== null) {
      const tunnel = kind === 'tunnel' ? table : this.#tunnelsOfBridge.get(table)![0];
      const own = this.#tunnelsOfServer[server];
      if (kind === 'tunnel') return own.includes(tunnel) ? -1 : tunnels.endpointOf(own[0]);
      if (!own.includes(tunnel)) return tunnels.portOf(tunnel);
      return this.#mlag.placeOfServer(this.devices.bridges.nodeOf(table), server);
    }
    const tunnelOfServer = this.#tunnelInUse(server);
    if (kind === 'tunnel') {
      const next = this.#nextTunnel(table, tunnelOfServer);
      return next < 0 ? -1 : tunnels.endpointOf(next);
    }
    const [tunnel, dciTunnel = tunnel] = this.#tunnelsOfBridge.get(table)!;
    if (tunnel === tunnelOfServer) return this.#cabling.portsInUse(server)[0];
    const isHere = this.#siteOfTunnel[tunnel] === this.#siteOfTunnel[tunnelOfServer];
    return tunnels.portOf(isHere ? tunnel : dciTunnel);
  }

  /** The tunnel to which a tunnel sends what is for another one: that itself or, with border gateways, one on the way; or -1. */
  #nextTunnel(tunnel: number, last: number): number {
    if (tunnel === last) return -1;
    if (this.#borders === null) return last;
    const [here, there] = [this.#siteOfTunnel[tunnel], this.#siteOfTunnel[last]];
    const [own, other] = [this.#borders.borderOf(here), this.#borders.borderOf(there)];
    const isBetweenSites = this.#tunnelsOfBridge.get(this.#bridgeOfTunnel.get(tunnel) ?? -1)?.[1] === tunnel;
    if (isBetweenSites) return here === there ? -1 : (other?.dciTunnel ?? -1);
    if (here === there) return last;
    return tunnel === own?.siteTunnel ? -1 : (own?.siteTunnel ?? -1);
  }

  /** The pairs of tunnels that a frame goes between, from one to another. */
  #tunnelsBetween(from: number, to: number): (readonly [number, number])[] {
    const here = this.#siteOfTunnel[from];
    const there = this.#siteOfTunnel[to];
    const [own, other] = [this.#borders?.borderOf(here) ?? null, this.#borders?.borderOf(there) ?? null];
    if (here === there || own === null || other === null) return [[from, to]];
    return [
      [from, own.siteTunnel],
      [own.dciTunnel, other.dciTunnel],
      [other.siteTunnel, to],
    ];
  }

  controlPlaneLoads(): ControlPlaneLoad[] {
    if (this.controlPlane === null) return [];
    const { bgp } = this.controlPlane;
    const nodes = this.devices.network.nodeNames;
    const devices = bgp.speakers.map(({ index, heldCount }) => {
      return {
        owner: nodes[bgp.nodeOf(index)],
        sentMessages: bgp.sentMessages[index],
        receivedMessages: bgp.receivedMessages[index],
        sentBytes: bgp.sentBytes[index],
        peakPerSecond: bgp.peakPerSecond[index],
        routes: heldCount,
      };
    });
    return [{ protocol: 'bgp', devices }];
  }

  gatewayUse(): GatewayUse[] {
    if (this.anycast !== null) {
      return this.anycast.uses().map(({ tunnel, l3Vnis, ...use }) => {
        return { ...this.#ownerOfTunnel[tunnel], ...use, vnis: this.#membership.carriedCount(tunnel) + l3Vnis };
      });
    }
    if (this.#gateway === null) return [];
    const vnis = this.#membership.carriedCount(this.#gatewayTunnel);
    return [{ ...this.#ownerOfTunnel[this.#gatewayTunnel], ...this.#gateway.use, vnis }];
  }

  hardwareUse(): HardwareUse[] {
    return [...hostEntriesUse(this.#settings, this.gatewayUse()), ...this.#tunnelUse(), ...this.#multicastUse()];
  }

  /** Most multicast routes of switches at a time. */
  #multicastUse(): HardwareUse[] {
    const { multicast } = this.devices.underlay;
    return this.#plan.switches.flatMap(({ id, tier }, index): HardwareUse[] => {
      const { mroutes = null } = hardwareOf(this.#settings, tier);
      if (mroutes === null || multicast.groupCount === 0) return [];
      const used = multicast.state.entriesMax(this.switchNodes[index]);
      return [{ owner: id, tier, resource: 'mroutes', used, limit: mroutes, refused: [] }];
    });
  }

  #tunnelUse(): HardwareUse[] {
    const { tunnels } = this.devices;
    return this.#ownerOfTunnel.flatMap(({ owner, tier }, tunnel): HardwareUse[] => {
      const { vtepPeers, vnis, multicastGroups = null } = hardwareOf(this.#settings, tier);
      const peers = tunnels.peersOf(tunnel);
      const ofEndpoint = (endpoint: number) =>
        this.#ownerOfTunnel.find((_, other) => tunnels.endpointOf(other) === endpoint)?.owner ?? '';
      const labels = this.#membership.refusedBy(tunnel).map((segment) => `${this.segmentLabel(segment)}`);
      const peersUse = vtepPeers !== null && peers !== null;
      return [
        ...(peersUse
          ? [
              {
                owner,
                tier,
                resource: 'vtep_peers' as const,
                used: peers.knownCount,
                limit: vtepPeers,
                refused: [...peers.refused].map(ofEndpoint),
              },
            ]
          : []),
        ...(vnis === null
          ? []
          : [
              {
                owner,
                tier,
                resource: 'vnis' as const,
                used: this.#membership.carriedCount(tunnel) + (this.anycast?.l3VniCount(tunnel) ?? 0),
                limit: vnis,
                refused: labels,
              },
            ]),
        ...(multicastGroups === null || this.#settings.replication !== 'multicast'
          ? []
          : [
              {
                owner,
                tier,
                resource: 'multicast_groups' as const,
                used: this.#membership.joinedGroupCount(tunnel),
                limit: multicastGroups,
                refused: labels,
              },
            ]),
      ];
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
    const [tunnel] = this.#tunnelsOfServer[this.#serverOfVm[vm]];
    const address = this.devices.servers.addressOf(vm);
    evpn.stationIsHere(tunnel, address);
    if (this.#settings.evpn?.suppressesArp === true) evpn.stationHasIp(tunnel, address, this.#plan.vmIp(vm));
  }

  #hypervisorHasNoMore(vm: number): void {
    if (this.#settings.vteps !== 'hypervisor') return;
    const [tunnel] = this.#tunnelsOfServer[this.#serverOfVm[vm]];
    this.controlPlane?.evpn.stationIsGone(tunnel, this.devices.servers.addressOf(vm));
  }

  /** The tunnel at a server, or at the leaf that it uses now. */
  #tunnelInUse(server: number): number {
    const [tunnel, second] = this.#tunnelsOfServer[server];
    if (second === undefined) return tunnel;
    return this.#cabling.portsInUse(server) === this.serverPorts[server] ? tunnel : second;
  }

  /** Where floods go: to the segment's group, or to each other VTEP that carries it. */
  #addMembership(): SegmentMembership {
    const { network, tunnels } = this.devices;
    const evpn = this.controlPlane?.evpn ?? null;
    const membership = new SegmentMembership(tunnels, {
      segmentCount: this.#plan.segments.length,
      groups: this.#settings.replication === 'multicast' ? this.#addGroups() : null,
      replicators: this.#settings.replication === 'assisted' ? this.#addReplicators() : null,
      onLeft: (tunnel, segment) => this.#forgetSegment(tunnel, segment),
      onJoined: (tunnel, segment) => {
        evpn?.join(tunnel, segment);
        this.anycast?.join(tunnel, segment);
      },
      source: evpn,
      onRefused: (tunnel, limit) => {
        network.limits.hit(Limit[limit], network.nodeOf(tunnels.portOf(tunnel)), network.simulation.nowNs, 1);
      },
      vnisMax: (tunnel) => hardwareOf(this.#settings, this.#ownerOfTunnel[tunnel].tier).vnis,
      groupsMax: (tunnel) => hardwareOf(this.#settings, this.#ownerOfTunnel[tunnel].tier).multicastGroups ?? null,
    });
    if (evpn !== null) evpn.onMayLeave = (tunnel, segment) => membership.release(tunnel, segment);
    return membership;
  }

  /** A bridge with two tunnels at each border. */
  #addSiteBorders(): SiteBorders {
    const { switches, segments } = this.#plan;
    if (this.#settings.replication !== 'ingress') throw new RangeError('border gateways replicate floods themselves');
    const siteCount = switches.reduce((most, { pod }) => Math.max(most, (pod ?? 0) + 1), 0);
    const borders = Array.from({ length: siteCount }, (_, site) =>
      bordersOf(switches, site).map((index) => {
        const { id, tier } = switches[index];
        const node = this.switchNodes[index];
        const siteTunnel = this.#addBridgeWithTunnel(node, id, tier, site);
        const bridge = this.#bridgeOfTunnel.get(siteTunnel)!;
        const name = `${id} dci vtep`;
        const port = this.devices.addVirtualPort(node, name, PortMode.tunnel, { trunk: ALL_SEGMENTS });
        const dciTunnel = this.#addTunnel(node, port, { owner: id, tier, site }, this.devices.bridges, bridge);
        return { siteTunnel, dciTunnel };
      }),
    );
    return new SiteBorders({
      segmentCount: segments.length,
      membershipOfSite: borders.map(() => this.#addMembership()),
      betweenSites: this.#addMembership(),
      siteOfTunnel: (tunnel) => this.#siteOfTunnel[tunnel],
      borders,
    });
  }

  /** An endpoint at each switch that replicates. */
  #addReplicators(): number[] {
    const { underlay, tunnels } = this.devices;
    const { switches } = this.#plan;
    const named = this.#settings.replicators;
    const indices = named?.map((name) => switches.findIndex(({ id }) => id === name)) ?? highestSwitches(switches);
    return indices.map((index) => {
      const endpoint = underlay.addEndpoint(this.switchNodes[index], ENDPOINT_IP_FIRST + underlay.endpointCount);
      tunnels.addReplicator(endpoint);
      return endpoint;
    });
  }

  /** The group of each segment; routers' tables of multicast routes are as large as their hardware says. */
  #addGroups(): number[] {
    const { devices, switchNodes } = this;
    for (const [index, { tier }] of this.#plan.switches.entries()) {
      const { mroutes = null } = hardwareOf(this.#settings, tier);
      if (mroutes !== null) devices.underlay.multicast.state.limit(switchNodes[index], mroutes);
    }
    return addMulticastGroups(devices, this.#plan, switchNodes, this.#settings.multicast ?? GROUP_PER_SEGMENT);
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
      const tunnel = this.#addBridgeWithTunnel(this.switchNodes[index], id, tier, this.#siteOf(index), first);
      this.controlPlane?.addSwitchVtep(index, tunnel, this.#bridgeOfTunnel.get(tunnel)!);
      tunnelOfSwitch.push(tunnel);
    }
    return tunnelOfSwitch;
  }

  /** Leaves in pairs tell each other where stations are: at their own ports, and behind which endpoint. */
  #addMlag(settings: MlagSettings, tunnelOfSwitch: readonly number[]): Mlag {
    const { bridges, mlagPairs, network, tunnels, underlay } = this.devices;
    const mlag = new Mlag(
      {
        devices: this.devices,
        plan: this.#plan,
        cabling: this.#cabling,
        pairs: rackPairsOf(this.#plan),
        bridges: tunnelOfSwitch.map((tunnel) => this.#bridgeOfTunnel.get(tunnel) ?? -1),
        refusedSegments: [],
        tunnels: {
          ports: tunnelOfSwitch.map((tunnel) => (tunnel < 0 ? -1 : tunnels.portOf(tunnel))),
          // while its ports to servers are down, packets shall go to the other leaf
          onHold: (port, isHeld) => underlay.setAnnounced(network.nodeOf(port), !isHeld),
        },
      },
      settings,
    );
    const tunnelOf = (bridge: number) => this.#tunnelsOfBridge.get(bridge)![0];
    tunnels.onLearned = (tunnel, address) => mlagPairs.tell(this.#bridgeOfTunnel.get(tunnel)!, address);
    mlagPairs.onTold = (from, to, address, place) => {
      const tunnel = tunnelOf(to);
      const isBeyond = place === tunnels.portOf(tunnel) && bridges.tables.lookUp(to, address, this.#nowMs()) === place;
      if (isBeyond) tunnels.learnFrom(tunnel, tunnelOf(from), address);
    };
    mlagPairs.onAgesShared = (one, other) => {
      tunnels.tables.shareAges(tunnelOf(one), tunnelOf(other), this.#nowMs(), () => {});
    };
    return mlag;
  }

  /** Indexed by server. */
  #addHypervisorVteps(): number[] {
    const { servers } = this.devices;
    return this.#plan.servers.map(({ id, switchIndex }, index) => {
      const node = this.serverNodes[index];
      const port = this.devices.addVirtualPort(node, `${id} vtep`, PortMode.tunnel, { trunk: ALL_SEGMENTS });
      servers.setUplink(node, port);
      const owner = { owner: id, tier: 'server' as const, site: this.#siteOf(switchIndex) };
      const tunnel = this.#addTunnel(node, port, owner, servers);
      this.controlPlane?.addNodeVtep(node, tunnel, -1, servers);
      return tunnel;
    });
  }

  /** The site that a switch is in. */
  #siteOf(switchIndex: number): number {
    return this.#plan.switches[switchIndex].pod ?? 0;
  }

  /** With the endpoint of another tunnel, unless that is -1. */
  #addBridgeWithTunnel(node: number, owner: string, tier: Tier, site: number, sharesWith = -1): number {
    const { bridges } = this.devices;
    const bridge = bridges.addBridge(node, {
      ageingTimeNs: this.#settings.macAgeingNs,
      ...bridgeLimits(this.#settings, tier),
      implementation: 'ieee-802.1d',
    });
    this.macTables.push({ owner, tier, kind: 'bridge', table: bridge, capacity: tableCapacity(this.#settings, tier) });
    const port = this.devices.addVirtualPort(node, `${owner} vtep`, PortMode.tunnel, { trunk: ALL_SEGMENTS });
    return this.#addTunnel(node, port, { owner, tier, site }, bridges, bridge, sharesWith);
  }

  #addTunnel(
    node: number,
    port: number,
    { site, ...owner }: { owner: string; tier: Tier; site: number },
    inner: InnerHandler,
    bridge = -1,
    sharesWith = -1,
  ): number {
    const { underlay, tunnels, bridges } = this.devices;
    const { macAgeingNs, sourcePortCount } = this.#settings;
    const isPartOfBridge = bridge >= 0;
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
        limits: isPartOfBridge ? null : bridgeLimits(this.#settings, owner.tier),
        peersMax: hardwareOf(this.#settings, owner.tier).vtepPeers,
        ...(isPartOfBridge && { sharesTable: { tables: bridges.tables, table: bridge } }),
      },
      inner,
    );
    this.#ownerOfTunnel[tunnel] = owner;
    this.#siteOfTunnel[tunnel] = site;
    if (isPartOfBridge) {
      this.#tunnelsOfBridge.set(bridge, [...(this.#tunnelsOfBridge.get(bridge) ?? []), tunnel]);
      this.#bridgeOfTunnel.set(tunnel, bridge);
    }
    this.macTables.push({
      ...owner,
      kind: 'tunnel',
      table: tunnel,
      capacity: tableCapacity(this.#settings, owner.tier),
    });
    return tunnel;
  }

  #addGateway(tunnelOfSwitch: readonly number[]): Gateway | null {
    const { gateway } = this.#plan;
    if (gateway === null) return null;
    let tunnel = tunnelOfSwitch[gateway.switchIndex];
    if (this.#settings.vteps === 'hypervisor') {
      const node = this.devices.network.addNode('gateway');
      this.#cabling.addRoutedCable(node, gateway.switchIndex, gateway);
      tunnel = this.#addBridgeWithTunnel(node, 'gateway', 'gateway', this.#siteOf(gateway.switchIndex));
      this.controlPlane?.addNodeVtep(node, tunnel, this.#bridgeOfTunnel.get(tunnel)!, this.devices.bridges);
    }
    for (const segment of gatewaySegmentsOf(this.#plan)) {
      this.#membership.add(tunnel, segment);
      const twin = this.#peers.get(gateway.switchIndex);
      if (twin !== undefined) this.#membership.add(tunnelOfSwitch[twin], segment);
      const address = this.devices.network.addresses.idOf(segment, GATEWAY_MAC);
      this.controlPlane?.evpn.addStaticStation(tunnel, address, gatewayIpOf(this.#plan.segments[segment]));
    }
    this.#gatewayTunnel = tunnel;
    return new Gateway(this.devices, this.#plan, { bridge: this.#bridgeOfTunnel.get(tunnel) ?? -1 });
  }

  #addAnycastGateways(anycast: AnycastSettings, tunnelOfSwitch: readonly number[]): AnycastGateways {
    if (this.#settings.vteps !== 'leaf') throw new RangeError('anycast gateways are in leaves, and so are their VTEPs');
    const leaves = tunnelOfSwitch
      .filter((tunnel) => tunnel >= 0)
      .map((tunnel) => ({
        tunnel,
        bridge: this.#bridgeOfTunnel.get(tunnel)!,
        hostEntries: hardwareOf(this.#settings, this.#ownerOfTunnel[tunnel].tier).hostEntries,
      }));
    const gateways = new AnycastGateways(this.devices, this.#plan, anycast, leaves);
    if (this.controlPlane !== null) {
      const hosts = new EvpnHosts(this.controlPlane.evpn, gateways, this.#plan.segments, anycast.irb);
      gateways.announcer = hosts;
    }
    return gateways;
  }

  /** A VM of a segment is behind a tunnel now. */
  #join(tunnel: number, segment: number): void {
    this.#membership.add(tunnel, segment);
    const routed = this.anycast?.vmsChanged(tunnel, segment, 1) ?? [];
    for (const other of routed) this.#membership.add(tunnel, other);
  }

  /** It is no more. */
  #leave(tunnel: number, segment: number): void {
    this.#membership.remove(tunnel, segment);
    const routed = this.anycast?.vmsChanged(tunnel, segment, -1) ?? [];
    for (const other of routed) this.#membership.remove(tunnel, other);
  }

  /** A station that a bridge hears at a port of its own is remote no more. */
  #forgetRemote(bridge: number, address: number, port: number): void {
    const { tunnels } = this.devices;
    for (const tunnel of this.#tunnelsOfBridge.get(bridge) ?? []) {
      if (tunnels.portOf(tunnel) !== port) tunnels.forget(tunnel, address, Miss.moved);
    }
  }

  /** What the one table of a switch has lost, its tunnel has lost. */
  #forgetEvicted(bridge: number, address: number, reason: number): void {
    for (const tunnel of this.#tunnelsOfBridge.get(bridge) ?? []) {
      this.devices.tunnels.forget(tunnel, address, reason);
      this.controlPlane?.evpn.stationIsGone(tunnel, address);
    }
  }

  /** A bridge whose tunnel left a segment has nobody of it any more. */
  #forgetSegment(tunnel: number, segment: number): void {
    const { bridges, network } = this.devices;
    const bridge = this.#bridgeOfTunnel.get(tunnel);
    this.controlPlane?.evpn.left(tunnel, segment);
    if (bridge === undefined) return;
    bridges.tables.forgetAddresses(bridge, network.addresses.idsOf(segment), this.#nowMs());
    this.anycast?.leave(tunnel, segment);
  }

  #nowMs(): number {
    return Math.floor(this.devices.network.simulation.nowNs / NS_PER_MS);
  }
}

/** The borders of a site, as indices of switches. */
function bordersOf(switches: readonly PlannedSwitch[], site: number): number[] {
  return [...switches.keys()].filter((index) => switches[index].tier === 'border' && switches[index].pod === site);
}
