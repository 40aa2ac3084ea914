import type { z } from 'zod';
import { milliseconds, seconds } from '../../units.ts';
import { formatIpv4, parseIpv4 } from '../../wire/ipv4-address.ts';
import { formatMac } from '../../wire/mac-address.ts';
import { MILLISECOND_NS } from '../test-frame.ts';
import { EvpnLab, type StationPlace } from './evpn-lab.ts';
import { bgpMode, evpnProblems, looseEvpnSchema } from './evpn-observation.ts';
import { factsByMeaning, type NamedFact } from './facts-by-meaning.ts';
import { flag } from './observation-schema.ts';
import { macIn, type OpenAction, placesOfAction, portOf } from './places-of-action.ts';
import { RouteCounts } from './route-counts.ts';
import type { SimulatedFacts } from './simulated-facts.ts';

const SETTLE_NS = seconds(20);

/** Between the frames at both leaves: both have spoken before either hears of the other. */
const APART_NS = milliseconds(0.5);

const AFTERWARDS_NS = seconds(3);

/** First addresses of stations of which none is given. */
const MAC_FIRST = 0x0200_000a_ee01;
const IP_FIRST = parseIpv4('192.168.10.201');

const schema = looseEvpnSchema('evpn_race', {
  bgp: bgpMode,
  neigh_suppress: flag.default(true),
  arp_accept_on_svi: flag.default(true),
});

type Race = z.infer<typeof schema> & { readonly facts?: unknown };

/** One MAC address is heard at two leaves at nearly the same time. */
export const evpnRace = { schema, problemsOf, perform };

/** Where the two frames are sent, in this order. */
interface Pair {
  readonly places: readonly [string, string];
  readonly mac: string | null;
}

/** What came of one race. */
interface Outcome {
  readonly pair: Pair;
  readonly winner: string;
  readonly loser: string;
  readonly updates: number;
  readonly announced: number;
  readonly withdrawn: number;
  readonly doneMs: number | null;
  readonly table: Readonly<Record<string, StationPlace | null>>;
  readonly sequence: string;
  readonly isWithdrawnByLoser: boolean;
  readonly isAgreed: boolean;
}

function problemsOf({ topology, actions }: Race): string[] {
  const problems = evpnProblems(topology);
  if (problems.length === 0 && pairsOf(actions, topology).length === 0) {
    problems.push('actions: expected one that names two leaves, or hosts at two leaves');
  }
  return problems;
}

/** The races that actions describe: one that names two places, or two that follow each other with one place each. */
function pairsOf(actions: readonly OpenAction[], topology: Race['topology']): Pair[] {
  const pairs: Pair[] = [];
  let first: { place: string; mac: string | null } | null = null;
  for (const action of actions) {
    const places = placesOfAction(action, topology);
    const mac = macIn(action);
    if (places.length >= 2) {
      pairs.push({ places: [places[0], places[1]], mac });
    } else if (places.length === 1 && first !== null && (mac ?? first.mac) === first.mac) {
      pairs.push({ places: [first.place, places[0]], mac });
      first = null;
    } else if (places.length === 1) {
      first = { place: places[0], mac };
    }
  }
  if (pairs.length > 0 || actions.length > 0) return pairs;
  const leaves = topology.nodes.filter(({ kind }) => kind === 'leaf');
  const [one, other] = leaves.slice(-2).map(({ name }) => portOf(name, topology.nodes)!.name);
  return [{ places: [one, other], mac: null }];
}

function perform({ params, topology, actions, facts }: Race): SimulatedFacts {
  const pairs = pairsOf(actions, topology);
  const given = macIn(params);
  const lab = new EvpnLab(topology, {
    isReflected: params.bgp === 'ibgp',
    learnsIpAddresses: params.arp_accept_on_svi,
    suppressesArp: params.neigh_suppress,
    guests: pairs.map(({ places, mac }, index) => ({
      host: places[0],
      mac: mac ?? (pairs.length === 1 && given !== null ? given : formatMac(MAC_FIRST + index)),
      ip: formatIpv4(IP_FIRST + index),
    })),
  });
  lab.fabric.start();
  lab.wait(SETTLE_NS);
  for (const vm of lab.hosts.keys()) lab.garp(vm);
  lab.wait(seconds(2));
  const outcomes = pairs.map((pair, index) => race(lab, topology, pair, index));
  return factsByMeaning(facts, (fact) => meaningOf(fact, outcomes, lab), {
    exact: {
      winner_per_race: outcomes.map(({ winner }) => winner),
      updates_per_race: outcomes.map(({ updates }) => updates),
      seq_per_race: outcomes.map(({ sequence }) => sequence),
      withdraw_by_loser_per_race: outcomes.map(({ isWithdrawnByLoser }) => isWithdrawnByLoser),
      mac_table_after_race: outcomes.map(({ table }) => table),
    },
    ranges: { all_leaves_fdb_ms: outcomes.map(({ doneMs }) => doneMs) },
  });
}

