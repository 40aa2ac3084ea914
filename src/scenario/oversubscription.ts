import { type SwitchTier, TIER_LEVELS } from '../fabric/switch-tiers.ts';
import type { TopologyNodes } from './topology-nodes.ts';

/** How much more a tier's switches can take in from below than they can send up. */
export interface Oversubscription {
  readonly tier: SwitchTier;
  /** Rates of links down to rates of links up; of the switch where this is most. Below 1 nothing can be too much. */
  readonly ratio: number;
}

/** Of every tier that has links up, from the servers up. Links within a level count neither way, standby links do. */
export function oversubscriptionOf({ switches, servers, links }: TopologyNodes): Oversubscription[] {
  const tierOf = new Map(switches.map(({ id, tier }) => [id, tier]));
  const downBitsPerSec = new Map<string, number>();
  const upBitsPerSec = new Map<string, number>();
  const add = (sums: Map<string, number>, id: string, rate: number) => sums.set(id, (sums.get(id) ?? 0) + rate);
  for (const { at, secondAt, rateBitsPerSec } of servers) {
    add(downBitsPerSec, at, rateBitsPerSec);
    if (secondAt !== null) add(downBitsPerSec, secondAt, rateBitsPerSec);
  }
  const levelOf = (id: string) => TIER_LEVELS[tierOf.get(id)!];
  for (const { a, b, rateBitsPerSec } of links) {
    if (levelOf(a) === levelOf(b)) continue;
    const [lower, upper] = levelOf(a) < levelOf(b) ? [a, b] : [b, a];
    add(upBitsPerSec, lower, rateBitsPerSec);
    add(downBitsPerSec, upper, rateBitsPerSec);
  }
  const ratioOf = new Map<SwitchTier, number>();
  for (const [id, up] of upBitsPerSec) {
    const tier = tierOf.get(id)!;
    ratioOf.set(tier, Math.max(ratioOf.get(tier) ?? 0, (downBitsPerSec.get(id) ?? 0) / up));
  }
  return (Object.keys(TIER_LEVELS) as SwitchTier[])
    .filter((tier) => ratioOf.has(tier))
    .map((tier) => ({ tier, ratio: ratioOf.get(tier)! }));
}
