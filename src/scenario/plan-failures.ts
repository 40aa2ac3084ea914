import type { RandomStreams } from '../engine/random.ts';
import type { DatacenterPlan } from '../fabric/plan.ts';
import { drawFailures, type PlannedFailure } from '../workload/failures.ts';
import type { Failure, FailureKind } from './scenario.ts';

/** All failures of a run: those named, and those drawn, each entry of the list from a stream of its own. */
export function planFailures(
  failures: readonly Failure[],
  { switches, links, servers }: DatacenterPlan,
  streams: RandomStreams,
): PlannedFailure[] {
  const indicesOf = (things: readonly { readonly id: string }[]) =>
    new Map(things.map(({ id }, index) => [id, index] as const));
  const switchIndices = indicesOf(switches);
  const indices: Record<FailureKind, ReadonlyMap<string, number>> = {
    link: indicesOf(links),
    switch: switchIndices,
    server: indicesOf(servers),
    rack: switchIndices,
  };
  const racks = [...new Set(servers.map(({ switchIndex }) => switchIndex))].sort((one, other) => one - other);
  return failures.flatMap((failure, number) => {
    if (failure.kind !== 'random') {
      const { kind, id, atNs, restoreAfterNs } = failure;
      const restoreNs = restoreAfterNs === null ? null : atNs + restoreAfterNs;
      return [{ kind, index: indices[kind].get(id)!, failNs: atNs, restoreNs }];
    }
    const { what, count, meanTimeBetweenNs, startNs, endNs, restoreAfterNs, repair } = failure;
    const candidates = what === 'rack' ? racks : [...indices[what].values()];
    return drawFailures(
      { kind: what, candidates, count, meanTimeBetweenNs, startNs, endNs, repairNs: restoreAfterNs, repair },
      streams.stream(`failures ${number + 1}`),
    );
  });
}
