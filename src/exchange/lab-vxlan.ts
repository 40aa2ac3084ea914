import { ENDPOINT_IP_FIRST } from '../fabric/addressing.ts';
import type { VxlanFabricSettings } from '../scenario/scenario.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';
import { bgpCommands } from './lab-bgp.ts';
import { addBridge, addTrunk, addUplink, addVms, type LabPlan, type LabPort, vlanRange } from './lab-parts.ts';

/** Of the links between routers, two addresses each: shared address space. RFC 6598, section 7; RFC 3021. */
const LINK_IP_FIRST = 0x6440_0000;

/** Of routers without a VTEP, which have no other address that is theirs alone. */
const ROUTER_ID_FIRST = 0xac11_0001;

const NS_PER_S = 1e9;

/**
 * A routed underlay, and VXLAN over it. Where BGP speaks, it finds routes and EVPN fills flood lists and tables. Else there
 * are equal-cost static routes, a flood list for each segment, and learning from floods: what simulated routing protocols
 * would find is written down, and nothing converges after a failure.
 */
export function vxlanCommands(lab: LabPlan, settings: VxlanFabricSettings): string[][] {
  const { graph, plan, notes } = lab;
  sayDifferences(lab, settings);
  const evpn = lab.hasFrr ? settings.evpn : null;
  const isRouter = (node: number) => settings.vteps === 'hypervisor' || node < plan.switches.length;
  const vteps = graph.nodes.flatMap((_, node) => {
    if (settings.vteps === 'hypervisor') return node < plan.switches.length ? [] : [node];
    return node < plan.switches.length && plan.switches[node]!.holdsVtep ? [node] : [];
  });
  const endpoints = new Map(vteps.map((node, index) => [node, formatIpv4(ENDPOINT_IP_FIRST + index)]));
  const segmentsAt = segmentsOf(lab, settings);
  const routed = lab.ports.map((ports, node) => ports.filter(({ peer }) => isRouter(node) && isRouter(peer)));
  const distances = vteps.map((vtep) => distancesTo(vtep, routed));
  if (plan.segments.length === 0) notes.add('there are no segments');
  const vlans = vlanRange(plan.segments.length);
  return graph.nodes.map((_, node) => {
    const server = node - plan.switches.length;
    const commands: string[] = [];
    if (isRouter(node)) {
      const underlay = { lab, routed, vteps, endpoints, distances };
      commands.push(...routerCommands(node, underlay), ...(evpn === null ? staticRoutes(node, underlay) : []));
    }
    const hasBridge = endpoints.has(node) || server >= 0;
    if (hasBridge) commands.push(...addBridge());
    if (endpoints.has(node)) {
      for (const segment of segmentsAt(node)) {
        const others = vteps.filter((other) => other !== node && segmentsAt(other).includes(segment));
        const remotes = others.map((other) => endpoints.get(other)!);
        commands.push(...addTunnel(segment, settings, { endpoint: endpoints.get(node)!, remotes, evpn }));
      }
    }
    if (settings.vteps === 'leaf' && endpoints.has(node)) {
      const toServers = lab.ports[node]!.filter(({ peer }) => !isRouter(peer));
      commands.push(...toServers.flatMap(({ interfaceName }) => addTrunk(interfaceName, vlans, lab.mtuBytes)));
    }
    if (server >= 0 && settings.vteps === 'leaf') commands.push(...addUplink(lab.ports[node]!, vlans, lab));
    if (server >= 0) commands.push(...addVms(lab, server));
    if (isRouter(node) && evpn !== null) {
      const endpoint = endpoints.get(node) ?? null;
      const neighbours = routed[node]!.map(({ cable, peer }) => ({
        address: linkAddress(cable, peer < node),
        node: peer,
      }));
      const routerId = endpoint ?? formatIpv4(ROUTER_ID_FIRST + node);
      commands.push(...bgpCommands({ node, routerId, neighbours, endpoint }, evpn));
    }
    return commands;
  });
}

function sayDifferences({ notes, hasFrr, plan }: LabPlan, settings: VxlanFabricSettings): void {
  const { evpn, replication, underlay, sites, anycast } = settings;
  if (evpn !== null && !hasFrr) notes.add('no BGP is exported: VTEPs learn from floods instead of EVPN');
  if (evpn?.sessions === 'route-reflectors') notes.add('BGP of the export is eBGP over every link');
  if (anycast !== null) notes.add('gateways between segments are not exported');
  if (evpn !== null && plan.servers.some(({ secondSwitchIndex }) => secondSwitchIndex !== null)) {
    notes.add('servers with two links use one of them at a time in the export');
  }
  if (replication !== 'ingress')
    notes.add('the ingress VTEP copies floods in the export', `replication: ${replication}`);
  if (underlay !== 'ipv4') notes.add('the underlay of the export is IPv4');
  if (sites !== 'end-to-end') notes.add('VXLAN goes end to end in the export', `sites: ${sites}`);
}

