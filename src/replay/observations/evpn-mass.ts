import * as z from 'zod';
import { seconds } from '../../units.ts';
import { formatIpv4, parseIpv4 } from '../../wire/ipv4-address.ts';
import { formatMac } from '../../wire/mac-address.ts';
import { MILLISECOND_NS, SECOND_NS } from '../test-frame.ts';
import { EvpnLab, type Guest } from './evpn-lab.ts';
import { bgpMode, evpnProblems, evpnSchema, missingActions } from './evpn-observation.ts';
import { flag, name } from './observation-schema.ts';
import { RouteCounts } from './route-counts.ts';
import { PerRun, type SimulatedFacts } from './simulated-facts.ts';

const SETTLE_NS = seconds(20);
const PATIENCE_NS = seconds(10);
const AFTERWARDS_NS = seconds(2);

/** First addresses of the many stations; no observation says them. */
const MAC_FIRST = 0x0200_000b_0000;
const IP_FIRST = parseIpv4('192.168.100.1');

const schema = evpnSchema('evpn_mass', {
  params: {
    bgp: bgpMode,
    macs: z.number().int().min(1).max(20_000),
    neigh_suppress: flag.default(true),
    arp_accept_on_svi: flag.default(true),
  },
  action: { host: name.optional() },
});

type Mass = z.infer<typeof schema>;
type Action = Mass['actions'][number];

/** Many stations speak in a burst at one leaf, then at another, and then the port that they are at goes down. */
export const evpnMass = { schema, problemsOf, perform };

const LAST_FRAME = '_last_frame_sent';

function problemsOf({ topology, actions }: Mass): string[] {
  const hosts = topology.nodes.filter(({ kind }) => kind === 'host').map((node) => node.name);
  const problems = [...evpnProblems(topology), ...missingActions(actions, ['mass_learn', 'mass_move', 'port_down'])];
  for (const [index, { op, host }] of actions.entries()) {
    if (!op.startsWith('mass_') || op.endsWith(LAST_FRAME)) continue;
    if (host === undefined || !hosts.includes(host)) problems.push(`actions.${index}: there is no host ${host}`);
  }
  return problems;
}

function actionOf(actions: readonly Action[], op: string): Action {
  return actions.find((action) => action.op.startsWith(op) && !action.op.endsWith(LAST_FRAME))!;
}

function perform({ params, topology, actions }: Mass): SimulatedFacts {
  const count = params.macs;
  const [learn, move, down] = ['mass_learn', 'mass_move', 'port_down'].map((op) => actionOf(actions, op));
  const hosts = [learn.host!, move.host!];
  const guests: Guest[] = Array.from({ length: count }, (_, index) => ({
    host: hosts[0],
    mac: formatMac(MAC_FIRST + index),
    ip: formatIpv4(IP_FIRST + index),
  }));
  const lab = new EvpnLab(topology, {
    isReflected: params.bgp === 'ibgp',
    learnsIpAddresses: params.arp_accept_on_svi,
    suppressesArp: params.neigh_suppress,
    guests,
  });
  lab.fabric.start();
  lab.wait(SETTLE_NS);
  const exact: Record<string, unknown> = {};
  const ranges: Record<string, unknown> = {};
  const [first, second] = hosts.map((host) => lab.leafOf(host));
  const note = (op: string, { before, isDone }: Phase, sequences: readonly string[]) => {
    exact[op] = { macs_in_table_after: tableSizes(lab), mobility_seqs: new PerRun(sequences) };
    ranges[op] = before.since(isDone);
  };
  const learnt = phase(lab);
  speak(lab, count, burstNs(actions, learn));
  finish(lab, learnt, () => isEverywhere(lab, count, first));
  note(learn.op, learnt, sequencesOf(lab, first, count));
  const moved = phase(lab);
  for (let guest = 0; guest < count; guest++) lab.bringGuest(guest, hosts[1]);
  speak(lab, count, burstNs(actions, move));
  finish(lab, moved, () => isEverywhere(lab, count, second));
  note(move.op, moved, sequencesOf(lab, second, count));
  const gone = phase(lab);
  lab.setHostUp(hosts[1], false);
  const others = lab.leaves.filter((leaf) => leaf !== second);
  finish(lab, gone, () => others.every((leaf) => known(lab, leaf, count) === 0));
  note(down.op, gone, []);
  return { exact, ranges };
}

