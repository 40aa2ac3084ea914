import type { BridgeId } from '../../wire/bpdu.ts';
import type { TreePort } from './tree-port.ts';
import type { TreeTimes, TreeVector } from './tree-vector.ts';

/** What a bridge keeps for one tree: the only one, the CIST, or an instance. IEEE 802.1Q-2018, 13.26. */
export class Tree {
  readonly index: number;
  /** 0 for the only tree or the CIST. */
  readonly mstid: number;
  /** Indexed by port. */
  readonly ports: TreePort[] = [];
  bridgeId: BridgeId;
  /** What the bridge would say as the root. */
  bridgePriority: TreeVector;
  readonly bridgeTimes: TreeTimes;
  rootPriority: TreeVector;
  rootTimes: TreeTimes;
  rootPort: TreePort | null = null;

  constructor(index: number, mstid: number, bridgeId: BridgeId, bridgeTimes: TreeTimes) {
    this.index = index;
    this.mstid = mstid;
    this.bridgeId = bridgeId;
    this.bridgePriority = vectorOfRoot(mstid, bridgeId);
    this.rootPriority = this.bridgePriority;
    this.bridgeTimes = bridgeTimes;
    this.rootTimes = bridgeTimes;
  }

  get isCist(): boolean {
    return this.mstid === 0;
  }

  setBridgeId(bridgeId: BridgeId): void {
    this.bridgeId = bridgeId;
    this.bridgePriority = vectorOfRoot(this.mstid, bridgeId);
  }
}

/** The bridge priority vector. IEEE 802.1Q-2018, 13.10 and 13.11; instances have no root but the regional one. */
function vectorOfRoot(mstid: number, bridgeId: BridgeId): TreeVector {
  return {
    rootId: mstid === 0 ? bridgeId : 0n,
    externalRootPathCost: 0,
    regionalRootId: bridgeId,
    internalRootPathCost: 0,
    bridgeId,
    portId: 0,
  };
}
