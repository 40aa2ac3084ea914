import type { RandomStreams } from '../engine/random.ts';
import type { DatacenterPlan } from '../fabric/plan.ts';
import { drawFailures, type PlannedFailure } from '../workload/failures.ts';
import type { Failure, FailureKind } from './scenario.ts';

/** A server's first link, or its second, to a leaf. */
export interface ServerLink {
  /** As for a link between switches: `leaf1-server1`. */
  readonly id: string;
  readonly server: number;
  readonly which: 0 | 1;
}

/** The links of servers, which failures number behind those between switches. */
export function serverLinksOf({ switches, servers }: Pick<DatacenterPlan, 'switches' | 'servers'>): ServerLink[] {
  return servers.flatMap(({ id, switchIndex, secondSwitchIndex }, server) =>
    [switchIndex, secondSwitchIndex].flatMap((at, which) =>
      at === null
        ? []
        : [{ id: `${switches[at]!.id}-${id}`, server, which: which === 0 ? (0 as const) : (1 as const) }],
    ),
  );
}

/**
 * All failures of a run: those named, and those drawn, each entry of the list from a stream of its own. A fabric is spared
 * the failure of a link that only others have; what is drawn is the same in all, so from the first `linkCount` links, which
 * are those of the topology.
 */
export function planFailures(
  failures: readonly Failure[],
  { plan: { switches, links, servers }, linkCount }: { plan: DatacenterPlan; linkCount: number },
  streams: RandomStreams,
): PlannedFailure[] {
  const indicesOf = (things: readonly { readonly id: string }[]) =>
    new Map(things.map(({ id }, index) => [id, index] as const));
  const switchIndices = indicesOf(switches);
  const indices: Record<FailureKind, ReadonlyMap<string, number>> = {
    link: indicesOf([...links, ...serverLinksOf({ switches, servers })]),
    switch: switchIndices,
    server: indicesOf(servers),
    rack: switchIndices,
  };
  const racks = [...new Set(servers.map(({ switchIndex }) => switchIndex))].sort((one, other) => one - other);
  return failures.flatMap((failure, number) => {
    if (failure.kind !== 'random') {
      const { kind, id, atNs, restoreAfterNs } = failure;
      const restoreNs = restoreAfterNs === null ? null : atNs + restoreAfterNs;
      const index = indices[kind].get(id);
      return index === undefined ? [] : [{ kind, index, failNs: atNs, restoreNs }];
    }
    const { what, count, meanTimeBetweenNs, startNs, endNs, restoreAfterNs, repair } = failure;
    const all = what === 'rack' ? racks : [...indices[what].values()];
    const candidates = what === 'link' ? all.slice(0, linkCount) : all;
    return drawFailures(
      { kind: what, candidates, count, meanTimeBetweenNs, startNs, endNs, repairNs: restoreAfterNs, repair },
      streams.stream(`failures ${number + 1}`),
    );
  });
}