/** The segments with a VM at or behind a VTEP. */
function segmentsOf({ plan }: LabPlan, { vteps }: VxlanFabricSettings): (node: number) => readonly number[] {
  const segments = new Map<number, Set<number>>();
  for (const [vm, server] of plan.vmServer.entries()) {
    if (server < 0) continue;
    const { switchIndex, secondSwitchIndex } = plan.servers[server]!;
    const nodes =
      vteps === 'hypervisor' ? [plan.switches.length + server] : [switchIndex, secondSwitchIndex ?? switchIndex];
    for (const node of nodes) {
      if (!segments.has(node)) segments.set(node, new Set());
      segments.get(node)!.add(plan.vmSegment[vm]!);
    }
  }
  return (node) => [...(segments.get(node) ?? [])].sort((one, other) => one - other);
}

/** Links on the shortest way to a node, by node. */
function distancesTo(target: number, ports: readonly (readonly LabPort[])[]): Map<number, number> {
  const distances = new Map([[target, 0]]);
  // a map is read in the order in which it grows
  for (const [node, distance] of distances) {
    for (const { peer } of ports[node]!) if (!distances.has(peer)) distances.set(peer, distance + 1);
  }
  return distances;
}

interface Underlay {
  readonly lab: LabPlan;
  readonly routed: readonly (readonly LabPort[])[];
  readonly vteps: readonly number[];
  readonly endpoints: ReadonlyMap<number, string>;
  readonly distances: readonly ReadonlyMap<number, number>[];
}

/** Addresses of links and of the VTEP. */
function routerCommands(node: number, { lab, routed, endpoints }: Underlay): string[] {
  const own = endpoints.get(node);
  return [
    'sysctl -w net.ipv4.ip_forward=1',
    // answers may come another way
    'sysctl -w net.ipv4.conf.all.rp_filter=0',
    'sysctl -w net.ipv4.fib_multipath_hash_policy=1',
    'ip link set lo up',
    ...(own === undefined ? [] : [`ip addr add ${own}/32 dev lo`]),
    ...routed[node]!.flatMap(({ interfaceName, cable, peer }) => [
      `sysctl -w net.ipv4.conf.${interfaceName}.rp_filter=0`,
      `ip link set ${interfaceName} mtu ${lab.mtuBytes}`,
      `ip addr add ${linkAddress(cable, node < peer)}/31 dev ${interfaceName}`,
      `ip link set ${interfaceName} up`,
    ]),
  ];
}

/** A route to each VTEP over all shortest paths. */
function staticRoutes(node: number, { routed, vteps, endpoints, distances }: Underlay): string[] {
  const own = endpoints.get(node);
  return vteps.flatMap((vtep, index) => {
    const distance = distances[index]!.get(node);
    if (vtep === node || distance === undefined) return [];
    const hops = routed[node]!.filter(({ peer }) => distances[index]!.get(peer) === distance - 1).map(
      ({ interfaceName, cable, peer }) => `nexthop via ${linkAddress(cable, peer < node)} dev ${interfaceName}`,
    );
    const source = own === undefined ? '' : ` src ${own}`;
    return [`ip route add ${endpoints.get(vtep)}/32${source} ${hops.join(' ')}`];
  });
}

function linkAddress(cable: number, isLower: boolean): string {
  return formatIpv4(LINK_IP_FIRST + 2 * cable + (isLower ? 0 : 1));
}

interface TunnelEnds {
  readonly endpoint: string;
  /** The other VTEPs of the segment. */
  readonly remotes: readonly string[];
  /** Who tells it of stations; null: it learns. */
  readonly evpn: VxlanFabricSettings['evpn'];
}

/** A tunnel for one segment: a port of the bridge, and the VTEPs that get a copy of each flood. RFC 7348. */
function addTunnel(segment: number, settings: VxlanFabricSettings, { endpoint, remotes, evpn }: TunnelEnds): string[] {
  const vni = settings.vniBase + segment;
  const name = `vx${vni}`;
  const ageing = Math.round(settings.macAgeingNs / NS_PER_S);
  const learning = evpn === null ? ` ageing ${ageing}` : ' nolearning';
  return [
    `ip link add ${name} type vxlan id ${vni} local ${endpoint} dstport 4789${learning}`,
    `ip link set ${name} master br0`,
    `bridge vlan add dev ${name} vid ${segment + 1} pvid untagged`,
    ...(evpn === null
      ? remotes.map((remote) => `bridge fdb append 00:00:00:00:00:00 dev ${name} dst ${remote}`)
      : [`ip link set ${name} type bridge_slave learning off neigh_suppress ${evpn.suppressesArp ? 'on' : 'off'}`]),
    `ip link set ${name} up`,
  ];
}
