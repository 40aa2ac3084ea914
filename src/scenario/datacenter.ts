import { Devices } from '../device/devices.ts';
import { PortFlag } from '../device/network.ts';
import { bothObservers } from '../device/observer.ts';
import { Fingerprint } from '../engine/fingerprint.ts';
import { RandomStreams } from '../engine/random.ts';
import { Simulation } from '../engine/simulation.ts';
import { buildFabric, planOfFabric } from '../fabric/build-fabric.ts';
import type { Fabric } from '../fabric/fabric.ts';
import type { DatacenterPlan } from '../fabric/plan.ts';
import type { FailureRecord } from '../metrics/failure-table.ts';
import type { RecordedFabric } from '../metrics/recorded-fabric.ts';
import { Recorder } from '../metrics/recorder.ts';
import type { RunCounts, VmCounts } from '../metrics/run-totals.ts';
import { type ArpProfile, IOS_EOS_ARP, LINUX_ARP, NX_OS_ARP } from '../protocol/neighbour-cache.ts';
import { VXLAN_OVERHEAD_IPV4_BYTES, VXLAN_OVERHEAD_IPV6_BYTES } from '../wire/vxlan.ts';
import { Boot } from '../workload/boot.ts';
import { CatchingUp } from '../workload/catching-up.ts';
import { Departures } from '../workload/departures.ts';
import { FailureLog } from '../workload/failure-log.ts';
import { FailureWatch } from '../workload/failure-watch.ts';
import { scheduleFailures } from '../workload/failures.ts';
import { FlowSizeDistribution } from '../workload/flow-size-distribution.ts';
import { Macof } from '../workload/macof.ts';
import { MemoryCopies } from '../workload/memory-copies.ts';
import { Migrations } from '../workload/migration.ts';
import { Destinations, planMigrations } from '../workload/migration-plan.ts';
import { Peers } from '../workload/peers.ts';
import { Placement } from '../workload/placement.ts';
import { Population } from '../workload/population.ts';
import { Probes } from '../workload/probes.ts';
import { ServerFailures } from '../workload/server-failures.ts';
import { drawSilentVms } from '../workload/silent-vms.ts';
import { Traffic } from '../workload/traffic.ts';
import { VmDatagrams } from '../workload/vm-datagrams.ts';
import { planVmLives, type VmLives } from '../workload/vm-lives.ts';
import { VmPauses } from '../workload/vm-pauses.ts';
import { planDatacenter, planVms, serverRacks, type VmPlan } from './datacenter-plan.ts';
import type { FabricResult } from './fabric-result.ts';
import { followFrames, type HopTraces } from './hop-traces.ts';
import { planFailures, serverLinksOf } from './plan-failures.ts';
import {
  type ArpProfile as ArpProfileName,
  type FabricSettings,
  initialVmsOf,
  type Scenario,
  tenantSizes,
} from './scenario.ts';

const ARP_PROFILES: Record<ArpProfileName, ArpProfile> = {
  linux: LINUX_ARP,
  'ios-eos': IOS_EOS_ARP,
  'nx-os': NX_OS_ARP,
};

/** Where results go, and what names the run. */
interface RunIdentity {
  readonly folder: string | null;
  readonly version: string;
  readonly digest: string;
}

/** What only the end of a run can tell. */
type RunOutcome = Pick<
  FabricResult,
  | 'fingerprint'
  | 'isComplete'
  | 'simulatedNs'
  | 'events'
  | 'frameHops'
  | 'hops'
  | 'groupedHops'
  | 'invariants'
  | 'summary'
>;

