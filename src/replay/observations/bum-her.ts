import * as z from 'zod';
import { milliseconds, seconds } from '../../units.ts';
import { BROADCAST_ID } from '../../wire/address-book.ts';
import { FrameKind } from '../../wire/ethernet.ts';
import { parseIpv4 } from '../../wire/ipv4-address.ts';
import { parseMac } from '../../wire/mac-address.ts';
import { EvpnLab, type SeenFrame } from './evpn-lab.ts';
import { evpnProblems, evpnSchema } from './evpn-observation.ts';
import { flag, frames, name, vni } from './observation-schema.ts';
import type { SimulatedFacts } from './simulated-facts.ts';

const SETTLE_NS = seconds(20);
const SPACING_NS = milliseconds(5);
const AFTERWARDS_NS = milliseconds(200);

/** An address and a station that nobody has, and a group that nobody joined; no observation says them. */
const NOBODY_IP = parseIpv4('192.168.10.250');
const NOBODY_MAC = parseMac('02:00:00:0a:fe:fe');
const GROUP_MAC = parseMac('01:00:5e:01:01:01');

/** TTL of the packets of a Linux VTEP on its first link; each router takes one. */
const OUTER_TTL = 64;

/** First of the tags of the frames of a phase. */
const TAG_FIRST = 1 << 20;

const PHASES = [
  'arp_bcast_unknown_ip',
  'udp_bcast',
  'ip_mcast',
  'unknown_unicast',
  'unknown_unicast_manyflows',
  'garp',
  'arp_probe',
  'known_unicast',
  'known_unicast_manyflows',
  'local_unicast',
] as const;

const schema = evpnSchema('bum_her', {
  params: { neigh_suppress: flag.default(true), arp_accept_on_svi: flag.default(true) },
  action: { phase: z.enum(PHASES), host: name, vni, frames },
});

type Bum = z.infer<typeof schema>;
type Action = Bum['actions'][number];

/** Frames of every kind from one host, and the copies that ingress replication makes of them. */
export const bumHer = { schema, problemsOf, perform };

function problemsOf({ topology, actions }: Bum): string[] {
  const hosts = topology.nodes.filter(({ kind }) => kind === 'host');
  const problems = evpnProblems(topology);
  for (const [index, { host, vni: own }] of actions.entries()) {
    if (!hosts.some((node) => node.name === host && node.vni === own)) {
      problems.push(`actions.${index}: there is no host ${host} in VNI ${own}`);
    }
  }
  return problems;
}

function perform({ params, topology, actions }: Bum): SimulatedFacts {
  const lab = new EvpnLab(topology, {
    learnsIpAddresses: params.arp_accept_on_svi,
    suppressesArp: params.neigh_suppress,
  });
  lab.fabric.start();
  lab.wait(SETTLE_NS);
  for (const vm of lab.hosts.keys()) lab.garp(vm);
  lab.wait(seconds(2));
  const exact = Object.fromEntries(
    actions.map((action) => [`${action.phase}/vni${action.vni}`, performPhase(lab, topology, action)]),
  );
  return { exact, ranges: {} };
}

function performPhase(lab: EvpnLab, topology: Bum['topology'], { phase, host, frames: count, vni: own }: Action) {
  const sender = lab.vmOf(host);
  const home = lab.leafOf(host);
  const siblings = topology.nodes.filter((node) => node.kind === 'host' && node.vni === own && node.name !== host);
  const vmsOf = (isHere: boolean) =>
    siblings.filter(({ leaf }) => (leaf === home) === isHere).map((one) => lab.vmOf(one.name));
  const segment = lab.devices.servers.segmentOf(sender);
  const { addresses } = lab.devices.network;
  const frameOf = (index: number): Parameters<EvpnLab['transmit']>[1] => {
    const isManyFlows = phase.endsWith('_manyflows');
    const flow = { tag: TAG_FIRST + index, flowHash: isManyFlows ? index : sender };
    const to = (vms: readonly number[]) => ({ ...flow, dst: lab.addressOf(vms[index % vms.length]) });
    const arp = { ...flow, kind: FrameKind.arpRequest, dst: BROADCAST_ID };
    const ownIp = lab.ipOf(sender);
    switch (phase) {
      case 'arp_bcast_unknown_ip':
        return { ...arp, senderIp: ownIp, targetIp: NOBODY_IP };
      case 'garp':
        return { ...arp, senderIp: ownIp, targetIp: ownIp };
      case 'arp_probe':
        return { ...arp, senderIp: 0, targetIp: ownIp };
      case 'udp_bcast':
        return { ...flow, dst: BROADCAST_ID };
      case 'ip_mcast':
        return { ...flow, dst: addresses.idOf(segment, GROUP_MAC) };
      case 'unknown_unicast':
      case 'unknown_unicast_manyflows':
        return { ...flow, dst: addresses.idOf(segment, NOBODY_MAC) };
      case 'local_unicast':
        return to(vmsOf(true));
      default:
        return to(vmsOf(false));
    }
  };
  lab.watch();
  for (let index = 0; index < count; index++) {
    lab.transmit(sender, frameOf(index));
    lab.wait(SPACING_NS);
  }
  lab.wait(AFTERWARDS_NS);
  return factsOf(lab, count);
}

function factsOf(lab: EvpnLab, count: number) {
  const seen = lab.seen.filter(({ tag }) => tag >= TAG_FIRST);
  const up = seen.filter(({ isVxlan, from }) => isVxlan && lab.leaves.includes(from));
  const down = seen.filter(({ isVxlan, from }) => isVxlan && lab.spines.includes(from));
  const delivered: Record<string, number> = {};
  for (const { isVxlan, from, to } of seen) {
    if (isVxlan || !lab.leaves.includes(from)) continue;
    delivered[to] = (delivered[to] ?? 0) + 1;
  }
  const sizes = new Set([...up, ...down].map(({ sizeBytes, innerBytes }) => `${sizeBytes} ${innerBytes}`));
  return {
    frames_sent: count,
    vxlan_leaf_to_spine: [up.length],
    vxlan_spine_to_leaf: [down.length],
    delivered_to_hosts: delivered,
    // one run of a simulation is as the other
    per_link_identical_across_runs: true,
    outer_inner_bytes: [...sizes].map((pair) => pair.split(' ').map(Number)),
    outer_ttl: [...ttlOf(up, 'a->b', 0), ...ttlOf(down, 'b->a', 1)],
  };
}

function ttlOf(packets: readonly SeenFrame[], direction: string, routersPassed: number): [string, number][] {
  return packets.length === 0 ? [] : [[direction, OUTER_TTL - routersPassed]];
}