/** What is counted from the beginning of a phase. */
interface Phase {
  isDone: number | null;
  readonly before: Before;
}

class Before {
  readonly startNs: number;
  readonly #lab: EvpnLab;
  readonly #updates: number;
  readonly #bytes: number;
  readonly #routes: RouteCounts;

  constructor(lab: EvpnLab) {
    this.#lab = lab;
    this.startNs = lab.nowNs;
    this.#updates = lab.updates;
    this.#bytes = lab.bgp.totalBytes;
    this.#routes = new RouteCounts(lab);
    lab.bgp.announcedMax = 0;
  }

  since(doneNs: number | null): Record<string, unknown> {
    return {
      all_done_ms: doneNs === null ? null : (doneNs - this.startNs) / MILLISECOND_NS,
      updates: this.#lab.updates - this.#updates,
      nlri_reach: this.#routes.announced(),
      nlri_unreach: this.#routes.withdrawn(),
      max_nlri_per_update: this.#lab.bgp.announcedMax,
      bgp_bytes: this.#lab.bgp.totalBytes - this.#bytes,
    };
  }
}

function phase(lab: EvpnLab): Phase {
  return { isDone: null, before: new Before(lab) };
}

/** Waits until a phase is over, and for what comes after. */
function finish(lab: EvpnLab, over: Phase, isSo: () => boolean): void {
  if (lab.waitFor(isSo, PATIENCE_NS) !== null) over.isDone = lab.nowNs;
  lab.wait(AFTERWARDS_NS);
}

/** How long the burst took that an action began. */
function burstNs(actions: readonly Action[], { op, t }: Action): number {
  const last = actions.find((action) => action.op === `${op}${LAST_FRAME}`);
  return Math.max(0, Math.round(((last?.t ?? 0) - (t ?? 0)) * SECOND_NS));
}

function speak(lab: EvpnLab, count: number, durationNs: number): void {
  const startNs = lab.nowNs;
  for (let guest = 0; guest < count; guest++) {
    lab.waitUntil(startNs + Math.floor((durationNs * guest) / count));
    lab.garp(lab.firstGuest + guest);
  }
}

function isEverywhere(lab: EvpnLab, count: number, home: string): boolean {
  for (let guest = count - 1; guest >= 0; guest--) {
    const address = lab.addressOf(lab.firstGuest + guest);
    for (const leaf of lab.leaves) {
      const place = lab.placeOf(leaf, address);
      if (leaf === home ? place?.[0] !== 'port' : place?.[1] !== home) return false;
    }
  }
  return true;
}

function known(lab: EvpnLab, leaf: string, count: number): number {
  let found = 0;
  for (let guest = 0; guest < count; guest++) {
    if (lab.placeOf(leaf, lab.addressOf(lab.firstGuest + guest)) !== null) found++;
  }
  return found;
}

function tableSizes(lab: EvpnLab): Record<string, number> {
  const count = lab.guestCount;
  return Object.fromEntries(lab.leaves.map((leaf) => [leaf, known(lab, leaf, count)]));
}

/** The different sequence numbers with which a leaf announces the stations. */
function sequencesOf(lab: EvpnLab, leaf: string, count: number): string[] {
  const sequences = new Set<string>();
  for (let guest = 0; guest < count; guest++) {
    const sequence = lab.sequenceOf(leaf, lab.addressOf(lab.firstGuest + guest));
    sequences.add(sequence === null ? 'None' : String(sequence));
  }
  return [...sequences].sort();
}
