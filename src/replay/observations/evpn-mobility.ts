import * as z from 'zod';
import type { DuplicateDetection } from '../../protocol/evpn/duplicate-detection.ts';
import { milliseconds, seconds } from '../../units.ts';
import { MILLISECOND_NS, SECOND_NS } from '../test-frame.ts';
import { EvpnLab } from './evpn-lab.ts';
import { bgpMode, evpnProblems, evpnSchema, missingActions } from './evpn-observation.ts';
import { flag, ip, mac, name } from './observation-schema.ts';
import type { SimulatedFacts } from './simulated-facts.ts';
import { Streams } from './streams.ts';

/** Longer than any bring-up takes; then all hosts say who they are. */
const SETTLE_NS = seconds(20);

/** How long a silent VM says nothing. */
const SILENCE_NS = seconds(3);

/** Between the announcements of QEMU after a migration, all but the first. net/announce.c */
const REPEATED_NS = [50, 200, 450, 800].map(milliseconds);

/** How long after a move the tables are awaited. */
const PATIENCE_NS = seconds(2);

/** What observations write where a leaf announced nothing during a move. */
const NOTHING_SAID = '[]';

/** What each move showed, in the order of moves. */
interface Move {
  fdbMs: number | null;
  updates: number;
  sequence: string;
  isWithdrawn: boolean;
  table: Record<string, readonly string[] | null>;
  startNs: number;
  endNs: number;
}

const schema = evpnSchema('evpn_mobility', {
  params: {
    mode: z.enum(['garp', 'garp5', 'garp_mac_only', 'rarp', 'silent', 'garp_then_tapdel', 'tapdel_then_garp']),
    bgp: bgpMode,
    neigh_suppress: flag.default(true),
    arp_accept_on_svi: flag.default(true),
    gap_ms: z.number().min(0).max(60_000).default(0),
    stream_interval_ms: z.number().min(0.1).max(10_000).default(2),
    spacing_s: z.number().min(0.5).max(3600).default(4),
    dup_addr_detection: z.string().default('default'),
    vm_mac: mac,
    vm_ip: ip,
  },
  action: { frm: name.optional(), to: name.optional() },
});

type Mobility = z.infer<typeof schema>;

/** A VM goes from leaf to leaf while a host at each leaf sends to it. */
export const evpnMobility = { schema, problemsOf, perform };

function problemsOf({ topology, actions }: Mobility): string[] {
  const problems = [...evpnProblems(topology), ...missingActions(actions, ['vm_move'])];
  const hasPort = (leaf: string | undefined) =>
    topology.nodes.some((one) => one.kind === 'vm-port' && one.leaf === leaf);
  for (const [index, { op, frm, to }] of actions.entries()) {
    if (!op.startsWith('vm_move')) continue;
    for (const leaf of [frm, to]) if (!hasPort(leaf)) problems.push(`actions.${index}: there is no vm-port at ${leaf}`);
  }
  return problems;
}

function perform({ params, topology, actions }: Mobility): SimulatedFacts {
  const lab = new EvpnLab(topology, {
    isReflected: params.bgp === 'ibgp',
    learnsIpAddresses: params.arp_accept_on_svi,
    suppressesArp: params.neigh_suppress,
    duplicates: duplicatesOf(params.dup_addr_detection),
    mover: { mac: params.vm_mac, ip: params.vm_ip },
  });
  lab.fabric.start();
  lab.wait(SETTLE_NS);
  for (const vm of lab.hosts.keys()) lab.garp(vm);
  const moves = actions.filter(({ op }) => op.startsWith('vm_move'));
  lab.attach(moves[0].frm!);
  lab.garp(lab.movingVm);
  lab.wait(seconds(2));
  lab.watch();
  const streams = new Streams(lab, {
    intervalMs: params.stream_interval_ms,
    pairs: lab.leaves.map((leaf) => ({ from: lab.vmOf(lab.hostsAt(leaf)[0]), to: lab.movingVm, name: leaf })),
  });
  streams.runUntil(lab.nowNs + seconds(0.5));
  const spacingNs = Math.round(params.spacing_s * SECOND_NS);
  const results = moves.map((move) => performMove(lab, streams, move, params, spacingNs));
  const counts = results.map(({ startNs, endNs }) => streams.counts(startNs, endNs));
  return {
    exact: {
      seq_per_move: results.map(({ sequence }) => [sequence]),
      withdraw_by_old_leaf_per_move: results.map(({ isWithdrawn }) => [isWithdrawn]),
      mac_table_after_move: results.map(({ table }) => table),
    },
    ranges: {
      all_leaves_fdb_ms: results.map(({ fdbMs }) => fdbMs),
      updates_total: results.map(({ updates }) => updates),
      misdelivered: counts.map(({ misdelivered }) => misdelivered),
      lost: counts.map(({ lost }) => lost),
      flooded_copies: counts.map(({ floodedCopies }) => floodedCopies),
      dup: counts.map(({ duplicates }) => duplicates),
    },
  };
}

