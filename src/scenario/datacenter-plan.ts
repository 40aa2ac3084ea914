import { TRANSIT_PREFIX_LENGTH } from '../fabric/outside-routers.ts';
import type { DatacenterPlan, PlannedSegment } from '../fabric/plan.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';
import { type MacAddress, parseMac } from '../wire/mac-address.ts';
import type { TenantSizes } from '../workload/tenant-sizes.ts';
import type { Scenario } from './scenario.ts';
import { switchIdsOf, topologyNodes } from './topology-nodes.ts';

/** First of the VMs' addresses: locally administered, VM by VM. */
const VM_MAC_FIRST: MacAddress = 0x0200_0000_0001;

/** First address of the first segment's subnet: 10.0.0.0. Subnets follow each other beyond 10/8 where they must. */
const SUBNET_FIRST: Ipv4Address = 0x0a00_0000;

/** First address of the segments to the outside: 100.64.0.0. RFC 6598, section 7 (shared address space). */
const TRANSIT_FIRST: Ipv4Address = 0x6440_0000;

/** Addresses of a subnet that no VM has: the network's, the broadcast address, the gateway's. */
const RESERVED_ADDRESSES = 3;

/** Everything about the VMs that does not depend on where they are. */
export interface VmPlan {
  readonly vmSegment: Int32Array;
  readonly segments: readonly PlannedSegment[];
  readonly vmIp: (vm: number) => Ipv4Address;
  readonly vmMac: (vm: number) => MacAddress;
}

/** The smallest subnet is a /24: even ten million of them fit between 10.0.0.0 and the end of IPv4. */
const HOST_BITS_MIN = 8;

function hostBitsOf(vms: number): number {
  return Math.max(HOST_BITS_MIN, Math.ceil(Math.log2(vms + RESERVED_ADDRESSES)));
}

/**
 * Numbers VMs and segments: by tenant, by replica, by segment. Subnets go from the largest to the smallest, each as large
 * as its VMs need, so that they lie without gaps at multiples of their sizes.
 */
export function planVms({ segmentTenants, segmentSizes, vmCount }: TenantSizes): VmPlan {
  const vmSegment = new Int32Array(vmCount);
  const firstVms = new Int32Array(segmentSizes.length);
  let vm = 0;
  for (const [segment, size] of segmentSizes.entries()) {
    firstVms[segment] = vm;
    vmSegment.fill(segment, vm, vm + size);
    vm += size;
  }
  const hostBits = Uint8Array.from(segmentSizes, hostBitsOf);
  const subnets = new Float64Array(segmentSizes.length);
  let subnet = SUBNET_FIRST;
  for (const segment of Int32Array.from(segmentSizes.keys()).sort((a, b) => hostBits[b]! - hostBits[a]! || a - b)) {
    subnets[segment] = subnet;
    subnet += 2 ** hostBits[segment]!;
  }
  return {
    vmSegment,
    segments: Array.from(segmentTenants, (tenant, segment) => ({
      subnet: subnets[segment]!,
      prefixLength: 32 - hostBits[segment]!,
      tenant,
    })),
    vmIp: (number) => subnets[vmSegment[number]!]! + 1 + number - firstVms[vmSegment[number]!]!,
    vmMac: (number) => VM_MAC_FIRST + number,
  };
}

/** Racks of servers: the index of the switch that each is cabled to. */
export function serverRacks(scenario: Scenario): Int32Array {
  const indices = switchIndices(scenario);
  return Int32Array.from(topologyNodes(scenario.topology).servers, ({ at }) => indices.get(at)!);
}

/** The datacenter of a scenario, with its VMs on the servers where they start. */
export function planDatacenter(scenario: Scenario, vms: VmPlan, vmServer: Int32Array): DatacenterPlan {
  const { topology, gateway } = scenario;
  const nodes = topologyNodes(topology);
  const indices = switchIndices(scenario);
  const explicit = topology.kind === 'explicit' ? topology : null;
  const ofSwitch = new Map(explicit?.switchList.map((one) => [one.id, one]));
  return {
    switches: nodes.switches.map(({ id, tier, pod, isForServers }) => {
      const { mac = null, stpPriority = null } = ofSwitch.get(id) ?? {};
      return { id, tier, pod, holdsVtep: isForServers, mac: mac === null ? null : parseMac(mac), stpPriority };
    }),
    links: nodes.links.map(({ id, a, b, rateBitsPerSec, delayNs, pathCost }) => {
      return { id, a: indices.get(a)!, b: indices.get(b)!, rateBitsPerSec, delayNs, pathCost };
    }),
    servers: nodes.servers.map(({ id, at, secondAt, rateBitsPerSec, delayNs }) => {
      const secondSwitchIndex = secondAt === null ? null : indices.get(secondAt)!;
      return { id, switchIndex: indices.get(at)!, secondSwitchIndex, rateBitsPerSec, delayNs };
    }),
    bondMiimonNs: topology.switches.bondMiimonNs,
    switchDelayNs: topology.switches.delayNs,
    bufferBytes: topology.switches.bufferBytes,
    vmServer,
    ...vms,
    ...planOutside(scenario, vms, indices),
    gateway:
      gateway === null
        ? null
        : {
            switchIndex: indices.get(gateway.at)!,
            rateBitsPerSec: gateway.rateBitsPerSec,
            delayNs: gateway.delayNs,
            arpTimeoutNs: gateway.arpTimeoutNs,
            betweenTenants: gateway.betweenTenants,
          },
  };
}

/** Routers to the outside, and a segment where they meet each routing table, behind all others. */
function planOutside(
  { outside, gateway }: Scenario,
  { segments }: VmPlan,
  indices: ReadonlyMap<string, number>,
): Pick<DatacenterPlan, 'segments' | 'outside'> {
  if (outside === null) return { segments, outside: null };
  const tenants = gateway?.betweenTenants === true ? [0] : [...new Set(segments.map(({ tenant }) => tenant))];
  const transit = tenants.map((tenant, table) => {
    return {
      subnet: TRANSIT_FIRST + table * 2 ** (32 - TRANSIT_PREFIX_LENGTH),
      prefixLength: TRANSIT_PREFIX_LENGTH,
      tenant,
    };
  });
  const { at, rateBitsPerSec, delayNs } = outside;
  return {
    segments: [...segments, ...transit],
    outside: {
      switchIndices: at.map((id) => indices.get(id)!),
      rateBitsPerSec,
      delayNs,
      transitSegments: [...transit.keys()].map((table) => segments.length + table),
    },
  };
}

/** Switches are numbered in the order of `topologyNodes`: those with servers first. */
export function switchIndices({ topology }: Pick<Scenario, 'topology'>): Map<string, number> {
  return new Map(switchIdsOf(topologyNodes(topology)).map((id, index) => [id, index]));
}
