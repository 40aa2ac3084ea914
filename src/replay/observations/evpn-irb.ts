import * as z from 'zod';
import { Devices } from '../../device/devices.ts';
import { PortMode } from '../../device/network.ts';
import { Fingerprint } from '../../engine/fingerprint.ts';
import { Simulation } from '../../engine/simulation.ts';
import { GATEWAY_MAC } from '../../fabric/addressing.ts';
import type { DatacenterPlan } from '../../fabric/plan.ts';
import { VxlanFabric } from '../../fabric/vxlan-fabric.ts';
import { DEFAULT_DUPLICATE_DETECTION } from '../../protocol/evpn/duplicate-detection.ts';
import { BROADCAST_ID } from '../../wire/address-book.ts';
import { ARP_FRAME_BYTES, FrameKind, IpProtocol } from '../../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../../wire/frame-pool.ts';
import { parseIpv4 } from '../../wire/ipv4-address.ts';
import { formatMac, parseMac } from '../../wire/mac-address.ts';
import { ENTROPY_PORT_COUNT } from '../../wire/vxlan.ts';
import { REPLAY_WIRE, SECOND_NS } from '../test-frame.ts';
import { frames, ip, mac, observationSchema, size, vni } from './observation-schema.ts';
import type { SimulatedFacts } from './simulated-facts.ts';

const schema = observationSchema('evpn_irb', {
  params: {
    mode: z.enum(['asym', 'sym']),
    leaves: size,
    spines: size,
    vnis: z.array(vni).min(1).max(64),
    gateway: z.string().optional(),
  },
  node: { leaf: z.string().optional(), vni: vni.optional(), mac: mac.optional(), ip: ip.optional() },
  action: { frm: z.string().optional(), to: z.string().optional(), frames: frames.optional() },
});

type IrbObservation = z.infer<typeof schema>;

const ALL_ANNOUNCE = 'all_garp';
const DATAGRAM_BYTES = 100;
const DATAGRAMS = 50;
const INTERVAL_NS = 20e6;
const SETTLE_NS = SECOND_NS;
const START_NS = 20 * SECOND_NS;
/** The VNI of the routing table, in symmetric IRB. */
const L3_VNI = 1000;

/** Datagrams between stations of two VNIs, routed by the leaves. */
export const evpnIrb = { schema, problemsOf, perform };

function problemsOf({ topology, actions, params }: IrbObservation): string[] {
  const problems: string[] = [];
  const leaves = new Set(topology.nodes.filter(({ kind }) => kind === 'leaf').map(({ name }) => name));
  const hosts = new Set(topology.nodes.filter(({ kind }) => kind === 'host').map(({ name }) => name));
  for (const [index, { name, kind, leaf, vni: ofVni, mac: address, ip: own }] of topology.nodes.entries()) {
    if (kind !== 'host') continue;
    const where = `topology.nodes.${index}`;
    if (!leaves.has(leaf ?? '')) problems.push(`${where}.leaf: there is no leaf ${leaf}`);
    if (ofVni === undefined || address === undefined || own === undefined) {
      problems.push(`${where}: ${name} needs vni, mac and ip`);
    } else if (!params.vnis.includes(ofVni)) problems.push(`${where}.vni: ${ofVni} is none of params.vnis`);
  }
  for (const [index, { op, frm, to }] of actions.entries()) {
    if (op === ALL_ANNOUNCE) continue;
    for (const host of [frm, to])
      if (!hosts.has(host ?? '')) problems.push(`actions.${index}: there is no host ${host}`);
  }
  return problems;
}

