import * as z from 'zod';
import { ALL_SEGMENTS, type Network } from '../../device/network.ts';
import { VLAN_TAG_BYTES } from '../../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../../wire/frame-pool.ts';
import { frames, mac, observationSchema, size, vlan } from './observation-schema.ts';
import type { SimulatedFacts } from './simulated-facts.ts';
import { SwitchLab, UNTAGGED } from './switch-lab.ts';

const vlans = z.array(vlan).max(4095);

const schema = observationSchema('ovs_vlan', {
  params: { switches: size, K: frames, trunks: vlans },
  node: {
    switch: z.string().optional(),
    mac: mac.optional(),
    port: z
      .object({
        tag: vlan.optional(),
        trunks: vlans.optional(),
        vlan_mode: z.enum(['access', 'trunk', 'native-untagged', 'native-tagged']).optional(),
      })
      .optional(),
  },
  action: { phase: z.string(), host: z.string(), frames: frames.optional() },
});

type VlanObservation = z.infer<typeof schema>;
type PortConfiguration = NonNullable<VlanObservation['topology']['nodes'][number]['port']>;

const AGEING_NS = 300e9;
const FRAME_INTERVAL_NS = 2e6;
const SETTLE_NS = 100e6;

/** A station that nobody has heard of, and one that speaks in two VLANs. */
const UNKNOWN_MAC = '02:00:00:0d:0d:0d';
const TWOFOLD_MAC = '02:00:00:0c:0c:0c';
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

/** What a phase sends: the VLAN's tag or none, and the addresses; `last` is the host that it teaches about. */
interface Sending {
  readonly tag: number;
  readonly src: string;
  readonly dst: string;
}

/** Access, trunk and native ports of Open vSwitch: who receives a frame, with which tag, over which trunk. */
export const ovsVlan = { schema, problemsOf, perform };

function problemsOf({ topology, actions }: VlanObservation): string[] {
  const problems: string[] = [];
  const hosts = new Map(topology.nodes.filter(({ kind }) => kind === 'host').map((node) => [node.name, node]));
  for (const [index, node] of topology.nodes.entries()) {
    const where = `topology.nodes.${index}`;
    if (node.kind === 'ovs') continue;
    if (node.kind !== 'host') problems.push(`${where}.kind: got "${node.kind}", expected "ovs" or "host"`);
    if (node.mac === undefined || node.port === undefined) problems.push(`${where}: a host needs mac and port`);
  }
  for (const [index, { op, host, phase }] of actions.entries()) {
    const where = `actions.${index}`;
    if (op !== 'send') problems.push(`${where}.op: got "${op}", expected "send"`);
    if (!hosts.has(host)) problems.push(`${where}.host: there is no host ${host}`);
    else if (problems.length === 0 && sendingOf(phase, host, topology.nodes) === null) {
      problems.push(`${where}.phase: what "${phase}" sends is not known`);
    }
  }
  return problems;
}

function perform({ params, topology, actions }: VlanObservation): SimulatedFacts {
  const configurationOf = new Map<string, PortConfiguration>();
  const switchEnds = new Map<string, string>();
  for (const { a, aif, b, bif, kind } of topology.links) {
    if (kind !== 'access') continue;
    const hostEnd = topology.nodes.find(({ name, kind: nodeKind }) => name === a && nodeKind === 'host') ? a : b;
    switchEnds.set(hostEnd === a ? `${b}:${bif}` : `${a}:${aif}`, hostEnd);
  }
  for (const [end, host] of switchEnds) {
    configurationOf.set(end, topology.nodes.find(({ name }) => name === host)?.port ?? {});
  }
  const trunk: PortConfiguration = { vlan_mode: 'trunk', trunks: params.trunks };
  const lab = new SwitchLab(topology, {
    bridge: { ageingTimeNs: AGEING_NS, implementation: 'ovs-3.1' },
    membershipOf: ({ network }, node, interfaceName) => {
      const isHost = topology.nodes.some(({ name, kind }) => name === node && kind === 'host');
      // a host sends and takes whatever tag it likes
      if (isHost) return { pvid: UNTAGGED, trunk: ALL_SEGMENTS };
      return membershipOf(network, configurationOf.get(`${node}:${interfaceName}`) ?? trunk);
    },
  });
  for (const [end, configuration] of configurationOf) configurePort(lab, lab.ports.get(end)!, configuration);
  lab.start();

  const { network } = lab.devices;
  const watch = { delivered: new Map<string, number>(), onTrunks: new Map<string, number>() };
  const hostOfUplink = new Map([...lab.hosts].map(([host, { uplink }]) => [uplink, host]));
  const trunkPorts = new Map<number, string>();
  for (const { a, aif, b, bif, kind } of topology.links) {
    if (kind !== 'trunk') continue;
    trunkPorts.set(lab.ports.get(`${a}:${aif}`)!, `${a}->${b}`);
    trunkPorts.set(lab.ports.get(`${b}:${bif}`)!, `${b}->${a}`);
  }
  network.tap = {
    sent: (port, frame) => {
      const words = network.frames.words;
      const f = frame << FRAME_SHIFT;
      const segment = words[f + Frame.segment];
      const isTagged = network.isTagged(port, segment);
      const tag = isTagged ? `vid=${segment}` : 'untagged';
      const trunkName = trunkPorts.get(port);
      if (trunkName !== undefined) {
        const length = words[f + Frame.sizeBytes] + (isTagged ? VLAN_TAG_BYTES : 0);
        countOne(watch.onTrunks, `${trunkName} ${tag} len=${length}`);
      }
      const host = hostOfUplink.get(network.peerOf(port));
      if (host !== undefined) countOne(watch.delivered, `${host} ${tag}`);
    },
    received: () => {},
  };
  const exact: Record<string, unknown> = {};
  for (const { phase, host, frames: count = params.K } of actions) {
    watch.delivered = new Map();
    watch.onTrunks = new Map();
    const { tag, src, dst } = sendingOf(phase, host, topology.nodes)!;
    for (let id = 0; id < count; id++) {
      lab.send(host, { src, dst, id, segment: tag });
      lab.wait(FRAME_INTERVAL_NS);
    }
    lab.wait(SETTLE_NS);
    exact[phase] = {
      delivered: Object.fromEntries(watch.delivered),
      on_trunks: Object.fromEntries(watch.onTrunks),
    };
  }
  return { exact, ranges: {} };
}