/** The assembly hall: the datacenter of a scenario in one fabric, with its VMs, its workload and its recorder. */
export class Datacenter {
  readonly simulation = new Simulation();
  readonly recorder: Recorder;
  readonly devices: Devices;
  readonly plan: DatacenterPlan;
  readonly fabric: Fabric;
  readonly #scenario: Scenario;
  readonly #fingerprint: Fingerprint;
  readonly #streams: RandomStreams;
  readonly #racks: Int32Array;
  readonly #lives: VmLives;
  readonly #topologyLinkCount: number;
  #population: Population | null = null;
  #traffic: Traffic | null = null;
  #migrations: Migrations | null = null;
  #failureLog: FailureLog | null = null;
  #failureWatch: { moved(vm: number): void } | null = null;
  #serverFailures: ServerFailures | null = null;
  readonly #hopTraces: HopTraces | null;
  // there is no warm-up, or it is over
  #isWarm: boolean;

  constructor(
    scenario: Scenario,
    settings: FabricSettings,
    { folder, version, digest }: RunIdentity,
    fingerprint = new Fingerprint(),
  ) {
    this.#scenario = scenario;
    this.#isWarm = scenario.warmUpNs === 0;
    this.#fingerprint = fingerprint;
    this.#streams = new RandomStreams(scenario.seed);
    this.#racks = serverRacks(scenario);
    const vms = planVms(tenantSizes(scenario));
    this.#lives = this.#planLives(vms);
    const plan = planDatacenter(scenario, vms, this.#lives.servers);
    this.#topologyLinkCount = plan.links.length;
    this.plan = planOfFabric(plan, settings);
    this.devices = new Devices(this.simulation, this.#fingerprint, ARP_PROFILES[scenario.hosts.arpProfile]);
    this.devices.network.countsUnheededAtOnce = !scenario.exactFloods;
    const tableSeed = this.#streams.stream('table evictions').integer(2 ** 31);
    this.fabric = buildFabric(this.devices, this.plan, { ...settings, tableSeed });
    this.recorder = new Recorder(this.#recordedFabric(settings), {
      folder,
      metadata: {
        scenarioTitle: scenario.title,
        scenarioDigest: digest,
        seed: scenario.seed,
        version,
        fabric: settings.name,
        kind: settings.kind,
        durationNs: scenario.durationNs,
        warmUpNs: scenario.warmUpNs,
      },
    });
    const { network } = this.devices;
    network.observer = bothObservers(network.observer, this.recorder.observer);
    this.#hopTraces = followFrames(scenario, this.devices, this.recorder.traces);
  }

  /** Brings the fabric up and gives it its workload. */
  start(): void {
    this.fabric.start();
    this.#addWorkload();
  }

  /** What became of the VMs so far. */
  vmCounts(): VmCounts {
    return {
      planned: this.plan.vmSegment.length,
      arrived: this.#population?.arrivedCount ?? 0,
      ended: this.#population?.endedCount ?? 0,
      refused: this.#lives.refusedCount,
    };
  }

  /** The warm-up is over, once: the summary is of what happens from now on. */
  endWarmUp(): void {
    if (this.#isWarm) return;
    this.#isWarm = true;
    this.fabric.restartControlPlanePeaks();
    this.recorder.endWarmUp(this.#counts());
  }

  /** Completes the results. A run that was stopped in its warm-up has none but what there is. */
  finish({ isComplete }: { isComplete: boolean }): RunOutcome {
    const { network } = this.devices;
    const fingerprint = this.#fingerprint.digest();
    this.#hopTraces?.finish();
    this.endWarmUp();
    const counts = this.#counts();
    const invariants = this.recorder.finish({ fingerprint, isComplete }, counts.migrations, counts.failures);
    return {
      fingerprint,
      isComplete,
      simulatedNs: this.simulation.nowNs,
      events: this.simulation.eventCount,
      frameHops: network.hopFrames,
      hops: network.hops,
      groupedHops: network.groupedHops,
      invariants,
      summary: this.recorder.summary(counts),
    };
  }

  /** What the recorder cannot see in the devices, as it is now. */
  #counts(): RunCounts {
    const traffic = this.#traffic;
    return {
      migrations: this.#migrations?.rows() ?? [],
      vms: this.vmCounts(),
      failures: this.#failures(),
      flows: {
        started: traffic?.startedFlows ?? 0,
        finished: traffic?.finishedFlows ?? 0,
        failed: traffic?.failedFlows ?? 0,
        incomplete: traffic?.incompleteFlows ?? 0,
        abandoned: traffic?.abandonedFlows ?? 0,
        deliveredBytes: traffic?.deliveredBytes ?? 0,
      },
      links: {
        blocked: this.fabric.blockedLinkCount(),
        forwarding: this.fabric.forwardingLinkCount(),
        bisectionBitsPerSec: this.fabric.usableBisectionBitsPerSec(),
      },
      refused: { segments: this.fabric.refusedSegments.length, vms: this.#vmsWithoutNetwork() },
      hardwareUse: this.fabric.hardwareUse(),
      gatewayUse: this.fabric.gatewayUse(),
      controlPlaneLoads: this.fabric.controlPlaneLoads(),
    };
  }

  /** VMs whose segment is not built, or does not reach the server where they start. */
  #vmsWithoutNetwork(): number {
    const refused = new Set(this.fabric.refusedSegments);
    let count = this.fabric.outOfReachVms.length;
    if (refused.size > 0) for (const segment of this.plan.vmSegment) if (refused.has(segment)) count++;
    return count;
  }

  #planLives({ vmSegment, segments }: VmPlan): VmLives {
    const { placement, growth, durationNs, hosts } = this.#scenario;
    const streams = this.#streams;
    const vmCount = vmSegment.length;
    return planVmLives({
      vmCount,
      placement: new Placement({
        serverRacks: this.#racks,
        ...placement,
        vmSegments: vmSegment,
        segmentTenants: Int32Array.from(segments, ({ tenant }) => tenant),
        stream: streams.stream('placement'),
      }),
      durationNs,
      bootStartNs: hosts.bootStartNs,
      bootWindowNs: hosts.bootWindowNs,
      growth: growth && { ...growth, initialVms: initialVmsOf(growth, vmCount) },
      streams,
    });
  }

  #addWorkload(): void {
    const { traffic, hosts, migrations, growth } = this.#scenario;
    const { network, stacks, servers } = this.devices;
    const { simulation } = this;
    const streams = this.#streams;
    const { vmSegment, vmServer, segments } = this.plan;
    const count = vmSegment.length;
    const datagrams = new VmDatagrams(this.devices, count);
    const pauses = new VmPauses(servers, count);
    const isSilent = drawSilentVms({
      vmCount: count,
      silentVmsRatio: traffic.silentVmsRatio,
      stream: streams.stream('silent VMs'),
    });
    const segmentTenants = Int32Array.from(segments, ({ tenant }) => tenant);
    const population = new Population({ vmSegments: vmSegment, segmentTenants });
    this.#population = population;
    const peers = new Peers({
      vmSegments: vmSegment,
      segmentTenants,
      peersPerVm: traffic.peersPerVm,
      population: growth === null ? null : population,
      locality:
        traffic.peersInRackRatio === 0
          ? null
          : {
              inRackRatio: traffic.peersInRackRatio,
              vmRacks: vmServer.map((server) => (server < 0 ? -1 : this.#racks[server]!)),
            },
      stream: streams.stream('peers'),
    });
    const destinations = new Destinations({
      // they enter as they come
      vmServers: new Int32Array(count).fill(-1),
      serverRacks: this.#racks,
      vmsPerServerMax: this.#scenario.placement.vmsPerServerMax,
      policy: migrations.random?.destination ?? 'any',
      stream: streams.stream('migration destinations'),
    });
    const addVm = (vm: number) => {
      const server = destinations.enter(vm, vmServer[vm]!);
      this.fabric.addVm(vm, server);
      this.#serverFailures?.arrived(vm, server);
    };
    const comesLater = new Uint8Array(count);
    for (const vm of this.#lives.laterVms) comesLater[vm] = 1;
    for (let vm = 0; vm < count; vm++) if (comesLater[vm] === 0 && vmServer[vm]! >= 0) addVm(vm);
    new Boot({
      simulation,
      stacks,
      pauses,
      population,
      lives: this.#lives,
      announces: hosts.gratuitousArpAtBoot,
      isSilent,
      addVm: (vm) => {
        if (destinations.serverOf(vm) < 0) addVm(vm);
      },
    });
    new Departures({
      simulation,
      stacks,
      pauses,
      population,
      lives: this.#lives,
      isMoving: (vm) => this.#migrations?.isMoving(vm) ?? false,
      removeVm: (vm) => {
        destinations.leave(vm);
        this.fabric.removeVm(vm);
      },
    });
    this.#traffic = new Traffic({
      network,
      stacks,
      datagrams,
      pauses,
      peers,
      population,
      isSilent,
      flowsPerVmPerSecond: traffic.flowsPerVmPerSecond,
      interSegmentRatio: traffic.interSegmentRatio,
      interTenantRatio: traffic.interTenantRatio,
      outside: this.#addOutside(datagrams),
      sizes: new FlowSizeDistribution(traffic.flowSizes),
      flowRateBitsPerSec: traffic.flowRateBitsPerSec,
      framesPerTrainMax: traffic.framesPerTrainMax,
      mtuBytes: hosts.mtuBytes,
      streams,
    });
    const { probeEveryNs } = migrations;
    const copies = this.#addCopies();
    this.#migrations = new Migrations({
      devices: this.devices,
      datagrams,
      pauses,
      destinations,
      plan: this.#plannedMigrations(),
      copies,
      announcement: migrations.announce,
      announcementLossRatio: migrations.announcementLossRatio,
      announcementStream: streams.stream('lost announcements'),
      catchingUp: new CatchingUp({
        devices: this.devices,
        tables: this.fabric.macTables,
        placeOfServer: (table, server, segment, place) => this.fabric.placeOfServer(table, server, segment, place),
        watcher: this.#hopTraces,
      }),
      canHost: (vm, server) => this.fabric.canHost(vm, server),
      beyondReach: migrations.beyondReach,
      probes:
        probeEveryNs === null
          ? null
          : new Probes({
              network,
              servers,
              stacks: this.devices.stacks,
              datagrams,
              pauses,
              peers,
              population,
              isSilent,
              everyNs: probeEveryNs,
              stream: streams.stream('probes'),
            }),
      vmSegments: vmSegment,
      serverNodes: this.fabric.serverNodes,
      moveVm: (vm, server) => {
        this.fabric.moveVm(vm, server);
        this.#failureWatch?.moved(vm);
      },
      follower: this.#hopTraces,
    });
    this.#addFailures({ pauses, isSilent, copies });
    this.#addAttacks(pauses);
  }

  /** The host outside, if there is one, takes datagrams as VMs do. */
  #addOutside(datagrams: VmDatagrams): { ratio: number; host: number } | null {
    const routers = this.fabric.outside ?? null;
    const { outside } = this.#scenario;
    if (routers === null || outside === null) return null;
    datagrams.hostBehind = (ipInterface) => routers.hostBehind(ipInterface);
    return { ratio: outside.share, host: routers.host };
  }

  #addCopies(): MemoryCopies {
    const { migrations } = this.#scenario;
    const { fabric, simulation } = this;
    const { network } = this.devices;
    const copies = new MemoryCopies({
      simulation,
      network:
        migrations.copiesOver === 'own-network'
          ? null
          : {
              pathBetweenServers: (from, to, flowHash) => fabric.pathBetweenServers(from, to, flowHash),
              rateBitsPerSecOf: (port) => network.rateBitsPerSecOf(port),
            },
      bandwidthBitsPerSec: migrations.bandwidthBitsPerSec,
      linkShare: migrations.copyShareOfLink,
      preCopy: migrations,
    });
    return copies;
  }

  #plannedMigrations() {
    const { migrations } = this.#scenario;
    const { bootNs, endNs } = this.#lives;
    const servers = new Map(this.plan.servers.map(({ id }, index) => [id, index]));
    return planMigrations({
      list: migrations.list.map(({ vm, to, atNs }) => ({
        vm: Number(vm.slice('vm'.length)) - 1,
        startNs: atNs,
        toServer: servers.get(to)!,
      })),
      random: migrations.random,
      vmCount: this.plan.vmSegment.length,
      isThere: endNs === null ? null : (vm, timeNs) => bootNs[vm]! <= timeNs && endNs[vm]! > timeNs,
      stream: this.#streams.stream('migrations'),
    });
  }

  #addAttacks(pauses: VmPauses): void {
    const { attacks } = this.#scenario;
    if (attacks.length === 0) return;
    const { network, servers, stacks } = this.devices;
    const nodes = new Map(this.plan.servers.map(({ id }, index) => [id, this.fabric.serverNodes[index]!]));
    new Macof({
      network,
      servers,
      stacks,
      pauses,
      attacks: attacks.map(({ vm, server, ...attack }, index) => ({
        ...attack,
        vm: vm === null ? null : Number(vm.slice('vm'.length)) - 1,
        server: server === null ? null : nodes.get(server)!,
        stream: this.#streams.stream(`macof ${index}`),
      })),
    });
  }

  #addFailures({ pauses, isSilent, copies }: { pauses: VmPauses; isSilent: Uint8Array; copies: MemoryCopies }): void {
    const { simulation, devices, fabric, plan } = this;
    const { hosts, failures: planned } = this.#scenario;
    const serverLinks = serverLinksOf(plan);
    const failures = planFailures(planned, { plan, linkCount: this.#topologyLinkCount }, this.#streams);
    const log = new FailureLog(devices.network, () => ({
      failedFlows: this.#traffic?.failedFlows ?? 0,
      incompleteFlows: this.#traffic?.incompleteFlows ?? 0,
    }));
    this.#failureLog = log;
    const serverOfNode = new Map(fabric.serverNodes.map((node, index) => [node, index] as const));
    const watch = new FailureWatch({
      devices,
      tables: fabric.macTables,
      vmCount: plan.vmSegment.length,
      serverOf: (vm) => {
        const server = serverOfNode.get(devices.servers.serverOf(vm)) ?? -1;
        return server >= 0 && this.#hasLink(server) ? server : -1;
      },
      placeOfServer: (table, server, segment, place) => fabric.placeOfServer(table, server, segment, place),
      onLooked: (isRight) => log.looked(isRight),
    });
    this.#failureWatch = watch;
    fabric.onPathsChanged = () => {
      copies.pathsChanged();
      log.pathsChanged();
    };
    const serverFailures = new ServerFailures({
      devices,
      pauses,
      vmCount: plan.vmSegment.length,
      serverNodes: fabric.serverNodes,
      bootWindowNs: hosts.bootWindowNs,
      announces: hosts.gratuitousArpAtBoot,
      isSilent,
      stream: this.#streams.stream('reboots'),
    });
    this.#serverFailures = serverFailures;
    scheduleFailures({
      simulation,
      failures,
      serversAt: (switchIndex) => {
        return plan.servers.flatMap((server, index) => (server.switchIndex === switchIndex ? [index] : []));
      },
      setLinkUp: (index, isUp) => {
        const link = serverLinks[index - plan.links.length];
        if (link === undefined) fabric.setLinkUp(index, isUp);
        else fabric.setServerLinkUp(link.server, link.which, isUp);
      },
      setSwitchUp: (index, isUp) => fabric.setSwitchUp(index, isUp),
      setServerUp: (index, isUp, dueNs) => {
        fabric.setServerUp(index, isUp);
        if (isUp) {
          serverFailures.restore(index);
        } else {
          this.#migrations?.serverFailed(index);
          log.vmsWentDown(serverFailures.fail(index, dueNs).length);
        }
      },
      onFailed: (number) => {
        log.failed(number, failures[number]!);
        watch.begin();
      },
      onRestored: (number) => {
        log.restored(number);
        watch.begin();
      },
    });
  }

  /** Whether a link of a server is up. */
  #hasLink(server: number): boolean {
    const { serverPorts, secondServerPorts } = this.fabric;
    const links = [serverPorts[server]!, secondServerPorts[server] ?? null];
    return links.some((ports) => ports !== null && this.devices.network.hasFlag(ports[0], PortFlag.linkUp));
  }

  /** Failures so far, by the names of what failed. */
  #failures(): FailureRecord[] {
    const { links, switches, servers } = this.plan;
    const things = { link: [...links, ...serverLinksOf(this.plan)], switch: switches, server: servers, rack: switches };
    return (this.#failureLog?.rows() ?? []).map((row) => ({ ...row, name: things[row.kind][row.index]!.id }));
  }

  #recordedFabric(settings: FabricSettings): RecordedFabric {
    const fabric = this.fabric;
    const { switches, servers, links, segments } = this.plan;
    const switchNodes = switches.map(({ id, tier, pod }, i) => ({ name: id, tier, pod, node: fabric.switchNodes[i]! }));
    const serverNodes = servers.map(({ id, switchIndex }, i) => ({
      name: id,
      tier: 'server' as const,
      pod: switches[switchIndex]!.pod,
      node: fabric.serverNodes[i]!,
    }));
    const { gatewayCable = null } = fabric;
    const gateways =
      gatewayCable === null ? [] : [{ ...gatewayCable, name: this.devices.network.nodeNames[gatewayCable.node]! }];
    const gatewayNodes = gateways.map(({ name, node, switchIndex }) => {
      return { name, tier: 'gateway' as const, pod: switches[switchIndex]!.pod, node };
    });
    return {
      devices: this.devices,
      nodes: [...switchNodes, ...serverNodes, ...gatewayNodes],
      macTables: fabric.macTables.map(({ isBetweenSites = false, ...table }) => {
        return isBetweenSites ? { ...table, kind: 'dci_tunnel' as const } : table;
      }),
      links: [
        ...links.map(({ id, a, b, isPeerLink = false }, i) => {
          const isBetweenSites = [a, b].every((end) => switches[end]!.tier === 'border');
          return { id, tier: 'fabric' as const, ports: fabric.linkPorts[i]!, isBetweenSites, isPeerLink };
        }),
        ...servers.flatMap(({ id, switchIndex, secondSwitchIndex }, i) => {
          const first = {
            id: `${switches[switchIndex]!.id}-${id}`,
            tier: 'server' as const,
            ports: fabric.serverPorts[i]!,
          };
          const ports = fabric.secondServerPorts[i] ?? null;
          if (ports === null || secondSwitchIndex === null) return [first];
          return [first, { id: `${switches[secondSwitchIndex]!.id}-${id}`, tier: 'server' as const, ports }];
        }),
        ...gateways.map(({ name, switchIndex, ports }) => {
          return { id: `${switches[switchIndex]!.id}-${name}`, tier: 'gateway' as const, ports };
        }),
      ],
      serverNames: servers.map(({ id }) => id),
      borders: (fabric.outside?.ports ?? []).map(({ switchIndex, ports }) => ({
        name: switches[switchIndex]!.id,
        ports,
      })),
      encapsulationBytes: encapsulationBytesOf(settings),
      segmentCount: segments.length,
      segmentLabel: (segment) => fabric.segmentLabel(segment),
      vmName: (vm) => `vm${vm + 1}`,
    };
  }
}

function encapsulationBytesOf(settings: FabricSettings): number {
  if (!('vteps' in settings)) return 0;
  return settings.underlay === 'ipv4' ? VXLAN_OVERHEAD_IPV4_BYTES : VXLAN_OVERHEAD_IPV6_BYTES;
}
