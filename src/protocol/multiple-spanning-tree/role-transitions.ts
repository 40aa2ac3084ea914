import { MIGRATE_TIME_NS } from './parameters.ts';
import type { RapidBridge } from './rapid-bridge.ts';
import { EXPIRED, HELD, type TreePort, type TreePortRole } from './tree-port.ts';

/** Takes one step of a port's role machine; false if there is none to take. IEEE 802.1Q-2018, 13.37. */
export function stepRole(bridge: RapidBridge, treePort: TreePort): boolean {
  if (!treePort.selected || treePort.updtInfo) return false;
  if (treePort.role !== treePort.selectedRole) {
    takeRole(bridge, treePort, treePort.selectedRole);
    return true;
  }
  switch (treePort.role) {
    case 'root':
      return stepRoot(bridge, treePort);
    case 'designated':
      return stepDesignated(bridge, treePort);
    case 'master':
      return stepMaster(bridge, treePort);
    case 'disabled':
      return rest(treePort);
    default:
      return stepAlternate(bridge, treePort);
  }
}

function takeRole(bridge: RapidBridge, treePort: TreePort, role: TreePortRole): void {
  const from = treePort.role;
  const { maxAgeNs, forwardDelayNs, helloTimeNs } = treePort.port.cist.designatedTimes;
  treePort.role = role;
  // timers that the old role kept running begin to run out
  if (from === 'root') treePort.rrWhileNs = bridge.after(forwardDelayNs);
  if (from === 'disabled') treePort.fdWhileNs = bridge.after(maxAgeNs);
  if (from === 'alternate' || from === 'backup') {
    const isRapid = bridge.profile.alternateAgrees;
    treePort.fdWhileNs = bridge.after(isRapid ? bridge.forwardDelayNs(treePort.port) : forwardDelayNs);
  }
  if (from === 'backup') treePort.rbWhileNs = bridge.after(2 * helloTimeNs);
  if (role === 'root') {
    treePort.rrWhileNs = HELD;
  } else if (role !== 'designated' && role !== 'master') {
    bridge.setState(treePort, false, false);
    treePort.fdWhileNs = HELD;
    treePort.rrWhileNs = EXPIRED;
    if (role === 'backup') treePort.rbWhileNs = HELD;
    treePort.synced = true;
    treePort.sync = false;
    treePort.reRoot = false;
  }
}

/** A port that neither forwards nor learns is always in step. IEEE 802.1Q-2018, 13.37 (DISABLED_PORT, ALTERNATE_PORT). */
function rest(treePort: TreePort): boolean {
  if (!treePort.sync && !treePort.reRoot && treePort.synced) return false;
  treePort.synced = true;
  treePort.sync = false;
  treePort.reRoot = false;
  return true;
}

function stepAlternate(bridge: RapidBridge, treePort: TreePort): boolean {
  if (bridge.profile.alternateAgrees && answers(bridge, treePort)) return true;
  return rest(treePort);
}

function stepRoot(bridge: RapidBridge, treePort: TreePort): boolean {
  const { forward, reRoot } = treePort;
  if (!forward && !reRoot) {
    for (const other of treePort.tree.ports) other.reRoot = true;
    return true;
  }
  if (bridge.profile.hearsDesignated && ((treePort.agreed && !treePort.synced) || (treePort.sync && treePort.synced))) {
    treePort.synced = true;
    treePort.sync = false;
    return true;
  }
  if (answers(bridge, treePort)) return true;
  if (!forward && (!bridge.isRunning(treePort.fdWhileNs) || isReRooted(bridge, treePort))) {
    advance(bridge, treePort);
    return true;
  }
  if (reRoot && forward) {
    treePort.reRoot = false;
    return true;
  }
  return false;
}

function stepDesignated(bridge: RapidBridge, treePort: TreePort): boolean {
  const { port } = treePort;
  if (retiresOrSyncs(bridge, treePort)) return true;
  if (bridge.profile.designatedAgrees && (treePort.proposed || !treePort.agree) && areAllSynced(bridge, treePort)) {
    sayAgreed(treePort);
    port.newInfo = true;
    return true;
  }
  if (!treePort.forward && !treePort.agreed && !treePort.proposing && !port.operEdge) {
    propose(bridge, treePort);
    return true;
  }
  if (
    !treePort.forward &&
    !treePort.sync &&
    (treePort.agreed || port.operEdge || !bridge.isRunning(treePort.fdWhileNs)) &&
    (!treePort.reRoot || !bridge.isRunning(treePort.rrWhileNs))
  ) {
    advance(bridge, treePort);
    return true;
  }
  return discards(bridge, treePort);
}

