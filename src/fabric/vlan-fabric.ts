import type { Devices } from '../device/devices.ts';
import { Limit } from '../device/limits.ts';
import { PortFlag } from '../device/network.ts';
import { bothObservers } from '../device/observer.ts';
import { type MrpTimes, VlanRegistrations } from '../device/vlan-registrations.ts';
import { IEEE_802_1D, LINUX_6_18 } from '../protocol/spanning-tree/parameters.ts';
import { MIN_FRAME_BYTES } from '../wire/ethernet.ts';
import { PairRecords } from '../wire/pair-records.ts';
import { ActiveTopology } from './active-topology.ts';
import { SWITCH_MAC_FIRST } from './addressing.ts';
import { Cabling, NOWHERE } from './cabling.ts';
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
import { OutsideRouters } from './outside-routers.ts';
import type { DatacenterPlan } from './plan.ts';
import {
  addMstp,
  addPvst,
  addRapidPvst,
  addRstp,
  cabledPorts,
  type PvstTreeSettings,
  type RapidTreeSettings,
} from './rapid-trees.ts';
import { controlStorms } from './storm-control.ts';
import { switchPairsOf, withPeerLinks } from './switch-pairs.ts';
import { CarriedVlans, segmentsBeyondPortLimit, vlanClasses } from './vlan-classes.ts';
import { type LayerTwoReach, planVlanReach, type VlanReach } from './vlan-reach.ts';

/** JoinTime, and the shortest LeaveTime. IEEE 802.1Q-2018, Table 10-7. */
const MRP_TIMES: MrpTimes = { joinNs: 200e6, leaveNs: 600e6 };

/** One layer-2 domain with a VLAN per segment; `spanningTree` is null without spanning tree, and `mlag` without pairs. */
export interface VlanSettings extends TableLimits {
  readonly kind: 'vlan-stp' | 'vlan-no-stp' | 'vlan-mlag' | 'vlan-rstp' | 'vlan-pvst' | 'vlan-rapid-pvst' | 'vlan-mstp';
  readonly name: string;
  readonly macAgeingNs: number;
  readonly reach: LayerTwoReach;
  readonly spanningTree: VlanSpanningTreeSettings | PvstTreeSettings | RapidTreeSettings | null;
  readonly mlag?: MlagSettings | null;
}

export interface VlanSpanningTreeSettings {
  readonly implementation: 'ieee-802.1d' | 'linux-6.18';
  /** Id of the switch that is given `rootPriority`, or null. */
  readonly rootSwitch: string | null;
  readonly rootPriority: number;
  /** Of every other switch that names none. */
  readonly priority: number;
  readonly helloTimeNs: number;
  readonly maxAgeNs: number;
  readonly forwardDelayNs: number;
}

/**
 * Every switch a bridge, every port a trunk of all VLANs, or of those that reach it: servers tag their VMs' frames. The
 * classic spanning tree, if it runs, runs on all ports alike and takes servers for what might be bridges: no port is an
 * edge port (IEEE 802.1D-1998 has none). To the rapid ones ports to servers are edges, unless they are told otherwise.
 */
export class VlanFabric implements Fabric {
  readonly name: string;
  readonly kind: string;
  readonly devices: Devices;
  readonly switchNodes: readonly number[];
  readonly serverNodes: readonly number[];
  readonly linkPorts: readonly (readonly [number, number])[];
  readonly serverPorts: readonly (readonly [number, number])[];
  readonly secondServerPorts: readonly (readonly [number, number] | null)[];
  readonly macTables: readonly MacTableOwner[];
  readonly refusedSegments: readonly number[];
  readonly outOfReachVms: readonly number[];
  readonly outside: OutsideRouters | null;
  onPathsChanged: (() => void) | null = null;

