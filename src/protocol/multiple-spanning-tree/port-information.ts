import type { ConfigBpdu, TreeFlags } from '../../wire/bpdu.ts';
import { MESSAGE_AGE_INCREMENT_NS } from './parameters.ts';
import type { RapidBridge } from './rapid-bridge.ts';
import { EXPIRED, type TreePort } from './tree-port.ts';
import { areSameTimes, compareVectors, type TreeTimes, type TreeVector } from './tree-vector.ts';

/** Port numbers are the low bits of a port identifier. */
const PORT_NUMBER_MASK = 0x3ff;
const MAC_MASK = 0xffff_ffff_ffffn;

/** What a message says of one tree. */
export interface TreeMessage {
  readonly vector: TreeVector;
  readonly times: TreeTimes;
  /** Null of a configuration BPDU, which always speaks for a designated port. */
  readonly flags: TreeFlags | null;
}

/** What a message says of the CIST, or of the only tree. IEEE 802.1Q-2018, 13.29 (rcvMsgs). */
export function cistMessageOf(bpdu: Readonly<ConfigBpdu>, maxHops: number): TreeMessage {
  const mst = bpdu.rapid?.mst ?? null;
  const vector = {
    rootId: bpdu.rootId,
    externalRootPathCost: bpdu.rootPathCost,
    regionalRootId: bpdu.bridgeId,
    internalRootPathCost: mst?.internalRootPathCost ?? 0,
    bridgeId: mst?.bridgeId ?? bpdu.bridgeId,
    portId: bpdu.portId,
  };
  const { messageAgeNs, maxAgeNs, helloTimeNs, forwardDelayNs } = bpdu;
  const times = { messageAgeNs, maxAgeNs, helloTimeNs, forwardDelayNs, remainingHops: mst?.remainingHops ?? maxHops };
  return { vector, times, flags: bpdu.rapid?.flags ?? null };
}

/** What a message from the bridge's own region says of an instance. */
export function instanceMessageOf(treePort: TreePort): TreeMessage | null {
  const { message, tree } = treePort;
  if (message === null) return null;
  const vector = {
    rootId: 0n,
    externalRootPathCost: 0,
    regionalRootId: message.regionalRootId,
    internalRootPathCost: message.internalRootPathCost,
    bridgeId: message.bridgeId,
    portId: message.portId,
  };
  return { vector, times: { ...tree.bridgeTimes, remainingHops: message.remainingHops }, flags: message.flags };
}

type Received = 'superior' | 'repeated' | 'inferior' | 'not designated' | 'other';

/** IEEE 802.1Q-2018, 13.29 (rcvInfo). */
function classify(treePort: TreePort, { vector, times, flags }: TreeMessage): Received {
  const { portPriority } = treePort;
  const difference = compareVectors(vector, portPriority);
  if (flags !== null && flags.role !== 'designated') return difference < 0 ? 'other' : 'not designated';
  if (difference < 0) return 'superior';
  if (difference === 0) {
    return areSameTimes(times, treePort.portTimes) && treePort.infoIs === 'received' ? 'repeated' : 'superior';
  }
  // the designated port itself has something worse to say: believe it
  const isSamePort =
    (vector.bridgeId & MAC_MASK) === (portPriority.bridgeId & MAC_MASK) &&
    (vector.portId & PORT_NUMBER_MASK) === (portPriority.portId & PORT_NUMBER_MASK);
  return isSamePort ? 'superior' : 'inferior';
}

/** Takes in a message. Returns whether anything changed that other ports look at. IEEE 802.1Q-2018, 13.35. */
export function receiveMessage(
  bridge: RapidBridge,
  treePort: TreePort,
  message: TreeMessage,
  bpdu: Readonly<ConfigBpdu>,
): boolean {
  const { flags } = message;
  const topologyChange = flags?.topologyChange ?? bpdu.topologyChange;
  switch (classify(treePort, message)) {
    case 'superior':
      treePort.port.infoInternal = treePort.port.rcvdInternal;
      treePort.agreed = false;
      treePort.proposing = false;
      recordProposal(treePort, flags);
      recordTopologyChange(treePort, topologyChange);
      treePort.agree =
        treePort.agree && treePort.infoIs === 'received' && compareVectors(message.vector, treePort.portPriority) <= 0;
      if (bridge.profile.hearsDesignated) {
        recordAgreement(treePort, flags, bpdu);
        treePort.synced = treePort.synced && treePort.agreed;
      }
      treePort.portPriority = message.vector;
      treePort.portTimes = message.times;
      keepInformation(bridge, treePort);
      treePort.infoIs = 'received';
      treePort.reselect = true;
      treePort.selected = false;
      return true;
    case 'repeated': {
      const before = treePort.agreed;
      treePort.port.infoInternal = treePort.port.rcvdInternal;
      recordProposal(treePort, flags);
      recordTopologyChange(treePort, topologyChange);
      if (bridge.profile.hearsDesignated) recordAgreement(treePort, flags, bpdu);
      keepInformation(bridge, treePort);
      return treePort.agreed !== before || treePort.proposed;
    }
    case 'inferior':
      return recordDispute(bridge, treePort, flags);
    case 'not designated': {
      const before = treePort.agreed;
      recordAgreement(treePort, flags, bpdu);
      recordTopologyChange(treePort, topologyChange);
      return treePort.agreed !== before;
    }
    default:
      return false;
  }
}

