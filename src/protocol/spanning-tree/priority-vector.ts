import type { BridgeId, PriorityVector } from '../../wire/bpdu.ts';

/** What an election has to know of a port. */
export interface Candidate {
  readonly portId: number;
  readonly pathCost: number;
  /** The best message heard or sent on the port's segment. */
  readonly designated: Readonly<PriorityVector>;
}

/** Whether the port is the designated port of its segment: the segment's best message is its own. IEEE 802.1D-1998, 8.5.5. */
export function isDesignatedPort(port: Candidate, bridgeId: BridgeId): boolean {
  return port.designated.portId === port.portId && port.designated.bridgeId === bridgeId;
}

/** Whether two messages say the same of the tree. */
export function isSameVector(one: Readonly<PriorityVector>, other: Readonly<PriorityVector>): boolean {
  return (
    one.portId === other.portId &&
    one.rootPathCost === other.rootPathCost &&
    one.bridgeId === other.bridgeId &&
    one.rootId === other.rootId
  );
}

/**
 * Whether a received message replaces what the port knows: if it is better, or is the same designated bridge's word
 * again. A bridge that hears itself takes the lower port for the better. IEEE 802.1D-1998, 8.6.2.2.
 */
export function supersedes(received: Readonly<PriorityVector>, port: Candidate, bridgeId: BridgeId): boolean {
  const known = port.designated;
  if (received.rootId !== known.rootId) return received.rootId < known.rootId;
  if (received.rootPathCost !== known.rootPathCost) return received.rootPathCost < known.rootPathCost;
  if (received.bridgeId !== known.bridgeId) return received.bridgeId < known.bridgeId;
  return received.bridgeId !== bridgeId || received.portId <= known.portId;
}

/** Whether `port` leads to a root better than the bridge itself, and better than `best` does. IEEE 802.1D-1998, 8.6.8. */
export function isBetterRootPort(port: Candidate, best: Candidate | null, bridgeId: BridgeId): boolean {
  const offer = port.designated;
  if (isDesignatedPort(port, bridgeId) || bridgeId <= offer.rootId) return false;
  if (best === null) return true;
  const other = best.designated;
  if (offer.rootId !== other.rootId) return offer.rootId < other.rootId;
  const costDifference = offer.rootPathCost + port.pathCost - (other.rootPathCost + best.pathCost);
  if (costDifference !== 0) return costDifference < 0;
  if (offer.bridgeId !== other.bridgeId) return offer.bridgeId < other.bridgeId;
  if (offer.portId !== other.portId) return offer.portId < other.portId;
  return port.portId < best.portId;
}

/**
 * Whether the port should be designated on its segment, given what its bridge would say there (whose `portId` is not
 * looked at). Information about another root is out of date and gives way. IEEE 802.1D-1998, 8.6.9.
 */
export function shouldBecomeDesignated(port: Candidate, own: Readonly<PriorityVector>): boolean {
  const known = port.designated;
  if (isDesignatedPort(port, own.bridgeId) || known.rootId !== own.rootId) return true;
  if (own.rootPathCost !== known.rootPathCost) return own.rootPathCost < known.rootPathCost;
  if (own.bridgeId !== known.bridgeId) return own.bridgeId < known.bridgeId;
  return port.portId < known.portId;
}