function performMove(
  lab: EvpnLab,
  streams: Streams,
  { frm, to }: Mobility['actions'][number],
  { mode, gap_ms }: Mobility['params'],
  spacingNs: number,
): Move {
  const gapNs = Math.round(gap_ms * MILLISECOND_NS);
  const address = lab.addressOf(lab.movingVm);
  const before = lab.updates;
  const startNs = lab.nowNs;
  const oldPlace = lab.serverNameOf(lab.movingVm);
  const wasAnnounced = lab.announces(frm!, address);
  const sequenceBefore = announcedSequence(lab, to!, address);
  lab.attach(to!);
  if (mode === 'tapdel_then_garp') {
    lab.setHostUp(oldPlace, false);
    streams.runUntil(lab.nowNs + gapNs);
  }
  if (mode === 'silent') streams.runUntil(lab.nowNs + SILENCE_NS);
  const announcedNs = lab.nowNs;
  announce(lab, mode);
  const isEverywhere = () =>
    lab.leaves.every((leaf) => {
      const place = lab.placeOf(leaf, address);
      return leaf === to ? place?.[0] === 'port' && place[1] === 'pv' : place?.[0] === 'vtep' && place[1] === to;
    });
  if (mode === 'garp_then_tapdel') {
    streams.runUntil(lab.nowNs + gapNs);
    lab.setHostUp(oldPlace, false);
  }
  let fdbNs: number | null = null;
  if (mode === 'garp5') {
    for (const delayNs of REPEATED_NS) {
      fdbNs ??= doneAt(lab, streams.runFor(isEverywhere, announcedNs + delayNs - lab.nowNs), announcedNs);
      streams.runUntil(announcedNs + delayNs);
      lab.garp(lab.movingVm);
    }
  }
  fdbNs ??= doneAt(lab, streams.runFor(isEverywhere, PATIENCE_NS), announcedNs);
  const sequence = announcedSequence(lab, to!, address);
  streams.runUntil(announcedNs + spacingNs);
  if (mode.includes('tapdel')) lab.setHostUp(oldPlace, true);
  return {
    fdbMs: fdbNs === null ? null : fdbNs / MILLISECOND_NS,
    updates: lab.updates - before,
    sequence: sequence === sequenceBefore ? NOTHING_SAID : sequence,
    isWithdrawn: wasAnnounced && !lab.announces(frm!, address),
    table: Object.fromEntries(lab.leaves.map((leaf) => [leaf, lab.placeOf(leaf, address)])),
    startNs,
    endNs: lab.nowNs,
  };
}

/** The sequence number that a leaf announces a station with, as observations write it. */
function announcedSequence(lab: EvpnLab, leaf: string, address: number): string {
  return lab.announces(leaf, address) ? `[${lab.sequenceOf(leaf, address) ?? 'None'}]` : NOTHING_SAID;
}

function doneAt(lab: EvpnLab, waitedNs: number | null, sinceNs: number): number | null {
  return waitedNs === null ? null : lab.nowNs - sinceNs;
}

/** The VM, or its hypervisor, says where it is now. */
function announce(lab: EvpnLab, mode: string): void {
  if (mode === 'rarp') lab.devices.servers.announceByRarp(lab.movingVm);
  else if (mode === 'silent') lab.send(lab.movingVm, 0);
  else lab.garp(lab.movingVm);
}

/** `freeze permanent`, `freeze 30`, `max-moves 3 time 60`, or the default, which only warns. */
function duplicatesOf(setting: string): Partial<DuplicateDetection> {
  const [, moves, windowS] = /max-moves (\d+) time (\d+)/.exec(setting) ?? [];
  const [freeze, recoveryS] = /freeze\w*(?: (\d+))?/.exec(setting) ?? [];
  return {
    ...(moves !== undefined && { movesMax: Number(moves), windowNs: Number(windowS) * SECOND_NS }),
    ...(freeze !== undefined && {
      action: 'freeze',
      recoveryNs: recoveryS === undefined ? null : Number(recoveryS) * SECOND_NS,
    }),
  };
}