/** A port through which an instance leaves its region: forwards with the CIST's root port. IEEE 802.1Q-2018, 13.37. */
function stepMaster(bridge: RapidBridge, treePort: TreePort): boolean {
  if (retiresOrSyncs(bridge, treePort)) return true;
  if ((!treePort.agree || treePort.proposed) && (treePort.agree || areAllSynced(bridge, treePort))) {
    sayAgreed(treePort);
    return true;
  }
  if (treePort.proposed) {
    syncTree(treePort);
    return true;
  }
  if (!treePort.forward && (!bridge.isRunning(treePort.fdWhileNs) || areAllSynced(bridge, treePort))) {
    advance(bridge, treePort);
    return true;
  }
  return discards(bridge, treePort);
}

function retiresOrSyncs(bridge: RapidBridge, treePort: TreePort): boolean {
  const { port, synced } = treePort;
  if (treePort.reRoot && !bridge.isRunning(treePort.rrWhileNs)) {
    treePort.reRoot = false;
    return true;
  }
  const isStill = !treePort.learn && !treePort.forward;
  if (synced ? treePort.sync : isStill || treePort.agreed || port.operEdge) {
    treePort.rrWhileNs = EXPIRED;
    treePort.synced = true;
    treePort.sync = false;
    return true;
  }
  return false;
}

/** Asks the neighbour whether all below it is in step. IEEE 802.1D-2004, 17.29.3 (DESIGNATED_PROPOSE). */
function propose(bridge: RapidBridge, treePort: TreePort): void {
  const { port, tree } = treePort;
  treePort.proposing = true;
  port.newInfo = true;
  if (!tree.isCist) return;
  // IEEE 802.1D-2004, 17.20.4 (EdgeDelay)
  const { maxAgeNs } = treePort.designatedTimes;
  port.edgeDelayWhileNs = bridge.after(port.isPointToPoint ? MIGRATE_TIME_NS : maxAgeNs);
}

/** Answers a proposal, or says by itself that all is in step. True if it did. */
function answers(bridge: RapidBridge, treePort: TreePort): boolean {
  if (treePort.agree ? treePort.proposed : areAllSynced(bridge, treePort)) {
    sayAgreed(treePort);
    treePort.port.newInfo = true;
    return true;
  }
  if (!treePort.proposed) return false;
  syncTree(treePort);
  return true;
}

function sayAgreed(treePort: TreePort): void {
  treePort.proposed = false;
  treePort.sync = false;
  treePort.agree = true;
}

/** Makes all ports of the tree get in step. IEEE 802.1D-2004, 17.21.15. */
function syncTree(treePort: TreePort): void {
  for (const other of treePort.tree.ports) other.sync = true;
  treePort.proposed = false;
}

/** From discarding to learning, or from there to forwarding. */
function advance(bridge: RapidBridge, treePort: TreePort): void {
  const { port } = treePort;
  if (!treePort.learn) {
    treePort.fdWhileNs = bridge.after(bridge.forwardDelayNs(port));
    bridge.setState(treePort, true, false);
    return;
  }
  treePort.fdWhileNs = EXPIRED;
  bridge.setState(treePort, true, true);
  if (treePort.role !== 'root') treePort.agreed = port.sendRstp;
}

/** Goes back to discarding until the neighbour has agreed again. True if it did. */
function discards(bridge: RapidBridge, treePort: TreePort): boolean {
  if (!treePort.learn || treePort.port.operEdge) return false;
  const mustSync = treePort.sync && !treePort.synced;
  const mustReRoot = treePort.reRoot && bridge.isRunning(treePort.rrWhileNs);
  if (!mustSync && !mustReRoot && !treePort.disputed) return false;
  treePort.disputed = false;
  treePort.fdWhileNs = bridge.after(bridge.forwardDelayNs(treePort.port));
  bridge.setState(treePort, false, false);
  return true;
}

/** Whether no other port was the root port lately, and this one was no backup. IEEE 802.1D-2004, 17.20.10 and 17.29.2. */
function isReRooted(bridge: RapidBridge, treePort: TreePort): boolean {
  if (bridge.isRunning(treePort.rbWhileNs)) return false;
  return treePort.tree.ports.every((other) => other === treePort || !bridge.isRunning(other.rrWhileNs));
}

/** Whether all ports that matter to this one are in step with it. IEEE 802.1Q-2018, 13.28 (allSynced); 802.1D-2004, 17.20.3. */
function areAllSynced(bridge: RapidBridge, treePort: TreePort): boolean {
  const isUpward = treePort.role === 'root' || treePort.role === 'alternate' || treePort.role === 'backup';
  const exceptsRoot = isUpward || !bridge.profile.designatedAgrees;
  for (const other of treePort.tree.ports) {
    if (!other.selected || other.role !== other.selectedRole || other.updtInfo) return false;
    if (other.synced || (exceptsRoot ? other.role === 'root' : other === treePort)) continue;
    return false;
  }
  return true;
}