function perform({ params, topology, actions }: IrbObservation): SimulatedFacts {
  const simulation = new Simulation();
  const devices = new Devices(simulation, new Fingerprint());
  const { network, servers, stacks } = devices;
  const hosts = topology.nodes.filter(({ kind }) => kind === 'host');
  const fabric = new VxlanFabric(devices, planOf(params, topology), {
    kind: 'vxlan-evpn',
    name: 'observed',
    macAgeingNs: 300 * SECOND_NS,
    macTableSize: null,
    vteps: 'leaf',
    replication: 'ingress',
    underlay: 'ipv4',
    vniBase: params.vnis[0],
    sourcePortCount: ENTROPY_PORT_COUNT,
    convergenceNs: 0,
    evpn: {
      sessions: 'ebgp',
      implementation: 'frr-8.4',
      learnsIpAddresses: true,
      suppressesArp: true,
      refreshesStations: false,
      unknownUnicast: 'flood',
      holdNs: 50e6,
      mraiNs: 0,
      learnNs: 1e6,
      installNs: 10e6,
      installsPerSecond: null,
      connectNs: SECOND_NS,
      announceNs: 100e6,
      sessionLossNs: 20e6,
      duplicates: DEFAULT_DUPLICATE_DETECTION,
    },
    anycast: { irb: params.mode === 'asym' ? 'asymmetric' : 'symmetric', subnetPrefixes: false },
  });
  fabric.start();
  for (const [vm, { leaf }] of hosts.entries()) {
    fabric.addVm(vm, vm);
    if (leaf === undefined) throw new Error('a host needs a leaf');
  }
  simulation.run(START_NS);
  const gatewayMac = /([0-9a-f]{2}:){5}[0-9a-f]{2}/.exec(params.gateway ?? '')?.[0] ?? formatMac(GATEWAY_MAC);
  let seen = newCounts();
  let receiver = -1;
  network.tap = {
    sent: (port, frame) => {
      const words = network.frames.words;
      const f = frame << FRAME_SHIFT;
      if (words[f + Frame.kind] !== FrameKind.vxlan) return;
      const node = network.nodeNames[network.nodeOf(port)];
      if (network.modeOf(port) !== PortMode.routed || !topology.nodes.some((n) => n.name === node && n.kind === 'leaf'))
        return;
      const inner = words[f + Frame.inner] << FRAME_SHIFT;
      const kind = words[inner + Frame.kind];
      const segment = words[inner + Frame.segment];
      const where = `vni=${params.vnis[segment] ?? L3_VNI} ${node}`;
      if (kind === FrameKind.ip) {
        countOne(seen.data, `data ${where}`);
        seen.innerTtls.add(words[inner + Frame.ttl]);
      } else countOne(seen.other, `${kind === FrameKind.arpRequest ? 'arp_req' : 'arp_rep'} ${where}`);
    },
    received: (port, frame) => {
      const words = network.frames.words;
      const f = frame << FRAME_SHIFT;
      if (network.modeOf(port) !== PortMode.nic || words[f + Frame.kind] !== FrameKind.ip) return;
      if (network.nodeOf(port) !== receiver) return;
      seen.received++;
      const source = formatMac(network.addresses.macOf(words[f + Frame.src]));
      const shown = source === formatMac(GATEWAY_MAC) ? gatewayMac : source;
      seen.hostTtls.add(`('rx_host', ${words[f + Frame.ttl]}, '${shown}')`);
    },
  };
  const phases: [string, unknown][] = [];
  for (const { op, frm, to, frames: count = DATAGRAMS } of actions) {
    if (op === ALL_ANNOUNCE) {
      for (const [vm] of hosts.entries()) announce(devices, vm, parseIpv4(hosts[vm].ip!));
      simulation.run(simulation.nowNs + SETTLE_NS);
      continue;
    }
    seen = newCounts();
    const [from, target] = [frm, to].map((name) => hosts.findIndex((host) => host.name === name));
    receiver = servers.serverOf(target);
    const stack = stacks.stackOf(servers.interfaceOf(from));
    for (let i = 0; i < count; i++) {
      const frame = stacks.createDatagram(stack, parseIpv4(hosts[target].ip!), IpProtocol.udp, DATAGRAM_BYTES);
      if (frame >= 0) stacks.send(stack, frame);
      simulation.run(simulation.nowNs + INTERVAL_NS);
    }
    simulation.run(simulation.nowNs + SETTLE_NS);
    const ttls = [...seen.hostTtls, ...[...seen.innerTtls].map((ttl) => `${ttl}`)].sort();
    phases.push([op, { received: seen.received, vxlan_data: seen.data, vxlan_other: seen.other, ttls }]);
  }
  return { exact: {}, ranges: {}, perRun: Object.fromEntries(phases) };
}

function newCounts() {
  return {
    received: 0,
    data: {} as Record<string, number>,
    other: {} as Record<string, number>,
    innerTtls: new Set<number>(),
    hostTtls: new Set<string>(),
  };
}

/** A station says by ARP which address it has. RFC 5227, 2.3. */
function announce({ network, servers }: Devices, station: number, ownIp: number): void {
  const frame = network.createFrame(FrameKind.arpRequest, ARP_FRAME_BYTES);
  const words = network.frames.words;
  const f = frame << FRAME_SHIFT;
  words[f + Frame.segment] = servers.segmentOf(station);
  words[f + Frame.src] = servers.addressOf(station);
  words[f + Frame.dst] = BROADCAST_ID;
  words[f + Frame.flowHash] = station;
  words[f + Frame.senderIp] = ownIp;
  words[f + Frame.targetIp] = ownIp;
  servers.transmit(station, frame);
}

function planOf(params: IrbObservation['params'], { nodes, links }: IrbObservation['topology']): DatacenterPlan {
  const switches = nodes.filter(({ kind }) => kind === 'leaf' || kind === 'spine');
  const hosts = nodes.filter(({ kind }) => kind === 'host');
  const indexOf = (name: string | undefined) => switches.findIndex((each) => each.name === name);
  const { rateBitsPerSec, delayNs } = REPLAY_WIRE;
  const segments = params.vnis.map((each) => {
    const own = hosts.find(({ vni: ofVni }) => ofVni === each)?.ip ?? '192.168.0.0';
    return { subnet: (parseIpv4(own) >>> 8) * 256, prefixLength: 24, tenant: 0 };
  });
  return {
    switches: switches.map(({ name, kind }) => {
      const isLeaf = kind === 'leaf';
      const tier = isLeaf ? ('leaf' as const) : ('spine' as const);
      return { id: name, tier, pod: 0, holdsVtep: isLeaf, mac: null, stpPriority: null };
    }),
    links: links
      .filter(({ a, b }) => indexOf(a) >= 0 && indexOf(b) >= 0)
      .map(({ id, a, b }) => ({ id, a: indexOf(a), b: indexOf(b), rateBitsPerSec, delayNs, pathCost: null })),
    servers: hosts.map(({ name, leaf }) => {
      return { id: name, switchIndex: indexOf(leaf), secondSwitchIndex: null, rateBitsPerSec, delayNs };
    }),
    switchDelayNs: 0,
    bondMiimonNs: 0,
    bufferBytes: REPLAY_WIRE.bufferBytes,
    segments,
    vmServer: Int32Array.from(hosts, (_, index) => index),
    vmSegment: Int32Array.from(hosts, ({ vni: ofVni }) => params.vnis.indexOf(ofVni!)),
    vmIp: (vm) => parseIpv4(hosts[vm].ip!),
    vmMac: (vm) => parseMac(hosts[vm].mac!),
    gateway: {
      switchIndex: 0,
      rateBitsPerSec,
      delayNs,
      betweenTenants: true,
      arpTimeoutNs: 14_400 * SECOND_NS,
    },
  };
}

function countOne(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
