import * as z from 'zod';
import { PortFlag, PortMode } from '../../device/network.ts';
import { OVS_3_1 } from '../../protocol/multiple-spanning-tree/parameters.ts';
import { ovsStpProfile } from '../../protocol/spanning-tree/ovs-profile.ts';
import { PORT_STATE_NAMES } from '../../protocol/spanning-tree/port-states.ts';
import { bridgeIdOf } from '../../wire/bpdu.ts';
import { FrameKind } from '../../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../../wire/frame-pool.ts';
import { parseMac } from '../../wire/mac-address.ts';
import { REPLAY_WIRE, SECOND_NS } from '../test-frame.ts';
import { mac, observationSchema } from './observation-schema.ts';
import type { SimulatedFacts } from './simulated-facts.ts';
import { SwitchLab } from './switch-lab.ts';

const PORT_PATH_COST_MAX = 65_535;

const schema = observationSchema('ovs_stp', {
  params: {
    protocol: z.enum(['stp', 'rstp']),
    hello_s: z.number().min(1).max(10),
    max_age_s: z.number().min(6).max(40),
    forward_delay_s: z.number().min(4).max(30),
    stream_interval_ms: z.number().min(1).max(1000),
    priorities: z.record(z.string(), z.number().int().min(0).max(61_440)),
    path_cost: z.number().int().min(1).max(PORT_PATH_COST_MAX),
  },
  node: { switch: z.string().optional(), mac: mac.optional() },
  action: { link: z.string().optional(), switch: z.string().optional() },
});

type StpObservation = z.infer<typeof schema>;
type StpAction = StpObservation['actions'][number];

const OPERATIONS = [
  'all_trunks_up',
  'link_down_carrier',
  'link_up',
  'link_silent_loss_both_directions',
  'link_silent_loss_healed',
  'root_switch_process_killed',
];
const NEEDS_LINK = OPERATIONS.filter((op) => op.startsWith('link_'));

const AGEING_NS = 300e9;
const BRIDGE_MAC_FIRST = parseMac('02:00:00:5b:00:00');
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

/** What Open vSwitch in user space takes for a frame. */
const SWITCH_DELAY_NS = 1e6;
/** Trunks come up this long after ports to hosts have begun to forward. */
const BEFORE_NS = 0.5 * SECOND_NS;
/** At the end of a phase nothing is sent for so long. */
const PAUSE_NS = 100e6;
/** A lost carrier is noticed this long after the link is dead. */
const CARRIER_LOSS_NS = 20e6;
/** A broadcast beside the streams, from the first host. */
const BROADCAST_INTERVAL_NS = 20e6;
/** Where the next action is not, a phase lasts as long as one does in which nothing is heard. */
const LAST_PHASE_DEFAULT_NS = 20 * SECOND_NS;
const FIRST_BROADCAST = 1 << 24;

/** Spanning trees of Open vSwitch on a few switches: roles and states after each failure, and what hosts lose of it. */
export const ovsStp = { schema, problemsOf, perform };

function problemsOf({ topology, actions, params }: StpObservation): string[] {
  const problems: string[] = [];
  const trunks = new Set(topology.links.filter(({ kind }) => kind === 'trunk').map(({ id }) => id));
  for (const [index, { name, kind, mac: address }] of topology.nodes.entries()) {
    const where = `topology.nodes.${index}`;
    if (kind === 'host' && address === undefined) problems.push(`${where}: ${name} needs mac`);
    if (kind === 'ovs' && params.priorities[name] === undefined) problems.push(`params.priorities: ${name} is missing`);
    if (kind !== 'host' && kind !== 'ovs') problems.push(`${where}.kind: got "${kind}", expected "ovs" or "host"`);
  }
  for (const [index, { op, t, link }] of actions.entries()) {
    const where = `actions.${index}`;
    if (!OPERATIONS.includes(op))
      problems.push(`${where}.op: "${op}" is not known; known are ${OPERATIONS.join(', ')}`);
    if (t === undefined) problems.push(`${where}.t: is missing`);
    if (NEEDS_LINK.includes(op) && !trunks.has(link ?? '')) problems.push(`${where}.link: there is no trunk ${link}`);
  }
  return problems;
}

function perform(observation: StpObservation): SimulatedFacts {
  return new StpRun(observation).run();
}

/** A frame of a stream, by its number. */
interface Sent {
  readonly pair: number;
  readonly atNs: number;
  arrived: number;
}

