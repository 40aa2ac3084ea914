import * as z from 'zod';
import { seconds } from '../../units.ts';
import { MILLISECOND_NS, SECOND_NS } from '../test-frame.ts';
import { EvpnLab } from './evpn-lab.ts';
import { bgpMode, evpnProblems, evpnSchema, missingActions } from './evpn-observation.ts';
import { flag, name } from './observation-schema.ts';
import { PerRun, type SimulatedFacts } from './simulated-facts.ts';
import { Streams } from './streams.ts';

const SETTLE_NS = seconds(20);
const BEFORE_NS = seconds(1);
const REPAIR_PATIENCE_NS = seconds(25);

/** What fails, told from the words of a failure's name. */
interface Kind {
  readonly what: 'links' | 'killed' | 'frozen';
  /** All links or the daemon of the last leaf, those of the first spine, or one link of the first leaf. */
  readonly where: 'leaf' | 'spine' | 'one-uplink';
}

/** Reads the name of a failure, such as `leaf_uplinks_down` or `bgpd_frozen`; null if it says nothing that is known. */
function kindOf(name: string): Kind | null {
  const where = /spine/.test(name) ? 'spine' : /one|single/.test(name) ? 'one-uplink' : 'leaf';
  if (/kill|crash|dead|term/.test(name)) return { what: 'killed', where };
  if (/fr[eo]ez|froz|stop|hang|hung|pause|suspend/.test(name)) return { what: 'frozen', where };
  return /link|down|node|fail|lost/.test(name) ? { what: 'links', where } : null;
}

const schema = evpnSchema('evpn_failure', {
  params: {
    bgp: bgpMode,
    kind: name.refine(
      (text) => kindOf(text) !== null,
      'expected a name of links that go down, or of a bgpd that is killed or frozen',
    ),
    stream_interval_ms: z.number().min(0.1).max(10_000).default(2),
    zebra_kernel_nexthop_groups: flag.optional(),
  },
  action: {},
});

type Failure = z.infer<typeof schema>;

/** Links fail and come back, while a host at each leaf sends to one at the next. */
export const evpnFailure = { schema, problemsOf, perform };

function problemsOf({ topology, actions, params }: Failure): string[] {
  return [...evpnProblems(topology), ...missingActions(actions, [params.kind, 'repair'])];
}

function timeOf(actions: Failure['actions'], name: string): number {
  return Math.round((actions.find(({ op }) => op === name)?.t ?? 0) * SECOND_NS);
}

function perform({ params, topology, actions }: Failure): SimulatedFacts {
  const lab = new EvpnLab(topology, { isReflected: params.bgp === 'ibgp' });
  lab.fabric.start();
  lab.wait(SETTLE_NS);
  for (const vm of lab.hosts.keys()) lab.garp(vm);
  lab.wait(seconds(2));
  const full = stateOf(lab);
  lab.watch();
  const pairs = pairsOf(lab);
  const streams = new Streams(lab, { intervalMs: params.stream_interval_ms, pairs });
  streams.runUntil(lab.nowNs + BEFORE_NS);
  const failure = new FailureOf(lab, kindOf(params.kind)!);
  lab.setRouting({
    isSeenByLeaves: failure.where === 'spine',
    prunesDeadLinks: params.zebra_kernel_nexthop_groups !== false,
  });
  const beforeFail = lab.updates;
  const failNs = lab.nowNs;
  const changes = new LastChanges(lab);
  let lastRoutedNs: number | null = null;
  lab.fabric.onPathsChanged = () => {
    lastRoutedNs = lab.nowNs;
  };
  failure.begin();
  const repairNs = failNs + timeOf(actions, 'repair') - timeOf(actions, params.kind);
  while (lab.nowNs < repairNs) {
    streams.runUntil(Math.min(repairNs, lab.nowNs + MILLISECOND_NS));
    changes.look();
  }
  const routedNs = lastRoutedNs;
  const floodLists = Object.fromEntries(lab.leaves.map((leaf) => [leaf, lab.floodList(leaf)]));
  const updatesFail = lab.updates - beforeFail;
  failure.end();
  const repairedNs = streams.runFor(() => stateOf(lab) === full, REPAIR_PATIENCE_NS, MILLISECOND_NS);
  streams.runUntil(lab.nowNs + seconds(1));
  const repairUpdates = lab.updates - beforeFail - updatesFail;
  const untilNs = lab.nowNs;
  const byPair = <T>(factOf: (pair: number) => T) =>
    Object.fromEntries(pairs.map(({ name }, pair) => [name, factOf(pair)]));
  return {
    exact: {
      flood_list_after_fail: floodLists,
      ...(params.zebra_kernel_nexthop_groups !== undefined && {
        full_ecmp_and_flood_lists_restored: new PerRun(repairedNs !== null),
      }),
      ...(failure.where === 'one-uplink' && { target: new PerRun(lab.spines[0]) }),
    },
    ranges: {
      last_flood_del_ms: msSince(changes.floodNs, failNs),
      last_mac_del_ms: msSince(changes.macNs, failNs),
      last_route_change_ms: msSince(routedNs, failNs),
      updates_fail: updatesFail,
      updates_repair: repairUpdates,
      repair_s: repairedNs === null ? null : repairedNs / SECOND_NS,
      lost_per_pair_fail: byPair((pair) => streams.counts(failNs, repairNs, pair).lost),
      last_lost_ms_fail: byPair((pair) => msSince(streams.lastLostNs(failNs, repairNs, pair), failNs)),
      lost_per_pair_repair: byPair((pair) => streams.counts(repairNs, untilNs, pair).lost),
    },
  };
}

