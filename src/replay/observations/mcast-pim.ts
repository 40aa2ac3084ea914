import * as z from 'zod';
import { Devices } from '../../device/devices.ts';
import { PortMode } from '../../device/network.ts';
import { Carried } from '../../device/observer.ts';
import { Fingerprint } from '../../engine/fingerprint.ts';
import { Simulation } from '../../engine/simulation.ts';
import { PIM_KEEPALIVE_PERIOD_NS } from '../../protocol/pim-sources.ts';
import { FrameKind } from '../../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../../wire/frame-pool.ts';
import { parseIpv4 } from '../../wire/ipv4-address.ts';
import { VXLAN_OVERHEAD_IPV4_BYTES } from '../../wire/vxlan.ts';
import { createTestFrame, DEFAULT_FRAME_BYTES, REPLAY_WIRE } from '../test-frame.ts';
import { frames, ip, mac, observationSchema, size } from './observation-schema.ts';
import type { SimulatedFacts } from './simulated-facts.ts';

const schema = observationSchema('mcast_pim', {
  params: {
    leaves: size,
    spines: size,
    vteps_per_leaf: size,
    K: frames,
    rp: z.string(),
    spt: z.enum(['default', 'infinity']),
  },
  node: { ip: ip.optional(), vtep: z.string().optional(), mac: mac.optional() },
  action: { phase: z.string().optional(), host: z.string().optional(), frames: frames.optional() },
});

type PimObservation = z.infer<typeof schema>;
type PimNode = PimObservation['topology']['nodes'][number];

const AGEING_NS = 300e9;
const FRAME_INTERVAL_MS = 2;
const SETTLE_NS = 500e6;
const SEGMENT = 0;
const GROUP_IP = parseIpv4('239.1.1.10');
const UNKNOWN_MAC = '02:00:00:0d:0d:0d';
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

/** VTEPs behind routers that run PIM-SM: copies on each link, Registers, what the first frame of a source becomes. */
export const mcastPim = { schema, problemsOf, perform };

function problemsOf({ topology, actions, params }: PimObservation): string[] {
  const { nodes, links } = topology;
  const problems: string[] = [];
  if (!nodes.some(({ name, kind }) => name === params.rp && (kind === 'spine' || kind === 'leaf'))) {
    problems.push(`params.rp: there is no router ${params.rp}`);
  }
  for (const [index, { name, kind, ip: own, mac: address, vtep }] of nodes.entries()) {
    const where = `topology.nodes.${index}`;
    if (kind === 'vtep' && own === undefined) problems.push(`${where}.ip: is missing, and ${name} is a VTEP`);
    if (kind !== 'host') continue;
    if (address === undefined) problems.push(`${where}.mac: is missing, and ${name} is a host`);
    if (!nodes.some((node) => node.kind === 'vtep' && node.name === vtep)) {
      problems.push(`${where}.vtep: there is no VTEP ${vtep}`);
    }
    if (!links.some(({ a, b }) => a === name || b === name)) problems.push(`${where}: ${name} has no link`);
  }
  for (const [index, { op, phase, host }] of actions.entries()) {
    if (op !== 'send') continue;
    if (!nodes.some(({ name, kind }) => kind === 'host' && name === host)) {
      problems.push(`actions.${index}.host: there is no host ${host}`);
    } else if (phase === undefined || destinationOf(phase, host!, nodes) === null) {
      problems.push(`actions.${index}.phase: what "${phase}" sends is not known`);
    }
  }
  return problems;
}

/** Where the frames of a phase go; null if its name is not known. */
function destinationOf(phase: string, host: string, nodes: readonly PimNode[]): string | null {
  if (phase.startsWith('bcast')) return BROADCAST;
  if (phase.startsWith('unknown_unicast')) return UNKNOWN_MAC;
  const others = nodes.filter(({ kind, name }) => kind === 'host' && name !== host);
  return phase.startsWith('known_unicast') ? (others.at(-1)?.mac ?? null) : null;
}