/**
 * Which VLANs a port carries, and how. Open vSwitch 3.1, ovs-vswitchd.conf.db(5), column `vlan_mode` of a port: without a
 * mode, one with a tag is an access port and any other a trunk. A trunk without a list carries all VLANs and frames without
 * a tag as VLAN 0; a native VLAN is carried whether or not the list has it, and VLAN 0 then is not.
 */
function membershipOf(network: Network, { tag, trunks, vlan_mode }: PortConfiguration) {
  const mode = vlan_mode ?? (tag === undefined ? 'trunk' : 'access');
  const native = tag ?? UNTAGGED;
  if (mode === 'access') return { pvid: native };
  const isNative = mode !== 'trunk';
  const trunk =
    trunks === undefined
      ? ALL_SEGMENTS
      : network.trunks.add(isNative ? [...trunks.filter((each) => each !== UNTAGGED), native] : trunks);
  if (mode === 'native-tagged') return { pvid: -1, trunk };
  if (mode === 'native-untagged') return { pvid: native, trunk };
  return { pvid: trunks === undefined || trunks.includes(UNTAGGED) ? UNTAGGED : -1, trunk };
}

function configurePort(lab: SwitchLab, port: number, { tag, vlan_mode }: PortConfiguration): void {
  const { bridges } = lab.devices;
  const isAccess = vlan_mode === 'access' || (vlan_mode === undefined && tag !== undefined);
  if (isAccess) bridges.admitUntaggedOnly(port);
  if (vlan_mode === 'native-tagged') bridges.setNativeTagged(port, tag ?? UNTAGGED);
}

/** What a phase means is in its name only. */
function sendingOf(
  phase: string,
  host: string,
  nodes: readonly { name: string; mac?: string | undefined; port?: PortConfiguration | undefined }[],
): Sending | null {
  const own = nodes.find(({ name }) => name === host)?.mac ?? UNKNOWN_MAC;
  const macOf = (node: string | undefined) => nodes.find(({ name }) => name === node)?.mac ?? UNKNOWN_MAC;
  const accessHosts = (segment: number) =>
    nodes.filter(({ port }) => port?.tag === segment && port.vlan_mode === undefined).map(({ name }) => name);
  const ownVlan = nodes.find(({ name }) => name === host)?.port?.tag ?? UNTAGGED;
  const broadcast = { tag: UNTAGGED, src: own, dst: BROADCAST };
  if (phase === 'unicast_to_mac_known_only_in_other_vlan') {
    const other = nodes.find(({ port }) => port?.tag !== undefined && port.tag !== ownVlan);
    return { ...broadcast, dst: macOf(other?.name) };
  }
  if (phase.startsWith('unicast_to_dupmac')) return { ...broadcast, dst: TWOFOLD_MAC };
  if (phase.startsWith('dupmac_on')) return { ...broadcast, src: TWOFOLD_MAC };
  if (phase.startsWith('unknown_unicast')) return { ...broadcast, dst: UNKNOWN_MAC };
  if (phase.startsWith('known_unicast')) return { ...broadcast, dst: macOf(accessHosts(ownVlan).at(-1)) };
  const tagged = /tagged(\d+)/.exec(phase);
  if (tagged !== null) return { ...broadcast, tag: Number(tagged[1]) };
  // a tag of VLAN 0 carries a priority only, and such a frame is taken as one without a tag. IEEE 802.1Q-2018, 6.9
  const isUntagged = phase.startsWith('bcast') || phase.startsWith('prio_tag') || /untagged(_|$)/.test(phase);
  return isUntagged ? broadcast : null;
}

function countOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
