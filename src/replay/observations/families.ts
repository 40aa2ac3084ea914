import type { z } from 'zod';
import { bumHer } from './bum-her.ts';
import { evpnAgeing } from './evpn-ageing.ts';
import { evpnArpSuppression } from './evpn-arp-suppression.ts';
import { evpnBringup } from './evpn-bringup.ts';
import { evpnFailure } from './evpn-failure.ts';
import { evpnIrb } from './evpn-irb.ts';
import { evpnMass } from './evpn-mass.ts';
import { evpnMobility } from './evpn-mobility.ts';
import { evpnRace } from './evpn-race.ts';
import { evpnSticky } from './evpn-sticky.ts';
import { mcastFlat } from './mcast-flat.ts';
import { mcastPim } from './mcast-pim.ts';
import { ovsMacAging } from './ovs-mac-aging.ts';
import { ovsMacOverflow } from './ovs-mac-overflow.ts';
import { ovsStp } from './ovs-stp.ts';
import { ovsVlan } from './ovs-vlan.ts';
import type { SimulatedFacts } from './simulated-facts.ts';

/** How the observations of one experiment are read and performed. */
export interface Family {
  readonly schema: z.ZodType;
  /** What the schema cannot say. */
  problemsOf(observation: never): string[];
  perform(observation: never): SimulatedFacts;
}

/** The experiments that can be performed, by name. */
export const FAMILIES: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['ovs_vlan', ovsVlan],
  ['ovs_mac_overflow', ovsMacOverflow],
  ['ovs_mac_aging', ovsMacAging],
  ['ovs_stp', ovsStp],
  ['evpn_irb', evpnIrb],
  ['mcast_flat', mcastFlat],
  ['mcast_pim', mcastPim],
  ['bum_her', bumHer],
  ['evpn_bringup', evpnBringup],
  ['evpn_arp_suppression', evpnArpSuppression],
  ['evpn_mobility', evpnMobility],
  ['evpn_mass', evpnMass],
  ['evpn_ageing', evpnAgeing],
  ['evpn_failure', evpnFailure],
  ['evpn_race', evpnRace],
  ['evpn_sticky', evpnSticky],
]);
