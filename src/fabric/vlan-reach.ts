import { ALL_SEGMENTS, type Network } from '../device/network.ts';
import { VLAN_COUNT_MAX } from '../wire/ethernet.ts';
import { NOWHERE } from './cabling.ts';
import { gatewaySegmentsOf } from './gateway.ts';
import type { DatacenterPlan } from './plan.ts';
import { UpDownPaths } from './up-down-paths.ts';

/**
 * How far VLANs reach. `everywhere`: every trunk carries every VLAN. `pruned`: a trunk carries the VLANs that have a VM,
 * or the gateway, on either side of it, as they are placed at the start; nobody changes that later. `pod`: a VLAN is in
 * the pod with most of its VMs and nowhere else, but for the way to the gateway. `mvrp`: a trunk carries the VLANs that were
 * declared to it (VlanRegistrations); what it would carry if all were is planned.
 */
export type LayerTwoReach = 'everywhere' | 'pruned' | 'pod' | 'mvrp';

/** Which VLANs are built and which trunk carries them. */
export interface VlanReach {
  /** Beyond the identifiers of their layer-2 domain, ascending. */
  readonly refusedSegments: readonly number[];
  /** VMs of built segments on servers that those do not reach, ascending. */
  readonly outOfReachVms: readonly number[];
  /** Whether a segment is built and reaches a server. */
  readonly reaches: (segment: number, server: number) => boolean;
  /** Indexed by link, and by server: numbers of the network's sets of segments (Port.trunk). */
  readonly linkTrunks: Int32Array;
  readonly serverTrunks: Int32Array;
}

/** Works out the trunks of a plan. */
export function planVlanReach(network: Network, plan: DatacenterPlan, reach: LayerTwoReach): VlanReach {
  const pods = new Set(plan.switches.map(({ pod }) => pod));
  if (reach === 'pod' && pods.size > 1) return reachByPod(network, plan);
  return reach === 'pruned' ? pruned(network, plan) : everywhere(plan);
}

/** One layer-2 domain, all of whose trunks are alike. */
function everywhere({ segments, links, servers }: DatacenterPlan): VlanReach {
  return {
    refusedSegments: [...segments.keys()].slice(VLAN_COUNT_MAX),
    outOfReachVms: [],
    reaches: (segment) => segment < VLAN_COUNT_MAX,
    linkTrunks: new Int32Array(links.length).fill(ALL_SEGMENTS),
    serverTrunks: new Int32Array(servers.length).fill(ALL_SEGMENTS),
  };
}

/** One layer-2 domain, whose trunks are pruned by hand. */
function pruned(network: Network, plan: DatacenterPlan): VlanReach {
  const { segments, links, servers, gateway } = plan;
  const refusedSegments = [...segments.keys()].slice(VLAN_COUNT_MAX);
  const serversOf = serversBySegment(plan);
  const gatewaySegments = gatewaySegmentsOf(plan);
  const paths = new UpDownPaths(plan);
  const linkSegments: number[][] = links.map(() => []);
  const serverSegments: number[][] = servers.map(() => []);
  for (let segment = 0; segment < Math.min(segments.length, VLAN_COUNT_MAX); segment++) {
    const members = new Set<number>();
    for (const server of serversOf(segment)) {
      serverSegments[server].push(segment);
      members.add(servers[server].switchIndex);
      members.add(servers[server].secondSwitchIndex ?? servers[server].switchIndex);
    }
    if (gateway !== null && gatewaySegments.has(segment)) members.add(gateway.switchIndex);
    for (const link of paths.linksBetween(members)) linkSegments[link].push(segment);
  }
  const trunks = new Trunks(network);
  return {
    refusedSegments,
    outOfReachVms: [],
    reaches: (segment, server) => includesSorted(serverSegments[server], segment),
    linkTrunks: Int32Array.from(linkSegments, (list) => trunks.numberOf(list)),
    serverTrunks: Int32Array.from(serverSegments, (list) => trunks.numberOf(list)),
  };
}

/**
 * A layer-2 domain for each pod. Pods use the same identifiers again, but a VLAN that leaves its pod for the gateway has
 * its identifier to itself.
 */
