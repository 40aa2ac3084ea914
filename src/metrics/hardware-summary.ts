import { TIERS } from './column-values.ts';

/** How much of a limit one device uses, and what it had no room for. */
export interface HardwareUse {
  readonly owner: string;
  readonly tier: string;
  readonly resource: string;
  readonly used: number;
  readonly limit: number;
  readonly refused: readonly string[];
}

/** How much of one kind of limit the devices of a tier use at the end of a run. */
export interface HardwareSummary {
  tier: string;
  /** `host_entries`, `vtep_peers`, `vnis`, `mroutes`, `multicast_groups` or `stp_logical_ports`. */
  resource: string;
  devices: number;
  /** Most that one of them uses, and the least that one of them can. */
  usedMax: number;
  limit: number;
  /** Devices that use more than they can: only what is counted without being enforced. */
  overLimit: number;
  /** What there was no room for, over all devices, and the first of it by name. */
  refused: number;
  refusedNames: string[];
}

/** More names than these tell nobody more. */
const REFUSED_NAMES_MAX = 10;

/** One summary for each limit of each tier that the hardware sets. */
export function summarizeHardware(uses: readonly HardwareUse[]): HardwareSummary[] {
  const resources = [...new Set(uses.map(({ resource }) => resource))];
  return Object.keys(TIERS).flatMap((tier) =>
    resources.flatMap((resource) => {
      const group = uses.filter((use) => use.tier === tier && use.resource === resource);
      if (group.length === 0) return [];
      const names = group.flatMap(({ owner, refused }) => refused.map((name) => `${owner}: ${name}`));
      return [
        {
          tier,
          resource,
          devices: group.length,
          usedMax: group.reduce((most, { used }) => Math.max(most, used), 0),
          limit: group.reduce((least, { limit }) => Math.min(least, limit), Number.POSITIVE_INFINITY),
          overLimit: group.filter(({ used, limit }) => used > limit).length,
          refused: names.length,
          refusedNames: names.slice(0, REFUSED_NAMES_MAX),
        },
      ];
    }),
  );
}
