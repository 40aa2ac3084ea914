import type { InstanceSettings, PvstTreeSettings, RapidTreeSettings } from '../fabric/rapid-trees.ts';
import type { StormControlSettings } from '../fabric/storm-control.ts';
import { DEFAULT_MAX_HOPS } from '../protocol/multiple-spanning-tree/parameters.ts';
import { PUBLISHED_FLOW_SIZES } from '../workload/flow-size-distribution.ts';
import { resolveHardware } from './hardware-profiles.ts';
import { resolveMlag } from './mlag-schema.ts';
import { resolveReplication } from './multicast-schema.ts';
import { resolveEthernetSegments } from './multihoming-schema.ts';
import type {
  Attack,
  EvpnFabricSettings,
  ExplicitSwitch,
  FabricSettings,
  Failure,
  GatewaySettings,
  GeneratedTopology,
  Growth,
  Migrations,
  Scenario,
  SwitchSettings,
  Tenant,
  Topology,
  Traffic,
  VxlanFabricSettings,
} from './scenario.ts';
import type { ScenarioFile } from './schema.ts';
import { nameLinks, possibleRootsOf, topologyNodes } from './topology-nodes.ts';

const FAILURE_KINDS = ['link', 'switch', 'server', 'rack'] as const;

/** The scenario that a valid file describes; `name` is the file's. */
export function resolveScenario(file: ScenarioFile, name: string): Scenario {
  const { title, question, seed, replications } = file;
  const topology = resolveTopology(file.topology);
  const possibleRoots = topology.kind === 'explicit' ? [] : possibleRootsOf(topologyNodes(topology));
  return {
    name,
    title,
    question,
    seed,
    replications,
    durationNs: file.duration,
    warmUpNs: file.warmup,
    topology,
    fabrics: file.fabrics.map((fabric) => resolveFabric(fabric, file.hardware, possibleRoots)),
    gateway: resolveGateway(file.gateway),
    outside:
      file.outside === undefined
        ? null
        : { at: file.outside.at, ...linkSettings(file.outside), share: file.outside.share },
    tenants: resolveTenants(file.tenants),
    placement: {
      policy: file.placement.policy,
      vmsPerServerMax: file.placement.vmsPerServerMax ?? null,
      segmentVmsPerServerMax: file.placement.segmentVmsPerServerMax ?? null,
      segmentVmsPerRackMax: file.placement.segmentVmsPerRackMax ?? null,
    },
    growth: resolveGrowth(file.growth),
    traffic: resolveTraffic(file.traffic),
    hosts: {
      arpProfile: file.hosts.arpProfile,
      gratuitousArpAtBoot: file.hosts.gratuitousArpAtBoot,
      bootStartNs: file.hosts.bootStart,
      bootWindowNs: file.hosts.bootWindow,
      mtuBytes: file.hosts.mtu,
    },
    migrations: resolveMigrations(file),
    failures: file.failures.map((failure) => resolveFailure(failure, file)),
    attacks: file.attacks.map((attack) => resolveAttack(attack, file.duration)),
    exactFloods: file.exactFloods,
    samples: { everyNs: file.samples.every },
    trace: { floodCount: file.trace.floods, migrationCount: file.trace.migrations },
  };
}

/** The topology with links named and roles settled. */
export function resolveTopology(topology: ScenarioFile['topology']): Topology {
  const switches: SwitchSettings = {
    delayNs: topology.switchDelay,
    bufferBytes: topology.bufferSize,
    mtuBytes: topology.mtu,
    bondMiimonNs: topology.bondMiimon,
  };
  if (topology.kind !== 'explicit') return resolveGenerated(topology, switches);
  const switchesWithServers = new Set(topology.servers.flatMap(({ at, secondAt = at }) => [at, secondAt]));
  return {
    kind: 'explicit',
    switchList: topology.switches.map(
      ({ id, role, stpPriority, mac }): ExplicitSwitch => ({
        id,
        role: role ?? (switchesWithServers.has(id) ? 'leaf' : 'spine'),
        stpPriority: stpPriority ?? null,
        mac: mac ?? null,
      }),
    ),
    linkList: nameLinks(topology.links).map((link) => ({
      id: link.id,
      a: link.a,
      b: link.b,
      pathCost: link.cost ?? null,
      ...linkSettings(link),
    })),
    serverList: topology.servers.map((server) => ({
      id: server.id,
      at: server.at,
      secondAt: server.secondAt ?? null,
      ...linkSettings(server),
    })),
    switches,
  };
}

