import type { z } from 'zod';
import { milliseconds, seconds } from '../../units.ts';
import { FrameKind } from '../../wire/ethernet.ts';
import { parseIpv4 } from '../../wire/ipv4-address.ts';
import { EvpnLab } from './evpn-lab.ts';
import { bgpMode, evpnProblems, evpnSchema } from './evpn-observation.ts';
import { flag, frames } from './observation-schema.ts';
import type { SimulatedFacts } from './simulated-facts.ts';

const SETTLE_NS = seconds(20);
const SPACING_NS = milliseconds(20);
const AFTERWARDS_NS = seconds(1);

/** An address that nobody has; no observation says it. */
const NOBODY_IP = parseIpv4('192.168.10.250');

/** What was sent in a phase, and what of it was seen. */
interface ArpCounts {
  requests: number;
  vxlan: Record<string, number>;
  delivered: number;
  replies: number;
  real_host_replies: number;
}

const PHASES = [
  'arp_req_first_ever_silent_remote_host',
  'arp_req_repeat_remote_host_not_garped',
  'all_hosts_garp',
  'arp_req_known_remote',
  'arp_req_known_local',
  'arp_req_nonexistent_ip',
  'arp_req_unicast_to_remote_mac',
  'garp_own',
  'garp_reply_own',
  'arp_probe_dad',
];

const schema = evpnSchema('evpn_arp_suppression', {
  params: { bgp: bgpMode, neigh_suppress: flag.default(true), arp_accept_on_svi: flag.default(true) },
  action: { frames: frames.optional() },
});

type ArpSuppression = z.infer<typeof schema>;

/** ARP of every kind from the first host of the first leaf, and what suppression makes of it. */
export const evpnArpSuppression = { schema, problemsOf, perform };

function problemsOf({ topology, actions }: ArpSuppression): string[] {
  const problems = evpnProblems(topology);
  const [first] = topology.nodes.filter(({ kind }) => kind === 'leaf').map(({ name }) => name);
  const atFirst = topology.nodes.filter(({ kind, leaf }) => kind === 'host' && leaf === first);
  if (atFirst.length < 2) problems.push(`topology.nodes: expected two hosts at ${first}`);
  for (const [index, { op }] of actions.entries()) {
    if (!PHASES.includes(op)) problems.push(`actions.${index}.op: got "${op}", expected one of ${PHASES.join(', ')}`);
  }
  return problems;
}

function perform({ params, topology, actions }: ArpSuppression): SimulatedFacts {
  const lab = new EvpnLab(topology, {
    isReflected: params.bgp === 'ibgp',
    learnsIpAddresses: params.arp_accept_on_svi,
    suppressesArp: params.neigh_suppress,
  });
  lab.fabric.start();
  lab.wait(SETTLE_NS);
  const exact: Record<string, ArpCounts> = {};
  for (const { op, frames: count = 1 } of actions) {
    if (op === 'all_hosts_garp') {
      for (const vm of lab.hosts.keys()) lab.garp(vm);
      lab.wait(seconds(2));
    } else {
      exact[op] = performPhase(lab, op, count);
    }
  }
  return { exact, ranges: {} };
}

function performPhase(lab: EvpnLab, op: string, count: number): ArpCounts {
  const { firstLeaf, sender, local, remote } = partsOf(lab);
  const senderIp = lab.ipOf(sender);
  lab.watch();
  for (let i = 0; i < count; i++) {
    const request: { kind: number; senderIp: number; targetIp: number } = {
      kind: FrameKind.arpRequest,
      senderIp,
      targetIp: NOBODY_IP,
    };
    if (op === 'arp_req_known_local') request.targetIp = lab.ipOf(local);
    else if (op === 'garp_own' || op === 'garp_reply_own') request.targetIp = senderIp;
    else if (op === 'arp_probe_dad') Object.assign(request, { senderIp: 0, targetIp: senderIp });
    else if (op !== 'arp_req_nonexistent_ip') request.targetIp = lab.ipOf(remote);
    if (op === 'garp_reply_own') request.kind = FrameKind.arpReply;
    if (op === 'arp_req_unicast_to_remote_mac') lab.arp(sender, { ...request, dst: lab.addressOf(remote) });
    else lab.arp(sender, request);
    lab.wait(SPACING_NS);
  }
  lab.wait(AFTERWARDS_NS);
  const source = lab.addressOf(sender);
  const vxlan: Record<string, number> = {};
  let delivered = 0;
  let replies = 0;
  let realReplies = 0;
  for (const { from, to, kind, src, dst, isVxlan } of lab.seen) {
    const isRequest = kind === FrameKind.arpRequest;
    if (!isRequest && kind !== FrameKind.arpReply) continue;
    if (isVxlan) {
      // where it enters the underlay
      if (!lab.leaves.includes(from)) continue;
      const name = isRequest ? 'arp_req' : 'arp_rep';
      vxlan[name] = (vxlan[name] ?? 0) + 1;
    } else if (src === source) {
      if (lab.leaves.includes(from)) delivered++;
    } else if (dst === source && from === firstLeaf) {
      replies++;
    } else if (dst === source && lab.leaves.includes(to)) {
      realReplies++;
    }
  }
  return { requests: count, vxlan, delivered, replies, real_host_replies: realReplies };
}

/** The host that asks, one beside it, and the first at the last leaf. */
function partsOf(lab: EvpnLab) {
  const [sender, local] = lab.hostsAt(lab.leaves[0]).map((host) => lab.vmOf(host));
  const [remote] = lab.hostsAt(lab.leaves[lab.leaves.length - 1]).map((host) => lab.vmOf(host));
  return { firstLeaf: lab.leaves[0], sender, local, remote };
}