  readonly #plan: DatacenterPlan;
  readonly #settings: VlanSettings;
  readonly #reach: VlanReach;
  // segments for which a switch has no room in its spanning tree
  readonly #beyondPortLimit: readonly number[];
  readonly #cabling: Cabling;
  // indexed by switch
  readonly #bridges: readonly number[];
  readonly #gateway: Gateway | null;
  readonly #activeTopology: ActiveTopology;
  readonly #mlag: Mlag | null;
  readonly #registrations: VlanRegistrations | null;
  // by server and segment: VMs there, where registrations ask
  readonly #vmCounts = new PairRecords(1);

  constructor(devices: Devices, planned: DatacenterPlan, settings: VlanSettings) {
    const { mlag = null } = settings;
    const plan = mlag === null ? planned : withPeerLinks(planned, mlag.peerLink);
    this.name = settings.name;
    this.kind = settings.kind;
    this.devices = devices;
    // every frame of a server meets a physical wire
    devices.stacks.minFrameBytes = MIN_FRAME_BYTES;
    this.#plan = plan;
    this.#settings = settings;
    this.#reach = planVlanReach(devices.network, plan, settings.reach);
    this.outOfReachVms = this.#reach.outOfReachVms;
    const { linkTrunks, serverTrunks } = this.#reach;
    this.#cabling = new Cabling(devices, plan, {
      betweenSwitches: 'bridged',
      toServers: 'bridged',
      linkTrunks,
      serverTrunks,
      bonding: mlag === null ? 'active-backup' : 'active-active',
    });
    ({
      switchNodes: this.switchNodes,
      serverNodes: this.serverNodes,
      linkPorts: this.linkPorts,
      serverPorts: this.serverPorts,
      secondServerPorts: this.secondServerPorts,
    } = this.#cabling);
    this.#beyondPortLimit = this.#isPerVlan() ? this.#segmentsBeyondPortLimit() : [];
    this.refusedSegments = [...this.#reach.refusedSegments, ...this.#beyondPortLimit].sort((a, b) => a - b);
    devices.servers.refuseSegments(this.refusedSegments);
    this.#cabling.addVms(gatewaySegmentsOf(plan));
    this.#bridges = this.switchNodes.map((node, index) =>
      devices.bridges.addBridge(node, {
        ageingTimeNs: settings.macAgeingNs,
        ...bridgeLimits(settings, plan.switches[index].tier),
        implementation: implementationOf(settings),
      }),
    );
    this.macTables = this.#bridges.map((table, index) => ({
      owner: plan.switches[index].id,
      tier: plan.switches[index].tier,
      kind: 'bridge',
      table,
      capacity: tableCapacity(settings, plan.switches[index].tier),
    }));
    this.outside = plan.outside ? new OutsideRouters(devices, plan, this.#cabling) : null;
    const serverCables = [...this.serverPorts, ...this.secondServerPorts];
    securePorts(devices.bridges, settings, serverCables);
    controlStorms(devices, settings.stormControl, serverCables, this.linkPorts);
    this.#addSpanningTrees();
    this.#activeTopology = new ActiveTopology(devices.network, this.switchNodes);
    const changed = () => {
      this.#activeTopology.forget();
      this.onPathsChanged?.();
    };
    const { network } = devices;
    this.#registrations = settings.reach === 'mvrp' ? this.#addRegistrations() : null;
    network.observer = bothObservers(network.observer, {
      portStateChanged: (_bridge, port) => {
        this.#registrations?.portChanged(port);
        changed();
      },
      linkChanged: (port) => {
        for (const end of [port, network.peerOf(port)]) this.#registrations?.portChanged(end);
        changed();
      },
    });
    devices.bonds.onFailover = changed;
    this.#gateway =
      plan.gateway === null
        ? null
        : new Gateway(devices, plan, {
            bridge: this.#bridges[plan.gateway.switchIndex],
            refusedSegments: this.refusedSegments,
          });
    const { refusedSegments } = this;
    const bridged = {
      devices,
      plan,
      cabling: this.#cabling,
      pairs: switchPairsOf(plan),
      bridges: this.#bridges,
      refusedSegments,
    };
    this.#mlag = mlag === null ? null : new Mlag(bridged, mlag);
  }

  /** Every trunk carries what MVRP registers there; the gateway's VLANs are registered at its switch for good. */
  #addRegistrations(): VlanRegistrations {
    const { devices, serverPorts, secondServerPorts } = this;
    const { segments, gateway } = this.#plan;
    const registrations = new VlanRegistrations(devices.network, MRP_TIMES);
    for (const port of this.linkPorts.flat()) registrations.addPort(port, segments.length);
    for (const cable of [...serverPorts, ...secondServerPorts]) {
      if (cable !== null) registrations.addPort(cable[0], segments.length);
    }
    if (gateway === null) return registrations;
    const node = this.switchNodes[gateway.switchIndex];
    for (const segment of gatewaySegmentsOf(this.#plan)) registrations.registerAt(node, segment);
    return registrations;
  }

  /** A server declares a VLAN while it has a VM of it. */
  #declare(vm: number, serverIndex: number): void {
    if (this.#registrations === null) return;
    const segment = this.#plan.vmSegment[vm];
    const before = this.#cabling.serverOfVm(vm);
    if (before === serverIndex) return;
    if (before !== NOWHERE) {
      const o = this.#vmCounts.find(before, segment);
      if (--this.#vmCounts.words[o] === 0) this.#declareAt(before, segment, false);
    }
    if (serverIndex === NOWHERE) return;
    const o = this.#vmCounts.add(serverIndex, segment);
    if (++this.#vmCounts.words[o] === 1) this.#declareAt(serverIndex, segment, true);
  }

  #declareAt(server: number, segment: number, isDeclared: boolean): void {
    for (const cable of [this.serverPorts[server], this.secondServerPorts[server]]) {
      if (cable !== null) this.#registrations?.declare(cable[0], segment, isDeclared);
    }
  }

  canHost(vm: number, serverIndex: number): boolean {
    const segment = this.#plan.vmSegment[vm];
    return this.#reach.reaches(segment, serverIndex) && !this.#beyondPortLimit.includes(segment);
  }

  /**
   * The VLAN identifier: 1 for the first segment. IEEE 802.1Q-2018, Table 9-2. Where pods use identifiers again, numbers
   * go on beyond 4094, so that one number is one segment.
   */
  segmentLabel(segment: number): number {
    return segment + 1;
  }

  start(): void {
    const { bridges, spanningTrees } = this.devices;
    for (const bridge of this.#bridges) {
      if (bridges.parametersOf(bridge).implementation === 'linux-6.18') bridges.startSweeping(bridge);
      if (this.#settings.spanningTree !== null) spanningTrees.start(bridge);
    }
    this.#cabling.bringUp();
    this.#mlag?.start();
    if (this.#settings.spanningTree !== null) this.#reportStpPorts();
  }

  setLinkUp(linkIndex: number, isUp: boolean): void {
    this.#cabling.setLinkUp(linkIndex, isUp);
  }

  setSwitchUp(switchIndex: number, isUp: boolean): void {
    const { spanningTrees } = this.devices;
    if (!isUp) this.#mlag?.setAlive(switchIndex, false);
    if (isUp) spanningTrees.start(this.#bridges[switchIndex]);
    else spanningTrees.fail(this.#bridges[switchIndex]);
    this.#cabling.setSwitchUp(switchIndex, isUp);
    if (isUp) this.#mlag?.setAlive(switchIndex, true);
    if (!isUp && switchIndex === this.#plan.gateway?.switchIndex) this.#gateway?.clearNeighbours();
  }

  setServerLinkUp(serverIndex: number, which: 0 | 1, isUp: boolean): void {
    this.#cabling.setServerLinkUp(serverIndex, which, isUp);
  }

  setServerUp(serverIndex: number, isUp: boolean): void {
    this.#cabling.setServerUp(serverIndex, isUp);
  }

  addVm(vm: number, serverIndex: number): void {
    this.#declare(vm, serverIndex);
    this.devices.servers.move(vm, this.serverNodes[serverIndex]);
  }

  removeVm(vm: number): void {
    this.#declare(vm, NOWHERE);
    this.devices.servers.move(vm, NOWHERE);
  }

  moveVm(vm: number, serverIndex: number): void {
    this.#declare(vm, serverIndex);
    this.devices.servers.move(vm, this.serverNodes[serverIndex]);
  }

  pathBetweenServers(fromServer: number, toServer: number, flowHash: number, segment = -1): Int32Array | null {
    if (this.#mlag !== null) return this.#mlag.pathBetweenServers(fromServer, toServer, flowHash);
    if (!this.#isReached(fromServer) || !this.#isReached(toServer)) return null;
    const path = this.#path(this.#switchOf(fromServer), this.#switchOf(toServer), segment);
    if (path === null) return null;
    const [[, nic], [port]] = [fromServer, toServer].map((server) => this.#cabling.portsInUse(server));
    return Int32Array.of(nic, ...path, port);
  }

  placeOfServer({ table }: MacTableOwner, server: number, segment = -1): number {
    const node = this.devices.bridges.nodeOf(table);
    if (this.#mlag !== null) return this.#mlag.placeOfServer(node, server);
    if (node === this.#switchOf(server)) return this.#cabling.portsInUse(server)[0];
    return this.#path(node, this.#switchOf(server), segment)?.[0] ?? -1;
  }

  /** A spanning tree per VLAN runs, or would run, on each port, or aggregation, once for each VLAN that it carries. */
  hardwareUse(): HardwareUse[] {
    return [...this.#stpUse(), ...hostEntriesUse(this.#settings, this.gatewayUse())];
  }

  controlPlaneLoads(): ControlPlaneLoad[] {
    return [];
  }

  restartControlPlanePeaks(): void {}

  gatewayUse(): GatewayUse[] {
    const { gateway, switches } = this.#plan;
    if (gateway === null || this.#gateway === null) return [];
    const { id, tier } = switches[gateway.switchIndex];
    return [{ owner: id, tier, ...this.#gateway.use, vnis: 0 }];
  }

  #stpUse(): HardwareUse[] {
    const { network } = this.devices;
    const carried = new CarriedVlans(network, this.#builtSegments());
    const refused = this.#beyondPortLimit.map((segment) => String(this.segmentLabel(segment)));
    return this.#plan.switches.flatMap(({ id, tier }, index) => {
      const { stpLogicalPorts: limit } = hardwareOf(this.#settings, tier);
      if (limit === null) return [];
      let used = 0;
      for (const port of network.nodePorts[this.switchNodes[index]]) {
        if (network.leadsToWire(port) && !network.hasFlag(port, PortFlag.aggregated)) used += carried.countAt(port);
      }
      return [{ owner: id, tier, resource: 'stp_logical_ports', used, limit, refused }];
    });
  }

  /** Trunks carry what they carry from the start on. */
  #reportStpPorts(): void {
    const { limits, simulation } = this.devices.network;
    const nodes = new Map(this.#plan.switches.map(({ id }, index) => [id, this.switchNodes[index]]));
    for (const { owner, used, limit } of this.#stpUse()) {
      if (used > limit) limits.hit(Limit.stpPorts, nodes.get(owner)!, simulation.nowNs, used - limit);
    }
  }

  blockedLinkCount(): number {
    const { network } = this.devices;
    return this.linkPorts.filter(([a, b]) => network.hasFlag(a, PortFlag.linkUp) && !network.forwardsBetween(a, b))
      .length;
  }

  forwardingLinkCount(): number {
    return this.#cabling.forwardingLinks().length;
  }

  usableBisectionBitsPerSec(): number {
    return this.#cabling.usableBisectionBitsPerSec();
  }

  #switchOf(server: number): number {
    return this.devices.network.nodeOf(this.#cabling.portsInUse(server)[0]);
  }

  #isReached(server: number): boolean {
    const { network } = this.devices;
    const [port] = this.#cabling.portsInUse(server);
    return network.hasFlag(port, PortFlag.linkUp) && network.hasFlag(port, PortFlag.forwarding);
  }

  /** Along the tree of a segment; what is in none, such as copies of memory, has a VLAN of its own in the first tree. */
  #path(from: number, to: number, segment: number): number[] | null {
    return this.#activeTopology.path(from, to, segment < 0 ? 0 : this.devices.network.instances.instanceOf(segment));
  }

  #builtSegments(): number[] {
    const refused = new Set(this.refusedSegments);
    return this.#plan.segments.flatMap((_, segment) => (refused.has(segment) ? [] : [segment]));
  }

  #isPerVlan(): boolean {
    return this.#settings.kind === 'vlan-pvst' || this.#settings.kind === 'vlan-rapid-pvst';
  }

  #segmentsBeyondPortLimit(): number[] {
    const refused = new Set(this.#reach.refusedSegments);
    return segmentsBeyondPortLimit(this.devices.network, this.#plan, {
      segments: this.#plan.segments.flatMap((_, segment) => (refused.has(segment) ? [] : [segment])),
      switchNodes: this.switchNodes,
      limitOf: (index) => hardwareOf(this.#settings, this.#plan.switches[index].tier).stpLogicalPorts,
    });
  }

  #addSpanningTrees(): void {
    const { spanningTree: settings } = this.#settings;
    if (settings === null) return;
    if (!('protocol' in settings)) {
      this.#addSpanningTree(settings);
      return;
    }
    const { linkPorts, serverPorts, secondServerPorts, devices } = this;
    const segments = this.#builtSegments();
    const bridges = this.#bridges;
    const { outsidePorts } = this.#cabling;
    const ports = { linkPorts, serverPorts, secondServerPorts, outsidePorts };
    const parts = { devices, plan: this.#plan, bridges, ...ports, segments };
    if (settings.protocol === 'rstp') addRstp(parts, settings);
    else if (settings.protocol === 'mstp') addMstp(parts, settings);
    else {
      const rootCount = settings.rootSwitches.length;
      const classes = vlanClasses(devices.network, { segments, linkPorts, rootCount });
      if (settings.protocol === 'pvst') addPvst(parts, settings, classes);
      else addRapidPvst(parts, settings, classes);
    }
  }

  #addSpanningTree(settings: VlanSpanningTreeSettings): void {
    const { implementation, rootSwitch, rootPriority, priority, helloTimeNs, maxAgeNs, forwardDelayNs } = settings;
    const profile = implementation === 'linux-6.18' ? LINUX_6_18 : IEEE_802_1D;
    const { linkPorts, serverPorts, secondServerPorts } = this;
    const { outsidePorts } = this.#cabling;
    const cables = { plan: this.#plan, linkPorts, serverPorts, secondServerPorts, outsidePorts };
    const portsOf = cabledPorts(cables, profile.pathCostOf);
    this.#plan.switches.forEach(({ id, mac, stpPriority }, index) => {
      const parameters = {
        mac: mac ?? SWITCH_MAC_FIRST + index,
        priority: id === rootSwitch ? rootPriority : (stpPriority ?? priority),
        helloTimeNs,
        maxAgeNs,
        forwardDelayNs,
        profile,
      };
      this.devices.spanningTrees.add(this.#bridges[index], parameters, portsOf[index]);
    });
  }
}

/** How the switches age addresses. */
function implementationOf({ spanningTree }: VlanSettings): 'ieee-802.1d' | 'linux-6.18' {
  return spanningTree !== null && !('protocol' in spanningTree) ? spanningTree.implementation : 'ieee-802.1d';
}
