import * as z from 'zod';
import { Devices } from '../../device/devices.ts';
import { PORT_SHIFT, Port, PortMode } from '../../device/network.ts';
import { Carried } from '../../device/observer.ts';
import { Fingerprint } from '../../engine/fingerprint.ts';
import { Simulation } from '../../engine/simulation.ts';
import { FrameKind } from '../../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../../wire/frame-pool.ts';
import { parseIpv4 } from '../../wire/ipv4-address.ts';
import { multicastMacOf } from '../../wire/mac-address.ts';
import { VXLAN_OVERHEAD_IPV4_BYTES } from '../../wire/vxlan.ts';
import { createTestFrame, DEFAULT_FRAME_BYTES, REPLAY_WIRE } from '../test-frame.ts';
import { flag, frames, ip, mac, observationSchema, size, vni } from './observation-schema.ts';
import type { SimulatedFacts } from './simulated-facts.ts';

const schema = observationSchema('mcast_flat', {
  params: { members: size, nonmembers: z.number().int().min(0).max(64), igmp_snooping: flag, K: frames },
  node: {
    ip: ip.optional(),
    vni: vni.optional(),
    group: ip.optional(),
    vtep: z.string().optional(),
    mac: mac.optional(),
  },
  action: { phase: z.string(), host: z.string(), frames: frames.optional() },
});

type FlatObservation = z.infer<typeof schema>;

const AGEING_NS = 300e9;
const FRAME_INTERVAL_NS = 2e6;
const SETTLE_NS = 200e6;
const UNKNOWN_MAC = '02:00:00:0d:0d:0d';
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

/** The underlay's segment; those of VNIs follow in the order of the file. */
const UNDERLAY_SEGMENT = 0;
/** First of the addresses of VTEPs' uplinks, which no observation reports. */
const UPLINK_MAC_FIRST = 0x06ff_0000_0000;

/** A VXLAN group per VNI on one Ethernet segment, whose switch may snoop on IGMP. */
export const mcastFlat = { schema, problemsOf, perform };

function problemsOf({ topology, actions }: FlatObservation): string[] {
  const problems: string[] = [];
  const { nodes, links } = topology;
  if (nodes.filter(({ kind }) => kind === 'l2-core').length !== 1)
    problems.push('topology.nodes: expected one l2-core');
  for (const [index, node] of nodes.entries()) {
    const where = `topology.nodes.${index}`;
    if (node.kind === 'vtep' && (node.ip === undefined || node.vni === undefined || node.group === undefined)) {
      problems.push(`${where}: ${node.name} needs ip, vni and group`);
    }
    if (node.kind !== 'host') continue;
    if (node.mac === undefined) problems.push(`${where}: ${node.name} needs mac`);
    if (!nodes.some(({ name, kind }) => kind === 'vtep' && name === node.vtep)) {
      problems.push(`${where}.vtep: there is no VTEP ${node.vtep}`);
    }
    if (!links.some(({ a, b }) => a === node.name || b === node.name))
      problems.push(`${where}: ${node.name} has no link`);
  }
  for (const [index, { phase, host }] of actions.entries()) {
    if (!nodes.some(({ name, kind }) => kind === 'host' && name === host)) {
      problems.push(`actions.${index}.host: there is no host ${host}`);
    } else if (destinationOf(phase, host, nodes) === null) {
      problems.push(`actions.${index}.phase: what "${phase}" sends is not known`);
    }
  }
  return problems;
}

type FlatNode = FlatObservation['topology']['nodes'][number];

/** Where the frames of a phase go; null if its name is not known. */
function destinationOf(phase: string, host: string, nodes: readonly FlatNode[]): string | null {
  if (phase === 'udp_bcast' || phase === 'garp') return BROADCAST;
  if (phase === 'unknown_unicast') return UNKNOWN_MAC;
  const vniOf = (node: FlatNode | undefined) => nodes.find(({ name }) => name === node?.vtep)?.vni;
  const own = nodes.find(({ name }) => name === host);
  const members = nodes.filter((node) => node.kind === 'host' && vniOf(node) === vniOf(own) && node.name !== host);
  if (phase.startsWith('reply_unicast')) return members[0]?.mac ?? null;
  return phase === 'known_unicast' ? (members.at(-1)?.mac ?? null) : null;
}

function perform({ params, topology, actions }: FlatObservation): SimulatedFacts {
  const { nodes } = topology;
  const lab = new FlatLab(nodes, params.igmp_snooping);
  const { network } = lab.devices;
  const newCounts = () => ({
    sent: 0,
    received: 0,
    links: {} as Record<string, number>,
    delivered: {} as Record<string, number>,
    bytes: new Map<number, [number, number]>(),
    outer: new Set<string>(),
  });
  let seen = newCounts();
  network.tap = {
    sent: (port, frame) => {
      const words = network.frames.words;
      const f = frame << FRAME_SHIFT;
      if (words[f + Frame.kind] !== FrameKind.vxlan) return;
      const [from, to] = [lab.vtepAt.get(port), lab.vtepAt.get(network.peerOf(port))];
      const name = from === undefined ? `${to}<-core` : `${from}->core`;
      seen.links[name] = (seen.links[name] ?? 0) + 1;
      if (from === undefined) seen.received++;
      else seen.sent++;
      const inner = words[f + Frame.inner] << FRAME_SHIFT;
      seen.bytes.set(words[f + Frame.sizeBytes], [words[f + Frame.sizeBytes], words[inner + Frame.sizeBytes]]);
      seen.outer.add(lab.devices.underlay.formatAddress(words[f + Frame.targetIp]));
    },
    received: (port) => {
      const host = lab.hostAt.get(port);
      if (host !== undefined) seen.delivered[host] = (seen.delivered[host] ?? 0) + 1;
    },
  };
  const exact: Record<string, unknown> = {};
  for (const { phase, host, frames: count = params.K } of actions) {
    seen = newCounts();
    const dst = destinationOf(phase, host, nodes)!;
    for (let i = 0; i < count; i++) {
      lab.send(host, dst, i);
      lab.wait(FRAME_INTERVAL_NS);
    }
    lab.wait(SETTLE_NS);
    exact[phase] = {
      frames_sent: count,
      tx_copies: seen.sent,
      rx_copies: seen.received,
      vxlan_per_core_link: seen.links,
      delivered_to_hosts: seen.delivered,
      outer_inner_bytes: [...seen.bytes.values()].sort(([a], [b]) => a - b),
      outer_dst: [...seen.outer].sort(),
    };
  }
  return { exact, ranges: {} };
}

