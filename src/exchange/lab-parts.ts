import type { DatacenterPlan } from '../fabric/plan.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';
import { formatMac } from '../wire/mac-address.ts';
import type { Notes } from './notes.ts';
import type { TopologyGraph } from './topology-graph.ts';

/** A datacenter with its VMs where they start, and the cables that a lab has for its links. */
export interface LabPlan {
  readonly plan: DatacenterPlan;
  readonly graph: TopologyGraph;
  readonly mtuBytes: number;
  /** Whether nodes may run FRR: each has a file system of its own. */
  readonly hasFrr: boolean;
  readonly notes: Notes;
  /** By node of the graph: the ends of cables there. */
  readonly ports: readonly (readonly LabPort[])[];
}

export interface LabPort {
  readonly interfaceName: string;
  /** Index of the cable, as of the link in the graph. */
  readonly cable: number;
  /** The node at the other end. */
  readonly peer: number;
}

/** A bridge that knows VLANs and has none to begin with. */
export function addBridge({ address, options = '' }: { address?: string; options?: string } = {}): string[] {
  const own = address === undefined ? '' : ` address ${address}`;
  return [`ip link add br0${own} type bridge vlan_filtering 1 vlan_default_pvid 0${options}`, 'ip link set br0 up'];
}

/** Makes an interface a port of the bridge that carries VLANs with their tags. */
export function addTrunk(interfaceName: string, vlans: string, mtuBytes: number): string[] {
  return [
    `ip link set ${interfaceName} mtu ${mtuBytes}`,
    `ip link set ${interfaceName} master br0`,
    `bridge vlan add dev ${interfaceName} vid ${vlans}`,
    `ip link set ${interfaceName} up`,
  ];
}

/** The VLANs of a number of segments, 1 and on. */
export function vlanRange(segmentCount: number): string {
  return segmentCount === 1 ? '1' : `1-${segmentCount}`;
}

/** Each VM of a server as a namespace with a port of the server's bridge in the VLAN of its segment. */
export function addVms({ plan }: LabPlan, server: number): string[] {
  const commands: string[] = [];
  for (const [vm, at] of plan.vmServer.entries()) {
    if (at !== server) continue;
    const segment = plan.vmSegment[vm]!;
    const name = `vm${vm + 1}`;
    const address = `${formatIpv4(plan.vmIp(vm))}/${plan.segments[segment]!.prefixLength}`;
    commands.push(
      `ip netns add ${name}`,
      `ip link add ${name} type veth peer name eth0 netns ${name}`,
      `ip link set ${name} master br0`,
      `bridge vlan add dev ${name} vid ${segment + 1} pvid untagged`,
      `ip link set ${name} up`,
      `ip -n ${name} link set lo up`,
      `ip -n ${name} link set eth0 address ${formatMac(plan.vmMac(vm))}`,
      `ip -n ${name} addr add ${address} dev eth0`,
      `ip -n ${name} link set eth0 up`,
    );
  }
  return commands;
}

/** The uplink of a server towards bridges: its port, or two of them bonded, one in use and one standing by. */
export function addUplink(ports: readonly LabPort[], vlans: string, { mtuBytes }: LabPlan): string[] {
  const [first, second] = ports;
  if (first === undefined) return [];
  if (second === undefined) return addTrunk(first.interfaceName, vlans, mtuBytes);
  return [
    'ip link add bond0 type bond mode active-backup miimon 100',
    ...[first, second].flatMap(({ interfaceName }) => [
      `ip link set ${interfaceName} down`,
      `ip link set ${interfaceName} master bond0`,
    ]),
    ...addTrunk('bond0', vlans, mtuBytes),
  ];
}
