/**
 * How high each tier of switches is: paths lead up, across and down. Border switches join sites and are above what they
 * join, whatever place they have in a rack.
 */
export const TIER_LEVELS = {
  leaf: 0,
  access: 0,
  edge: 0,
  spine: 1,
  aggregation: 1,
  'super-spine': 2,
  core: 2,
  border: 2,
} as const;

export type SwitchTier = keyof typeof TIER_LEVELS;

/** Indices of the switches of the highest tier, borders aside. */
export function highestSwitches(switches: readonly { readonly tier: SwitchTier }[]): number[] {
  const inside = [...switches.keys()].filter((index) => switches[index].tier !== 'border');
  const top = inside.reduce((most, index) => Math.max(most, TIER_LEVELS[switches[index].tier]), 0);
  return inside.filter((index) => TIER_LEVELS[switches[index].tier] === top);
}
