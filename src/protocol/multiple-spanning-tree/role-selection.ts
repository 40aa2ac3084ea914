import { MESSAGE_AGE_INCREMENT_NS } from './parameters.ts';
import type { RapidBridge } from './rapid-bridge.ts';
import type { Tree, TreePort } from './tree-port.ts';
import { areSameTimes, compareVectors, type TreeTimes, type TreeVector } from './tree-vector.ts';

/** Selects a tree's root port and the role of every port. IEEE 802.1Q-2018, 13.36 and 13.29 (updtRolesTree). */
export function selectRoles(bridge: RapidBridge, tree: Tree): void {
  const previous = tree.rootPriority;
  selectRootPort(tree);
  for (const treePort of tree.ports) setDesignated(tree, treePort);
  const { regionalRootId, externalRootPathCost } = tree.rootPriority;
  if (
    tree.isCist &&
    regionalRootId !== previous.regionalRootId &&
    (externalRootPathCost !== 0 || previous.externalRootPathCost !== 0)
  ) {
    syncMaster(bridge);
  }
  for (const treePort of tree.ports) {
    selectRole(treePort);
    // instances follow the CIST at the edge of a region, though no message of theirs arrived
    if (tree.isCist && treePort.selectedRole !== treePort.role) reselectInstances(treePort);
  }
  for (const treePort of tree.ports) {
    treePort.reselect = false;
    treePort.selected = true;
  }
}

function selectRootPort(tree: Tree): void {
  tree.rootPriority = tree.bridgePriority;
  tree.rootPort = null;
  for (const treePort of tree.ports) {
    const offer = rootPathPriority(treePort);
    if (offer === null) continue;
    const difference = compareVectors(offer, tree.rootPriority);
    const isTie = difference === 0 && tree.rootPort !== null;
    if (difference < 0 || (isTie && treePort.portId < tree.rootPort!.portId)) {
      tree.rootPriority = offer;
      tree.rootPort = treePort;
    }
  }
  tree.rootTimes = tree.rootPort === null ? tree.bridgeTimes : passedOn(tree.rootPort);
}

/** What a port's information is worth with the way to it, or null if it cannot be the root port. IEEE 802.1Q-2018, 13.10. */
function rootPathPriority(treePort: TreePort): TreeVector | null {
  const { port, tree, portPriority } = treePort;
  if (treePort.infoIs !== 'received' || port.restrictedRole || portPriority.bridgeId === tree.bridgeId) return null;
  if (port.infoInternal) {
    return {
      ...portPriority,
      internalRootPathCost: portPriority.internalRootPathCost + treePort.internalPathCost,
    };
  }
  if (!tree.isCist) return null;
  return {
    ...portPriority,
    externalRootPathCost: portPriority.externalRootPathCost + port.externalPathCost,
    regionalRootId: tree.bridgeId,
    internalRootPathCost: 0,
  };
}

/** A root port's times as they go on: a hop fewer in a region, a second older outside. IEEE 802.1Q-2018, 13.29 (updtRolesTree). */
function passedOn({ port, portTimes }: TreePort): TreeTimes {
  return port.infoInternal
    ? { ...portTimes, remainingHops: Math.max(0, portTimes.remainingHops - 1) }
    : { ...portTimes, messageAgeNs: portTimes.messageAgeNs + MESSAGE_AGE_INCREMENT_NS };
}

/** What the bridge would say on a port's segment, with its own hello time. */
function setDesignated(tree: Tree, treePort: TreePort): void {
  const { rootPriority, rootTimes, bridgeId } = tree;
  treePort.designatedPriority = {
    ...rootPriority,
    regionalRootId: tree.isCist && !treePort.port.sendRstp ? bridgeId : rootPriority.regionalRootId,
    bridgeId,
    portId: treePort.portId,
  };
  treePort.designatedTimes = { ...rootTimes, helloTimeNs: tree.bridgeTimes.helloTimeNs };
}

/** The region has another way out: its instances have to agree anew. IEEE 802.1Q-2018, 13.29 (syncMaster). */
function syncMaster(bridge: RapidBridge): void {
  for (const tree of bridge.trees) {
    if (tree.isCist) continue;
    for (const treePort of tree.ports) {
      if (!treePort.port.infoInternal) continue;
      treePort.agree = false;
      treePort.agreed = false;
      treePort.synced = false;
      treePort.sync = true;
    }
  }
}

function reselectInstances({ port }: TreePort): void {
  for (let i = 1; i < port.trees.length; i++) port.trees[i].reselect = true;
}

function selectRole(treePort: TreePort): void {
  const { port, tree } = treePort;
  const { cist } = port;
  if (treePort.infoIs === 'disabled') {
    treePort.selectedRole = 'disabled';
  } else if (!tree.isCist && cist.infoIs === 'received' && !port.infoInternal) {
    // at the edge of a region all trees are treated alike. IEEE 802.1Q-2018, 13.12
    treePort.selectedRole = cist.selectedRole === 'root' ? 'master' : cist.selectedRole;
    if (!saysDesignated(treePort)) treePort.updtInfo = true;
  } else if (treePort.infoIs === 'aged') {
    treePort.selectedRole = 'designated';
    treePort.updtInfo = true;
  } else if (treePort.infoIs === 'mine') {
    treePort.selectedRole = 'designated';
    if (!saysDesignated(treePort)) treePort.updtInfo = true;
  } else if (treePort === tree.rootPort) {
    treePort.selectedRole = 'root';
    treePort.updtInfo = false;
  } else if (compareVectors(treePort.designatedPriority, treePort.portPriority) < 0) {
    treePort.selectedRole = 'designated';
    treePort.updtInfo = true;
  } else {
    treePort.selectedRole = treePort.portPriority.bridgeId === tree.bridgeId ? 'backup' : 'alternate';
    treePort.updtInfo = false;
  }
}

/** Whether the port says already what the bridge would say. */
function saysDesignated({ portPriority, designatedPriority, portTimes, designatedTimes }: TreePort): boolean {
  return compareVectors(portPriority, designatedPriority) === 0 && areSameTimes(portTimes, designatedTimes);
}