/** What a message from outside the region says of the CIST holds for the instances too. */
function forInstances(treePort: TreePort, act: (instance: TreePort) => void): void {
  const { port, tree } = treePort;
  if (!tree.isCist || port.rcvdInternal) return;
  for (let i = 1; i < port.trees.length; i++) act(port.trees[i]);
}

/** IEEE 802.1Q-2018, 13.29 (recordProposal). */
function recordProposal(treePort: TreePort, flags: TreeFlags | null): void {
  if (flags?.proposal !== true) return;
  treePort.proposed = true;
  forInstances(treePort, (instance) => {
    instance.proposed = true;
  });
}

/** IEEE 802.1Q-2018, 13.29 (setTcFlags). */
function recordTopologyChange(treePort: TreePort, topologyChange: boolean): void {
  if (!topologyChange) return;
  treePort.rcvdTc = true;
  forInstances(treePort, (instance) => {
    instance.rcvdTc = true;
  });
}

/** IEEE 802.1Q-2018, 13.29 (recordAgreement). An instance's counts only where both bridges see the same CIST. */
function recordAgreement(treePort: TreePort, flags: TreeFlags | null, bpdu: Readonly<ConfigBpdu>): void {
  const { port, tree } = treePort;
  let agreed = port.isPointToPoint && flags?.agreement === true;
  if (!tree.isCist) {
    const { rootId, externalRootPathCost, regionalRootId } = port.cist.portPriority;
    agreed &&= bpdu.rootId === rootId && bpdu.rootPathCost === externalRootPathCost && bpdu.bridgeId === regionalRootId;
  }
  treePort.agreed = agreed;
  if (agreed) treePort.proposing = false;
  forInstances(treePort, (instance) => {
    instance.agreed = agreed;
    if (agreed) instance.proposing = false;
  });
}

/** IEEE 802.1Q-2018, 13.29 (recordDispute). */
function recordDispute(bridge: RapidBridge, treePort: TreePort, flags: TreeFlags | null): boolean {
  if (flags?.learning !== true || !bridge.profile.disputes) return false;
  treePort.disputed = true;
  treePort.agreed = false;
  forInstances(treePort, (instance) => {
    instance.disputed = true;
    instance.agreed = false;
  });
  return true;
}

/**
 * Lets information live for three hello times, if it is not too old or has not come too far. IEEE 802.1Q-2018, 13.29
 * (updtRcvdInfoWhile).
 * Differs from the standard: an instance's own hops count, not those of the CIST, as in mstpd, which gives the example
 * of old information that would circulate forever.
 */
function keepInformation(bridge: RapidBridge, treePort: TreePort): void {
  const { port, portTimes } = treePort;
  const { messageAgeNs, maxAgeNs, helloTimeNs } = port.cist.portTimes;
  const lives = port.rcvdInternal ? portTimes.remainingHops > 1 : messageAgeNs + MESSAGE_AGE_INCREMENT_NS <= maxAgeNs;
  treePort.rcvdInfoWhileNs = lives ? bridge.after(3 * helloTimeNs) : EXPIRED;
}

/** What becomes of a port's information without a message. Returns whether anything did. IEEE 802.1Q-2018, 13.35. */
export function stepInformation(bridge: RapidBridge, treePort: TreePort): boolean {
  const { port } = treePort;
  if (!port.isEnabled) {
    if (treePort.infoIs === 'disabled') return false;
    treePort.proposing = false;
    treePort.proposed = false;
    treePort.agree = false;
    treePort.agreed = false;
    treePort.rcvdInfoWhileNs = EXPIRED;
    return become(treePort, 'disabled');
  }
  if (treePort.infoIs === 'disabled') return become(treePort, 'aged');
  if (treePort.infoIs === 'received' && !treePort.updtInfo && !bridge.isRunning(treePort.rcvdInfoWhileNs)) {
    return become(treePort, 'aged');
  }
  if (treePort.selected && treePort.updtInfo) {
    update(treePort);
    return true;
  }
  return false;
}

function become(treePort: TreePort, infoIs: 'disabled' | 'aged'): true {
  treePort.infoIs = infoIs;
  treePort.reselect = true;
  treePort.selected = false;
  return true;
}

/** The port says on its segment what the bridge knows. IEEE 802.1Q-2018, 13.35 (UPDATE). */
function update(treePort: TreePort): void {
  treePort.proposing = false;
  treePort.proposed = false;
  treePort.agreed =
    treePort.agreed &&
    treePort.infoIs === 'mine' &&
    compareVectors(treePort.designatedPriority, treePort.portPriority) <= 0;
  treePort.synced = treePort.synced && treePort.agreed;
  treePort.portPriority = treePort.designatedPriority;
  treePort.portTimes = treePort.designatedTimes;
  treePort.updtInfo = false;
  treePort.infoIs = 'mine';
  treePort.port.newInfo = true;
}
