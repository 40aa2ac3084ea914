import { MIGRATE_TIME_NS } from './parameters.ts';
import type { RapidBridge } from './rapid-bridge.ts';
import type { RapidPort } from './tree-port.ts';

/** Decides which version of the protocol a port speaks; true if that took a step. IEEE 802.1D-2004, 17.24. */
export function stepMigration(bridge: RapidBridge, port: RapidPort): boolean {
  switch (port.migration) {
    case 'checking':
      if (bridge.isRunning(port.mdelayWhileNs)) return false;
      return sense(port);
    case 'selecting':
      if (port.isEnabled && bridge.isRunning(port.mdelayWhileNs)) return false;
      return sense(port);
    default:
      if (!port.isEnabled || (!port.sendRstp && port.rcvdRstp)) {
        checkRapid(bridge, port);
        return true;
      }
      if (!port.sendRstp || !port.rcvdStp) return false;
      port.migration = 'selecting';
      setSendRstp(port, false);
      port.mdelayWhileNs = bridge.after(MIGRATE_TIME_NS);
      return true;
  }
}

/** Tries the newest version again. */
export function checkRapid(bridge: RapidBridge, port: RapidPort): void {
  port.migration = 'checking';
  setSendRstp(port, true);
  port.mdelayWhileNs = port.isEnabled ? bridge.after(MIGRATE_TIME_NS) : Number.POSITIVE_INFINITY;
}

/** A region shows itself as one bridge to those that know no regions, so that what the port says may change. */
function setSendRstp(port: RapidPort, sendRstp: boolean): void {
  if (port.sendRstp === sendRstp) return;
  port.sendRstp = sendRstp;
  if (port.cist.infoIs !== 'disabled') port.cist.reselect = true;
}

function sense(port: RapidPort): true {
  port.migration = 'sensing';
  port.rcvdRstp = false;
  port.rcvdStp = false;
  return true;
}

/** Decides whether a port is an edge; true if that changed. IEEE 802.1D-2004, 17.25. */
export function stepEdgeDetection(bridge: RapidBridge, port: RapidPort): boolean {
  const isEdge = port.operEdge
    ? port.isEnabled || port.adminEdge
    : (!port.isEnabled && port.adminEdge) || takesItselfForEdge(bridge, port);
  if (isEdge === port.operEdge) return false;
  port.operEdge = isEdge;
  return true;
}

function takesItselfForEdge(bridge: RapidBridge, port: RapidPort): boolean {
  return (
    port.autoEdge &&
    port.sendRstp &&
    port.isEnabled &&
    !bridge.isRunning(port.edgeDelayWhileNs) &&
    port.trees.some(({ proposing }) => proposing)
  );
}