function resolveGenerated(
  topology: Exclude<ScenarioFile['topology'], { kind: 'explicit' }>,
  switches: SwitchSettings,
): GeneratedTopology {
  const common = {
    serverLink: linkSettings(topology.serverLink),
    fabricLink: linkSettings(topology.fabricLink),
    serverHoming: topology.serverHoming,
    switches,
  };
  switch (topology.kind) {
    case 'clos-5-stage':
      return {
        kind: topology.kind,
        podCount: topology.pods,
        leavesPerPod: topology.leavesPerPod,
        spinesPerPod: topology.spinesPerPod,
        superSpinesPerPlane: topology.superSpinesPerPlane,
        serversPerLeaf: topology.serversPerLeaf,
        coreLink: linkSettings(topology.coreLink),
        ...common,
      };
    case 'three-tier':
      return {
        kind: topology.kind,
        blockCount: topology.blocks,
        accessPerBlock: topology.accessPerBlock,
        serversPerAccess: topology.serversPerAccess,
        coreCount: topology.cores,
        isAggregationJoined: topology.joinAggregation,
        coreLink: linkSettings(topology.coreLink),
        ...common,
      };
    case 'fat-tree':
      return { kind: topology.kind, k: topology.k, ...common };
    case 'sites':
      return {
        kind: topology.kind,
        siteCount: topology.sites,
        leafCount: topology.leaves,
        spineCount: topology.spines,
        serversPerLeaf: topology.serversPerLeaf,
        uplinksPerSpine: topology.uplinksPerSpine,
        bordersPerSite: topology.borders,
        dci: { layout: topology.dci.layout, ...linkSettings(topology.dci) },
        ...common,
      };
    default:
      return {
        kind: 'leaf-spine',
        leafCount: topology.leaves,
        spineCount: topology.spines,
        serversPerLeaf: topology.serversPerLeaf,
        uplinksPerSpine: topology.uplinksPerSpine,
        ...common,
      };
  }
}

function linkSettings({ rate, delay }: { rate: number; delay: number }) {
  return { rateBitsPerSec: rate, delayNs: delay };
}

function resolveFabric(
  fabric: ScenarioFile['fabrics'][number],
  hardware: ScenarioFile['hardware'],
  possibleRoots: readonly string[],
): FabricSettings {
  const common = {
    name: fabric.name ?? fabric.kind,
    macAgeingNs: fabric.macAgeing,
    macTableSize: fabric.macTableSize ?? null,
    hardware: Object.fromEntries(Object.entries(hardware).map(([tier, given]) => [tier, resolveHardware(given)])),
    portSecurity: fabric.portSecurity ?? null,
    stormControl: resolveStormControl(fabric.stormControl),
  };
  if ('vteps' in fabric) {
    const { kind, vteps, underlay, vniBase, sourcePorts, convergence } = fabric;
    return {
      kind,
      ...common,
      vteps,
      ...resolveReplication(fabric),
      underlay,
      vniBase,
      sites: 'sites' in fabric ? fabric.sites : 'end-to-end',
      sourcePortCount: sourcePorts,
      ...resolveConvergence(convergence),
      evpn: fabric.kind === 'vxlan-evpn' ? resolveEvpn(fabric) : null,
      anycast: fabric.kind === 'vxlan-evpn' ? resolveAnycast(fabric) : null,
      mlag: 'mlag' in fabric && fabric.mlag !== undefined ? resolveMlag(fabric.mlag) : null,
    };
  }
  if (fabric.kind === 'vlan-no-stp') return { kind: fabric.kind, ...common, reach: fabric.reach, spanningTree: null };
  if (fabric.kind === 'vlan-mlag') {
    const { kind, reach } = fabric;
    return { kind, ...common, reach, spanningTree: null, mlag: resolveMlag(fabric) };
  }
  if (fabric.kind === 'vlan-pvst') {
    const { kind, reach } = fabric;
    return { kind, ...common, reach, spanningTree: resolvePvst(fabric, possibleRoots) };
  }
  if (fabric.kind !== 'vlan-stp') {
    const { kind, reach } = fabric;
    return { kind, ...common, reach, spanningTree: resolveRapidTrees(fabric, possibleRoots) };
  }
  const { implementation, root, rootPriority, priority, helloTime, maxAge, forwardDelay } = fabric.spanningTree;
  return {
    kind: fabric.kind,
    ...common,
    reach: fabric.reach,
    spanningTree: {
      implementation,
      rootSwitch: root ?? possibleRoots[0] ?? null,
      rootPriority,
      priority,
      helloTimeNs: helloTime,
      maxAgeNs: maxAge,
      forwardDelayNs: forwardDelay,
    },
  };
}

