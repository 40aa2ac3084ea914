import type { RapidBridge } from './rapid-bridge.ts';
import { EXPIRED, type TreePort } from './tree-port.ts';

/** Takes one step of a port's topology change machine; false if there is none to take. IEEE 802.1D-2004, 17.31. */
export function stepTopologyChange(bridge: RapidBridge, treePort: TreePort): boolean {
  const { port, isActive } = treePort;
  switch (treePort.topologyChange) {
    case 'inactive':
      if (!treePort.learn) return false;
      return ignore(treePort);
    case 'learning':
      if (isActive && treePort.forward && !port.operEdge) return detect(bridge, treePort);
      if (hasHeard(treePort)) return ignore(treePort);
      if (isActive || treePort.learn) return false;
      return rest(bridge, treePort);
    default:
      if (!isActive || port.operEdge) return ignore(treePort);
      return stepActive(bridge, treePort);
  }
}

function hasHeard({ port, tree, rcvdTc, tcProp }: TreePort): boolean {
  return rcvdTc || tcProp || (tree.isCist && (port.rcvdTcn || port.rcvdTcAck));
}

/** A port that begins to learn has nothing to tell yet. */
function ignore(treePort: TreePort): true {
  treePort.topologyChange = 'learning';
  treePort.rcvdTc = false;
  treePort.tcProp = false;
  if (treePort.tree.isCist) {
    treePort.port.rcvdTcn = false;
    treePort.port.rcvdTcAck = false;
  }
  return true;
}

function rest(bridge: RapidBridge, treePort: TreePort): true {
  treePort.topologyChange = 'inactive';
  treePort.tcWhileNs = EXPIRED;
  if (treePort.tree.isCist) treePort.port.tcAck = false;
  flush(bridge, treePort);
  return true;
}

function detect(bridge: RapidBridge, treePort: TreePort): true {
  treePort.topologyChange = 'active';
  bridge.newTcWhile(treePort);
  propagate(treePort);
  treePort.port.newInfo = true;
  bridge.effects.topologyChangeDetected(treePort.tree.index);
  return true;
}

function stepActive(bridge: RapidBridge, treePort: TreePort): boolean {
  const { port, tree } = treePort;
  if (tree.isCist && port.rcvdTcn) {
    bridge.newTcWhile(treePort);
    return notified(treePort);
  }
  if (treePort.rcvdTc) return notified(treePort);
  if (treePort.tcProp) {
    bridge.newTcWhile(treePort);
    flush(bridge, treePort);
    treePort.tcProp = false;
    return true;
  }
  if (tree.isCist && port.rcvdTcAck) {
    treePort.tcWhileNs = EXPIRED;
    port.rcvdTcAck = false;
    return true;
  }
  return false;
}

function notified(treePort: TreePort): true {
  const { port, tree, role } = treePort;
  treePort.rcvdTc = false;
  if (tree.isCist) {
    port.rcvdTcn = false;
    if (role === 'designated') port.tcAck = true;
  }
  propagate(treePort);
  return true;
}

/** Tells all other ports of the tree. IEEE 802.1Q-2018, 13.29 (setTcPropTree). */
function propagate(treePort: TreePort): void {
  if (treePort.port.restrictedTcn) return;
  for (const other of treePort.tree.ports) if (other !== treePort) other.tcProp = true;
}

/** Behind an edge port nothing can have moved. IEEE 802.1D-2004, 17.19.7. */
function flush(bridge: RapidBridge, treePort: TreePort): void {
  if (treePort.port.operEdge) return;
  bridge.effects.flush(treePort.port.index, treePort.tree.index);
}
