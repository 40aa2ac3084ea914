import type { z } from 'zod';
import { seconds } from '../../units.ts';
import { formatMac } from '../../wire/mac-address.ts';
import { EvpnLab, type StationPlace } from './evpn-lab.ts';
import { bgpMode, evpnProblems, looseEvpnSchema } from './evpn-observation.ts';
import { factsByMeaning, type NamedFact } from './facts-by-meaning.ts';
import { flag } from './observation-schema.ts';
import { macIn, type OpenAction, placesOfAction, portOf } from './places-of-action.ts';
import type { SimulatedFacts } from './simulated-facts.ts';

const SETTLE_NS = seconds(20);
const AFTERWARDS_NS = seconds(2);

/** Of a station of which none is given. */
const STATION_MAC = 0x0200_000a_ff01;
const STATION_IP = '192.168.10.200';

const schema = looseEvpnSchema('evpn_sticky', {
  bgp: bgpMode,
  neigh_suppress: flag.default(true),
  arp_accept_on_svi: flag.default(true),
});

type Sticky = z.infer<typeof schema> & { readonly facts?: unknown };

/** A station is configured at one leaf for good, and then a frame with its MAC address comes in at another. */
export const evpnSticky = { schema, problemsOf, perform };

function problemsOf({ topology, actions }: Sticky): string[] {
  const problems = evpnProblems(topology);
  if (problems.length > 0) return problems;
  const [home, intruder] = placesOf(actions, topology);
  if (home === intruder) problems.push('actions: expected two that name different leaves, or hosts at them');
  return problems;
}

/** Where the station is configured, and where the frame comes in: the first two places that actions name. */
function placesOf(actions: readonly OpenAction[], topology: Sticky['topology']): [string, string] {
  const named = [...new Set(actions.flatMap((action) => placesOfAction(action, topology)))];
  const leaves = topology.nodes.filter(({ kind }) => kind === 'leaf');
  const ports = leaves.map(({ name }) => portOf(name, topology.nodes)!.name);
  const home = named[0] ?? ports[0];
  const isElsewhere = (place: string) => leafOf(place, topology) !== leafOf(home, topology);
  return [home, named.slice(1).find(isElsewhere) ?? ports.find(isElsewhere)!];
}

function leafOf(place: string, { nodes }: Sticky['topology']): string {
  return nodes.find(({ name }) => name === place)!.leaf!;
}

/** What was seen before the other leaf heard of the address, and after. */
interface Phase {
  readonly updates: number;
  readonly table: Readonly<Record<string, StationPlace | null>>;
}

function perform({ params, topology, actions, facts }: Sticky): SimulatedFacts {
  const [home, elsewhere] = placesOf(actions, topology);
  const mac = actions.map(macIn).find((one) => one !== null) ?? macIn(params) ?? formatMac(STATION_MAC);
  const lab = new EvpnLab(topology, {
    isReflected: params.bgp === 'ibgp',
    learnsIpAddresses: params.arp_accept_on_svi,
    suppressesArp: params.neigh_suppress,
    guests: [{ host: home, mac, ip: STATION_IP }],
  });
  lab.fabric.start();
  lab.wait(SETTLE_NS);
  for (const vm of lab.hosts.keys()) lab.garp(vm);
  lab.wait(seconds(2));
  const station = lab.firstGuest;
  const address = lab.addressOf(station);
  const during = (act: () => void): Phase => {
    const before = lab.updates;
    act();
    lab.wait(AFTERWARDS_NS);
    const table = Object.fromEntries(lab.leaves.map((leaf) => [leaf, lab.placeOf(leaf, address)]));
    return { updates: lab.updates - before, table };
  };
  const configured = during(() => lab.makeSticky(station));
  const intruded = during(() => {
    lab.bringGuest(0, elsewhere);
    lab.garp(station);
  });
  const isSticky = lab.isSticky(leafOf(home, topology), address);
  const isAnnouncedElsewhere = lab.announces(leafOf(elsewhere, topology), address);
  return factsByMeaning(facts, (fact) => meaningOf(fact, { configured, intruded, isSticky, isAnnouncedElsewhere }), {
    exact: {
      updates_sticky_add: configured.updates,
      updates_intruder: intruded.updates,
      sticky_in_route: isSticky,
      mac_table_before_intruder: configured.table,
      mac_table_after_intruder: intruded.table,
    },
    ranges: {},
  });
}

interface Seen {
  readonly configured: Phase;
  readonly intruded: Phase;
  readonly isSticky: boolean;
  readonly isAnnouncedElsewhere: boolean;
}

function meaningOf({ path, kind, length }: NamedFact, seen: Seen): unknown {
  if (length >= 0) return undefined;
  const { configured, intruded, isSticky, isAnnouncedElsewhere } = seen;
  const isAfter = /intru|after|second|other|move|attack|conflict|foreign/.test(path) && !/before/.test(path);
  const phase = isAfter ? intruded : configured;
  if (/table|fdb|place/.test(path)) return kind === 'object' ? phase.table : undefined;
  if (kind === 'number') return /update|withdraw|advert|nlri/.test(path) ? phase.updates : undefined;
  if (kind !== 'truth') return undefined;
  if (/change|took|taken|moved|stolen/.test(path)) return isAnnouncedElsewhere;
  return /sticky|static|bit/.test(path) ? isSticky : undefined;
}
