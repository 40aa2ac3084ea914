import * as z from 'zod';
import { milliseconds, seconds } from '../../units.ts';
import { SECOND_NS } from '../test-frame.ts';
import { EvpnLab } from './evpn-lab.ts';
import { bgpMode, evpnProblems, evpnSchema, missingActions } from './evpn-observation.ts';
import { flag, mac, name } from './observation-schema.ts';
import { PerRun, type SimulatedFacts } from './simulated-facts.ts';
import { Streams } from './streams.ts';

const SETTLE_NS = seconds(20);

/** Of the station that falls silent; no observation says it. */
const STATION_IP = '192.168.10.254';

/** How long the stream goes on after the ageing time. */
const AFTERWARDS_NS = seconds(3);

/** Of the stream to it: who sends, and every how many milliseconds. */
const STREAM = /^(\S+) -> station, (\d+) ms$/;

const schema = evpnSchema('evpn_ageing', {
  params: {
    bgp: bgpMode,
    ageing_s: z.number().min(1).max(3600),
    neigh_suppress: flag.default(true),
    arp_accept_on_svi: flag.default(true),
    stream: z.string().regex(STREAM, 'expected a stream like h4-1 -> station, 20 ms'),
    station_mac: mac,
  },
  action: { host: name.optional() },
});

type Ageing = z.infer<typeof schema>;

/** A station speaks once and is silent until its entry has aged out, while another host sends to it. */
export const evpnAgeing = { schema, problemsOf, perform };

function problemsOf({ topology, actions, params }: Ageing): string[] {
  const hosts = topology.nodes.filter(({ kind }) => kind === 'host').map((node) => node.name);
  const missing = [actions.find(({ op }) => op === 'station_speaks_once')?.host, STREAM.exec(params.stream)?.[1]];
  return [
    ...evpnProblems(topology),
    ...missingActions(actions, ['station_speaks_once']),
    ...missing.filter((host) => host === undefined || !hosts.includes(host)).map((host) => `there is no host ${host}`),
  ];
}

function perform({ params, topology, actions }: Ageing): SimulatedFacts {
  const host = actions.find(({ op }) => op === 'station_speaks_once')!.host!;
  const ageingNs = Math.round(params.ageing_s * SECOND_NS);
  const lab = new EvpnLab(topology, {
    isReflected: params.bgp === 'ibgp',
    learnsIpAddresses: params.arp_accept_on_svi,
    suppressesArp: params.neigh_suppress,
    ageingNs,
    guests: [{ host, mac: params.station_mac, ip: STATION_IP }],
  });
  lab.fabric.start();
  lab.wait(SETTLE_NS);
  const station = lab.firstGuest;
  const address = lab.addressOf(station);
  const [, senderHost, intervalMs] = STREAM.exec(params.stream)!;
  const senderLeaf = lab.leafOf(senderHost);
  lab.watch();
  const streams = new Streams(lab, {
    intervalMs: Number(intervalMs),
    pairs: [{ from: lab.vmOf(senderHost), to: station, name: senderHost }],
  });
  const beginNs = lab.nowNs;
  streams.runUntil(beginNs + seconds(0.5));
  const spokeNs = lab.nowNs;
  lab.garp(station);
  const patienceNs = ageingNs + seconds(2);
  // until all have heard of it, and told all others
  streams.runUntil(spokeNs + seconds(1));
  const knownUpdates = lab.updates;
  const homeLeaf = lab.leafOf(host);
  streams.runFor(() => lab.placeOf(homeLeaf, address) === null, patienceNs, milliseconds(1));
  const localNs = lab.nowNs;
  streams.runFor(() => lab.placeOf(senderLeaf, address) === null, patienceNs, milliseconds(1));
  const remoteNs = lab.nowNs;
  const endNs = spokeNs + ageingNs + AFTERWARDS_NS;
  streams.runUntil(endNs);
  const updates = lab.updates - knownUpdates;
  const firstFloodedNs = streams.firstFloodedNs(spokeNs + seconds(1), 0);
  lab.garp(station);
  lab.wait(seconds(1));
  const sequence = lab.sequenceOf(homeLeaf, address);
  const counts = (fromNs: number, untilNs: number) => {
    const { sent, delivered, floodedCopies } = streams.counts(fromNs, untilNs);
    return { frames: sent, delivered, flooded_copies: floodedCopies };
  };
  return {
    exact: {
      relearn_seq: new PerRun([sequence === null ? 'None' : String(sequence)]),
      updates_age: new PerRun(updates),
      after_ageing: new PerRun(counts(remoteNs, endNs)),
      before_learning: new PerRun(counts(beginNs, spokeNs)),
    },
    ranges: {
      local_fdb_deleted_s: (localNs - spokeNs) / SECOND_NS,
      remote_fdb_deleted_s: (remoteNs - spokeNs) / SECOND_NS,
      first_flooded_s: firstFloodedNs === null ? null : (firstFloodedNs - spokeNs) / SECOND_NS,
    },
  };
}
