import * as z from 'zod';
import { percentile } from '../../metrics/nearest-rank.ts';
import { seconds } from '../../units.ts';
import { MILLISECOND_NS, SECOND_NS } from '../test-frame.ts';
import { EvpnLab } from './evpn-lab.ts';
import { evpnProblems, evpnSchema } from './evpn-observation.ts';
import { flag } from './observation-schema.ts';
import { RouteCounts } from './route-counts.ts';
import type { SimulatedFacts } from './simulated-facts.ts';

/** Longer than any bring-up takes. */
const BRING_UP_NS = seconds(30);

/** Between the flood lists and the first GARP, and between GARPs. */
const QUIET_NS = seconds(4);
const SPACING_NS = seconds(1);

const schema = evpnSchema('evpn_bringup', {
  params: { mode: z.enum(['ebgp', 'ibgp']), neigh_suppress: flag.default(true), arp_accept_on_svi: flag.default(true) },
  action: {},
});

type BringUp = z.infer<typeof schema>;

/** EVPN comes up: all links at once; then each host says in turn who it is. */
export const evpnBringup = { schema, problemsOf, perform };

function problemsOf({ topology }: BringUp): string[] {
  return evpnProblems(topology);
}

function perform({ params, topology }: BringUp): SimulatedFacts {
  const lab = new EvpnLab(topology, {
    isReflected: params.mode === 'ibgp',
    learnsIpAddresses: params.arp_accept_on_svi,
    suppressesArp: params.neigh_suppress,
  });
  lab.fabric.start();
  const others = lab.leaves.length - 1;
  const isComplete = () => lab.leaves.every((leaf) => lab.floodList(leaf).length === others);
  const completeNs = lab.waitFor(isComplete, BRING_UP_NS);
  lab.wait(QUIET_NS);
  const bringUpUpdates = lab.updates;
  const updates = new Set<number>();
  const routes = new Set<number>();
  const copies = new Set<number>();
  const latenciesMs: number[] = [];
  for (const vm of lab.hosts.keys()) {
    const before = lab.updates;
    const counts = new RouteCounts(lab);
    lab.watch();
    lab.garp(vm);
    const startNs = lab.nowNs;
    latenciesMs.push(...remoteLatencies(lab, vm).map((atNs) => (atNs - startNs) / MILLISECOND_NS));
    lab.waitUntil(startNs + SPACING_NS);
    updates.add(lab.updates - before);
    routes.add(counts.announced());
    copies.add(lab.seen.filter(({ isVxlan, from }) => isVxlan && lab.leaves.includes(from)).length);
  }
  return {
    exact: {
      flood_list: Object.fromEntries(lab.leaves.map((leaf) => [leaf, lab.floodList(leaf)])),
      mac_table: Object.fromEntries(lab.leaves.map((leaf) => [leaf, lab.macTable(leaf)])),
      evpn_table_sizes: Object.fromEntries([...lab.leaves, ...lab.spines].map((name) => [name, lab.tableSizes(name)])),
      updates_per_new_mac_ip: [...updates],
      nlri_t2_per_new_mac_ip: [...routes],
      vxlan_copies_of_garp: [...copies],
    },
    ranges: {
      flood_list_complete_s: completeNs === null ? null : completeNs / SECOND_NS,
      bringup_updates_total: bringUpUpdates,
      garp_to_remote_fdb_ms: percentile(latenciesMs, 50),
    },
  };
}

/** When each remote leaf knows where a VM is, waiting until the last does. */
function remoteLatencies(lab: EvpnLab, vm: number): number[] {
  const address = lab.addressOf(vm);
  const known = new Map<string, number>();
  const isKnown = () => {
    for (const leaf of lab.leaves) {
      const place = lab.placeOf(leaf, address);
      if (place?.[0] === 'vtep' && !known.has(leaf)) known.set(leaf, lab.nowNs);
    }
    return known.size === lab.leaves.length - 1;
  };
  lab.waitFor(isKnown, SPACING_NS);
  return [...known.values()];
}