class StpRun {
  readonly #observation: StpObservation;
  readonly #lab: SwitchLab;
  readonly #pairs: { from: string; to: string; nextNs: number }[] = [];
  readonly #killed = new Set<string>();
  readonly #silent = new Set<string>();
  readonly #sent: Sent[] = [];
  readonly #broadcasts: Map<string, number>[] = [];
  #nextBroadcastNs = 0;
  #tcBpdus = 0;
  #wrongHosts = 0;

  constructor(observation: StpObservation) {
    this.#observation = observation;
    const { topology } = observation;
    this.#lab = new SwitchLab(topology, {
      bridge: { ageingTimeNs: AGEING_NS, implementation: 'ovs-3.1' },
      relayed: 'trunk',
      wire: { ...REPLAY_WIRE, delayNs: SWITCH_DELAY_NS / 2 },
    });
    for (const [index, name] of [...this.#lab.bridges.keys()].entries()) this.#addTree(name, index);
    this.#watch();
    const hosts = [...this.#lab.hosts.keys()];
    for (const from of hosts) {
      for (const to of hosts) if (from !== to) this.#pairs.push({ from, to, nextNs: 0 });
    }
  }

  run(): SimulatedFacts {
    const lab = this.#lab;
    const { actions, params, topology } = this.#observation;
    lab.start();
    for (const bridge of lab.bridges.values()) lab.devices.spanningTrees.start(bridge);
    for (const { id } of topology.links.filter(({ kind }) => kind === 'trunk')) this.#setCarrier(id, false);
    lab.wait(2 * params.forward_delay_s * SECOND_NS + BEFORE_NS);
    const startNs = lab.simulation.nowNs;
    const intervalNs = params.stream_interval_ms * 1e6;
    for (const [index, pair] of this.#pairs.entries()) {
      pair.nextNs = startNs + Math.round((intervalNs * index) / this.#pairs.length);
    }
    this.#nextBroadcastNs = startNs;
    const exact: Record<string, unknown> = {};
    const phases: { op: string; sent: number; broadcasts: number; actedNs: number; counts: object }[] = [];
    for (const [index, action] of actions.entries()) {
      const [sent, broadcasts] = [this.#sent.length, this.#broadcasts.length];
      this.#tcBpdus = 0;
      this.#wrongHosts = 0;
      const actedNs = lab.simulation.nowNs;
      this.#act(action);
      this.#advance(Math.max(0, this.#lengthNs(index) - PAUSE_NS));
      // streams pause, so that nothing is under way in two phases
      lab.wait(PAUSE_NS);
      this.#resume();
      exact[action.op] = { roles_after: this.#roles() };
      const counts = { tc_bpdus: this.#tcBpdus, wrong_host_unicast_frames: this.#wrongHosts };
      phases.push({ op: action.op, sent, broadcasts, actedNs, counts });
    }
    // what was under way when a phase ended has arrived by now
    lab.wait(SECOND_NS);
    const ranges = phases.map(({ op, sent, broadcasts, actedNs, counts }, index) => {
      const next = phases[index + 1];
      const duplicates = this.#duplicates(broadcasts, next?.broadcasts);
      return [op, { ...this.#outages(sent, next?.sent, actedNs), ...counts, broadcast_dups: duplicates }];
    });
    return { exact, ranges: Object.fromEntries(ranges) };
  }

  #addTree(name: string, index: number): void {
    const { params, topology } = this.#observation;
    const { spanningTrees } = this.#lab.devices;
    const bridge = this.#lab.bridges.get(name)!;
    const times = {
      helloTimeNs: params.hello_s * SECOND_NS,
      maxAgeNs: params.max_age_s * SECOND_NS,
      forwardDelayNs: params.forward_delay_s * SECOND_NS,
    };
    const mac = BRIDGE_MAC_FIRST + index;
    const priority = params.priorities[name];
    // ports to hosts have lower numbers than trunks, and these the order of the file
    const ends = topology.links.flatMap(({ a, aif, b, bif, kind }) => {
      const isTrunk = kind === 'trunk';
      return [
        ...(a === name ? [{ end: `${a}:${aif}`, isTrunk }] : []),
        ...(b === name ? [{ end: `${b}:${bif}`, isTrunk }] : []),
      ];
    });
    const ports = [...ends.filter(({ isTrunk }) => !isTrunk), ...ends.filter(({ isTrunk }) => isTrunk)].map(
      ({ end }) => {
        return { port: this.#lab.ports.get(end)!, pathCost: params.path_cost };
      },
    );
    if (params.protocol === 'rstp') {
      spanningTrees.addRapid(
        bridge,
        // each switch starts its clock by itself
        { ...times, bridgeId: bridgeIdOf(priority, mac), profile: OVS_3_1, phaseNs: (index * SECOND_NS) / 4 },
        ports.map((port) => ({ ...port, autoEdge: true })),
      );
    } else {
      const profile = ovsStpProfile(params.stream_interval_ms * 1e6);
      spanningTrees.add(bridge, { mac, priority, ...times, profile }, ports);
    }
  }

  #lengthNs(index: number): number {
    const { actions } = this.#observation;
    const next = actions[index + 1]?.t;
    if (next !== undefined) return Math.max(0, Math.round((next - actions[index].t!) * SECOND_NS));
    const silent = actions.findIndex(({ op }) => op === 'link_silent_loss_both_directions');
    if (silent >= 0 && silent + 1 < actions.length && actions[index].op.includes('killed'))
      return this.#lengthNs(silent);
    return index > 0 ? this.#lengthNs(1) : LAST_PHASE_DEFAULT_NS;
  }

  #act({ op, link, switch: switchName }: StpAction): void {
    const { topology, params } = this.#observation;
    const trunks = topology.links.filter(({ kind }) => kind === 'trunk').map(({ id }) => id);
    if (op === 'all_trunks_up') for (const id of trunks) this.#setCarrier(id, true);
    else if (op === 'link_down_carrier') {
      this.#setPassing(link!, false);
      this.#advance(CARRIER_LOSS_NS);
      this.#setCarrier(link!, false);
    } else if (op === 'link_up') this.#setCarrier(link!, true);
    else if (op === 'link_silent_loss_both_directions') {
      this.#silent.add(link!);
      this.#setPassing(link!, false);
    } else if (op === 'link_silent_loss_healed') {
      this.#silent.delete(link!);
      this.#setPassing(link!, true);
    } else {
      const byPriority = [...this.#lab.bridges.keys()].sort((a, b) => params.priorities[a] - params.priorities[b]);
      const name = switchName ?? byPriority[0];
      this.#killed.add(name);
      for (const { id, a, b } of topology.links)
        if (trunks.includes(id) && (a === name || b === name)) this.#setPassing(id, false);
    }
  }

  #setCarrier(id: string, isUp: boolean): void {
    const { a, aif, b, bif } = this.#observation.topology.links.find((link) => link.id === id)!;
    for (const end of [`${a}:${aif}`, `${b}:${bif}`]) this.#lab.devices.setAdminUp(this.#lab.ports.get(end)!, isUp);
  }

  /** Lets a link lose every frame, or none, while both ends go on seeing its carrier. */
  #setPassing(id: string, passes: boolean): void {
    for (const port of this.#lab.relays.get(id)!) this.#lab.devices.network.setFlag(port, PortFlag.forwarding, passes);
  }

  /** Lets time pass, in which every pair's stream and the broadcasts are sent. */
  #advance(timeNs: number): void {
    const { simulation } = this.#lab;
    const { params, topology } = this.#observation;
    const macOf = (host: string) => topology.nodes.find(({ name }) => name === host)!.mac!;
    const endNs = simulation.nowNs + timeNs;
    for (;;) {
      const next = this.#pairs.reduce((first, pair) => (pair.nextNs < first.nextNs ? pair : first));
      const atNs = Math.min(next.nextNs, this.#nextBroadcastNs);
      if (atNs >= endNs) break;
      simulation.run(atNs);
      if (this.#nextBroadcastNs <= next.nextNs) {
        const [host] = this.#lab.hosts.keys();
        const id = FIRST_BROADCAST + this.#broadcasts.push(new Map()) - 1;
        this.#lab.send(host, { src: macOf(host), dst: BROADCAST, id });
        this.#nextBroadcastNs += BROADCAST_INTERVAL_NS;
        continue;
      }
      const id = this.#sent.push({ pair: this.#pairs.indexOf(next), atNs, arrived: 0 });
      this.#lab.send(next.from, { src: macOf(next.from), dst: macOf(next.to), id });
      next.nextNs += params.stream_interval_ms * 1e6;
    }
    simulation.run(endNs);
  }

  /** Streams go on from now. */
  #resume(): void {
    const { nowNs } = this.#lab.simulation;
    for (const pair of this.#pairs) pair.nextNs += Math.max(0, nowNs - Math.min(nowNs, pair.nextNs));
    this.#nextBroadcastNs = Math.max(this.#nextBroadcastNs, nowNs);
  }

  #watch(): void {
    const lab = this.#lab;
    const { network } = lab.devices;
    const hostOf = new Map([...lab.hosts].map(([host, { uplink }]) => [uplink, host]));
    const trunkOf = new Map<number, string>();
    for (const { id, kind, a, aif, b, bif } of this.#observation.topology.links) {
      if (kind !== 'trunk') continue;
      for (const end of [`${a}:${aif}`, `${b}:${bif}`]) trunkOf.set(lab.ports.get(end)!, id);
    }
    network.tap = {
      sent: (port, frame) => {
        const trunk = trunkOf.get(port);
        const isAlive = !this.#killed.has(network.nodeNames[network.nodeOf(port)]);
        // what a link loses without a word is not seen on it either
        if (trunk !== undefined && isAlive && !this.#silent.has(trunk)) this.#noteBpdu(frame);
      },
      received: (port, frame) => {
        const host = hostOf.get(port);
        const id = network.frames.words[(frame << FRAME_SHIFT) + Frame.tag];
        if (host === undefined || network.modeOf(port) !== PortMode.nic || id <= 0) return;
        if (id >= FIRST_BROADCAST) {
          const copies = this.#broadcasts[id - FIRST_BROADCAST];
          copies?.set(host, (copies.get(host) ?? 0) + 1);
          return;
        }
        const sent = this.#sent[id - 1];
        if (sent === undefined) return;
        if (this.#pairs[sent.pair].to === host) sent.arrived++;
        else this.#wrongHosts++;
      },
    };
  }

  /** A frame on a trunk. */
  #noteBpdu(frame: number): void {
    const { frames } = this.#lab.devices.network;
    const f = frame << FRAME_SHIFT;
    const bpdu = frames.words[f + Frame.bpdu];
    const saysChange = bpdu >= 0 && frames.bpdu(bpdu).topologyChange;
    if (saysChange || frames.words[f + Frame.kind] === FrameKind.tcnBpdu) this.#tcBpdus++;
  }

  /** What each pair lost of the frames of a phase. */
  #outages(firstSent: number, endSent: number | undefined, actedNs: number): Record<string, unknown> {
    const intervalMs = this.#observation.params.stream_interval_ms;
    const frames = this.#sent.slice(firstSent, endSent);
    return Object.fromEntries(
      this.#pairs.map(({ from, to }, index) => {
        const own = frames.filter(({ pair }) => pair === index);
        let [run, longest, lost, lastNs] = [0, 0, 0, -1];
        for (const { arrived, atNs } of own) {
          run = arrived > 0 ? 0 : run + 1;
          longest = Math.max(longest, run);
          if (arrived > 0) continue;
          lost++;
          lastNs = atNs;
        }
        const lastMs = lastNs < 0 ? null : (lastNs - actedNs) / 1e6;
        return [`${from}->${to}`, { longest_outage_ms: longest * intervalMs, lost, last_lost_ms: lastMs }];
      }),
    );
  }

  #duplicates(first: number, end: number | undefined): number {
    const copies = this.#broadcasts.slice(first, end).flatMap((each) => [...each.values()]);
    return copies.reduce((sum, count) => sum + count - 1, 0);
  }

  /** Roles and states in the words of the switches: by switch, by port; STP leaves out ports that are down. */
  #roles(): Record<string, Record<string, readonly [string, string]>> {
    const { protocol } = this.#observation.params;
    const { spanningTrees, network } = this.#lab.devices;
    const entries = [...this.#lab.bridges].filter(([name]) => !this.#killed.has(name));
    return Object.fromEntries(
      entries.map(([name, bridge]) => {
        const rapid = spanningTrees.rapidTreesOf(bridge)[0];
        const tree = rapid ?? spanningTrees.treeOf(bridge)!;
        const ports: [string, readonly [string, string]][] = [];
        for (let index = 0; index < tree.portCount; index++) {
          const port = network.portNames[spanningTrees.portAt(bridge, index)];
          const role = tree.roleOf(index);
          if (protocol === 'stp' && role === 'disabled') continue;
          const state = PORT_STATE_NAMES[tree.stateOf(index)];
          const names = protocol === 'stp' ? [role, state] : [capital(role), rapidState(state)];
          ports.push([port.slice(port.indexOf(':') + 1), names as [string, string]]);
        }
        return [name, Object.fromEntries(ports)];
      }),
    );
  }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** What Open vSwitch calls the states of RSTP. */
function rapidState(state: string): string {
  return state === 'learning' || state === 'forwarding' ? capital(state) : 'Discarding';
}