function perform({ params, topology, actions }: PimObservation): SimulatedFacts {
  const { nodes, links } = topology;
  const simulation = new Simulation();
  const devices = new Devices(simulation, new Fingerprint());
  const { network, bridges, tunnels, underlay, servers } = devices;
  underlay.multicast.use({
    protocol: 'pim-sm',
    implementation: 'frr-8.4',
    sptSwitchover: params.spt === 'default' ? 'immediate' : 'never',
    rpf: 'first',
    keepaliveNs: PIM_KEEPALIVE_PERIOD_NS,
  });
  const kindOf = new Map(nodes.map(({ name, kind }) => [name, kind]));
  const nodeOf = new Map(nodes.map(({ name }) => [name, network.addNode(name)]));
  for (const { name, kind } of nodes) {
    if (kind === 'vtep')
      bridges.addBridge(nodeOf.get(name)!, { ageingTimeNs: AGEING_NS, implementation: 'linux-6.18' });
  }
  const nameOf = new Map<number, { name: string; kind: string }>();
  const hostAt = new Map<number, string>();
  for (const { a, aif, b, bif, kind } of links) {
    const ports = [
      [a, aif],
      [b, bif],
    ].map(([node, interfaceName]) => {
      const isHost = kindOf.get(node) === 'host';
      const mode = isHost ? PortMode.nic : kind === 'access' ? PortMode.bridged : PortMode.routed;
      const membership = { pvid: kind === 'access' ? SEGMENT : -1 };
      const port = network.addPort(nodeOf.get(node)!, `${node}:${interfaceName}`, mode, membership);
      if (isHost) hostAt.set(port, node);
      return port;
    });
    network.connect(ports[0], ports[1], REPLAY_WIRE);
    if (kind !== 'access') {
      nameOf.set(ports[0], { name: `${a}->${b}`, kind });
      nameOf.set(ports[1], { name: `${b}->${a}`, kind });
    }
    for (const host of [a, b])
      if (kindOf.get(host) === 'host') servers.setUplink(nodeOf.get(host)!, ports[host === a ? 0 : 1]);
    devices.setAdminUp(ports[0], true);
    devices.setAdminUp(ports[1], true);
  }
  const group = underlay.addGroup(GROUP_IP, nodeOf.get(params.rp)!);
  const list = tunnels.addFloodList({ kind: 'group', group });
  for (const { name, kind, ip: own } of nodes) {
    if (kind !== 'vtep') continue;
    const node = nodeOf.get(name)!;
    // it runs no routing of its own: its leaf registers what it sends
    underlay.addHost(node);
    const port = devices.addVirtualPort(node, `${name} vxlan`, PortMode.tunnel, { pvid: SEGMENT });
    const tunnel = tunnels.addTunnel(
      port,
      {
        endpoint: underlay.addEndpoint(node, parseIpv4(own!)),
        ageingTimeNs: AGEING_NS,
        learns: true,
        overheadBytes: VXLAN_OVERHEAD_IPV4_BYTES,
        implementation: 'linux-6.18',
      },
      bridges,
    );
    tunnels.serve(tunnel, SEGMENT, list);
    bridges.startSweeping(bridges.bridgeOf(node));
  }
  underlay.computeRoutes();
  simulation.run(SETTLE_NS);

  const newCounts = () => ({ underlay: 0, edge: 0, links: {}, registers: {}, delivered: {} }) as PimCounts;
  let seen = newCounts();
  network.tap = {
    sent: (port, frame) => {
      const link = nameOf.get(port);
      const kind = network.frames.words[(frame << FRAME_SHIFT) + Frame.kind];
      if (link === undefined) return;
      if (kind === FrameKind.pimRegister) countOne(seen.registers, link.name);
      if (kind !== FrameKind.vxlan) return;
      if (link.kind === 'underlay') seen.underlay++;
      else seen.edge++;
      countOne(seen.links, link.name);
    },
    received: (port) => {
      const host = hostAt.get(port);
      if (host !== undefined) countOne(seen.delivered, host);
    },
  };
  const exact: Record<string, unknown> = {};
  for (const { op, phase, host, frames: count = params.K } of actions) {
    if (op !== 'send') continue;
    seen = newCounts();
    const intervalMs = Number(/(\d+) ms gap/.exec(phase!)?.[1] ?? FRAME_INTERVAL_MS);
    const dst = destinationOf(phase!, host!, nodes)!;
    const src = nodes.find(({ name }) => name === host)!.mac!;
    for (let id = 0; id < count; id++) {
      const frame = createTestFrame(network, { id: 0, segment: SEGMENT, src, dst, sizeBytes: DEFAULT_FRAME_BYTES });
      servers.transmitOnUplink(nodeOf.get(host!)!, frame, Carried.knownUnicast);
      simulation.run(simulation.nowNs + intervalMs * 1e6);
    }
    simulation.run(simulation.nowNs + SETTLE_NS);
    exact[phase!] = {
      frames_sent: count,
      underlay_copies: seen.underlay,
      edge_copies: seen.edge,
      vxlan_per_link: seen.links,
      pim_register_data_per_link: seen.registers,
      delivered_to_hosts: seen.delivered,
    };
  }
  return { exact, ranges: {} };
}

interface PimCounts {
  underlay: number;
  edge: number;
  links: Record<string, number>;
  registers: Record<string, number>;
  delivered: Record<string, number>;
}

function countOne(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