/** Session set-up as FRR has it: the first attempt, the retry, and the delay before a table is sent to one of several. */
const CONNECT_NS = { ebgp: 1e9, 'route-reflectors': 10e9 } as const;
const ANNOUNCE_NS = 100e6;
const SESSION_LOSS_NS = 20e6;

type EvpnFile = Extract<ScenarioFile['fabrics'][number], { kind: 'vxlan-evpn' }>;

function resolveAnycast({ gateway, subnetPrefixes }: EvpnFile): VxlanFabricSettings['anycast'] {
  if (gateway === 'central') return null;
  return gateway === 'anycast-asymmetric'
    ? { irb: 'asymmetric', subnetPrefixes: false }
    : { irb: 'symmetric', subnetPrefixes };
}

function resolveEvpn(fabric: EvpnFile): EvpnFabricSettings {
  const { sessions, implementation, arpSuppression, learnIpAddresses, stationRefresh } = fabric;
  const { unknownUnicast, bgp, duplicateDetection } = fabric;
  const { moves, window, action, recovery } = duplicateDetection;
  return {
    sessions,
    implementation,
    learnsIpAddresses: learnIpAddresses ?? arpSuppression,
    suppressesArp: arpSuppression,
    refreshesStations: arpSuppression && (stationRefresh ?? implementation === 'rfc-7432'),
    unknownUnicast,
    holdNs: bgp.hold,
    mraiNs: bgp.mrai,
    learnNs: bgp.learn,
    installNs: bgp.install,
    installsPerSecond: bgp.installRate ?? null,
    connectNs: bgp.connect ?? CONNECT_NS[sessions],
    announceNs: ANNOUNCE_NS,
    sessionLossNs: SESSION_LOSS_NS,
    duplicates: {
      movesMax: moves,
      windowNs: window,
      action: action ?? (implementation === 'frr-8.4' ? 'warn' : 'freeze'),
      recoveryNs: recovery,
    },
    multihoming:
      fabric.ethernetSegments === undefined ? null : resolveEthernetSegments(fabric.ethernetSegments, implementation),
  };
}

type RapidFile = Extract<ScenarioFile['fabrics'][number], { kind: 'vlan-rstp' | 'vlan-rapid-pvst' | 'vlan-mstp' }>;

const RAPID_PROTOCOLS = { 'vlan-rstp': 'rstp', 'vlan-rapid-pvst': 'rapid-pvst', 'vlan-mstp': 'mstp' } as const;

function resolvePvst(
  { spanningTree }: Extract<ScenarioFile['fabrics'][number], { kind: 'vlan-pvst' }>,
  possibleRoots: readonly string[],
): PvstTreeSettings {
  const { roots, rootPriority, priority, helloTime, maxAge, forwardDelay } = spanningTree;
  return {
    protocol: 'pvst',
    rootSwitches: roots ?? possibleRoots.slice(0, 2),
    rootPriority,
    priority,
    helloTimeNs: helloTime,
    maxAgeNs: maxAge,
    forwardDelayNs: forwardDelay,
  };
}

