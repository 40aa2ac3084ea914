import type { BridgeId } from '../../wire/bpdu.ts';

/**
 * What makes one message about a tree better than another, in the order in which it counts. IEEE 802.1Q-2018, 13.10 and
 * 13.11: for an instance, and in a bridge that knows no regions, the first or the middle components are equal in all.
 */
export interface TreeVector {
  readonly rootId: BridgeId;
  readonly externalRootPathCost: number;
  readonly regionalRootId: BridgeId;
  readonly internalRootPathCost: number;
  /** The designated bridge and port. */
  readonly bridgeId: BridgeId;
  readonly portId: number;
}

/** Below 0 if `a` is better than `b`, 0 if they are the same. */
export function compareVectors(a: TreeVector, b: TreeVector): number {
  if (a === b) return 0;
  if (a.rootId !== b.rootId) return a.rootId < b.rootId ? -1 : 1;
  if (a.externalRootPathCost !== b.externalRootPathCost) return a.externalRootPathCost - b.externalRootPathCost;
  if (a.regionalRootId !== b.regionalRootId) return a.regionalRootId < b.regionalRootId ? -1 : 1;
  if (a.internalRootPathCost !== b.internalRootPathCost) return a.internalRootPathCost - b.internalRootPathCost;
  if (a.bridgeId !== b.bridgeId) return a.bridgeId < b.bridgeId ? -1 : 1;
  return a.portId - b.portId;
}

/** The times that travel with a vector, and the hops that are left to it in a region. IEEE 802.1Q-2018, 13.26 (rootTimes). */
export interface TreeTimes {
  readonly messageAgeNs: number;
  readonly maxAgeNs: number;
  readonly helloTimeNs: number;
  readonly forwardDelayNs: number;
  readonly remainingHops: number;
}

export function areSameTimes(a: TreeTimes, b: TreeTimes): boolean {
  return (
    a === b ||
    (a.messageAgeNs === b.messageAgeNs &&
      a.maxAgeNs === b.maxAgeNs &&
      a.helloTimeNs === b.helloTimeNs &&
      a.forwardDelayNs === b.forwardDelayNs &&
      a.remainingHops === b.remainingHops)
  );
}
