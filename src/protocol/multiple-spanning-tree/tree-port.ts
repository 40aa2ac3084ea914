import type { BridgeId, MstiMessage } from '../../wire/bpdu.ts';
import { PortState } from '../spanning-tree/port-states.ts';
import type { TreeTimes, TreeVector } from './tree-vector.ts';

/** What a port is to one tree. IEEE 802.1Q-2018, 13.12: `master` leads an instance out of its region. */
export type TreePortRole = 'root' | 'designated' | 'alternate' | 'backup' | 'master' | 'disabled';

/** Whose a port's information is. IEEE 802.1Q-2018, 13.27 (infoIs). */
export type InformationSource = 'disabled' | 'aged' | 'mine' | 'received';

/** A timer that does not run out: the standard sets it anew whenever it has run. */
export const HELD = Number.POSITIVE_INFINITY;

/** A timer that has run out. */
export const EXPIRED = Number.NEGATIVE_INFINITY;

/** What a port keeps for all trees. IEEE 802.1Q-2018, 13.27. Timers are the instants at which they run out. */
export class RapidPort {
  readonly index: number;
  /** Indexed by tree. */
  readonly trees: TreePort[] = [];
  externalPathCost: number;
  /** Carrier, in a bridge that runs, and not shut by a guard. */
  isEnabled = false;
  hasCarrier = false;
  /** Whether the only thing at the other end is one bridge, so that it can agree. IEEE 802.1D-2004, 6.4.3. */
  isPointToPoint = true;
  adminEdge: boolean;
  autoEdge: boolean;
  /** A BPDU at a port that ought to be an edge shuts it. */
  bpduGuard: boolean;
  isShutByGuard = false;
  /** Never becomes the root port: root guard. IEEE 802.1Q-2018, 13.27 (restrictedRole). */
  restrictedRole: boolean;
  /** Does not spread topology changes that it hears of. IEEE 802.1Q-2018, 13.27 (restrictedTcn). */
  restrictedTcn: boolean;

  operEdge = false;
  edgeDelayWhileNs = HELD;
  /** IEEE 802.1D-2004, 17.24. */
  migration: 'checking' | 'selecting' | 'sensing' = 'checking';
  mdelayWhileNs = HELD;
  sendRstp = true;
  rcvdRstp = false;
  rcvdStp = false;
  /** Whether the last message, and the information kept, came from the bridge's own region. */
  rcvdInternal = false;
  infoInternal = false;
  rcvdTcn = false;
  rcvdTcAck = false;
  tcAck = false;
  newInfo = false;
  helloWhenNs = HELD;
  txCount = 0;
  /** When the transmit count was last one less, by the second. */
  txCountSinceNs = 0;

  constructor(
    index: number,
    options: {
      pathCost: number;
      adminEdge: boolean;
      autoEdge: boolean;
      bpduGuard: boolean;
      rootGuard: boolean;
      restrictedTcn: boolean;
    },
  ) {
    this.index = index;
    this.externalPathCost = options.pathCost;
    this.adminEdge = options.adminEdge;
    this.autoEdge = options.autoEdge;
    this.bpduGuard = options.bpduGuard;
    this.restrictedRole = options.rootGuard;
    this.restrictedTcn = options.restrictedTcn;
    this.operEdge = options.adminEdge;
  }

  /** What it keeps for the only tree, or the CIST. */
  get cist(): TreePort {
    return this.trees[0];
  }
}

/** What a port keeps for one tree. IEEE 802.1Q-2018, 13.27. */
export class TreePort {
  readonly port: RapidPort;
  readonly tree: Tree;
  portId: number;
  internalPathCost: number;

  infoIs: InformationSource = 'disabled';
  role: TreePortRole = 'disabled';
  selectedRole: TreePortRole = 'disabled';
  selected = false;
  reselect = true;
  updtInfo = false;

  /** Learning and forwarding follow at once what is asked for, so that one pair of variables stands for both. */
  learn = false;
  forward = false;
  proposing = false;
  proposed = false;
  agree = false;
  agreed = false;
  sync = true;
  synced = false;
  reRoot = true;
  disputed = false;

  topologyChange: 'inactive' | 'learning' | 'active' = 'inactive';
  rcvdTc = false;
  tcProp = false;

  fdWhileNs = HELD;
  rrWhileNs = EXPIRED;
  rbWhileNs = EXPIRED;
  tcWhileNs = EXPIRED;
  rcvdInfoWhileNs = EXPIRED;

  portPriority: TreeVector;
  portTimes: TreeTimes;
  designatedPriority: TreeVector;
  designatedTimes: TreeTimes;
  /** What the last message said of this tree, if it is an instance. */
  message: MstiMessage | null = null;

  constructor(port: RapidPort, tree: Tree, options: { portId: number; pathCost: number }) {
    this.port = port;
    this.tree = tree;
    this.portId = options.portId;
    this.internalPathCost = options.pathCost;
    this.designatedPriority = { ...tree.bridgePriority, portId: options.portId };
    this.portPriority = this.designatedPriority;
    this.designatedTimes = tree.bridgeTimes;
    this.portTimes = tree.bridgeTimes;
  }

  /** Whether frames leave or arrive here that change what is reached where. */
  get isActive(): boolean {
    return this.role === 'root' || this.role === 'designated' || this.role === 'master';
  }

  get state(): PortState {
    if (!this.port.isEnabled) return PortState.disabled;
    if (this.forward) return PortState.forwarding;
    return this.learn ? PortState.learning : PortState.blocking;
  }
}

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