function resolveRapidTrees(fabric: RapidFile, possibleRoots: readonly string[]): RapidTreeSettings {
  const { roots, helloTime, maxAge, forwardDelay, implementation, rootPriority, priority } = fabric.spanningTree;
  const { transmitHoldCount, edgePorts, bpduGuard, rootGuard } = fabric.spanningTree;
  const isShared = fabric.kind !== 'vlan-rstp';
  return {
    protocol: RAPID_PROTOCOLS[fabric.kind],
    implementation,
    rootSwitches: roots ?? possibleRoots.slice(0, isShared ? 2 : 1),
    rootPriority,
    priority,
    helloTimeNs: helloTime,
    maxAgeNs: maxAge,
    forwardDelayNs: forwardDelay,
    transmitHoldCount,
    edgePorts,
    bpduGuard,
    rootGuard,
    maxHops: fabric.kind === 'vlan-mstp' ? fabric.spanningTree.maxHops : DEFAULT_MAX_HOPS,
    instances: fabric.kind === 'vlan-mstp' ? resolveInstances(fabric.spanningTree.instances) : [],
  };
}

function resolveInstances(
  instances: Extract<RapidFile, { kind: 'vlan-mstp' }>['spanningTree']['instances'],
): InstanceSettings[] {
  if (typeof instances === 'number') {
    return Array.from({ length: instances }, () => ({ vlans: null, rootSwitch: null }));
  }
  return instances.map(({ vlans, root }) => ({ vlans, rootSwitch: root ?? null }));
}

type VxlanFile = Extract<ScenarioFile['fabrics'][number], { vteps: unknown }>;

function resolveConvergence(convergence: VxlanFile['convergence']) {
  if (typeof convergence === 'number') return { convergenceNs: convergence, detectionNs: 0, routeNs: 0 };
  const { detection, bfdInterval, bfdMultiplier, holdTime, fibUpdate, pic, routesPerSecond = Infinity } = convergence;
  const detectionNs = { 'link-loss': 0, bfd: bfdInterval * bfdMultiplier, 'bgp-hold': holdTime }[detection];
  const routeNs = pic ? 0 : Math.ceil(1e9 / routesPerSecond);
  return { convergenceNs: detectionNs + fibUpdate, detectionNs, routeNs };
}

function resolveStormControl(given: ScenarioFile['fabrics'][number]['stormControl']): StormControlSettings | null {
  if (given === undefined) return null;
  const { broadcast = null, multicast = null, unknownUnicast = null, action, ports } = given;
  return { broadcast, multicast, unknownUnicast, action, ports };
}

function resolveGateway(gateway: ScenarioFile['gateway']): GatewaySettings | null {
  if (gateway === undefined) return null;
  return {
    at: gateway.at,
    ...linkSettings(gateway),
    arpTimeoutNs: gateway.arpTimeout,
    betweenTenants: gateway.betweenTenants,
  };
}

/** The tenants in the order of the file. */
export function resolveTenants(tenants: ScenarioFile['tenants']): Tenant[] {
  return tenants.map(({ name, count, segments, vmsPerSegment, totalSegments, totalVms }) => ({
    name,
    replicaCount: count,
    segmentsPerReplica: segments,
    // without a size of their own, the VMs of a total are spread evenly
    vmsPerSegment: vmsPerSegment ?? 1,
    totalSegments: totalSegments ?? null,
    totalVms: totalVms ?? null,
  }));
}

/** How VMs come and end; null if they do not. */
export function resolveGrowth(growth: ScenarioFile['growth']): Growth | null {
  if (growth === undefined) return null;
  const { initialVms, initialShare, arrivalsPerSecond, allBy, lifetimes } = growth;
  return {
    initial: initialVms === undefined ? { ratio: initialShare ?? 1 } : { vms: initialVms },
    arrivals:
      arrivalsPerSecond !== undefined
        ? { perSecond: arrivalsPerSecond }
        : allBy !== undefined
          ? { allByNs: allBy }
          : null,
    lifetimes: typeof lifetimes === 'string' ? lifetimes : { exponentialMeanNs: lifetimes.exponential },
  };
}

