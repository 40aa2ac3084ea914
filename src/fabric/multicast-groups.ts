import type { Devices } from '../device/devices.ts';
import { BIDIRECTIONAL, type MulticastProtocol } from '../device/multicast-protocol.ts';
import { GROUP_IP_FIRST } from './addressing.ts';
import type { DatacenterPlan, PlannedSwitch } from './plan.ts';
import { highestSwitches } from './switch-tiers.ts';

/** How segments are flooded to groups of the underlay. */
export interface MulticastSettings extends MulticastProtocol {
  /** Groups that the segments share; null is one for each segment. */
  readonly groupCount: number | null;
  /** Which segments share one: in turn, or all of a tenant, and the tenants in turn. */
  readonly groupBy: 'vni' | 'tenant';
  /** The switch that is the rendezvous point of all groups; null: those of the highest tier in turn. */
  readonly rendezvousPoint: string | null;
}

/** One group for each segment, in trees that are used in both directions. */
export const GROUP_PER_SEGMENT: MulticastSettings = {
  ...BIDIRECTIONAL,
  groupCount: null,
  groupBy: 'vni',
  rendezvousPoint: null,
};

/**
 * Adds the groups that the segments of a plan are flooded to, and returns the group of each segment.
 *
 * Rendezvous points stand in for one another while one is cut off, as operators arrange it: a phantom RP for BIDIR-PIM, an
 * anycast RP (RFC 4610) for PIM-SM.
 */
export function addMulticastGroups(
  { underlay }: Devices,
  { switches, segments }: DatacenterPlan,
  switchNodes: readonly number[],
  settings: MulticastSettings,
): number[] {
  underlay.multicast.use(settings);
  const { groupCount, groupBy } = settings;
  const roots = rendezvousPoints(switches, settings.rendezvousPoint).map((index) => switchNodes[index]);
  const inUse = settings.rendezvousPoint === null ? roots.length : 1;
  const groups = new Map<number, number>();
  return segments.map(({ tenant }, segment) => {
    const key = groupBy === 'tenant' ? tenant : segment;
    const number = groupCount === null ? key : key % groupCount;
    let group = groups.get(number);
    if (group === undefined) {
      const first = groups.size % inUse;
      const backups = roots.map((_, i) => roots[(first + i) % roots.length]).slice(1);
      group = underlay.addGroup(GROUP_IP_FIRST + groups.size, roots[first], backups);
      groups.set(number, group);
    }
    return group;
  });
}

/** Indices of the switches of the highest tier, borders aside; the one that is named comes before them. */
function rendezvousPoints(switches: readonly PlannedSwitch[], named: string | null): number[] {
  const highest = highestSwitches(switches);
  if (named === null) return highest;
  const first = switches.findIndex(({ id }) => id === named);
  return [first, ...highest.filter((index) => index !== first)];
}