/** A failure of one kind in a laboratory. */
class FailureOf {
  readonly where: Kind['where'];
  readonly #lab: EvpnLab;
  readonly #what: Kind['what'];
  readonly #node: string;
  readonly #links: readonly string[];

  constructor(lab: EvpnLab, { what, where }: Kind) {
    this.where = where;
    this.#lab = lab;
    this.#what = what;
    if (where === 'spine') this.#node = lab.spines[0];
    else this.#node = where === 'leaf' ? lab.leaves[lab.leaves.length - 1] : lab.leaves[0];
    const links = lab.linksAt(this.#node);
    this.#links = where === 'one-uplink' ? links.slice(0, 1) : links;
  }

  begin(): void {
    if (this.#what === 'killed') this.#lab.killBgp(this.#node);
    else if (this.#what === 'frozen') this.#lab.freezeBgp(this.#node);
    else for (const link of this.#links) this.#lab.setLinkUp(link, false);
  }

  end(): void {
    if (this.#what !== 'links') this.#lab.resumeBgp(this.#node);
    else for (const link of this.#links) this.#lab.setLinkUp(link, true);
  }
}

/** Everything that a repair restores: flood lists, tables, and every path that BGP has. */
function stateOf(lab: EvpnLab): string {
  const paths = [...lab.leaves, ...lab.spines].map((name) => lab.pathCount(name));
  return JSON.stringify([paths, lab.leaves.map((leaf) => [lab.floodList(leaf), lab.macTable(leaf)])]);
}

/** From the first host of each leaf to that of the next, round about. */
function pairsOf(lab: EvpnLab) {
  return lab.leaves.map((leaf, index) => {
    const next = lab.leaves[(index + 1) % lab.leaves.length];
    const [from, to] = [leaf, next].map((one) => lab.vmOf(lab.hostsAt(one)[0]));
    return { from, to, name: `${leaf}->${next}` };
  });
}

function msSince(timeNs: number | null, sinceNs: number): number | null {
  return timeNs === null ? null : (timeNs - sinceNs) / MILLISECOND_NS;
}

/** When the leaves' flood lists and tables last lost an entry. */
class LastChanges {
  floodNs: number | null = null;
  macNs: number | null = null;
  readonly #lab: EvpnLab;
  #floods: number;
  #macs: number;

  constructor(lab: EvpnLab) {
    this.#lab = lab;
    this.#floods = this.#countFloods();
    this.#macs = this.#countMacs();
  }

  look(): void {
    const floods = this.#countFloods();
    const macs = this.#countMacs();
    if (floods < this.#floods) this.floodNs = this.#lab.nowNs;
    if (macs < this.#macs) this.macNs = this.#lab.nowNs;
    this.#floods = floods;
    this.#macs = macs;
  }

  #countFloods(): number {
    return this.#lab.leaves.reduce((sum, leaf) => sum + this.#lab.floodList(leaf).length, 0);
  }

  #countMacs(): number {
    return this.#lab.leaves.reduce((sum, leaf) => sum + Object.keys(this.#lab.macTable(leaf)).length, 0);
  }
}