/** VTEPs on one segment, each with a host. */
class FlatLab {
  readonly simulation = new Simulation();
  readonly devices = new Devices(this.simulation, new Fingerprint());
  /** By port of a VTEP's uplink, and of a host. */
  readonly vtepAt = new Map<number, string>();
  readonly hostAt = new Map<number, string>();
  readonly #hosts = new Map<string, { server: number; segment: number; mac: string }>();

  constructor(nodes: readonly FlatNode[], isSnooping: boolean) {
    const { network, bridges, tunnels, underlay, stacks, servers } = this.devices;
    const core = network.addNode('core');
    const coreBridge = bridges.addBridge(core, { ageingTimeNs: AGEING_NS, implementation: 'linux-6.18' });
    if (isSnooping) bridges.snoop(coreBridge);
    const vteps = nodes.filter(({ kind }) => kind === 'vtep');
    const vnis = [...new Set(vteps.map(({ vni: each }) => each!))];
    const groups = new Map<string, number>();
    const bridgeNodes = new Map<string, number>();
    for (const [index, { name, ip: own, vni: ofVni, group }] of vteps.entries()) {
      const node = network.addNode(name);
      const port = network.addPort(node, `${name}>core`, PortMode.routed, { pvid: UNDERLAY_SEGMENT });
      const corePort = network.addPort(core, `core>${name}`, PortMode.bridged, { pvid: UNDERLAY_SEGMENT });
      network.connect(port, corePort, REPLAY_WIRE);
      this.vtepAt.set(port, name);
      const ipInterface = stacks.addInterface({
        stack: stacks.addStack({ forwards: false, listens: false }),
        ip: parseIpv4(own!),
        prefixLength: 24,
        address: network.addresses.idOf(UNDERLAY_SEGMENT, UPLINK_MAC_FIRST + index),
        segment: UNDERLAY_SEGMENT,
        output: { transmit: (place, frame) => network.send(place, frame, Carried.knownUnicast) },
        place: port,
      });
      network.portWords[(port << PORT_SHIFT) + Port.ipInterface] = ipInterface;
      const endpoint = underlay.addEndpoint(node, parseIpv4(own!), { kind: 'segment', ipInterface });
      const segment = UNDERLAY_SEGMENT + 1 + vnis.indexOf(ofVni!);
      const bridgeNode = network.addNode(`${name} br${ofVni}`);
      const bridge = bridges.addBridge(bridgeNode, { ageingTimeNs: AGEING_NS, implementation: 'linux-6.18' });
      bridgeNodes.set(name, bridgeNode);
      const tunnelPort = this.devices.addVirtualPort(bridgeNode, `${name} vx${ofVni}`, PortMode.tunnel, {
        pvid: segment,
      });
      const tunnel = tunnels.addTunnel(
        tunnelPort,
        {
          endpoint,
          ageingTimeNs: AGEING_NS,
          learns: true,
          overheadBytes: VXLAN_OVERHEAD_IPV4_BYTES,
          implementation: 'linux-6.18',
        },
        bridges,
      );
      const groupId = groups.get(group!) ?? underlay.addGroup(parseIpv4(group!), -1);
      groups.set(group!, groupId);
      tunnels.serve(tunnel, segment, tunnels.addFloodList({ kind: 'group', group: groupId }));
      if (isSnooping) {
        bridges.addMember(corePort, network.addresses.idOf(UNDERLAY_SEGMENT, multicastMacOf(parseIpv4(group!))));
      }
      bridges.startSweeping(bridge);
      this.devices.setAdminUp(port, true);
    }
    for (const { name, kind, vtep, mac: address } of nodes) {
      if (kind !== 'host') continue;
      const segment = UNDERLAY_SEGMENT + 1 + vnis.indexOf(vteps.find((each) => each.name === vtep)!.vni!);
      const server = network.addNode(name);
      const uplink = network.addPort(server, `${name}>${vtep}`, PortMode.nic, { pvid: segment });
      const port = network.addPort(bridgeNodes.get(vtep!)!, `${vtep}>${name}`, PortMode.bridged, { pvid: segment });
      network.connect(port, uplink, REPLAY_WIRE);
      servers.setUplink(server, uplink);
      this.hostAt.set(uplink, name);
      this.#hosts.set(name, { server, segment, mac: address! });
      this.devices.setAdminUp(port, true);
    }
    this.wait(SETTLE_NS);
  }

  send(host: string, dst: string, id: number): void {
    const { server, segment, mac: src } = this.#hosts.get(host)!;
    const sizeBytes = DEFAULT_FRAME_BYTES;
    const frame = createTestFrame(this.devices.network, { id, segment, src, dst, sizeBytes });
    this.devices.servers.transmitOnUplink(server, frame, Carried.knownUnicast);
  }

  wait(timeNs: number): void {
    this.simulation.run(this.simulation.nowNs + timeNs);
  }
}
