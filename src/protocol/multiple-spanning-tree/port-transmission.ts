import { seconds } from '../../units.ts';
import type { ConfigBpdu, MessageRole, TreeFlags } from '../../wire/bpdu.ts';
import type { RapidBridge } from './rapid-bridge.ts';
import type { RapidPort, TreePort } from './tree-port.ts';

/** The transmit count falls by one each second. IEEE 802.1D-2004, 17.22. */
const TRANSMIT_PERIOD_NS = seconds(1);

/** Sends what a port has to say, if it may now. IEEE 802.1D-2004, 17.26. */
export function transmit(bridge: RapidBridge, port: RapidPort): void {
  if (!port.isEnabled) {
    port.newInfo = true;
    port.txCount = 0;
    return;
  }
  if (port.trees.some(({ selected, updtInfo }) => !selected || updtInfo)) return;
  if (!bridge.isRunning(port.helloWhenNs)) {
    restartHello(bridge, port);
    port.newInfo ||= port.trees.some(
      (one) => one.role === 'designated' || (one.role === 'root' && bridge.isRunning(one.tcWhileNs)),
    );
  }
  if (!port.newInfo || port.cist.role === 'disabled') return;
  recoverTransmitCount(bridge, port);
  if (port.txCount >= bridge.transmitHoldCount) return;
  const { role } = port.cist;
  if (!port.sendRstp && role !== 'root' && role !== 'designated') return;
  port.newInfo = false;
  port.txCount++;
  if (!port.sendRstp && role === 'root') {
    bridge.effects.transmitTcn(port.index);
  } else {
    bridge.effects.transmit(port.index, bpduOf(bridge, port));
    port.tcAck = false;
  }
  restartHello(bridge, port);
}

/** When a port that waits may send again, or Infinity if it does not wait. */
export function transmitDeadlineNs(bridge: RapidBridge, port: RapidPort): number {
  if (!port.isEnabled || !port.newInfo || port.txCount < bridge.transmitHoldCount) return Number.POSITIVE_INFINITY;
  return port.txCountSinceNs + TRANSMIT_PERIOD_NS;
}

/** Counts BPDUs off that were sent long enough ago. */
function recoverTransmitCount(bridge: RapidBridge, port: RapidPort): void {
  const { lastTickNs } = bridge;
  if (port.txCount === 0) {
    port.txCountSinceNs = lastTickNs;
    return;
  }
  const elapsed = Math.floor((lastTickNs - port.txCountSinceNs) / TRANSMIT_PERIOD_NS);
  if (elapsed <= 0) return;
  port.txCount = Math.max(0, port.txCount - elapsed);
  port.txCountSinceNs = port.txCount === 0 ? lastTickNs : port.txCountSinceNs + elapsed * TRANSMIT_PERIOD_NS;
}

function restartHello(bridge: RapidBridge, port: RapidPort): void {
  port.helloWhenNs = bridge.after(port.cist.tree.bridgeTimes.helloTimeNs);
}

/** What a port says. IEEE 802.1Q-2018, 13.29 (txConfig, txRstp). */
function bpduOf(bridge: RapidBridge, port: RapidPort): ConfigBpdu {
  const { cist } = port;
  const { designatedPriority: vector, designatedTimes: times } = cist;
  const isMst = port.sendRstp && bridge.configurationId !== null;
  return {
    rootId: vector.rootId,
    rootPathCost: vector.externalRootPathCost,
    bridgeId: isMst ? vector.regionalRootId : vector.bridgeId,
    portId: vector.portId,
    messageAgeNs: times.messageAgeNs,
    maxAgeNs: times.maxAgeNs,
    helloTimeNs: times.helloTimeNs,
    forwardDelayNs: times.forwardDelayNs,
    topologyChange: bridge.isRunning(cist.tcWhileNs),
    topologyChangeAck: port.tcAck && !port.sendRstp,
    rapid: port.sendRstp
      ? {
          flags: flagsOf(bridge, cist),
          mst: bridge.configurationId === null ? null : mstOf(bridge, port, bridge.configurationId),
        }
      : null,
  };
}

function mstOf(bridge: RapidBridge, port: RapidPort, configurationId: string) {
  const { designatedPriority, designatedTimes } = port.cist;
  return {
    configurationId,
    internalRootPathCost: designatedPriority.internalRootPathCost,
    bridgeId: designatedPriority.bridgeId,
    remainingHops: designatedTimes.remainingHops,
    instances: port.trees.slice(1).map((treePort) => ({
      mstid: treePort.tree.mstid,
      flags: flagsOf(bridge, treePort),
      regionalRootId: treePort.designatedPriority.regionalRootId,
      internalRootPathCost: treePort.designatedPriority.internalRootPathCost,
      bridgeId: treePort.designatedPriority.bridgeId,
      portId: treePort.designatedPriority.portId,
      remainingHops: treePort.designatedTimes.remainingHops,
    })),
  };
}

const MESSAGE_ROLES: Readonly<Record<TreePort['role'], MessageRole>> = {
  root: 'root',
  designated: 'designated',
  alternate: 'alternate-or-backup',
  backup: 'alternate-or-backup',
  master: 'master',
  disabled: 'alternate-or-backup',
};

function flagsOf(bridge: RapidBridge, treePort: TreePort): TreeFlags {
  return {
    role: MESSAGE_ROLES[treePort.role],
    topologyChange: bridge.isRunning(treePort.tcWhileNs),
    proposal: treePort.proposing,
    learning: treePort.learn,
    forwarding: treePort.forward,
    agreement: treePort.agree,
  };
}
