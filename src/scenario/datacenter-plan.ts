import type { DatacenterPlan, PlannedSegment } from '../fabric/plan.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';
import { type MacAddress, parseMac } from '../wire/mac-address.ts';
import { type Scenario, type Tenant, vmCount } from './scenario.ts';
import { topologyNodes } from './topology-nodes.ts';

/** First of the VMs' addresses: locally administered, VM by VM. */
const VM_MAC_FIRST: MacAddress = 0x0200_0000_0001;

/** First address of the first segment's subnet: 10.0.0.0. Subnets follow each other beyond 10/8 where they must. */
const SUBNET_FIRST: Ipv4Address = 0x0a00_0000;

/** Addresses of a subnet that no VM has: the network's, the broadcast address, the gateway's. */
const RESERVED_ADDRESSES = 3;

/** Everything about the VMs that does not depend on where they are. */
export interface VmPlan {
  readonly vmSegment: Int32Array;
  readonly segments: readonly PlannedSegment[];
  readonly vmIp: (vm: number) => Ipv4Address;
  readonly vmMac: (vm: number) => MacAddress;
}

/** How many segments have addresses for their VMs: all subnets are as large as that of the largest segment. */
export function segmentsWithAddresses(tenants: readonly Tenant[]): number {
  return Math.floor((2 ** 32 - SUBNET_FIRST) / 2 ** hostBitsOf(tenants));
}

function hostBitsOf(tenants: readonly Tenant[]): number {
  const largest = tenants.reduce((most, { vmsPerSegment }) => Math.max(most, vmsPerSegment), 0);
  return Math.max(8, Math.ceil(Math.log2(largest + RESERVED_ADDRESSES)));
}

/** Numbers VMs and segments: by tenant, by replica, by segment. */
export function planVms(tenants: readonly Tenant[]): VmPlan {
  const hostBits = hostBitsOf(tenants);
  const segments: PlannedSegment[] = [];
  const vmSegment = new Int32Array(vmCount(tenants));
  const firstVm: number[] = [];
  let vm = 0;
  let tenantNumber = 0;
  for (const tenant of tenants) {
    for (let replica = 0; replica < tenant.replicaCount; replica++, tenantNumber++) {
      for (let i = 0; i < tenant.segmentsPerReplica; i++) {
        const segment = segments.length;
        const subnet = SUBNET_FIRST + segment * 2 ** hostBits;
        segments.push({ subnet, prefixLength: 32 - hostBits, tenant: tenantNumber });
        firstVm.push(vm);
        vmSegment.fill(segment, vm, vm + tenant.vmsPerSegment);
        vm += tenant.vmsPerSegment;
      }
    }
  }
  return {
    vmSegment,
    segments,
    vmIp: (number) => {
      const segment = vmSegment[number]!;
      return segments[segment]!.subnet + 1 + number - firstVm[segment]!;
    },
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
  const planSwitch = (tier: 'leaf' | 'spine') => (id: string) => {
    const { mac = null, stpPriority = null } = ofSwitch.get(id) ?? {};
    return { id, tier, mac: mac === null ? null : parseMac(mac), stpPriority };
  };
  return {
    switches: [...nodes.leafIds.map(planSwitch('leaf')), ...nodes.spineIds.map(planSwitch('spine'))],
    links: nodes.links.map(({ id, a, b }, index) => {
      const link = topology.kind === 'explicit' ? topology.linkList[index]! : topology.fabricLink;
      const pathCost = topology.kind === 'explicit' ? topology.linkList[index]!.pathCost : null;
      const { rateBitsPerSec, delayNs } = link;
      return { id, a: indices.get(a)!, b: indices.get(b)!, rateBitsPerSec, delayNs, pathCost };
    }),
    servers: nodes.servers.map(({ id, at }, index) => {
      const link = topology.kind === 'explicit' ? topology.serverList[index]! : topology.serverLink;
      return { id, switchIndex: indices.get(at)!, rateBitsPerSec: link.rateBitsPerSec, delayNs: link.delayNs };
    }),
    switchDelayNs: topology.switches.delayNs,
    bufferBytes: topology.switches.bufferBytes,
    vmServer,
    ...vms,
    gateway:
      gateway === null
        ? null
        : {
            switchIndex: indices.get(gateway.at)!,
            rateBitsPerSec: gateway.rateBitsPerSec,
            delayNs: gateway.delayNs,
            arpTimeoutNs: gateway.arpTimeoutNs,
          },
  };
}

/** Switches are numbered leaves first. */
export function switchIndices({ topology }: Pick<Scenario, 'topology'>): Map<string, number> {
  const { leafIds, spineIds } = topologyNodes(topology);
  return new Map([...leafIds, ...spineIds].map((id, index) => [id, index]));
}