function race(lab: EvpnLab, { nodes }: Race['topology'], pair: Pair, index: number): Outcome {
  const station = lab.firstGuest + index;
  const address = lab.addressOf(station);
  const leafOf = (place: string) => nodes.find(({ name }) => name === place)!.leaf!;
  const [one, other] = pair.places.map(leafOf);
  const before = lab.updates;
  const routes = new RouteCounts(lab);
  const startNs = lab.nowNs;
  lab.garp(station);
  lab.wait(APART_NS);
  lab.bringGuest(index, pair.places[1]);
  lab.garp(station);
  // until then each leaf has the station where it was heard
  const homeOf = (leaf: string) => {
    const place = lab.placeOf(leaf, address);
    return place?.[0] === 'port' ? leaf : (place?.[1] ?? null);
  };
  const isAgreed = () => new Set(lab.leaves.map(homeOf)).size === 1 && homeOf(one) !== null;
  const agreedNs = lab.waitFor(isAgreed, AFTERWARDS_NS);
  lab.waitUntil(startNs + AFTERWARDS_NS);
  const winner = homeOf(one) ?? '';
  const loser = winner === one ? other : one;
  const sequence = lab.sequenceOf(winner, address);
  return {
    pair,
    winner,
    loser,
    updates: lab.updates - before,
    announced: routes.announced(),
    withdrawn: routes.withdrawn(),
    doneMs: agreedNs === null ? null : (APART_NS + agreedNs) / MILLISECOND_NS,
    table: Object.fromEntries(lab.leaves.map((leaf) => [leaf, lab.placeOf(leaf, address)])),
    sequence: `[${sequence ?? 'None'}]`,
    isWithdrawnByLoser: !lab.announces(loser, address),
    isAgreed: isAgreed(),
  };
}

function meaningOf({ path, index, kind, length }: NamedFact, outcomes: readonly Outcome[], lab: EvpnLab): unknown {
  const isList = length >= 0;
  // one value for each race; else one for each repeat
  if (isList && (outcomes.length === 1 || outcomes.length !== length)) return undefined;
  const each = <T>(of: (outcome: Outcome) => T) => (isList ? outcomes.map(of) : of(outcomes[index] ?? outcomes[0]));
  const leaf = lab.leaves.find((name) => path.endsWith(name.toLowerCase()));
  if (/table|fdb|place/.test(path) && !/_ms|_s$/.test(path)) {
    if (kind === 'object') return each(({ table }) => table);
    return leaf === undefined ? undefined : each(({ table }) => table[leaf]);
  }
  if (kind === 'number') {
    if (/update/.test(path)) return each(({ updates }) => updates);
    if (/unreach|withdraw/.test(path)) return each(({ withdrawn }) => withdrawn);
    if (/reach|advert|nlri/.test(path)) return each(({ announced }) => announced);
    if (/seq/.test(path)) return each(({ sequence }) => Number.parseInt(sequence.slice(1), 10) || 0);
    if (/_ms|time/.test(path)) return each(({ doneMs }) => doneMs);
    return undefined;
  }
  if (kind === 'truth') {
    if (/withdraw/.test(path)) return each(({ isWithdrawnByLoser }) => isWithdrawnByLoser);
    if (/lowest|low/.test(path))
      return each(({ winner, loser }) => lab.leaves.indexOf(winner) < lab.leaves.indexOf(loser));
    if (/first/.test(path)) return each(({ pair, winner }) => pair.places[0] === winner);
    return /agree|same|consist|converge/.test(path) ? each(({ isAgreed }) => isAgreed) : undefined;
  }
  // within a list of its own, where some observations have one for each repeat, a number stands alone
  if (/seq\w*\.\d+\.\d+$/.test(path)) return each(({ sequence }) => sequence.slice(1, -1));
  if (/seq/.test(path)) return each(({ sequence }) => sequence);
  if (/los/.test(path)) return each(({ loser }) => loser);
  return /win|owner|best|final|holder|vtep/.test(path) ? each(({ winner }) => winner) : undefined;
}