function resolveTraffic(traffic: ScenarioFile['traffic']): Traffic {
  const { flowsPerVmPerSecond, flowRate, peersPerVm, silentVms, framesPerTrain } = traffic;
  return {
    flowsPerVmPerSecond,
    ...resolveFlowSizes(traffic.sizes),
    flowRateBitsPerSec: flowRate,
    interSegmentRatio: traffic.interSegment,
    interTenantRatio: traffic.interTenant,
    peersPerVm,
    peersInRackRatio: traffic.peersInRack,
    silentVmsRatio: silentVms,
    framesPerTrainMax: framesPerTrain,
  };
}

function resolveFlowSizes(sizes: ScenarioFile['traffic']['sizes']): Pick<Traffic, 'flowSizes' | 'flowSizesName'> {
  if (typeof sizes === 'string') return { flowSizesName: sizes, flowSizes: PUBLISHED_FLOW_SIZES[sizes] };
  if ('fixed' in sizes) return { flowSizesName: 'fixed', flowSizes: [{ sizeBytes: sizes.fixed, probability: 1 }] };
  const flowSizes = sizes.cdf.map(([sizeBytes, probability]) => ({ sizeBytes, probability }));
  return { flowSizesName: 'cdf', flowSizes };
}

function resolveMigrations({ migrations, duration, hosts }: ScenarioFile): Migrations {
  const { random, list, memory, dirtyRate, bandwidth, downtimeLimit, announce, probeEvery } = migrations;
  const { workingSet, copiesOver, copyShareOfLink, maxRounds, maxTime, onGiveUp, stallTimeout } = migrations;
  return {
    random:
      random === undefined
        ? null
        : {
            count: random.count,
            startNs: random.start ?? hosts.bootStart + hosts.bootWindow,
            endNs: random.end ?? duration,
            destination: random.destination,
          },
    list: list.map(({ vm, to, at }) => ({ vm, to, atNs: at })),
    memoryBytes: memory,
    dirtyRateBitsPerSec: dirtyRate,
    workingSetBytes: workingSet ?? null,
    bandwidthBitsPerSec: bandwidth,
    copiesOver,
    copyShareOfLink,
    downtimeLimitNs: downtimeLimit,
    roundsMax: maxRounds,
    copyNsMax: maxTime ?? null,
    onGiveUp,
    stallNsMax: stallTimeout,
    beyondReach: migrations.beyondReach,
    announce,
    announcementLossRatio: migrations.announceLossRatio,
    probeEveryNs: probeEvery === 0 ? null : probeEvery,
  };
}

function resolveAttack(attack: ScenarioFile['attacks'][number], durationNs: number): Attack {
  const { kind, vm = null, server = null, start, stop = durationNs, ratePerSecond, sources } = attack;
  return { kind, vm, server, startNs: start, stopNs: stop, framesPerSecond: ratePerSecond, sourceCount: sources };
}

function resolveFailure(
  { at, link, switch: switchId, server, rack, random, restoreAfter }: ScenarioFile['failures'][number],
  { hosts, duration }: ScenarioFile,
): Failure {
  const restoreAfterNs = restoreAfter ?? null;
  if (random !== undefined) {
    return {
      kind: 'random',
      what: random.kind,
      count: random.count ?? null,
      meanTimeBetweenNs: random.meanTimeBetween ?? null,
      startNs: random.start ?? hosts.bootStart + hosts.bootWindow,
      endNs: random.end ?? duration,
      restoreAfterNs,
      repair: random.repair,
    };
  }
  const names = { link, switch: switchId, server, rack };
  const kind = FAILURE_KINDS.find((one) => names[one] !== undefined)!;
  return { kind, id: names[kind]!, atNs: at!, restoreAfterNs };
}
