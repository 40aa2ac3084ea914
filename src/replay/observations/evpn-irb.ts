import * as z from 'zod';
import { GATEWAY_MAC } from '../../fabric/addressing.ts';
import { FrameKind, IpProtocol } from '../../wire/ethernet.ts';
import { formatMac } from '../../wire/mac-address.ts';
import { SECOND_NS } from '../test-frame.ts';
import { EvpnLab } from './evpn-lab.ts';
import { evpnProblems, evpnSchema } from './evpn-observation.ts';
import { frames, size, vni } from './observation-schema.ts';
import type { SimulatedFacts } from './simulated-facts.ts';

const schema = evpnSchema('evpn_irb', {
  params: {
    mode: z.enum(['asym', 'sym']),
    leaves: size,
    spines: size,
    vnis: z.array(vni).min(1).max(64),
    gateway: z.string().optional(),
  },
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
  const problems = evpnProblems(topology);
  const hosts = new Set(topology.nodes.filter(({ kind }) => kind === 'host').map(({ name }) => name));
  for (const [index, { kind, vni: ofVni }] of topology.nodes.entries()) {
    if (kind === 'host' && !params.vnis.includes(ofVni ?? 0)) {
      problems.push(`topology.nodes.${index}.vni: ${ofVni} is none of params.vnis`);
    }
  }
  for (const [index, { op, frm, to }] of actions.entries()) {
    if (op === ALL_ANNOUNCE) continue;
    for (const host of [frm, to])
      if (!hosts.has(host ?? '')) problems.push(`actions.${index}: there is no host ${host}`);
  }
  return problems;
}

function perform({ params, topology, actions }: IrbObservation): SimulatedFacts {
  const lab = new EvpnLab(topology, { irb: params.mode === 'asym' ? 'asymmetric' : 'symmetric' });
  const gatewayMac = /([0-9a-f]{2}:){5}[0-9a-f]{2}/.exec(params.gateway ?? '')?.[0] ?? formatMac(GATEWAY_MAC);
  lab.fabric.start();
  lab.wait(START_NS);
  const phases: [string, unknown][] = [];
  for (const { op, frm = '', to = '', frames: count = DATAGRAMS } of actions) {
    if (op === ALL_ANNOUNCE) {
      for (const vm of lab.hosts.keys()) lab.garp(vm);
      lab.wait(SETTLE_NS);
      continue;
    }
    lab.watch();
    for (let i = 0; i < count; i++) {
      sendDatagram(lab, lab.vmOf(frm), lab.vmOf(to));
      lab.wait(INTERVAL_NS);
    }
    lab.wait(SETTLE_NS);
    phases.push([op, factsOf(lab, to, gatewayMac)]);
  }
  return { exact: {}, ranges: {}, perRun: Object.fromEntries(phases) };
}

function sendDatagram(lab: EvpnLab, from: number, to: number): void {
  const { stacks, servers } = lab.devices;
  const stack = stacks.stackOf(servers.interfaceOf(from));
  const frame = stacks.createDatagram(stack, lab.ipOf(to), IpProtocol.udp, DATAGRAM_BYTES);
  if (frame >= 0) stacks.send(stack, frame);
}

/** What left leaves inside VXLAN, by VNI and leaf, and what reached a host. */
function factsOf(lab: EvpnLab, receiver: string, gatewayMac: string) {
  const data: Record<string, number> = {};
  const other: Record<string, number> = {};
  const innerTtls = new Set<number>();
  const hostTtls = new Set<string>();
  let received = 0;
  for (const { from, to, kind, ttl, src, segment, isVxlan } of lab.seen) {
    if (isVxlan && lab.leaves.includes(from)) {
      const where = `vni=${lab.vniOf(segment) ?? L3_VNI} ${from}`;
      if (kind === FrameKind.ip) {
        countOne(data, `data ${where}`);
        innerTtls.add(ttl);
      } else countOne(other, `${kind === FrameKind.arpRequest ? 'arp_req' : 'arp_rep'} ${where}`);
    } else if (!isVxlan && to === receiver && kind === FrameKind.ip) {
      received++;
      const source = lab.devices.network.addresses.macOf(src);
      hostTtls.add(`('rx_host', ${ttl}, '${source === GATEWAY_MAC ? gatewayMac : formatMac(source)}')`);
    }
  }
  const ttls = [...hostTtls, ...[...innerTtls].map((ttl) => `${ttl}`)].sort();
  return { received, vxlan_data: data, vxlan_other: other, ttls };
}

function countOne(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