function reachByPod(network: Network, plan: DatacenterPlan): VlanReach {
  const { switches, links, servers, gateway, vmServer, vmSegment } = plan;
  const podOf = (server: number) => switches[servers[server].switchIndex].pod ?? 0;
  const podCount = switches.reduce((most, { pod }) => Math.max(most, (pod ?? 0) + 1), 0);
  const gatewaySegments = gatewaySegmentsOf(plan);
  const gatewayPod = gateway === null ? -1 : switches[gateway.switchIndex].pod;
  const homes = homePods(plan, podOf, podCount);
  const localCounts = new Int32Array(podCount);
  let crossingCount = 0;
  const refusedSegments: number[] = [];
  // by pod: VLANs that stay inside, and those that leave for the gateway
  const inside: number[][] = Array.from({ length: podCount }, () => []);
  const leaving: number[][] = Array.from({ length: podCount }, () => []);
  for (const [segment, home] of homes.entries()) {
    const leaves = gatewaySegments.has(segment) && home !== gatewayPod;
    const inUse = crossingCount + (leaves ? Math.max(...localCounts) : localCounts[home]);
    if (inUse >= VLAN_COUNT_MAX) {
      refusedSegments.push(segment);
      homes[segment] = -1;
      continue;
    }
    if (leaves) crossingCount++;
    else localCounts[home]++;
    (leaves ? leaving : inside)[home].push(segment);
  }
  const podSegments = inside.map((list, pod) => [...list, ...leaving[pod]].sort((a, b) => a - b));
  // the pod whose VLANs a link carries all, or -1; and what else it carries
  const podOfLink = links.map(({ a, b }) => (switches[a].pod === switches[b].pod ? (switches[a].pod ?? -1) : -1));
  const passing: number[][] = links.map(() => []);
  const paths = new UpDownPaths(plan);
  for (const [pod, list] of leaving.entries()) {
    if (gateway === null || list.length === 0) continue;
    const racks = [...switches.keys()].filter((index) => switches[index].pod === pod && switches[index].holdsVtep);
    for (const link of paths.linksBetween([...racks, gateway.switchIndex])) {
      if (podOfLink[link] !== pod) passing[link].push(...list);
    }
  }
  const trunks = new Trunks(network);
  const podTrunks = podSegments.map((list) => trunks.numberOf(list));
  const linkTrunks = Int32Array.from(passing, (list, link) => {
    const own = podOfLink[link];
    if (own >= 0 && list.length === 0) return podTrunks[own];
    return trunks.numberOf([...(podSegments[own] ?? []), ...list].sort((a, b) => a - b));
  });
  const reaches = (segment: number, server: number) => homes[segment] === podOf(server);
  const isOutOfReach = (vm: number) =>
    vmServer[vm] !== NOWHERE && homes[vmSegment[vm]] >= 0 && !reaches(vmSegment[vm], vmServer[vm]);
  return {
    refusedSegments,
    outOfReachVms: Array.from(vmServer.keys()).filter(isOutOfReach),
    reaches,
    linkTrunks,
    serverTrunks: Int32Array.from(servers, (_, server) => podTrunks[podOf(server)]),
  };
}

/** Indexed by segment: the pod with most of its VMs, of several the first; the first of all for one without VMs. */
function homePods(plan: DatacenterPlan, podOf: (server: number) => number, podCount: number): Int32Array {
  const vmsOf = vmsBySegment(plan);
  const counts = new Int32Array(podCount);
  return Int32Array.from(plan.segments, (_, segment) => {
    counts.fill(0);
    for (const vm of vmsOf(segment)) if (plan.vmServer[vm] >= 0) counts[podOf(plan.vmServer[vm])]++;
    return counts.indexOf(Math.max(...counts));
  });
}

/** The servers where VMs of a segment start, each once. */
function serversBySegment(plan: DatacenterPlan): (segment: number) => Set<number> {
  const vmsOf = vmsBySegment(plan);
  return (segment) => {
    const servers = new Set(Array.from(vmsOf(segment), (vm) => plan.vmServer[vm]));
    servers.delete(NOWHERE);
    return servers;
  };
}

/** VMs of each segment, in order: one list for all, and where each segment's part begins. */
function vmsBySegment({ vmSegment, segments }: DatacenterPlan): (segment: number) => Int32Array {
  const starts = new Int32Array(segments.length + 1);
  for (const segment of vmSegment) starts[segment + 1]++;
  for (let segment = 0; segment < segments.length; segment++) starts[segment + 1] += starts[segment];
  const next = starts.slice();
  const vms = new Int32Array(vmSegment.length);
  for (const [vm, segment] of vmSegment.entries()) vms[next[segment]++] = vm;
  return (segment) => vms.subarray(starts[segment], starts[segment + 1]);
}

/** Sets of segments as trunks of a network: equal sets are one. */
class Trunks {
  readonly #network: Network;
  readonly #numbers = new Map<string, number>();

  constructor(network: Network) {
    this.#network = network;
  }

  numberOf(segments: readonly number[]): number {
    const key = segments.join();
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#network.trunks.add(segments);
      this.#numbers.set(key, number);
    }
    return number;
  }
}

function includesSorted(list: readonly number[], value: number): boolean {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < value) low = middle + 1;
    else high = middle;
  }
  return list[low] === value;
}
