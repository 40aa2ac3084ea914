import { type CrossCheck, unknownName } from './cross-check.ts';
import { hardwareProfileNames } from './hardware-profiles.ts';
import type { TopologyNodes } from './topology-nodes.ts';

/** What `hardware` asks of the topology and of the profiles that there are. */
export const hardwareChecks: readonly CrossCheck[] = [
  {
    reads: ['hardware'],
    check({ hardware }, report) {
      for (const [tier, profile] of Object.entries(hardware)) {
        if (typeof profile !== 'string') continue;
        const names = hardwareProfileNames();
        if (names.includes(profile)) continue;
        report(['hardware', tier], unknownName('hardware profile', profile, names));
      }
    },
  },
  {
    reads: ['hardware', 'topology'],
    check({ hardware }, report, nodes) {
      const given = Object.keys(hardware);
      if (given.length === 0) return;
      const tiers = tiersOf(nodes());
      for (const tier of given) {
        if (!tiers.includes(tier)) report(['hardware', tier], unknownName('tier of this topology', tier, tiers));
      }
    },
  },
];

/** The tiers whose tables hardware can limit: those of the switches, and servers and the gateway as VTEPs. */
function tiersOf({ switches }: TopologyNodes): string[] {
  return [...new Set<string>(switches.map(({ tier }) => tier)), 'server', 'gateway'];
}
